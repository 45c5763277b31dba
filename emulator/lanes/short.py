"""Arguments of calls in a short form that is the same in every run: no addresses, no long data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 16
"""Up to so many bytes are shown as they are; of more the number."""
LONGEST_TEXT = 60
"""So much is shown of a string."""


def arguments(args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Iterator[str]:
    """The arguments of a call, one word or more each."""
    yield from map(short, args)
    for key, value in keywords.items():
        yield f"{key}={short(value)}"


def short(value: object) -> str:
    """A value in a few characters: bytes that are many as their number."""
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
