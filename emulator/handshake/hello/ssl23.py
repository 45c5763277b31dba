"""SSLv23_method(): the version comes from the peer's first bytes, and a hello may have SSLv2's format.

Source: s23_clnt.c and s23_srvr.c, up to 1.0.2; RFC 5246, appendix E.2 for the format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import (
    SSL2_VERSION,
    SSL3_RANDOM_SIZE,
    SSL3_VERSION,
    TLS1_VERSION,
    AlertLevel,
    ContentType,
    HandshakeType,
)

if TYPE_CHECKING:
    from emulator.handshake.common.state import Handshake

SSLV2_HEADER_LENGTH = 2

_CLIENT_HELLO = 1
_SERVER_HELLO = 4
_TWO_BYTE_HEADER = 0x8000
_SHORT_CHALLENGE = 16
_NETSCAPE_CHALLENGE_BUG = 0x2  # SSL_OP_NETSCAPE_CHALLENGE_BUG, gone from 1.1.0
_LONGEST = 4096
_SHORTEST = 9
_HTTP_METHODS = (b"GET ", b"POST ", b"HEAD ", b"PUT ")
_HTTP_CONNECT = b"CONNECT"
_SMALLEST_RECORD = 6
_MAJOR = SSL3_VERSION >> 8


# -- the client


def sslv2_client_hello(hs: Handshake, specs: bytes) -> bytes:
    """A whole record with a ClientHello in SSLv2's format; a challenge takes the place of the random."""
    short = hs.config.options & _NETSCAPE_CHALLENGE_BUG
    challenge = hs.config.random(_SHORT_CHALLENGE if short else SSL3_RANDOM_SIZE)
    hs.client_random = challenge.rjust(SSL3_RANDOM_SIZE, b"\0")
    lengths = (len(specs), 0, len(challenge))
    body = b"".join(
        (
            bytes((_CLIENT_HELLO,)),
            hs.client_version.to_bytes(2, "big"),
            *(length.to_bytes(2, "big") for length in lengths),
            specs,
            challenge,
        )
    )
    return (len(body) | _TWO_BYTE_HEADER).to_bytes(2, "big") + body


def choose_by_server(hs: Handshake, first: bytes) -> None:
    """ssl23_get_server_hello(): set the version by the first seven bytes of the server's answer.

    The bytes are then read again as the beginning of a record.
    """
    if first[0] & 0x80 and first[2] == _SERVER_HELLO and first[5:7] == b"\x00\x02":
        hs.refuse(Fault.V23_SERVER_UNSUPPORTED)
    kind, major, minor = first[0], first[1], first[2]
    hello = kind == ContentType.HANDSHAKE and first[5] == HandshakeType.SERVER_HELLO
    alert = kind == ContentType.ALERT and first[3:5] == b"\x00\x02"
    if major != _MAJOR or not (hello or alert):
        hs.refuse(Fault.V23_SERVER_UNKNOWN)
    version = major << 8 | minor
    if version not in hs.config.versions:
        hs.refuse(Fault.V23_SERVER_UNSUPPORTED)
    hs.version = version
    if alert and first[5] != AlertLevel.WARNING:
        raise hs.failure(Fault.V23_SERVER_ALERT, reason=1000 + first[6])


# -- the server


def choose_by_client(hs: Handshake, first: bytes) -> int:  # noqa: RET503 - refuse() does not return
    """ssl23_get_client_hello(): set the version by the first eleven bytes that a client sent.

    0: the bytes begin an ordinary record, which is read next.  Otherwise the length of a hello in SSLv2's
    format, its two bytes of length included: the whole goes to process_v2_client_hello().
    """
    if first[0] & 0x80 and first[2] == _CLIENT_HELLO:
        return _choose_for_sslv2_format(hs, first)
    is_hello = first[0] == ContentType.HANDSHAKE and first[1] == _MAJOR
    tiny = first[3] == 0 and first[4] < _SMALLEST_RECORD
    if is_hello and first[5] == HandshakeType.CLIENT_HELLO and (tiny or first[9] >= first[1]):
        if tiny:
            hs.refuse(Fault.V23_CLIENT_TOO_SMALL)
        _choose_for_record(hs, first[9] << 8 | first[10])
        return 0
    if first.startswith(_HTTP_METHODS):
        hs.refuse(Fault.V23_CLIENT_HTTP)
    if first.startswith(_HTTP_CONNECT):
        hs.refuse(Fault.V23_CLIENT_PROXY)
    hs.refuse(Fault.V23_CLIENT_UNKNOWN)


def _choose_for_record(hs: Handshake, requested: int) -> None:
    versions = hs.config.versions
    usable = [version for version in versions if version <= requested]
    if not usable and requested >= SSL3_VERSION and TLS1_VERSION in versions:
        usable = [TLS1_VERSION]  # TLS 1.0 will refuse the hello, but with an alert
    if not usable:
        hs.refuse(Fault.V23_CLIENT_UNKNOWN)
    hs.version = usable[-1]


def _choose_for_sslv2_format(hs: Handshake, first: bytes) -> int:
    requested = first[3] << 8 | first[4]
    if requested >> 8 != _MAJOR:
        unsupported = requested == SSL2_VERSION
        hs.refuse(Fault.V23_CLIENT_UNSUPPORTED if unsupported else Fault.V23_CLIENT_UNKNOWN)
    usable = [version for version in hs.config.versions if version <= requested]
    if not usable:
        hs.refuse(Fault.V23_CLIENT_UNKNOWN)
    length = (first[0] & 0x7F) << 8 | first[1]
    if length > _LONGEST:
        hs.refuse(Fault.V23_CLIENT_TOO_LARGE)
    if length < _SHORTEST:
        hs.refuse(Fault.V23_CLIENT_LENGTH)
    hs.version = usable[-1]
    return length + SSLV2_HEADER_LENGTH
