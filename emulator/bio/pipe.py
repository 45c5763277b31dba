"""A bounded pipe with two ends: what connects the two connections of a pair.

Non-blocking ends answer -1 with the retry flag where they would have to wait.  Blocking ends wait for each
other, each on its own thread, and find out when nobody is left who could wake them.
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
    """One direction of the pipe; with ``at_once`` what is sent has arrived, and takes up room until read."""

    __slots__ = ("at_once",)

    def __init__(self, capacity: int | None, *, at_once: bool) -> None:
        super().__init__(capacity)
        self.at_once = at_once

    def room(self) -> int | None:
        """How many bytes the writer may send now; None: any number."""
        if self.capacity is None or not self.at_once:
            return super().room()
        return max(0, self.capacity - len(self.sent) - len(self.arrived))

    def accept(self, data: Data) -> int:
        """Take what there is room for; how much that was."""
        room = self.room()
        taken = len(data) if room is None else min(room, len(data))
        (self.arrived if self.at_once else self.sent).extend(memoryview(data)[:taken])
        return taken


class Rendezvous:
    """Where two blocking ends wait for each other; knows which of them waits, and for what."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        """Seconds that one end waits for another thread to do something before it gives up."""
        self._condition = threading.Condition()
        self._waiting: dict[str, str] = {}
        self._verdict = ""  # what the first end to give up said, for the other one to say as well

    def wake(self) -> None:
        """Something has changed: let both ends look again."""
        with self._condition:
            self._condition.notify_all()

    def wait(self, who: str, what: str, ready: PipeEnd) -> None:
        """Wait until ``ready`` may go on; Deadlock if that will never be."""
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
            return f"{waits}, and there is no other thread that could help"
        if stuck:
            return f"{waits}: neither can go on"
        return f"{waits}, and no other thread came to help within {self.timeout} s"


class PipeEnd(BIO):
    """One end of the pipe; ``who`` names it in a Deadlock.

    ``on_accept`` is shown every piece of bytes that the pipe accepted from this end.
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
        """Whether what this end waits for is there."""
        if self._wants == "read":
            return bool(self.incoming.arrived) or self.incoming.ended
        return self.outgoing.room() != 0

    def peer_ready(self) -> bool:
        """Whether the other end, which waits as well, could go on."""
        return self.peer is not None and self.peer.ready()

    def write(self, data: Data) -> int:
        """BIO_write(): accepts what there is room for; full: -1 and retry, or waits."""
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
        """BIO_read(): what has arrived; empty: -1 and retry, or waits; 0 after the end."""
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
        """Up to ``n`` bytes of what has arrived, which stay."""
        return bytes(self.incoming.arrived[: c_size("n", n)])

    def eof(self) -> bool:
        """BIO_eof(): the other end is closed and everything was read."""
        return self.incoming.ended and not self.incoming.arrived

    def pending(self) -> int:
        """BIO_pending()."""
        return len(self.incoming.arrived)

    def close(self) -> None:
        """No more comes from here: the other end reads 0 once it has read everything."""
        self.outgoing.ended = True
        self.meeting.wake()


def make_pipe(capacity: int | None, *, at_once: bool, timeout: float) -> tuple[PipeEnd, PipeEnd]:
    """Two connected ends, the client's and the server's; ``capacity`` in bytes per direction."""
    there, back = PipeStream(capacity, at_once=at_once), PipeStream(capacity, at_once=at_once)
    meeting = Rendezvous(timeout)
    client, server = PipeEnd("client", there, back, meeting), PipeEnd("server", back, there, meeting)
    client.peer, server.peer = server, client
    return client, server
