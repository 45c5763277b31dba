from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.release import (
    KNOWN_FIXES,
    LAST_LETTERS,
    Release,
    is_included,
    known_releases,
    last_release_of,
    neighbours_of,
    releases_of,
    resolve_release,
)

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


@pytest.mark.parametrize(("series", "last"), LAST_LETTERS.items())
def test_a_series_stands_for_its_last_letter_release(series, last):
    assert resolve_release(series) == Release(series + last) == releases_of(series)[-1]


@pytest.mark.parametrize(
    ("series", "last"), [("3.0", "3.0.16"), ("3.1", "3.1.4"), ("3.2", "3.2.0"), ("3.5", "3.5.4")]
)
def test_a_series_without_letters_stands_for_its_last_known_release(series, last):
    assert series in KNOWN_FIXES
    assert resolve_release(series) == last_release_of(series) == Release(last)
    assert resolve_release(last) == Release(last)


def test_the_first_release_of_a_series_without_letters_has_its_own_name():
    assert resolve_release("3.0.0") == releases_of("3.0")[0]
    assert Release("3.0.0").name == "3.0.0"


@pytest.mark.parametrize(
    ("unknown", "near"),
    [
        ("3.0.99", ["3.0.16", "3.0.15", "3.1.0"]),
        ("3.4.0", ["3.2.0", "3.1.4", "3.5.4"]),
        ("4.0.0", ["3.5.4", "3.2.0"]),
    ],
)
def test_the_neighbours_of_an_unknown_release_are_known(unknown, near):
    assert [str(release) for release in neighbours_of(Release(unknown))] == near


def test_a_base_release_is_asked_for_by_its_full_name():
    assert resolve_release("1.0.1-base") == Release("1.0.1") == releases_of("1.0.1")[0]
    assert resolve_release("1.0.1-base") != resolve_release("1.0.1")


def test_the_release_of_the_oldest_manual_page_has_a_name_of_its_own():
    assert resolve_release("0.9.x") == Release("0.9.6-base")


@pytest.mark.parametrize(
    "name", ["1.0.1v", "0.9.8zi", "1.0.3", "0.9.5a", "3.0.17", "3.4.0", "3.4", "3.0.1a", "openssl", "1.0.1z"]
)
def test_what_is_unknown_or_was_never_published_stands_for_nothing(name):
    assert resolve_release(name) is None


def test_every_letter_to_the_last_was_published_in_order():
    assert [str(release) for release in releases_of("0.9.8")][-9:] == [
        *("0.9.8y", "0.9.8za", "0.9.8zb", "0.9.8zc", "0.9.8zd", "0.9.8ze", "0.9.8zf", "0.9.8zg", "0.9.8zh"),
    ]
    assert list(known_releases()) == sorted(set(known_releases()))


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
