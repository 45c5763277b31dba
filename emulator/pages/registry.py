"""The registry of predicates: what a predicate answers, and how one is entered under its name."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.pages.observation import Observation


class Verdict(StrEnum):
    """What does a call say of a clause?"""

    KEPT = "kept"
    BROKEN = "broken"
    USED = "used"
    """The outcome occurred that is permitted, or the behaviour was undefined."""
    UNUSED = "unused"
    """The outcome was permitted, and did not occur."""
    OUTSIDE = "outside"
    """The clause is not about this call."""


if TYPE_CHECKING:
    Predicate = Callable[[Observation], Verdict]

PREDICATES: dict[str, Predicate] = {}
"""Every predicate by its name in ``clauses.toml``."""


def predicate(name: str) -> Callable[[Predicate], Predicate]:
    """Decorate a predicate with its name in ``clauses.toml``."""

    def enter(test: Predicate) -> Predicate:
        PREDICATES[name] = test
        return test

    return enter


def kept(holds: bool) -> Verdict:  # noqa: FBT001 - the only argument there is
    """Return whether a promise, a duty or a piece of advice was kept."""
    return Verdict.KEPT if holds else Verdict.BROKEN


def used(happened: bool) -> Verdict:  # noqa: FBT001 - the only argument there is
    """Return whether a permission was used."""
    return Verdict.USED if happened else Verdict.UNUSED
