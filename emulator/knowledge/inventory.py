"""All profiles by name: series, the releases in them that behave alike, builds, and what is new in each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.knowledge.catalogue import Kind
from emulator.knowledge.differences import select, sources_as_json
from emulator.knowledge.evidence import sources_of
from emulator.profiles import files, names
from emulator.profiles.describe import facts, news
from emulator.release import ALIASES, SERIES, known_releases, last_release_of, releases_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.knowledge.catalogue import Behaviour
    from emulator.profiles.model import Profile


@dataclass(frozen=True)
class Range:
    """Releases of one series that behave alike, or one distributor's build."""

    series: str
    names: tuple[str, ...]
    news: str
    """What its file says is new in it."""
    patched: str = ""
    """Of a build the release that was patched."""


def ranges() -> list[Range]:
    """List every range of releases, oldest first, and behind a series' releases the builds made of them."""
    found = []
    for series in SERIES:
        for path, alike in groupby(releases_of(series), key=files.file_of):
            found.append(Range(series, tuple(release.name for release in alike), news(path)))
        for name, path in files.distributions().items():
            release = files.patched_release(name)
            if release.series == series:
                found.append(Range(series, (name,), news(path), release.name))
    return found


def stands_for(series: str) -> str:
    """Return the release that a series' name means."""
    return last_release_of(series).name


def aliases() -> dict[str, str]:
    """Return the names that are no release's own, and what they stand for."""
    return dict(ALIASES)


def added() -> list[str]:
    """List the names that entry points add."""
    built_in = {*ALIASES, *SERIES, *(release.name for release in known_releases()), *files.distributions()}
    return [name for name in names.known_names() if name not in built_in]


def as_json() -> list[dict[str, Any]]:
    """List every name that ``load_profile`` takes, what it stands for, and of what range it is."""
    return [*_names(), *({"name": name, "kind": "added"} for name in added())]


def _names() -> Iterator[dict[str, Any]]:
    for alias, name in ALIASES.items():
        yield {"name": alias, "kind": "alias", "release": name}
    for series in SERIES:
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


def details(profile: Profile, only: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a profile is and answers as plain data, by section."""
    sections: dict[str, dict[str, Any]] = {}
    for each in answered(profile, only):
        entry: dict[str, Any] = {"answer": each.value, "words": each.behaviour.words_of(each.value)}
        if each.behaviour.kind is Kind.BEHAVIOUR:
            entry["question"] = each.behaviour.question
            entry["sources"] = sources_as_json(sources_of(each.behaviour.key, profile.name))
        sections.setdefault(each.behaviour.section, {})[each.behaviour.key] = entry
    return {
        "name": profile.name,
        "release": profile.release,
        "first": profile.first_release,
        "last": profile.last_release,
        "sources": list(profile.sources),
        "sections": sections,
    }
