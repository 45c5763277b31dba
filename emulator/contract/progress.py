"""Progress: whether the calls of a pair lead anywhere, for callers that use select and for those that loop.

Two kinds of standstill are found.  A *spin* is a row of calls on one connection that move no byte, change no
state and answer the same.  A *standstill of both* is that the last call of each side waits for the other, and
nothing is on the way that could end it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.api.arguments import c_size, instance
from emulator.api.connection_settings import ConnectionSettings
from emulator.constants import ErrorCode
from emulator.contract.call import IO_CALLS, Listener, state_of
from emulator.contract.holding import can_read, can_write, unopened, waiting
from emulator.contract.losses import name_of
from emulator.contract.path import listen
from emulator.exceptions import NoProgress, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.contract.call import Call, State
    from emulator.contract.losses import CallName
    from emulator.engine.ssl import SSL

    Told = Callable[["Standstill", Call], None]

SUSPICIOUS = 10
"""So many calls in a row without progress are a spin, unless a limit says otherwise."""

_LOOKS = frozenset({"peek", "peek_ex"})
"""Calls whose success is no progress: the bytes stay."""

_WAITS = {ErrorCode.WANT_READ: "read", ErrorCode.WANT_WRITE: "write"}
_OTHER = {"client": "server", "server": "client"}


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why nothing goes on.

    ``kind`` is "spin" or "both".  ``call`` is the last call, ``count`` how many in a row made no progress.
    ``waits_for`` says what each side waits for: "read" (bytes of the peer), "write" (room in the transport);
    "" for a side that waits for nothing.  ``advice`` is what the caller should do instead.
    """

    kind: str
    call: CallName
    count: int
    answer: str
    waits_for: dict[str, str]
    advice: str

    def __str__(self) -> str:
        waits = "; ".join(f"the {who} waits to {what}" for who, what in self.waits_for.items() if what)
        if self.kind == "both":
            return f"{waits}: neither can go on, and nothing is on the way; {self.advice}"
        row = f"{self.count} calls of the {self.call.who} in a row moved no byte and changed nothing"
        return f"{row}; the last was {self.call}, which answered {self.answer}; {self.advice}"


class Progress:
    """Watches the calls of two connections that are joined.

    ``limit`` is how many calls in a row without progress raise NoProgress; None: none does.  Progress of one
    side is progress of both.
    """

    def __init__(
        self, client: ConnectionSettings, server: ConnectionSettings, limit: int | None = None
    ) -> None:
        if limit is not None and c_size("limit", limit) == 0:
            raise UsageError("limit: got 0, expected a number of calls, or None for no limit")
        self.limit = limit
        self.on_spin: Told | None = None
        """Called once for each spin, when it has become one, with its last call."""
        ends = {"client": client, "server": server}
        for name, end in ends.items():
            instance(name, end, ConnectionSettings, or_none=False)
        if client is server:
            raise UsageError("server: got the client, expected the connection at the other end")
        clock = itertools.count(1)
        self._sides = {who: _Steps(self, who, end._s) for who, end in ends.items()}  # noqa: SLF001
        self._paths = {who: listen(end, self._sides[who], who=who, clock=clock) for who, end in ends.items()}

    @property
    def standing(self) -> dict[str, int]:
        """How many calls of each side in a row have made no progress."""
        return {who: side.row for who, side in self._sides.items()}

    def stuck(self) -> Standstill | None:
        """Who waits for what and cannot go on; None where somebody can."""
        return self._both() or next(
            (side.spin() for side in self._sides.values() if side.row >= (self.limit or SUSPICIOUS)), None
        )

    def moved(self) -> None:
        """Count the calls anew: something happened that may let them go on."""
        for side in self._sides.values():
            side.row = 0

    def _both(self) -> Standstill | None:
        sides = self._sides
        if any(path.under_way for path in self._paths.values()):
            return None
        for who, side in sides.items():
            peer = sides[_OTHER[who]]
            if not side.waits_in_vain(peer):
                return None
        last = max(sides.values(), key=lambda side: side.last.number if side.last is not None else 0)
        if last.last is None:
            return None
        waits = {who: side.waits for who, side in sides.items()}
        advice = _TO_BOTH_WRITE if set(waits.values()) == {"write"} else _TO_BOTH
        return Standstill("both", last.last, last.row, last.answer, waits, advice)


