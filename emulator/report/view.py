"""What a report shows of one comparison: lanes, rows and cells, ready for the template.

Takes what ``Comparison.as_json()`` gives, and nothing else: it neither runs nor judges anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from emulator.report import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Json = dict[str, Any]

SIDES = ("client", "server")
_FOLLOWED = {"manual": "the manual", "library": "the library"}
_STYLES = 8


def letter(group: int) -> str:
    """The name of a group of lanes that answered alike: A, B, ... Z, AA, ..."""
    return (letter(group // 26 - 1) if group >= 26 else "") + chr(ord("A") + group % 26)


def style(group: int) -> int:
    """The number of a group's colour and pattern; they repeat, letters don't."""
    return group if group < _STYLES else 1 + (group - 1) % (_STYLES - 1)


@dataclass(frozen=True)
class Group:
    """Lanes that answered alike: A, B, ..."""

    number: int

    @property
    def letter(self) -> str:
        """Its name."""
        return letter(self.number)

    @property
    def style(self) -> int:
        """Its colour and pattern."""
        return style(self.number)


@dataclass(frozen=True)
class Outcome:
    """Why a lane has no answers, or no more: it lacks the protocol, it crashed, the program raised."""

    kind: str
    words: str
    why: str

    @property
    def status(self) -> str:
        """Its sign: that of an answer of the same kind."""
        return {"unsupported": "missing", "crash": "crash"}.get(self.kind, "error")


@dataclass(frozen=True)
class Lane:
    """One column: a release, and whom it follows."""

    index: int
    name: str
    release: str
    followed: str
    protocol: str
    cipher: str
    outcome: Outcome | None

    @property
    def label(self) -> str:
        """The release in full and whom it follows, as a reader of the page hears it."""
        return f"OpenSSL {self.release}, follows {self.followed}"


@dataclass(frozen=True)
class Cell:
    """One answer; ``rails`` are the states of client and server after it."""

    lane: Lane
    status: str
    answer: str = ""
    reasons: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    runs: tuple[Json, ...] = ()
    more_runs: int = 0
    group: Group | None = None
    rails: tuple[str, str] = ("open", "open")
    has_details: bool = False
    is_end: bool = False
    """The lane is over here: the answer says why."""
    manual: bool = False
    also: tuple[str, ...] = ()
    """What tells the cell from those of other groups, where nothing else that it shows does."""

    @property
    def look(self) -> tuple[object, ...]:
        """What the cell shows at first sight."""
        return self.status, self.answer, self.reasons, self.states, tuple(run["words"] for run in self.runs)


@dataclass(frozen=True)
class Row:
    """One call or one step of the transport, and what each lane made of it."""

    index: int
    title: str
    who: str | None
    do: str
    differs: bool
    cells: tuple[Cell, ...]
    search: str

    @property
    def is_call(self) -> bool:
        """Whether it has left anything to tell in any lane."""
        return any(cell.has_details for cell in self.cells)


@dataclass(frozen=True)
class Scenario:
    """One comparison; ``groups`` says of each lane with whom it agrees in everything."""

    index: int
    title: str
    about: str
    source: str
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    common: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """What links on the page call it."""
        return f"s{self.index}"

    def alike(self, lane: Lane) -> list[str]:
        """The names of the lanes that agree with this one in everything."""
        group = self.groups[lane.index]
        pairs = zip(self.lanes, self.groups, strict=True)
        return [other.name for other, its in pairs if its == group and other is not lane]

    def repeats(self, lane: Lane) -> bool:
        """Whether a lane further left agrees with this one in everything."""
        return self.groups[lane.index] in self.groups[: lane.index]

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(row.differs for row in self.rows)

    @property
    def differs(self) -> bool:
        """Whether its lanes part anywhere, or end otherwise."""
        return len(set(self.groups)) > 1

    @property
    def search(self) -> str:
        """The text that it is found by."""
        ends = (f"{lane.outcome.words} {lane.outcome.why}" for lane in self.lanes if lane.outcome)
        return " ".join([self.title, self.about, self.source, *dict.fromkeys(ends)]).casefold()


def scenario_view(data: Json, index: int) -> Scenario:
    """The view of one comparison's JSON."""
    lanes = tuple(_lane(lane, number) for number, lane in enumerate(data["lanes"]))
    rails = _Rails(len(lanes))
    begun: set[int] = set()
    rows = tuple(_row(row, lanes, rails, begun) for row in data["rows"])
    return Scenario(
        index=index,
        title=data["title"],
        about=data.get("about") or "",
        source=data.get("source") or "",
        lanes=lanes,
        rows=rows,
        groups=whole_groups(data),
        common=_common(lanes),
    )


