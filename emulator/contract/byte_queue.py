"""A queue of bytes that is compared, piece by piece, with bytes that ought to be the same."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

SHOWN = 16
"""How many bytes are shown of a difference."""


class Difference(NamedTuple):
    """The first position at which the queue and the other bytes differ, and what each has from there on."""

    at: int
    queued: bytes
    other: bytes


class ByteQueue:
    """Bytes in the order in which they were appended.

    One thread may append while another one takes.
    """

    __slots__ = ("_chunks", "_head", "at")

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._head = 0
        self.at = 0
        """The position of the first byte in the queue, counted from the first that was ever appended."""

    def __len__(self) -> int:
        return sum(len(chunk) for chunk in tuple(self._chunks)) - self._head

    def append(self, chunk: bytes) -> None:
        """Append bytes; not b""."""
        self._chunks.append(chunk)

    def take(self, data: bytes) -> Difference | None:
        """Remove as many bytes as ``data`` has, and return where the two first differ.

        Where the queue has fewer bytes, the first byte that is missing is a difference.
        """
        first: Difference | None = None
        done, size = 0, len(data)
        while done < size and self._chunks:
            chunk, head = self._chunks[0], self._head
            step = min(len(chunk) - head, size - done)
            if first is None and not _same(chunk, head, data, done, step):
                index = _first_difference(chunk[head : head + step], data[done : done + step])
                shown = done + index
                first = Difference(self.at + index, self.look(index), data[shown : shown + SHOWN])
            done += step
            self._remove(step)
        if first is None and done < size:
            first = Difference(self.at, b"", data[done : done + SHOWN])
        return first

    def is_first(self, data: object) -> bool:
        """Whether the first object that was appended, and that is whole, is this one."""
        return bool(self._chunks) and self._chunks[0] is data and not self._head

    def drop_first(self) -> None:
        """Remove the first object."""
        self.at += len(self._chunks.popleft())

    def look(self, skip: int = 0) -> bytes:
        """Return some of the first bytes, after ``skip`` of them."""
        out = b""
        skip += self._head
        for chunk in tuple(self._chunks):
            if len(out) < SHOWN:
                out += chunk[skip : skip + SHOWN - len(out)]
            skip = max(skip - len(chunk), 0)
        return out

    def drop(self, size: int) -> None:
        """Remove ``size`` bytes, or all if there are fewer."""
        while size > 0 and self._chunks:
            step = min(size, len(self._chunks[0]) - self._head)
            self._remove(step)
            size -= step

    def clear(self) -> None:
        """Remove all bytes; positions do not count any more."""
        self._chunks.clear()
        self._head = 0

    def _remove(self, size: int) -> None:
        self.at += size
        self._head += size
        if self._head == len(self._chunks[0]):
            self._chunks.popleft()
            self._head = 0


def _same(chunk: bytes, head: int, data: bytes, done: int, size: int) -> bool:
    """Whether ``size`` bytes are equal; none is copied where one of the two is compared whole."""
    if chunk is data:
        return head == done
    if size == len(data):
        return chunk.startswith(data, head)
    if size == len(chunk):
        return data.startswith(chunk, done)
    return data.startswith(chunk[head : head + size], done)


def _first_difference(one: bytes, other: bytes) -> int:
    return next(index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
