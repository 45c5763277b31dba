"""Scenarios out of whatever file a user has: a script in TOML or JSON, or lines of traces."""

from __future__ import annotations

import itertools
import json
import os
import sys
from typing import TYPE_CHECKING

from emulator.exceptions import ScriptError
from emulator.scenario.model import (
    Scenario,
    numbered_objects,
    parse_line,
    read_scenarios,
    scenarios_of,
)
from emulator.scenario.script import JSON_SUFFIX, Script, decoded, file_of
from emulator.scenario.values import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STANDARD_INPUT = "-"
OF_A_TRACE = frozenset({"id", "scenario", "trace"})
"""Keys of a recorded scenario, which a script has none of."""


def read_any(source: str | os.PathLike[str]) -> list[Script | Scenario]:
    """Read all scenarios of a file: one Script of a .toml or .json, every Scenario of a .jsonl or .jsonl.gz.

    "-" is standard input, of any of these forms but gzip.  A .json may also hold one line of a trace.
    ScriptError or ScenarioError for what is no scenario, naming the line; OSError if it cannot be read.
    """
    return list(_read(os.fspath(source)))


def scenarios_in(source: str | os.PathLike[str]) -> Iterator[Scenario]:
    """Read the scenarios of a file as :func:`read_any` does, one at a time, scripts made scenarios of."""
    for each in _read(os.fspath(source)):
        yield each.scenario() if isinstance(each, Script) else each


def _read(source: str) -> Iterable[Script | Scenario]:
    if source == STANDARD_INPUT:
        return _of_lines(sys.stdin.buffer)
    path = file_of(source)
    if source.endswith(".toml"):
        return [Script.load(source)]
    if source.endswith(JSON_SUFFIX):
        return [_of_json(decoded(path.read_bytes(), source), source)]
    return read_scenarios(source)


def _of_lines(file: Iterable[bytes]) -> Iterable[Script | Scenario]:
    """Lines of which only the first one says what they are; none of an empty input."""
    lines = iter(file)
    head = []
    for line in lines:
        head.append(line)
        if line.strip():
            break
    else:
        return ()
    rest = itertools.chain(head, lines)
    if not head[-1].lstrip().startswith(b"{"):
        return [Script.parse(decoded(b"".join(rest), "stdin.toml"), "stdin.toml")]
    if _is_trace(head[-1]):
        return scenarios_of(numbered_objects(rest))
    return [_of_json(decoded(b"".join(rest), "stdin.json"), "stdin.json")]


def _is_trace(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line.lstrip().startswith(b'{"id"')
    return not OF_A_TRACE.isdisjoint(value)


def _of_json(text: str, name: str) -> Script | Scenario:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Script.parse(text, name)  # which says what is wrong with it
    if not isinstance(value, dict) or OF_A_TRACE.isdisjoint(value):
        return Script.parse(text, name)
    try:
        return parse_line(value)
    except Malformed as error:
        raise ScriptError(name, [(None, str(error))]) from None
