"""A socket that can be told to dribble, pause, stop reading and end, under either kind of connection.

The socket itself never blocks.  For a connection that does, the calls wait here, where events of the
transport can happen meanwhile and a server that is being stopped can end them.
"""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import struct
import time
from typing import TYPE_CHECKING

from emulator.bio.base import RETRY_READ, RETRY_WRITE, Data
from emulator.bio.socket import SocketBIO
from emulator.constants import SSL3_RT_HEADER_LENGTH as HEADER

if TYPE_CHECKING:
    from collections.abc import Callable

FAREWELL = 0.5
"""Seconds that a peer has to take the last bytes before its own are refused, as in s_server."""

_RESET = struct.pack("ii", 1, 0)
_DRAIN = 65536


class Stopped(Exception):  # noqa: N818 - no error
    """The program is being ended."""


class TimedOut(Exception):  # noqa: N818 - a result
    """Nothing has passed for too long."""


def _nothing_due() -> None:
    return None


class RecordCount:
    """Counts the records that are complete in a stream that starts with one."""

    __slots__ = ("_header", "_left", "count")

    def __init__(self) -> None:
        self.count = 0
        self._header = b""
        self._left = 0

    def feed(self, data: Data) -> None:
        """Go on with the next bytes."""
        at = 0
        while at < len(data):
            if not self._left:
                at = self._read_header(data, at)
            taken = min(self._left, len(data) - at)
            at += taken
            self._left -= taken
            if not self._left and not self._header and taken:
                self.count += 1

    def _read_header(self, data: Data, at: int) -> int:
        """Take in the next bytes of a header; where its record goes on."""
        part = bytes(data[at : at + HEADER - len(self._header)])
        header = self._header + part
        complete = len(header) == HEADER
        self._left = int.from_bytes(header[3:], "big") if complete else 0
        if complete and not self._left:
            self.count += 1
        self._header = b"" if complete else header
        return at + len(part)


