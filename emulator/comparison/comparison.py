"""``Comparison``: lanes and rows as data, as a table, as HTML."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any

from emulator.comparison.result import rows_of
from emulator.comparison.table import show
from emulator.terminal.console import make_console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.comparison.cells import Lane
    from emulator.comparison.decide import Decisions
    from emulator.comparison.result import Row
    from emulator.comparison.sources import Source


class Comparison:
    """The same calls on several profiles: iterates over its rows, prints as a table.

    ``lanes`` are the columns: a profile followed by one authority each.  ``rows`` are the calls in order.
    ``title``, ``about`` and ``source`` say what was compared.
    """

    def __init__(self, source: Source, lanes: Sequence[Lane], decisions: Decisions) -> None:
        self.title = source.title
        self.about = source.about
        self.source = source.source
        self.lanes = tuple(lanes)
        self.rows = tuple(rows_of(self.lanes, decisions))
        self._decisions = decisions
        self._is_callable = source.scenario is None

    @property
    def replays(self) -> int:
        """How many replays were made so far to find out what decided."""
        return self._decisions.replays

    @property
    def differs(self) -> bool:
        """Whether any row differs, or the lanes do not end alike."""
        outcomes = {str(lane.outcome) for lane in self.lanes}
        return len(outcomes) > 1 or any(row.differs for row in self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def as_json(self, *, why: bool | None = None) -> dict[str, Any]:
        """Everything as a plain object.

        ``why`` asks what decided in every row that differs.  That takes replays; unless said otherwise it is
        asked of a scenario and not of a callable, which would have to be called as often.
        """
        asked = not self._is_callable if why is None else why
        return {
            "title": self.title,
            "about": self.about,
            "source": self.source,
            "lanes": [lane.as_json() for lane in self.lanes],
            "rows": [row.as_json(why=asked) for row in self.rows],
        }

    def __str__(self) -> str:
        file = io.StringIO()
        show(self, make_console(file))
        return "\n".join(line.rstrip() for line in file.getvalue().splitlines())

    def to_html(self) -> str:
        """One page of HTML that loads nothing: lanes on a time line, with all that is known of each call."""
        return str(_report().render(self.as_json()))

    def _repr_html_(self) -> str:
        return str(_report().render_fragment(self.as_json()))


def _report() -> Any:
    """What renders HTML, loaded when it is needed: it stands above comparisons, which it shows."""
    return import_module("emulator.report")
