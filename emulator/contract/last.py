"""The last call of a connection, as an explanation tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from emulator.contract.findings import CallSeen
    from emulator.engine.manual.promise import Promise
    from emulator.error_queue import ErrorEntry


class LastCall(NamedTuple):
    """A call that read, wrote or failed, without the caller's bytes.

    ``size`` is the number of bytes that a write offered or a read wanted, None of another call.  ``entries``
    is the error queue at the end of a call that failed, of which the first ``stale`` were there before it.
    ``promises`` are those that the page made in it.
    ``raised`` is what the call raised in place of an answer.
    """

    seen: CallSeen
    name: str
    size: Any = None
    entries: tuple[ErrorEntry, ...] = ()
    stale: int = 0
    promises: tuple[Promise, ...] = ()
    raised: BaseException | None = None
