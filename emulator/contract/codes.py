"""The codes of findings: ``codes.toml``, and what the generations do about each (``data/findings.json``)."""

from __future__ import annotations

import functools
import json
import tomllib
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HERE = Path(__file__).resolve().parent
FILE = _HERE / "codes.toml"
ANSWERS = _HERE.parent / "data" / "findings.json"
"""What each generation does about a caller's mistake: made by tools/findings.py, from scenarios."""


class Kind(StrEnum):
    """How grave is a finding?"""

    DUTY = "duty"
    """The caller broke a duty that its page has, or one that every release has."""
    UNDEFINED = "undefined"
    """The call leaves what the page, or C, defines: every answer is possible."""
    ADVICE = "advice"
    """The page advises against the call."""
    SUSPICION = "suspicion"
    """The calls look like a mistake, and nobody can be sure: the caller may have had a reason."""


class Code(NamedTuple):
    """What is known of a code."""

    name: str
    title: str
    kind: Kind
    """The kind where no clause says it."""
    clauses: tuple[str, ...]
    """Clauses that the call breaks, by their ids: the first of them that the page of a release has counts."""
    everywhere: bool
    """Whether it is a finding where the page has none of the clauses, too."""
    about: str
    advice: str
    """What to do instead."""
    wrong: str
    """A caller who earns the finding, as Python; ``release`` is the name of a profile."""
    right: str
    """The same caller, put right."""
    scenario: str
    """The scenario of the library that shows what the generations do, without the mark."""
    steps: tuple[int, ...]
    """The steps of the scenario that show it, counted from 1."""
    note: str = ""
    """What the answers of the generations do not show by themselves."""


@functools.cache
def codes() -> Mapping[str, Code]:
    """Return all codes by name, in the order of the page of findings."""
    return {
        name: _read(name, given) for name, given in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    }


def _read(name: str, given: Mapping[str, Any]) -> Code:
    texts = {key: str(given[key]) for key in ("title", "about", "advice", "wrong", "right", "scenario")}
    return Code(
        name=name,
        kind=Kind(given["kind"]),
        clauses=tuple(given["clauses"]),
        everywhere=bool(given["everywhere"]),
        steps=tuple(given["steps"]),
        note=given.get("note", ""),
        **texts,
    )


def code(name: str) -> Code:
    """Return what is known of a code.  Raises UsageError if there is none of that name."""
    found = codes().get(name)
    if found is None:
        raise UsageError(f"{name!r} is no code of a finding; expected one of {', '.join(codes())}")
    return found


@functools.cache
def _answers() -> Mapping[str, Mapping[str, str]]:
    data: dict[str, dict[str, str]] = json.loads(ANSWERS.read_text(encoding="utf-8"))["answers"]
    return data


def forget_answers() -> None:
    """Read the answers again when they are needed next."""
    _answers.cache_clear()


def answers_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return what the last release of each series does about it: pairs of a series and its answer."""
    return tuple(_answers().get(name, {}).items())


def answers_alike(name: str) -> tuple[tuple[str, str], ...]:
    """Return the same, with series that follow each other and answer alike as one: "0.9.6 to 1.1.0"."""
    return alike(answers_of(name))


def alike(answers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return pairs of a series and its answer, with neighbours that answer alike as one."""
    found = []
    for words, group in groupby(answers, key=lambda answer: answer[1]):
        series = [each for each, _ in group]
        found.append((series[0] if len(series) == 1 else f"{series[0]} to {series[-1]}", words))
    return tuple(found)
