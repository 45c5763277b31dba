"""One scenario under way: its steps, one at a time, on two sides and the transport between them.

The same stage drives emulated connections and real libraries, so that a recording and its replay run the
same script.  Source: "Steps" and "What is recorded of a call" in the description of the recorded traces.

This module is imported by the process that has loaded a real library: nothing here may import ``hashlib``,
``ssl`` or ``cryptography``.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Generic, TypeVar

from emulator.constants import ErrorCode, Want
from emulator.scenario.kinds import Part, Records
from emulator.scenario.side import Side, Unsupported
from emulator.scenario.step import Json, Step, parse_step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HANDSHAKE_ROUNDS = 100
"""``establish`` gives up after so many turns: no handshake takes as many."""

PUMP_ROUNDS = 1000
"""A pump that still moves bytes after so many rounds gives up.

The first recorder had such a limit: with a capacity of 10 bytes a blocked write of 70,000 was still blocked
after a pump (random/1000129/tls12-gcm), and one of 32,768 at a capacity of 1,000 had returned.
"""

BLOCKED = "side is blocked"

ERROR_NAMES = {int(code): code.name for code in ErrorCode}
WANT_NAMES = {int(want): want.name for want in Want}

S_co = TypeVar("S_co", bound=Side, covariant=True)


class Stage(Generic[S_co]):
    """One scenario under way.

    ``requires`` is the protocol that a real library turns out to lack where ``establish`` makes no
    connection: Unsupported is raised then.  None: the release was asked beforehand, and a handshake that
    fails is an answer like any other.
    """

    def __init__(self, sides: Mapping[str, S_co], *, blocking: bool, requires: str | None = None) -> None:
        self.sides = sides
        self._is_blocking = blocking
        self._requires = requires
        self._blocked: dict[str, tuple[Json, Json]] = {}
        self._index = -1
        self._let_block(yes=blocking)

    def trace(self, steps: list[Step]) -> list[Json]:
        """Run all steps; what was recorded of each.  Raises Unsupported, SimulatedCrash."""
        return [self.take(step) for step in steps]

    def take(self, step: Step) -> Json:
        """Run the next step; what was recorded of it.  A later step may add how the call completed."""
        entry: Json = {"step": step.raw}
        self.record(step, entry)
        return entry

    def record(self, step: Step, entry: Json) -> None:
        """Run the next step, and add to ``entry`` what was recorded of it, also where it raises."""
        self._index += 1
        kind = step.kind
        if kind.part is Part.TRANSPORT:
            TRANSPORT[kind.name](self, step, entry)
        elif step.who in self._blocked:
            entry["skipped"] = BLOCKED
        elif kind.part is Part.CALL and self.sides[step.who].lacks(kind):
            entry["missing"] = True
        else:
            self._on_side(self.sides[step.who], step, entry)

    def unfinished(self) -> dict[str, Json]:
        """The entries of the calls that are blocked, by their sides."""
        return {who: entry for who, (entry, _) in self._blocked.items()}

    def abandon(self) -> None:
        """Leave no call blocked behind."""
        for who in self._blocked:
            self.sides[who].thread.abandon()
        self._blocked.clear()

    # -- calls and settings ------------------------------------------------------------------

    def _on_side(self, side: Side, step: Step, entry: Json) -> None:
        result: Json = {}
        recorder = RECORDERS[step.kind.records]
        side.run(lambda: result.update(recorder(side, step)))
        if side.bio.wait is not None and side.thread.is_blocked:
            self._blocked[side.who] = entry, result
            entry["blocked"] = True
        entry.update(result)
        entry.update(side.meter.take())

    def wake(self, who: str) -> None:
        """Let a blocked side look at its transport again; record its call if that returned."""
        if who not in self._blocked:
            return
        side = self.sides[who]
        side.thread.wake()
        if not side.thread.is_blocked:
            entry, result = self._blocked.pop(who)
            entry["completed"] = {**result, **side.meter.take()}
            entry["completed_after"] = self._index

    def _let_block(self, *, yes: bool) -> None:
        for side in self.sides.values():
            side.bio.wait = side.thread.block if yes else None

    # -- both sides --------------------------------------------------------------------------

    def establish(self) -> None:
        """Both sides shake hands in turn, then each peeks once; never blocks.  Raises Unsupported.

        A side that is blocked in an earlier call takes no part.
        """
        self._let_block(yes=False)
        waiting = sides = [side for who, side in self.sides.items() if who not in self._blocked]
        for _round in range(HANDSHAKE_ROUNDS):
            waiting = [side for side in waiting if self._quietly(side, "handshake") != 1]
            if not waiting:
                break
        if waiting and self._requires is not None:
            raise Unsupported(self._requires)
        for side in sides:
            self._quietly(side, "peek", size=1)
        self._let_block(yes=self._is_blocking)

    def _quietly(self, side: Side, do: str, **arguments: int) -> int:
        """Make a call of which nothing is recorded, and deliver everything; its return value."""
        step = parse_step({"who": side.who, "do": do, **arguments})
        result: Json = {}
        side.run(lambda: result.update(_call(side, step)))
        side.meter.take()
        self.deliver_all()
        ret: int = result["ret"]
        return ret

    def deliver_all(self) -> int:
        """Deliver everything both ways; how many bytes that were."""
        return sum(side.bio.outgoing.deliver() for side in self.sides.values())

    def pump(self) -> None:
        """Deliver everything both ways and wake blocked sides until nothing moves."""
        for _ in range(PUMP_ROUNDS):
            moved = self.deliver_all()
            for who in self.sides:
                self.wake(who)
            if not moved and not any(side.bio.outgoing.sent for side in self.sides.values()):
                return


# -- what is recorded of a call or a setting -----------------------------------------------------


def _call(side: Side, step: Step) -> Json:
    """Make a call, and record all of it; the fields stand in the order in which they are looked up."""
    if not step.keep_queue:
        side.clear_errors()
    side.errno = 0
    ret, data, out = side.perform(step)
    errno = side.errno
    error = side.get_error(ret)
    record: Json = {"ret": ret, "error": ERROR_NAMES.get(error, error), **(out or {})}
    if data:
        record["data"] = {"len": len(data), "crc32": zlib.crc32(data)}
    if errno:
        record["errno"] = errno
    if queue := side.drain_errors():
        record["queue"] = queue
    want = side.want()
    record["want"] = WANT_NAMES.get(want, want)
    if shutdown := side.get_shutdown():
        record["shutdown"] = int(shutdown)
    record["in_init"] = side.in_init()
    return record


def _mode(side: Side, step: Step) -> Json:
    return {"mode": side.perform(step).ret}


def _answer(side: Side, step: Step) -> Json:
    if not step.keep_queue:
        side.clear_errors()
    return {"ret": side.perform(step).ret, "queue": side.drain_errors()}


def _nothing(side: Side, step: Step) -> Json:
    side.perform(step)
    return {}


RECORDERS: dict[Records, Callable[[Side, Step], Json]] = {
    Records.CALL: _call,
    Records.MODE: _mode,
    Records.ANSWER: _answer,
    Records.NOTHING: _nothing,
}


# -- the transport -------------------------------------------------------------------------------


def _establish(stage: Stage[Side], _step: Step, _entry: Json) -> None:
    stage.establish()


def _pump(stage: Stage[Side], _step: Step, _entry: Json) -> None:
    stage.pump()


def _wake(stage: Stage[Side], step: Step, _entry: Json) -> None:
    stage.wake(step.who)


def _deliver(stage: Stage[Side], step: Step, entry: Json) -> None:
    entry["moved"] = stage.sides[step.source].bio.outgoing.deliver(step.bytes)


def _capacity(stage: Stage[Side], step: Step, _entry: Json) -> None:
    stage.sides[step.who].bio.outgoing.capacity = step.bytes


def _plan(stage: Stage[Side], step: Step, _entry: Json) -> None:
    stage.sides[step.who].bio.outgoing.plan.extend(step.plan)


def _eof(stage: Stage[Side], step: Step, _entry: Json) -> None:
    stage.sides[step.source].bio.outgoing.ended = True


def _fail_read(stage: Stage[Side], step: Step, _entry: Json) -> None:
    stage.sides[step.who].bio.read_errno = step.errno


def _inject(stage: Stage[Side], step: Step, _entry: Json) -> None:
    stage.sides[step.source].bio.outgoing.arrived += bytes.fromhex(step.hex)


def _corrupt(stage: Stage[Side], step: Step, _entry: Json) -> None:
    sent = stage.sides[step.source].bio.outgoing.sent
    if step.at < len(sent):
        sent[step.at] ^= 0xFF


TRANSPORT: dict[str, Callable[[Stage[Side], Step, Json], None]] = {
    "establish": _establish,
    "pump": _pump,
    "wake": _wake,
    "deliver": _deliver,
    "capacity": _capacity,
    "plan": _plan,
    "eof": _eof,
    "fail_read": _fail_read,
    "inject": _inject,
    "corrupt": _corrupt,
}
"""The steps of :attr:`~emulator.scenario.kinds.Part.TRANSPORT`."""
