"""The values that arguments of steps can have: as JSON, and as words of a line.

This module is imported by the process that has loaded a real library: nothing here may import ``hashlib``,
``ssl`` or ``cryptography``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

SIDES = ("client", "server")

PLAN_WORDS = frozenset({"retry", "zero", "zero-retry", "fail"})

NO_LIMIT = "none"
"""The word for a capacity without a limit."""

LONGEST_NUMBER = 4000
"""Digits of a number in words; Python refuses to read many more."""

_NUMBER = re.compile(r"-?[0-9](?:_?[0-9])*")
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]+")

Check: TypeAlias = Callable[[str, object], Any]
"""Takes an argument's name and its value as JSON has it; gives the value that the step has."""


class Malformed(ValueError):  # noqa: N818 - becomes a ScenarioError or a ScriptError, which say whose text it is
    """Why a line or a step is not of the form that it should have."""


@dataclass(frozen=True, slots=True)
class Value:
    """One sort of values: how JSON's is checked, and how it is read from words and written as words.

    ``takes_all``: all words that are left, not just one; ``may_be_empty``: also where no word is left.
    """

    check: Check
    read: Callable[[list[str]], Any]
    write: Callable[[Any], list[str]]
    takes_all: bool = False
    may_be_empty: bool = False


def nearest(word: str, known: Iterable[str]) -> str:
    """The hint behind an unknown word: the nearest known one, or nothing."""
    folded = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower(), folded, n=1)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""


# -- numbers -------------------------------------------------------------------------------------


def _integer(key: str, value: object) -> int:
    if type(value) is not int:
        raise Malformed(f"{key!r} must be an integer, not {value!r}")
    return value


def _natural(key: str, value: object) -> int:
    if type(value) is not int or value < 0:
        raise Malformed(f"{key!r} must be an integer that is not negative, not {value!r}")
    return value


def _natural_or_null(key: str, value: object) -> int | None:
    return None if value is None else _natural(key, value)


def _number(word: str) -> int:
    if not _NUMBER.fullmatch(word) or len(word) > LONGEST_NUMBER:
        raise Malformed(f"expected a number, got {word!r}")
    return int(word)


def _number_of(words: list[str]) -> int:
    return _number(words[0])


def _limit_of(words: list[str]) -> int | None:
    return None if words[0] == NO_LIMIT else _number(words[0])


def _number_words(value: int) -> list[str]:
    return [str(value)]


def _limit_words(value: int | None) -> list[str]:
    return [NO_LIMIT if value is None else str(value)]


INTEGER = Value(_integer, _number_of, _number_words)
NATURAL = Value(_natural, _number_of, _number_words)
LIMIT = Value(_natural_or_null, _limit_of, _limit_words)
"""A number that is not negative; None, in words ``none``: no limit."""


# -- texts ---------------------------------------------------------------------------------------


def text(key: str, value: object) -> str:
    """Check a string."""
    if type(value) is not str:
        raise Malformed(f"{key!r} must be a string, not {value!r}")
    return value


def side(key: str, value: object) -> str:
    """Check the name of a side."""
    if value not in SIDES:
        raise Malformed(f"{key!r} must be 'client' or 'server', not {value!r}")
    return str(value)


def _letter(key: str, value: object) -> str:
    if type(value) is not str or len(value) != 1 or not value.isascii():
        raise Malformed(f"{key!r} must be one letter, not {value!r}")
    return value


def _hex(key: str, value: object) -> str:
    digits = text(key, value)
    try:
        bytes.fromhex(digits)
    except ValueError:
        raise Malformed(f"{key!r} must be bytes in hexadecimal, not {value!r}") from None
    return digits


def _unquoted(word: str) -> str:
    if '"' not in word:
        return word
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        raise Malformed(f"expected a word, or one in quotation marks, got {word!r}") from None


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value).replace("\x7f", "\\u007f")


def _text_of(words: list[str]) -> str:
    return _unquoted(words[0])


def _hex_of(words: list[str]) -> str:
    return "".join(map(_unquoted, words))


def _text_words(value: str) -> list[str]:
    return [_quoted(value)]


TEXT = Value(text, _text_of, _text_words)
LETTER = Value(_letter, _text_of, _text_words)
HEX = Value(_hex, _hex_of, _text_words, takes_all=True)


# -- flags ---------------------------------------------------------------------------------------


def flag(key: str, value: object) -> bool:
    """Check true or false."""
    if type(value) is not bool:
        raise Malformed(f"{key!r} must be true or false, not {value!r}")
    return value


FLAG = Value(flag, lambda _words: True, lambda _value: [])
"""In words the argument's name alone."""


# -- lists ---------------------------------------------------------------------------------------


def names(key: str, value: object) -> tuple[str, ...]:
    """Check a list of strings."""
    if type(value) is not list or not all(type(name) is str for name in value):
        raise Malformed(f"{key!r} must be a list of names, not {value!r}")
    return tuple(value)


def _plan(key: str, value: object) -> tuple[Any, ...]:
    if type(value) is not list:
        raise Malformed(f"{key!r} must be a list, not {value!r}")
    for entry in value:
        if not _is_plan_entry(entry):
            raise Malformed(f"{entry!r} is no answer that a plan can hold")
    return tuple(value)


def _is_plan_entry(entry: object) -> bool:
    if type(entry) is dict:
        return entry.keys() == {"errno"} and type(entry["errno"]) is int
    return entry in PLAN_WORDS if type(entry) is str else type(entry) is int and entry >= 0


def _plan_entry(word: str) -> Any:
    if word in PLAN_WORDS:
        return word
    key, equals, value = word.partition("=")
    if key == "errno" and equals:
        return {"errno": _number(value)}
    if _NUMBER.fullmatch(word):
        return _number(word)
    known = f"a number of bytes, {', '.join(sorted(PLAN_WORDS))} or errno=NUMBER"
    raise Malformed(f"{word!r} is no answer that a plan can hold: {known}{nearest(word, PLAN_WORDS)}")


def _names_of(words: list[str]) -> list[str]:
    return [_unquoted(word) for word in words]


def _names_words(value: Iterable[str]) -> list[str]:
    return [_quoted(name) for name in value]


def _plan_of(words: list[str]) -> list[Any]:
    return [_plan_entry(word) for word in words]


def _plan_words(value: Iterable[Any]) -> list[str]:
    return [f"errno={each['errno']}" if isinstance(each, dict) else str(each) for each in value]


NAMES = Value(names, _names_of, _names_words, takes_all=True, may_be_empty=True)
PLAN = Value(_plan, _plan_of, _plan_words, takes_all=True, may_be_empty=True)
"""Answers of a transport: numbers, :data:`PLAN_WORDS`, and ``{"errno": number}``."""
