"""Planted differences: would verifying notice if a profile answered one question otherwise?

A scenario is recorded once on the library, and then replayed on copies of the profile in which one behaviour
has another answer.  Where no scenario differs, verifying cannot see that behaviour: whatever the profile says
of it rests on sources alone.
"""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from emulator.exceptions import UsageError
from emulator.profiles.describe import answers, in_words
from emulator.profiles.vary import every_other_answer, with_answer
from emulator.reallib.shrink import shrunk
from emulator.scenario.budget import MOST_CALLS
from emulator.scenario.compare import difference
from emulator.scenario.model import ScenarioError, parse_line
from emulator.scenario.runner import Runners

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from emulator.profile import Profile
    from emulator.reallib.record import Recorder
    from emulator.scenario.model import Json, Scenario

CONFIRMATIONS = 8
"""How often the scenario that shows a planted answer is recorded again: it must not differ by chance."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One behaviour with another answer, and the scenario that shows it.

    ``recorded`` is the library's trace and ``difference`` the first field that differs with the planted
    answer; both None where no scenario tells the two answers apart.
    """

    key: str
    answer: str
    planted: str
    recorded: Json | None = None
    difference: str | None = None

    def as_json(self) -> Json:
        """Return it as a plain object, the library's trace under "recorded"."""
        return asdict(self)


class Planter:
    """Plants answers in the profile that a recorder's library has; ``scenarios`` are recorded once."""

    def __init__(self, recorder: Recorder, scenarios: Iterable[Scenario]) -> None:
        self._recorder = recorder
        self._profile = recorder.profile
        self._lines = [line for line in recorder.record(scenarios) if line and "unsupported" not in line]
        self._lines = self._alike(self._profile, self._lines)

    @property
    def count(self) -> int:
        """How many scenarios say something: those on which the library and the profile agree."""
        return len(self._lines)

    def plant(self, wanted: Collection[str]) -> Iterator[Planted]:
        """Plant every other answer to every question of these sections or behaviours."""
        found = answers(self._profile)
        for key in _chosen(found, wanted):
            for value in every_other_answer(self._profile, key):
                planted = with_answer(self._profile, key, value)
                yield self._shown(Planted(key, found[key], in_words(value)), planted)

    def shrink(self, shown: Planted) -> Planted:
        """The same with as little of the scenario as still shows it."""
        if shown.recorded is None:
            return shown
        others = every_other_answer(self._profile, shown.key)
        value = next(value for value in others if in_words(value) == shown.planted)
        planted = with_answer(self._profile, shown.key, value)
        smallest = shown

        def shows(line: Json) -> bool:
            nonlocal smallest
            found = self._confirmed(shown, planted, line)
            smallest = found or smallest
            return found is not None

        steps = [{"step": entry["step"]} for entry in shown.recorded["trace"]]
        shrunk({**shown.recorded, "trace": steps}, shows)
        return smallest

    def _shown(self, planted: Planted, profile: Profile) -> Planted:
        with Runners(profile, most_calls=MOST_CALLS) as runners:
            for line in self._lines:
                if self._difference(runners, line) is not None:
                    confirmed = self._confirmed(planted, profile, line)
                    if confirmed is not None:
                        return confirmed
        return planted

    def _confirmed(self, planted: Planted, profile: Profile, line: Json) -> Planted | None:
        """The scenario once more: the profile agrees with the library, the planted one does not."""
        (recorded,) = self._recorder.record([parse_line(line)], CONFIRMATIONS)
        if recorded is None or "unsupported" in recorded or not self._alike(self._profile, [recorded]):
            return None
        with Runners(profile, most_calls=MOST_CALLS) as runners:
            found = self._difference(runners, recorded)
        return None if found is None else replace(planted, recorded=recorded, difference=found)

    def _alike(self, profile: Profile, lines: list[Json]) -> list[Json]:
        with Runners(profile, most_calls=MOST_CALLS) as runners:
            return [line for line in lines if self._difference(runners, line) is None]

    def _difference(self, runners: Runners, line: Json) -> str | None:
        scenario = parse_line(line)
        scenario.build = tuple(self._recorder.build)
        try:
            actual = runners.run(scenario)
        except ScenarioError:
            raise
        except Exception as error:  # noqa: BLE001 - a release that answers nothing at all answers otherwise
            return f"{type(error).__name__}: {error}"
        return difference(line, actual, strict=True)


def _chosen(found: Collection[str], wanted: Collection[str]) -> list[str]:
    """The keys of these sections and behaviours; UsageError for what is neither."""
    sections = dict.fromkeys(key.partition(".")[0] for key in found)
    for name in wanted:
        if name not in sections and name not in found:
            near = difflib.get_close_matches(name, [*sections, *found], n=3)
            meant = (
                f"did you mean {' or '.join(near)}?" if near else f"the sections are {', '.join(sections)}"
            )
            raise UsageError(f"this profile has no section or behaviour {name!r}: {meant}")
    return [key for key in found if key in wanted or key.partition(".")[0] in wanted]
