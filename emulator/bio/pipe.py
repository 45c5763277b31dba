"""A bounded pipe with two ends, which joins the two connections of a pair.

Non-blocking ends return -1 with the retry flag instead of waiting.  Blocking ends wait for each other, each
on its own thread, and raise Deadlock if no thread is left that could wake them.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from emulator.api.arguments import c_size
from emulator.bio.base import BIO, bytes_of
from emulator.bio.stream import Stream
from emulator.exceptions import Deadlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio.base import Data


class PipeStream(Stream):
    """One direction of the pipe; with ``at_once`` bytes arrive at once, and take room until they are read."""

    __slots__ = ("at_once",)

    def __init__(self, capacity: int | None, *, at_once: bool) -> None:
        super().__init__(capacity)
        self.at_once = at_once

    def room(self) -> int | None:
        """The number of bytes that the writer may send now; None: any number."""
        if self.capacity is None or not self.at_once:
            return super().room()
        return max(0, self.capacity - len(self.sent) - len(self.arrived))

    def accept(self, data: Data) -> int:
        """Accept the bytes that fit, and return their number."""
        room = self.room()
        taken = len(data) if room is None else min(room, len(data))
        (self.arrived if self.at_once else self.sent).extend(memoryview(data)[:taken])
        return taken


class Rendezvous:
    """The meeting point of two blocking ends: which of them waits, to read or to write."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        """The seconds after which an end gives up if no other thread has done anything."""
        self._condition = threading.Condition()
        self._waiting: dict[str, str] = {}
        self._verdict = ""  # the message of the first end that gave up, which the other end raises too

    def wake(self) -> None:
        """Let both ends check again whether they can go on, since the pipe has changed."""
        with self._condition:
            self._condition.notify_all()

    def wait(self, who: str, what: str, ready: PipeEnd) -> None:
        """Wait until ``ready`` can go on; Deadlock if it never will."""
        with self._condition:
            self._waiting[who] = what
            try:
                self._wait(ready)
            finally:
                del self._waiting[who]
                if not self._waiting:
                    self._verdict = ""

    def _wait(self, ready: PipeEnd) -> None:
        deadline = time.monotonic() + self.timeout
        self._condition.notify_all()
        while not ready.ready():
            alone = threading.active_count() == 1
            left = deadline - time.monotonic()
            stuck = len(self._waiting) == 2 and not ready.peer_ready()
            if self._verdict or alone or stuck or left <= 0:
                self._verdict = self._verdict or self._explain(alone=alone, stuck=stuck)
                self._condition.notify_all()
                raise Deadlock(self._verdict)
            self._condition.wait(left)

    def _explain(self, *, alone: bool, stuck: bool) -> str:
        waits = "; ".join(f"the {side} waits to {what}" for side, what in sorted(self._waiting.items()))
        if alone:
            return f"{waits}, and there is no other thread that could serve the other end"
        if stuck:
            return f"{waits}: neither can go on"
        return f"{waits}, and no other thread served the other end within {self.timeout} s"


class PipeEnd(BIO):
    """One end of the pipe; ``who`` is its name in the message of a Deadlock.

    ``on_accept`` is called with all bytes that the pipe accepts from this end.
    """

    __slots__ = ("_wants", "blocking", "incoming", "meeting", "on_accept", "outgoing", "peer", "who")

    def __init__(self, who: str, outgoing: PipeStream, incoming: PipeStream, meeting: Rendezvous) -> None:
        super().__init__()
        self.who = who
        self.outgoing = outgoing
        self.incoming = incoming
        self.meeting = meeting
        self.blocking = False
        self.peer: PipeEnd | None = None
        self._wants = ""
        self.on_accept: Callable[[Data], None] | None = None

    def ready(self) -> bool:
        """Whether this end can go on: bytes have arrived, or there is room."""
        if self._wants == "read":
            return bool(self.incoming.arrived) or self.incoming.ended
        return self.outgoing.room() != 0

    def peer_ready(self) -> bool:
        """Whether the other end, which waits too, can go on."""
        return self.peer is not None and self.peer.ready()

    def write(self, data: Data) -> int:
        """BIO_write(): accepts the bytes that fit; a full pipe waits, or returns -1 with a retry."""
        if type(data) is not bytes:
            data = bytes_of(data)
        self.clear_retry_flags()
        taken = self.outgoing.accept(data)
        while not taken and len(data) and self.blocking:
            self._wait("write")
            taken = self.outgoing.accept(data)
        if not taken and len(data):
            self.set_retry_write()
            return -1
        if self.on_accept is not None:
            self.on_accept(memoryview(data)[:taken])
        self.meeting.wake()
        return taken

    def read(self, n: int) -> bytes:
        """BIO_read(): bytes that have arrived, 0 at the end; if empty, waits or returns -1 with a retry."""
        if type(n) is not int or n < 0:
            n = c_size("n", n)
        self.clear_retry_flags()
        while not self.incoming.arrived and not self.incoming.ended and self.blocking:
            self._wait("read")
        data = self.incoming.take(n)
        if data:
            self.meeting.wake()
            return data
        self.ret = 0 if self.incoming.ended else -1
        if self.ret:
            self.set_retry_read()
        return b""

    def _wait(self, what: str) -> None:
        self._wants = what
        self.meeting.wait(self.who, what, self)

    def blocks(self) -> bool:
        """Whether a call waits for the other end."""
        return self.blocking

    def look(self, n: int) -> bytes:
        """Return up to ``n`` bytes that have arrived, without removing them."""
        arrived = self.incoming.arrived
        if not arrived:
            return b""
        return bytes(arrived[: c_size("n", n)])

    def inbox(self) -> object:
        """Return the bytes that have arrived."""
        return self.incoming.arrived

    def eof(self) -> bool:
        """BIO_eof(): whether the other end is closed and all bytes were read."""
        return self.incoming.ended and not self.incoming.arrived

    def pending(self) -> int:
        """BIO_pending()."""
        return len(self.incoming.arrived)

    def close(self) -> None:
        """End this direction: the other end reads 0 once it has read all bytes."""
        self.outgoing.ended = True
        self.meeting.wake()


def make_pipe(capacity: int | None, *, at_once: bool, timeout: float) -> tuple[PipeEnd, PipeEnd]:
    """Two connected ends, the client's and the server's; ``capacity`` in bytes per direction."""
    there, back = PipeStream(capacity, at_once=at_once), PipeStream(capacity, at_once=at_once)
    meeting = Rendezvous(timeout)
    client, server = PipeEnd("client", there, back, meeting), PipeEnd("server", back, there, meeting)
    client.peer, server.peer = server, client
    return client, server
