"""Views of one comparison's lanes, rows and cells for the template.

They are made from a :class:`~emulator.lanes.result.Compared`; this module runs and compares nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from emulator.report import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from emulator.lanes.cells import Answer, Cell, Lane, Outcome
    from emulator.lanes.result import Compared, Row
    from emulator.report.words import RunOfRecords

SIDES = ("client", "server")
_FOLLOWED = {"manual": "the manual", "library": "the library"}
_STYLES = 8


def letter(group: int) -> str:
    """Return the letter of a group of lanes with the same answers: A, B, ... Z, AA, ..."""
    return (letter(group // 26 - 1) if group >= 26 else "") + chr(ord("A") + group % 26)


def style(group: int) -> int:
    """Return the number of a group's colour and pattern; unlike letters, these repeat."""
    return group if group < _STYLES else 1 + (group - 1) % (_STYLES - 1)


@dataclass(frozen=True)
class Group:
    """Lanes with the same answers: A, B, ..."""

    number: int

    @property
    def letter(self) -> str:
        """The letter on the page."""
        return letter(self.number)

    @property
    def style(self) -> int:
        """The number of the colour and pattern."""
        return style(self.number)


@dataclass(frozen=True)
class OutcomeView:
    """The reason for the early end of a lane: no such protocol, a crash, an exception."""

    kind: str
    words: str
    why: str

    @property
    def status(self) -> str:
        """The sign on the page, as for an answer of this kind."""
        return {"unsupported": "missing", "crash": "crash"}.get(self.kind, "error")


@dataclass(frozen=True)
class LaneView:
    """One column: a release, and its authority."""

    index: int
    name: str
    release: str
    followed: str
    protocol: str
    cipher: str
    outcome: OutcomeView | None

    @property
    def label(self) -> str:
        """The release and its authority in full, for a screen reader."""
        return f"OpenSSL {self.release}, follows {self.followed}"


@dataclass(frozen=True)
class CellView:
    """One answer; ``rails`` are the states of client and server after it."""

    lane: LaneView
    status: str
    answer: str = ""
    reasons: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    runs: tuple[RunOfRecords, ...] = ()
    more_runs: int = 0
    group: Group | None = None
    rails: tuple[str, str] = ("open", "open")
    has_details: bool = False
    is_end: bool = False
    """The lane ended here: the answer is the reason."""
    manual: bool = False
    also: tuple[str, ...] = ()
    """Facts that differ from cells of other groups which otherwise look the same."""

    @property
    def look(self) -> tuple[object, ...]:
        """The visible parts of the cell, without details."""
        return self.status, self.answer, self.reasons, self.states, tuple(run.words for run in self.runs)


@dataclass(frozen=True)
class RowView:
    """One call or step of the transport, and its result in each lane."""

    index: int
    title: str
    who: str | None
    do: str
    differs: bool
    cells: tuple[CellView, ...]
    search: str

    @property
    def is_call(self) -> bool:
        """Whether any lane has a result to show."""
        return any(cell.has_details for cell in self.cells)


@dataclass(frozen=True)
class ScenarioView:
    """One comparison; lanes that agree in everything have the same group in ``groups``."""

    index: int
    title: str
    about: str
    source: str
    lanes: tuple[LaneView, ...]
    rows: tuple[RowView, ...]
    groups: tuple[Group, ...]
    common: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """The anchor for links on the page."""
        return f"s{self.index}"

    def alike(self, lane: LaneView) -> list[str]:
        """Return the names of the lanes that agree with this one in everything."""
        group = self.groups[lane.index]
        pairs = zip(self.lanes, self.groups, strict=True)
        return [other.name for other, its in pairs if its == group and other is not lane]

    def repeats(self, lane: LaneView) -> bool:
        """Whether a lane further left agrees with this one in everything."""
        return self.groups[lane.index] in self.groups[: lane.index]

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(row.differs for row in self.rows)

    @property
    def differs(self) -> bool:
        """Whether lanes of one authority differ in any row or end differently."""
        found = set(zip((lane.followed for lane in self.lanes), self.groups, strict=True))
        return len(found) > len({followed for followed, _ in found})

    @property
    def search(self) -> str:
        """The text that the page's search compares with."""
        ends = (f"{lane.outcome.words} {lane.outcome.why}" for lane in self.lanes if lane.outcome)
        return " ".join([self.title, self.about, self.source, *dict.fromkeys(ends)]).casefold()


