"""Counting what recorded calls say of the clauses of their release's pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.audit.replay import observed
from emulator.pages.page import page_of
from emulator.pages.predicates import Verdict, judged
from emulator.profile import load_profile
from emulator.scenario.compare import RANDOM_FAMILY, read_traces
from emulator.scenario.fidelity import SUFFIX, pool, profile_of
from emulator.scenario.runner import Runners

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from emulator.profile import Profile
    from emulator.scenario.step import Json

COUNTED = (Verdict.KEPT, Verdict.BROKEN, Verdict.USED, Verdict.UNUSED)
TELLING = (Verdict.BROKEN, Verdict.USED)
"""Verdicts of which the smallest scenario is remembered."""


@dataclass(slots=True)
class Smallest:
    """The smallest scenario in which something happened."""

    scenario: str
    """Its id."""
    step: int
    """The number of the step that made the call, from 0."""
    line: Json
    """The scenario and its steps, without what was recorded."""

    @property
    def size(self) -> tuple[bool, int, str]:
        """By what scenarios are compared: those written by hand first, then by their number of steps."""
        return self.scenario.startswith(f"{RANDOM_FAMILY}/"), len(self.line["trace"]), self.scenario


@dataclass(slots=True)
class Count:
    """How many recorded calls said what of one clause."""

    kept: int = 0
    broken: int = 0
    used: int = 0
    unused: int = 0
    smallest: Smallest | None = None
    """The smallest scenario in which the clause was broken, or the permission used."""

    @property
    def total(self) -> int:
        """How many recorded calls the clause is about."""
        return self.kept + self.broken + self.used + self.unused

    def add(self, other: Count) -> None:
        """Count those of another in."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.smallest is not None:
            self.remember(other.smallest)

    def remember(self, found: Smallest) -> None:
        """Keep a scenario if it is smaller than the one that is kept."""
        if self.smallest is None or found.size < self.smallest.size:
            self.smallest = found

    def as_json(self) -> Json:
        """Return it as plain data, without zeros."""
        counts: Json = {str(name): getattr(self, name) for name in COUNTED if getattr(self, name)}
        if self.smallest is not None:
            counts["smallest"] = {"step": self.smallest.step, **self.smallest.line}
        return counts


def count_of(data: Json) -> Count:
    """Return the count that ``as_json`` made plain data of."""
    counts = {name: value for name, value in data.items() if name != "smallest"}
    found = Count(**counts)
    if "smallest" in data:
        line = {name: value for name, value in data["smallest"].items() if name != "step"}
        found.smallest = Smallest(line["id"], data["smallest"]["step"], line)
    return found


@dataclass(slots=True)
class Audited:
    """What became of one recording, or of several of one release."""

    release: str
    scenarios: int = 0
    """Scenarios that were replayed, and answered as recorded."""
    unlike: list[str] = field(default_factory=list)
    """The ids of those that did not: their calls count for nothing."""
    calls: int = 0
    """Recorded calls."""
    clauses: dict[str, Count] = field(default_factory=dict)
    """By the ids of the clauses on the release's pages, in their order."""

    def add(self, other: Audited) -> None:
        """Count those of another in."""
        self.scenarios += other.scenarios
        self.unlike += other.unlike
        self.calls += other.calls
        for name, count in other.clauses.items():
            self.clauses.setdefault(name, Count()).add(count)

    def as_json(self) -> Json:
        """Return it as plain data."""
        return {
            "release": self.release,
            "scenarios": self.scenarios,
            "unlike": self.unlike,
            "calls": self.calls,
            "clauses": {name: count.as_json() for name, count in self.clauses.items()},
        }


def audited_of(data: Json) -> Audited:
    """Return what ``as_json`` made plain data of."""
    clauses = {name: count_of(count) for name, count in data["clauses"].items()}
    return Audited(data["release"], data["scenarios"], list(data["unlike"]), data["calls"], clauses)


def audit(profile: Profile, lines: Iterable[Json]) -> Audited:
    """Put every recorded call of some lines through the clauses of the profile's pages."""
    page = page_of(profile)
    found = Audited(profile.release, clauses={clause.id: Count() for clause in page.clauses})
    with Runners(profile) as runners:
        for line in lines:
            if "unsupported" in line:
                continue
            calls = observed(runners, line)
            if calls is None:
                found.unlike.append(line["id"])
                continue
            found.scenarios += 1
            found.calls += len({each.step for each in calls})
            for each in calls:
                for clause, verdict in judged(page, each.call):
                    _count(found.clauses[clause.id], verdict, each.step, line)
    return found


def _count(count: Count, verdict: Verdict, step: int, line: Json) -> None:
    setattr(count, verdict, getattr(count, verdict) + 1)
    if verdict in TELLING:
        bare: dict[str, Any] = {key: line[key] for key in ("id", "scenario")}
        bare["trace"] = [{"step": entry["step"]} for entry in line["trace"]]
        count.remember(Smallest(line["id"], step, bare))


def audit_file(path: Path, release: str = "") -> Audited:
    """Audit the recordings in a file; against the pages of the release that its name and its lines say."""
    lines = read_traces(str(path))
    name = path.name.removesuffix(SUFFIX)
    return audit(load_profile(release or profile_of(name, lines[0]["openssl"])), lines)


def audit_files(paths: Iterable[Path]) -> list[Audited]:
    """Audit several files, on as many processors as there are."""
    with pool() as processes:
        return list(processes.map(audit_file, paths))


def by_release(found: Iterable[Audited]) -> dict[str, Audited]:
    """Sum the recordings of each release, in the order in which they come."""
    releases: dict[str, Audited] = {}
    for each in found:
        releases.setdefault(each.release, Audited(each.release)).add(each)
    return releases
