"""The error strings of all releases, and what the errors mean that releases were seen to print.

Releases whose strings are the same in all share a set.  A row of a table (library, number, name, text) stands
once, with the sets that have it; of several names with one number it is the one that is printed.
"""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from emulator.behaviours.errors import read_table
from emulator.knowledge.strings import LINE, Strings
from emulator.profiles import names
from emulator.profiles.published import distributions, known_releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulator.behaviours.errors import ErrorBehaviours

SEEN = Path(__file__).resolve().parents[2] / "data" / "errors-seen.json"


Head: TypeAlias = tuple[tuple[str, str], ...]
"""How codes are packed and texts are printed: by the name of the behaviour its answer."""


class Row(NamedTuple):
    """One row: which table it is of ("libraries", "common", "SSL functions"), and what it says."""

    table: str
    number: int
    name: str
    text: str


def errors() -> dict[str, Any]:
    """Return the sets, their rows by table and number, and the meaning of each text that was seen."""
    every = [*(release.name for release in known_releases()), *distributions()]
    sections = {name: names.find(name).errors for name in every}
    sets: dict[tuple[Head, frozenset[Row]], list[str]] = {}
    for name, section in sections.items():
        sets.setdefault((_head(section), frozenset(_rows(section))), []).append(name)
    strings = [Strings(sections[own[0]]) for own in sets.values()]
    set_of = {name: number for number, own in enumerate(sets.values()) for name in own}
    return {
        "sets": [{**dict(_head(sections[own[0]])), "names": own} for own in sets.values()],
        "rows": _by_number(rows for _head_of_set, rows in sets),
        "reasons": sorted({name for each in strings for name in each.reasons()}),
        "meanings": {text: [*strings[set_of[name]].meaning(code)] for text, code, name in _seen(every)},
    }


def _head(section: ErrorBehaviours) -> Head:
    keys = ("packing", "function_field", "system_text")
    return tuple((key, str(getattr(section, key))) for key in keys)


def _rows(section: ErrorBehaviours) -> Iterator[Row]:
    yield from _printed("libraries", section.libraries)
    yield from _printed("common", section.common)
    for lib, strings in section.strings.items():
        yield from _printed(f"{lib} functions", strings.functions)
        yield from _printed(f"{lib} reasons", strings.reasons)


def _printed(table: str, blocks: Mapping[str, str]) -> Iterable[Row]:
    """Return the rows of a table: of several names with one number the last, which is printed."""
    rows = {number: Row(table, number, name, text) for name, (number, text) in read_table(blocks).items()}
    return rows.values()


def _by_number(sets: Iterable[frozenset[Row]]) -> dict[str, dict[str, list[list[Any]]]]:
    """Return by table and number the names and texts, each with the spans of sets that have it."""
    holders: dict[Row, list[int]] = {}
    for number, rows in enumerate(sets):
        for row in rows:
            holders.setdefault(row, []).append(number)
    found: dict[str, dict[str, list[list[Any]]]] = {}
    for row in sorted(holders):
        spans = found.setdefault(row.table, {}).setdefault(str(row.number), [])
        spans.append([row.name, row.text, _spans(holders[row])])
    return found


def _spans(numbers: list[int]) -> list[list[int]]:
    runs = (list(run) for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]))
    return [[run[0][1], run[-1][1]] for run in runs]


def _seen(order: list[str]) -> Iterator[tuple[str, int, str]]:
    """Yield each text that an emulated release prints, its code, and the first release that prints it."""
    texts = json.loads(SEEN.read_text(encoding="utf-8"))["texts"]
    for text, entry in texts.items():
        line = LINE.match(text)
        firsts = [first for way in entry.get("emulated", ()) for first, _last in way[3]]
        if line is not None and firsts:
            yield text, int(line[1], 16), min(firsts, key=order.index)
