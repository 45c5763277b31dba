"""A file of a user's or a distributor's: it extends a release, or a file beside it, and says what differs."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from emulator.exceptions import ProfileError
from emulator.profiles.files import Table, parse, parse_text, shown
from emulator.profiles.histories import build_file, layers_of
from emulator.profiles.layers import Layer, layer_of
from emulator.profiles.published import distributions, patched_release, resolve_release

if TYPE_CHECKING:
    from emulator.release import Release

LONGEST_CHAIN = 32
"""How many files may extend each other, one behind the other."""


def layers_of_file(path: Path, text: str | None = None) -> tuple[Layer, ...]:
    """Return the layers of a file: those of what it extends, then its own.

    ``text`` is that of a file that is not written yet.

    A file that is extended in several ways counts once, where it comes first.  ProfileError for a file that
    extends itself, directly or not, and for one that extends a file elsewhere than beside it or below.
    """
    collected: dict[Path | str, tuple[Layer, ...]] = {}
    path = _resolved(path)
    _lay(path, parse(path) if text is None else parse_text(path, text), (), collected)
    return tuple(layer for layers in collected.values() for layer in layers)


def layers_of_build(name: str) -> tuple[Layer, ...]:
    """Return the layers of a distributor's build that comes with the package."""
    return layers_of_file(build_file(name))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a NUL
        raise ProfileError(f"{shown(str(path))}: cannot be read: {error}") from error


def _collect(path: Path, within: tuple[Path, ...], collected: dict[Path | str, tuple[Layer, ...]]) -> None:
    if path in within:
        circle = " -> ".join(each.name for each in (*within[within.index(path) :], path))
        raise ProfileError(f"{path}: extends: goes round in a circle: {circle}")
    if len(within) == LONGEST_CHAIN:
        raise ProfileError(f"{path}: extends: more than {LONGEST_CHAIN} files extend each other")
    if path not in collected:
        _lay(path, parse(path), within, collected)


def _lay(
    path: Path, table: Table, within: tuple[Path, ...], collected: dict[Path | str, tuple[Layer, ...]]
) -> None:
    table = dict(table)
    for target in _extended(path, table.pop("extends", [])):
        if target.endswith(".toml"):
            _collect(_beside(path, target), (*within, path), collected)
        elif target in distributions():
            # A file that is no release's own extends one by its name, and then stands for that release.
            _collect(build_file(target), (*within, path), collected)
            table.setdefault("release", patched_release(target).name)
        else:
            release = _release(path, target)
            collected[release.name] = layers_of(release)
            table.setdefault("release", release.name)
    collected[path] = (layer_of(path, table),)


def _extended(path: Path, extends: object) -> list[str]:
    targets = [extends] if isinstance(extends, str) else extends
    if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
        raise ProfileError(f"{path}: extends: got {shown(extends)}, expected a file or a list of files")
    return targets


def _beside(path: Path, target: str) -> Path:
    """Return the file that is named; it must lie in the folder of the one that names it, links followed."""
    folder = path.parent
    pure = PurePath(target)
    if not (pure.is_absolute() or pure.drive):
        found = _resolved(folder / target)
        if found.is_relative_to(folder):
            return found
    raise ProfileError(
        f"{path}: extends: got {shown(target)}, expected a file that lies beside this one or below its folder"
    )


def _release(path: Path, name: str) -> Release:
    release = resolve_release(name)
    if release is None:
        raise ProfileError(
            f"{path}: extends: got {shown(name)}, expected a path ending in .toml or a release's name"
        )
    return release
