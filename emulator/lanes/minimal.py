"""A smallest set that makes something true, found with few questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def minimal_set(keys: Sequence[str], holds: Callable[[frozenset[str]], bool]) -> frozenset[str] | None:
    """A set of keys for which ``holds`` and from which no single key can be left out.

    None if it does not hold for all of them.  Asks about k * log(n) times for k keys of n (QuickXplain,
    U. Junker 2004), and once for each key of the result, however ``holds`` behaves in between.
    """
    if holds(frozenset()):
        return frozenset()
    if not holds(frozenset(keys)):
        return None
    return without_superfluous(_explained(frozenset(), list(keys), holds, asked=True), holds)


def without_superfluous(found: frozenset[str], holds: Callable[[frozenset[str]], bool]) -> frozenset[str]:
    """What remains of a set that holds once no single key of it can be left out."""
    for key in sorted(found):
        fewer = found - {key}
        if holds(fewer):
            return without_superfluous(fewer, holds)
    return found


def _explained(
    known: frozenset[str], keys: list[str], holds: Callable[[frozenset[str]], bool], *, asked: bool
) -> frozenset[str]:
    """Those of ``keys`` that are needed beside ``known``; it holds for both together."""
    if not asked and holds(known):
        return frozenset()
    if len(keys) == 1:
        return frozenset(keys)
    half = len(keys) // 2
    first, second = keys[:half], keys[half:]
    of_second = _explained(known | set(first), second, holds, asked=False)
    of_first = _explained(known | of_second, first, holds, asked=not of_second)
    return of_first | of_second
