"""From shared secrets to traffic keys and Finished values (RFC 8446, section 7; ssl/tls13_enc.c)."""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from emulator.record import IV_SIZE, DirectionKeys, tls13_shape_of

if TYPE_CHECKING:
    from emulator.record.suite import CipherSuite

EARLY_TRAFFIC: Final = b"c e traffic"
CLIENT_HANDSHAKE: Final = b"c hs traffic"
SERVER_HANDSHAKE: Final = b"s hs traffic"
CLIENT_APPLICATION: Final = b"c ap traffic"
SERVER_APPLICATION: Final = b"s ap traffic"
RESUMPTION_MASTER: Final = b"res master"
RESUMPTION_BINDER: Final = b"res binder"
EXTERNAL_BINDER: Final = b"ext binder"


class Epoch(StrEnum):
    """The secrets that protect a record (``SSL3_CC_*``)."""

    EARLY = "early"
    HANDSHAKE = "handshake"
    APPLICATION = "application"


def hash_size(name: str) -> int:
    """The size of a digest, and of every secret, in bytes."""
    return hashlib.new(name).digest_size


def suite_hash(suite: CipherSuite) -> str:
    """The hash of a TLS 1.3 suite, by hashlib's name."""
    return suite.prf_hash


def extract(name: str, salt: bytes, material: bytes) -> bytes:
    """HKDF-Extract of RFC 5869; an empty argument stands for zeros."""
    size = hash_size(name)
    return hmac.digest(salt or bytes(size), material or bytes(size), name)


def expand(name: str, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand of RFC 5869."""
    out = block = b""
    count = 0
    while len(out) < length:
        count += 1
        block = hmac.digest(secret, block + info + bytes((count,)), name)
        out += block
    return out[:length]


def expand_label(name: str, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """HKDF-Expand-Label (tls13_hkdf_expand())."""
    full = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes((len(full),)) + full + bytes((len(context),)) + context
    return expand(name, secret, info, length)


def derive_secret(name: str, secret: bytes, label: bytes, transcript: bytes) -> bytes:
    """Derive-Secret; ``transcript`` is the hash of the messages."""
    return expand_label(name, secret, label, transcript, hash_size(name))


def next_secret(name: str, secret: bytes, material: bytes) -> bytes:
    """Derive the Handshake Secret from the Early Secret, or the Master Secret from the Handshake Secret.

    tls13_generate_secret().  With an empty ``secret`` the result is the Early Secret; an empty ``material``
    stands for zeros.
    """
    salt = derive_secret(name, secret, b"derived", hashlib.new(name).digest()) if secret else b""
    return extract(name, salt, material)


def finished_mac(name: str, base_secret: bytes, transcript: bytes) -> bytes:
    """The verify_data of a Finished or a PSK binder (RFC 8446, section 4.4.4)."""
    key = expand_label(name, base_secret, b"finished", b"", hash_size(name))
    return hmac.digest(key, transcript, name)


def traffic_keys(suite: CipherSuite, secret: bytes) -> DirectionKeys:
    """Key and IV of one direction (RFC 8446, section 7.3)."""
    name = suite_hash(suite)
    key = expand_label(name, secret, b"key", b"", tls13_shape_of(suite.cipher).key_size)
    return DirectionKeys(b"", key, expand_label(name, secret, b"iv", b"", IV_SIZE))


def updated_secret(name: str, secret: bytes) -> bytes:
    """The next generation of an application traffic secret (RFC 8446, section 7.2)."""
    return expand_label(name, secret, b"traffic upd", b"", hash_size(name))


def ticket_secret(name: str, resumption_master: bytes, nonce: bytes) -> bytes:
    """The PSK of a ticket (RFC 8446, section 4.6.1)."""
    return expand_label(name, resumption_master, b"resumption", nonce, hash_size(name))
