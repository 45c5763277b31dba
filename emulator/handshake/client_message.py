"""A ClientHello taken apart, in TLS's format and in SSLv2's (RFC 5246, section 7.4.1.2 and appendix E.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import ExtensionTail
from emulator.constants import SSL3_RANDOM_SIZE, SSL3_VERSION, Option
from emulator.handshake.extensions import ExtensionType
from emulator.handshake.failure import ParseError
from emulator.handshake.reader import Reader, numbers16
from emulator.handshake.session import SESSION_ID_LENGTH

if TYPE_CHECKING:
    from emulator.handshake.state import Handshake

_V2_SPEC_LENGTH = 3
_NO_EXTENSIONS_BELOW = 2


@dataclass(slots=True)
class ClientHelloMessage:
    """What a ClientHello says.  ``suites`` are in the client's order; SSLv2 kinds are left out."""

    version: int
    random: bytes = b""
    session_id: bytes = b""
    suites: tuple[int, ...] = ()
    compressions: bytes = b""
    extensions: dict[int, bytes] = field(default_factory=dict)


def read_client_hello(hs: Handshake, body: bytes) -> ClientHelloMessage:
    """Take apart a ClientHello message, refusing what this release refuses for its form alone."""
    reader = Reader(body, Fault.CLIENT_HELLO_SHORT)
    version, random = reader.number(2), reader.take(SSL3_RANDOM_SIZE)
    session_id_length = reader.number(1)
    session_id = reader.take(session_id_length, Fault.CLIENT_HELLO_SESSION_ID_SHORT)
    if session_id_length > SESSION_ID_LENGTH:
        hs.refuse(Fault.CLIENT_HELLO_SESSION_ID_LONG)
    if _searches_ticket(hs, version):
        _skip_lists(body[reader.position :])
    length = reader.number(2, Fault.CLIENT_HELLO_CIPHERS_SHORT)
    if not length and (session_id_length == 0 or hs.looks_at(Fault.CLIENT_HELLO_CIPHERS_SHORT)):
        hs.refuse(Fault.CLIENT_HELLO_NO_CIPHERS)
    ciphers = reader.take(length, Fault.CLIENT_HELLO_CIPHERS_LENGTH)
    if length % 2:
        hs.refuse(Fault.CLIENT_HELLO_CIPHERS_ODD)
    compressions = reader.vector(1, Fault.CLIENT_HELLO_COMPRESSION_LENGTH)
    hello = ClientHelloMessage(version, random, session_id, numbers16(ciphers), compressions)
    hello.extensions = _read_extensions(hs, reader)
    return hello


def _searches_ticket(hs: Handshake, version: int) -> bool:
    """Whether tls1_process_ticket() goes through the hello before its lists are looked at."""
    forbidden = hs.new_session and hs.config.options & Option.NO_SESSION_RESUMPTION_ON_RENEGOTIATION
    return (
        hs.looks_at(Fault.CLIENT_HELLO_TICKET_SEARCH)
        and version >= hs.version > SSL3_VERSION
        and not forbidden
        and not hs.config.options & Option.NO_TICKET
    )


def _skip_lists(rest: bytes) -> None:
    reader = Reader(rest, Fault.CLIENT_HELLO_TICKET_SEARCH)
    reader.vector(2)
    reader.vector(1)


def _read_extensions(hs: Handshake, reader: Reader) -> dict[int, bytes]:
    if hs.section.client_extension_tail is ExtensionTail.IGNORED:
        return _read_leniently(reader)
    found: dict[int, bytes] = {}
    if not reader.remaining:
        return found
    block = Reader(reader.vector(2, Fault.CLIENT_EXTENSIONS_LENGTH), Fault.CLIENT_EXTENSIONS_TAIL)
    reader.finish(Fault.CLIENT_EXTENSIONS_LENGTH)
    while block.remaining:
        kind, data = block.number(2), block.vector(2)
        if kind in found:
            hs.refuse_if_known(Fault.CLIENT_EXTENSION_TWICE)
        if kind == ExtensionType.PRE_SHARED_KEY and block.remaining:
            hs.refuse_if_known(Fault.CLIENT_PSK_NOT_LAST)
        found[kind] = data
    return found


def _read_leniently(reader: Reader) -> dict[int, bytes]:
    """The extensions up to the first that doesn't fit; what follows was never looked at."""
    found: dict[int, bytes] = {}
    try:
        if reader.remaining > _NO_EXTENSIONS_BELOW:
            block = Reader(reader.vector(2))
            while block.remaining:
                kind = block.number(2)
                found[kind] = block.vector(2)
    except ParseError:
        pass
    return found


def read_v2_client_hello(hs: Handshake, body: bytes) -> ClientHelloMessage:
    """Take apart the body of a record in SSLv2's format (without its two bytes of length)."""
    reader = Reader(body, Fault.CLIENT_HELLO_V2_LENGTH)
    reader.take(1)
    version = reader.number(2)
    spec_length, session_id_length, challenge_length = (reader.number(2) for _ in range(3))
    if session_id_length > SESSION_ID_LENGTH:
        hs.refuse_if_known(Fault.CLIENT_HELLO_V2_SESSION_ID)
    specs = reader.take(spec_length)
    reader.take(session_id_length)
    challenge = reader.take(challenge_length)
    reader.finish()
    kinds = (specs[at : at + _V2_SPEC_LENGTH] for at in range(0, len(specs) - 2, _V2_SPEC_LENGTH))
    suites = tuple(int.from_bytes(kind, "big") for kind in kinds if kind[0] == 0)
    if not suites:
        hs.refuse(Fault.CLIENT_HELLO_NO_CIPHERS)
    random = challenge[:SSL3_RANDOM_SIZE].rjust(SSL3_RANDOM_SIZE, b"\0")
    return ClientHelloMessage(version, random, b"", suites, b"\0")