class Transport(SocketBIO):
    """The BIO of a peer.

    ``blocking`` is what the connection sees; ``timeout`` bounds the seconds in which nothing passes, None: no
    bound; ``wake`` is a socket that becomes readable when all is to end.  ``tick`` is called whenever
    something has passed or a wait is over, and answers when it wants to be called next, None if it does not.
    """

    __slots__ = ("_active", "_gap", "_interest", "_paused", "_piece", "_read_after", "_selector", "_wake",
                 "_write_after", "blocking", "deaf", "records_in", "records_out", "tick",
                 "timeout")  # fmt: skip

    def __init__(
        self,
        sock: socket.socket,
        *,
        blocking: bool,
        timeout: float | None,
        wake: socket.socket | None,
    ) -> None:
        super().__init__(sock)
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.blocking = blocking
        self.timeout = timeout
        self.deaf = False
        self.records_in, self.records_out = RecordCount(), RecordCount()
        self.tick: Callable[[], float | None] = _nothing_due
        self._piece: int | None = None
        self._gap = 0.0
        self._read_after = self._write_after = self._paused = 0.0
        self._active = time.monotonic()
        self._wake = wake
        self._selector = selectors.DefaultSelector()
        self._interest = 0
        if wake is not None:
            self._selector.register(wake, selectors.EVENT_READ)

    # -- what it is told ----------------------------------------------------------------------

    def dribble(self, piece: int, gap: float) -> None:
        """From now on at most ``piece`` bytes at a time in either direction, ``gap`` seconds apart."""
        self._piece, self._gap = piece, gap

    def pause(self, seconds: float) -> None:
        """Let nothing pass for a while."""
        self._active = max(self._active, time.monotonic() + seconds)
        self._read_after = self._write_after = self._paused = time.monotonic() + seconds

    def is_paused(self) -> bool:
        """Whether nothing at all may pass now."""
        return self._paused > time.monotonic()

    def reset(self) -> None:
        """End with a TCP RST: SO_LINGER with no time to linger."""
        self.sock_of.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.close()

    def hang_up(self) -> None:
        """End with a FIN; what the peer has sent by now and nobody read is dropped first."""
        with contextlib.suppress(OSError):
            self.sock_of.shutdown(socket.SHUT_WR)
            while self.sock_of.recv(_DRAIN):
                pass
        self.close()

    def be_patient_for(self, seconds: float) -> None:
        """Let no more seconds than these go by in which nothing passes."""
        self._active = max(self._active, time.monotonic())
        self.timeout = seconds if self.timeout is None else min(self.timeout, seconds)

    def part(self) -> None:
        """End with a FIN, and give the peer a moment to read the last bytes and to hang up, too."""
        with contextlib.suppress(OSError, Stopped, TimedOut):
            self.sock_of.shutdown(socket.SHUT_WR)
            self._read_after, self.deaf, self.timeout, self.tick = 0.0, False, None, _nothing_due
            until = time.monotonic() + FAREWELL
            while not self._eof and self.wait(read=True, write=False, until=until)[0]:
                self._eof = not self.sock_of.recv(_DRAIN)
        self.close()

    def close(self) -> None:
        """Let go of the socket."""
        self._selector.close()
        self.sock_of.close()

    @property
    def sock_of(self) -> socket.socket:
        """The socket, which is a real one here."""
        assert isinstance(self.sock, socket.socket)
        return self.sock

    # -- the BIO ------------------------------------------------------------------------------

    def blocks(self) -> bool:
        """Whether a call waits."""
        return self.blocking

    def write(self, data: Data) -> int:
        """sock_write(): what send(2) answers, on a socket of the kind that the connection sees."""
        sent = 0
        while True:
            ret = self._write_now(memoryview(data)[sent:])
            sent += max(ret, 0)
            if not self.blocking or (ret < 0 and not self.should_retry):
                return sent or ret
            if sent == len(data):
                return sent
            self.wait(read=False, write=True)

    def _write_now(self, data: memoryview) -> int:
        if self._write_after > time.monotonic():
            return self._not_yet(RETRY_WRITE)
        ret = super().write(data[: self._piece])
        if ret > 0:
            self._active = time.monotonic()
            self._write_after = self._active + self._gap
            self.records_out.feed(data[:ret])
            self.tick()
        return ret

    def read(self, n: int) -> bytes:
        """sock_read(): what recv(2) answers."""
        while True:
            out = self._read_now(n)
            if out or not self.blocking or not self.should_retry:
                return out
            self.wait(read=True, write=False)

    def _read_now(self, n: int) -> bytes:
        if self.deaf or self._read_after > time.monotonic():
            self.ret = self._not_yet(RETRY_READ)
            return b""
        out = super().read(n if self._piece is None else min(n, self._piece))
        if out:
            self._active = time.monotonic()
            self._read_after = self._active + self._gap
            self.records_in.feed(out)
            self.tick()
        return out

    def _not_yet(self, retry: int) -> int:
        self.flags = retry
        self.errno = errno.EAGAIN
        return -1

    # -- waiting ------------------------------------------------------------------------------

    def wait(self, *, read: bool, write: bool, until: float | None = None) -> tuple[bool, bool]:
        """Wait until one of them is possible, something is due or time is up: (readable, writable).

        Raises Stopped and TimedOut, and what the tick raises.
        """
        now = time.monotonic()
        limits = [
            until,
            self.tick(),
            self._paused if self._paused > now else None,
            None if self.timeout is None else self._active + self.timeout,
        ]
        if read and (self.deaf or self._read_after > now):
            limits.append(None if self.deaf else self._read_after)
            read = False
        if write and self._write_after > now:
            limits.append(self._write_after)
            write = False
        self._watch(selectors.EVENT_READ * read | selectors.EVENT_WRITE * write)
        times = [limit for limit in limits if limit is not None]
        ready = self._select(max(0.0, min(times) - now) if times else None)
        if not ready and self.timeout is not None and time.monotonic() >= self._active + self.timeout:
            raise TimedOut
        self.tick()
        return bool(ready & selectors.EVENT_READ), bool(ready & selectors.EVENT_WRITE)

    def _watch(self, interest: int) -> None:
        if interest == self._interest:
            return
        if not interest:
            self._selector.unregister(self.sock_of)
        elif not self._interest:
            self._selector.register(self.sock_of, interest)
        else:
            self._selector.modify(self.sock_of, interest)
        self._interest = interest

    def _select(self, seconds: float | None) -> int:
        found = {key.fileobj: events for key, events in self._selector.select(seconds)}
        if self._wake is not None and self._wake in found:
            raise Stopped
        return found.get(self.sock_of, 0)
