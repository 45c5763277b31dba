"""Recorded scenarios replayed on one profile after the other, and how far each of them agrees."""

from __future__ import annotations

import math
import re
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from emulator.profiles.watch import Watched
from emulator.scenario.compare import difference
from emulator.scenario.model import ScenarioError, parse_line
from emulator.scenario.runner import Runners

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.profile import Profile
    from emulator.scenario.model import Json

SECONDS = 2
"""A scenario that takes longer goes round in a circle."""

STEP = re.compile(r"step (\d+)")
WHOLE = math.inf


class CircleError(Exception):
    """A scenario that does not end."""


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
        self._runners = Runners(profile)

    def agreement(self, line: Json) -> Agreement:
        """Replay one line."""
        actual = self._replayed(line)
        found = difference(line, actual, strict=self._strict)
        return Agreement(_steps(found), found, actual)

    def _replayed(self, line: Json) -> Json:
        scenario = parse_line(line)
        try:
            with limited(SECONDS):
                return self._runners.run(scenario)
        except ScenarioError:
            raise
        except CircleError:
            return {"crash": f"no answer within {SECONDS} seconds", "trace": []}
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


def _in_a_circle(_signal: int, _frame: object) -> None:
    raise CircleError


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Break off what takes longer, where that can be done: signals are the main thread's."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGALRM, _in_a_circle)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