def scenario_view(compared: Compared, index: int) -> ScenarioView:
    """Return the view of one comparison, the ``index``-th of its page."""
    lanes = tuple(_lane(lane, number) for number, lane in enumerate(compared.lanes))
    rails = _Rails(len(lanes))
    begun: set[int] = set()
    rows = tuple(_row(row, lanes, rails, begun) for row in compared.rows)
    return ScenarioView(
        index=index,
        title=compared.title,
        about=compared.about,
        source=compared.source,
        lanes=lanes,
        rows=rows,
        groups=whole_groups(compared),
        common=_common(lanes),
    )


def _lane(lane: Lane, index: int) -> LaneView:
    return LaneView(
        index=index,
        name=lane.name,
        release=lane.release,
        followed=_FOLLOWED.get(lane.follow) or lane.follow,
        protocol=lane.protection.protocol or "",
        cipher=lane.protection.cipher or "",
        outcome=_outcome(lane.outcome),
    )


def _outcome(outcome: Outcome | None) -> OutcomeView | None:
    if outcome is None:
        return None
    what = {
        "unsupported": f"has no {outcome.get('what')}",
        "crash": f"crashes: {outcome.get('signal')}",
        "exception": f"raises {outcome.get('what')}",
    }
    return OutcomeView(outcome["kind"], what[outcome["kind"]], outcome.get("why") or "")


def _common(lanes: Sequence[LaneView]) -> tuple[str, ...]:
    """List the facts that all lanes have in common: protocol, cipher, authority."""
    facts = (
        {lane.protocol for lane in lanes} - {""},
        {lane.cipher for lane in lanes} - {""},
        {f"follows {lane.followed}" for lane in lanes},
    )
    return tuple(each.pop() for each in facts if len(each) == 1)


def whole_groups(compared: Compared) -> tuple[Group, ...]:
    """Return the group of each lane: lanes that agree in all rows and in their end have the same group."""
    signatures = [
        (
            tuple(None if row.cells[index] is None else row.groups[index] for row in compared.rows),
            repr(lane.outcome),
        )
        for index, lane in enumerate(compared.lanes)
    ]
    distinct = list(dict.fromkeys(signatures))
    return tuple(Group(distinct.index(signature)) for signature in signatures)


# -- rows and cells ------------------------------------------------------------------------------


class _Rails:
    """The state of both sides of every lane, carried from row to row."""

    def __init__(self, lanes: int) -> None:
        self._states = [dict.fromkeys(SIDES, "open") for _lane in range(lanes)]
        self._returns: list[dict[str, tuple[int, Answer]]] = [{} for _lane in range(lanes)]
        """By lane and side a call that blocked: the row after which it returned, and its answer."""

    def after(self, lane: int, row: Row, cell: Cell | None) -> tuple[str, str]:
        """Return the rails of a lane after one row: a style for the client's and one for the server's."""
        states, returns = self._states[lane], self._returns[lane]
        if cell and row.who in SIDES and not cell.skipped and not cell.missing:
            states[row.who] = "blocked" if cell.blocked else _state(cell.answer, states[row.who])
            if cell.completed is not None and cell.completed_after is not None:
                returns[row.who] = cell.completed_after, cell.completed
        for side, (until, answer) in tuple(returns.items()):
            if row.index >= until:
                states[side] = _state(answer, "open")
                del returns[side]
        return states["client"], states["server"]


def _state(answer: Answer, before: str) -> str:
    if answer.want is None and answer.in_init is None and not answer.shutdown:
        return before
    if answer.shutdown:
        return "closed"
    if answer.in_init:
        return "init"
    return "wants" if answer.want not in (None, "NOTHING") else "open"


