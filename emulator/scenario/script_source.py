"""The text of a script's file: TOML or JSON, as plain data, and on which line each part of it stands."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Place: TypeAlias = tuple[str | int, ...]
"""Where something stands: ("client", "modes"), or ("steps", 3) for a step, counted from 0."""


@dataclass(slots=True)
class Source:
    """What was read: the data, and the lines of its parts, counted from 1."""

    data: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int | None:
        """The line of a place, or else of what it is in."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[:-1]
        return None


class Unreadable(Exception):  # noqa: N818 - becomes a ScriptError, which says whose text it is
    """The text is not of its form: on which line, if that is known, and why."""

    def __init__(self, line: int | None, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(reason)


# -- TOML --------------------------------------------------------------------------------------

_AT_END = " (at end of document)"
_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*",
    re.DOTALL,
)
_TABLE = re.compile(r"\s*\[+\s*([\w.-]+)\s*\]+\s*$")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")


def read_toml(text: str) -> Source:
    """Read TOML; Unreadable for a text that is none."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = _AT_LINE.search(str(error))
        reason = _AT_LINE.sub("", str(error)).removesuffix(_AT_END)
        column = f" at column {where[2]}" if where else " at the end of the file"
        line = int(where[1]) if where else text.count("\n") + 1
        raise Unreadable(line, f"not TOML: {reason}{column}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(None, f"not TOML: {error}") from None
    # As tomllib itself does, so that offsets are those of the text that it read.
    return Source(data, dict(_toml_places(text.replace("\r\n", "\n"), data)))


def _toml_places(text: str, data: dict[str, Any]) -> Iterator[tuple[Place, int]]:
    skeleton = _STRING_OR_COMMENT.sub(_blank, text)
    table: Place = ()
    for number, (line, full) in enumerate(zip(skeleton.split("\n"), text.split("\n"), strict=True), 1):
        opened, key = _TABLE.match(line), _KEY.match(line)
        if opened:
            table = tuple(opened[1].split("."))
            yield table, number
        elif key:
            place = (*table, *key[1].split("."))
            yield place, number
            if place == ("steps",):
                yield from _step_places(text, number, full.index("=", key.start(1)), data.get("steps"))


def _blank(match: re.Match[str]) -> str:
    """A string or a comment without what could be taken for keys, on as many lines."""
    return re.sub(r"[^\n]", "_" if match[0][0] != "#" else " ", match[0])


def _step_places(text: str, number: int, equals: int, steps: object) -> Iterator[tuple[Place, int]]:
    """The lines of the steps, if the text has them as ``steps`` does: one string, or a list of strings."""
    start = sum(len(line) + 1 for line in text.split("\n")[: number - 1]) + equals + 1
    if isinstance(steps, str):
        found = _STRING_OR_COMMENT.search(text, start)
        if found is None or found[0][:3] not in {'"""', "'''"}:
            return
        opened = int(found[0][3:4] == "\n")  # a line break right behind the quotes is no part of the string
        if found[0].count("\n") - opened == steps.count("\n"):
            yield from ((("steps", index), number + opened + index) for index in range(steps.count("\n") + 1))
    elif isinstance(steps, list) and all(isinstance(step, str) for step in steps):
        strings = (each for each in _STRING_OR_COMMENT.finditer(text, start) if each[0][0] != "#")
        for index, found in zip(range(len(steps)), strings, strict=False):
            yield ("steps", index), text.count("\n", 0, found.start()) + 1


# -- JSON --------------------------------------------------------------------------------------

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def read_json(text: str) -> Source:
    """Read JSON; Unreadable for a text that is none."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(error.lineno, f"not JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(None, f"not JSON: {error}") from None
    return Source(data, dict(_json_places(text)))


def _json_places(text: str) -> Iterator[tuple[Place, int]]:
    """Every key and every item of a list, with the line that it begins on."""
    place: list[str | int | None] = []
    line, at, last = 1, 0, ""
    for token in _JSON_TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        word = token[0]
        if word in "}]":
            place.pop()
        elif word == ":":
            place[-1] = json.loads(last)
        elif word == "," and isinstance(place[-1], int):
            place[-1] += 1
        elif word not in ",:":
            if place and isinstance(place[-1], int):
                yield tuple(each for each in place if each is not None), line
            if word in "{[":
                place.append(None if word == "{" else 0)
        if word == ":":
            yield tuple(each for each in place if each is not None), line
        last = word
