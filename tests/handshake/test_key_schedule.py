"""Key derivation against vectors whose source is named."""

import hashlib

import pytest

from emulator.handshake.common.transcript import Transcript, transcript_hashes
from emulator.handshake.tls12 import key_schedule
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac

SSL3, TLS10, TLS12 = 0x0300, 0x0301, 0x0303
SUITE = CipherSuite(
    0x2F, "AES128-SHA", KeyExchange.RSA, Authentication.RSA, Cipher.AES_128_CBC, Mac.SHA1, SSL3
)
SUITE_384 = CipherSuite(
    0x9D,
    "AES256-GCM-SHA384",
    KeyExchange.RSA,
    Authentication.RSA,
    Cipher.AES_256_GCM,
    Mac.AEAD,
    TLS12,
    "sha384",
)


def test_the_tls12_prf_gives_the_vector_of_the_ietf_tls_list():
    """mailarchive.ietf.org, TLS list, "Test vectors for TLS 1.2 PRF", TLS1.2PRF-SHA256."""
    out = key_schedule.prf(
        TLS12,
        SUITE,
        bytes.fromhex("9bbe436ba940f017b17652849a71db35"),
        b"test label",
        bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c"),
        100,
    )
    assert out == bytes.fromhex(
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
        "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
        "87347b66"
    )


def test_the_tls12_prf_with_sha384_gives_the_vector_of_the_ietf_tls_list():
    """The same message, TLS1.2PRF-SHA384."""
    out = key_schedule.prf(
        TLS12,
        SUITE_384,
        bytes.fromhex("b80b733d6ceefcdc71566ea48e5567df"),
        b"test label",
        bytes.fromhex("cd665cf6a8447dd6ff8b27555edb7465"),
        148,
    )
    assert out == bytes.fromhex(
        "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0"
        "e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
        "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703"
        "d73e56f"
    )


def test_the_tls10_prf_gives_the_vector_of_the_ietf_tls_list():
    """The vector that the IETF TLS list made for RFC 2246's PRF: secret 48 times AB, seed 64 times CD."""
    out = key_schedule.prf(TLS10, SUITE, b"\xab" * 48, b"PRF Testvector", b"\xcd" * 64, 104)
    assert out == bytes.fromhex(
        "d3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754443bcf9a296519bc289abcbc1187e4eb"
        "d31e602353776c408aafb74cbc85eff69255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f"
        "1afbc655a8c9a013"
    )


def test_an_ssl3_master_secret_is_what_rfc_6101_writes_out():
    """RFC 6101, section 6.1, spelled out."""
    premaster, client, server = b"p" * 48, b"c" * 32, b"s" * 32

    def part(salt):
        return hashlib.md5(premaster + hashlib.sha1(salt + premaster + client + server).digest()).digest()

    expected = part(b"A") + part(b"BB") + part(b"CCC")
    assert key_schedule.master_secret(SSL3, SUITE, premaster, client, server) == expected


def test_an_ssl3_finished_is_what_rfc_6101_writes_out():
    """RFC 6101, section 5.6.9, spelled out."""
    transcript = Transcript()
    transcript.update(b"hello")
    transcript.start(("md5", "sha1"))
    transcript.update(b"more")
    master, data = b"m" * 48, b"hellomore"
    md5 = hashlib.md5(data + b"SRVR" + master + b"\x36" * 48).digest()
    sha = hashlib.sha1(data + b"SRVR" + master + b"\x36" * 40).digest()
    expected = (
        hashlib.md5(master + b"\x5c" * 48 + md5).digest() + hashlib.sha1(master + b"\x5c" * 40 + sha).digest()
    )
    assert key_schedule.finished(SSL3, SUITE, master, transcript, server=True) == expected
    assert transcript.digest() == hashlib.md5(data).digest() + hashlib.sha1(data).digest()


@pytest.mark.parametrize(("version", "length"), [(SSL3, 36), (TLS10, 12), (TLS12, 12)])
def test_finished_has_the_length_of_its_version(version, length):
    transcript = Transcript()
    transcript.start(transcript_hashes(version, SUITE))
    data = key_schedule.finished(version, SUITE, b"m" * 48, transcript, server=False)
    assert len(data) == length


def test_a_transcript_hashes_what_came_before_its_hash_was_known():
    transcript = Transcript()
    transcript.update(b"a")
    transcript.start(("sha256",))
    transcript.update(b"b")
    assert transcript.digest() == hashlib.sha256(b"ab").digest()
    assert transcript.messages() == b"ab"
    transcript.drop_messages()
    transcript.update(b"c")
    assert transcript.digest() == hashlib.sha256(b"abc").digest()
    assert transcript.messages() == b""
