"""The explanation of a finding, and of the code of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.contract.codes import answers_alike, code
from emulator.contract.explanation import DecidingClause, Elsewhere, Explanation
from emulator.profiles.clauses import clause_called

if TYPE_CHECKING:
    from emulator.contract.findings import Finding


def explained(found: Finding) -> Explanation:
    """Explain a finding: the call, the clause, what to do instead, and what each generation does."""
    clauses = (
        () if found.clause is None else (DecidingClause(found.clause.id, found.page, found.clause.says),)
    )
    return Explanation(
        subject=f"{found.code} ({found.kind}): {found.who}, {found.call}",
        answer=found.call.answer if found.call.ret is not None else "",
        means=f"{found.says}. {in_one_line(code(found.code).about)}",
        clauses=clauses,
        advice=(found.advice,),
        elsewhere=generations(found.code),
    )


def explained_code(name: str) -> Explanation:
    """Explain the code of a finding: the clauses of all releases, and what each generation does."""
    known = code(name)
    clauses = (clause for clause in map(clause_called, known.clauses) if clause is not None)
    return Explanation(
        subject=f"{known.name} ({known.kind}): {known.title}",
        means=in_one_line(known.about),
        clauses=tuple(DecidingClause(each.id, each.page, each.says) for each in clauses),
        advice=(known.advice,),
        elsewhere=generations(name),
    )


def generations(name: str) -> tuple[Elsewhere, ...]:
    """Return what the last release of each series does about such a call, alike ones as one."""
    return tuple(Elsewhere(series, words) for series, words in answers_alike(name))


def in_one_line(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())
