"""Looking for the answers that make a profile agree with what was recorded.

Behaviours are changed one at a time.  A change is kept if scenarios that differed then match, and none that
matched differs.  Where no single change does that, a scenario is looked into: changes that show in it, or
make it ask for what it did not ask for before, are combined, two and then three at a time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.profiles.describe import answers
from emulator.profiles.vary import distance, every_other_answer, with_answers
from emulator.reallib.replay import (
    Agreement,
    Replay,
    agreements,
    looked_at,
    looked_at_while_it_runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from emulator.profile import Profile
    from emulator.scenario.model import Json

MOST_TOGETHER = 3
"""So many changes are made together at most, for one scenario."""

BEAM = 12
"""So many combinations are taken further."""

LOOKED_INTO = 2
"""Of the scenarios that differ in the same way, so many are looked into for combinations."""

LIKE_IT = 3
"""So many changes that do the same as one that was kept are told."""

NOT_TRIED = (
    *("manual.", "exists.", "defaults.", "errors.", "ciphers."),
    *("hello.groups", "hello.point_formats", "hello.signature_algorithms"),
)
"""What pages and headers say, what can be asked for directly, and what cipher strings mean."""

Change = tuple[str, Any]
"""A behaviour's key, and another answer to its question."""

Changes = tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One behaviour that was given another answer.

    ``scenarios`` are the ids of those that no longer match without it; ``alike`` other changes that would
    have done the same.
    """

    key: str
    value: Any
    scenarios: tuple[str, ...]
    alike: tuple[Changes, ...] = ()


@dataclass(slots=True)
class _Tried:
    """What some changes do to one scenario: how far it agrees, and what it asks for that it didn't."""

    changes: Changes
    agreement: Agreement
    opened: set[str] = field(default_factory=set)


