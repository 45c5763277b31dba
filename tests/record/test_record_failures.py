from __future__ import annotations

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.exceptions import NotEmulated
from emulator.record import RecordFailure, RecordFailureKind, make_reader, make_writer
from emulator.record.ciphers import SHAPES, Construction, encryptor
from emulator.record.mac import make_mac
from emulator.record.suite import Cipher, Mac


def failure_of(reader, version: int, fragment: bytes, content_type: int = 23) -> RecordFailureKind:
    with pytest.raises(RecordFailure) as caught:
        reader.open(content_type, version, fragment)
    return caught.value.kind


def test_any_changed_byte_is_refused(protection):
    if protection.version == 0x0300 and SHAPES[protection.suite.cipher].construction is Construction.CBC:
        return  # SSLv3 authenticates no padding, which is what POODLE is about: see the next tests
    record = protection.writer().seal(23, protection.version, b"sixteen bytes it" * 2)[5:]
    for at in range(len(record)):
        changed = bytearray(record)
        changed[at] ^= 0x55
        failure_of(protection.reader(), protection.version, bytes(changed))


@pytest.mark.parametrize("mac", [Mac.MD5, Mac.SHA1])
def test_sslv3_refuses_a_change_of_content_or_mac(protect, mac):
    protection = protect(Cipher.AES_128_CBC, mac, 0x0300)
    content = b"sixteen bytes it" * 2
    record = protection.writer().seal(23, 0x0300, content)[5:]
    for at in range(len(content)):
        changed = bytearray(record)
        changed[at] ^= 1
        failure_of(protection.reader(), 0x0300, bytes(changed))


def test_sslv3_takes_any_padding_byte_but_the_last(protect):
    protection = protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0300)
    keys = protection.keys
    tag = make_mac(Mac.SHA1, 0x0300, keys.mac_key)(0, 23, 0x0300, b"four")
    sealed = encryptor(Cipher.AES_128_CBC, keys.key, keys.iv)(b"four" + tag + b"seven x\x07")
    assert protection.reader().open(23, 0x0300, sealed) == b"four"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(fragment=st.binary(max_size=400))
def test_any_bytes_end_in_a_record_failure(protection, fragment):
    failure_of(protection.reader(), protection.version, fragment)


def test_another_type_version_or_place_in_the_sequence_is_refused(protection):
    record = protection.writer().seal(23, protection.version, b"content")[5:]
    failure_of(protection.reader(), protection.version, record, content_type=22)
    reader = protection.reader()
    reader._sequence = 1
    failure_of(reader, protection.version, record)
    if protection.version > 0x0300:  # SSLv3's MAC has no version
        failure_of(protection.reader(), protection.version - 1, record)


@pytest.mark.parametrize(
    ("cipher", "mac", "version", "etm", "size", "kind"),
    [
        (Cipher.AES_128_CBC, Mac.SHA1, 0x0301, False, 0, "public-length"),
        (Cipher.AES_128_CBC, Mac.SHA1, 0x0301, False, 5, "public-length"),
        (Cipher.AES_128_CBC, Mac.SHA1, 0x0303, False, 47, "public-length"),
        (Cipher.AES_128_CBC, Mac.SHA1, 0x0301, False, 16, "cbc-too-short"),
        (Cipher.AES_128_CBC, Mac.SHA1, 0x0302, False, 32, "cbc-too-short"),
        (Cipher.AES_128_CBC, Mac.SHA1, 0x0301, True, 5, "etm-too-short"),
        (Cipher.AES_128_CBC, Mac.SHA1, 0x0301, True, 20, "bad-mac"),
        (Cipher.RC4_128, Mac.SHA1, 0x0301, False, 0, "stream-empty"),
        (Cipher.RC4_128, Mac.SHA1, 0x0301, False, 19, "stream-too-short"),
        (Cipher.RC4_128, Mac.SHA1, 0x0301, False, 20, "bad-mac"),
        (Cipher.NULL, Mac.SHA1, 0x0303, False, 19, "stream-too-short"),
        (Cipher.AES_128_GCM, Mac.AEAD, 0x0303, False, 0, "aead-empty"),
        (Cipher.AES_128_GCM, Mac.AEAD, 0x0303, False, 23, "aead-too-short"),
        (Cipher.AES_128_GCM, Mac.AEAD, 0x0303, False, 24, "bad-mac"),
        (Cipher.CHACHA20_POLY1305, Mac.AEAD, 0x0303, False, 15, "aead-too-short"),
        (Cipher.CHACHA20_POLY1305, Mac.AEAD, 0x0303, False, 16, "bad-mac"),
    ],
)
def test_lengths_alone_decide_what_lengths_can(protect, cipher, mac, version, etm, size, kind):
    reader = protect(cipher, mac, version, etm).reader()
    assert failure_of(reader, version, bytes(size)) == kind


