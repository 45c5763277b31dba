"""Finding a profile by what a user calls it."""

from __future__ import annotations

import os
from bisect import bisect
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.api.arguments import shown
from emulator.exceptions import ProfileError, UnknownProfile, UsageError
from emulator.profiles import published, shipped
from emulator.profiles.model import Profile
from emulator.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRY_POINTS = "emulator.profiles"
"""The group of entry points that add profiles: each is a Profile, a TOML file, or a folder of such files."""


def find(name: str | os.PathLike[str]) -> Profile:
    """Return the profile of that name; UnknownProfile or ProfileError if there is none."""
    if not isinstance(name, (str, os.PathLike)):
        raise UsageError(f"got {shown(name)}, expected the name of a profile, a path or a Profile")
    if not isinstance(name, str) or _looks_like_path(name):
        return of_file(Path(os.fsdecode(name)))
    known = published.full_name(name)
    if known:
        return shipped.profile(known)
    for other, value in added():
        if other == name:
            return value if isinstance(value, Profile) else of_file(value)
    raise UnknownProfile(name, nearest(name))


def _looks_like_path(name: str) -> bool:
    return name.endswith(".toml") or os.sep in name or (os.altsep is not None and os.altsep in name)


def of_file(path: Path) -> Profile:
    """Return the profile in a user's file, called by the file's name unless the file says otherwise."""
    if path.suffix != ".toml":
        raise ProfileError(f"{path}: expected the path of a TOML file, whose name ends in .toml")
    return _of_layers(path, None)


def of_text(text: str, path: Path) -> Profile:
    """Return the profile of a file that is not written yet: its text, and the path it will have."""
    return _of_layers(path, text)


def _of_layers(path: Path, text: str | None) -> Profile:
    # These bring tomllib and pydantic in, which take a while.
    from emulator.profiles import extending, validation  # noqa: PLC0415

    return validation.profile_of(extending.layers_of_file(path, text), path.stem)


def added() -> Iterator[tuple[str, Profile | Path]]:
    """Yield the names that entry points add, and the profile or file behind each."""
    from importlib import metadata  # noqa: PLC0415 - takes a while, and few programs need it

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
    return names + [name for name, _ in added()]


def series() -> list[str]:
    """List the names of the series, oldest first."""
    return list(published.series_names())


def builds_of(release: Release) -> list[str]:
    """List the names of the distributors' builds that were made from a release."""
    return [name for name in published.distributions() if published.patched_release(name) == release]


def nearest(name: str, limit: int = 5) -> list[str]:
    """List at most ``limit`` names that a user who asked for ``name`` may have meant, likeliest first."""
    import difflib  # noqa: PLC0415 - only for what is misspelt

    around = _series_near(name)
    neighbours = [*around, *_neighbours(name)]
    alike = [] if around else difflib.get_close_matches(name, known_names(), n=limit, cutoff=0.6)
    return list(dict.fromkeys(neighbours + alike))[:limit] or series()


_LONGEST_SERIES = 8


def _series_near(name: str) -> list[str]:
    """List the series that a name such as "1.0" begins, or those around "3.4"; none for another name."""
    parts = name.split(".")
    if len(parts) > 2 or len(name) > _LONGEST_SERIES or not all(part.isdecimal() for part in parts):
        return []
    known = series()
    place = bisect([_numbers(each) for each in known], _numbers(name))
    return [each for each in known if each.startswith(f"{name}.")] or known[max(place - 2, 0) : place + 2]


def _numbers(series: str) -> list[int]:
    return [int(part) for part in series.split(".")]


def _neighbours(name: str) -> list[str]:
    """List the releases around one that never was, or for "1.0.1e-wheel" the release and its builds."""
    try:
        # "3.4" may be meant as a series.
        asked = Release(f"{name}.0" if name.count(".") == 1 else name)
        return [release.name for release in published.neighbours_of(asked)]
    except ValueError:
        release = published.resolve_release(name.partition("-")[0])
    return [*builds_of(release), release.name] if release is not None else []
