"""BIO_s_socket(): reads and writes of a socket.

Source: ``crypto/bio/bss_sock.c`` (sock_read, sock_write, BIO_sock_non_fatal_error), BIO_s_socket(3).
"""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING

from emulator.api.arguments import c_size, shown
from emulator.bio.base import BIO, RETRY_READ, RETRY_WRITE, Data, bytes_of
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from typing import Protocol

    class SocketLike(Protocol):
        """The methods of a socket that SocketBIO calls."""

        def send(self, data: Data, /) -> int:
            """As socket.socket.send()."""
            ...

        def recv(self, n: int, flags: int = 0, /) -> bytes:
            """As socket.socket.recv()."""
            ...

        def gettimeout(self) -> float | None:
            """As socket.socket.gettimeout(): None blocks, 0 does not."""
            ...

        def fileno(self) -> int:
            """As socket.socket.fileno()."""
            ...


NON_FATAL_ERRNOS = frozenset(
    {
        errno.EAGAIN,
        errno.EWOULDBLOCK,
        errno.EINTR,
        errno.ENOTCONN,
        errno.EPROTO,
        errno.EINPROGRESS,
        errno.EALREADY,
    },
)
"""BIO_sock_non_fatal_error(): the call should be repeated, and SSL_get_error() answers WANT_*."""


class SocketBIO(BIO):
    """A Python socket, blocking, non-blocking or with a timeout.

    A timeout acts as SO_RCVTIMEO and SO_SNDTIMEO: after it a call fails with EAGAIN and a retry, and a write
    that has sent some of its bytes returns their number.  EINTR never occurs, as Python repeats such calls
    itself (PEP 475), nor does SIGPIPE: Python ignores it, and errno is EPIPE.
    """

    __slots__ = ("_eof", "sock")

    def __init__(self, sock: SocketLike) -> None:
        super().__init__()
        missing = [call for call in ("send", "recv", "gettimeout", "fileno") if not hasattr(sock, call)]
        if missing:
            raise UsageError(f"sock: got {shown(sock)}, expected a socket, which has {missing[0]}()")
        self.sock = sock
        self._eof = False

    def write(self, data: Data) -> int:
        """sock_write(): the return value of send(2)."""
        data = bytes_of(data)
        self.flags = 0
        self.errno = 0
        try:
            timeout = self.sock.gettimeout()
            return self.sock.send(data) if not timeout else self._send_within(timeout, data)
        except OSError as error:
            return self._failed(error, RETRY_WRITE)

    def _send_within(self, timeout: float, data: Data) -> int:
        """SO_SNDTIMEO: send until all bytes are sent or the time is up."""
        deadline = time.monotonic() + timeout
        sent = self.sock.send(data)
        while sent < len(data) and self._writable_within(deadline - time.monotonic()):
            sent += self.sock.send(memoryview(data)[sent:])
        return sent

    def _writable_within(self, seconds: float) -> bool:
        import selectors  # noqa: PLC0415 - only a socket with a timeout needs it

        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_WRITE)
            return seconds > 0 and bool(selector.select(seconds))

    def read(self, n: int) -> bytes:
        """sock_read(): the bytes of recv(2); 0 without a retry once the peer has closed."""
        if type(n) is not int or n < 0:
            n = c_size("n", n)
        self.flags = 0
        self.errno = 0
        try:
            out = self.sock.recv(n)
        except OSError as error:
            self.ret = self._failed(error, RETRY_READ)
            return b""
        self.ret = len(out)
        if not out and n > 0:
            self._eof = True
        return out

    def _failed(self, error: OSError, retry: int) -> int:
        out_of_time = isinstance(error, TimeoutError) and not error.errno
        code = errno.EAGAIN if out_of_time else error.errno or 0
        self.errno = code
        if code in NON_FATAL_ERRNOS:
            self.flags = retry
        return -1

    def blocks(self) -> bool:
        """Whether reads and writes wait: always, or up to a timeout."""
        return self.sock.gettimeout() != 0

    def look(self, n: int) -> bytes:
        """recv(2) with MSG_PEEK, which does not wait; ``b""`` if it fails."""
        import socket  # noqa: PLC0415 - a program with sockets has imported it

        try:
            # Python itself waits before the recv(2) of a socket with a timeout.
            never_waits = getattr(socket, "MSG_DONTWAIT", None)
            timeout = self.sock.gettimeout()
            if timeout == 0 or (timeout is None and never_waits is not None):
                return self.sock.recv(n, socket.MSG_PEEK | (never_waits or 0))
            return self.sock.recv(n, socket.MSG_PEEK) if self._readable() else b""
        except (OSError, ValueError, TypeError):
            return b""

    def sees(self) -> bool:
        """Whether recv(2) can peek: not through an object that stands for a socket, nor one of module ssl."""
        import socket  # noqa: PLC0415 - a program with sockets has imported it

        return isinstance(self.sock, socket.socket) and not hasattr(self.sock, "do_handshake")

    def _readable(self) -> bool:
        import selectors  # noqa: PLC0415 - only a socket with a timeout needs it

        kind = getattr(selectors, "PollSelector", selectors.DefaultSelector)  # which needs no descriptor
        with kind() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def eof(self) -> bool:
        """BIO_eof(): whether a read has returned 0, as the peer has closed."""
        return self._eof
