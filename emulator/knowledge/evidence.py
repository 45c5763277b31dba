"""The evidence for an answer: recorded scenarios that rule other answers out, or cited sources.

``data/evidence.json`` has for every recording and behaviour the answer that was given, and for each other
answer the id of a recorded scenario that would end otherwise (empty if none does).  It is written by
``tools/evidence.py`` in a checkout, where the recordings are.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.exceptions import ProfileError
from emulator.knowledge import index
from emulator.knowledge.known import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.knowledge.kinds import Sources

DATA = Path(__file__).resolve().parent.parent / "data" / "evidence.json"
PAGES = ("manual",)
"""Sections about the words of a release's manual pages."""


class Backing(StrEnum):
    """The kind of evidence for an answer."""

    TRACES = "traces"
    PART = "traces, in part"
    SOURCES = "sources"
    MANUAL = "manual"


@dataclass(frozen=True)
class Shown:
    """The evidence of one recording for one behaviour."""

    recording: str
    answer: str
    others: dict[str, str]
    """For each other answer the scenario that rules it out; empty if none does."""
    profile: str = ""
    """The profile that the recording is replayed on."""

    @property
    def backing(self) -> Backing:
        """Whether the recording rules out every other answer, some, or none."""
        if self.others and all(self.others.values()):
            return Backing.TRACES
        return Backing.PART if self.tells else Backing.SOURCES

    @property
    def tells(self) -> bool:
        """Whether the recording rules out any other answer."""
        return any(self.others.values())

    @property
    def scenario(self) -> str:
        """The first scenario that rules an answer out; empty if none does."""
        return next(filter(None, self.others.values()), "")


@dataclass(frozen=True)
class Evidence:
    """The evidence for one answer to one behaviour's question."""

    backing: Backing
    telling: tuple[Shown, ...]
    """Recordings of libraries that gave this answer and rule out some other, oldest first."""
    not_told_apart: tuple[str, ...]
    """Other answers that no recording rules out."""
    sources: Sources | None
    """The place that gives the answer, and its sources; None for a profile without a file."""

    @property
    def recordings(self) -> tuple[str, ...]:
        """The names of the recordings in ``telling``."""
        return tuple(one.recording for one in self.telling)

    @property
    def scenario(self) -> str:
        """The id of a recorded scenario that rules another answer out; empty if there is none."""
        return self.telling[0].scenario if self.telling else ""


@functools.cache
def recorded(data: Path = DATA) -> dict[str, dict[str, Shown]]:
    """Return the evidence by recording and behaviour, without answers that the profile no longer gives."""
    return {recording: _still_true(recording, found) for recording, found in read(data).items()}


def read(data: Path = DATA) -> dict[str, dict[str, Any]]:
    """Read the file: for each recording its profile, and ``answers`` by behaviour."""
    try:
        found: dict[str, dict[str, Any]] = json.loads(data.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileError(f"{data}: cannot be read: {error}") from error
    return found


def _still_true(recording: str, found: dict[str, Any]) -> dict[str, Shown]:
    given = known(found["profile"]).answers
    return {
        key: Shown(recording, answer, others, found["profile"])
        for key, (answer, others) in found["answers"].items()
        if given.get(key) == answer
    }


def shown(key: str, value: str) -> list[Shown]:
    """List the evidence of the recordings whose libraries gave this answer to this question."""
    found = (own.get(key) for own in recorded().values())
    return [one for one in found if one is not None and one.answer == value]


def distance(recorded_profile: str, release: str) -> int:
    """Return how many releases lie between a recorded library's and another."""
    names = index.releases()
    both = index.release_of(recorded_profile), release
    return abs(names.index(both[0]) - names.index(both[1])) if set(both) <= set(names) else len(names)


def of(key: str, value: str, profiles: Iterable[str]) -> Evidence:
    """Return the evidence for an answer that these profiles give, the oldest first.

    It counts which answers all recordings together rule out; sources are those of the first profile's file.
    """
    found = shown(key, value)
    ruled_out = {other for one in found for other, scenario in one.others.items() if scenario}
    open_ = {other for one in found for other in one.others} - ruled_out
    first = next(iter(profiles), None)
    return Evidence(
        _backing(key, bool(ruled_out), bool(open_)),
        tuple(one for one in found if one.tells),
        tuple(sorted(open_)),
        None if first is None else known(first).sources_of(key),
    )


def _backing(key: str, some: bool, open_: bool) -> Backing:  # noqa: FBT001 - two counts of one kind
    if key.partition(".")[0] in PAGES and not some:
        return Backing.MANUAL
    if not some:
        return Backing.SOURCES
    return Backing.PART if open_ else Backing.TRACES


def backing_of(recording: str, key: str) -> Backing:
    """Return the kind of evidence for a behaviour of a recorded release."""
    if key.partition(".")[0] in PAGES:
        return Backing.MANUAL
    found = recorded().get(recording, {}).get(key)
    return found.backing if found is not None else Backing.SOURCES
