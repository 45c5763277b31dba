"""BIO_f_buffer(): what a handshake pushes before the transport, so that a flight leaves in one piece.

Source: ``crypto/bio/bf_buff.c`` (buffer_write, buffer_ctrl), ``ssl_init_wbio_buffer()``; BIO_f_buffer(3).
Only writing is buffered: the handshake reads from the transport itself.
"""

from __future__ import annotations

from emulator.api.arguments import c_int, instance
from emulator.bio.base import BIO, Data, bytes_of

DEFAULT_SIZE = 4096
"""DEFAULT_BUFFER_SIZE since 0.9.6b; 0.9.6 and 0.9.6a have 1,024."""


class BufferBIO(BIO):
    """A write buffer of ``size`` bytes in front of ``next_bio``.

    ``misplaces`` is a mistake of the releases up to 0.9.8r and 1.0.0e: bytes are appended without regard to
    those already sent from the front of the buffer, and BIO_flush() counts that part twice, so that after a
    flush or a write that stopped half way bytes are lost or repeated.  ``next_bio`` may be None, as after
    SSL_set_bio() with no transport: every call then answers 0.
    """

    __slots__ = ("_buffer", "_length", "_misplaces", "_offset", "next_bio", "size")

    def __init__(self, next_bio: BIO | None, size: int = DEFAULT_SIZE, *, misplaces: bool = False) -> None:
        super().__init__()
        self.next_bio = instance("next_bio", next_bio, BIO)
        self.size = c_int("size", size)
        self._buffer = bytearray()
        self._offset = 0
        self._length = 0
        self._misplaces = misplaces

    def write(self, data: Data) -> int:
        """buffer_write(): keep what fits, else empty the buffer and hand large pieces straight through.

        Without a transport behind it a buffer does nothing, and its retry flags stay as they were.
        """
        data = bytes_of(data)
        if self.next_bio is None:
            return 0
        self.flags = 0
        rest = memoryview(data)
        taken = 0
        while rest:
            room = self.size - (self._length + self._offset)
            if room >= len(rest):
                self._append(rest)
                return taken + len(rest)
            if self._length:
                if room > 0:
                    self._append(rest[:room])
                    rest = rest[room:]
                    taken += room
                ret = self._empty()
                if ret <= 0:
                    return taken if taken or not ret else ret
            self._offset = 0
            while len(rest) >= self.size:
                ret = self._pass_on(rest)
                if ret <= 0:
                    return taken if taken or not ret else ret
                taken += ret
                rest = rest[ret:]
        return taken

    def _append(self, data: memoryview) -> None:
        start = self._length if self._misplaces else self._offset + self._length
        self._reach(start)
        self._buffer[start : start + len(data)] = data
        self._length += len(data)

    def _reach(self, end: int) -> None:
        """See to it that there are bytes up to ``end``: a misplacing buffer sends what it never was given."""
        if len(self._buffer) < end:
            self._buffer.extend(bytes(end - len(self._buffer)))

    def _empty(self) -> int:
        """Write the whole buffer; the transport's answer if it stops before the end, else 1."""
        self._reach(self._offset + self._length)
        while self._length:
            with memoryview(self._buffer) as view:
                ret = self._pass_on(view[self._offset : self._offset + self._length])
            if ret <= 0:
                return ret
            self._offset += ret
            self._length -= ret
        return 1

    def _pass_on(self, data: Data) -> int:
        if self.next_bio is None:
            return 0
        ret = self.next_bio.write(data)
        if ret <= 0:
            self.copy_next_retry(self.next_bio)
        return ret

    def flush(self) -> int:
        """BIO_CTRL_FLUSH: empty the buffer, then flush the transport; <= 0 if it could not be emptied."""
        if self.next_bio is None:
            return 0
        while True:
            unsent = self._length - self._offset if self._misplaces else self._length
            if unsent <= 0:
                break
            self.flags = 0
            ret = self._pass_on(bytes(self._buffer[self._offset : self._offset + unsent]))
            if ret <= 0:
                return ret
            self._offset += ret
            if not self._misplaces:
                self._length -= ret
        if self._length or self._offset:
            self._length = self._offset = 0
            self.flags = 0
        return self.next_bio.flush()

    def wpending(self) -> int:
        """BIO_wpending(): how many bytes wait in the buffer."""
        return self._length

    def read(self, n: int) -> bytes:
        """Pass a read through: BIO_read() of the transport."""
        self.ret = 0
        if self.next_bio is None:
            return b""
        self.flags = 0
        out = self.next_bio.read(n)
        self.ret = self.next_bio.ret
        if not out:
            self.copy_next_retry(self.next_bio)
        return out

    def eof(self) -> bool:
        """BIO_eof() of the transport."""
        return self.next_bio is None or self.next_bio.eof()

    def pending(self) -> int:
        """BIO_pending() of the transport."""
        return self.next_bio.pending() if self.next_bio is not None else 0
