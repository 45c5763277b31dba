"""Verifying: the same scenarios on a real library and on a profile, and where the two part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from emulator.reallib.shrink import shrunk
from emulator.scenario.compare import difference
from emulator.scenario.model import ScenarioError, parse_line
from emulator.scenario.runner import Runners

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from emulator.reallib.record import Recorder
    from emulator.scenario.model import Json, Scenario

CONFIRMATIONS = 16
"""How often a scenario is recorded again before the profile is said to be wrong: what the library decides
by chance (the padding of a damaged record, once in 16 to 256) has then shown it.  The profile is asked as
often, each time with other keys."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where the library and the profile part.

    ``recorded`` is the library's trace, ``difference`` the first field that the profile answers otherwise.
    """

    recorded: Json
    difference: str

    def as_json(self) -> Json:
        """The difference, and the scenario that shows it."""
        steps = [entry["step"] for entry in self.recorded.get("trace", ())]
        return {
            "id": self.recorded["id"],
            "difference": self.difference,
            "scenario": self.recorded["scenario"],
            "steps": steps,
        }


@dataclass(slots=True)
class Counts:
    """How many scenarios were run, on how many the two agree, and how many say nothing."""

    matched: int = 0
    parted: int = 0
    unsupported: int = 0
    unsteady: int = 0
    """Scenarios that end now one way and now another on the library itself."""

    @property
    def total(self) -> int:
        """How many scenarios tell something."""
        return self.matched + self.parted

    @property
    def percent(self) -> float:
        """The share of scenarios that match; nothing asked is nothing missed."""
        return 100 * self.matched / self.total if self.total else 100.0

    def __str__(self) -> str:
        """Two decimals, never rounded up: 100.00 % means all."""
        return f"{self.matched}/{self.total} {int(self.percent * 100) / 100:.2f} %"

    def as_json(self) -> Json:
        """The numbers as a plain object."""
        return {
            "matched": self.matched,
            "total": self.total,
            "unsupported": self.unsupported,
            "by_chance": self.unsteady,
        }


class Verifier:
    """Compares a profile with the library that a recorder drives; as a context manager it ends threads.

    ``counts`` is where scenarios are counted, new unless given.
    """

    def __init__(self, recorder: Recorder, *, strict: bool = False, counts: Counts | None = None) -> None:
        self.recorder = recorder
        self.counts = Counts() if counts is None else counts
        self.strict = strict
        self.runners = Runners(recorder.profile)

    def run(self, scenarios: Iterable[Scenario]) -> Iterator[Parting]:
        """Run the scenarios on both; give those that part, and count all."""
        scenarios = list(scenarios)
        for scenario, recorded in zip(scenarios, self.recorder.record(scenarios), strict=True):
            if recorded is None:
                self.counts.unsteady += 1
                continue
            found = self._difference(scenario, recorded)
            parting = None if found is None else self.confirmed(scenario)
            if parting is not None:
                self.counts.parted += 1
                yield parting
            elif "unsupported" in recorded:
                self.counts.unsupported += 1
            else:
                self.counts.matched += 1

    def shrink(self, parting: Parting) -> Parting:
        """The same with as little as still shows a difference."""
        smallest = parting

        def parts(line: Json) -> bool:
            nonlocal smallest
            found = self.confirmed(parse_line(line), times=4)
            if found is not None:
                smallest = found
            return found is not None

        shrunk(_plain(parting.recorded), parts)
        return smallest

    def confirmed(self, scenario: Scenario, times: int = CONFIRMATIONS) -> Parting | None:
        """How the two part if that is not by chance, on either side."""
        (recorded,) = self.recorder.record([scenario], times)
        if recorded is None:
            return None
        found = self._difference(scenario, recorded)
        if found is None or self._answers_so_with_other_keys(scenario, recorded, times):
            return None
        return Parting(recorded, found)

    def _answers_so_with_other_keys(self, scenario: Scenario, recorded: Json, times: int) -> bool:
        """Whether the profile does what was recorded, too, and only its own keys decided otherwise.

        A scenario's id is what its keys are drawn from.
        """
        others = (replace(scenario, id=f"{scenario.id} {number}") for number in range(1, times))
        return any(self._difference(other, recorded) is None for other in others)

    def _difference(self, scenario: Scenario, recorded: Json) -> str | None:
        return difference(recorded, self._replayed(scenario), strict=self.strict)

    def _replayed(self, scenario: Scenario) -> Json:
        scenario.build = tuple(self.recorder.build)
        try:
            return self.runners.run(scenario)
        except ScenarioError:
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours is a difference like any other
            return {"crash": f"{type(error).__name__}: {error}", "trace": []}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.runners.__exit__(kind, error, trace)


def _plain(line: Json) -> Json:
    """A line without what was recorded of its steps."""
    steps = [{"step": entry["step"]} for entry in line.get("trace", ())]
    return {"id": line["id"], "scenario": line["scenario"], "trace": steps}
