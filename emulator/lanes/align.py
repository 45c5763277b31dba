"""Lanes laid side by side: each row has the calls of all lanes that belong together."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Titles: TypeAlias = tuple[str, ...]
"""The titles of a lane's calls, in order."""


class _Row:
    """A call, and its index in each lane that makes it, by the lane's titles."""

    __slots__ = ("places", "title")

    def __init__(self, title: str, places: dict[Titles, int]) -> None:
        self.title = title
        self.places = places


def aligned(lanes: Sequence[Sequence[str]]) -> list[list[int | None]]:
    """Return for each row the index of its call in every lane; None where a lane does not make the call.

    ``lanes`` are the titles of their calls in order.  The calls of every lane stay in order, and calls of one
    row have one title.  The order of the lanes does not matter.
    """
    titles = [tuple(lane) for lane in lanes]
    rows: list[_Row] = []
    # The longest first, so that a lane that ends early finds its calls there; by titles, so that the rows do
    # not depend on the order of the lanes.
    for lane in sorted(set(titles), key=lambda lane: (-len(lane), lane)):
        rows = _merged(rows, lane)
    return [[row.places.get(lane) for lane in titles] for row in rows]


def _merged(rows: list[_Row], lane: Titles) -> list[_Row]:
    """Return the rows with one more lane among them."""
    found: list[_Row] = []
    matcher = SequenceMatcher(None, [row.title for row in rows], lane, autojunk=False)
    for tag, start, end, lane_start, lane_end in matcher.get_opcodes():
        found += rows[start:end]
        if tag == "equal":
            for row, place in zip(rows[start:end], range(lane_start, lane_end), strict=True):
                row.places[lane] = place
        else:
            found += [_Row(lane[place], {lane: place}) for place in range(lane_start, lane_end)]
    return found
