from __future__ import annotations

import pytest

from emulator.behaviours.record import RecordBehaviours, RecordFailureKind, Rejection
from emulator.constants import AlertDescription as Alert
from emulator.profile import load_profile
from emulator.profiles.histories import changes_in
from emulator.profiles.published import known_releases
from emulator.profiles.tables import from_table
from emulator.release import Release

CHANGED = [
    release for release in known_releases() if any(layer.sets(("record",)) for layer in changes_in(release))
]


def behaviours(name: str) -> RecordBehaviours:
    return load_profile(Release(name).name).record


@pytest.mark.parametrize("release", CHANGED, ids=str)
def test_every_kind_of_refusal_that_a_release_can_meet_has_an_answer(release):
    missing = set(RecordFailureKind) - set(behaviours(str(release)).failures)
    assert missing <= {"etm-too-short", "aead-empty", "aead-too-short", "tls13-too-short"}
    if release >= Release("1.1.0"):
        assert missing == ({"tls13-too-short"} if release < Release("1.1.1") else set())


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


@pytest.mark.parametrize("name", [str(release) for release in CHANGED if release > Release("0.9.6b")])
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
