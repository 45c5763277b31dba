"""Reading and writing the vectors that handshake messages are made of (RFC 5246, section 4)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from emulator.handshake.failure import ParseError

if TYPE_CHECKING:
    from emulator.behaviours.faults import Fault

HANDSHAKE_HEADER_LENGTH = 4


class Reader:
    """A cursor over a message's body that never reads beyond it: raises ParseError instead.

    ``fault`` is what the error says, unless a call names another: releases complain about different
    lengths of one message in different words.
    """

    __slots__ = ("_data", "_end", "fault", "position")

    def __init__(self, data: bytes, fault: Fault | None = None) -> None:
        self._data = data
        self._end = len(data)
        self.fault = fault
        self.position = 0

    @property
    def remaining(self) -> int:
        """How many bytes are left."""
        return self._end - self.position

    def take(self, length: int, fault: Fault | None = None) -> bytes:
        """The next ``length`` bytes."""
        start = self.position
        stop = start + length
        if stop > self._end:
            raise ParseError(fault or self.fault)
        self.position = stop
        return self._data[start:stop]

    def number(self, length: int, fault: Fault | None = None) -> int:
        """The next ``length`` bytes as a number."""
        return int.from_bytes(self.take(length, fault), "big")

    def vector(self, length_bytes: int, fault: Fault | None = None) -> bytes:
        """A vector whose length takes ``length_bytes``."""
        return self.take(self.number(length_bytes, fault), fault)

    def finish(self, fault: Fault | None = None) -> None:
        """Complain about bytes that are left."""
        if self.position != self._end:
            raise ParseError(fault or self.fault)


def vector(data: bytes, length_bytes: int) -> bytes:
    """``data`` behind its length."""
    return len(data).to_bytes(length_bytes, "big") + data


def handshake_message(message_type: int, body: bytes) -> bytes:
    """A whole handshake message: type, length in three bytes, body."""
    return bytes((message_type,)) + len(body).to_bytes(3, "big") + body


def numbers16(data: bytes) -> tuple[int, ...]:
    """A list of two-byte numbers."""
    count = len(data) // 2
    return struct.unpack_from(f">{count}H", data)
