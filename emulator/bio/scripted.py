"""A transport that a script controls, with every answer that a BIO can give.

Each direction has a queue ``sent``, a queue ``arrived``, a capacity and a plan of answers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal

from emulator.api.arguments import c_size
from emulator.bio.base import BIO, RETRY_READ, RETRY_WRITE, Data, bytes_of
from emulator.bio.stream import Stream

PlanEntry = int | str | Mapping[str, int]
"""How to answer a write: k (accept at most k bytes), "retry", "zero", "zero-retry", "fail", {"errno": e}."""

Wait = Callable[["ScriptedBIO", Literal["read", "write"]], None]
"""Called where a blocking transport would block; it returns when the transport may have changed."""


class Direction(Stream):
    """One direction of a scripted transport; ``plan`` has the answers to the next writes."""

    __slots__ = ("plan",)

    def __init__(self, capacity: int | None = None) -> None:
        super().__init__(capacity)
        self.plan: deque[PlanEntry] = deque()


class ScriptedBIO(BIO):
    """One side's BIO over two :class:`Direction` objects.

    ``wait`` makes it a blocking transport.  ``read_errno`` is the errno of reads when no bytes have arrived.
    ``on_accept`` is called with all bytes that the transport accepts.
    """

    __slots__ = ("incoming", "on_accept", "outgoing", "read_errno", "wait")

    def __init__(self, outgoing: Direction, incoming: Direction, wait: Wait | None = None) -> None:
        super().__init__()
        self.outgoing = outgoing
        self.incoming = incoming
        self.wait = wait
        self.read_errno = 0
        self.on_accept: Callable[[Data], None] | None = None

    def write(self, data: Data) -> int:
        """Give the next answer of the plan; without one, accept the bytes that fit."""
        if type(data) is not bytes:
            data = bytes_of(data)
        self.flags = 0
        self.errno = 0
        while True:
            out = self.outgoing
            if out.plan:
                return self._planned(out.plan.popleft(), data)
            if out.capacity is None:
                return self._accept(data, len(data))
            room = out.capacity - len(out.sent)
            if room > 0:
                return self._accept(data, min(len(data), room))
            if self.wait is None:
                self.flags = RETRY_WRITE
                return -1
            self.wait(self, "write")

    def _planned(self, answer: PlanEntry, data: Data) -> int:
        if isinstance(answer, int):
            return self._accept(data, min(len(data), answer))
        if isinstance(answer, Mapping):
            self.errno = answer["errno"]
            return -1
        if answer.endswith("retry"):
            self.flags = RETRY_WRITE
        return 0 if answer.startswith("zero") else -1

    def _accept(self, data: Data, n: int) -> int:
        piece = data if n == len(data) else memoryview(data)[:n]
        self.outgoing.sent += piece
        if self.on_accept is not None:
            self.on_accept(piece)
        return n

    def read(self, n: int) -> bytes:
        """Return bytes that have arrived; else 0 at the end, -1 with ``read_errno``, or -1 with a retry."""
        if type(n) is not int or n < 0:
            n = c_size("n", n)
        self.flags = 0
        self.errno = 0
        while True:
            if self.incoming.arrived:
                out = self.incoming.take(n)
                self.ret = len(out)
                return out
            if self.incoming.ended or self.read_errno or self.wait is None:
                return self._nothing()
            self.wait(self, "read")

    def _nothing(self) -> bytes:
        if self.incoming.ended:
            self.ret = 0
            return b""
        self.ret = -1
        if self.read_errno:
            self.errno = self.read_errno
        else:
            self.flags = RETRY_READ
        return b""

    def eof(self) -> bool:
        """BIO_eof(): whether the direction has ended and all bytes were read."""
        return self.incoming.ended and not self.incoming.arrived

    def pending(self) -> int:
        """BIO_pending(): 0, as for all controls other than flush and eof."""
        return 0

    def blocks(self) -> bool:
        """Whether reads and writes wait: whether ``wait`` is set."""
        return self.wait is not None

    def look(self, n: int) -> bytes:
        """Return up to ``n`` bytes that have arrived, without removing them."""
        arrived = self.incoming.arrived
        if not arrived:
            return b""
        return bytes(arrived[: c_size("n", n)])


def make_scripted_bio_pair(
    capacity: int | None = None, other_capacity: int | None = None
) -> tuple[ScriptedBIO, ScriptedBIO]:
    """Make two sides that are joined; ``capacity`` limits the direction from the first to the second."""
    there, back = Direction(capacity), Direction(other_capacity)
    return ScriptedBIO(there, back), ScriptedBIO(back, there)
