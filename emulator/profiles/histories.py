"""The histories of the series: what a first release was, then what each later one changed.

``profiles/1.0.1.toml`` is the history of 1.0.1.  It lists the releases of the series, answers every question
for the first of them in ``[base]``, and has a ``[[change]]`` for each thing that a later release does
otherwise.  A series may say ``base = "3.2.0"`` instead, and goes on from there.  The large tables of a series
have files of the same form in the folders of ``TABLES``.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from emulator.exceptions import ProfileError
from emulator.profiles import store
from emulator.profiles.files import Table, parse, shown
from emulator.profiles.layers import Layer, layer_of
from emulator.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = ("ciphers", "errors", "refusals")
"""The folders of large tables: cipher suites, error strings, refusals of handshake messages."""

BASE = "[base]"
"""The place of the first release's answers in its file."""

SHARED = ("functions.toml", "errno.toml")
"""Tables that every release has: which release added which call, and the texts of errno."""


@dataclass(frozen=True)
class History:
    """One series: its releases, oldest first, and what it says of them."""

    series: str
    path: Path
    releases: tuple[Release, ...]
    aliases: dict[str, str]
    """Other names for a release of this series, and the release's own."""
    base: tuple[Layer, ...]
    """What the first release begins with."""
    changes: tuple[Layer, ...]
    """What was changed since, in the order of the releases."""

    def layers(self, release: Release) -> tuple[Layer, ...]:
        """Return the base and all changes up to a release."""
        known = [str(each) for each in self.releases]
        upto = set(known[: known.index(str(release)) + 1])
        return (*self.base, *takewhile(lambda change: change.release in upto, self.changes))

    def changes_in(self, release: Release) -> tuple[Layer, ...]:
        """Return what a release changed, and of the first one its base as far as it is the series' own."""
        own = [layer for layer in self.base if layer.release == str(release)]
        return (*own, *(change for change in self.changes if change.release == str(release)))

    def since(self, release: Release) -> Release:
        """Return the release since which nothing changed: itself, or an earlier one of the series."""
        changed = {change.release for change in self.changes} | {str(self.releases[0])}
        return max(each for each in self.releases if each <= release and str(each) in changed)


@functools.cache
def series_files() -> dict[str, Path]:
    """Return the file of each series, oldest first."""
    paths = {path.name.removesuffix(".toml"): path for path in store.BUILT_IN.glob("[0-9]*.toml")}
    return dict(sorted(paths.items(), key=lambda named: _order(*named)))


@functools.cache
def history(series: str) -> History:
    """Read the history of a series; KeyError for an unknown one."""
    return _history(series, series_files()[series])


def histories() -> dict[str, History]:
    """Read the histories of all series, oldest first."""
    return {series: history(series) for series in series_files()}


def history_of(release: Release) -> History:
    """Return the history of the series that a release belongs to; KeyError for an unknown series."""
    return history(release.series)


def layers_of(release: Release) -> tuple[Layer, ...]:
    """Return the layers of a release's profile, the lowest first."""
    return history_of(release).layers(release)


def changes_in(release: Release) -> tuple[Layer, ...]:
    """Return what a release changed; of the first release of a series what it begins with."""
    return history_of(release).changes_in(release)


def since(release: Release) -> Release:
    """Return the release since which nothing changed: itself, or an earlier one of its series."""
    return history_of(release).since(release)


def build_file(name: str) -> Path:
    """Return the file of a distributor's build, which is called as the build calls itself."""
    return store.BUILT_IN / "distributions" / f"{name}.toml"


def builds() -> dict[str, Release]:
    """Return the release that each distributor's build was made from, those of the oldest release first."""
    paths = (store.BUILT_IN / "distributions").glob("*.toml")
    found = {path.stem: _release(path, "extends", parse(path).get("extends")) for path in paths}
    return dict(sorted(found.items(), key=lambda named: named[1]))


def forget() -> None:
    """Read the files anew when they are asked for."""
    series_files.cache_clear()
    history.cache_clear()


# -- reading -------------------------------------------------------------------------------------


def _order(series: str, path: Path) -> Release:
    try:
        first = Release(series if series.count(".") > 1 else f"{series}.0")
    except ValueError:
        first = None
    if first is None or first.series != series:
        raise ProfileError(f"{path}: expected a file named by its series, such as '1.0.1.toml'")
    return first


