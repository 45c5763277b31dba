"""The explanation of a clause of the manual pages, and of the code of a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.contract.codes import codes
from emulator.contract.explanation import DecidingClause, Elsewhere, Explanation
from emulator.contract.loss_codes import MEANINGS
from emulator.knowledge import timeline

if TYPE_CHECKING:
    from emulator.profiles.clauses import Clause


def explained_clause(clause: Clause) -> Explanation:
    """Explain a clause: its meaning, the releases whose pages have it, and the findings about it."""
    return Explanation(
        subject=f"{clause.id} ({clause.kind})",
        means=clause.says,
        clauses=(DecidingClause(clause.id, clause.page, clause.says),),
        advice=tuple(f"{codes()[name].advice} (finding {name})" for name in findings_about(clause.id)),
        elsewhere=(Elsewhere(releases_with(clause.id), "the pages have this clause"),),
    )


def releases_with(*clauses: str) -> str:
    """Return the releases whose pages have one of these clauses, in words."""
    return timeline.in_words(timeline.releases_with(clauses))


def findings_about(clause: str) -> list[str]:
    """List the codes of the findings that break a clause."""
    return [name for name, known in codes().items() if clause in known.clauses]


def explained_loss(name: str) -> Explanation:
    """Explain the code of a loss that the ledger finds."""
    return Explanation(subject=f"{name} (loss)", means=MEANINGS[name])
