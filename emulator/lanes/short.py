"""Arguments of calls in a short form that is the same in every run: no addresses, no long data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 16
"""Longer byte strings are shown as their length."""
LONGEST_TEXT = 60
"""Longer strings are cut after this many characters."""


def arguments(args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Iterator[str]:
    """Yield the arguments of a call as words."""
    yield from map(short, args)
    for key, value in keywords.items():
        yield f"{key}={short(value)}"


def short(value: object) -> str:
    """Return a value in a few characters; of long byte strings their length."""
    match value:
        case None:
            return "none"
        case int():
            return str(int(value))
        case bytes() if len(value) <= LONGEST:
            return repr(value)
        case str():
            return repr(value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}...")
    if hasattr(value, "__len__"):
        return str(len(value))
    return getattr(value, "__name__", type(value).__name__)
