"""The explanation of a string: an error as it was printed, an answer of SSL_get_error(), or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.contract.codes import codes
from emulator.contract.explanation import DecidingBehaviour, DecidingClause, Elsewhere, Explanation
from emulator.contract.loss_codes import MEANINGS
from emulator.exceptions import UsageError
from emulator.explaining import behaviours, findings
from emulator.explaining import named as named_things
from emulator.knowledge import advice, catalogue, errors
from emulator.knowledge.errors_seen import ranges
from emulator.knowledge.near import hint, shown
from emulator.profiles.clauses import clause_called, topics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.knowledge.errors import Explained, Printed
    from emulator.knowledge.texts import Reason


def explained(text: str) -> Explanation:
    """Explain a string as ``emulator explain`` takes it; UsageError names the nearest names."""
    if text in codes():
        return findings.explained_code(text)
    if text in topics():
        return _topic(text)
    clause = clause_called(text)
    if clause is not None:
        return named_things.explained_clause(clause)
    if text in MEANINGS:
        return named_things.explained_loss(text)
    named = errors.of_error_code(text)
    if named is not None:
        return _of_reason(named[0], named[1])
    behaviour = catalogue.called(text)
    if behaviour and text != text.upper():
        return _behaviour(catalogue.find(text).key)
    error = errors.explain(text)
    if error is not None:
        return _error(error)
    if behaviour:
        return _behaviour(catalogue.find(text).key)
    known = [*codes(), *topics(), *(each.key for each in catalogue.behaviours()), *errors.reason_names()]
    raise UsageError(
        f"{shown(text)} is no error, finding, behaviour, topic, clause or loss{hint(text, known)}"
    )


def _of_reason(subject: str, known: Reason | None, others: tuple[Elsewhere, ...] = ()) -> Explanation:
    if known is None:
        return Explanation(subject, elsewhere=others)
    shows = tuple(DecidingBehaviour(key, "", advice.title(key)) for key in known.shows)
    means = f"{known.meaning} {known.causes}"
    return Explanation(subject, means=means, behaviours=shows, advice=(known.remedy,), elsewhere=others)


def _error(found: Explained) -> Explanation:
    subject = found.exact[0].text if found.exact else found.reason or found.asked
    others = tuple(Elsewhere(spans_of(each), each.text) for each in (*found.exact, *found.alike))
    return _of_reason(subject, found.known, tuple(each for each in others if each.releases))


def spans_of(printed: Printed) -> str:
    """Return the releases that print a text, as ranges; empty if none is known to."""
    return _as_text(ranges(printed.seen.releases))


def _as_text(spans: Iterable[tuple[str, str]]) -> str:
    return ", ".join(first if first == last else f"{first} to {last}" for first, last in spans)


def _behaviour(key: str) -> Explanation:
    found, known = catalogue.find(key), advice.of(key)
    return Explanation(
        subject=key,
        means=" ".join(filter(None, (found.question, known.reason if known is not None else ""))),
        elsewhere=behaviours.given(key),
    )


def _topic(name: str) -> Explanation:
    topic = topics()[name]
    clauses = tuple(DecidingClause(each.id, each.page, each.says) for each in topic.clauses.values())
    key = f"manual.{name}"
    others = behaviours.given(key) if catalogue.called(key) else ()
    return Explanation(name, means=topic.asks, clauses=clauses, elsewhere=others)
