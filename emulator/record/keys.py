"""The key block: how long it is, and whose each part of it is (RFC 5246 section 6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.record.ciphers import shape_of
from emulator.record.mac import mac_size

if TYPE_CHECKING:
    from emulator.record.suite import CipherSuite


class DirectionKeys(NamedTuple):
    """The secrets of one direction.  ``iv`` is CBC's first IV or the fixed part of an AEAD's nonce."""

    mac_key: bytes
    key: bytes
    iv: bytes


def key_block_length(suite: CipherSuite) -> int:
    """Bytes of key_block that the suite takes, both directions (``s->s3->tmp.key_block_length``).

    CBC takes two IVs under every version: from TLS 1.1 on they are no part of RFC 5246's key block,
    but tls1_setup_key_block() draws them all the same and chains from them.
    """
    shape = shape_of(suite.cipher)
    return 2 * (mac_size(suite.mac) + shape.key_size + shape.iv_size)


def split_key_block(suite: CipherSuite, block: bytes) -> tuple[DirectionKeys, DirectionKeys]:
    """Cut a key block into (client write, server write) keys; bytes beyond its length are not looked at."""
    shape = shape_of(suite.cipher)
    parts: list[bytes] = []
    at = 0
    for size in (mac_size(suite.mac), shape.key_size, shape.iv_size):
        parts += block[at : at + size], block[at + size : at + 2 * size]
        at += 2 * size
    return DirectionKeys(*parts[0::2]), DirectionKeys(*parts[1::2])