class Climb:
    """A search from one profile, for what was recorded in ``lines``."""

    def __init__(self, profile: Profile, lines: Sequence[Json]) -> None:
        self._start = profile
        self._lines = lines
        self._kept: dict[str, Any] = {}
        self._alike: dict[str, tuple[Changes, ...]] = {}
        self._agreed = agreements(profile, lines)
        self._keys: dict[str, set[str]] = {}

    def run(self) -> list[Found]:
        """The changes that were found, none of which can be left out."""
        while self._differing() and (self._keep_one() or self._keep_some()):
            pass
        self._leave_out()
        return [
            Found(key, value, tuple(self._missed(self._without(key))), self._alike.get(key, ()))
            for key, value in self._kept.items()
        ]

    @property
    def profile(self) -> Profile:
        """The profile with what was found so far."""
        return self._with(())

    def differences(self) -> list[tuple[str, str]]:
        """The scenarios that still differ: id, and the first difference."""
        return [
            (line["id"], own.difference)
            for line, own in zip(self._lines, self._agreed, strict=True)
            if own.difference is not None
        ]

    def _differing(self) -> list[Json]:
        return [line for line, own in zip(self._lines, self._agreed, strict=True) if not own.is_whole]

    def _with(self, changes: Changes) -> Profile:
        return _changed(self._start, {**self._kept, **dict(changes)})

    # -- one change -------------------------------------------------------------------------------

    def _keep_one(self) -> bool:
        """Keep one change that makes scenarios match and breaks none; whether there is one."""
        asking: dict[str, list[Json]] = defaultdict(list)
        for line in _of_each_kind(self._differing(), self.profile):
            for key in self._keys_of(line):
                asking[key].append(line)
        helpful = [
            (change,)
            for change in self._every_change(sorted(asking))
            if any(own.is_whole for own in agreements(self._with((change,)), asking[change[0]]))
        ]
        return self._keep_the_best([(self._gain(changes), changes) for changes in helpful])

    def _keys_of(self, line: Json) -> set[str]:
        """The behaviours that a scenario looks at."""
        found = self._keys.get(line["id"])
        if found is None:
            found = self._keys[line["id"]] = looked_at(self.profile, line)
        return found

    def _every_change(self, keys: Iterable[str], known: Profile | None = None) -> Iterator[Change]:
        profile = known or self.profile
        given = answers(profile)
        for key in keys:
            if key in given and not key.startswith(NOT_TRIED):
                yield from ((key, value) for value in every_other_answer(profile, key))

    # -- some changes together --------------------------------------------------------------------

    def _keep_some(self) -> bool:
        """Keep a combination of changes that makes a scenario match and breaks none; whether there is one."""
        for line in _of_each_kind(self._differing(), self.profile):
            every = self._every_change(sorted(self._keys_of(line)))
            singles = [self._tried(line, (change,)) for change in every]
            beam = self._promising(line, singles)
            shown = [each.changes[0] for each in beam]
            for _ in range(1, MOST_TOGETHER):
                grown = [self._tried(line, changes) for changes in self._grown(beam, shown)]
                whole = (each.changes for each in grown if each.agreement.is_whole)
                if self._keep_the_best([(self._gain(changes), changes) for changes in whole]):
                    return True
                beam = self._promising(line, grown)
        return False

    def _tried(self, line: Json, changes: Changes) -> _Tried:
        keys, agreement = looked_at_while_it_runs(self._with(changes), line)
        return _Tried(changes, agreement, keys - self._keys_of(line))

    def _promising(self, line: Json, tried: list[_Tried]) -> list[_Tried]:
        """What shows in the scenario or opens questions, the longest agreement first.

        Of changes that do the same those that a nearer release has.
        """
        (own,) = agreements(self.profile, [line])
        kinds = {_kind(own.actual, set()): None}
        best: list[_Tried] = []
        for each in sorted(tried, key=lambda each: self._distance(each.changes)):
            kind = _kind(each.agreement.actual, each.opened)
            if kind not in kinds:
                kinds[kind] = None
                best.append(each)
        best.sort(key=lambda each: -each.agreement.steps)
        return best[:BEAM]

    def _grown(self, beam: list[_Tried], shown: list[Change]) -> Iterator[Changes]:
        """Each combination with one change more, which shows by itself or answers an opened question."""
        seen: set[frozenset[str]] = set()
        for each in beam:
            opened = self._every_change(sorted(each.opened), self._with(each.changes))
            for change in (*opened, *shown):
                changes = (*each.changes, change)
                name = frozenset(map(repr, changes))
                if change[0] not in dict(each.changes) and name not in seen:
                    seen.add(name)
                    yield changes

    # -- what to keep -----------------------------------------------------------------------------

    def _keep_the_best(self, candidates: list[tuple[int, Changes]]) -> bool:
        """Keep what makes most scenarios match and breaks none; of equals what a nearer release does."""
        best: tuple[int, Changes] | None = None
        alike: list[Changes] = []
        for gain, changes in sorted(candidates, key=self._rank):
            if best is not None and (gain < best[0] or len(alike) == LIKE_IT):
                break
            if self._breaks(changes):
                continue
            if best is None:
                best = gain, changes
            else:
                alike.append(changes)
        if best is not None:
            self._keep(best[1], tuple(alike))
        return best is not None

    def _gain(self, changes: Changes) -> int:
        return sum(own.is_whole for own in agreements(self._with(changes), self._differing()))

    def _breaks(self, changes: Changes) -> bool:
        """Whether a scenario that matches no longer would."""
        with Replay(self._with(changes)) as replay:
            return any(
                not replay.agreement(line).is_whole
                for line, own in zip(self._lines, self._agreed, strict=True)
                if own.is_whole
            )

    def _rank(self, candidate: tuple[int, Changes]) -> tuple[int, int, int]:
        gain, changes = candidate
        return -gain, len(changes), self._distance(changes)

    def _distance(self, changes: Changes) -> int:
        return sum(distance(self._start, *change) for change in changes)

    def _keep(self, changes: Changes, alike: tuple[Changes, ...]) -> None:
        self._kept |= dict(changes)
        self._alike |= {key: alike for key, _ in changes}
        self._keys.clear()
        again = iter(agreements(self.profile, self._differing()))
        self._agreed = [own if own.is_whole else next(again) for own in self._agreed]

    # -- what was needed --------------------------------------------------------------------------

    def _leave_out(self) -> None:
        """Take back every change without which all that matches still does."""
        for key in list(self._kept):
            if not self._missed(self._without(key)):
                self._kept = self._without(key)

    def _without(self, key: str) -> dict[str, Any]:
        return {name: value for name, value in self._kept.items() if name != key}

    def _missed(self, kept: dict[str, Any]) -> list[str]:
        """The ids of scenarios that match, and would not with these changes alone."""
        lines = [line for line, own in zip(self._lines, self._agreed, strict=True) if own.is_whole]
        found = agreements(_changed(self._start, kept), lines)
        return [line["id"] for line, own in zip(lines, found, strict=True) if not own.is_whole]


def _changed(profile: Profile, values: dict[str, Any]) -> Profile:
    return with_answers(profile, values) if values else profile


def _kind(actual: Json, opened: set[str]) -> str:
    return json.dumps([actual.get("crash"), actual.get("trace"), sorted(opened)])


def _of_each_kind(lines: list[Json], profile: Profile) -> list[Json]:
    """A few of the lines that differ in the same way, the shortest first."""
    kinds: dict[str, list[Json]] = defaultdict(list)
    ordered = sorted(lines, key=lambda line: len(line.get("trace", ())))
    for line, own in zip(ordered, agreements(profile, ordered), strict=True):
        kinds["".join(letter for letter in str(own.difference) if not letter.isdigit())].append(line)
    return [line for alike in kinds.values() for line in alike[:LOOKED_INTO]]
