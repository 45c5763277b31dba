"""The clauses of a release's manual pages about a call: a table of situations, and the topic of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.constants import Mode
from emulator.lanes.cells import Answer, Cell, Entry, Word
from emulator.lanes.words import question_of
from emulator.pages.page import page_of
from emulator.profiles.describe import MANUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.profile import Profile

WRITES = frozenset({"write", "write_ex"})
WAITING = frozenset({"WANT_READ", "WANT_WRITE"})
STATE_SETTING = frozenset({"connect", "accept", "set_connect_state", "set_accept_state"})


@dataclass(frozen=True, slots=True)
class Call:
    """The facts about a call that the manual pages speak of."""

    do: str
    size: int | None
    """How many bytes the call was given; None if it does not write."""
    cell: Cell
    blocking: bool
    """Whether the transport blocks."""
    stateless: bool
    """Whether neither a connect nor an accept state was set."""
    partial: bool
    """Whether SSL_MODE_ENABLE_PARTIAL_WRITE is set."""
    unfinished: bool
    """Whether an earlier write of this side is still to be repeated."""

    @property
    def answer(self) -> Answer:
        """The answer; of a call that blocked, the one with which it returned."""
        return self.cell.completed or self.cell.answer

    @property
    def writes(self) -> bool:
        """Whether the page of SSL_write() is about this call."""
        return self.do in WRITES and not self.cell.skipped and not self.cell.missing


@dataclass(frozen=True, slots=True)
class Rule:
    """A situation, and the topic of the clause that the pages have about it."""

    topic: str
    applies: Callable[[Call], bool]


RULES = (
    Rule("num-zero", lambda call: call.writes and call.size == 0),
    Rule(
        "return-zero",
        lambda call: call.do == "write" and call.writes and call.answer.ret == 0 and call.size != 0,
    ),
    Rule(
        "return-nonpositive",
        lambda call: call.do == "write" and call.writes and call.answer.ret == 0 and call.size != 0,
    ),
    Rule(
        "blocking-return",
        lambda call: call.writes and call.blocking and (call.cell.blocked or call.answer.error in WAITING),
    ),
    Rule(
        "blocking-early-return",
        lambda call: call.writes and call.blocking and (call.cell.blocked or call.answer.error in WAITING),
    ),
    Rule(
        "partial-writes",
        lambda call: call.writes and call.partial and 0 < (_written(call) or 0) < (call.size or 0),
    ),
    Rule("repeated-call", lambda call: call.writes and (call.answer.error in WAITING or call.unfinished)),
    Rule("state-required", lambda call: call.writes and call.stateless),
    Rule(
        "while-outstanding",
        lambda call: call.unfinished and not call.writes and call.answer.ret is not None,
    ),
)
"""All situations in which a lane shows what the pages say."""


def _written(call: Call) -> int | None:
    return call.answer.extra.get("written") if call.do == "write_ex" else call.answer.ret


def words_for(profile: Profile, call: Call) -> tuple[Word, ...]:
    """Return the clauses of this release's pages about a call; empty if they say nothing."""
    page = page_of(profile)
    found = []
    for rule in RULES:
        clause = page.clause(rule.topic)
        if clause is not None and rule.applies(call):
            key = f"{MANUAL}.{rule.topic}"
            found.append(Word(page.cited(clause), key, clause.says, question_of(key)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Setting:
    """The facts that hold for all calls of a lane."""

    blocking: bool = False
    """Whether the transports block."""
    stateless: frozenset[str] = frozenset()
    """The sides for which neither the connect nor the accept state was set."""


def annotated(profile: Profile, setting: Setting, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of a lane with the manual's words in their cells."""
    unfinished: set[str | None] = set()
    stateless: set[str | None] = set(setting.stateless)
    found = []
    for entry in entries:
        call = Call(
            do=entry.do,
            size=entry.size,
            cell=entry.cell,
            blocking=setting.blocking,
            stateless=entry.who in stateless,
            partial=entry.mode & Mode.ENABLE_PARTIAL_WRITE != 0,
            unfinished=entry.who in unfinished,
        )
        found.append(entry.with_words(words_for(profile, call)))
        if call.writes:
            (unfinished.add if call.answer.error in WAITING else unfinished.discard)(entry.who)
        elif entry.do in STATE_SETTING:
            stateless.discard(entry.who)
    return found
