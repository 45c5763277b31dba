"""Records of TLS 1.3: what RFC 8448 shows of them, and what goes in comes out."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.exceptions import NotEmulated
from emulator.record import (
    IV_SIZE,
    DirectionKeys,
    RecordFailure,
    RecordFailureKind,
    make_early_data_writer,
    make_reader,
    make_writer,
    tls13_shape_of,
)
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac

CIPHERS = [
    Cipher.AES_128_GCM,
    Cipher.AES_256_GCM,
    Cipher.CHACHA20_POLY1305,
    Cipher.AES_128_CCM,
    Cipher.AES_128_CCM8,
]


def suite_of(cipher: Cipher) -> CipherSuite:
    return CipherSuite(0x1301, "", KeyExchange.ANY, Authentication.ANY, cipher, Mac.AEAD, 0x0304)


def keys_of(cipher: Cipher) -> DirectionKeys:
    secret = hashlib.shake_128(b"any key").digest(64)
    return DirectionKeys(b"", secret[: tls13_shape_of(cipher).key_size], secret[-IV_SIZE:])


def both(cipher: Cipher):
    return (
        make_writer(suite_of(cipher), 0x0304, keys_of(cipher)),
        make_reader(suite_of(cipher), 0x0304, keys_of(cipher)),
    )


def open_record(reader, record: bytes) -> tuple[int, bytes]:
    return reader.open_inner(record[0], int.from_bytes(record[1:3], "big"), record[5:])


RFC_8448_SIMPLE = {
    "client handshake": (
        "dbfaa693d1762c5b666af5d950258d01",
        "5bd3c71b836e0b76bb73265f",
        [
            (
                22,
                "14000020a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61",
                (
                    "170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384bd"
                    "1caeacab6867d726c40546"
                ),
            )
        ],
    ),
    "client application": (
        "17422dda596ed5d9acd890e3c63f5051",
        "5b78923dee08579033e523d9",
        [
            (
                23,
                bytes(range(50)).hex(),
                (
                    "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e"
                    "2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4"
                ),
            ),
            (21, "0100", "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3"),
        ],
    ),
}
"""Section 3, "Simple 1-RTT Handshake": key, iv, and (type, content, record) in the order of sending."""


@pytest.mark.parametrize("epoch", RFC_8448_SIMPLE)
def test_records_are_those_of_rfc_8448(epoch):
    key, iv, records = RFC_8448_SIMPLE[epoch]
    keys = DirectionKeys(b"", bytes.fromhex(key), bytes.fromhex(iv))
    writer = make_writer(suite_of(Cipher.AES_128_GCM), 0x0304, keys)
    reader = make_reader(suite_of(Cipher.AES_128_GCM), 0x0304, keys)
    assert writer.tls13
    assert reader.tls13
    for content_type, content, record in records:
        assert writer.seal(content_type, 0x0303, bytes.fromhex(content)).hex() == record
        assert open_record(reader, bytes.fromhex(record)) == (content_type, bytes.fromhex(content))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(CIPHERS),
    st.lists(
        st.tuples(st.integers(1, 255), st.binary(max_size=90), st.integers(0, 40)), min_size=1, max_size=5
    ),
)
@example(Cipher.AES_128_GCM, [(23, bytes(16384), 0), (22, bytes(3), 16381)])
def test_what_was_sealed_opens_with_its_type_and_without_its_padding(cipher, records):
    writer, reader = both(cipher)
    for content_type, content, zeros in records:
        writer.padding = None if not zeros else lambda _kind, _size, zeros=zeros: zeros
        record = writer.seal(content_type, 0x0304, memoryview(content))
        assert record[:3] == b"\x17\x03\x03"
        assert int.from_bytes(record[3:5], "big") == len(record) - 5
        assert len(record) - 5 == len(content) + 1 + zeros + tls13_shape_of(cipher).tag_size
        assert open_record(reader, record) == (content_type, content)


def test_padding_is_asked_for_with_the_type_and_the_length_that_counts_it():
    asked = []
    writer, _ = both(Cipher.AES_256_GCM)
    writer.padding = lambda kind, size: asked.append((kind, size)) or 0
    writer.seal(22, 0x0303, b"abc")
    writer.seal(23, 0x0303, b"")
    assert asked == [(22, 4), (23, 1)]


def test_a_record_of_zeros_alone_has_type_0():
    writer, reader = both(Cipher.AES_128_GCM)
    assert open_record(reader, writer.seal(0, 0x0303, bytes(7))) == (0, b"")


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_fragment_without_room_for_type_and_tag_is_too_short(cipher):
    tag = tls13_shape_of(cipher).tag_size
    for size, kind in ((0, "tls13-too-short"), (tag, "tls13-too-short"), (tag + 1, "bad-mac")):
        with pytest.raises(RecordFailure) as failure:
            both(cipher)[1].open_inner(23, 0x0303, bytes(size))
        assert failure.value.kind is RecordFailureKind(kind)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CIPHERS), st.binary(min_size=1, max_size=40), st.integers(0), st.integers(0, 7))
def test_no_bit_of_a_record_can_be_changed(cipher, content, at, bit):
    writer, reader = both(cipher)
    record = bytearray(writer.seal(23, 0x0303, content))
    at %= len(record)
    if at in (3, 4):
        at += 2  # the length is that of what is given
    record[at] ^= 1 << bit
    with pytest.raises(RecordFailure) as failure:
        open_record(reader, bytes(record))
    assert failure.value.kind is RecordFailureKind.BAD_MAC


def test_a_reader_that_skips_starts_again_with_number_0():
    writer, reader = both(Cipher.CHACHA20_POLY1305)
    for _ in range(3):
        with pytest.raises(RecordFailure):
            reader.open_inner(23, 0x0303, bytes(60))
        reader.reset_sequence()
    assert open_record(reader, writer.seal(22, 0x0303, b"Finished")) == (22, b"Finished")


def test_alerts_among_early_data_are_plain_and_count_for_nothing():
    suite, keys = suite_of(Cipher.AES_128_GCM), keys_of(Cipher.AES_128_GCM)
    writer, reader = make_early_data_writer(suite, keys), make_reader(suite, 0x0304, keys)
    assert writer.seal(21, 0x0303, b"\x02\x28").hex() == "15030300020228"
    assert open_record(reader, writer.seal(23, 0x0303, b"early")) == (23, b"early")


def test_ccm_can_be_used_by_suites_of_tls_13_alone():
    ccm = suite_of(Cipher.AES_128_CCM)
    assert ccm.emulated
    tls12 = CipherSuite(0xC0AC, "", KeyExchange.ECDHE, Authentication.ECDSA, ccm.cipher, Mac.AEAD, 0x0303)
    assert not tls12.emulated
    with pytest.raises(NotEmulated, match="AES-128-CCM"):
        make_writer(tls12, 0x0303, keys_of(Cipher.AES_128_CCM))


def test_a_cipher_that_tls_13_lacks_is_named():
    with pytest.raises(NotEmulated, match=r"TLS 1\.3 with the AES-128-CBC"):
        make_writer(suite_of(Cipher.AES_128_CBC), 0x0304, keys_of(Cipher.AES_128_GCM))
