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
        self._first = _beginning(call)

    def continued_by(self, view: bytes | memoryview, size: int) -> bool:
        """Whether a write of ``size`` bytes begins with these, as far as both are known."""
        first = self._first[:size]
        return view[: len(first)] == first

    def after(self, call: Call) -> Rest | None:
        """Return what a write leaves that began with these bytes and may be partial; None: nothing."""
        own = call.size - call.count
        self._left -= call.count
        if own >= self._left:
            return Rest(call) if own > 0 else None
        # The write was of a part of these bytes: what it has not written is only the beginning of the rest.
        self._first = _beginning(call) if own else self._first[call.count :]
        return self


def _beginning(call: Call) -> bytes:
    """Return the first bytes that a partial write has not written."""
    return bytes(call.view[call.count : call.size][:_SAMPLE])