def _lane(lane: Json, index: int) -> Lane:
    return Lane(
        index=index,
        name=lane["name"],
        release=lane["release"],
        followed=_FOLLOWED.get(lane["follow"]) or str(lane["follow"]),
        protocol=lane.get("protocol") or "",
        cipher=lane.get("cipher") or "",
        outcome=_outcome(lane.get("outcome")),
    )


def _outcome(outcome: Json | None) -> Outcome | None:
    if outcome is None:
        return None
    kind = str(outcome["kind"])
    what = {
        "unsupported": f"has no {outcome.get('what')}",
        "crash": f"dies: {outcome.get('signal')}",
        "exception": f"raises {outcome.get('what')}",
    }
    return Outcome(kind, what.get(kind, kind), outcome.get("why") or "")


def _common(lanes: Sequence[Lane]) -> tuple[str, ...]:
    """What all lanes that have it have in common, said once: protocol, cipher, whom they follow."""
    facts = (
        {lane.protocol for lane in lanes} - {""},
        {lane.cipher for lane in lanes} - {""},
        {f"follows {lane.followed}" for lane in lanes},
    )
    return tuple(each.pop() for each in facts if len(each) == 1)


def whole_groups(data: Json) -> tuple[Group, ...]:
    """Which lanes agree in every row and in how they end."""
    signatures = [
        (
            tuple(cell and cell.get("group") for cell in (row["cells"][index] for row in data["rows"])),
            repr(lane.get("outcome")),
        )
        for index, lane in enumerate(data["lanes"])
    ]
    distinct = list(dict.fromkeys(signatures))
    return tuple(Group(distinct.index(signature)) for signature in signatures)


# -- rows and cells ------------------------------------------------------------------------------


class _Rails:
    """The state of both sides of every lane, carried from row to row."""

    def __init__(self, lanes: int) -> None:
        self._states = [dict.fromkeys(SIDES, "open") for _lane in range(lanes)]
        self._blocked_until: list[dict[str, int]] = [{} for _lane in range(lanes)]
        self._after: list[dict[str, Json]] = [{} for _lane in range(lanes)]

    def after(self, lane: int, row: Json, cell: Json | None) -> tuple[str, str]:
        """The rails of a lane after one row: a style for the client's and one for the server's."""
        states = self._states[lane]
        who = row.get("who")
        if cell and who in SIDES and not cell.get("skipped") and not cell.get("missing"):
            states[who] = "blocked" if cell.get("blocked") else _state(cell, states[who])
            if cell.get("completed_after") is not None:
                self._blocked_until[lane][who] = cell["completed_after"]
                self._after[lane][who] = cell["completed"]
        for side, until in tuple(self._blocked_until[lane].items()):
            if row["index"] >= until:
                states[side] = _state(self._after[lane].pop(side), "open")
                del self._blocked_until[lane][side]
        return states["client"], states["server"]


def _state(answer: Json, before: str) -> str:
    if answer.get("want") is None and answer.get("in_init") is None and not answer.get("shutdown"):
        return before
    if answer.get("shutdown"):
        return "closed"
    if answer.get("in_init"):
        return "init"
    return "wants" if answer.get("want") not in (None, "NOTHING") else "open"


