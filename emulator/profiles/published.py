"""The releases and builds that there are profiles for, and what a user's name for one means.

The files list them: to add a release is to add its name to the ``releases`` of its series.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from emulator.profiles import store
from emulator.release import Release

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def _index() -> dict[str, Any]:
    """Return the names of all series with their releases, the aliases, and the builds with their releases."""
    return store.STORE.load("index", index).data


def index() -> dict[str, Any]:
    """Make the index of the files."""
    from emulator.profiles.histories import builds, histories  # noqa: PLC0415 - not where it is compiled

    every = histories()
    return {
        "series": {name: [str(release) for release in each.releases] for name, each in every.items()},
        "aliases": {alias: name for each in every.values() for alias, name in each.aliases.items()},
        "builds": {name: release.name for name, release in builds().items()},
    }


def series_names() -> tuple[str, ...]:
    """Return every series, oldest first."""
    return tuple(_index()["series"])


@functools.cache
def releases_of(series: str) -> tuple[Release, ...]:
    """Return every known release of a series, oldest first; KeyError for a series that isn't known."""
    return tuple(map(Release, _index()["series"][series]))


def last_release_of(series: str) -> Release:
    """Return the release that a series' name stands for: the last one that is known."""
    return releases_of(series)[-1]


@functools.cache
def known_releases() -> tuple[Release, ...]:
    """Return every release that there is a profile for, oldest first."""
    return tuple(release for series in series_names() for release in releases_of(series))


def aliases() -> Mapping[str, str]:
    """Return the names for a release that are no release's own, such as "0.9.x", and the release's own."""
    found: dict[str, str] = _index()["aliases"]
    return found


def distributions() -> tuple[str, ...]:
    """Return the names of the distributors' own builds, those of the oldest release first.

    A build is called as it calls itself ("1.0.1e-fips").
    """
    return tuple(_index()["builds"])


def patched_release(name: str) -> Release:
    """Return the release that a distributor's build was made from; KeyError for an unknown build."""
    return Release(_index()["builds"][name])


def resolve_release(name: str) -> Release | None:
    """Return the release that a user's name stands for, or None.

    A series stands for its last known release ("1.0.1" for 1.0.1u, "3.0" for 3.0.16), "1.0.1-base" for the
    first; letters that were never published ("1.0.1z") and releases of which nothing is known ("3.4.0") stand
    for nothing.
    """
    name = aliases().get(name, name)
    if name in _index()["series"]:
        return last_release_of(name)
    try:
        release = Release(name)
    except ValueError:
        return None
    return release if str(release) in _index()["series"].get(release.series, ()) else None


def full_name(name: str) -> str:
    """Return the own name of the release or build that a user's name stands for; empty if there is none."""
    if name in _index()["builds"]:
        return name
    release = resolve_release(name)
    return "" if release is None else release.name


def neighbours_of(release: Release) -> tuple[Release, ...]:
    """Return the known releases around one, which need not be known: two before, newest first, one after."""
    older = [known for known in known_releases() if known < release]
    newer = [known for known in known_releases() if known > release]
    return (*reversed(older[-2:]), *newer[:1])


def forget() -> None:
    """Look the names up anew when they are asked for."""
    store.STORE.forget()
    for cached in (_index, releases_of, known_releases):
        cached.cache_clear()
