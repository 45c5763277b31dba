"""Files that nobody would write: each gets one ProfileError, which names the file and what was expected."""

from __future__ import annotations

import contextlib
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emulator.exceptions import ProfileError, UnknownProfile
from emulator.profile import load_profile
from emulator.profiles.extending import LONGEST_CHAIN

anything = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def write(tmp_path):
    def write(text, name="mine.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def complaint(path):
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    said = str(caught.value)
    assert len(said) < 1000
    return said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("build = " + "[" * 5000 + "]" * 5000, "nested too deep"),
        (".".join("a" * 3000) + " = 1", "nested deeper than 16"),
        ("build = " + "[" * 40 + "]" * 40, "build: nested deeper than 16"),
        ("a = " + "{ b = " * 40 + "1" + " }" * 40, "a.b.b"),
        ("[defaults]\nmode = " + "9" * 5000, "not valid TOML"),
        ("[defaults]\nmode = " + "9" * 4000, "defaults.mode: got 99999"),
        (f"[defaults]\nmode = {2**63}", "defaults.mode: got 9223372036854775808, expected a whole number"),
        (b'name = "\xff"', "not valid TOML"),
        (b"\x00", "not valid TOML"),
        ("extends = '" + "x" * 100_000 + "'", "extends: got"),
        ("[manual]\nnum-zero = '" + "x" * 100_000 + "'", "manual.num-zero: got 'xxx"),
        ("sources = 3", "sources: got 3, expected a list of strings"),
        ("[hello]\nsources = [3]", "hello.sources: got [3], expected a list of strings"),
        ("says = []", "says: got [], expected a sentence"),
        ("remove = ['nothing.there']", "remove: 'nothing.there' is not there"),
        ("remove = ['']", "remove: '' is not there"),
        ("remove = 'hello'", "remove: got 'hello', expected a list of strings"),
        ("sort = ['ciphers.keywords']", "sort: got 'ciphers.keywords', expected tables whose keys are"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_a_few_words(write, text, said):
    text = text if isinstance(text, bytes) else text.encode()
    path = write(text if text.startswith(b"extends") else b'extends = "1.0.2"\n' + text)
    found = complaint(path)
    assert str(path) in found
    assert said in found


ROW = ["AES128-SHA", "kRSA", "aRSA", "AES128", "SHA1", "SSLv3", "HIGH", "fips", 128, 128]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (1, "kXYZ", "got key exchange 'kXYZ', expected one of 'kRSA', 'kDHr'"),
        (2, "aXYZ", "got authentication 'aXYZ', expected one of 'aRSA'"),
        (3, "AES512", "got cipher 'AES512', expected one of"),
        (4, "SHA3", "got MAC 'SHA3', expected one of"),
        (5, "TLSv1.4", "got version 'TLSv1.4', expected one of 'SSLv2'"),
        (6, "HUGE", "got strength 'HUGE', expected one of"),
        (7, "fips odd", "got flag 'odd', expected one of 'export'"),
        (4, "AEAD", "got MAC 'AEAD' with cipher 'AES128', expected"),
        (3, "AES128GCM", "got MAC 'SHA1' with cipher 'AES128GCM', expected"),
    ],
)
def test_a_suite_of_words_that_no_suite_has_is_refused(write, column, value, said):
    row = [*ROW[:column], value, *ROW[column + 1 :]]
    found = complaint(write(f'extends = "1.0.2"\nciphers.suites.0x002F = {row}\n'))
    assert f"ciphers.suites.0x002F: {said}" in found


@pytest.mark.parametrize(("enc", "bits"), [("RC4", 90), ("AES", 112), ("DES", 168), ("RC2", 0)])
def test_a_suite_with_bits_that_no_cipher_has_is_refused(write, enc, bits):
    row = [*ROW[:3], enc, *ROW[4:8], bits, bits]
    found = complaint(write(f'extends = "1.0.2"\nciphers.suites.0x002F = {row}\n'))
    assert f"ciphers.suites.0x002F: got {enc} with {bits} bits, expected one of" in found


@pytest.mark.parametrize("number", ["x", "-1", "0x1000000", '"4.5"'])
def test_a_suite_without_a_number_is_refused(write, number):
    found = complaint(write(f'extends = "1.0.2"\nciphers.suites.{number} = {ROW}\n'))
    assert "expected a number such as 0x002F" in found


