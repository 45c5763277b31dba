"""BIO_s_bio(): two ends with a buffer of fixed size for each direction.

Source: ``crypto/bio/bss_bio.c``, BIO_s_bio(3).
"""

from __future__ import annotations

from emulator.api.arguments import c_int, c_size, instance
from emulator.bio.base import BIO, RETRY_READ, RETRY_WRITE, Data, bytes_of
from emulator.exceptions import UsageError

DEFAULT_SIZE = 17 * 1024
"""Enough for one TLS record: 17,408 bytes a direction in every release."""


class Pipe:
    """The bytes from one end to the other (``struct bio_bio_st``).

    ``request`` is the number of bytes that a reader last tried to read in vain; ``closed`` says that the
    writer has shut down.
    """

    __slots__ = ("closed", "data", "request", "size")

    def __init__(self, size: int) -> None:
        if c_size("size", size) == 0:
            raise UsageError("size: got 0, expected the bytes that fit into a BIO pair, 1 or more")
        self.size = size
        self.data = bytearray()
        self.closed = False
        self.request = 0


class PairBIO(BIO):
    """One end of a BIO pair; :func:`make_bio_pair` makes both.

    A write to a full direction returns -1 with a retry.  A write to one that was shut down returns -1 and
    pushes BIO_R_BROKEN_PIPE, so that SSL_get_error() answers SSL_ERROR_SSL, not SSL_ERROR_SYSCALL.
    """

    __slots__ = ("_incoming", "_outgoing")

    def __init__(self, outgoing: Pipe, incoming: Pipe) -> None:
        super().__init__()
        self._outgoing = outgoing
        self._incoming = incoming

    def write(self, data: Data) -> int:
        """bio_write(): accepts the bytes that fit."""
        data = bytes_of(data)
        self.flags = 0
        n = len(data)
        if not n:
            return 0
        pipe = self._outgoing
        pipe.request = 0
        if pipe.closed:
            self.push_error("BIO_WRITE", "BROKEN_PIPE")
            return -1
        room = pipe.size - len(pipe.data)
        if not room:
            self.flags = RETRY_WRITE
            return -1
        if n > room:
            pipe.data += memoryview(data)[:room]
            return room
        pipe.data += data
        return n

    def read(self, n: int) -> bytes:
        """bio_read(): bytes of the other end; 0 without a retry if it has shut down and no bytes are left."""
        if type(n) is not int:
            n = c_int("n", n)
        self.flags = 0
        pipe = self._incoming
        pipe.request = 0
        if n > 0 and not pipe.data and not pipe.closed:
            self.flags = RETRY_READ
            pipe.request = min(n, pipe.size)
            self.ret = -1
            return b""
        out = bytes(pipe.data[:n]) if n > 0 else b""
        del pipe.data[: len(out)]
        self.ret = len(out)
        return out

    def shutdown_wr(self) -> None:
        """BIO_shutdown_wr(): this end will not write again."""
        self._outgoing.closed = True

    def close(self) -> None:
        """BIO_free() of this end: the other end's writes fail, and its reads do not wait any more."""
        self._outgoing.closed = self._incoming.closed = True

    def is_other_end_of(self, other: PairBIO) -> bool:
        """Whether ``other`` reads what this end writes."""
        instance("other", other, PairBIO, or_none=False)
        return self._outgoing is other._incoming

    def write_buf_size(self) -> int:
        """BIO_get_write_buf_size(): the bytes that fit into the direction that this end writes to."""
        return self._outgoing.size

    def write_guarantee(self) -> int:
        """BIO_ctrl_get_write_guarantee(): the most bytes that the next write accepts whole."""
        pipe = self._outgoing
        return 0 if pipe.closed else pipe.size - len(pipe.data)

    def read_request(self) -> int:
        """BIO_ctrl_get_read_request(): the number of bytes that the other end tried to read in vain."""
        return self._outgoing.request

    def reset_read_request(self) -> None:
        """BIO_ctrl_reset_read_request()."""
        self._outgoing.request = 0

    def look(self, n: int) -> bytes:
        """Return up to ``n`` bytes that the other end wrote, without removing them."""
        return bytes(self._incoming.data[: c_size("n", n)])

    def inbox(self) -> object:
        """Return the bytes that the other end wrote."""
        return self._incoming.data

    def eof(self) -> bool:
        """BIO_eof(): whether the other end has shut down and all its bytes were read."""
        return self._incoming.closed and not self._incoming.data

    def pending(self) -> int:
        """BIO_pending(): the number of bytes of the other end that were not read yet."""
        return len(self._incoming.data)

    def wpending(self) -> int:
        """BIO_wpending(): the number of bytes of this end that were not read yet."""
        return len(self._outgoing.data)


def make_bio_pair(size: int = DEFAULT_SIZE, other_size: int | None = None) -> tuple[PairBIO, PairBIO]:
    """BIO_new_bio_pair(): two ends that are joined.

    ``size`` is the number of bytes that fit into the direction from the first end to the second, and
    ``other_size`` (``size`` unless given) that of the other direction.
    """
    there = Pipe(size)
    back = Pipe(size if other_size is None else other_size)
    return PairBIO(there, back), PairBIO(back, there)
