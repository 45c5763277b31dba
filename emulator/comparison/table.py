"""A comparison on a terminal: a column for each lane, a line for each call, differences marked."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from emulator.lanes.cells import Answer, Cell, Lane
    from emulator.lanes.result import Decided, Row
    from emulator.lanes.tap import SentRecord

NARROWEST = 18
"""Lanes whose columns would be narrower go into a table below the first."""
WIDEST = 34
NARROWEST_CALL, WIDEST_CALL = 20, 36
GAP = 2

_GOOD = {"NONE": "green", "WANT_READ": "yellow", "WANT_WRITE": "yellow"}
_RECORDS = {
    "application_data": "data",
    "change_cipher_spec": "ccs",
}
_OUTCOMES = {"unsupported": "not supported: {what}", "crash": "{why}", "exception": "{what}"}


class Shown(Protocol):
    """The parts of a comparison that are printed."""

    title: str
    about: str
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]


def show(comparison: Shown, console: Console, *, only_differences: bool = False, why: bool = False) -> None:
    """Print a comparison; with ``why`` also the behaviours that decided each row that differs."""
    console.print(Text(comparison.title, style="bold"))
    if comparison.about:
        console.print(Text(comparison.about))
    rows = [row for row in comparison.rows if row.parts or not only_differences]
    for lanes in _blocks(comparison, console.width):
        console.print()
        _show_block(comparison, rows, lanes, console, why=why)
    console.print()
    console.print(Text(_summary(comparison)))


def _summary(comparison: Shown) -> str:
    count = sum(row.parts for row in comparison.rows)
    if not count:
        return "No call differs."
    return f"* marks where the columns differ: {count} of {len(comparison.rows)} calls."


def _call_width(comparison: Shown, width: int) -> int:
    """Return the width of the first column: that of the longest call, or less so that more lanes fit."""
    longest = max((len(row.title) for row in comparison.rows), default=0) + len("* ")
    beside = width - len(comparison.lanes) * (NARROWEST + GAP) - GAP
    return min(max(longest, NARROWEST_CALL), max(beside, NARROWEST_CALL), WIDEST_CALL, width // 2)


def _blocks(comparison: Shown, width: int) -> Iterator[range]:
    """Yield the lanes that fit beside each other, block by block."""
    total = len(comparison.lanes)
    fit = max((width - _call_width(comparison, width) - GAP) // (NARROWEST + GAP), 1)
    blocks = -(-total // fit)
    each = -(-total // blocks)
    for start in range(0, total, each):
        yield range(start, min(start + each, total))


def _show_block(comparison: Shown, rows: Sequence[Row], lanes: range, console: Console, *, why: bool) -> None:
    call = _call_width(comparison, console.width)
    column = min((console.width - call - GAP) // len(lanes) - GAP, WIDEST)
    widths = [call, *[max(column, 1)] * len(lanes)]
    named = any(lane.follow == "manual" for lane in comparison.lanes)
    console.print(_line(widths, [Text(""), *(_head(comparison.lanes[lane], named=named) for lane in lanes)]))
    for row in rows:
        mark = ("* ", "bold red") if row.parts else ("  ", "")
        cells = [_cell(row, lane) for lane in lanes]
        console.print(_line(widths, [Text.assemble(mark, row.title), *cells]))
        if why and row.parts:
            for text in _reasons(comparison, row, lanes):
                console.print(Padding(text, (0, 0, 0, 4)))
    if any(comparison.lanes[lane].outcome for lane in lanes):
        console.print(
            _line(widths, [Text("  (the end)"), *(_outcome(comparison.lanes[lane]) for lane in lanes)])
        )


def _line(widths: Sequence[int], texts: Sequence[Text]) -> Table:
    """Return one line as a table of its own, so that text can stand between the lines."""
    table = Table.grid(padding=(0, GAP, 0, 0))
    for width in widths:
        table.add_column(width=width, overflow="fold")
    table.add_row(*texts)
    return table


def _head(lane: Lane, *, named: bool) -> Text:
    name, *own = dict.fromkeys((lane.name, lane.release))
    head = Text(name, style="bold")
    for release in own:
        head.append(f" ({release})", style="not bold")
    protection = lane.protection
    suite = " ".join(word for word in (protection.protocol, protection.cipher) if word)
    if named:
        head.append(f"\nby the {lane.follow}", style="not bold italic")
    if suite:
        head.append(f"\n{suite}", style="not bold dim")
    return head


def _outcome(lane: Lane) -> Text:
    outcome = lane.outcome
    return Text(_OUTCOMES[outcome["kind"]].format(**outcome) if outcome else "", style="red")


def _cell(row: Row, lane: int) -> Text:
    cell, group = row.cells[lane], row.groups[lane]
    if cell is None:
        return Text("" if group is None else "(not called)", style="dim")
    text = _answer(cell.answer, cell)
    if cell.completed is not None:
        text.append(f"\nlater ({cell.completed_after}): ", style="default").append_text(
            _answer(cell.completed, None)
        )
    if cell.records:
        sent = _counted(cell.records) if cell.counts_records else f"{len(cell.records)} records"
        text.append(f"{_separator(text)}sends {sent}", style="dim default")
    if row.parts:
        for word in _state(row, cell):
            text.append(f"\n{word}", style="dim default")
    if cell.promise:
        text.append(f"\nby its page: {cell.promise}", style="italic default")
    return text


def _separator(text: Text) -> str:
    return "\n" if text.plain else ""


def _answer(answer: Answer, cell: Cell | None) -> Text:
    words = [] if answer.ret is None else [str(answer.ret)]
    if answer.error is not None:
        words.append(answer.error)
    if cell is not None and cell.missing:
        words.append("no such function")
    elif cell is not None and cell.blocked:
        words.append("blocks")
    elif cell is not None and cell.skipped:
        words.append(f"({cell.skipped})")
    words += _extra(answer)
    text = Text(" ".join(words), style=_style(answer))
    for error in answer.queue:
        text.append(f"\n{_short(error)}", style="default")
    return text


def _style(answer: Answer) -> str:
    if answer.error is not None:
        return _GOOD.get(answer.error, "red")
    return "red" if "crash" in answer.extra or "raised" in answer.extra else ""


def _extra(answer: Answer) -> Iterator[str]:
    extra = answer.extra
    if answer.errno:
        yield f"errno {answer.errno}"
    if "written" in extra:
        yield f"written {extra['written']}"
    if "mode" in extra:
        yield f"mode {extra['mode']:#x}"
    if "moved" in extra:
        yield f"{extra['moved']} bytes"
    for key in ("crash", "raised", "answer"):
        if key in extra:
            yield str(extra[key])


def _short(error: str) -> str:
    """Return an error's reason and function, without the parts that all errors of libssl share."""
    parts = error.split(":", 4)
    if len(parts) < 5:
        return error
    _error, code, _library, function, reason = parts
    return f"{reason}\n{function} {code}".replace("\n ", "\n")


