"""The memory behind the caller's bytes, which releases that do not check a length send.

The real library sends the memory that follows the buffer.  The emulated one sends the rest of the caller's
object, then a marked pattern, and dies where the recordings died: past 1 MiB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.engine.failure import crash

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

MAPPED_BEHIND_BUFFER = 1 << 20
"""So many bytes behind the buffer are mapped: every crash in the traces is beyond them."""

FOREIGN_MARK = b"<memory beyond the caller's buffer>"
"""The pattern that stands for foreign memory."""


def fragment_of(view: bytes | memoryview, start: int, n: int) -> bytes | memoryview:
    """The ``n`` bytes from ``start``; where the caller's object ends earlier, foreign ones follow."""
    size = len(view)
    if start >= 0 and start + n <= size:
        return memoryview(view)[start : start + n]
    own = bytes(memoryview(view)[start:size]) if 0 <= start < size else b""
    return own + foreign(max(start - size, 0), n - len(own))


def foreign(offset: int, n: int) -> bytes:
    """``n`` bytes of foreign memory, ``offset`` bytes behind the caller's object."""
    phase = offset % len(FOREIGN_MARK)
    repeats = (phase + n) // len(FOREIGN_MARK) + 1
    return (FOREIGN_MARK * repeats)[phase : phase + n]


def count_over_read(s: SSL, beyond: int) -> None:
    """Note that the call has read ``beyond`` bytes past its ``num``; dies where memory ends."""
    s.out.over_read = beyond
    if beyond > MAPPED_BEHIND_BUFFER:
        raise crash(
            s, "SIGSEGV", "a length that wrapped around made SSL_write() read past the caller's buffer"
        )
