"""The sentences of a release's manual pages about a call: a table of situations, and the words for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.behaviours.meta import (
    NumZero,
    PartialWrites,
    StateRequired,
    WhileOutstanding,
)
from emulator.constants import Mode
from emulator.lanes.cells import Answer, Cell, Entry, Word
from emulator.lanes.words import question_of, words_of
from emulator.profiles.vary import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import Enum

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
    """A situation, and the behaviour of the profile that has the page's sentence about it."""

    key: str
    page: str
    applies: Callable[[Call], bool]


RULES = (
    Rule(
        "manual.num_zero",
        "SSL_write(3)",
        lambda call: call.writes and call.size == 0,
    ),
    Rule(
        "manual.return_zero",
        "SSL_write(3)",
        lambda call: call.do == "write" and call.writes and call.answer.ret == 0 and call.size != 0,
    ),
    Rule(
        "manual.blocking_early_return",
        "SSL_write(3)",
        lambda call: call.writes and call.blocking and (call.cell.blocked or call.answer.error in WAITING),
    ),
    Rule(
        "manual.partial_writes",
        "SSL_write(3)",
        lambda call: call.writes and call.partial and 0 < (_written(call) or 0) < (call.size or 0),
    ),
    Rule(
        "manual.repeated_call",
        "SSL_write(3)",
        lambda call: call.writes and (call.answer.error in WAITING or call.unfinished),
    ),
    Rule(
        "manual.state_required",
        "SSL_write(3)",
        lambda call: call.writes and call.stateless,
    ),
    Rule(
        "manual.while_outstanding",
        "SSL_get_error(3)",
        lambda call: call.unfinished and not call.writes and call.answer.ret is not None,
    ),
)
"""All situations that the pages speak of."""

SILENT: frozenset[Enum] = frozenset(
    {
        NumZero.SILENT,
        PartialWrites.NOT_MENTIONED,
        StateRequired.NOT_MENTIONED,
        WhileOutstanding.NOT_MENTIONED,
    }
)
"""Answers that mean: the page says nothing about this."""


def _written(call: Call) -> int | None:
    return call.answer.extra.get("written") if call.do == "write_ex" else call.answer.ret


def words_for(profile: Profile, call: Call) -> tuple[Word, ...]:
    """Return the sentences of this release's pages about a call; empty if they say nothing."""
    found = []
    for rule in RULES:
        value = value_of(profile, rule.key)
        if value not in SILENT and rule.applies(call):
            page = f"{rule.page} of OpenSSL {profile.release}"
            found.append(Word(page, rule.key, words_of(rule.key, value), question_of(rule.key)))
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
