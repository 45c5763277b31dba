"""The hellos taken apart: ClientHello in TLS's format and in SSLv2's, ServerHello, HelloRetryRequest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import ExtensionTail, VersionChoice
from emulator.constants import SSL3_RANDOM_SIZE, SSL3_VERSION, TLS1_2_VERSION, Option
from emulator.handshake.common.messages import ParseError, Reader, unpack16
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.hello.extensions import ExtensionType

if TYPE_CHECKING:
    from emulator.handshake.common.state import Handshake


_V2_SPEC_LENGTH = 3
_LENGTH_SIZE = 2
_BEHIND_A_MESSAGE = bytes(2 + SSL3_RANDOM_SIZE + 1 + 0xFF + 2)
"""BUF_MEM_grow() fills a handshake's buffer with zeros: enough of them for the fields up to the suites."""


class ClientHelloMessage(NamedTuple):
    """The fields of a ClientHello.

    ``suites`` are in the client's order, without SSLv2 kinds; ``suites_length`` is their length in bytes.
    """

    version: int
    random: bytes
    session_id: bytes
    suites_length: int
    suites: tuple[int, ...]
    compressions: bytes
    extensions: dict[int, bytes]


def hello_version(hs: Handshake, body: bytes) -> int:
    """Return the version of a ClientHello, which the releases up to 1.1.0 check ahead of the other fields."""
    head = Reader(_readable(hs, body), Fault.CLIENT_HELLO_SHORT)
    if hs.checks(Fault.CLIENT_HELLO_VERSION_SHORT):
        return head.number(2, Fault.CLIENT_HELLO_VERSION_SHORT)
    # ``if (n < 2 + SSL3_RANDOM_SIZE + 1)`` from 0.9.8zg, 1.0.0s, 1.0.1n and 1.0.2b, up to 1.0.2.
    return int.from_bytes(head.take(2 + SSL3_RANDOM_SIZE + 1)[:2], "big")


def read_client_hello(hs: Handshake, body: bytes) -> ClientHelloMessage:
    """Take apart a ClientHello message, and refuse it if its form is wrong for this release."""
    version = hello_version(hs, body)
    head = Reader(_readable(hs, body), Fault.CLIENT_HELLO_SHORT)
    random = head.take(2 + SSL3_RANDOM_SIZE)[2:]
    session_id_length = head.number(1)
    session_id = head.take(session_id_length, Fault.CLIENT_HELLO_SESSION_ID_SHORT)
    if session_id_length > SESSION_ID_LENGTH:
        hs.refuse(Fault.CLIENT_HELLO_SESSION_ID_LONG)
    if _searches_ticket(hs, version):
        _skip_lists(body[head.position :])
    length = head.number(2, Fault.CLIENT_HELLO_CIPHERS_SHORT)
    reader = Reader(body[head.position :])
    suites = unpack16(reader.take(length, Fault.CLIENT_HELLO_CIPHERS_LENGTH))
    # From 1.1.1 ssl_cache_cipherlist() follows the choice of the version.
    if hs.rules.version_choice is not VersionChoice.MESSAGE:
        check_suites(hs, length, session_id)
    compressions = reader.vector(1, Fault.CLIENT_HELLO_COMPRESSION_LENGTH)
    extensions = _read_extensions(hs, reader)
    return ClientHelloMessage(version, random, session_id, length, suites, compressions, extensions)


def check_suites(hs: Handshake, length: int, session_id: bytes) -> None:
    """Refuse a list of cipher suites that is empty or has half a suite; ``length`` is in bytes."""
    # ``if ((i == 0) && (j != 0))`` up to 1.0.1m and 1.0.2a, ``if (i == 0)`` from 1.0.1n and 1.0.2b.
    if not length and (session_id or not hs.checks(Fault.CLIENT_HELLO_NO_CIPHERS_PASSED)):
        hs.refuse(Fault.CLIENT_HELLO_NO_CIPHERS)
    if length % 2:
        hs.refuse(Fault.CLIENT_HELLO_CIPHERS_ODD)


def _readable(hs: Handshake, body: bytes) -> bytes:
    """Return the message, and behind it the zeros in ``s->init_buf`` that releases without checks read."""
    return body if hs.checks(Fault.CLIENT_HELLO_SHORT) else body + _BEHIND_A_MESSAGE


def _searches_ticket(hs: Handshake, version: int) -> bool:
    """Whether tls1_process_ticket() skips over the lists first, as from 0.9.8j up to 1.0.2."""
    forbidden = hs.new_session and hs.config.options & Option.NO_SESSION_RESUMPTION_ON_RENEGOTIATION
    return (
        hs.checks(Fault.CLIENT_HELLO_TICKET_SEARCH)
        and version >= hs.version > SSL3_VERSION
        and not forbidden
        and not hs.config.options & Option.NO_TICKET
    )


def _skip_lists(rest: bytes) -> None:
    reader = Reader(rest, Fault.CLIENT_HELLO_TICKET_SEARCH)
    reader.vector(2)
    reader.vector(1)


