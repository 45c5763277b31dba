"""Recording: scenarios in, traces of a real library out, each value recorded more than once."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from emulator.exceptions import UnknownProfile
from emulator.profile import load_profile
from emulator.reallib.agree import agreed
from emulator.reallib.oracle import PERTURBED, Oracle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from emulator.profile import Profile
    from emulator.reallib.oracle import Told
    from emulator.scenario.model import Json, Scenario

RELEASE = re.compile(r"((\d+\.\d+)\.\d+)([a-z]*)")


def profile_of(version: str) -> Profile:
    """The profile of a library that calls itself so; raises UnknownProfile.

    What a distributor patched has its own name ("1.0.1e-fips") and may have its own profile; else that of
    the release is taken, or of a series that has no letters.
    """
    match = RELEASE.match(version)
    if match is None:
        raise UnknownProfile(version, ())
    number, series, letter = match.groups()
    # The number alone would be the name of its whole series; from 3.0 on it is a release's own.
    names = [number + letter] if letter else [f"{number}-base", number]
    for name in ([version] if version != number else []) + names + [series]:
        try:
            return load_profile(name)
        except UnknownProfile as error:
            unknown = error
    raise unknown


class Recorder:
    """Records scenarios on one library ``times`` times; as a context manager it ends the library's processes.

    ``profile`` says which options the release knows, and is found by the library's version unless given.
    Every second recording finds other bytes in memory that the library has not written.
    """

    def __init__(
        self,
        path: str,
        profile: Profile | None = None,
        *,
        times: int = 2,
        processes: int | None = None,
    ) -> None:
        self._times = times
        with ExitStack() as stack:
            oracles = [
                stack.enter_context(Oracle(path, processes=processes, environment=environment))
                for environment in ({}, PERTURBED)[: min(times, 2)]
            ]
            self.version = oracles[0].version
            self.build = oracles[0].build
            self.profile = profile_of(self.version) if profile is None else profile
            for oracle in oracles:
                oracle.settle(self.profile.options)
            self._oracles = oracles
            self._stack = stack.pop_all()

    def record(self, scenarios: Iterable[Scenario], times: int | None = None) -> Iterator[Json | None]:
        """The traces, in order; None for a scenario that ends now one way and now another."""
        scenarios = list(scenarios)
        rounds = [
            self._oracles[index % len(self._oracles)].run(scenarios) for index in range(times or self._times)
        ]
        for lines in zip(*rounds, strict=True):
            common: Json | None = lines[0]
            for line in lines[1:]:
                common = None if common is None else agreed(common, line)
            yield common

    def told(self, scenario: Scenario) -> AbstractContextManager[Told]:
        """Run a scenario whose steps are told one by one, once."""
        return self._oracles[0].told(scenario)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
