"""The key block: its length, and its parts (RFC 5246 section 6.3)."""

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
    """Return the length of a suite's key block for both directions (``s->s3->tmp.key_block_length``).

    It has two IVs for CBC in every version.  RFC 4346 and 5246 derive none, but tls1_setup_key_block() does,
    and the first record is chained to them.
    """
    shape = shape_of(suite.cipher)
    return 2 * (mac_size(suite.mac) + shape.key_size + shape.iv_size)


def split_key_block(suite: CipherSuite, block: bytes) -> tuple[DirectionKeys, DirectionKeys]:
    """Cut a key block into (client write, server write) keys; further bytes are ignored."""
    shape = shape_of(suite.cipher)
    parts: list[bytes] = []
    at = 0
    for size in (mac_size(suite.mac), shape.key_size, shape.iv_size):
        parts += block[at : at + size], block[at + size : at + 2 * size]
        at += 2 * size
    return DirectionKeys(*parts[0::2]), DirectionKeys(*parts[1::2])
