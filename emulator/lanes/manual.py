"""The clauses of a release's manual pages about a call of a lane, found by the predicates of the clauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.constants import ErrorCode
from emulator.contract.call import WRITES
from emulator.lanes.cells import Answer, Cell, Entry, Word
from emulator.lanes.words import question_of
from emulator.pages.observation import AT_REST, WANTS, Observation, Repeated
from emulator.pages.page import page_of
from emulator.pages.predicates import Verdict, verdict_of
from emulator.profiles.describe import MANUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.pages.page import Page
    from emulator.profile import Profile

STATE_SETTING = frozenset({"connect", "accept", "set_connect_state", "set_accept_state"})

SHOWN = {
    "num-zero": {Verdict.KEPT, Verdict.BROKEN, Verdict.USED},
    "return-zero": {Verdict.USED},
    "partial-writes": {Verdict.USED},
    "repeated-call": {Verdict.KEPT, Verdict.BROKEN},
    "state-required": {Verdict.BROKEN},
    "while-outstanding": {Verdict.BROKEN},
}
"""The topics of which a lane shows the clause, and what the call must say of the clause."""

SHOWN_IF_IT_WAITS = ("repeated-call",)
"""Topics of which a lane shows the clause at a write that is to be repeated."""

SHOWN_IF_IT_BLOCKS = ("blocking-return", "blocking-early-return")
"""Topics of which a lane shows the clause at a write over a blocking transport that blocked or came back."""

SHOWN_AT_ZERO = ("return-nonpositive",)
"""Topics of which a lane shows the clause at a write of bytes that returned 0."""


def _topics(page: Page, call: Observation, *, waited: bool, returned: bool) -> Iterator[str]:
    """Yield the topics on which the pages speak of a call, as far as a lane shows them."""
    if call.missing:
        return
    for topic, verdicts in SHOWN.items():
        clause = page.clause(topic)
        if clause is not None and returned and verdict_of(clause, call) in verdicts:
            yield topic
    if not call.writes:
        return
    if call.wants:
        yield from SHOWN_IF_IT_WAITS
    if call.before.blocking and (waited or call.wants):
        yield from SHOWN_IF_IT_BLOCKS
    if call.name == "write" and call.size and returned and call.ret == 0:
        yield from SHOWN_AT_ZERO


def words_for(
    profile: Profile, call: Observation, *, waited: bool = False, returned: bool = True
) -> tuple[Word, ...]:
    """Return the clauses of this release's pages about a call; empty if they say nothing.

    ``waited``: the call blocked; ``returned``: it has an answer.
    """
    page = page_of(profile)
    found = []
    for topic in dict.fromkeys(_topics(page, call, waited=waited, returned=returned)):
        clause = page.clause(topic)
        if clause is not None:
            key = f"{MANUAL}.{topic}"
            found.append(Word(page.cited(clause), key, clause.says, question_of(key)))
    return tuple(found)


def observation_of(
    entry: Entry, repeated: Repeated | None, *, blocking: bool, stateless: bool
) -> Observation:
    """Return what a lane knows of a call; of one that blocked, the answer with which it returned."""
    cell = entry.cell
    answer = cell.completed or cell.answer
    state = AT_REST._replace(mode=entry.mode, blocking=blocking, role=not stateless)
    return Observation(
        name=entry.do,
        size=entry.size or 0,
        ret=answer.ret or 0,
        error=_error(answer),
        count=_count(entry.do, answer),
        before=state,
        after=state,
        generic=stateless,
        repeated=repeated,
        missing=not _is_made(cell),
    )


def _is_made(cell: Cell) -> bool:
    answered = cell.blocked or cell.answer.ret is not None or cell.completed is not None
    return answered and not (cell.skipped or cell.missing)


def _error(answer: Answer) -> ErrorCode:
    named = answer.error or "NONE"
    return ErrorCode[named] if named in ErrorCode.__members__ else ErrorCode.NONE


def _count(do: str, answer: Answer) -> int:
    if do == "write_ex":
        return int(answer.extra.get("written") or 0)
    return max(answer.ret or 0, 0)


@dataclass(frozen=True, slots=True)
class Setting:
    """The facts that hold for all calls of a lane."""

    blocking: bool = False
    """Whether the transports block."""
    stateless: frozenset[str] = frozenset()
    """The sides for which neither the connect nor the accept state was set."""


def annotated(profile: Profile, setting: Setting, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of a lane with the manual's words in their cells."""
    waiting: dict[str | None, Observation] = {}
    stateless: set[str | None] = set(setting.stateless)
    found = []
    for entry in entries:
        repeated = _repeated(waiting.get(entry.who), entry)
        call = observation_of(entry, repeated, blocking=setting.blocking, stateless=entry.who in stateless)
        waited, returned = entry.cell.blocked, not entry.cell.blocked or entry.cell.completed is not None
        found.append(entry.with_words(words_for(profile, call, waited=waited, returned=returned)))
        if entry.do in WRITES and not call.missing:
            waiting.pop(entry.who, None)
            if call.error in WANTS:
                waiting[entry.who] = call
        elif entry.do in STATE_SETTING:
            stateless.discard(entry.who)
    return found


def _repeated(former: Observation | None, entry: Entry) -> Repeated | None:
    if former is None:
        return None
    return Repeated(former.error, same_length=former.size == (entry.size or 0))
