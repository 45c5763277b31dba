"""The result of the audit that comes with the package; ``./dev refresh audit`` writes it."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emulator.api.arguments import shown
from emulator.audit.count import Audited, audited_of, by_release
from emulator.exceptions import ProfileError, UnknownProfile, UsageError
from emulator.pages.page import page_of
from emulator.profile import list_profiles, load_profile
from emulator.profiles.clauses import ClauseKind, clause_called, topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulator.audit.count import Count
    from emulator.profiles.clauses import Clause

DATA = Path(__file__).resolve().parent.parent / "data" / "audit.json"


@functools.cache
def recordings(data: Path = DATA) -> Mapping[str, Audited]:
    """Return what became of each recording by its name, oldest release first."""
    try:
        return {name: audited_of(each) for name, each in json.loads(data.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, KeyError) as error:
        raise ProfileError(f"{data}: no result of an audit: {error}") from error


@functools.cache
def releases(data: Path = DATA) -> Mapping[str, Audited]:
    """Return what became of the recordings of each release, oldest first."""
    return by_release(recordings(data).values())


def of_release(name: str) -> Audited:
    """Return the result for a release by any name of its profile; UsageError if it was not recorded."""
    try:
        release = load_profile(name).release
    except UnknownProfile:
        raise UsageError(f"no profile is named {shown(name)}; {_RECORDED} {', '.join(releases())}") from None
    if release not in releases():
        every = ", ".join(releases())
        raise UsageError(f"{release} was not recorded{_nearest(release)}; {_RECORDED} {every}; or --traces")
    return releases()[release]


_RECORDED = "the recorded releases are"


def _nearest(release: str) -> str:
    """Name the recorded release that is the nearest by number and letter, as a part of a message."""
    names = list_profiles()
    if release not in names:
        return ""
    places = {each: abs(names.index(each) - names.index(release)) for each in releases() if each in names}
    return f"; the nearest that was is {min(places, key=places.__getitem__)}"


class Divergence(NamedTuple):
    """A promise of a release's pages that its library broke in recorded calls."""

    release: str
    clause: Clause
    counted: Count


def divergences() -> Iterator[Divergence]:
    """Yield every promise that a recorded library broke, by release, then in the order of the pages."""
    for release, found in releases().items():
        for name, count in found.clauses.items():
            clause = clause_called(name)
            if clause is not None and clause.kind is ClauseKind.PROMISE and count.broken:
                yield Divergence(release, clause, count)


def in_order(names: Iterable[str]) -> list[str]:
    """Return ids of clauses in the order of the pages."""
    wanted = {*names}
    every = (clause.id for topic in topics().values() for clause in topic.clauses.values())
    return [name for name in every if name in wanted]


def is_current(found: Audited) -> bool:
    """Whether the result is about the clauses that the release's pages have now."""
    return [*found.clauses] == [clause.id for clause in page_of(load_profile(found.release)).clauses]
