"""Transports that a connection has left: what nobody reads or sends any more.

A connection leaves its transport with SSL_set_bio() or with its end.  The bytes are not lost for good while
the caller still has the transport: every look says how things are now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.bio import BufferBIO, MemoryBIO, PairBIO, ScriptedBIO
from emulator.bio.pipe import PipeEnd
from emulator.constants import SSL3_RT_HEADER_LENGTH
from emulator.contract.holding import behind_buffer, transport_of, unopened, waiting
from emulator.contract.losses import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.bio import BIO
    from emulator.contract.call import Call
    from emulator.contract.losses import CallName, Record
    from emulator.engine.ssl import SSL

LEAVES = frozenset({"set_bio", "close"})
"""The calls that change the transport of a connection."""


class Left(NamedTuple):
    """A transport that was left, and the call that did so; ``closes``: the connection has ended."""

    bio: BIO | None
    step: CallName
    closes: bool


class Leaving:
    """The transports of one direction: where its sender writes, where its receiver reads."""

    def __init__(self, out: SSL, inp: SSL) -> None:
        self._out = out
        self._inp = inp
        self._sink = transport_of(behind_buffer(out))
        self._source = transport_of(inp.inp.rbio)
        self.by_sender: Left | None = None
        self.by_receiver: Left | None = None

    def sender_left(self, call: Call) -> None:
        """Look at where the sender writes, after one of the calls that change it."""
        now = transport_of(behind_buffer(self._out))
        self.by_sender = _after(self.by_sender, self._sink, now, call, _unflushed)
        self._sink = now

    def receiver_left(self, call: Call) -> None:
        """Look at where the receiver reads, after one of the calls that change it."""
        now = transport_of(self._inp.inp.rbio)
        self.by_receiver = _after(self.by_receiver, self._source, now, call, _unread)
        self._source = now

    def unread(self) -> int:
        """Return the bytes in the transport that the receiver has left; 0 where it may get them all the same.

        That may be so where its new transport is the caller's own, or a memory BIO that the caller fills.
        """
        left, now = self.by_receiver, self._source
        if left is None or unopened(self._inp) > SSL3_RT_HEADER_LENGTH:  # it may have a whole record
            return 0
        return _unread(left.bio) if now is None or isinstance(now, PipeEnd | PairBIO | ScriptedBIO) else 0

    def unsent_from(self, records: Iterable[Record], accepted: int) -> int | None:
        """Return the first position whose record lies, in part, in a buffer that was left unflushed.

        ``records`` begin with the newest one.
        """
        left = self.by_sender
        if left is None or waiting(self._out):
            return None
        at, rest = None, _unflushed(left.bio)
        for record in records:
            if rest <= 0:
                break
            rest -= SSL3_RT_HEADER_LENGTH + record.length
            if record.size and record.end <= accepted:
                at = record.end - record.size
        return at


def _after(
    before: Left | None, old: BIO | None, now: BIO | None, call: Call, held: Callable[[BIO | None], int]
) -> Left | None:
    """What was left, after a call: nothing where the connection has its transport back.

    ``held`` tells the bytes in a transport that matter to this side.
    """
    closes = call.name == "close"
    if old is now:
        return before if before is not None or not closes else Left(None, name_of(call), closes)
    if before is not None and now is before.bio:
        return None
    if before is not None and held(before.bio):
        return before
    return Left(old, name_of(call), closes)


def _unread(bio: BIO | None) -> int:
    if isinstance(bio, PipeEnd | ScriptedBIO):
        return len(bio.incoming.sent) + len(bio.incoming.arrived)
    return bio.pending() if isinstance(bio, PairBIO | MemoryBIO) else 0


def _unflushed(bio: BIO | None) -> int:
    return bio.wpending() if isinstance(bio, BufferBIO) else 0
