"""The lists in a ClientHello: groups and signature algorithms that a security level allows, as bytes."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.handshake.security_level import allows_group, allows_signature
from emulator.handshake.signatures import is_dsa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.behaviours.hello import WeakHashes

_OLD_SIGNATURE_HASHES = frozenset({1, 2, 3})  # MD5, SHA-1, SHA-224


def numbers16(numbers: Sequence[int]) -> bytes:
    """Numbers of two bytes each."""
    return struct.pack(f">{len(numbers)}H", *numbers)


def vector8(data: bytes) -> bytes:
    """Bytes behind their length in one byte."""
    return len(data).to_bytes(1, "big") + data


def vector16(data: bytes) -> bytes:
    """Bytes behind their length in two bytes."""
    return len(data).to_bytes(2, "big") + data


@lru_cache
def allowed_groups(groups: tuple[int, ...], level: int) -> bytes:
    """supported_groups, without those that are too weak for the security level."""
    return vector16(numbers16([group for group in groups if allows_group(level, group)]))


@lru_cache
def without_old_ones(algorithms: tuple[int, ...]) -> tuple[int, ...]:
    """What a client that speaks nothing below TLS 1.3 leaves: no DSA, MD5, SHA-1, SHA-224."""
    return tuple(pair for pair in algorithms if pair >> 8 not in _OLD_SIGNATURE_HASHES and not is_dsa(pair))


@lru_cache
def allowed_signatures(algorithms: tuple[int, ...], level: int, weak: WeakHashes) -> bytes:
    """signature_algorithms, without those that are too weak for the security level."""
    return vector16(numbers16([pair for pair in algorithms if allows_signature(level, pair, weak)]))
