"""``Comparison``: lanes and rows as data, as a table, as HTML."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from emulator.comparison.table import show
from emulator.lanes.result import Compared, rows_of
from emulator.terminal.console import make_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.comparison.sources import Source
    from emulator.lanes.cells import Lane
    from emulator.lanes.decide import Decisions


class Comparison(Compared):
    """The same calls on several profiles: iterates over its rows, prints as a table.

    ``lanes`` are the columns: a profile that follows one authority each.  ``rows`` are the calls in order.
    ``title``, ``about`` and ``source`` are those of the scenario or callable.
    """

    def __init__(self, source: Source, lanes: Sequence[Lane], decisions: Decisions) -> None:
        super().__init__(
            lanes,
            rows_of(lanes, decisions),
            title=source.title,
            about=source.about,
            source=source.source,
        )
        self._decisions = decisions
        self._is_callable = source.scenario is None

    @property
    def replays(self) -> int:
        """How many replays were made so far to find the behaviours that decided."""
        return self._decisions.replays

    def _asks_why(self, *, why: bool | None) -> bool:
        return not self._is_callable if why is None else why

    def decide(self) -> None:
        """Find the behaviours that decided in every row that differs; this takes replays, once."""
        for row in self.rows:
            row.decided  # noqa: B018 - found when it is first read

    def as_json(self, *, why: bool | None = None) -> dict[str, Any]:
        """Return everything as a plain object.

        ``why`` asks for the behaviours that decided in every row that differs.  To find them takes replays;
        unless said otherwise they are found for a scenario and not for a callable, which would have to be
        called as often.
        """
        asked = self._asks_why(why=why)
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

    def to_html(self, *, title: str | None = None, docs: str | None = None, why: bool | None = None) -> str:
        """Return one page of HTML that loads nothing: lanes on a time line, and the details of each call.

        ``title`` stands for the comparison's own; ``docs`` is the address of the documentation, if behaviours
        are to link to their reference; ``why`` is as for :meth:`as_json`.
        """
        from emulator.report import render  # noqa: PLC0415 - a comparison in the terminal needs no templates

        if self._asks_why(why=why):
            self.decide()
        return render(self, title=title, docs=docs)

    def _repr_html_(self) -> str:
        from emulator.report import render_fragment  # noqa: PLC0415

        if self._asks_why(why=None):
            self.decide()
        return render_fragment(self)
