"""One scenario under way on the real library: its steps, one at a time.

Source: "Steps".  Every call of a side runs on that side's own thread, where it may block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.reallib.child.calls import CALLS, SETTINGS, Buffers, perform
from emulator.reallib.child.world import Json, Side, Unsupported, Worlds

if TYPE_CHECKING:
    from collections.abc import Callable

HANDSHAKE_ROUNDS = 100
PUMP_ROUNDS = 1000
"""A pump that still moves bytes after so many rounds is given up."""


class Run:
    """One scenario under way."""

    def __init__(self, worlds: Worlds, scenario: Json) -> None:
        self.library = worlds.library
        self.world: Json = scenario["scenario"]
        self.sides = worlds.make(self.world)
        self._buffers = Buffers()
        self._blocked: dict[str, tuple[Json, Json]] = {}
        self._index = -1
        self._may_block(yes=bool(self.world.get("blocking")))

    def trace(self, steps: list[Json]) -> list[Json]:
        """Run all steps; what was recorded of each.  Raises Unsupported if no connection comes about."""
        return [self.take(step) for step in steps]

    def take(self, step: Json) -> Json:
        """Run the next step; what was recorded of it, to which a later step may add how a call completed."""
        self._index += 1
        entry: Json = {"step": step}
        self._do(step, entry)
        return entry

    def _may_block(self, *, yes: bool) -> None:
        for side in self.sides.values():
            side.transport.wait = side.thread.block if yes else None

    def _do(self, step: Json, entry: Json) -> None:
        transport = TRANSPORT_STEPS.get(step["do"])
        if transport is not None:
            transport(self, step, entry)
        elif step["who"] in self._blocked:
            entry["skipped"] = "side is blocked"
        elif step["do"] in CALLS:
            self._call(self.sides[step["who"]], step, entry)
        else:
            side = self.sides[step["who"]]
            side.thread.start(lambda: entry.update(SETTINGS[step["do"]](self.library, side, step)))

    def _call(self, side: Side, step: Json, entry: Json) -> None:
        if not self.library.has(CALLS[step["do"]][0]):
            entry["missing"] = True
            return
        result: Json = {}
        side.thread.start(lambda: result.update(perform(self.library, side, step, self._buffers)))
        if side.thread.is_blocked:
            self._blocked[side.who] = entry, result
            entry["blocked"] = True
        entry.update(result)
        entry.update(side.meter.take())

    def wake(self, side: Side) -> None:
        """Let a blocked side look at its transport again; record its call if that returned."""
        if side.who not in self._blocked:
            return
        side.thread.wake()
        if not side.thread.is_blocked:
            entry, result = self._blocked.pop(side.who)
            entry["completed"] = {**result, **side.meter.take()}
            entry["completed_after"] = self._index

    def establish(self) -> None:
        """Both sides shake hands in turn, then each peeks once; never blocks."""
        self._may_block(yes=False)
        waiting = list(self.sides.values())
        for _round in range(HANDSHAKE_ROUNDS):
            waiting = [side for side in waiting if not self._advances(side)]
            if not waiting:
                break
        else:
            raise Unsupported(self.world.get("protocol", "TLSv1"))
        for side in self.sides.values():
            self._quietly(side, "peek")
            self.deliver_all()
        self._may_block(yes=bool(self.world.get("blocking")))

    def _advances(self, side: Side) -> bool:
        done: bool = self._quietly(side, "handshake")["ret"] == 1
        self.deliver_all()
        return done

    def _quietly(self, side: Side, do: str) -> Json:
        result: Json = {}
        step = {"who": side.who, "do": do, "size": 1}
        side.thread.start(lambda: result.update(perform(self.library, side, step, self._buffers)))
        side.meter.take()
        return result

    def deliver_all(self) -> int:
        """Deliver everything both ways; how many bytes that were."""
        return sum(side.transport.outgoing.deliver() for side in self.sides.values())

    def pump(self) -> None:
        """Deliver everything both ways and wake blocked sides until nothing moves."""
        for _ in range(PUMP_ROUNDS):
            moved = self.deliver_all()
            for side in self.sides.values():
                self.wake(side)
            if not moved and not any(side.transport.outgoing.sent for side in self.sides.values()):
                return


def _deliver(run: Run, step: Json, entry: Json) -> None:
    entry["moved"] = run.sides[step["from"]].transport.outgoing.deliver(step.get("bytes"))


def _capacity(run: Run, step: Json, _entry: Json) -> None:
    run.sides[step["who"]].transport.outgoing.capacity = step["bytes"]


def _plan(run: Run, step: Json, _entry: Json) -> None:
    run.sides[step["who"]].transport.outgoing.plan.extend(step["plan"])


def _eof(run: Run, step: Json, _entry: Json) -> None:
    run.sides[step["from"]].transport.outgoing.ended = True


def _fail_read(run: Run, step: Json, _entry: Json) -> None:
    run.sides[step["who"]].transport.read_errno = step["errno"]


def _inject(run: Run, step: Json, _entry: Json) -> None:
    run.sides[step["from"]].transport.outgoing.arrived += bytes.fromhex(step["hex"])


def _corrupt(run: Run, step: Json, _entry: Json) -> None:
    sent = run.sides[step["from"]].transport.outgoing.sent
    if step["at"] < len(sent):
        sent[step["at"]] ^= 0xFF


TRANSPORT_STEPS: dict[str, Callable[[Run, Json, Json], Any]] = {
    "establish": lambda run, _step, _entry: run.establish(),
    "deliver": _deliver,
    "pump": lambda run, _step, _entry: run.pump(),
    "wake": lambda run, step, _entry: run.wake(run.sides[step["who"]]),
    "capacity": _capacity,
    "plan": _plan,
    "eof": _eof,
    "fail_read": _fail_read,
    "inject": _inject,
    "corrupt": _corrupt,
}
"""Steps that do not run on a side, so that a blocked side doesn't mind."""