def _read_extensions(hs: Handshake, reader: Reader) -> dict[int, bytes]:
    # If a length does not fit, ssl_parse_clienthello_tlsext() goes to ri_check up to 1.0.1m and 1.0.2a, which
    # is no error, and to err from 1.0.1n and 1.0.2b.
    tail = hs.rules.client_extension_tail
    if tail is ExtensionTail.IGNORED:
        return _read_leniently(reader)
    found: dict[int, bytes] = {}
    if not reader.remaining:
        return found
    if tail is ExtensionTail.REFUSED_AT_THE_END:
        block = _rest_of_message(hs, reader)
    else:
        # ``if (data + len != limit) goto err;`` from 1.0.1q and 1.0.2e.
        block = Reader(reader.vector(2, Fault.CLIENT_EXTENSIONS_LENGTH), Fault.CLIENT_EXTENSIONS_TAIL)
        reader.finish(Fault.CLIENT_EXTENSIONS_LENGTH)
    while block.remaining:
        kind, data = block.number(2), block.vector(2)
        if kind in found:
            # tls1_check_duplicate_extensions(), from 1.1.0.
            hs.refuse_if_checked(Fault.CLIENT_EXTENSION_TWICE)
        if kind == ExtensionType.PRE_SHARED_KEY and block.remaining:
            hs.refuse_if_checked(Fault.CLIENT_PSK_NOT_LAST)
        found[kind] = data
    return found


def _rest_of_message(hs: Handshake, reader: Reader) -> Reader:
    """Return the bytes behind the length of all extensions, as 1.0.1n to 1.0.1p and 1.0.2b to 1.0.2d do.

    ``if (data >= (d + n - 2)) { if (data != d + n) goto err; ...``; ``if (data > (d + n - len)) goto err;``.
    """
    if reader.remaining <= _LENGTH_SIZE or reader.number(2) > reader.remaining:
        hs.refuse(Fault.CLIENT_EXTENSIONS_LENGTH)
    return Reader(reader.take(reader.remaining), Fault.CLIENT_EXTENSIONS_TAIL)


def _read_leniently(reader: Reader) -> dict[int, bytes]:
    """Return the extensions up to the first that is cut short, as the releases up to 1.0.1m and 1.0.2a do.

    ``if (data >= (d + n - 2)) goto ri_check;``; ``if (data > (d + n - len)) goto ri_check;``.
    """
    found: dict[int, bytes] = {}
    if reader.remaining <= _LENGTH_SIZE or reader.number(2) > reader.remaining:
        return found
    try:
        while reader.remaining:
            kind = reader.number(2)
            found[kind] = reader.vector(2)
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
        hs.refuse_if_checked(Fault.CLIENT_HELLO_V2_SESSION_ID)
    specs = reader.take(spec_length)
    reader.take(session_id_length)
    challenge = reader.take(challenge_length)
    reader.finish()
    kinds = (specs[at : at + _V2_SPEC_LENGTH] for at in range(0, len(specs) - 2, _V2_SPEC_LENGTH))
    suites = tuple(int.from_bytes(kind, "big") for kind in kinds if kind[0] == 0)
    if not suites:
        hs.refuse(Fault.CLIENT_HELLO_NO_CIPHERS)
    random = challenge[:SSL3_RANDOM_SIZE].rjust(SSL3_RANDOM_SIZE, b"\0")
    return ClientHelloMessage(version, random, b"", 2 * len(suites), suites, b"\0", {})


HELLO_RETRY_RANDOM: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random by which a ServerHello is a HelloRetryRequest (RFC 8446, section 4.1.3)."""


class ServerHelloMessage(NamedTuple):
    """The fields of a ServerHello or HelloRetryRequest; ``extensions`` is the block without its length."""

    version: int
    random: bytes
    session_id: bytes
    suite_id: int
    compression: int
    extensions: bytes

    @property
    def is_hello_retry(self) -> bool:
        """Whether the random is that of a HelloRetryRequest."""
        return self.version == TLS1_2_VERSION and self.random == HELLO_RETRY_RANDOM


def read_server_hello(hs: Handshake, body: bytes) -> ServerHelloMessage:
    """Take a ServerHello or HelloRetryRequest apart (the beginning of tls_process_server_hello())."""
    reader = Reader(body, Fault.SERVER_HELLO_LENGTH)
    version, random = reader.number(2), reader.take(SSL3_RANDOM_SIZE)
    session_id = reader.vector(1)
    if len(session_id) > SESSION_ID_LENGTH:
        hs.refuse(Fault.SERVER_HELLO_SESSION_ID)
    suite_id, compression = reader.number(2), reader.number(1)
    retry = version == TLS1_2_VERSION and random == HELLO_RETRY_RANDOM
    block = b""
    if reader.remaining or retry:
        block = reader.vector(2, Fault.SERVER_EXTENSIONS_LENGTH)
        reader.finish(Fault.SERVER_EXTENSIONS_LENGTH)
    return ServerHelloMessage(version, random, session_id, suite_id, compression, block)
