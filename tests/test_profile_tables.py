"""A profile as a table of plain values, and back."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.exceptions import ProfileError
from emulator.profile import Profile, load_profile
from emulator.profiles.published import distributions, known_releases
from emulator.profiles.tables import from_table, to_table

EVERY = [*(release.name for release in known_releases()), *distributions()]


@pytest.mark.parametrize("name", EVERY)
def test_a_profile_that_went_through_json_is_the_same(name):
    profile = load_profile(name)
    again = Profile.from_table(json.loads(json.dumps(profile.to_table())))
    assert again == profile
    assert again.to_table() == profile.to_table()


def test_a_table_says_what_a_file_says():
    table = load_profile("1.0.2k").to_table()
    assert table["write"]["retry_length_check"] == "sent"
    assert table["record"]["failures"]["bad-mac"]["alerts"] == ["bad-record-mac"]
    assert (
        table["handshake"]["failures"]["finished-digest"]
        == "SSL3_GET_FINISHED:DIGEST_CHECK_FAILED -> decrypt_error"
    )
    assert table["ciphers"]["suites"]["0x002F"][:3] == ["AES128-SHA", "kRSA", "aRSA"]
    assert "tls13" not in table


def test_values_have_the_types_of_the_model():
    profile = Profile.from_table(load_profile("1.1.1").to_table())
    loaded = load_profile("1.1.1")
    for section in ("write", "ciphers", "record", "handshake", "functions", "tls13"):
        assert type(getattr(profile, section)) is type(getattr(loaded, section))
    assert [*map(type, profile.write.values())] == [*map(type, loaded.write.values())]
    assert type(profile.ciphers.suites["0x002F"]) is type(loaded.ciphers.suites["0x002F"])
    assert type(profile.sources) is tuple


def changed(section, **changes):
    table = load_profile("1.0.2k").to_table()
    table[section] |= changes
    return table


def test_an_unknown_answer_is_refused():
    with pytest.raises(ProfileError) as refused:
        Profile.from_table(changed("write", retry_length_check="sometimes"))
    assert str(refused.value) == (
        "write.retry_length_check: got 'sometimes', expected one of 'none', 'sent', 'sent-and-pending'"
    )


def test_an_unknown_or_missing_key_is_refused():
    with pytest.raises(ProfileError, match=r"write\.nonsense: unknown key"):
        Profile.from_table(changed("write", nonsense=1))
    table = load_profile("1.0.2k").to_table()
    del table["write"]["bio_zero"]
    with pytest.raises(ProfileError, match=r"write\.bio_zero: missing, expected one of"):
        Profile.from_table(table)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (changed("record", encrypted_limit="many"), "record.encrypted_limit: got 'many', expected a whole"),
        (changed("errors", libraries={"x": "oops"}), "errors.libraries: .* expected NUMBER NAME TEXT"),
        (changed("ciphers", suites={"0x002F": ["A"]}), "ciphers.suites.0x002F.1: missing"),
        ({**load_profile("1.0.2k").to_table(), "write": 5}, "write: got 5, expected a table with the keys"),
    ],
)
def test_a_value_of_another_form_is_refused_by_its_key(table, complaint):
    with pytest.raises(ProfileError, match=complaint):
        Profile.from_table(table)


def test_all_mistakes_are_named_at_once():
    table = load_profile("1.0.2k").to_table()
    table["write"] |= {"bio_zero": 5, "nonsense": 1}
    table["name"] = None
    with pytest.raises(ProfileError) as refused:
        Profile.from_table(table)
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        "name",
        "write.bio_zero",
        "write.nonsense",
    ]


@pytest.mark.parametrize("error", [ValueError, TypeError])
def test_the_exceptions_of_older_versions_are_still_caught(error):
    with pytest.raises(error):
        Profile.from_table(changed("write", retry_length_check="sometimes"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(value=json_values | st.binary(max_size=3) | st.sets(st.integers(), max_size=2))
def test_whatever_is_no_profile_is_refused(value):
    with pytest.raises(ProfileError):
        Profile.from_table(value)


@given(data=st.data(), value=json_values)
@settings(deadline=None)
def test_any_value_at_any_key_makes_a_profile_or_is_refused(data, value):
    table = load_profile("1.0.2k").to_table()
    section = data.draw(st.sampled_from(sorted(table)))
    if isinstance(table[section], dict) and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(table[section])))
        table[section] = {**table[section], key: value}
    else:
        table[section] = value
    with contextlib.suppress(ProfileError):
        assert isinstance(Profile.from_table(table), Profile)


def test_a_section_alone_goes_there_and_back():
    section = load_profile("1.0.2k").ciphers
    assert from_table(type(section), to_table(section)) == section
