"""All profiles by name: series, ranges of releases that behave alike, builds, and their changes."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.knowledge import catalogue, index
from emulator.knowledge.differences import select
from emulator.knowledge.kinds import Kind
from emulator.knowledge.texts import ABSENT
from emulator.profiles import published

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.knowledge.catalogue import CatalogueEntry
    from emulator.knowledge.known import Known


@dataclass(frozen=True)
class Change:
    """A change that a release made, or the beginning of a series."""

    file: str
    """The path of the file in the folder of the profiles."""
    says: str
    """The effect that a caller or peer notices."""
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """Releases of one series that behave alike, or one distributor's build."""

    series: str
    names: tuple[str, ...]
    changes: tuple[Change, ...]
    """The changes of the first release."""
    patched: str = ""
    """For a build, the release that was patched."""

    @property
    def news(self) -> str:
        """The changes of the first release, in sentences."""
        return " ".join(change.says for change in self.changes)


@functools.cache
def ranges() -> tuple[Range, ...]:
    """List every range of releases, oldest first, and behind a series' releases the builds made of them."""
    return tuple(map(_range, index.part("answers")["ranges"]))


def _range(data: dict[str, Any]) -> Range:
    changes = (Change(each["file"], each["says"], tuple(each["sources"])) for each in data["changes"])
    return Range(data["series"], tuple(data["names"]), tuple(changes), data.get("patched", ""))


def range_of(profile: Known) -> Range | None:
    """Return the releases that a release or build behaves like; None for any other profile."""
    return next((each for each in ranges() if profile.name in each.names), None)


def stands_for(series: str) -> str:
    """Return the release that a series' name means."""
    return index.series()[series][-1]


def added() -> list[str]:
    """List the names that entry points add."""
    from emulator.profiles import names  # noqa: PLC0415 - the other names are in the index

    return [name for name, _ in names.added()]


def as_json() -> list[dict[str, Any]]:
    """List every name that ``load_profile`` takes, what it stands for, and of what range it is."""
    return [*_names(), *({"name": name, "kind": "added"} for name in added())]


def _names() -> Iterator[dict[str, Any]]:
    for alias, name in published.aliases().items():
        yield {"name": alias, "kind": "alias", "release": name}
    for series in index.series():
        yield {"name": series, "kind": "series", "release": stands_for(series)}
    for each in ranges():
        alike = {"series": each.series, "news": each.news}
        if each.patched:
            yield {"name": each.names[0], "kind": "build", "release": each.patched, **alike}
            continue
        for name in each.names:
            span = {"first": each.names[0], "last": each.names[-1]}
            yield {"name": name, "kind": "release", "release": name, **span, **alike}


@dataclass(frozen=True)
class Answered:
    """One behaviour, function, mode or option, and what a profile answers."""

    behaviour: CatalogueEntry
    value: str

    @property
    def words(self) -> str:
        """What the answer means; where the answer says it all, what was asked."""
        return self.behaviour.words_of(self.value) or (
            "" if self.behaviour.answers else self.behaviour.question
        )


def answered(profile: Known, only: Sequence[str] = ()) -> list[Answered]:
    """List what a profile answers, in the order of the model; ``only`` is as for ``differences.between``."""
    return [Answered(each, profile.answers[each.key]) for each in select(only) if each.key in profile.answers]


def lacks(profile: Known) -> tuple[list[str], list[str]]:
    """List the functions that are not there, and the controls that answer 0 as unknown."""
    functions = [each.key for each in catalogue.exists() if each.kind is Kind.FUNCTION]
    absent, zero = ([name for name in functions if profile.answers.get(name) == value] for value in ABSENT)
    return absent, zero


def details(profile: Known, only: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a profile is and answers as plain data, by section."""
    sections: dict[str, dict[str, Any]] = {}
    for each in answered(profile, only):
        entry: dict[str, Any] = {"answer": each.value, "words": each.behaviour.words_of(each.value)}
        if each.behaviour.kind is Kind.BEHAVIOUR:
            sources = profile.sources_of(each.behaviour.key)
            entry["question"] = each.behaviour.question
            entry["sources"] = sources and sources.as_json()
        sections.setdefault(each.behaviour.section, {})[each.behaviour.key] = entry
    alike = range_of(profile)
    return {
        "name": profile.name,
        "release": profile.release,
        "first": alike.names[0] if alike else profile.name,
        "last": alike.names[-1] if alike else profile.name,
        "changes": [vars(change) for change in alike.changes] if alike else [],
        "sources": list(profile.sources),
        "sections": sections,
    }