def _row(row: Row, lanes: Sequence[LaneView], rails: _Rails, begun: set[int]) -> RowView:
    told = [cell is not None and not words.is_empty(cell) for cell in row.cells]
    cells = [
        _cell(row, lane, rails.after(lane.index, row, cell), cell)
        if cell is not None
        else _no_cell(lane, rails.after(lane.index, row, cell), begun, is_call=any(told))
        for cell, lane in zip(row.cells, lanes, strict=True)
    ]
    begun.update(index for index, is_told in enumerate(told) if is_told)
    return RowView(
        index=row.index,
        title=row.title,
        who=row.who,
        do=row.do,
        differs=row.parts,
        cells=tuple(_told_apart(cells, row.cells) if row.parts else cells),
        search=_search(row),
    )


def _no_cell(lane: LaneView, rails: tuple[str, str], begun: set[int], *, is_call: bool) -> CellView:
    """Return the view of a lane that did not make this call: it made another one, or it has ended.

    The first such cell of a lane that has ended has the reason.
    """
    if lane.outcome is None:
        return CellView(lane, "none", "not called" if is_call else "", rails=rails)
    if lane.index not in begun:
        return CellView(lane, "over", rails=rails)
    begun.remove(lane.index)
    return CellView(lane, lane.outcome.status, lane.outcome.words, rails=rails, is_end=True)


def _cell(row: Row, lane: LaneView, rails: tuple[str, str], cell: Cell) -> CellView:
    number = row.groups[lane.index]
    group = Group(number) if row.parts and number is not None else None
    if words.is_empty(cell):
        return CellView(lane, "none", group=group, rails=rails)
    answer = words.final(cell)
    runs = words.runs_of(cell.records)
    return CellView(
        lane=lane,
        status=words.status_of(cell),
        answer=words.answer_of(cell),
        reasons=tuple(words.reason_of(line) for line in answer.queue),
        states=tuple(words.states_of(answer)),
        runs=tuple(runs[: words.MOST_RUNS]),
        more_runs=max(len(runs) - words.MOST_RUNS, 0),
        group=group,
        rails=rails,
        has_details=True,
        manual=bool(cell.manual or cell.promise),
    )


def _told_apart(cells: list[CellView], raw: Sequence[Cell | None]) -> list[CellView]:
    """Return the cells of a row; cells of two groups that look the same also show the facts that differ."""
    facts = [dict(_facts(each)) if each else {} for each in raw]
    return [
        replace(cell, also=_parting(fact, _lookalikes(cell, cells, facts)))
        for cell, fact in zip(cells, facts, strict=True)
    ]


def _lookalikes(cell: CellView, cells: list[CellView], facts: list[dict[str, str]]) -> list[dict[str, str]]:
    """List the facts of the cells of other groups that show the same as this one."""
    pairs = zip(cells, facts, strict=True)
    return [fact for other, fact in pairs if other.look == cell.look and other.group != cell.group]


def _parting(fact: dict[str, str], others: Iterable[dict[str, str]]) -> tuple[str, ...]:
    return tuple(value for key, value in fact.items() if any(other.get(key) != value for other in others))


def _facts(cell: Cell) -> Iterator[tuple[str, str]]:
    """Yield facts that a cell may not show: codes and functions of errors, and the whole answer."""
    answer = words.final(cell)
    for number, line in enumerate(answer.queue):
        for at, part in enumerate(words.origin_of(line)):
            yield f"queue {number} {at}", part
    for name, value in words.pairs_of(answer, _sent(cell)):
        yield name, f"{name} {value}"


def _sent(cell: Cell) -> int:
    """Return the bytes that the transports took, for a call that returned at once."""
    return cell.bytes if cell.completed is None else 0


def _search(row: Row) -> str:
    """Return the text for the search: title, answers, errors, and the behaviours that cause a difference."""
    queues = [line for cell in row.cells if cell for line in words.final(cell).queue]
    answers = [words.answer_of(cell) for cell in row.cells if cell]
    keys = [each.key for decision in row.known for each in decision.behaviours]
    return " ".join(dict.fromkeys([row.title, *answers, *queues, *keys])).casefold()