def _counted(records: Sequence[SentRecord]) -> str:
    """Return records in runs of one kind: "2 x data 16408, part of data 16408"."""
    runs = [(shown, len(list(run))) for shown, run in groupby(map(_record, records))]
    return ", ".join(f"{count} x {shown}" if count > 1 else shown for shown, count in runs)


def _record(record: SentRecord) -> str:
    name = _RECORDS.get(record.type_name, record.type_name)
    length = "" if record.length is None else f" {record.length}"
    if record.complete and not record.continued:
        return f"{name}{length}"
    part = "the rest of" if record.complete else "more of" if record.continued else "part of"
    return f"{part} {name}{length}"


def _state(row: Row, cell: Cell) -> Iterator[str]:
    """Yield the words for the state after the call in which the lanes differ."""
    others = [other.answer for other in row.cells if other is not None and other.answer.want is not None]
    own = cell.answer
    if own.want is None:
        return
    if len({other.want for other in others}) > 1:
        yield f"wants {own.want}"
    if len({other.shutdown for other in others}) > 1:
        yield f"shutdown {own.shutdown}"
    if len({other.in_init for other in others}) > 1:
        yield "in init" if own.in_init else "not in init"


def _reasons(comparison: Shown, row: Row, lanes: range) -> Iterator[Text]:
    """Yield the behaviours that decided: a line for each pair of lanes and each set of behaviours."""
    found: dict[tuple[int, int, tuple[Decided, ...]], list[str]] = {}
    for decision in row.decided:
        if decision.right in lanes:
            key = decision.left, decision.right, decision.behaviours
            found.setdefault(key, []).append(decision.of)
    for (left, right, behaviours), aspects in found.items():
        names = f"{_name(comparison.lanes[left])} -> {_name(comparison.lanes[right])}"
        text = Text.assemble((f"{names}, {', '.join(aspects)}: ", "bold"))
        yield text.append("; ".join(f"{each.key} {each.left} -> {each.right}" for each in behaviours))


def _name(lane: Lane) -> str:
    return f"{lane.name} by the manual" if lane.follow == "manual" else lane.name
