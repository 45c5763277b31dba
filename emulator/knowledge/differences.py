"""The differences between two profiles: answers, changes, reasons, evidence, advice to callers."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.exceptions import UsageError
from emulator.knowledge import advice, catalogue, evidence, timeline
from emulator.knowledge.kinds import MISSING, Kind
from emulator.knowledge.near import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulator.knowledge.catalogue import CatalogueEntry
    from emulator.knowledge.kinds import Sources
    from emulator.knowledge.known import Known
    from emulator.knowledge.texts import Advice, NameAdvice
    from emulator.knowledge.timeline import Change


@dataclass(frozen=True)
class Recorded:
    """A recorded scenario in which a real library showed one of two answers."""

    scenario: str
    recording: str


@dataclass(frozen=True)
class GivenAnswer:
    """The answer of one profile, and its evidence."""

    value: str
    words: str
    """The meaning of the answer; empty if it needs no more words."""
    recorded: tuple[Recorded, ...]
    """Recorded scenarios that rule out the other's answer, the nearest release's first.

    Empty if no recording tells the two answers apart.
    """
    sources: Sources | None
    """The place in the profile's file that gives the answer, and its sources."""


@dataclass(frozen=True)
class Difference:
    """One behaviour, function, mode or option that two profiles answer differently."""

    behaviour: CatalogueEntry
    left: GivenAnswer
    right: GivenAnswer
    changes: tuple[Change, ...]
    """The releases between the two in which the answer changed; empty if a distributor changed it."""
    advice: Advice | NameAdvice | None

    @property
    def title(self) -> str:
        """The subject, in a few words."""
        return advice.title(self.behaviour.key) if self.advice is not None else self.behaviour.name

    @property
    def caller(self) -> str:
        """What callers must do, or may rely on, with the right profile's answer; empty without advice."""
        return self.advice.for_answer(self.right.value) if self.advice is not None else ""

    @property
    def asks(self) -> bool:
        """Whether callers must do something, according to the advice."""
        return bool(self.caller) and not advice.asks_nothing(self.caller)

    @property
    def weight(self) -> int:
        """How much the difference matters to code that writes, from 0 to 100."""
        return self.advice.weight if self.advice is not None else 0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        sides = {"left": self.left, "right": self.right}
        return {
            "key": self.behaviour.key,
            "kind": str(self.behaviour.kind),
            "title": self.title,
            "question": self.behaviour.question,
            **{name: _side_as_json(side) for name, side in sides.items()},
            "changed": [
                {"release": each.release, "from": each.before, "to": each.after} for each in self.changes
            ],
            "reason": self.advice.reason if self.advice is not None else "",
            "caller": self.caller,
            "asks_something": self.asks,
            "weight": self.weight,
        }


def _side_as_json(side: GivenAnswer) -> dict[str, Any]:
    return {
        "answer": side.value,
        "words": side.words,
        "recorded": [{"scenario": each.scenario, "recording": each.recording} for each in side.recorded],
        "sources": side.sources and side.sources.as_json(),
    }


def between(left: Known, right: Known, only: Sequence[str] = ()) -> list[Difference]:
    """List the differences between two profiles; within a section, those that matter most come first.

    ``only`` names sections ("write", "functions") or behaviours; UsageError for a name that is neither.
    """
    chosen = select(only)
    ours, theirs = left.answers, right.answers
    found = [
        difference(each, left, right, (ours.get(each.key, MISSING), theirs.get(each.key, MISSING)))
        for each in chosen
        if ours.get(each.key, MISSING) != theirs.get(each.key, MISSING)
    ]
    rank = _section_rank(found)
    return sorted(found, key=lambda each: (rank[each.behaviour.section], not each.asks, -each.weight))


def _section_rank(found: Iterable[Difference]) -> dict[str, int]:
    """Return the place of each section: heavy differences first; functions, modes and options last."""
    heaviest: dict[str, int] = {}
    for each in found:
        weight = -1 if each.behaviour.kind is not Kind.BEHAVIOUR else each.weight
        heaviest[each.behaviour.section] = max(weight, heaviest.get(each.behaviour.section, -1))
    ordered = sorted(heaviest, key=lambda section: -heaviest[section])
    return {section: place for place, section in enumerate(ordered)}


def difference(behaviour: CatalogueEntry, left: Known, right: Known, values: tuple[str, str]) -> Difference:
    """Return one difference with all facts about it; ``values`` are the two answers."""
    ours, theirs = values
    return Difference(
        behaviour,
        _side(behaviour, left, ours, theirs),
        _side(behaviour, right, theirs, ours),
        _changes(behaviour, left, right),
        advice.of(behaviour.key),
    )


def _side(behaviour: CatalogueEntry, profile: Known, value: str, other: str) -> GivenAnswer:
    found = [one for one in evidence.shown(behaviour.key, value) if one.others.get(other)]
    found.sort(key=lambda one: evidence.distance(one.profile, profile.release))
    telling = [Recorded(one.others[other], one.recording) for one in found]
    sources = profile.sources_of(behaviour.key) if behaviour.kind is Kind.BEHAVIOUR else None
    return GivenAnswer(value, behaviour.words_of(value), tuple(telling), sources)


def _changes(behaviour: CatalogueEntry, left: Known, right: Known) -> tuple[Change, ...]:
    return timeline.changes(behaviour.key, left.release, right.release)


# -- choosing ------------------------------------------------------------------------------------


@functools.cache
def section_names() -> tuple[str, ...]:
    """Return the names of all sections; functions, modes and options come last."""
    every = (*catalogue.behaviours(), *catalogue.exists())
    return tuple(dict.fromkeys(each.section for each in every))


def select(only: Sequence[str] = ()) -> list[CatalogueEntry]:
    """Return the behaviours that the names stand for; all of them without names.

    UsageError for a name that is neither a section's nor a behaviour's.
    """
    every = (*catalogue.behaviours(), *catalogue.exists())
    if not only:
        return list(every)
    keys: set[str] = set()
    for name in only:
        keys |= {each.key for each in every if each.section == name.lower()} or {_named(name).key}
    return [each for each in every if each.key in keys]


def _named(name: str) -> CatalogueEntry:
    try:
        return catalogue.find(name)
    except UsageError as error:
        near = nearest(name, section_names(), limit=1)
        if "." in name or not near:
            raise
        raise UsageError(f"{name!r} is neither a section nor a behaviour; did you mean {near[0]}?") from error
