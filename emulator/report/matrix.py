"""The table that a report on several scenarios starts with: scenarios by releases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulator.report.view import CellView, Group, LaneView, RowView, ScenarioView

Column = tuple[str, str]

QUIET = {"ok", "note", "none", "over"}
"""Kinds of answers that are of no interest."""


@dataclass(frozen=True)
class Mark:
    """One release's result of one scenario: the answer that distinguishes it from other releases."""

    status: str
    words: str
    label: str
    group: Group
    target: str


@dataclass(frozen=True)
class MatrixLine:
    """One scenario's line of the matrix; None for a release on which it was not run."""

    scenario: ScenarioView
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True)
class Matrix:
    """Scenarios by releases."""

    columns: tuple[Column, ...]
    lines: tuple[MatrixLine, ...]

    @property
    def differing(self) -> int:
        """The number of scenarios whose answers differ between the releases."""
        return sum(line.scenario.differs for line in self.lines)


def matrix_of(scenarios: Sequence[ScenarioView]) -> Matrix:
    """Return the matrix of several scenarios, whose lanes may differ."""
    columns = _columns(scenarios)
    return Matrix(columns, tuple(_line(scenario, columns) for scenario in scenarios))


def _columns(scenarios: Iterable[ScenarioView]) -> tuple[Column, ...]:
    """Return all lanes, in the order of a scenario that has all of them, or else by number."""
    orders = [[_column(lane) for lane in scenario.lanes] for scenario in scenarios]
    seen = dict.fromkeys(column for order in orders for column in order)
    whole = next((order for order in orders if len(set(order)) == len(seen)), None)
    return tuple(dict.fromkeys(whole)) if whole is not None else tuple(sorted(seen, key=_by_number))


def _column(lane: LaneView) -> Column:
    return lane.name, lane.followed


def _by_number(column: Column) -> list[Any]:
    """Return a key to sort names by their numbers, so that 10 comes after 9."""
    name, followed = column
    return [[(part.isdigit(), part.zfill(6)) for part in re.split(r"(\d+)", name)], followed]


def _line(scenario: ScenarioView, columns: Iterable[Column]) -> MatrixLine:
    lanes = {_column(lane): lane for lane in scenario.lanes}
    telling = telling_row(scenario)
    marks = (_mark(scenario, lanes[column], telling) if column in lanes else None for column in columns)
    return MatrixLine(scenario, tuple(marks))


def telling_row(scenario: ScenarioView) -> RowView | None:
    """Return the row with the most different answers, the first of several.

    If none differs, the first call that did not simply succeed, or the last call.
    """
    calls = [row for row in scenario.rows if row.is_call]
    differing = [row for row in calls if row.differs]
    if differing:
        return max(differing, key=_tells)
    notable = (row for row in calls if not {cell.status for cell in row.cells} <= QUIET)
    return next(notable, calls[-1] if calls else None)


def _tells(row: RowView) -> tuple[bool, int, int, int]:
    """Return a key: whether a row is a call, and how many kinds of answers, answers and groups it has."""
    cells = [cell for cell in row.cells if cell.has_details]
    return (
        any(cell.status != "note" for cell in cells),
        len({cell.status for cell in cells} - {"missing", "skipped"}),
        len({(cell.answer, cell.reasons) for cell in cells}),
        len({cell.group for cell in cells}),
    )


def _mark(scenario: ScenarioView, lane: LaneView, telling: RowView | None) -> Mark:
    cell = telling.cells[lane.index] if telling else None
    status, short = _short(lane, cell)
    if telling and cell and telling.differs and cell.has_details:
        short += _difference(cell, telling)
    group = scenario.groups[lane.index]
    called = [telling.title] if telling and cell and cell.has_details else []
    reasons = cell.reasons if cell else ()
    label = ", ".join([lane.label, f"group {group.letter}", *called, short, *reasons])
    row = telling.index if telling else 0
    return Mark(status, short, label, group, f"{scenario.id}-{row}-{lane.index}")


def _difference(cell: CellView, row: RowView) -> str:
    """Return a reason, state, record or fact by which a cell differs from others with the same answer."""
    mine = _told(cell)
    others = [_told(each) for each in row.cells if each.answer == cell.answer and each.group != cell.group]
    parting = [told for at, told in enumerate(mine) if told and any(other[at] != told for other in others)]
    return f", {parting[0][0]}" if parting else ""


def _told(cell: CellView) -> tuple[tuple[str, ...], ...]:
    return cell.reasons, cell.states, tuple(run.words for run in cell.runs), cell.also


def _short(lane: LaneView, cell: CellView | None) -> tuple[str, str]:
    if cell is None or not cell.has_details:
        return (lane.outcome.status, lane.outcome.words) if lane.outcome else ("none", "no answer")
    return cell.status, cell.answer.removesuffix(" NONE")
