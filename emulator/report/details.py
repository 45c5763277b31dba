"""The details of cells, which the page's script shows: the JSON that is embedded in the page.

A record's bytes are cut after :data:`MOST_BYTES`, and a cell's records after :data:`MOST_RECORDS`, so that a
report on many scenarios stays small; the page says how much is left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from emulator.knowledge.catalogue import behaviours
from emulator.report import words
from emulator.report.view import letter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.lanes.cells import Cell
    from emulator.lanes.result import Compared, Row
    from emulator.lanes.tap import SentRecord
    from emulator.report.view import ScenarioView

Json = dict[str, Any]

MOST_BYTES = 64
MOST_RECORDS = 8

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def embedded(value: Any) -> Markup:
    """Return a value as JSON that is safe inside a script element of HTML, whatever its texts."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _UNSAFE.items():
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - nothing in it can end the element any more


def details_of(comparisons: Iterable[Compared], scenarios: Iterable[ScenarioView]) -> Json:
    """Return the details of all cells.

    Each question is there once, by the behaviour's key.  Records that are equal in several lanes are there
    once, and cells have their index.
    """
    shared = _Shared()
    pairs = zip(comparisons, scenarios, strict=True)
    return {
        "scenarios": [_scenario(compared, scenario, shared) for compared, scenario in pairs],
        "questions": shared.questions,
        "documented": _documented(shared.questions),
        "records": [json.loads(record) for record in shared.records],
    }


def _documented(keys: Iterable[str]) -> list[str]:
    """List the behaviours that the reference has; tables of strings are not among them."""
    wanted = set(keys)
    return sorted(wanted & {each.key for each in behaviours()}) if wanted else []


class _Shared:
    """The questions and records that many cells share."""

    def __init__(self) -> None:
        self.questions: dict[str, str] = {}
        self.records: dict[str, int] = {}

    def record(self, record: SentRecord) -> int:
        return self.records.setdefault(json.dumps(_record(record)), len(self.records))


def _scenario(compared: Compared, scenario: ScenarioView, shared: _Shared) -> Json:
    return {
        "title": scenario.title,
        "lanes": [{"name": lane.name, "label": lane.label} for lane in scenario.lanes],
        "rows": [_row(row, shared) for row in compared.rows],
    }


def _row(row: Row, shared: _Shared) -> Json:
    cells = [
        None if cell is None or words.is_empty(cell) else _cell(cell, group or 0, shared)
        for cell, group in zip(row.cells, row.groups, strict=True)
    ]
    return {
        "index": row.index,
        "title": row.title,
        "differs": row.differs,
        "decided": _decided(row, shared),
        "cells": cells,
    }


def _decided(row: Row, shared: _Shared) -> list[Json]:
    """List for each two lanes the behaviours that cause the difference, each once."""
    pairs: dict[tuple[int, int], dict[str, list[str]]] = {}
    for decision in row.known:
        found = pairs.setdefault((decision.left, decision.right), {})
        for each in decision.behaviours:
            shared.questions[each.key] = _plain(each.question)
            found[each.key] = [each.key, each.left, each.right]
    return [
        {"left": left, "right": right, "behaviours": [*found.values()]}
        for (left, right), found in pairs.items()
    ]


def _cell(cell: Cell, group: int, shared: _Shared) -> Json:
    shown = {
        "answer": words.answer_of(cell),
        "group": letter(group),
        "pairs": words.pairs_of(cell.answer, cell.bytes),
        "queue": words.final(cell).queue,
        "records": [shared.record(record) for record in cell.records[:MOST_RECORDS]],
        "more": max(len(cell.records) - MOST_RECORDS, 0),
        "manual": [[each.page, each.key, _plain(each.words), _plain(each.question)] for each in cell.manual],
        "promise": cell.promise,
        "blocked": _blocked(cell),
        "completed": None if cell.completed is None else words.pairs_of(cell.completed),
    }
    return {key: value for key, value in shown.items() if value}


def _plain(text: str) -> str:
    """Return a docstring's text without the marks around code."""
    return text.replace("``", "")


def _blocked(cell: Cell) -> str | None:
    if not cell.blocked:
        return None
    if cell.completed is None:
        return "The call blocked, and did not return before the scenario ended."
    after = cell.completed_after
    return "The call blocked" + (f" until step {after}." if after is not None else ", then returned.")


def _record(record: SentRecord) -> Json:
    return {
        "sender": record.sender,
        "kind": words.family(record),
        "type": record.type_name,
        "number": None if record.version is None else record.content_type,
        "version": words.version_name(record.version),
        "length": record.length,
        "part": words.part_of(record),
        "hex": record.data[:MOST_BYTES].hex(),
        "bytes": len(record.data),
        "note": words.note_of(record),
    }
