"""The releases that there are profiles for, and what a user's name for one means.

The files list them: to add a release is to add its name to the ``releases`` of its series.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from emulator.profiles.histories import histories
from emulator.release import Release

if TYPE_CHECKING:
    from collections.abc import Mapping


def series_names() -> tuple[str, ...]:
    """Return every series, oldest first."""
    return tuple(histories())


def releases_of(series: str) -> tuple[Release, ...]:
    """Return every known release of a series, oldest first; KeyError for a series that isn't known."""
    return histories()[series].releases


def last_release_of(series: str) -> Release:
    """Return the release that a series' name stands for: the last one that is known."""
    return releases_of(series)[-1]


@functools.cache
def known_releases() -> tuple[Release, ...]:
    """Return every release that there is a profile for, oldest first."""
    return tuple(release for series in series_names() for release in releases_of(series))


@functools.cache
def aliases() -> Mapping[str, str]:
    """Return the names for a release that are no release's own, such as "0.9.x", and the release's own."""
    return {alias: name for history in histories().values() for alias, name in history.aliases.items()}


def resolve_release(name: str) -> Release | None:
    """Return the release that a user's name stands for, or None.

    A series stands for its last known release ("1.0.1" for 1.0.1u, "3.0" for 3.0.16), "1.0.1-base" for the
    first; letters that were never published ("1.0.1z") and releases of which nothing is known ("3.4.0") stand
    for nothing.
    """
    name = aliases().get(name, name)
    if name in histories():
        return last_release_of(name)
    try:
        release = Release(name)
    except ValueError:
        return None
    return release if release in known_releases() else None


def neighbours_of(release: Release) -> tuple[Release, ...]:
    """Return the known releases around one, which need not be known: two before, newest first, one after."""
    older = [known for known in known_releases() if known < release]
    newer = [known for known in known_releases() if known > release]
    return (*reversed(older[-2:]), *newer[:1])
