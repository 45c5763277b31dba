"""Suggestions for a misspelt name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SUGGESTED = 4
"""How many names are suggested at most."""


def plain(name: str) -> str:
    """Return a name as it is compared: case, "-" for "_" and "()" don't matter."""
    return name.strip().removesuffix("()").lower().replace("-", "_")


def hint(name: str, names: Iterable[str]) -> str:
    """Return the nearest names as the end of a message; empty if none is near."""
    near = nearest(name, names)
    if len(near) > 1:
        return f"; the nearest are {', '.join(near)}"
    return f"; did you mean {near[0]}?" if near else ""


def nearest(name: str, names: Iterable[str], limit: int = SUGGESTED) -> list[str]:
    """List at most ``limit`` names that a user who wrote ``name`` may have meant, likeliest first.

    What stands before the last dot of a name may be left out.
    """
    whole = plain(name)
    alike, alike_at_the_end = _Likeness(whole), _Likeness(whole.rpartition(".")[2])

    def likeness(candidate: str) -> float:
        own_plain = plain(candidate)
        own = own_plain.rpartition(".")[2]
        ratio = max(alike.to(own_plain), alike_at_the_end.to(own))
        return ratio + _BONUS if ratio and alike_at_the_end.holds(own) else ratio

    scored = sorted(((likeness(each), each) for each in dict.fromkeys(names)), key=lambda one: -one[0])
    return [each for score, each in scored[:limit] if score >= _ALIKE and score >= scored[0][0] - _SPREAD]


_ALIKE = 0.65
_SPREAD = 0.2
_BONUS = 0.2
"""Added if one name is a part of the other."""


class _Likeness:
    """How alike a text is to one name after the other: from 0, not alike, to 1, the same.

    difflib needs time in proportion to the product of the lengths; a name whose length or letters alone rule
    out that it is near is not compared.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._matcher = difflib.SequenceMatcher(b=text, autojunk=False)

    def to(self, name: str) -> float:
        matcher, least = self._matcher, _ALIKE - _BONUS
        matcher.set_seq1(name)
        may_be = matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least
        return matcher.ratio() if may_be else 0.0

    def holds(self, name: str) -> bool:
        return name in self._text or self._text in name


_LONGEST_SHOWN = 60


def shown(text: str) -> str:
    """Return a text in quotes for a message; a long one is cut."""
    return repr(text) if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]!r}..."
