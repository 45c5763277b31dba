"""Recorded scenarios replayed on one profile after the other, and how far each of them agrees."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from emulator.profiles.watch import Watched
from emulator.scenario.budget import MOST_CALLS
from emulator.scenario.compare import difference
from emulator.scenario.model import ScenarioError, parse_line
from emulator.scenario.runner import Runners

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.profile import Profile
    from emulator.scenario.model import Json

STEP = re.compile(r"step (\d+)")
WHOLE = math.inf


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a profile agrees with one recorded scenario.

    ``steps`` is how many steps answer alike before the first ``difference``: -1 if the scenario ended
    otherwise altogether, and :data:`WHOLE` if there is no difference.  ``actual`` is the profile's trace.
    """

    steps: float
    difference: str | None
    actual: Json

    @property
    def is_whole(self) -> bool:
        """Whether they agree."""
        return self.difference is None


class Replay:
    """Replays recorded lines on one profile; as a context manager it ends threads."""

    def __init__(self, profile: Profile, *, strict: bool = False) -> None:
        self._strict = strict
        self._runners = Runners(profile, most_calls=MOST_CALLS)

    def agreement(self, line: Json) -> Agreement:
        """Replay one line."""
        actual = self._replayed(line)
        found = difference(line, actual, strict=self._strict)
        return Agreement(_steps(found), found, actual)

    def _replayed(self, line: Json) -> Json:
        scenario = parse_line(line)
        try:
            return self._runners.run(scenario)
        except ScenarioError:
            raise
        except Exception as error:  # noqa: BLE001 - an answer that fits nothing else may lead anywhere
            return {"crash": f"{type(error).__name__}: {error}", "trace": []}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runners.__exit__(None, None, None)


def _steps(found: str | None) -> float:
    if found is None:
        return WHOLE
    match = STEP.match(found)
    return int(match[1]) if match else -1


def looked_at(profile: Profile, line: Json) -> set[str]:
    """The keys of the behaviours that the profile is asked for in one scenario, contexts included."""
    watched = Watched(profile)
    with Replay(watched.profile) as replay:
        replay.agreement(line)
    return watched.looked_at


def looked_at_while_it_runs(profile: Profile, line: Json) -> tuple[set[str], Agreement]:
    """The same without what only contexts ask, in a fraction of the time; and the agreement."""
    watched = Watched(profile)
    with Replay(watched.profile) as replay:
        agreement = replay.agreement(line)
        watched.looked_at.clear()
        replay.agreement(line)
    return watched.looked_at, agreement


def agreements(profile: Profile, lines: Iterable[Json], *, strict: bool = False) -> list[Agreement]:
    """How far a profile agrees with each of the lines."""
    with Replay(profile, strict=strict) as replay:
        return [replay.agreement(line) for line in lines]
