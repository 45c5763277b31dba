"""Whether a call keeps a clause of a manual page: a registry of small functions over an observation.

``clauses.toml`` names the predicate of each clause.  A predicate of a promise, a duty or a piece of advice
answers KEPT or BROKEN; one of a permission USED or UNUSED, where the situation arose in which the page
permits the outcome; one of something undefined USED.  Everywhere else the answer is OUTSIDE: the clause is
not about such a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.pages import asking, writing
from emulator.pages.registry import PREDICATES, Verdict
from emulator.profiles.clauses import ClauseKind

if TYPE_CHECKING:
    from emulator.pages.observation import Observation
    from emulator.pages.page import Page
    from emulator.profiles.clauses import Clause

__all__ = ["PREDICATES", "Verdict", "judged", "verdict_of"]

ENTERED = asking, writing
"""The modules that have entered their predicates."""


def verdict_of(clause: Clause, call: Observation) -> Verdict:
    """Return what a call says of a clause; OUTSIDE for a clause that no call shows."""
    test = PREDICATES.get(clause.predicate)
    return Verdict.OUTSIDE if test is None else test(call)


def judged(page: Page, call: Observation) -> list[tuple[Clause, Verdict]]:
    """Return what a call says of the clauses of a page, as far as they are about it.

    A call that is undefined, or that breaks a duty of its own, breaks no promise: the page promises nothing
    for it.
    """
    found = [(clause, verdict_of(clause, call)) for clause in page.clauses]
    found = [(clause, verdict) for clause, verdict in found if verdict is not Verdict.OUTSIDE]
    if not any(_excuses(clause, verdict) for clause, verdict in found):
        return found
    return [(clause, verdict) for clause, verdict in found if clause.kind is not ClauseKind.PROMISE]


def _excuses(clause: Clause, verdict: Verdict) -> bool:
    """Whether the page promises nothing for a call that says so of a clause."""
    return clause.kind is ClauseKind.UNDEFINED or (
        clause.kind is ClauseKind.DUTY and verdict is Verdict.BROKEN
    )
