"""The texts on a behaviour, a name in C, a reason of errors, as their files have them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeAlias

ABSENT = ("absent", "answers 0")
"""The answers of a release that lacks a name."""
ANY = "any"
"""The key of the text for all answers without a text of their own."""
HEAVIEST = 100


class _Entry:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "str_min_length": 1}
    """How a file is validated; without pydantic it is an attribute like any other."""


@dataclass(frozen=True)
class Advice(_Entry):
    """The texts on one behaviour."""

    title: str
    """Its subject, in a few words."""
    reason: str
    """What changed in OpenSSL's source, and in which release."""
    caller: dict[str, str]
    """For each answer what a caller must do, or may rely on."""
    weight: int = 0
    """How much it matters to code that writes: 100 most."""

    def for_answer(self, value: str) -> str:
        """Return what callers must do with this answer; empty without a text."""
        return self.caller.get(value) or self.caller.get(ANY, "")


@dataclass(frozen=True)
class NameAdvice(_Entry):
    """The texts on a function, mode or option by its name in C."""

    caller_present: str
    """What callers may rely on if it exists."""
    caller_absent: str = field(default="")
    """What callers do if it does not exist."""
    weight: int = 0
    title: ClassVar[str] = ""
    reason: ClassVar[str] = ""

    def for_answer(self, value: str) -> str:
        """Return what callers must do if it exists, or if it does not."""
        return self.caller_absent if value in ABSENT else self.caller_present


@dataclass(frozen=True)
class Reason(_Entry):
    """The texts on one reason of errors, or on one answer of SSL_get_error()."""

    meaning: str
    causes: str
    """How it comes about, and in which releases."""
    remedy: str
    """What a program does about it."""
    shows: tuple[str, ...] = ()
    """The keys of the behaviours that cause or change it."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


Entry: TypeAlias = Advice | NameAdvice | Reason
