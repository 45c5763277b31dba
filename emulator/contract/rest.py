"""The rest of a partial write, which the next write is to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.contract.findings import seen

if TYPE_CHECKING:
    from emulator.contract.call import Call

_SAMPLE = 64


class Rest:
    """Bytes of a partial write that have not been written: how many, and the first of them.

    Only the first bytes are compared: a long write in many parts costs no more for each of them.
    """

    __slots__ = ("_first", "_left", "call")

    def __init__(self, call: Call) -> None:
        self.call = seen(call)
        self._left = call.size - call.count
        self._first: bytes = bytes(call.view[call.count : call.size][:_SAMPLE])

    def continued_by(self, view: bytes | memoryview, size: int) -> bool:
        """Whether a write of ``size`` bytes begins with these, as far as both are known."""
        first = self._first[:size]
        return view[: len(first)] == first

    def without(self, call: Call) -> Rest | None:
        """Take away what a write has written that began with these bytes; None: nothing is left."""
        self._left -= call.count
        self._first = self._first[call.count :]
        return self if self._left > 0 else None
