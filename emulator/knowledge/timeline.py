"""One behaviour over all releases: the answers, and the releases in which the answer changed.

Releases are ordered by number and letter, not by date: a fix of 2014 came with 0.9.8za, 1.0.0m and 1.0.1h,
and 1.0.2 had it from its start, so that a series is a line of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from emulator.knowledge import catalogue, index
from emulator.knowledge.known import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Span:
    """Releases that follow each other and give the same answer."""

    value: str
    releases: tuple[str, ...]

    @property
    def first(self) -> str:
        """The first of them."""
        return self.releases[0]

    @property
    def last(self) -> str:
        """The last of them."""
        return self.releases[-1]

    @property
    def series(self) -> tuple[str, ...]:
        """The series that they belong to, oldest first."""
        return tuple(name for name, own in index.series().items() if not set(own).isdisjoint(self.releases))

    def __str__(self) -> str:
        return self.first if len(self.releases) == 1 else f"{self.first} to {self.last}"


@dataclass(frozen=True)
class SeriesLine:
    """One series, and its spans of equal answers."""

    series: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Change:
    """A release that answers otherwise than the one before it by number and letter."""

    release: str
    before: str
    after: str


@dataclass(frozen=True)
class Build:
    """A distributor's build that answers otherwise than the release it was made from."""

    name: str
    release: str
    value: str
    of_release: str


def value_in(release: str, key: str) -> str:
    """Return the answer of a release; ``MISSING`` if it has none."""
    return index.value_in(release, key)


def of(key: str) -> tuple[Span, ...]:
    """Return the spans of a behaviour, function, mode or option over all releases, oldest first.

    ``key`` is looked up as by ``catalogue.find``; UsageError if there is no such thing.
    """
    return _spans(catalogue.find(key).key, index.releases())


def _spans(key: str, releases: Sequence[str]) -> tuple[Span, ...]:
    runs = groupby(releases, key=lambda release: index.value_in(release, key))
    return tuple(Span(value, tuple(alike)) for value, alike in runs)


def by_series(key: str) -> tuple[SeriesLine, ...]:
    """Return a line for every series, oldest first."""
    found = catalogue.find(key).key
    return tuple(SeriesLine(series, _spans(found, own)) for series, own in index.series().items())


def builds(key: str) -> tuple[Build, ...]:
    """Return the distributors' builds that answer otherwise than their release."""
    found = catalogue.find(key).key
    compared = []
    for name, release in index.builds().items():
        own, plain = index.value_in(name, found), index.value_in(release, found)
        if own != plain:
            compared.append(Build(name, release, own, plain))
    return tuple(compared)


def changes(key: str, one: str = "", other: str = "") -> tuple[Change, ...]:
    """Return where the answer changes between two releases, or from the oldest to the newest.

    Both are names that ``load_profile`` takes; it doesn't matter which one is older: a change is told as time
    went.
    """
    releases = index.releases()
    ends = [index.place_of(known(name).release) for name in (one, other) if name] or [0]
    stop = max(ends) if one and other else len(releases) - 1
    spans = _spans(catalogue.find(key).key, releases[min(ends) : stop + 1])
    return tuple(Change(after.first, before.value, after.value) for before, after in pairwise(spans))


def releases_with(clauses: Iterable[str]) -> tuple[str, ...]:
    """Return the releases whose manual pages have one of these clauses, which are given by their ids."""
    words = [identifier.partition(".") for identifier in clauses]
    return tuple(
        release
        for release in index.releases()
        if any(index.value_in(release, f"manual.{topic}") == word for topic, _, word in words)
    )


def in_words(releases: Iterable[str]) -> str:
    """Return releases in words, those that follow each other together: "1.0.1g to 1.0.1u, 3.5.4"."""
    held = frozenset(releases)
    runs = [tuple(run) for having, run in groupby(index.releases(), key=held.__contains__) if having]
    return ", ".join(str(Span("", run)) for run in runs)


def given(key: str) -> dict[str, tuple[Span, ...]]:
    """Return every answer that some release gives, in the order of their first release, and its spans."""
    found: dict[str, list[Span]] = {}
    for span in of(key):
        found.setdefault(span.value, []).append(span)
    return {value: tuple(spans) for value, spans in found.items()}
