"""BIO_f_buffer(): the buffer in front of the transport that sends a handshake's flight in one piece.

Source: ``crypto/bio/bf_buff.c`` (buffer_write, buffer_ctrl), ``ssl_init_wbio_buffer()``; BIO_f_buffer(3).
Only writes are buffered: the handshake reads from the transport itself.
"""

from __future__ import annotations

from emulator.api.arguments import c_int, instance
from emulator.bio.base import BIO, Data, bytes_of

DEFAULT_SIZE = 4096
"""DEFAULT_BUFFER_SIZE: 1,024 in 0.9.6 and 0.9.6a, 4,096 from 0.9.6b."""


class BufferBIO(BIO):
    """A write buffer of ``size`` bytes in front of ``next_bio``.

    ``misplaces`` is a mistake of the releases up to 0.9.8r and 1.0.0e.  Bytes are appended at the wrong place
    if bytes from the front of the buffer were sent, and BIO_flush() counts those twice.  After a flush or a
    write that stopped half way, bytes are lost or repeated.  ``next_bio`` is None after SSL_set_bio() without
    a transport: every call then returns 0.
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
        """buffer_write(): buffer bytes that fit; else write the buffer, and large pieces past it.

        Without a transport behind it the retry flags stay as they were.
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
        # ``memcpy(&(ctx->obuf[ctx->obuf_len]), ...)`` up to 0.9.8r and 1.0.0e; from 0.9.8s and 1.0.0f
        # ``ctx->obuf[ctx->obuf_off + ctx->obuf_len]``.
        start = self._length if self._misplaces else self._offset + self._length
        self._reach(start)
        self._buffer[start : start + len(data)] = data
        self._length += len(data)

    def _reach(self, end: int) -> None:
        """Extend the buffer with zeros up to ``end``: with ``misplaces`` unwritten bytes are sent."""
        if len(self._buffer) < end:
            self._buffer.extend(bytes(end - len(self._buffer)))

    def _empty(self) -> int:
        """Write the whole buffer: 1, or the transport's return value if that is 0 or less."""
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
        """BIO_CTRL_FLUSH: write the buffer, then flush the transport; 0 or less if a write failed."""
        if self.next_bio is None:
            return 0
        while True:
            # ``if (ctx->obuf_len > ctx->obuf_off)`` up to 0.9.8r and 1.0.0e, without ``ctx->obuf_len-=r;``.
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
        """BIO_wpending(): the number of bytes in the buffer."""
        return self._length

    def read(self, n: int) -> bytes:
        """BIO_read() of the transport."""
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

    def blocks(self) -> bool:
        """Whether the transport waits until it can answer."""
        return self.next_bio is not None and self.next_bio.blocks()

    def look(self, n: int) -> bytes:
        """Return up to ``n`` bytes that a read of the transport would return now."""
        return b"" if self.next_bio is None else self.next_bio.look(n)

    def sees(self) -> bool:
        """Whether the transport shows the bytes that wait."""
        return self.next_bio is None or self.next_bio.sees()

    def pending(self) -> int:
        """BIO_pending() of the transport."""
        return self.next_bio.pending() if self.next_bio is not None else 0
