"""The messages in which an extension may stand, and the parsing of a message's extensions (extensions.c)."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Final

from emulator.behaviours.faults import Fault
from emulator.handshake.common.messages import Reader
from emulator.handshake.hello.extensions import ExtensionType

if TYPE_CHECKING:
    from collections.abc import Collection

    from emulator.handshake.common.state import Handshake


class ExtensionContext(IntFlag):
    """``SSL_EXT_*``: the messages that have extensions."""

    CLIENT_HELLO = 0x0080
    TLS1_2_SERVER_HELLO = 0x0100
    TLS1_3_SERVER_HELLO = 0x0200
    ENCRYPTED_EXTENSIONS = 0x0400
    HELLO_RETRY_REQUEST = 0x0800
    CERTIFICATE = 0x1000
    NEW_SESSION_TICKET = 0x2000
    CERTIFICATE_REQUEST = 0x4000


_CLIENT = ExtensionContext.CLIENT_HELLO
_TO_TLS1_2 = _CLIENT | ExtensionContext.TLS1_2_SERVER_HELLO
_ENCRYPTED = _TO_TLS1_2 | ExtensionContext.ENCRYPTED_EXTENSIONS
_CERTIFICATE = _TO_TLS1_2 | ExtensionContext.CERTIFICATE | ExtensionContext.CERTIFICATE_REQUEST
_REQUEST = _CLIENT | ExtensionContext.CERTIFICATE_REQUEST
_HELLOS = _CLIENT | ExtensionContext.TLS1_3_SERVER_HELLO
_ALL_HELLOS = _HELLOS | ExtensionContext.HELLO_RETRY_REQUEST

_MAX_FRAGMENT_LENGTH = 1
_SRP = 12
_USE_SRTP = 14
_SIGNED_CERTIFICATE_TIMESTAMP = 18
_NEXT_PROTO_NEG = 13172
_CRYPTOPRO_BUG = 0xFDE8

CONTEXTS: Final[dict[int, ExtensionContext]] = {
    ExtensionType.RENEGOTIATION_INFO: _TO_TLS1_2,
    ExtensionType.SERVER_NAME: _ENCRYPTED,
    _MAX_FRAGMENT_LENGTH: _ENCRYPTED,
    _SRP: _CLIENT,
    ExtensionType.EC_POINT_FORMATS: _TO_TLS1_2,
    ExtensionType.SUPPORTED_GROUPS: _ENCRYPTED,
    ExtensionType.SESSION_TICKET: _TO_TLS1_2,
    ExtensionType.STATUS_REQUEST: _CERTIFICATE,
    _NEXT_PROTO_NEG: _TO_TLS1_2,
    ExtensionType.APPLICATION_PROTOCOLS: _ENCRYPTED,
    _USE_SRTP: ExtensionContext(0),
    ExtensionType.ENCRYPT_THEN_MAC: _TO_TLS1_2,
    _SIGNED_CERTIFICATE_TIMESTAMP: _CERTIFICATE,
    ExtensionType.EXTENDED_MASTER_SECRET: _TO_TLS1_2,
    ExtensionType.SIGNATURE_ALGORITHMS_CERT: _REQUEST,
    ExtensionType.POST_HANDSHAKE_AUTH: _CLIENT,
    ExtensionType.SIGNATURE_ALGORITHMS: _REQUEST,
    ExtensionType.SUPPORTED_VERSIONS: _ALL_HELLOS,
    ExtensionType.PSK_KEY_EXCHANGE_MODES: _CLIENT,
    ExtensionType.KEY_SHARE: _ALL_HELLOS,
    ExtensionType.COOKIE: _CLIENT | ExtensionContext.HELLO_RETRY_REQUEST,
    _CRYPTOPRO_BUG: _TO_TLS1_2,
    ExtensionType.EARLY_DATA: _CLIENT
    | ExtensionContext.ENCRYPTED_EXTENSIONS
    | ExtensionContext.NEW_SESSION_TICKET,
    ExtensionType.CERTIFICATE_AUTHORITIES: _REQUEST,
    ExtensionType.PADDING: _CLIENT,
    ExtensionType.PRE_SHARED_KEY: _HELLOS,
}
"""ext_defs[] of 1.1.1: the messages in which each extension may stand; unknown ones may stand anywhere."""

_UNASKED = frozenset({ExtensionType.COOKIE, ExtensionType.RENEGOTIATION_INFO, _SIGNED_CERTIFICATE_TIMESTAMP})
_REQUESTS = (
    ExtensionContext.CLIENT_HELLO | ExtensionContext.CERTIFICATE_REQUEST | ExtensionContext.NEW_SESSION_TICKET
)


def collect_extensions(
    hs: Handshake, block: bytes, context: ExtensionContext, asked: Collection[int] = ()
) -> dict[int, bytes]:
    """Return the extensions of a message by their types (tls_collect_extensions()).

    ``block`` is without its length.  ``asked`` are the types in the message to which this one is the answer,
    which may have no others.
    """
    reader = Reader(block, Fault.SERVER_EXTENSIONS_TAIL)
    answer = not context & _REQUESTS
    found: dict[int, bytes] = {}
    while reader.remaining:
        kind, data = reader.number(2), reader.vector(2)
        allowed = CONTEXTS.get(kind)
        if allowed is None:
            continue
        if not allowed & context or kind in found:
            hs.refuse(Fault.SERVER_EXTENSION_TWICE)
        if answer and kind not in asked and kind not in _UNASKED:
            hs.refuse(Fault.SERVER_EXTENSION_UNSOLICITED)
        found[kind] = data
    return found


def check_contexts(
    hs: Handshake, extensions: Collection[int], context: ExtensionContext, fault: Fault
) -> None:
    """Refuse extensions that may not stand in this message (tls_validate_all_contexts())."""
    if any(not CONTEXTS[kind] & context for kind in extensions):
        hs.refuse(fault)
