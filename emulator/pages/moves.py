"""What changes for a caller who moves from one release's pages to another's."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.profiles.clauses import ClauseKind, topics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.pages.page import Page
    from emulator.profiles.clauses import Clause


class Effect(StrEnum):
    """What does a change of the pages mean for a caller?"""

    LOST = "lost"
    """A promise is dropped or weakened, or a thing that the caller was permitted is not any more."""
    EXPECT = "expect"
    """An outcome is permitted, or everything is, that the caller need not have expected."""
    KEEP = "keep"
    """A duty or a piece of advice is new, or stricter."""
    GAINED = "gained"
    """A promise is new or stronger, or the caller is permitted something."""
    RELIEVED = "relieved"
    """A duty or a piece of advice is gone, or an outcome can no longer occur."""


TITLES = {
    Effect.LOST: "May no longer rely on",
    Effect.EXPECT: "Must newly be ready for",
    Effect.KEEP: "Must newly do, or no longer do",
    Effect.GAINED: "May newly rely on",
    Effect.RELIEVED: "Need no longer heed",
}
"""What each list is called when it is printed."""


class Move(NamedTuple):
    """One topic on which two releases' pages differ for a caller."""

    effect: Effect
    before: Clause | None
    """The clause of the first pages; None: they are silent."""
    after: Clause | None

    @property
    def clause(self) -> Clause:
        """The clause that is told of: the one that is gone, or the one that came."""
        own = self.before if self.effect in {Effect.LOST, Effect.RELIEVED} else self.after
        assert own is not None
        return own

    @property
    def other(self) -> Clause | None:
        """The clause on the other pages; None where they are silent."""
        return self.after if self.clause is self.before else self.before

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "effect": str(self.effect),
            "topic": self.clause.topic,
            "page": self.clause.page,
            **{name: clause and clause.as_json() for name, clause in zip(_SIDES, self[1:], strict=True)},
        }


_SIDES = ("before", "after")


def moves(before: Page, after: Page) -> list[Move]:
    """List what changes for a caller, by effect, then in the order of the pages."""
    found = [move for topic in topics() for move in _of_topic(before.clause(topic), after.clause(topic))]
    order = list(Effect)
    return sorted(found, key=lambda move: order.index(move.effect))


def _of_topic(old: Clause | None, new: Clause | None) -> Iterator[Move]:
    if old is not None and not _covers(new, old):
        yield Move(_of_one_gone(old), old, new)
    if new is not None and not _covers(old, new):
        yield Move(_of_one_come(new), old, new)


def _covers(one: Clause | None, other: Clause) -> bool:
    """Whether whoever keeps the one clause keeps the other, too."""
    return one is not None and (one.word == other.word or other.word in one.implies)


def _of_one_gone(clause: Clause) -> Effect:
    binds_library = clause.kind is ClauseKind.PROMISE or clause.to == "caller"
    return Effect.LOST if binds_library else Effect.RELIEVED


def _of_one_come(clause: Clause) -> Effect:
    if clause.kind is ClauseKind.PROMISE or clause.to == "caller":
        return Effect.GAINED
    return Effect.KEEP if clause.kind in {ClauseKind.DUTY, ClauseKind.ADVICE} else Effect.EXPECT
