"""The real library makes records that ours open, and takes ours for its own peer's."""

from __future__ import annotations

import contextlib
import datetime as dt
import hmac

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from emulator.record import DirectionKeys, key_block_length, make_reader, make_writer, split_key_block
from emulator.record.ciphers import SHAPES
from emulator.record.suite import Cipher, Mac

NO_ENCRYPT_THEN_MAC = 0x00080000

CASES = [
    (0x0303, "ECDHE-ECDSA-AES128-GCM-SHA256", Cipher.AES_128_GCM, Mac.AEAD, "sha256"),
    (0x0303, "ECDHE-ECDSA-AES256-GCM-SHA384", Cipher.AES_256_GCM, Mac.AEAD, "sha384"),
    (0x0303, "ECDHE-ECDSA-CHACHA20-POLY1305", Cipher.CHACHA20_POLY1305, Mac.AEAD, "sha256"),
    (0x0303, "ECDHE-ECDSA-AES128-SHA", Cipher.AES_128_CBC, Mac.SHA1, "sha256"),
    (0x0303, "ECDHE-ECDSA-AES128-SHA256", Cipher.AES_128_CBC, Mac.SHA256, "sha256"),
    (0x0303, "ECDHE-ECDSA-AES256-SHA384", Cipher.AES_256_CBC, Mac.SHA384, "sha384"),
    (0x0302, "ECDHE-ECDSA-AES256-SHA", Cipher.AES_256_CBC, Mac.SHA1, None),
    (0x0301, "ECDHE-ECDSA-AES128-SHA", Cipher.AES_128_CBC, Mac.SHA1, None),
]


@pytest.fixture(scope="module")
def credentials():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "records")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()), key


def p_hash(name: str, secret: bytes, seed: bytes, size: int) -> bytes:
    """RFC 5246 section 5."""
    out, a = b"", seed
    while len(out) < size:
        a = hmac.digest(secret, a, name)
        out += hmac.digest(secret, a + seed, name)
    return out[:size]


def key_block(prf_hash: str | None, master: bytes, seed: bytes, size: int) -> bytes:
    """RFC 5246 section 6.3, or RFC 2246's without a hash of its own."""
    seed = b"key expansion" + seed
    if prf_hash:
        return p_hash(prf_hash, master, seed, size)
    half = len(master) // 2
    left, right = p_hash("md5", master[:half], seed, size), p_hash("sha1", master[half:], seed, size)
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


class RealConnection:
    """A client and a server of the real library, what the client sent, and the client's keys."""

    def __init__(self, credentials, version, name, etm):
        self.client = SSL.Connection(self._context(version, name, etm), None)
        context = self._context(version, name, etm)
        context.use_certificate(credentials[0])
        context.use_privatekey(credentials[1])
        self.server = SSL.Connection(context, None)
        self.client.set_connect_state()
        self.server.set_accept_state()
        self.sent = b""
        for _ in range(4):
            for side in (self.client, self.server):
                with contextlib.suppress(SSL.WantReadError):
                    side.do_handshake()
                self.move()

    @staticmethod
    def _context(version, name, etm):
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        context.set_cipher_list(f"{name}:@SECLEVEL=0".encode())
        if not etm:
            context.set_options(NO_ENCRYPT_THEN_MAC)
        return context

    def move(self):
        for source, sink in ((self.client, self.server), (self.server, self.client)):
            try:
                data = source.bio_read(1 << 20)
            except SSL.WantReadError:
                continue
            sink.bio_write(data)
            if source is self.client:
                self.sent += data

    def keys(self, suite, prf_hash) -> DirectionKeys:
        client = self.client
        seed = client.server_random() + client.client_random()
        return split_key_block(
            suite, key_block(prf_hash, client.master_key(), seed, key_block_length(suite))
        )[0]

    def protected(self) -> list[tuple[int, bytes]]:
        """Give type and fragment of each record after ChangeCipherSpec."""
        records, at = [], 0
        while at < len(self.sent):
            size = int.from_bytes(self.sent[at + 3 : at + 5], "big")
            records.append((self.sent[at], self.sent[at + 5 : at + 5 + size]))
            at += 5 + size
        types = [content_type for content_type, _ in records]
        return records[types.index(20) + 1 :]


@pytest.mark.parametrize("etm", [False, True], ids=["mac-then-encrypt", "encrypt-then-mac"])
@pytest.mark.parametrize(("version", "name", "cipher", "mac", "prf_hash"), CASES, ids=str)
def test_records_pass_between_the_real_library_and_ours(
    credentials, protect, version, name, cipher, mac, prf_hash, etm
):
    suite = protect(cipher, mac, version).suite
    real = RealConnection(credentials, version, name, etm)
    keys = real.keys(suite, prf_hash)
    texts = (b"x", b"y" * 15, b"z" * 16384)
    for text in texts:
        real.client.send(text)
        real.move()
        assert real.server.recv(20000) == text

    reader = make_reader(suite, version, keys, encrypt_then_mac=etm)
    opened = [(kind, reader.open(kind, version, fragment)) for kind, fragment in real.protected()]
    assert opened[0][0] == 22
    assert opened[0][1][:4] == b"\x14\x00\x00\x0c"  # Finished
    assert b"".join(content for _, content in opened[1:]) == b"".join(texts)

    writer = _take_over(real, suite, version, keys, etm)
    sealed = writer.seal(23, version, b"") + writer.seal(23, version, b"ours")
    sealed += b"".join(writer.seal(23, version, b"." * size) for size in (40, 40, 20))
    real.server.bio_write(sealed)
    assert real.server.recv(200) == b"ours"
    assert [real.server.recv(200) for _ in range(3)] == [b"." * 40, b"." * 40, b"." * 20]


def _take_over(real, suite, version, keys, etm):
    """Make a writer that goes on where the real client stopped."""
    records = real.protected()
    block = SHAPES[suite.cipher].block_size
    if version == 0x0301:  # chained: from the last block of ciphertext, which a MAC may follow
        end = len(records[-1][1]) - (20 if etm else 0)
        keys = DirectionKeys(keys.mac_key, keys.key, records[-1][1][end - block : end])
    writer = make_writer(suite, version, keys, encrypt_then_mac=etm)
    writer._sequence = len(records)
    return writer
