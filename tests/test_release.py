from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.profiles.published import known_releases
from emulator.release import Release, is_included

published = st.sampled_from(known_releases())
any_release = st.builds(
    lambda major, minor, fix, letter: Release(f"{major}.{minor}.{fix}{letter}"),
    *(st.integers(0, 4), st.integers(0, 12), st.integers(0, 20)),
    st.from_regex(r"\A(z?[a-y])?\Z"),
)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("0.9.8y", "0.9.8za"),
        ("0.9.8za", "0.9.8zh"),
        ("1.0.1-base", "1.0.1a"),
        ("0.9.6m", "0.9.7-base"),
        ("0.9.8zh", "1.0.0-base"),
        ("1.1.1w", "3.0.0"),
        ("3.0.9", "3.0.12"),
    ],
)
def test_letters_are_ordered_as_they_were_published(older, newer):
    assert Release(older) < Release(newer)
    assert Release(newer) > Release(older)


@given(any_release, any_release, any_release)
def test_the_order_is_total(one, two, three):
    assert (one < two) + (one == two) + (one > two) == 1
    assert not (one <= two <= three) or one <= three


@given(any_release)
def test_a_name_leads_back_to_its_release(release):
    assert Release(release.name) == release
    assert Release(str(release)) == release
    assert hash(Release(release.name)) == hash(release)


@pytest.mark.parametrize(
    "name", ["", "1.0", "1.0.1z", "1.0.1gg", "1.0.1g-base", "v1.0.1", "1.0.1G", "1.0.1 ", "٣.0.1"]
)
def test_what_is_no_release_is_refused(name):
    with pytest.raises(ValueError, match="no release's name"):
        Release(name)


def test_a_series_is_three_numbers_with_letters_and_two_without():
    assert Release("1.0.1g").series == "1.0.1"
    assert Release("3.0.12").series == "3.0"
    assert not Release("3.0.0").is_base


def test_the_first_release_of_a_series_without_letters_has_its_own_name():
    assert Release("3.0.0").name == "3.0.0"


@pytest.mark.parametrize(
    ("release", "included"),
    [
        ("0.9.8l", False),
        ("0.9.8m", True),
        ("0.9.8zh", True),
        ("1.0.0-base", True),
        ("1.1.1w", True),
        ("0.9.7m", False),
        ("3.0.0", True),
    ],
)
def test_a_backport_is_in_its_own_series_from_its_letter_on(release, included):
    assert is_included(Release(release), [Release("0.9.8m"), Release("1.0.0")]) is included


@given(published, published)
def test_what_came_with_one_release_is_in_every_newer_one(since, release):
    assert is_included(release, [since]) is (release >= since)


def test_releases_compare_with_releases_only():
    assert Release("1.0.1") != "1.0.1"
    with pytest.raises(TypeError):
        assert Release("1.0.1") < "1.0.2"
