"""A write that is to be repeated, and how the next write differs from it.

The contents are compared by digests of chunks, which are made when a write blocks.  A retry is compared in a
window from the first byte that has not been sent, so that a long write that blocks at every record is not
read from end to end at every retry; :meth:`Blocked.slipped` compares the bytes that a call sends beyond it.
Where a finding is to keep the call from being made, all chunks are compared before it.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from emulator.buffer import identify
from emulator.constants import ErrorCode, Mode
from emulator.contract.findings import seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.contract.call import Call

CHUNK = 16384
_WINDOW = 4
"""So many chunks are compared before a retry."""
_SAMPLE = 64
"""So many bytes at either end tell a wrong retry from another write."""

View = bytes | memoryview


class Blocked:
    """A write that answered WANT_READ or WANT_WRITE."""

    __slots__ = ("_digests", "_head", "_tail", "address", "call", "data", "immutable", "size")

    def __init__(self, call: Call, size: int) -> None:
        view = call.view
        self.call = seen(call)
        self.data: Any = call.data
        """The caller's object, so that no other one gets its address."""
        self.address = identify(self.data)[0]
        self.size = size
        self.immutable = type(self.data) is bytes
        self._digests = [_digest(view, size, at) for at in range(0, size, CHUNK)]
        self._head = bytes(view[: min(size, _SAMPLE)])
        self._tail = bytes(view[max(size - _SAMPLE, 0) : size])

    def repeated_by(self, call: Call) -> bool:
        """Whether a write has the very arguments of this one, as far as that is known at once."""
        return self.immutable and call.data is self.data

    def moved_to(self, data: Any) -> bool:
        """Whether an object has its bytes at another address than this write had."""
        return bool(identify(data)[0] != self.address)

    def same_bytes(self, view: View, sent: int, *, whole: bool) -> bool:
        """Whether a retry of the same length has the same bytes.

        Unless they are compared as a ``whole``, the first ones are, and those after ``sent``.
        """
        first = sent // CHUNK
        places = range(len(self._digests)) if whole else {0, *range(first, first + _WINDOW)}
        return self._same(view, places)

    def slipped(self, view: View, before: int, now: int) -> bool:
        """Whether a call that has sent the bytes from ``before`` to ``now`` sent others than it ought to."""
        return not self._same(view, range(before // CHUNK + _WINDOW, -(-now // CHUNK)))

    def _same(self, view: View, places: Iterable[int]) -> bool:
        return all(
            _digest(view, self.size, place * CHUNK) == self._digests[place]
            for place in places
            if place < len(self._digests)
        )

    def begins_or_ends(self, view: View, size: int) -> bool:
        """Whether a write of another length begins as this one does, or ends as it does."""
        head, tail = self._head[:size], self._tail[-size:]
        return view[: len(head)] == head or view[size - len(tail) : size] == tail


def _digest(view: View, size: int, at: int) -> bytes:
    return blake2b(view[at : min(at + CHUNK, size)], digest_size=16).digest()


def difference(blocked: Blocked, call: Call, size: int, sent: int, *, whole: bool) -> tuple[str, str] | None:
    """Return how a write differs from the one to be repeated, of which ``sent`` bytes have left.

    A code, and the end of a sentence that begins with that write; None: the write repeats it.  With ``whole``
    every byte is compared, and otherwise the next ones.
    """
    if size == blocked.size and blocked.repeated_by(call):
        return None
    moved = blocked.moved_to(call.data)
    if size != blocked.size:
        return _other_length(blocked, call, size, moved=moved)
    if not blocked.same_bytes(call.view, sent, whole=whole):
        return _other_bytes(blocked, call, moved=moved)
    if moved and not call.before.mode & Mode.ACCEPT_MOVING_WRITE_BUFFER:
        return "retry-moved", "with the same buffer; the same bytes came from another one"
    return None


_OTHER_WRITE = "write-between-tries", "before anything else is written; another write came"


def _other_length(blocked: Blocked, call: Call, size: int, *, moved: bool) -> tuple[str, str]:
    came = f"with its {blocked.size} bytes; {size} came"
    if moved and size and not blocked.begins_or_ends(call.view, size):
        return _OTHER_WRITE if not _nothing_sent(blocked, call) else ("other-data-after-want-read", came)
    if _nothing_sent(blocked, call):
        return "other-data-after-want-read", came
    return ("retry-longer" if size > blocked.size else "retry-shorter"), came


def _other_bytes(blocked: Blocked, call: Call, *, moved: bool) -> tuple[str, str]:
    if call.thread != blocked.call.thread:
        return _OTHER_WRITE
    if _nothing_sent(blocked, call):
        return "other-data-after-want-read", "with the same bytes; other ones came"
    return other_content(moved=moved)


def other_content(*, moved: bool) -> tuple[str, str]:
    """Return the code of a retry with other bytes of the same length, and the end of its sentence."""
    if not moved:
        return "retry-changed-in-place", "with the same bytes; those in its buffer were changed"
    return "retry-other-content", "with the same bytes; other ones of the same length came"


def _nothing_sent(blocked: Blocked, call: Call) -> bool:
    """Whether the write waits for bytes of the peer, and no record of its data has been made."""
    return blocked.call.error is ErrorCode.WANT_READ and not call.before.unfinished
