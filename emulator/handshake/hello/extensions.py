"""Extensions of the hellos: their numbers, how a block of them is written, and renegotiation_info."""

from __future__ import annotations

import hmac
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.hello import Extension
from emulator.constants import Option
from emulator.handshake.common.messages import pack16, vector
from emulator.handshake.common.security_level import allows_group, allows_signature
from emulator.handshake.common.signatures import is_dsa

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.behaviours.hello import WeakHashes
    from emulator.handshake.common.state import Handshake


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
    """Encode a block of extensions with its length; empty for none."""
    block = b"".join(number.to_bytes(2, "big") + vector(body, 2) for number, body in extensions)
    return vector(block, 2) if block else b""


_OLD_SIGNATURE_HASHES = frozenset({1, 2, 3})  # MD5, SHA-1, SHA-224


@lru_cache
def supported_groups_body(groups: tuple[int, ...], level: int) -> bytes:
    """The body of supported_groups, without groups that are too weak for the security level."""
    return vector(pack16([group for group in groups if allows_group(level, group)]), 2)


@lru_cache
def without_old_ones(algorithms: tuple[int, ...]) -> tuple[int, ...]:
    """The algorithms of a client with TLS 1.3 alone: no DSA, MD5, SHA-1, SHA-224 (tls12_sigalg_allowed())."""
    return tuple(pair for pair in algorithms if pair >> 8 not in _OLD_SIGNATURE_HASHES and not is_dsa(pair))


@lru_cache
def signature_algorithms_body(algorithms: tuple[int, ...], level: int, weak: WeakHashes) -> bytes:
    """The body of signature_algorithms, without those that are too weak for the security level."""
    return vector(pack16([pair for pair in algorithms if allows_signature(level, pair, weak)]), 2)


def check_client_info(hs: Handshake, info: bytes | None) -> None:
    """Check a client's renegotiation_info, None without one (ssl_parse_clienthello_renegotiate_ext())."""
    if info is None:
        allowed = hs.config.options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        if hs.renegotiating and not allowed:
            hs.refuse(Fault.CLIENT_LEGACY_RENEGOTIATION)
        return
    if not info or info[0] + 1 != len(info):
        hs.refuse(Fault.CLIENT_RENEGOTIATION_ENCODING)
    if not hmac.compare_digest(info[1:], hs.client_verify_data):
        hs.refuse(Fault.CLIENT_RENEGOTIATION_MISMATCH)
    hs.peer_secure_renegotiation = True


def check_server_info(hs: Handshake, info: bytes | None) -> None:
    """Check a server's renegotiation_info, None without one (ssl_parse_serverhello_renegotiate_ext())."""
    if info is None:
        allowed = Option.LEGACY_SERVER_CONNECT | Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        if not hs.config.options & allowed:
            hs.refuse(Fault.SERVER_LEGACY_RENEGOTIATION)
        return
    if not info or info[0] + 1 != len(info):
        hs.refuse(Fault.SERVER_RENEGOTIATION_ENCODING)
    ours, theirs = hs.client_verify_data, hs.server_verify_data
    if len(info) - 1 != len(ours) + len(theirs):
        hs.refuse(Fault.SERVER_RENEGOTIATION_LENGTH)
    if not hmac.compare_digest(info[1 : 1 + len(ours)], ours):
        hs.refuse(Fault.SERVER_RENEGOTIATION_CLIENT)
    if not hmac.compare_digest(info[1 + len(ours) :], theirs):
        hs.refuse(Fault.SERVER_RENEGOTIATION_SERVER)
    hs.peer_secure_renegotiation = True
