"""Extensions by their numbers, and how a block of them is written."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from emulator.behaviours.hello import Extension
from emulator.handshake.hello_lists import vector16

if TYPE_CHECKING:
    from collections.abc import Iterable

HEARTBEAT_MODES = (b"\x01", b"\x02")
"""HeartbeatMode (RFC 6520, section 2): the peer may send requests, or may not."""


class ExtensionType(IntEnum):
    """ExtensionType numbers (IANA)."""

    SERVER_NAME = 0
    STATUS_REQUEST = 5
    SUPPORTED_GROUPS = 10
    EC_POINT_FORMATS = 11
    SIGNATURE_ALGORITHMS = 13
    HEARTBEAT = 15
    APPLICATION_PROTOCOLS = 16
    PADDING = 21
    ENCRYPT_THEN_MAC = 22
    EXTENDED_MASTER_SECRET = 23
    SESSION_TICKET = 35
    PRE_SHARED_KEY = 41
    EARLY_DATA = 42
    SUPPORTED_VERSIONS = 43
    COOKIE = 44
    PSK_KEY_EXCHANGE_MODES = 45
    CERTIFICATE_AUTHORITIES = 47
    POST_HANDSHAKE_AUTH = 49
    SIGNATURE_ALGORITHMS_CERT = 50
    KEY_SHARE = 51
    RENEGOTIATION_INFO = 0xFF01


EXTENSION_TYPES = {name: ExtensionType[name.name] for name in Extension}


def encode_extensions(extensions: Iterable[tuple[int, bytes]]) -> bytes:
    """Encode the block with its length; nothing at all when there are none."""
    block = b"".join(number.to_bytes(2, "big") + vector16(body) for number, body in extensions)
    return vector16(block) if block else b""
