"""All profiles by name: series, the releases in them that behave alike, builds, and what each changed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.knowledge.catalogue import Kind
from emulator.knowledge.differences import select, sources_as_json
from emulator.knowledge.evidence import sources_of
from emulator.profiles import names, store
from emulator.profiles.describe import facts
from emulator.profiles.extending import layers_of_build
from emulator.profiles.histories import changes_in, since
from emulator.profiles.published import (
    aliases,
    distributions,
    known_releases,
    last_release_of,
    patched_release,
    releases_of,
    series_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.knowledge.catalogue import Behaviour
    from emulator.profiles.layers import Layer
    from emulator.profiles.model import Profile


@dataclass(frozen=True)
class Change:
    """One thing that a release changed, or what a series began with."""

    file: str
    """The path of the file in the folder of the profiles."""
    says: str
    """What a caller or peer notices."""
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """Releases of one series that behave alike, or one distributor's build."""

    series: str
    names: tuple[str, ...]
    changes: tuple[Change, ...]
    """What the first of them changed."""
    patched: str = ""
    """Of a build the release that was patched."""

    @property
    def news(self) -> str:
        """What the first of them changed, in sentences."""
        return " ".join(change.says for change in self.changes)


def ranges() -> list[Range]:
    """List every range of releases, oldest first, and behind a series' releases the builds made of them."""
    found = []
    for series in series_names():
        for first, alike in groupby(releases_of(series), key=since):
            found.append(Range(series, tuple(release.name for release in alike), _changes(changes_in(first))))
        for name in distributions():
            release = patched_release(name)
            if release.series == series:
                found.append(Range(series, (name,), _changes(layers_of_build(name)[-1:]), release.name))
    return found


def _changes(layers: Sequence[Layer]) -> tuple[Change, ...]:
    return tuple(
        Change(str(layer.path.relative_to(store.BUILT_IN)), layer.says, layer.sources)
        for layer in layers
        if layer.says
    )


def range_of(profile: Profile) -> Range | None:
    """Return the releases that a release or build behaves like; None for any other profile."""
    return next((each for each in ranges() if profile.name in each.names), None)


def stands_for(series: str) -> str:
    """Return the release that a series' name means."""
    return last_release_of(series).name


def added() -> list[str]:
    """List the names that entry points add."""
    releases = (release.name for release in known_releases())
    built_in = {*aliases(), *series_names(), *releases, *distributions()}
    return [name for name in names.known_names() if name not in built_in]


def as_json() -> list[dict[str, Any]]:
    """List every name that ``load_profile`` takes, what it stands for, and of what range it is."""
    return [*_names(), *({"name": name, "kind": "added"} for name in added())]


def _names() -> Iterator[dict[str, Any]]:
    for alias, name in aliases().items():
        yield {"name": alias, "kind": "alias", "release": name}
    for series in series_names():
        yield {"name": series, "kind": "series", "release": last_release_of(series).name}
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

    behaviour: Behaviour
    value: str

    @property
    def words(self) -> str:
        """What the answer means; where the answer says it all, what was asked."""
        return self.behaviour.words_of(self.value) or (
            "" if self.behaviour.answers else self.behaviour.question
        )


def answered(profile: Profile, only: Sequence[str] = ()) -> list[Answered]:
    """List what a profile answers, in the order of the model; ``only`` is as for ``differences.between``."""
    own = facts(profile)
    return [Answered(each, own[each.key]) for each in select(only) if each.key in own]


def details(profile: Profile, only: Sequence[str] = (), path: str = "") -> dict[str, Any]:
    """Return what a profile is and answers as plain data, by section; ``path`` is that of a user's file."""
    sections: dict[str, dict[str, Any]] = {}
    for each in answered(profile, only):
        entry: dict[str, Any] = {"answer": each.value, "words": each.behaviour.words_of(each.value)}
        if each.behaviour.kind is Kind.BEHAVIOUR:
            entry["question"] = each.behaviour.question
            entry["sources"] = sources_as_json(sources_of(each.behaviour.key, path or profile.name))
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
