"""Why releases differ, and what callers must do about it: the texts in ``advice/*.toml``, by hand.

There is a file for each section of the profiles, with a table for each behaviour; ``reasons.toml`` has one
for each reason of errors, ``error_codes.toml`` one for each answer of SSL_get_error(), ``functions.toml`` one
for each function, mode or option that came or went.  What has no text has none: whoever asks gets None.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from emulator.exceptions import ProfileError

FOLDER = Path(__file__).resolve().parent / "advice"
REASONS = "reasons.toml"
ERROR_CODES = "error_codes.toml"
NAMES = "functions.toml"
"""Functions, modes and options."""
ABSENT = ("absent", "answers 0")
"""The answers of a release that lacks a name."""
ANY = "any"
"""Stands for every answer that has no text of its own."""
NOTHING = "Nothing"
"""How a text begins that asks nothing of a caller."""

Text = Annotated[str, AfterValidator(lambda text: " ".join(text.split())), Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Advice(_Entry):
    """What a person says of one behaviour."""

    title: Text
    """What it is about, in a few words."""
    reason: Text
    """What changed in OpenSSL's source, and in which release."""
    caller: dict[str, Text]
    """By answer what a caller must do, or may rely on, where this is the answer."""
    weight: int = Field(default=0, ge=0, le=100)
    """How much it matters to code that writes: 100 most."""

    def for_answer(self, value: str) -> str:
        """Return what callers must do where this is the answer; empty if nobody has said."""
        return self.caller.get(value) or self.caller.get(ANY, "")


class NameAdvice(_Entry):
    """What a person says of a function, mode or option by its name in C."""

    caller_present: Text
    """What callers may rely on where it is there."""
    caller_absent: str = ""
    """What callers do where it is not."""
    weight: int = Field(default=0, ge=0, le=100)
    title: ClassVar[str] = ""
    reason: ClassVar[str] = ""

    def for_answer(self, value: str) -> str:
        """Return what callers must do where it is there, or isn't."""
        return " ".join(self.caller_absent.split()) if value in ABSENT else self.caller_present


class Reason(_Entry):
    """What a person says of one reason of errors, or of one answer of SSL_get_error()."""

    meaning: Text
    causes: Text
    """How it comes about, and in which releases."""
    remedy: Text
    """What a program does about it."""
    shows: tuple[str, ...] = ()
    """The behaviours that it has to do with, by their keys."""


def asks_nothing(text: str) -> bool:
    """Whether a text says that callers need do nothing."""
    return text.startswith(NOTHING)


EntryT = TypeVar("EntryT", bound=_Entry)


def read(path: Path, entry: type[EntryT]) -> dict[str, EntryT]:
    """Read a file of advice; ProfileError names the file, the key and what is wrong with it."""
    try:
        with path.open("rb") as file:
            tables: dict[str, Any] = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: cannot be read: {error}") from error
    found = {}
    for name, table in tables.items():
        try:
            found[name] = entry.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in (name, *first["loc"]))
            raise ProfileError(f"{path}: {key}: {first['msg']}") from error
    return found


@functools.cache
def _section(name: str) -> dict[str, Advice]:
    return _optional(FOLDER / f"{name}.toml", Advice)


@functools.cache
def reasons() -> dict[str, Reason]:
    """Return what is said of reasons, by their names without prefix (SSL_R_, ERR_R_, BIO_R_)."""
    return _optional(FOLDER / REASONS, Reason)


@functools.cache
def error_codes() -> dict[str, Reason]:
    """Return what is said of the answers of SSL_get_error(), by their names ("SSL_ERROR_WANT_READ")."""
    return _optional(FOLDER / ERROR_CODES, Reason)


def _optional(path: Path, entry: type[EntryT]) -> dict[str, EntryT]:
    return read(path, entry) if path.exists() else {}


@functools.cache
def _names() -> dict[str, NameAdvice]:
    return _optional(FOLDER / NAMES, NameAdvice)


def of(key: str) -> Advice | NameAdvice | None:
    """Return the advice about a behaviour ("write.after_bad_retry") or a name in C ("SSL_write_ex").

    None if nobody has written any.
    """
    if "." not in key:
        return _names().get(key)
    section, _, name = key.partition(".")
    return _section(section).get(name)


def title(key: str) -> str:
    """Return what a behaviour is about in a few words: its own name where nobody has given it a title."""
    if "." not in key:
        return key
    advice = of(key)
    return advice.title if advice is not None and advice.title else key.rpartition(".")[2].replace("_", " ")
