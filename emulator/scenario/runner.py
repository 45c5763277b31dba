"""Runs scenarios on emulated connections and records what every call answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from emulator.exceptions import SimulatedCrash, UsageError
from emulator.profile import load_profile
from emulator.scenario.model import ScenarioError
from emulator.scenario.side import Unsupported
from emulator.scenario.stage import Stage
from emulator.scenario.threads import SideThread
from emulator.scenario.world import Worlds

if TYPE_CHECKING:
    from types import TracebackType

    from emulator.context import Authority
    from emulator.profile import Profile
    from emulator.scenario.emulated import EmulatedSide
    from emulator.scenario.model import Scenario
    from emulator.scenario.step import Json, Step


class Runner:
    """Replays scenarios on one profile; contexts, keys and threads serve one scenario after the other.

    ``follow`` says whom to follow where the release's page and its code disagree: recordings follow the code.
    ``most_calls`` bounds the calls that the transport of one scenario takes: EndlessError beyond.
    """

    def __init__(
        self, profile: Profile, follow: Authority = "library", *, most_calls: int | None = None
    ) -> None:
        self.profile = profile
        self._worlds = Worlds(profile, follow, self._thread_of)
        self._most_calls = most_calls
        self._threads: dict[str, SideThread] = {}

    def run(self, scenario: Scenario) -> Json:
        """Run one scenario; its line, as a recorder would have written it."""
        line = {
            "id": scenario.id,
            "openssl": self.profile.name.removesuffix("-base"),
            "build": list(scenario.build),
            "scenario": scenario.raw["scenario"],
        }
        steps = scenario.steps or []
        try:
            stage = self.begin(scenario)
        except Unsupported as error:
            return {**line, "unsupported": error.what}
        try:
            return {**line, "trace": stage.trace(steps)}
        except SimulatedCrash as crash:
            return {**line, "crash": crash.signal, "trace": [{"step": step.raw} for step in steps]}
        finally:
            stage.abandon()

    def begin(self, scenario: Scenario) -> Stage[EmulatedSide]:
        """A scenario whose steps are still to be taken; raises Unsupported.  Afterwards it is abandoned."""
        world = scenario.world
        self._worlds.check(world, establishes=establishes(scenario.steps))
        sides = self._worlds.make(world, scenario.id, self._most_calls)
        return Stage(sides, blocking=world.blocking)

    def _thread_of(self, who: str) -> SideThread:
        if who not in self._threads:
            self._threads[who] = SideThread()
        return self._threads[who]

    def close(self) -> None:
        """End the threads."""
        for thread in self._threads.values():
            thread.close()
        self._threads.clear()


def establishes(steps: list[Step] | None) -> bool:
    """Whether a handshake is part of the scenario; taken for granted where its steps are not known."""
    return steps is None or any(step.do == "establish" for step in steps)


class Runners:
    """A runner for every ``build`` that the lines of a file name; as a context manager it ends threads.

    ``most_calls`` is that of every :class:`Runner`.
    """

    def __init__(self, profile: Profile, *, most_calls: int | None = None) -> None:
        self._profile = profile
        self._most_calls = most_calls
        self._runners: dict[tuple[str, ...], Runner] = {}

    def run(self, scenario: Scenario) -> Json:
        """Run one scenario on the release as the scenario's library was built.

        Raises ScenarioError for a build that isn't known.
        """
        return self.runner(scenario).run(scenario)

    def runner(self, scenario: Scenario) -> Runner:
        """The runner for the build that a scenario names; raises ScenarioError as :meth:`run` does."""
        runner = self._runners.get(scenario.build)
        if runner is None:
            try:
                profile = load_profile(self._profile, scenario.build or None)
            except UsageError as error:
                raise ScenarioError(scenario.line, str(error)) from None
            runner = self._runners[scenario.build] = Runner(profile, most_calls=self._most_calls)
        return runner

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self._runners.values():
            runner.close()
        self._runners.clear()
