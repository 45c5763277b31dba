"""The profiles that come with the package, made of their files: what is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.profiles import clauses, published, store
from emulator.profiles.extending import layers_of_build
from emulator.profiles.histories import layers_of
from emulator.profiles.validation import profile_of
from emulator.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emulator.profiles.model import Profile


def built(name: str) -> Profile:
    """Make the profile of a release or build by its own name; ProfileError for a file that is wrong."""
    if name in published.distributions():
        return profile_of(layers_of_build(name), name)
    release = Release(name)
    return profile_of(layers_of(release), name, release)


def compile_into(folder: Path) -> None:
    """Write all that is compiled for a wheel, whose ``_compiled`` the folder is to be."""
    store.STORE.compile_into(folder, _entries())


def _entries() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "index", published.index()
    yield "clauses", clauses.table(store.BUILT_IN / clauses.FILE)
    names = (*(release.name for release in published.known_releases()), *published.distributions())
    for name in names:
        yield name, built(name).to_table()
