"""``Comparison``: lanes and rows as data, as a table, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.comparison.result import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.comparison.cells import Lane
    from emulator.comparison.result import Decider, Row


class Comparison:
    """The same calls on several profiles: iterates over its rows, prints as a table.

    ``lanes`` are the columns: a profile followed by one authority each.  ``rows`` are the calls in order.
    ``title``, ``about`` and ``source`` say what was compared.
    """

    def __init__(
        self,
        title: str,
        about: str,
        source: str,
        lanes: Sequence[Lane],
        decider: Decider | None = None,
    ) -> None:
        self.title = title
        self.about = about
        self.source = source
        self.lanes = tuple(lanes)
        self.rows = tuple(rows_of(self.lanes, decider))

    @property
    def differs(self) -> bool:
        """Whether any row differs, or the lanes do not end alike."""
        outcomes = {str(lane.outcome) for lane in self.lanes}
        return len(outcomes) > 1 or any(row.differs for row in self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def as_json(self, *, why: bool = False) -> dict[str, Any]:
        """Everything as a plain object.

        ``why`` asks what decided in every row that differs, which takes replays.
        """
        return {
            "title": self.title,
            "about": self.about,
            "source": self.source,
            "lanes": [lane.as_json() for lane in self.lanes],
            "rows": [row.as_json(why=why) for row in self.rows],
        }