@pytest.mark.parametrize(
    ("version", "plain", "kind"),
    [
        (0x0301, bytes(47) + b"\x30", "padding-too-long"),
        (0x0301, bytes(47) + b"\x05", "bad-padding"),
        (0x0301, b"\x2f" * 48, "no-room-for-mac"),
        (0x0301, bytes(48), "bad-mac"),
        (0x0303, bytes(16) + b"\x2f" * 48, "no-room-for-mac"),
        (0x0300, bytes(47) + b"\x10", "padding-too-long"),
        (0x0300, bytes(31) + b"\x0f", "no-room-for-mac"),
        (0x0300, bytes(48), "bad-mac"),
    ],
)
def test_the_cause_inside_is_told_to_the_engine_alone(protect, version, plain, kind):
    protection = protect(Cipher.AES_128_CBC, Mac.SHA1, version)
    fragment = encryptor(Cipher.AES_128_CBC, protection.keys.key, protection.keys.iv)(plain)
    assert failure_of(protection.reader(), version, fragment) == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", "public-length"), (bytes(15), "public-length"), (bytes(16), "cbc-too-short")],
)
def test_encrypt_then_mac_judges_the_padding_after_the_mac(protect, body, kind):
    protection = protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0303, True)
    tag = make_mac(Mac.SHA1, 0x0303, protection.keys.mac_key)(0, 23, 0x0303, body)
    assert failure_of(protection.reader(), 0x0303, body + tag) == kind


def test_encrypt_then_mac_refuses_padding_that_its_own_peer_made_wrong(protect):
    protection = protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0301, True)
    keys = protection.keys
    body = encryptor(Cipher.AES_128_CBC, keys.key, keys.iv)(bytes(15) + b"\x05")
    tag = make_mac(Mac.SHA1, 0x0301, keys.mac_key)(0, 23, 0x0301, body)
    assert failure_of(protection.reader(), 0x0301, body + tag) == "bad-padding"


def test_tls_takes_padding_of_more_than_a_block(protect):
    protection = protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0301)
    keys = protection.keys
    tag = make_mac(Mac.SHA1, 0x0301, keys.mac_key)(0, 23, 0x0301, b"four")
    padded = b"four" + tag + b"\x37" * 56
    fragment = encryptor(Cipher.AES_128_CBC, keys.key, keys.iv)(padded)
    assert protection.reader().open(23, 0x0301, fragment) == b"four"


@pytest.mark.parametrize(
    "cipher", [Cipher.RC2_128_CBC, Cipher.ARIA_128_GCM, Cipher.GOST89_CNT, Cipher.RC4_40]
)
def test_a_cipher_of_the_lists_alone_is_named(protect, cipher):
    suite = protect(cipher, Mac.SHA1, 0x0303).suite
    keys = protect(Cipher.NULL, Mac.SHA1, 0x0303).keys
    assert not suite.emulated
    for make in (make_reader, make_writer):
        with pytest.raises(NotEmulated, match=str(cipher)):
            make(suite, 0x0303, keys)


def test_a_mac_of_the_lists_alone_is_named(protect):
    suite = protect(Cipher.NULL, Mac.GOST94, 0x0303).suite
    with pytest.raises(NotEmulated, match="GOST94"):
        make_writer(suite, 0x0303, protect(Cipher.NULL, Mac.SHA1, 0x0303).keys)


@pytest.mark.parametrize("version", [0x0002, 0x0305, 0xFEFF])
def test_another_protocol_is_not_emulated(protect, version):
    protection = protect(Cipher.AES_128_GCM, Mac.AEAD, 0x0303)
    for make in (make_reader, make_writer):
        with pytest.raises(NotEmulated):
            make(protection.suite, version, protection.keys)


def test_a_cipher_that_this_build_of_cryptography_lacks_is_named(protect, monkeypatch):
    class Lacking:
        def __init__(self, *_):
            pass

        def encryptor(self):
            raise UnsupportedAlgorithm("no legacy provider")

    monkeypatch.setattr("emulator.record.ciphers.CipherFactory", Lacking)
    with pytest.raises(NotEmulated, match="IDEA-CBC cipher is not emulated: no legacy provider"):
        protect(Cipher.IDEA_CBC, Mac.SHA1, 0x0301).writer()
