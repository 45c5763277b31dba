"""The layers that a profile is made of, and how they are laid upon each other.

A layer is one place that answers questions: the base of a series, one change in a release, or a user's file.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from emulator.exceptions import ProfileError
from emulator.profiles.files import Table, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Key: TypeAlias = tuple[str, ...]
"""A dotted key in parts: ("hello", "padding")."""

_PART = re.compile(r'"([^"]*)"|([^".]+)')


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place of a file answers, what that means and where it is from."""

    path: Path
    table: Table
    """What it sets: sections and their keys, nothing else."""
    says: str = ""
    """What a caller or peer notices, in a sentence."""
    sources: tuple[str, ...] = ()
    """Manual pages, C functions of a release, ids of recorded scenarios."""
    section_sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The sources of a section that has some of its own, by its name."""
    release: str = ""
    """The release of whose history this is; empty in a user's file and in a table that all releases share."""
    place: str = ""
    """Where in the file: "[base]", "in 1.0.1g"; empty if it is the whole file."""
    remove: tuple[Key, ...] = ()
    """Keys that are taken away before anything is set."""
    sort: tuple[Key, ...] = ()
    """Tables whose keys are numbers, and that are put in the order of these after everything is set."""

    @property
    def where(self) -> str:
        """The file, and the place in it."""
        return f"{self.path}: {self.place}" if self.place else str(self.path)

    def sets(self, key: Key) -> bool:
        """Whether this layer answers a key, or holds the list or table that the key leads into."""
        table: Any = self.table
        for part in key:
            if not isinstance(table, dict):
                return True  # the position in a list: the list as a whole was replaced
            if part not in table:
                return False
            table = table[part]
        return True

    def sources_of(self, section: str) -> tuple[str, ...]:
        """Return what the answers of a section are from."""
        return self.section_sources.get(section, self.sources)


STATEMENTS = ("says", "sources", "remove", "sort")
"""Keys beside the sections of a layer."""


def layer_of(path: Path, table: Table, *, release: str = "", place: str = "") -> Layer:
    """Make a layer of a table: its sections, and what is said of them; ProfileError for a wrong type."""
    where = f"{path}: {place}" if place else str(path)
    rest = {key: value for key, value in table.items() if key not in STATEMENTS}
    sections, sources = {}, {}
    for key, value in rest.items():
        sections[key] = value
        if isinstance(value, dict) and "sources" in value:
            sources[key] = _texts(where, f"{key}.sources", value["sources"])
            sections[key] = {name: each for name, each in value.items() if name != "sources"}
    return Layer(
        path,
        sections,
        _text(where, table.get("says", "")),
        _texts(where, "sources", table.get("sources", [])),
        sources,
        release,
        place,
        _keys(where, "remove", table.get("remove", [])),
        _keys(where, "sort", table.get("sort", [])),
    )


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise ProfileError(f"{where}: says: got {shown(value)}, expected a sentence")
    return value


def _texts(where: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ProfileError(f"{where}: {key}: got {shown(value)}, expected a list of strings")
    return tuple(value)


def _keys(where: str, name: str, value: object) -> tuple[Key, ...]:
    return tuple(parts_of(key) for key in _texts(where, name, value))


def parts_of(key: str) -> Key:
    """Take a dotted key apart: ``errors.common."1.0.1a"`` has three parts."""
    return tuple(quoted or plain for quoted, plain in _PART.findall(key))


def combined(layers: Iterable[Layer]) -> Table:
    """Lay the layers upon each other, the first at the bottom, and return the table that they make."""
    table: Table = {}
    for layer in layers:
        for key in layer.remove:
            _remove(table, key, layer)
        merge(table, layer.table)
        for key in layer.sort:
            _sort(table, key, layer)
    return table


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


def _remove(table: Table, key: Key, layer: Layer) -> None:
    holder = _table_at(table, key[:-1])
    if holder is None or key[-1:] == () or key[-1] not in holder:
        near = difflib.get_close_matches(".".join(key), _dotted(table), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ProfileError(f"{layer.where}: remove: {'.'.join(key)!r} is not there{hint}")
    del holder[key[-1]]


def _sort(table: Table, key: Key, layer: Layer) -> None:
    holder = _table_at(table, key)
    try:
        if holder is None:
            raise ValueError("not a table")  # noqa: TRY301 - the same answer to either mistake
        rows = sorted(holder.items(), key=lambda row: int(row[0], 0))
    except ValueError:
        expected = "expected tables whose keys are numbers"
        raise ProfileError(f"{layer.where}: sort: got {'.'.join(key)!r}, {expected}") from None
    holder.clear()
    holder.update(rows)


def _table_at(table: Table, key: Key) -> Table | None:
    found: Any = table
    for part in key:
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _dotted(table: Table, prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{key}.")


def origin(layers: Iterable[Layer], key: Key) -> Layer | None:
    """Return the layer that answers a key, the last of those that do; None if none does."""
    found = None
    for layer in layers:
        if layer.sets(key):
            found = layer
    return found
