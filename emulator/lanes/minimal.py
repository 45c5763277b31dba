"""A minimal set of keys for which a condition holds, found with few questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def minimal_set(keys: Sequence[str], holds: Callable[[frozenset[str]], bool]) -> frozenset[str] | None:
    """Return a set of keys for which ``holds`` is true, and false without any single one of them.

    None if it does not hold for all of them.  Asks about k * log(n) times for k keys of n (QuickXplain,
    U. Junker 2004), and once for each key of the result, however ``holds`` behaves in between.
    """
    if holds(frozenset()):
        return frozenset()
    if not holds(frozenset(keys)):
        return None
    return without_superfluous(_explained(frozenset(), list(keys), holds, asked=True), holds)


def without_superfluous(found: frozenset[str], holds: Callable[[frozenset[str]], bool]) -> frozenset[str]:
    """Return a subset that still holds, and does not hold without any single key."""
    for key in sorted(found):
        fewer = found - {key}
        if holds(fewer):
            return without_superfluous(fewer, holds)
    return found


def _explained(
    known: frozenset[str], keys: list[str], holds: Callable[[frozenset[str]], bool], *, asked: bool
) -> frozenset[str]:
    """Return those of ``keys`` that are needed beside ``known``; for both together ``holds`` is true."""
    if not asked and holds(known):
        return frozenset()
    if len(keys) == 1:
        return frozenset(keys)
    half = len(keys) // 2
    first, second = keys[:half], keys[half:]
    of_second = _explained(known | set(first), second, holds, asked=False)
    of_first = _explained(known | of_second, first, holds, asked=not of_second)
    return of_first | of_second
