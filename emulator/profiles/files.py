"""Profile files: TOML, what they extend, and how the parts are merged."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from emulator.exceptions import ProfileError
from emulator.release import Release, resolve_release, start_of_range

Table: TypeAlias = dict[str, Any]

_PACKAGE = Path(__file__).resolve().parent.parent
# A wheel carries the files beside the modules; in a checkout they lie beside the package.
BUILT_IN = next(
    (folder for folder in (_PACKAGE / "_profiles", _PACKAGE.parent / "profiles") if folder.is_dir()),
    _PACKAGE / "_profiles",
)
"""The folder of the profiles that come with the package."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of those that make up a profile, without its ``extends``."""

    path: Path
    table: Table


def parse(path: Path) -> Table:
    """Parse a TOML file, once as long as it doesn't change; ProfileError says its path and line."""
    try:
        stat = path.stat()
        return _parse(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from error


@functools.lru_cache(maxsize=512)
def _parse(path: Path, _mtime: int, _size: int) -> Table:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: not valid TOML: {error}") from error


def layers(path: Path) -> tuple[Layer, ...]:
    """Return the files that make up a profile in the order of merging: parts, then what is extended, then it.

    A file's ``[parts]`` names a file, relative to itself, for each of the profile's larger sections; of files
    that extend each other the last one's part is taken as a whole.  A file that is extended in several ways
    is merged once, where it comes first.  ProfileError for a file that extends itself, directly or not.
    """
    own = _chain(path)
    parts: dict[str, Path] = {}
    for layer in own:
        parts.update(_parts(layer))
    return (*(layer for part in parts.values() for layer in _chain(part)), *own)


def _parts(layer: Layer) -> dict[str, Path]:
    parts = layer.table.pop("parts", {})
    if not isinstance(parts, dict) or not all(isinstance(file, str) for file in parts.values()):
        raise ProfileError(f"{layer.path}: parts: got {parts!r}, expected a table of files")
    return {name: layer.path.parent / file for name, file in parts.items()}


def _chain(path: Path) -> tuple[Layer, ...]:
    """Return a file and what it extends, the extended ones first."""
    collected: dict[Path, Layer] = {}
    _collect(path.resolve(), (), collected)
    return tuple(collected.values())


def _collect(path: Path, within: tuple[Path, ...], collected: dict[Path, Layer]) -> None:
    if path in within:
        circle = " -> ".join(each.name for each in (*within[within.index(path) :], path))
        raise ProfileError(f"{path}: extends: goes round in a circle: {circle}")
    if path in collected:
        return
    table = dict(parse(path))
    for target in _extended(path, table.pop("extends", [])):
        if target.endswith(".toml"):
            _collect((path.parent / target).resolve(), (*within, path), collected)
        else:
            # A file that is no release's own extends one by its name, and then stands for that release.
            named, release = _named(path, target)
            _collect(named, (*within, path), collected)
            table.setdefault("release", release.name)
    collected[path] = Layer(path, table)


def _extended(path: Path, extends: object) -> list[str]:
    targets = [extends] if isinstance(extends, str) else extends
    if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
        raise ProfileError(f"{path}: extends: got {extends!r}, expected a file or a list of files")
    return targets


def _named(path: Path, name: str) -> tuple[Path, Release]:
    """Return the file of a release or of a distributor's build, and the release it stands for."""
    if name in distributions():
        return distributions()[name], patched_release(name)
    release = resolve_release(name)
    if release is None:
        raise ProfileError(
            f"{path}: extends: got {name!r}, expected a path ending in .toml or a release's name"
        )
    return file_of(release), release


@functools.cache
def distributions() -> dict[str, Path]:
    """Every distributor's own build that comes with the package, by its name, oldest release first.

    Its name is what the library calls itself ("1.0.1e-fips"); its file extends the release that was patched.
    """
    paths = {path.stem: path for path in (BUILT_IN / "distributions").glob("*.toml")}
    return dict(sorted(paths.items(), key=lambda named: _extended_release(named[1])))


def patched_release(name: str) -> Release:
    """Return the release that a distributor's build was made from."""
    return _extended_release(distributions()[name])


def _extended_release(path: Path) -> Release:
    return Release(parse(path)["extends"])


@functools.cache
def release_files() -> dict[Release, Path]:
    """Every release file that comes with the package, by the first release of its range, oldest first."""
    paths = BUILT_IN.glob("[0-9]*.toml")
    return dict(sorted((Release(path.name.removesuffix(".toml")), path) for path in paths))


def file_of(release: Release) -> Path:
    """Return the file whose range holds a published release."""
    return release_files()[start_of_range(release, release_files())]


def merge(into: Table, table: Table) -> None:
    """Merge a table into another: tables recursively, everything else is replaced."""
    for key, value in table.items():
        existing = into.get(key)
        if isinstance(value, dict):
            if not isinstance(existing, dict):
                existing = into[key] = {}
            merge(existing, value)
        else:
            into[key] = value
