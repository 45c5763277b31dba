from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.record import NullReader, NullWriter
from emulator.record.ciphers import SHAPES, Construction
from emulator.record.mac import mac_size
from emulator.record.suite import Cipher, Mac

CONTENT_TYPES = st.sampled_from([20, 21, 22, 23])
FRAGMENTS = st.one_of(st.binary(max_size=80), st.integers(0, 16384).map(bytes))


def expected_length(protection, size: int) -> int:
    """Give the length of a fragment by the formulas of RFC 5246 section 6.2.3 and RFC 7366."""
    shape, tag = SHAPES[protection.suite.cipher], mac_size(protection.suite.mac)
    if shape.construction is Construction.GCM:
        return 8 + size + 16
    if shape.construction is Construction.CHACHA:
        return size + 16
    if shape.construction is Construction.STREAM:
        return size + tag
    block = shape.block_size
    iv = block if protection.version >= 0x0302 else 0
    if protection.etm:
        return (size // block + 1) * block + tag + iv
    return ((size + tag) // block + 1) * block + iv


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(records=st.lists(st.tuples(CONTENT_TYPES, FRAGMENTS), min_size=1, max_size=4))
def test_what_was_sealed_opens_in_order(protection, records):
    writer, reader = protection.writer(), protection.reader()
    for content_type, fragment in records:
        record = writer.seal(content_type, protection.version, memoryview(fragment))
        assert record[0] == content_type
        assert int.from_bytes(record[1:3], "big") == protection.version
        assert int.from_bytes(record[3:5], "big") == len(record) - 5
        assert reader.open(content_type, protection.version, record[5:]) == fragment


def test_lengths_follow_the_formulas(protection):
    writer = protection.writer()
    for size in (*range(34), 100, 15872, 16384):
        record = writer.seal(23, protection.version, bytes(size))
        assert len(record) - 5 == expected_length(protection, size), size


def test_the_facts_of_a_writer_match_its_reader(protection):
    writer, reader = protection.writer(), protection.reader()
    assert writer.aead == reader.aead == (protection.suite.mac is Mac.AEAD)
    assert writer.encrypt_then_mac == reader.encrypt_then_mac == protection.etm
    assert writer.stitchable == reader.stitchable
    assert not writer.is_null
    assert not reader.is_null
    assert reader.mac_size == mac_size(protection.suite.mac)


def test_explicit_ivs_and_nonces_never_repeat(protect):
    for protection in (
        protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0303),
        protect(Cipher.AES_128_GCM, Mac.AEAD, 0x0303),
    ):
        writer = protection.writer()
        starts = {writer.seal(23, 0x0303, b"")[5:13] for _ in range(200)}
        assert len(starts) == 200


def test_the_explicit_nonce_of_gcm_counts_up_from_a_random_value(protect):
    protection = protect(Cipher.AES_128_GCM, Mac.AEAD, 0x0303)
    writer = protection.writer()
    nonces = [int.from_bytes(writer.seal(23, 0x0303, b"x")[5:13], "big") for _ in range(3)]
    assert [(nonce - nonces[0]) % 2**64 for nonce in nonces] == [0, 1, 2]
    other = int.from_bytes(protection.writer().seal(23, 0x0303, b"x")[5:13], "big")
    assert abs(other - nonces[0]) > 3


def test_a_nonce_that_wraps_around_still_opens(protect):
    protection = protect(Cipher.AES_128_GCM, Mac.AEAD, 0x0303)
    writer, reader = protection.writer(), protection.reader()
    writer._invocation = 2**64 - 1
    for text in (b"last", b"first"):
        assert reader.open(23, 0x0303, writer.seal(23, 0x0303, text)[5:]) == text


def test_null_protection_changes_nothing():
    record = NullWriter().seal(22, 0x0301, memoryview(b"hello"))
    assert record == b"\x16\x03\x01\x00\x05hello"
    assert NullReader().open(22, 0x0301, record[5:]) == b"hello"
    assert NullWriter().is_null
    assert NullReader().is_null
