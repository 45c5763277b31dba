"""Lanes laid side by side: rows of cells, where the rows differ, and which behaviours decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from emulator.lanes.align import aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from emulator.lanes.cells import Cell, Lane


@dataclass(frozen=True, slots=True)
class Decided:
    """A behaviour that decided: its answer in the left and in the right lane, and its question."""

    key: str
    left: str
    right: str
    question: str

    def as_json(self) -> dict[str, str]:
        """A plain object."""
        return {"key": self.key, "left": self.left, "right": self.right, "question": self.question}


@dataclass(frozen=True, slots=True)
class Decision:
    """Why two lanes differ in a row: the smallest set of behaviours that explains it.

    ``left`` and ``right`` are the lanes' indices.  ``of`` is the aspect that is explained: the "answer", the
    "errors" in the queue, the "records" or the "state".  If the left release gave the right one's answers to
    ``behaviours``, this aspect would be the right lane's; without any single one of them it would not.
    """

    left: int
    right: int
    behaviours: tuple[Decided, ...]
    of: str

    def as_json(self) -> dict[str, Any]:
        """A plain object."""
        found = [behaviour.as_json() for behaviour in self.behaviours]
        return {"left": self.left, "right": self.right, "of": self.of, "behaviours": found}


class Decider(Protocol):
    """Finds out why two lanes differ."""

    def decisions(self, row: Row) -> tuple[Decision, ...]:
        """Return the decisions between neighbouring lanes that differ in this row."""


@dataclass(slots=True)
class Row:
    """One call, and its answer in every lane; None in a lane that does not make the call."""

    index: int
    title: str
    key: str
    """The key that its calls have in all lanes, by which they are laid side by side."""
    who: str | None
    do: str
    cells: tuple[Cell | None, ...]
    groups: tuple[int | None, ...]
    """Cells with the same number answered alike; None where a lane had ended, which is not compared."""
    places: tuple[int | None, ...]
    """The index of each call in its own lane."""
    follows: tuple[str, ...]
    """The authority that each lane follows."""
    _decider: Decider | None = field(default=None, repr=False)
    _decisions: tuple[Decision, ...] | None = field(default=None, repr=False)

    @property
    def differs(self) -> bool:
        """Whether lanes of one authority answered differently, or not all of them made the call."""
        return any(len(set(groups)) > 1 for groups in self._by_authority().values())

    @property
    def parts(self) -> bool:
        """Whether any two lanes answered differently: of one authority, or of the manual and the library."""
        return len({group for group in self.groups if group is not None}) > 1

    def _by_authority(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for follow, group in zip(self.follows, self.groups, strict=True):
            if group is not None:
                found.setdefault(follow, []).append(group)
        return found

    @property
    def decided(self) -> tuple[Decision, ...]:
        """The behaviours that decided between neighbouring lanes; the first access finds them by replays."""
        if self._decisions is None:
            self._decisions = self._decider.decisions(self) if self._decider and self.parts else ()
        return self._decisions

    @property
    def known(self) -> tuple[Decision, ...]:
        """:attr:`decided` as far as somebody has asked for it: without replays."""
        return self._decisions or ()

    def as_json(self, *, why: bool) -> dict[str, Any]:
        """Return a plain object; ``decided`` is :attr:`known` alone unless ``why``."""
        cells = [
            None if cell is None else cell.as_json(-1 if group is None else group)
            for cell, group in zip(self.cells, self.groups, strict=True)
        ]
        decided = self.decided if why else self.known
        return {
            "index": self.index,
            "title": self.title,
            "who": self.who,
            "do": self.do,
            "differs": self.differs,
            "parts": self.parts,
            "cells": cells,
            "decided": [decision.as_json() for decision in decided],
        }


class Compared:
    """The same calls on several profiles, as data.

    ``title`` and ``about`` are the words of a scenario's author, ``source`` is the name of its file;
    ``lanes`` are the columns, ``rows`` the calls in order.
    """

    def __init__(
        self, lanes: Sequence[Lane], rows: Iterable[Row], *, title: str, about: str = "", source: str = ""
    ) -> None:
        self.title = title
        self.about = about
        self.source = source
        self.lanes = tuple(lanes)
        self.rows = tuple(rows)

    @property
    def differs(self) -> bool:
        """Whether lanes of one authority differ in any row, or do not end alike.

        The manual's lane of a release is not held against the library's: see :attr:`parts`.
        """
        ends = {(lane.follow, str(lane.outcome)) for lane in self.lanes}
        return len(ends) > len({follow for follow, _ in ends}) or any(row.differs for row in self.rows)

    @property
    def parts(self) -> bool:
        """Whether any two lanes differ, in a row or in their ends."""
        return len({str(lane.outcome) for lane in self.lanes}) > 1 or any(row.parts for row in self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def rows_of(lanes: Sequence[Lane], decider: Decider | None = None) -> Iterator[Row]:
    """Lay lanes side by side."""
    sizes = protected_alike(lanes)
    follows = tuple(lane.follow for lane in lanes)
    made = [0] * len(lanes)
    for index, places in enumerate(aligned([[entry.key for entry in lane.entries] for lane in lanes])):
        entries = [
            None if place is None else lane.entries[place] for lane, place in zip(lanes, places, strict=True)
        ]
        over = [
            lane.outcome is not None and count == len(lane.entries)
            for lane, count in zip(lanes, made, strict=True)
        ]
        made = [count + (place is not None) for count, place in zip(made, places, strict=True)]
        first = max((entry for entry in entries if entry is not None), key=lambda entry: len(entry.title))
        cells = tuple(None if entry is None else entry.cell for entry in entries)
        groups = _groups(cells, over, sizes=sizes)
        call = first.title, first.key, first.who, first.do
        yield Row(index, *call, cells, groups, tuple(places), follows, decider)


def complete_missing(lane: Lane, lanes: Iterable[Lane]) -> None:
    """Give a call that the release lacks the key of the same call in other lanes, which has arguments."""
    last = lane.entries[-1] if lane.entries and lane.outcome is not None else None
    if last is not None and last.cell.missing:
        later = [entry.key for other in lanes for entry in other.entries[len(lane.entries) - 1 :]]
        key = next((key for key in later if key.startswith(f"{last.key} ")), last.key)
        lane.entries[-1] = replace(last, key=key)


def protected_alike(lanes: Sequence[Lane]) -> bool:
    """Whether all lanes have one protocol and protect records alike, so that lengths can be compared."""
    return len({lane.protection for lane in lanes if lane.protection.cipher is not None}) <= 1


def _groups(cells: Sequence[Cell | None], over: Sequence[bool], *, sizes: bool) -> tuple[int | None, ...]:
    """Return a number for each cell, from 0 on; cells that answered alike have the same."""
    known: dict[object, int] = {}
    groups: list[int | None] = []
    for cell, is_over in zip(cells, over, strict=True):
        outline = None if cell is None else cell.outline(sizes=sizes)
        groups.append(None if is_over else known.setdefault(outline, len(known)))
    return tuple(groups)
