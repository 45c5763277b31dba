"""A real library and a profile side by side: told the same steps one by one, and compared after each."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from emulator.exceptions import SimulatedCrash
from emulator.scenario.compare import difference
from emulator.scenario.model import parse_line, parse_step
from emulator.scenario.side import Unsupported

if TYPE_CHECKING:
    from types import TracebackType

    from emulator.reallib.verify import Parting, Verifier
    from emulator.scenario.emulated import EmulatedSide
    from emulator.scenario.model import Json, Scenario
    from emulator.scenario.stage import Stage


class Emulated:
    """A scenario that is told to a profile step by step; as a context manager it leaves no call blocked.

    ``line`` is what the profile has answered so far, as a line of a trace.
    """

    def __init__(self, verifier: Verifier, scenario: Scenario) -> None:
        self._head = {"id": scenario.id, "scenario": scenario.raw["scenario"]}
        self._trace: list[Json] = []
        self._stage: Stage[EmulatedSide] | None = None
        self.line: Json = {**self._head, "trace": self._trace}
        try:
            self._stage = verifier.runners.runner(scenario).begin(scenario)
        except Unsupported as error:
            self.line = {**self._head, "unsupported": error.what}

    def take(self, raw: Json) -> Json:
        """Take the next step; the line so far."""
        if self._stage is None:
            return self.line
        try:
            self._trace.append(self._stage.take(parse_step(raw)))
        except SimulatedCrash as crash:
            self._die(crash.signal, raw)
        except Exception as error:  # noqa: BLE001 - a mistake of ours is a difference like any other
            self._die(f"{type(error).__name__}: {error}", raw)
        return self.line

    def _die(self, reason: str, raw: Json) -> None:
        steps = [{"step": entry["step"]} for entry in self._trace]
        self.line = {**self._head, "crash": reason, "trace": [*steps, {"step": raw}]}
        self.close()

    def close(self) -> None:
        """No more steps come."""
        if self._stage is not None:
            self._stage.abandon()
            self._stage = None


class SideBySide:
    """One scenario on a library and on the profile beside it; as a context manager it ends both.

    ``world`` is the scenario's world, as JSON.  Nothing is asked any more once ``is_over``: the library has
    died, lacks what the scenario is about, or has decided something by chance.
    """

    def __init__(self, verifier: Verifier, world: Json, name: str = "told") -> None:
        self._verifier = verifier
        self._steps: list[Json] = []
        self._plain: Json = {"id": name, "scenario": world, "trace": []}
        scenario = parse_line(self._plain)
        scenario.build = tuple(verifier.recorder.build)
        with ExitStack() as stack:
            self._emulated = Emulated(verifier, scenario)
            stack.callback(self._emulated.close)
            self._told = stack.enter_context(verifier.recorder.told(scenario))
            self._stack = stack.pop_all()
        self.is_over = False

    def take(self, step: Json) -> Parting | None:
        """Take the next step on both; where they part, if not by chance.  Nothing is done once over."""
        if self.is_over:
            return None
        self._steps.append(step)
        recorded, emulated = self._told.take(step), self._emulated.take(step)
        if difference(recorded, emulated, strict=self._verifier.strict) is None:
            self.is_over = self._told.is_over
            return None
        self.is_over = True
        self.close()  # which frees the process that the scenario is now recorded with again
        return self._verifier.confirmed(parse_line(self.scenario()))

    def scenario(self) -> Json:
        """The scenario so far, as a line without answers."""
        return {**self._plain, "trace": [{"step": step} for step in self._steps]}

    def last(self) -> Json:
        """What the library answered to the last step."""
        entries = self._told.line.get("trace") or [{}]
        entry: Json = entries[-1]
        return entry

    def close(self) -> None:
        """No more steps come."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
