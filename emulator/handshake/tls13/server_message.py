"""A ServerHello or HelloRetryRequest taken apart: its fields, before anyone asks what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emulator.behaviours.faults import Fault
from emulator.constants import SSL3_RANDOM_SIZE, TLS1_2_VERSION
from emulator.handshake.reader import Reader
from emulator.handshake.session import SESSION_ID_LENGTH

if TYPE_CHECKING:
    from emulator.handshake.state import Handshake

HELLO_RETRY_RANDOM: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random by which a ServerHello is a HelloRetryRequest (RFC 8446, section 4.1.3)."""


class ServerHelloMessage(NamedTuple):
    """What a ServerHello says; ``extensions`` is the block without its length."""

    version: int
    random: bytes
    session_id: bytes
    suite_id: int
    compression: int
    extensions: bytes

    @property
    def is_hello_retry(self) -> bool:
        """Whether it is a HelloRetryRequest."""
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
