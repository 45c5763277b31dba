"""Cipher strings, against lists recorded from real libraries."""

from __future__ import annotations

import tomllib
import zlib
from pathlib import Path

import pytest

from emulator.exceptions import NotEmulated
from emulator.handshake.common import suites
from emulator.handshake.common.cipher_string import cipher_list
from emulator.profile import load_profile
from emulator.profiles import histories, suite_rows
from emulator.profiles.published import distributions, known_releases
from emulator.profiles.vary import with_answers
from emulator.release import Release

DATA = Path(__file__).parent.parent / "data"
LIBRARIES = tomllib.loads((DATA / "recorded_cipher_lists.toml").read_text())["library"]
CHANGED = [
    str(release)
    for release in known_releases()
    if any(layer.sets(("ciphers",)) for layer in histories.changes_in(release))
]
TABLES = [*CHANGED, *distributions()]


def suite_by_name(ciphers, name):
    """The suite that a release has under this name, weak or not."""
    return next((suite for suite in suites.suite_table(ciphers).by_id.values() if suite.name == name), None)


def section(name, **more):
    profile = load_profile(name if name in distributions() else Release(name).name)
    changed = {f"ciphers.{key}": tuple(value) for key, value in more.items()}
    return with_answers(profile, changed).ciphers


def names(selection):
    return [suite.name for suite in selection.suites]


def listed(release, string, **build):
    return names(cipher_list(section(release), string, **build))


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: f"{each['release']}-{each['method']}")
def test_lists_are_those_of_the_real_library(library):
    left_out = {"left_out": library["left_out"]} if "left_out" in library else {}
    ciphers = section(library["profile"], **left_out)
    for string, ret, reasons, count, crc in library["rows"]:
        selection = cipher_list(ciphers, string, ssl2=library["ssl2"], weak=library["weak"])
        assert (string, selection.ok) == (string, bool(ret))
        assert (string, [reason for _, reason in selection.errors]) == (string, reasons)
        if ret:
            assert (string, len(selection.suites)) == (string, count)
            assert (string, zlib.crc32(":".join(names(selection)).encode())) == (string, crc)


def test_the_words_of_a_row_are_those_that_suites_are_made_of():
    assert set(suite_rows.KEY_EXCHANGES) == set(suites.KEY_EXCHANGES)
    assert set(suite_rows.AUTHENTICATIONS) == set(suites.AUTHENTICATIONS)
    assert set(suite_rows.CIPHERS) == set(suites.CIPHERS)
    by_bits = {(name, bits) for name, known in suite_rows.CIPHERS_BY_BITS.items() for bits in known}
    assert by_bits == set(suites.CIPHERS_BY_BITS)
    assert set(suite_rows.MACS) == set(suites.MACS)
    assert set(suite_rows.VERSIONS) == set(suites.VERSIONS)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_suites_is_complete_and_its_default_list_is_not_empty(name):
    assert cipher_list(section(name), "DEFAULT", weak=False).ok


@pytest.mark.parametrize("name", TABLES)
def test_every_suite_of_every_release_can_be_made(name):
    ciphers = section(name)
    assert len(suites.suite_table(ciphers).rows) == len(ciphers.suites)
    suite = suite_by_name(ciphers, "NULL-SHA")
    assert suites.suite_by_id(ciphers, 0x0002) is suite


def test_the_name_of_a_suite_meant_its_algorithms_before_0_9_8b():
    assert listed("0.9.8", "AES128-SHA") == ["AES128-SHA"]  # AES256-SHA is not of the same strength class
    assert listed("0.9.8a", "AES128-SHA") == ["AES256-SHA", "AES128-SHA"]
    assert listed("0.9.8b", "AES128-SHA") == ["AES128-SHA"]


def test_two_key_exchanges_joined_by_plus_were_either_of_them_before_0_9_7h():
    assert listed("0.9.7", "kRSA+kEDH+AES+HIGH")
    assert listed("0.9.7h", "kRSA+kEDH") == []


def test_a_string_that_matches_nothing_replaces_the_list_by_an_empty_one():
    selection = cipher_list(section("1.0.2"), "bogus")
    assert (selection.ok, selection.replaces, selection.suites) == (False, True, ())
    assert selection.errors == (("SSL_CTX_SET_CIPHER_LIST", "NO_CIPHER_MATCH"),)
    assert cipher_list(section("0.9.7"), "bogus").ok


def test_the_caller_is_named_in_the_error():
    selection = cipher_list(section("1.1.1"), "bogus", caller="SSL_SET_CIPHER_LIST")
    assert selection.errors == (("SSL_SET_CIPHER_LIST", "NO_CIPHER_MATCH"),)


def test_an_invalid_command_leaves_the_list_as_it_was():
    selection = cipher_list(section("1.1.1"), "ALL:@FOO")
    assert (selection.ok, selection.replaces) == (False, False)
    assert selection.errors == (("SSL_CIPHER_PROCESS_RULESTR", "INVALID_COMMAND"),)


def test_from_1_1_1s_an_invalid_command_ends_the_reading():
    assert len(cipher_list(section("1.1.1"), "^^").errors) == 2
    assert len(cipher_list(section("1.1.1s"), "^^").errors) == 1


def test_the_security_level_is_taken_out_of_the_string_from_1_1_0():
    assert cipher_list(section("1.1.0"), "AES128-SHA:@SECLEVEL=0").security_level == 0
    assert cipher_list(section("1.1.0"), "AES128-SHA").security_level is None
    assert not cipher_list(section("1.0.2"), "AES128-SHA:@SECLEVEL=0").ok


def test_weak_suites_and_sslv2_kinds_depend_on_the_build():
    assert "RC4-SHA" in listed("1.1.1", "ALL", weak=True)
    assert "RC4-SHA" not in listed("1.1.1", "ALL", weak=False)
    assert "DES-CBC3-MD5" in listed("1.0.2", "ALL", ssl2=True)
    assert "DES-CBC3-MD5" not in listed("1.0.2", "ALL", ssl2=False)


def test_suites_are_objects_that_say_what_a_connection_needs():
    suite = suite_by_name(section("1.0.2"), "ECDHE-RSA-AES256-GCM-SHA384")
    assert (suite.id, suite.min_version, suite.prf_hash, suite.emulated) == (0xC030, 0x303, "sha384", True)
    assert not suite_by_name(section("1.0.2"), "EXP-RC4-MD5").emulated


@pytest.mark.parametrize("release", ["1.0.2", "1.1.0", "1.1.1", "3.0.16"])
@pytest.mark.parametrize("string", ["SUITEB128", "SUITEB128ONLY", "SUITEB128C2", "SUITEB192:kRSA"])
def test_suite_b_strings_are_refused_by_name(release, string):
    with pytest.raises(NotEmulated):
        cipher_list(section(release), string)


def test_suite_b_strings_are_unknown_keywords_up_to_1_0_1():
    refused = cipher_list(section("1.0.1u"), "SUITEB128")
    assert (refused.ok, refused.errors) == (False, (("SSL_CTX_SET_CIPHER_LIST", "NO_CIPHER_MATCH"),))
    assert listed("1.0.1u", "SUITEB128:AES128-SHA") == ["AES128-SHA"]
