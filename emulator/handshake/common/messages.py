"""Handshake messages as bytes (RFC 5246, section 4), and the two exceptions for those that are refused."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.behaviours.faults import Fault, FaultSpec


HANDSHAKE_HEADER_LENGTH = 4


class Reader:
    """A cursor over a message's body that never reads beyond it: raises ParseError instead.

    ``fault`` is that of the error, unless a call names another: releases have different errors for the
    different lengths of one message.
    """

    __slots__ = ("_data", "_end", "fault", "position")

    def __init__(self, data: bytes, fault: Fault | None = None) -> None:
        self._data = data
        self._end = len(data)
        self.fault = fault
        self.position = 0

    @property
    def remaining(self) -> int:
        """How many bytes were not taken yet."""
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
        """Raise ParseError if bytes are left."""
        if self.position != self._end:
            raise ParseError(fault or self.fault)


def vector(data: bytes, length_bytes: int) -> bytes:
    """``data`` behind its length."""
    return len(data).to_bytes(length_bytes, "big") + data


def handshake_message(message_type: int, body: bytes) -> bytes:
    """A whole handshake message: type, length in three bytes, body."""
    return bytes((message_type,)) + len(body).to_bytes(3, "big") + body


def pack16(numbers: Sequence[int]) -> bytes:
    """Numbers of two bytes each."""
    return struct.pack(f">{len(numbers)}H", *numbers)


def unpack16(data: bytes) -> tuple[int, ...]:
    """A list of two-byte numbers."""
    count = len(data) // 2
    return struct.unpack_from(f">{count}H", data)


class HandshakeFailure(Exception):  # noqa: N818 - a result of the emulated library, not an error of ours
    """A handshake message cannot be made or was refused: the errors of the release, and its alert.

    ``entries`` are the errors in the order in which they are pushed, each a function and a reason without
    their prefixes; a reason is an int where it has no name (1000 + alert).  ``alert`` is the
    description of the fatal alert, None where the release sends none.  ``ret`` is the return value of the C
    function, which is that of SSL_do_handshake() up to 1.0.2.
    """

    def __init__(self, spec: FaultSpec, *, reason: int | None = None, ret: int = -1) -> None:
        self.entries: tuple[tuple[str, str | int], ...] = spec.entries
        if reason is not None:
            self.entries = (*spec.entries[:-1], (spec.entries[-1][0], reason))
        self.alert = spec.alert
        self.ret = ret
        super().__init__(", ".join(f"{function}:{why}" for function, why in self.entries))

    @property
    def function(self) -> str:
        """The function of the last error, an empty string for a failure without errors."""
        return self.entries[-1][0] if self.entries else ""

    @property
    def reason(self) -> str | int:
        """The reason of the last error, an empty string for a failure without errors."""
        return self.entries[-1][1] if self.entries else ""


class ParseError(Exception):
    """A message is shorter or longer than its lengths say; ``fault`` names the error of the release."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault
        super().__init__(fault)
