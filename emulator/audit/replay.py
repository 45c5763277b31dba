"""Recorded scenarios as observations: the emulated connections answer as recorded, and are observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.contract.call import IO_CALLS
from emulator.contract.path import listen
from emulator.exceptions import SimulatedCrash
from emulator.pages.observation import Observation
from emulator.pages.observer import Observer
from emulator.scenario.compare import difference
from emulator.scenario.kinds import Part
from emulator.scenario.model import parse_line
from emulator.scenario.side import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.contract.call import Call
    from emulator.scenario.model import Scenario
    from emulator.scenario.runner import Runners
    from emulator.scenario.step import Json, Step

STEP = "step"
"""The note of a call with the number of the step that made it."""


class Observed(NamedTuple):
    """One recorded call."""

    step: int
    """The number of the step that made it, from 0."""
    call: Observation


class _Place:
    """The step that is being taken."""

    def __init__(self) -> None:
        self.number: int | None = None
        """Its number; None of one that makes no recorded call."""
        self.is_io = False
        """Whether SSL_get_error() can be asked about its call: a recorder asks after every call."""

    def enter(self, number: int, step: Step) -> None:
        """Take the next step."""
        self.number = None if step.kind.part is Part.TRANSPORT else number
        self.is_io = step.kind.function.removeprefix("SSL_") in IO_CALLS


class _Stepped(Observer):
    """Notes with each call the step that made it, even if it returns in a later one."""

    def __init__(self, place: _Place, sink: Callable[[Call, Observation], None]) -> None:
        super().__init__(sink)
        self._place = place

    def before(self, call: Call) -> None:
        place = self._place
        call.notes[STEP] = place.number if place.is_io or call.name != "get_error" else None
        super().before(call)


def observed(runners: Runners, line: Json) -> list[Observed] | None:
    """Replay a recorded line; None if it has no trace, or the release does not answer as recorded."""
    if "unsupported" in line or "trace" not in line:
        return None
    found: list[Observed] = []
    try:
        actual = _replayed(runners, parse_line(line), found)
    except Unsupported:
        return None
    replayed = {**line, **actual} if "crash" in actual else {**_without_crash(line), **actual}
    return found if difference(line, replayed) is None else None


def _without_crash(line: Json) -> Json:
    return {key: value for key, value in line.items() if key != "crash"}


def _replayed(runners: Runners, scenario: Scenario, found: list[Observed]) -> Json:
    """Run a scenario, as a runner does, and collect what is observed up to its end or to a crash."""
    place = _Place()

    def take(call: Call, seen: Observation) -> None:
        if call.notes[STEP] is not None:
            found.append(Observed(call.notes[STEP], seen))

    steps = scenario.steps or []
    stage = runners.runner(scenario).begin(scenario)
    for who, side in stage.sides.items():
        listen(side.conn, _Stepped(place, take), who=who)
    trace: list[Json] = []
    try:
        for number, step in enumerate(steps):
            place.enter(number, step)
            trace.append(stage.take(step))
            found.extend(_missing(number, step, trace[-1]))
    except SimulatedCrash as crash:
        return {"crash": crash.signal, "trace": [{"step": step.raw} for step in steps]}
    finally:
        stage.abandon()
    return {"trace": trace}


def _missing(number: int, step: Step, entry: Json) -> Iterator[Observed]:
    if entry.get("missing"):
        yield Observed(number, Observation(name=step.kind.function.removeprefix("SSL_"), missing=True))
