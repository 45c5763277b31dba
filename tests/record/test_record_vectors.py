"""Records that were made by others, or by other means than ours."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher as Raw
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from emulator.record import DirectionKeys, make_reader
from emulator.record.mac import make_mac
from emulator.record.suite import Cipher, Mac


def test_records_of_the_illustrated_tls_12_connection_open(protect):
    """Client keys and records of https://tls12.xargs.org/ (ECDHE-RSA-AES128-SHA, made by Go's crypto/tls)."""
    keys = DirectionKeys(
        bytes.fromhex("1b7d117c7d5f690bc263cae8ef60af0f1878acc2"),
        bytes.fromhex("f656d037b173ef3e11169f27231a84b6"),
        bytes(16),  # any: the IVs are explicit
    )
    reader = make_reader(protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0303).suite, 0x0303, keys)
    finished = bytes.fromhex(
        "404142434445464748494a4b4c4d4e4f227bc9ba81ef30f2a8a78ff1df50844d"
        "5804b7eeb2e214c32b6892aca3db7b78077fdd90067c516bacb3ba90dedf720f"
    )
    assert reader.open(22, 0x0303, finished).hex() == "1400000ccf919626f1360c536aaad73a"
    ping = bytes.fromhex(
        "000102030405060708090a0b0c0d0e0f6c421c71c42b183bfa06195d133d0a09d00fc7cb4e0f5d1cda59d147ec790c99"
    )
    assert reader.open(23, 0x0303, ping) == b"ping"


def ssl3_mac(name: str, key: bytes, sequence: int, content_type: int, content: bytes) -> bytes:
    """RFC 6101 section 5.2.3.1, word by word."""
    count = {"md5": 48, "sha1": 40}[name]
    inner = key + b"\x36" * count + sequence.to_bytes(8, "big") + bytes([content_type])
    inner += len(content).to_bytes(2, "big") + content
    digest = hashlib.new(name, inner).digest()
    return hashlib.new(name, key + b"\x5c" * count + digest).digest()


def test_sslv3_macs_are_those_of_rfc_6101():
    for mac, name, size in ((Mac.MD5, "md5", 16), (Mac.SHA1, "sha1", 20)):
        key = bytes(range(size))
        made = make_mac(mac, 0x0300, key)(7, 23, 0x0300, b"some content")
        assert made == ssl3_mac(name, key, 7, 23, b"some content")


def test_tls_macs_are_those_of_rfc_5246():
    for mac, name in ((Mac.MD5, "md5"), (Mac.SHA1, "sha1"), (Mac.SHA256, "sha256"), (Mac.SHA384, "sha384")):
        key = bytes(range(hashlib.new(name).digest_size))
        made = make_mac(mac, 0x0302, key)(2**40, 22, 0x0302, b"some content")
        prefix = (2**40).to_bytes(8, "big") + b"\x16\x03\x02\x00\x0c"
        assert made == hmac.digest(key, prefix + b"some content", name)


def test_the_first_sslv3_record_is_content_mac_and_padding_in_cbc(protect):
    protection = protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0300)
    keys = protection.keys
    writer = protection.writer()
    first, second = writer.seal(23, 0x0300, b"one"), writer.seal(21, 0x0300, b"two")
    decryptor = Raw(AES(keys.key), CBC(keys.iv)).decryptor()
    plain = decryptor.update(first[5:] + second[5:])  # one stream: the second's IV is the first's last block
    assert plain[:23] == b"one" + ssl3_mac("sha1", keys.mac_key, 0, 23, b"one")
    assert plain[31] == 8
    assert plain[32:55] == b"two" + ssl3_mac("sha1", keys.mac_key, 1, 21, b"two")
    assert plain[63] == 8


def rc4(key: bytes):
    """Give the key stream of RC4, from its description."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    while True:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        yield state[(state[i] + state[j]) % 256]


def test_rc4_goes_on_from_record_to_record(protect):
    protection = protect(Cipher.RC4_128, Mac.MD5, 0x0301)
    keys = protection.keys
    writer, stream = protection.writer(), rc4(protection.keys.key)
    for sequence, content in enumerate((b"one", b"", b"three")):
        sealed = writer.seal(23, 0x0301, content)[5:]
        prefix = sequence.to_bytes(8, "big") + b"\x17\x03\x01" + len(content).to_bytes(2, "big")
        tag = hmac.digest(keys.mac_key, prefix + content, "md5")
        assert bytes(a ^ b for a, b in zip(sealed, stream, strict=False)) == content + tag
