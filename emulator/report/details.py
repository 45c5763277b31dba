"""What the page's script shows of one cell: the JSON that is embedded in the page.

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

    from emulator.report.view import Scenario

Json = dict[str, Any]

MOST_BYTES = 64
MOST_RECORDS = 8

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def embedded(value: Any) -> Markup:
    """A value as JSON that can stand inside a script element of HTML, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _UNSAFE.items():
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - nothing in it can end the element any more


def details_of(comparisons: Iterable[Json], scenarios: Iterable[Scenario]) -> Json:
    """The details of all cells.

    Questions stand once, by the behaviour's key; so do records that are the same in several lanes, which
    cells name by their index.
    """
    shared = _Shared()
    pairs = zip(comparisons, scenarios, strict=True)
    return {
        "scenarios": [_scenario(data, scenario, shared) for data, scenario in pairs],
        "questions": shared.questions,
        "documented": _documented(shared.questions),
        "records": [json.loads(record) for record in shared.records],
    }


def _documented(keys: Iterable[str]) -> list[str]:
    """Which of these behaviours have a place in the reference; tables of strings have none."""
    wanted = set(keys)
    return sorted(wanted & {each.key for each in behaviours()}) if wanted else []


class _Shared:
    """What stands once for all cells."""

    def __init__(self) -> None:
        self.questions: dict[str, str] = {}
        self.records: dict[str, int] = {}

    def record(self, record: Json) -> int:
        return self.records.setdefault(json.dumps(_record(record)), len(self.records))


def _scenario(data: Json, scenario: Scenario, shared: _Shared) -> Json:
    return {
        "title": scenario.title,
        "lanes": [{"name": lane.name, "label": lane.label} for lane in scenario.lanes],
        "rows": [_row(row, shared) for row in data["rows"]],
    }


def _row(row: Json, shared: _Shared) -> Json:
    cells = [None if cell is None or words.is_empty(cell) else _cell(cell, shared) for cell in row["cells"]]
    return {
        "index": row["index"],
        "title": row["title"],
        "differs": row["differs"],
        "decided": _decided(row, shared),
        "cells": cells,
    }


def _decided(row: Json, shared: _Shared) -> list[Json]:
    """What decided between each two lanes, in as many replays as it was asked: each behaviour once."""
    pairs: dict[tuple[int, int], dict[str, list[str]]] = {}
    for pair in row.get("decided") or ():
        found = pairs.setdefault((pair["left"], pair["right"]), {})
        for each in pair["behaviours"]:
            shared.questions[each["key"]] = _plain(each.get("question"))
            found[each["key"]] = [each["key"], each["left"], each["right"]]
    return [
        {"left": left, "right": right, "behaviours": [*found.values()]}
        for (left, right), found in pairs.items()
    ]


def _cell(cell: Json, shared: _Shared) -> Json:
    records = words.records_of(cell)
    shown = {
        "answer": words.answer_of(cell),
        "group": letter(cell.get("group") or 0),
        "pairs": words.pairs_of(cell),
        "queue": words.final(cell).get("queue"),
        "records": [shared.record(record) for record in records[:MOST_RECORDS]],
        "more": max(len(records) - MOST_RECORDS, 0),
        "manual": [_words(each) for each in cell.get("manual") or ()],
        "promise": cell.get("promise"),
        "blocked": _blocked(cell),
    }
    if cell.get("completed"):
        shown["completed"] = words.pairs_of(cell["completed"])
    return {key: value for key, value in shown.items() if value}


def _words(manual: Json) -> list[str]:
    return [
        manual.get("page") or "",
        manual.get("key") or "",
        _plain(manual["words"]),
        _plain(manual.get("question")),
    ]


def _plain(text: str | None) -> str:
    """A docstring's text without the marks around code."""
    return (text or "").replace("``", "")


def _blocked(cell: Json) -> str | None:
    if not cell.get("blocked"):
        return None
    if not cell.get("completed"):
        return "The call blocked, and had not returned when the scenario ended."
    after = cell.get("completed_after")
    return "The call blocked" + (f" until step {after}." if after is not None else ", then returned.")


def _record(record: Json) -> Json:
    text = record.get("hex") or ""
    length = record.get("length")
    return {
        "sender": record.get("sender") or "client",
        "kind": words.family(record),
        "type": words.type_name(record),
        "number": None if record.get("version") is None else record.get("type"),
        "version": words.version_name(record.get("version")),
        "length": length,
        "part": words.part_of(record),
        "hex": text[: 2 * MOST_BYTES],
        "bytes": max(len(text) // 2, 0),
        "note": words.note_of(record),
    }
