"""A profile as a table of plain values, and back."""

from __future__ import annotations

import json

import pytest

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
    with pytest.raises(ValueError, match="'sometimes' is not a valid RetryLengthCheck"):
        Profile.from_table(changed("write", retry_length_check="sometimes"))


def test_an_unknown_or_missing_key_is_refused():
    with pytest.raises(TypeError, match="WriteBehaviours: nonsense is unknown"):
        Profile.from_table(changed("write", nonsense=1))
    table = load_profile("1.0.2k").to_table()
    del table["write"]["bio_zero"]
    with pytest.raises(TypeError, match="WriteBehaviours: bio_zero is missing"):
        Profile.from_table(table)


def test_a_section_alone_goes_there_and_back():
    section = load_profile("1.0.2k").ciphers
    assert from_table(type(section), to_table(section)) == section
