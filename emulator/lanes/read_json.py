"""A comparison read back from its JSON, as ``Comparison.as_json()`` gives it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, repeat
from typing import TYPE_CHECKING, Any

from emulator.exceptions import UsageError
from emulator.lanes.cells import Answer, Cell, Lane, Protection, Word
from emulator.lanes.result import Compared, Decided, Decision, Row
from emulator.lanes.tap import SentRecord, header_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json = Mapping[str, Any]


def from_json(data: Json) -> Compared:
    """Return the comparison that JSON describes; UsageError names a key that is missing or wrong."""
    try:
        lanes = [_lane(lane) for lane in data["lanes"]]
        groups = _groups([row["cells"] for row in data["rows"]], data["lanes"])
        rows = map(_row, data["rows"], groups, repeat(tuple(lane.follow for lane in lanes)))
        return Compared(
            lanes,
            rows,
            title=str(data["title"]),
            about=data.get("about") or "",
            source=data.get("source") or "",
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(
            f"expected a comparison as Comparison.as_json() gives it: {type(error).__name__}: {error}"
        ) from error


def _lane(lane: Json) -> Lane:
    protection = Protection(
        lane.get("protocol"), lane.get("cipher"), encrypt_then_mac=bool(lane.get("encrypt_then_mac"))
    )
    return Lane(
        lane["name"], lane["release"], lane["follow"], protection=protection, outcome=lane.get("outcome")
    )


def _row(row: Json, groups: tuple[int | None, ...], follows: tuple[str, ...]) -> Row:
    return Row(
        row["index"],
        row["title"],
        row["title"],
        row.get("who"),
        row.get("do") or "",
        tuple(None if cell is None else _cell(cell) for cell in row["cells"]),
        groups,
        (None,) * len(groups),
        follows,
        _decisions=tuple(map(_decision, row.get("decided") or ())),
    )


def _groups(rows: Sequence[Sequence[Json | None]], lanes: Sequence[Json]) -> Iterator[tuple[int | None, ...]]:
    """Number the cells of each row: JSON has no number for a lane that made another call, or was over."""
    ends = [_end(rows, index) if lane.get("outcome") else len(rows) for index, lane in enumerate(lanes)]
    for number, cells in enumerate(rows):
        known = {cell["group"] for cell in cells if cell is not None and cell.get("group", -1) >= 0}
        free = next(group for group in count() if group not in known)
        yield tuple(
            (None if number >= end else free) if cell is None else _group(cell)
            for cell, end in zip(cells, ends, strict=True)
        )


def _end(rows: Sequence[Sequence[Json | None]], lane: int) -> int:
    """Return the number of the row from which on a lane has no calls."""
    return max((number + 1 for number, cells in enumerate(rows) if cells[lane] is not None), default=0)


def _group(cell: Json) -> int | None:
    group: int = cell.get("group", -1)
    return None if group < 0 else group


def _decision(decision: Json) -> Decision:
    behaviours = tuple(
        Decided(each["key"], each["left"], each["right"], each.get("question") or "")
        for each in decision["behaviours"]
    )
    return Decision(decision["left"], decision["right"], behaviours, decision.get("of") or "")


def _cell(cell: Json) -> Cell:
    completed = cell.get("completed")
    return Cell(
        answer=_answer(cell),
        blocked=bool(cell.get("blocked")),
        completed=None if completed is None else _answer(completed),
        completed_after=cell.get("completed_after"),
        skipped=cell.get("skipped"),
        missing=bool(cell.get("missing")),
        records=tuple(map(_record, cell.get("records") or ())),
        promise=cell.get("promise"),
        manual=tuple(
            Word(each.get("page") or "", each.get("key") or "", each["words"], each.get("question") or "")
            for each in cell.get("manual") or ()
        ),
    )


def _answer(answer: Json) -> Answer:
    return Answer(
        ret=answer.get("ret"),
        error=answer.get("error"),
        errno=answer.get("errno") or 0,
        queue=tuple(answer.get("queue") or ()),
        want=answer.get("want"),
        shutdown=answer.get("shutdown") or 0,
        in_init=answer.get("in_init"),
        extra=dict(answer.get("extra") or {}),
    )


def _record(record: Json) -> SentRecord:
    return SentRecord(
        record.get("sender") or "client",
        header_of(record["type"], record.get("version"), record.get("length"), record.get("type_name")),
        bytes.fromhex(record.get("hex") or ""),
        complete=record.get("complete", True),
        continued=bool(record.get("continued")),
    )
