"""What the index and those who make it share: kinds of questions, and places that answer them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MISSING = "absent"
"""The answer of a profile that lacks the section or the name."""


class Kind(StrEnum):
    """What is it that releases answer differently?"""

    BEHAVIOUR = "behaviour"
    FUNCTION = "function"
    MODE = "mode"
    OPTION = "option"


@dataclass(frozen=True)
class Sources:
    """Where a profile's answer is given, and from what it was made."""

    file: str
    """The path of the file in the folder of the profiles."""
    place: str
    """Where in the file: "[base]", or "in 1.0.1h" for a change; empty for a user's file."""
    cited: tuple[str, ...]
    """C functions and headers of a release, manual pages, ids of recorded scenarios; may be empty."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"file": self.file, "place": self.place, "cited": list(self.cited)}


def one_line(text: str | None) -> str:
    """Return a text without its line breaks and indents."""
    return " ".join((text or "").split())