def _history(series: str, path: Path) -> History:
    table = parse(path)
    _check_keys(path, table, ("releases", "aliases", "base", "change"))
    releases = _releases(series, path, table)
    aliases = _aliases(path, table, releases)
    is_complete = isinstance(table.get("base"), dict)
    base = [*_complete(path, table, releases)] if is_complete else [*_older(path, table, releases)]
    changes = [*_changes(path, table, releases)]
    for own in (path.parent / folder / path.name for folder in TABLES):
        if own.exists():
            large = parse(own)
            _check_keys(own, large, ("base", "change") if is_complete else ("change",))
            base += _complete(own, large, releases) if is_complete else ()
            changes += _changes(own, large, releases)
    places = {str(release): place for place, release in enumerate(releases)}
    changes.sort(key=lambda change: places[change.release])  # stable: in the order of the files
    return History(series, path, releases, aliases, tuple(base), tuple(changes))


def _check_keys(path: Path, table: Table, known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected some of {', '.join(known)}"
            raise ProfileError(f"{path}: {key}: unknown key; {hint}")


def _releases(series: str, path: Path, table: Table) -> tuple[Release, ...]:
    names = table.get("releases")
    if not isinstance(names, list) or not names:
        raise ProfileError(f"{path}: releases: got {shown(names)}, expected a list of names such as '1.0.1g'")
    releases = [_release(path, "releases", name) for name in names]
    strange = next((each for each in releases if each.series != series), None)
    if strange is not None:
        raise ProfileError(f"{path}: releases: {strange} is no release of {series}")
    if sorted(set(releases)) != releases:
        raise ProfileError(f"{path}: releases: expected each once, oldest first")
    return tuple(releases)


def _release(path: Path, key: str, name: object) -> Release:
    try:
        return Release(name if isinstance(name, str) else "")
    except ValueError:
        raise ProfileError(f"{path}: {key}: got {shown(name)}, expected a name such as '1.0.1g'") from None


def _aliases(path: Path, table: Table, releases: tuple[Release, ...]) -> dict[str, str]:
    aliases = table.get("aliases", {})
    known = [release.name for release in releases]
    if not isinstance(aliases, dict) or not all(name in known for name in aliases.values()):
        raise ProfileError(f"{path}: aliases: got {shown(aliases)}, expected names and a release for each")
    return aliases


def _complete(path: Path, table: Table, releases: tuple[Release, ...]) -> Iterator[Layer]:
    """Yield what a complete history begins with: the tables that all releases share, then its own base."""
    if not isinstance(table.get("base"), dict):
        raise ProfileError(f"{path}: base: got {shown(table.get('base'))}, expected [base]")
    if path.parent == store.BUILT_IN:
        yield from (layer_of(path.parent / name, parse(path.parent / name)) for name in SHARED)
    yield layer_of(path, table["base"], release=str(releases[0]), place=BASE)


def _older(path: Path, table: Table, releases: tuple[Release, ...]) -> tuple[Layer, ...]:
    """Return the layers of the older series' release that a history goes on from."""
    base = table.get("base")
    release = _release(path, "base", base)
    is_known = release.series in series_files() and release < releases[0] and base == release.name
    if not is_known or release not in history_of(release).releases:
        expected = "expected [base], or a release of an older series by its own name"
        raise ProfileError(f"{path}: base: got {shown(base)}, {expected}")
    return layers_of(release)


def _changes(path: Path, table: Table, releases: tuple[Release, ...]) -> Iterator[Layer]:
    changes = table.get("change", [])
    if not isinstance(changes, list) or not all(isinstance(change, dict) for change in changes):
        raise ProfileError(f"{path}: change: got {shown(changes)}, expected [[change]] for each change")
    last = releases[0]
    for change in changes:
        release = _release(path, "in", change.get("in"))
        if release not in releases:
            raise ProfileError(f"{path}: in: got {shown(change['in'])}, expected one of its releases")
        if release < last:
            raise ProfileError(f"{path}: in {release}: expected before the changes in {last}")
        last = release
        yield _change(path, change, release)


def _change(path: Path, change: dict[str, Any], release: Release) -> Layer:
    rest = {key: value for key, value in change.items() if key != "in"}
    layer = layer_of(path, rest, release=str(release), place=f"in {release}")
    for key, given in (("says", layer.says), ("sources", layer.sources)):
        if not given:
            raise ProfileError(f"{layer.where}: {key}: missing")
    return layer
