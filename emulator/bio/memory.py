"""BIO_s_mem(): a queue of bytes without limit.  Source: ``crypto/bio/bss_mem.c``, BIO_s_mem(3)."""

from __future__ import annotations

from collections import deque

from emulator.api.arguments import c_int, c_size
from emulator.bio.base import BIO, RETRY_READ, Data, bytes_of


class MemoryBIO(BIO):
    """Writes never block; a read of an empty BIO returns ``eof_return``, with a retry unless that is 0.

    Each write is stored as one object.  A read of the same size returns that object, so that a record is not
    copied.
    """

    __slots__ = ("_chunks", "_offset", "_size", "eof_return")

    def __init__(self, initial: Data = b"") -> None:
        super().__init__()
        self.eof_return = -1
        self._chunks: deque[bytes] = deque()
        self._offset = 0
        self._size = 0
        self.write(initial)

    def write(self, data: Data) -> int:
        """mem_write(): accepts all bytes."""
        if type(data) is not bytes:
            data = bytes(bytes_of(data))
        self.flags = 0
        n = len(data)
        if n:
            self._chunks.append(data)
            self._size += n
        return n

    def read(self, n: int) -> bytes:
        """mem_read(): at most ``n`` of the oldest bytes."""
        if type(n) is not int:
            n = c_int("n", n)
        self.flags = 0
        if not self._size:
            return self._nothing()
        if n <= 0:
            self.ret = 0
            return b""
        first = self._chunks[0]
        offset = self._offset
        end = offset + n
        size = len(first)
        if end < size:
            self._offset = end
            out = first[offset:end]
        elif end == size or size - offset == self._size:
            self._chunks.popleft()
            self._offset = 0
            out = first[offset:] if offset else first
        else:
            out = self._join(n)
        self._size -= len(out)
        self.ret = len(out)
        return out

    def _nothing(self) -> bytes:
        self.ret = self.eof_return
        if self.eof_return:
            self.flags = RETRY_READ
        return b""

    def _join(self, n: int) -> bytes:
        parts = []
        while n and self._chunks:
            chunk = self._chunks[0]
            end = self._offset + n
            if end < len(chunk):
                parts.append(chunk[self._offset : end])
                self._offset = end
                break
            parts.append(chunk[self._offset :])
            n = end - len(chunk)
            self._chunks.popleft()
            self._offset = 0
        return b"".join(parts)

    def look(self, n: int) -> bytes:
        """Return up to ``n`` of the oldest bytes, without removing them."""
        if not self._size:
            return b""
        parts = []
        missing, start = c_size("n", n), self._offset
        for chunk in self._chunks:
            parts.append(chunk[start : start + missing])
            missing -= len(parts[-1])
            start = 0
            if missing <= 0:
                break
        return b"".join(parts)

    def inbox(self) -> object:
        """Return the bytes that it holds, piece by piece."""
        return self._chunks

    def eof(self) -> bool:
        """BIO_eof(): whether it is empty."""
        return not self._size

    def pending(self) -> int:
        """BIO_pending(): the number of bytes stored."""
        return self._size

    def reset(self) -> None:
        """BIO_reset(): drop all bytes."""
        self._chunks.clear()
        self._offset = 0
        self._size = 0
