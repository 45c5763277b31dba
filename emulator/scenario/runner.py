"""Runs scenarios on emulated connections and records what every call answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from emulator.exceptions import SimulatedCrash, UsageError
from emulator.exists import require
from emulator.profile import load_profile
from emulator.scenario.model import ScenarioError
from emulator.scenario.run import Run
from emulator.scenario.threads import SideThread
from emulator.scenario.world import Unsupported, Worlds

if TYPE_CHECKING:
    from types import TracebackType

    from emulator.context import Authority
    from emulator.profile import Profile
    from emulator.scenario.model import Json, Scenario, Step

FUNCTIONS = {
    "write_ex": "write_ex",
    "read_ex": "read_ex",
    "renegotiate_abbreviated": "renegotiate_abbreviated",
    "key_update": "key_update",
}
"""Steps whose function a release may lack."""


class Runner:
    """Replays scenarios on one profile; contexts, keys and threads serve one scenario after the other.

    ``follow`` says whom to follow where the release's page and its code disagree: recordings follow the code.
    """

    def __init__(self, profile: Profile, follow: Authority = "library") -> None:
        self.profile = profile
        self.worlds = Worlds(profile, follow)
        self._missing = {do for do, name in FUNCTIONS.items() if not _exports(profile, name)}
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
            run = self.begin(scenario)
        except Unsupported as error:
            return {**line, "unsupported": error.what}
        try:
            return {**line, "trace": run.trace(steps)}
        except SimulatedCrash as crash:
            return {**line, "crash": crash.signal, "trace": [{"step": step.raw} for step in steps]}
        finally:
            run.abandon()

    def begin(self, scenario: Scenario) -> Run:
        """A scenario whose steps are still to be taken; raises Unsupported.  Afterwards it is abandoned."""
        self.worlds.check(scenario.world, establishes=establishes(scenario.steps))
        return Run(self, scenario)

    def lacks(self, do: str) -> bool:
        """Whether the release has no such function."""
        return do in self._missing

    def thread(self, who: str) -> SideThread:
        """The thread that blocking calls of this side run on."""
        if who not in self._threads:
            self._threads[who] = SideThread()
        return self._threads[who]

    def close(self) -> None:
        """End the threads."""
        for thread in self._threads.values():
            thread.close()
        self._threads.clear()


def _exports(profile: Profile, name: str) -> bool:
    try:
        require(profile, name)
    except AttributeError:
        return False
    return True


def establishes(steps: list[Step] | None) -> bool:
    """Whether a handshake is part of the scenario; taken for granted where its steps are not known."""
    return steps is None or any(step.do == "establish" for step in steps)


class Runners:
    """A runner for every ``build`` that the lines of a file name; as a context manager it ends threads."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
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
            runner = self._runners[scenario.build] = Runner(profile)
        return runner

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self._runners.values():
            runner.close()
        self._runners.clear()