_TO_BOTH_WRITE = "one side must read while its own write waits"
_TO_BOTH = "one side must send what the other waits for, or read what the other has to send"


class _Steps(Listener):
    """The calls of one side: the last answer, and how many in a row have led nowhere."""

    hears_records = True
    hears_state = False

    def __init__(self, progress: Progress, who: str, s: SSL) -> None:
        self.row = 0
        self.waits = ""
        self.last: CallName | None = None
        self.answer = ""
        self._progress = progress
        self._who = who
        self._s = s
        self._moved = False
        self._state: tuple[int, ...] | None = None
        """What the connection held, and its state, after the last call; None after a success."""
        self._error: ErrorCode | None = None
        self._answers: dict[str, tuple[int | None, int, ErrorCode | None]] = {}

    def made(self, call: Call | None, kind: int, content: bytes | memoryview, wire: bytes) -> None:  # noqa: ARG002
        """Hear of a record that was made: that is progress."""
        self._moved = True

    def opened(self, call: Call | None, kind: int, content: bytes | None) -> None:  # noqa: ARG002
        """Hear of a record that was opened or refused: that is progress."""
        self._moved = True

    def after(self, call: Call) -> None:
        """Hear of a call that has ended."""
        if call.name not in IO_CALLS:
            return
        self.waits = _WAITS.get(call.error, "") if call.error is not None else ""
        if call.ret is not None and call.ret > 0 and call.name not in _LOOKS:
            self.last = self._state = None
            self._go_on()
        elif self._moves(call):
            self._keep(call)
            self._go_on()
        else:
            self._keep(call)
            self._stand(call)

    def _go_on(self) -> None:
        self._moved = False
        self._progress.moved()

    def _moves(self, call: Call) -> bool:
        """Whether a call moved bytes, changed the state, or answered otherwise than the last of its name."""
        s = self._s
        state = waiting(s), unopened(s), *_part_of(state_of(s))
        moved = self._moved or self._state not in (None, state)
        self._moved, self._state = False, state
        answer = call.ret, call.count, call.error
        other = self.row > 0 and self._answers.get(call.name, answer) != answer
        self._answers[call.name] = answer
        return moved or other or call.raised is not None

    def _keep(self, call: Call) -> None:
        self.last = name_of(call)
        self._error = call.error
        told = call.error is not None and call.error is not ErrorCode.NONE
        self.answer = f"{call.ret} {call.error.name}" if told and call.error is not None else f"{call.ret}"

    def _stand(self, call: Call) -> None:
        self.row += 1
        progress = self._progress
        if self.row == (progress.limit or SUSPICIOUS) and progress.on_spin is not None:
            progress.on_spin(self.spin(), call)
        if progress.limit is not None and self.row >= progress.limit:
            raise NoProgress(self.spin())

    def spin(self) -> Standstill:
        """The row of calls as a standstill."""
        assert self.last is not None
        advice = _ADVICE.get(self._error, "close the connection") if self._error is not None else ""
        if self.last.name in _LOOKS and not self.waits:
            advice = "read the bytes, which a peek leaves where they are"
        waits = {self._who: self.waits}
        return Standstill("spin", self.last, self.row, self.answer, waits, advice.format(name=self.last.name))

    def waits_in_vain(self, peer: _Steps) -> bool:
        """Whether the last call waits for what nothing on the way will bring."""
        if self.waits == "read":
            return not can_read(peer._s, self._s)
        return self.waits == "write" and not can_write(self._s, peer._s)


_ADVICE = {
    ErrorCode.WANT_READ: "repeat {name}() when bytes of the peer can be read; that there is room to write "
    "says nothing",
    ErrorCode.WANT_WRITE: "repeat {name}() when the transport has room",
    ErrorCode.ZERO_RETURN: "the peer has closed the connection: close it, too",
    ErrorCode.SYSCALL: "the transport has failed or ended: close the connection",
    ErrorCode.SSL: "the connection has failed: close it",
    ErrorCode.NONE: "",
}


def _part_of(state: State) -> tuple[int, ...]:
    """A state without SSL_want() and the error queue, which every answer sets."""
    return state[:6] + state[7:9] + state[10:]
