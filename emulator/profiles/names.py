"""Finding a profile by what a user calls it."""

from __future__ import annotations

import difflib
import functools
import os
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.exceptions import ProfileError, UnknownProfile, UsageError
from emulator.profiles import files, histories, published
from emulator.profiles.extending import layers_of_file
from emulator.profiles.model import Profile
from emulator.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.profiles.layers import Layer

ENTRY_POINTS = "emulator.profiles"
"""The group of entry points that add profiles: each is a Profile, a TOML file, or a folder of such files."""


def find(name: str | os.PathLike[str]) -> Profile:
    """Return the profile of that name; UnknownProfile or ProfileError if there is none."""
    if not isinstance(name, (str, os.PathLike)):
        raise UsageError(f"got {name!r}, expected the name of a profile, a path or a Profile")
    if not isinstance(name, str) or _looks_like_path(name):
        return of_file(Path(os.fsdecode(name)))
    release = published.resolve_release(name)
    if release is not None:
        return of_release(release)
    if name in files.distributions():
        return of_distribution(name)
    for added, value in _added():
        if added == name:
            return value if isinstance(value, Profile) else of_file(value)
    raise UnknownProfile(name, nearest(name))


def _looks_like_path(name: str) -> bool:
    return name.endswith(".toml") or os.sep in name or (os.altsep is not None and os.altsep in name)


@functools.cache
def of_release(release: Release) -> Profile:
    """Return the built-in profile that stands for a published release."""
    return _validated(histories.layers_of(release), release.name, release)


@functools.cache
def of_distribution(name: str) -> Profile:
    """Return the built-in profile of a distributor's own build."""
    return of_file(files.distributions()[name])


def of_file(path: Path) -> Profile:
    """Return the profile in a user's file, called by the file's name unless the file says otherwise."""
    if path.suffix != ".toml":
        raise ProfileError(f"{path}: expected the path of a TOML file, whose name ends in .toml")
    return _validated(layers_of_file(path), path.stem)


def of_text(text: str, path: Path) -> Profile:
    """Return the profile of a file that is not written yet: its text, and the path it will have."""
    return _validated(layers_of_file(path, text), path.stem)


def _validated(layers: Sequence[Layer], name: str, release: Release | None = None) -> Profile:
    from emulator.profiles import validation  # noqa: PLC0415 - brings pydantic in, which takes a while

    return validation.profile_of(layers, name, release)


def _added() -> Iterator[tuple[str, Profile | Path]]:
    for entry_point in metadata.entry_points(group=ENTRY_POINTS):
        value = entry_point.load()
        if isinstance(value, Profile):
            yield entry_point.name, value
        elif not isinstance(value, (str, os.PathLike)):
            got = f"entry point {entry_point.value}: got {type(value).__name__}"
            raise ProfileError(f"{got}, expected a Profile, a file or a folder")
        elif Path(value).is_dir():
            yield from ((path.stem, path) for path in sorted(Path(value).glob("*.toml")))
        else:
            yield entry_point.name, Path(value)


def known_names() -> list[str]:
    """List every name of a profile, oldest first: series, releases and builds, then what entry points add."""
    names = list(published.aliases())
    for series in published.series_names():
        names.append(series)
        for release in published.releases_of(series):
            names += [release.name, *builds_of(release)]
    return names + [name for name, _ in _added()]


def series() -> list[str]:
    """List the names of the series, oldest first."""
    return list(published.series_names())


def builds_of(release: Release) -> list[str]:
    """List the names of the distributors' builds that were made from a release."""
    return [name for name in files.distributions() if files.patched_release(name) == release]


def nearest(name: str, limit: int = 5) -> list[str]:
    """List at most ``limit`` names that a user who asked for ``name`` may have meant, likeliest first."""
    neighbours = _neighbours(name)
    alike = difflib.get_close_matches(name, known_names(), n=limit, cutoff=0.6)
    return list(dict.fromkeys(neighbours + alike))[:limit] or series()


def _neighbours(name: str) -> list[str]:
    """List the releases around one that never was, or for "1.0.1e-wheel" the release and its builds."""
    try:
        # "3.4" may be meant as a series.
        asked = Release(f"{name}.0" if name.count(".") == 1 else name)
        return [release.name for release in published.neighbours_of(asked)]
    except ValueError:
        release = published.resolve_release(name.partition("-")[0])
    return [*builds_of(release), release.name] if release is not None else []