def test_a_folder_that_is_called_like_a_file_is_refused(tmp_path):
    (tmp_path / "mine.toml").mkdir()
    assert "cannot be read: Is a directory" in complaint(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    "target",
    ["../other.toml", "/etc/other.toml", "below/../../other.toml", "link.toml", "links/other.toml"],
)
def test_what_is_extended_lies_beside_the_file_or_below_its_folder(write, tmp_path, target):
    write('extends = "1.0.2"\n', "other.toml")
    own = write(f'extends = "{target}"\n', "own/mine.toml")
    (tmp_path / "own" / "link.toml").symlink_to(tmp_path / "other.toml")
    (tmp_path / "own" / "links").symlink_to(tmp_path)
    assert f"extends: got {target!r}, expected a file that lies beside this one or below" in complaint(own)


def test_an_absolute_path_is_refused_even_if_it_leads_to_the_folder(write, tmp_path):
    write('extends = "1.0.2"\n', "other.toml")
    assert "expected a file that lies beside" in complaint(write(f'extends = "{tmp_path}/other.toml"\n'))


def test_a_file_may_extend_one_below_its_folder_and_one_beside_a_link_that_stays_inside(write, tmp_path):
    write('extends = "1.0.2g"\n', "below/other.toml")
    (tmp_path / "link.toml").symlink_to(tmp_path / "below" / "other.toml")
    assert load_profile(write('extends = "below/other.toml"\n')).release == "1.0.2g"
    assert load_profile(write('extends = "link.toml"\n')).release == "1.0.2g"


def test_links_in_a_circle_are_refused(write, tmp_path):
    (tmp_path / "one.toml").symlink_to(tmp_path / "two.toml")
    (tmp_path / "two.toml").symlink_to(tmp_path / "one.toml")
    complaint(tmp_path / "one.toml")
    complaint(write('extends = "one.toml"\n'))


@pytest.mark.parametrize("count", [LONGEST_CHAIN + 1, 1200])
def test_a_chain_of_files_has_an_end(write, count):
    for number in range(count):
        write(f'extends = "f{number + 1}.toml"\n', f"f{number}.toml")
    path = write('extends = "1.0.2"\n', f"f{count}.toml")
    assert f"more than {LONGEST_CHAIN} files extend each other" in complaint(path.parent / "f0.toml")
    assert load_profile(path.parent / f"f{count - LONGEST_CHAIN + 1}.toml").release == "1.0.2u"


@pytest.mark.parametrize("name", ["\0", "1.0.1\0", "1.0.1g\0x", "é\ud800", "x" * 100_000])
def test_a_name_that_is_none_is_an_unknown_profile(name):
    with pytest.raises(UnknownProfile):
        load_profile(name)


@pytest.mark.parametrize("name", ["\0.toml", "a/b\0.toml", "x" * 300 + ".toml"])
def test_a_path_that_is_none_cannot_be_read(name):
    assert "cannot be read" in complaint(name)


@pytest.mark.parametrize("target", ["a\\u0000b.toml", "\\u0000", "sub/\\u0000.toml"])
def test_a_nul_in_extends_is_refused(write, target):
    complaint(write(f'extends = "{target}"\n'))


@anything
@given(st.text(max_size=30))
@example("\0")
@example("/")
@example(os.sep + ".toml")
def test_any_name_is_a_profile_or_one_of_our_errors(name):
    with contextlib.suppress(ProfileError):  # UnknownProfile is one
        assert load_profile(name)


@anything
@given(st.binary(max_size=60) | st.text(st.characters(codec="utf-8"), max_size=60).map(str.encode))
def test_any_bytes_are_a_file_or_one_of_our_errors(write, content):
    path = write(b'extends = "1.0.2"\n' + content)
    assert str(path) in said_of(path)


def said_of(path):
    """What is said of a file; its path if nothing is."""
    try:
        load_profile(path)
    except ProfileError as error:
        return str(error)
    return str(path)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
SECTIONS = (
    "write",
    "hello",
    "record",
    "errors",
    "ciphers",
    "handshake",
    "functions",
    "modes",
    "build",
    "tls13",
)
KEYS = ("bio_zero", "groups", "failures", "suites", "strings", "sources", "longest_messages", "x")


def toml(value):
    """A value as TOML has it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return "'" + "".join(letter for letter in value if letter.isprintable() and letter != "'") + "'"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + "}"
        case None:
            return "''"
    return str(value)


@anything
@given(st.sampled_from(SECTIONS), st.sampled_from(KEYS), values)
def test_any_value_at_any_key_is_taken_or_refused_with_its_key(write, section, key, value):
    path = write(f'extends = "1.1.1"\n{section}.{key} = {toml(value)}\n')
    said = said_of(path)
    assert str(path) in said
    assert said == str(path) or section in said or "not valid TOML" in said
