from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from emulator.behaviours.record import RecordBehaviours, RecordFailureKind, Rejection
from emulator.constants import AlertDescription as Alert
from emulator.profiles.tables import from_table

FRAGMENTS = Path(__file__).parents[2] / "profiles" / "record"
NAMES = sorted(path.name for path in FRAGMENTS.glob("*.toml"))


def resolve(name: str) -> dict:
    """Give a fragment with all that it extends: tables merge, rows replace."""
    own = tomllib.loads((FRAGMENTS / name).read_text())
    base = own.pop("extends", None)
    record = dict(own.get("record", {}))
    if base is None:
        return record
    inherited = resolve(base)
    for key, value in record.items():
        inherited[key] = {**inherited[key], **value} if isinstance(value, dict) else value
    return inherited


def behaviours(name: str) -> RecordBehaviours:
    return from_table(RecordBehaviours, resolve(f"{name}.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_fragment_resolves_to_a_whole_section_and_cites_a_source(name):
    section = from_table(RecordBehaviours, resolve(name))
    assert "# Source" in (FRAGMENTS / name).read_text()
    impossible = {"etm-too-short", "aead-empty", "aead-too-short", "tls13-too-short"}
    assert set(RecordFailureKind) - set(section.failures) <= impossible
    if name >= "1.1":
        assert set(RecordFailureKind) - set(section.failures) == (
            {"tls13-too-short"} if name < "1.1.1" else set()
        )


def seen(name: str, kind: str, version: int = 0x0301) -> tuple[str, str, tuple[Alert, ...]]:
    rejection = behaviours(name).rejection(RecordFailureKind(kind), version)
    return rejection.function, rejection.reason, rejection.alerts


@pytest.mark.parametrize(
    ("name", "kind", "version", "expected"),
    [
        # recorded: fatal/corrupt-record-then-write/*, fatal/unknown-type/tls10-cbc (a fragment of 5 bytes)
        ("0.9.6", "bad-mac", 0x0301, ("SSL3_GET_RECORD", "BAD_MAC_DECODE", (Alert.BAD_RECORD_MAC,))),
        (
            "0.9.6",
            "public-length",
            0x0301,
            ("TLS1_ENC", "BLOCK_CIPHER_PAD_IS_WRONG", (Alert.DECRYPTION_FAILED, Alert.DECRYPT_ERROR)),
        ),
        (
            "0.9.6c",
            "public-length",
            0x0301,
            ("TLS1_ENC", "BLOCK_CIPHER_PAD_IS_WRONG", (Alert.DECRYPTION_FAILED,)),
        ),
        (
            "0.9.6c",
            "public-length",
            0x0300,
            ("SSL3_ENC", "BLOCK_CIPHER_PAD_IS_WRONG", (Alert.DECRYPTION_FAILED,)),
        ),
        (
            "1.0.1f",
            "public-length",
            0x0301,
            ("SSL3_GET_RECORD", "BLOCK_CIPHER_PAD_IS_WRONG", (Alert.DECRYPTION_FAILED,)),
        ),
        ("1.1.0", "etm-too-short", 0x0301, ("SSL3_GET_RECORD", "LENGTH_TOO_SHORT", (Alert.DECODE_ERROR,))),
        ("1.1.1e", "etm-too-short", 0x0301, ("SSL3_GET_RECORD", "LENGTH_TOO_SHORT", (Alert.DECODE_ERROR,))),
        (
            "1.1.1e",
            "public-length",
            0x0301,
            ("SSL3_GET_RECORD", "BLOCK_CIPHER_PAD_IS_WRONG", (Alert.BAD_RECORD_MAC,)),
        ),
        ("1.1.1", "aead-too-short", 0x0303, ("TLS1_ENC", "ERR_R_INTERNAL_ERROR", (Alert.INTERNAL_ERROR,))),
    ],
)
def test_refusals_are_those_of_the_release(name, kind, version, expected):
    assert seen(name, kind, version) == expected


@pytest.mark.parametrize("name", [name.removesuffix(".toml") for name in NAMES if name > "0.9.6b.toml"])
@pytest.mark.parametrize("version", [0x0300, 0x0301, 0x0303])
def test_no_release_from_096c_on_tells_what_was_wrong_inside(name, version):
    secret = ("padding-too-long", "bad-padding", "no-room-for-mac", "bad-mac")
    assert {seen(name, kind, version) for kind in secret} == {
        ("SSL3_GET_RECORD", "DECRYPTION_FAILED_OR_BAD_RECORD_MAC", (Alert.BAD_RECORD_MAC,))
    }


def test_096_tells_all_of_it():
    secret = ("padding-too-long", "bad-padding", "no-room-for-mac", "bad-mac")
    assert len({seen("0.9.6", kind) for kind in secret}) == 4


def test_101_hid_even_the_length_of_records_with_explicit_ivs():
    assert seen("1.0.1", "public-length", 0x0302) == seen("1.0.1", "bad-mac", 0x0302)
    assert seen("1.0.1", "public-length", 0x0301) != seen("1.0.1", "bad-mac", 0x0301)
    assert seen("1.0.1d", "public-length", 0x0302) != seen("1.0.1d", "bad-mac", 0x0302)


def test_the_assembler_finds_short_records_later():
    section = behaviours("1.0.2l")
    short = RecordFailureKind.CBC_TOO_SHORT
    assert section.rejection(short, 0x0303).reason == "BLOCK_CIPHER_PAD_IS_WRONG"
    assert section.rejection(short, 0x0303, stitched=True).reason == "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"
    public = RecordFailureKind.PUBLIC_LENGTH
    assert section.rejection(public, 0x0303, stitched=True) == section.rejection(public, 0x0303)


def test_an_alert_has_a_name():
    read = from_table(Rejection, {"function": "F", "reason": "R", "alerts": ["bad-record-mac", 21]})
    assert read.alerts == (Alert.BAD_RECORD_MAC, Alert.DECRYPTION_FAILED)
    with pytest.raises(ValueError, match="no alert is named 'bad-luck'"):
        from_table(Rejection, {"function": "F", "reason": "R", "alerts": ["bad-luck"]})
