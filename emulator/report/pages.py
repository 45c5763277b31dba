"""The table of a report that holds recorded libraries against their manual pages: clauses by releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.audit import shipped
from emulator.profiles.clauses import topics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator.audit.count import Audited, Count
    from emulator.profiles.clauses import Clause


@dataclass(frozen=True)
class ClauseCell:
    """What the recorded calls of one release say of a clause."""

    status: str
    """ "kept", "broken", "used", "unused" or "unseen"."""
    words: str
    label: str
    """The same, with the scenario that shows it."""


@dataclass(frozen=True)
class ClauseRow:
    """A clause, and a cell for each release; None where it does not stand on the release's pages."""

    clause: Clause
    cells: tuple[ClauseCell | None, ...]


@dataclass(frozen=True)
class PagesTable:
    """Every clause of the manual pages by every recorded release."""

    releases: tuple[str, ...]
    rows: tuple[ClauseRow, ...]

    @property
    def broken(self) -> int:
        """The number of promises that some library broke."""
        promises = (row for row in self.rows if row.clause.kind == "promise")
        return sum(
            any(cell is not None and cell.status == "broken" for cell in row.cells) for row in promises
        )


def pages_table() -> PagesTable:
    """Return the table of the audit that comes with the package."""
    audited = shipped.releases()
    return PagesTable(tuple(audited), tuple(_rows(audited)))


def _rows(audited: Mapping[str, Audited]) -> Iterator[ClauseRow]:
    for topic in topics().values():
        for clause in topic.clauses.values():
            counts = [each.clauses.get(clause.id) for each in audited.values()]
            cells = tuple(None if count is None else _cell(clause, count) for count in counts)
            if any(cell is not None for cell in cells):
                yield ClauseRow(clause, cells)


def _cell(clause: Clause, count: Count) -> ClauseCell:
    if not count.total:
        return ClauseCell("unseen", "-", clause.why_not or "never exercised")
    happened = count.broken or count.used
    if not happened:
        status, words = ("kept", "kept") if count.kept else ("unused", "not used")
        return ClauseCell(status, str(count.total), f"{words} in {count.total} recorded calls")
    status = "broken" if count.broken else "used"
    shown = f", for instance in {count.smallest.scenario}" if count.smallest is not None else ""
    label = f"{status} in {happened} of {count.total} recorded calls{shown}"
    return ClauseCell(status, f"{happened} of {count.total}", label)