def _row(row: Json, lanes: Sequence[Lane], rails: _Rails, begun: set[int]) -> Row:
    told = [cell is not None and not words.is_empty(cell) for cell in row["cells"]]
    cells = [
        _no_cell(lane, after, begun, is_call=any(told))
        if cell is None
        else _cell(cell, lane, after, differs=row["differs"])
        for cell, lane, after in (
            (cell, lane, rails.after(lane.index, row, cell))
            for cell, lane in zip(row["cells"], lanes, strict=True)
        )
    ]
    begun.update(index for index, is_told in enumerate(told) if is_told)
    return Row(
        index=row["index"],
        title=row["title"],
        who=row.get("who"),
        do=row.get("do") or "",
        differs=row["differs"],
        cells=tuple(_told_apart(cells, row["cells"]) if row["differs"] else cells),
        search=_search(row),
    )


def _no_cell(lane: Lane, rails: tuple[str, str], begun: set[int], *, is_call: bool) -> Cell:
    """A lane that did not make this call: it goes on, or is over, of which the first such cell says why."""
    if lane.outcome is None:
        return Cell(lane, "none", "not called" if is_call else "", rails=rails)
    if lane.index not in begun:
        return Cell(lane, "over", rails=rails)
    begun.remove(lane.index)
    return Cell(lane, lane.outcome.status, lane.outcome.words, rails=rails, is_end=True)


def _cell(cell: Json, lane: Lane, rails: tuple[str, str], *, differs: bool) -> Cell:
    group = Group(cell["group"]) if differs and cell.get("group") is not None else None
    if words.is_empty(cell):
        return Cell(lane, "none", group=group, rails=rails)
    answer = words.final(cell)
    runs = words.runs_of(words.records_of(cell))
    return Cell(
        lane=lane,
        status=words.status_of(cell),
        answer=words.answer_of(cell),
        reasons=tuple(words.reason_of(line) for line in answer.get("queue") or ()),
        states=tuple(words.states_of(answer)),
        runs=tuple(runs[: words.MOST_RUNS]),
        more_runs=max(len(runs) - words.MOST_RUNS, 0),
        group=group,
        rails=rails,
        has_details=True,
        manual=bool(cell.get("manual") or cell.get("promise")),
    )


def _told_apart(cells: list[Cell], raw: Sequence[Json | None]) -> list[Cell]:
    """The cells of a row, with the facts on which they part where the same is shown for two groups."""
    facts = [dict(_facts(each)) if each else {} for each in raw]
    return [
        replace(cell, also=_parting(fact, _lookalikes(cell, cells, facts)))
        for cell, fact in zip(cells, facts, strict=True)
    ]


def _lookalikes(cell: Cell, cells: list[Cell], facts: list[dict[str, str]]) -> list[dict[str, str]]:
    """The facts of the cells of other groups that show the same as this one."""
    pairs = zip(cells, facts, strict=True)
    return [fact for other, fact in pairs if other.look == cell.look and other.group != cell.group]


def _parting(fact: dict[str, str], others: Iterable[dict[str, str]]) -> tuple[str, ...]:
    return tuple(value for key, value in fact.items() if any(other.get(key) != value for other in others))


def _facts(cell: Json) -> Iterator[tuple[str, str]]:
    """What a cell holds and may not show: codes and functions of errors, and the whole answer."""
    answer = words.final(cell)
    for number, line in enumerate(answer.get("queue") or ()):
        for at, part in enumerate(words.origin_of(line)):
            yield f"queue {number} {at}", part
    for name, value in words.pairs_of(answer):
        yield name, f"{name} {value}"


def _search(row: Json) -> str:
    """The text that a row is found by: its title, its errors, and the behaviours that decided."""
    queues = [line for cell in row["cells"] if cell for line in words.final(cell).get("queue") or ()]
    answers = [words.answer_of(cell) for cell in row["cells"] if cell]
    keys = [each["key"] for pair in row.get("decided") or () for each in pair["behaviours"]]
    return " ".join(dict.fromkeys([row["title"], *answers, *queues, *keys])).casefold()
