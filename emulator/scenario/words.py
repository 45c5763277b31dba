"""Steps in words: ``client write 40000 buffer=b`` is a step, one on a line.

First the side, where the step has one, then the name of its kind, then the arguments that are given by their
position, then those that are given by name (:data:`emulator.scenario.kinds.KINDS`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.exceptions import UsageError
from emulator.scenario.kinds import KEEP_QUEUE, KINDS, Kind
from emulator.scenario.step import Json, Step, parse_step
from emulator.scenario.values import HEX, SIDES, Malformed, nearest

if TYPE_CHECKING:
    from emulator.scenario.kinds import Argument

_WORD = re.compile(r'(?:[^\s"#]|"(?:[^"\\]|\\.)*")+|#.*|"')

_DIGITS_SHOWN = 64
"""Data of more hexadecimal digits is shortened in a title."""


# -- from a step to words ----------------------------------------------------------------------


def step_words(step: Step | Json) -> str:
    """The words of a step, as they are shown to people; ``step`` must be a valid one."""
    raw = step.raw if isinstance(step, Step) else step
    kind = KINDS[raw["do"]]
    words = [kind.name] if kind.side is None else [raw[kind.side], kind.name]
    for argument in kind.arguments:
        if argument.name in raw:
            words += _argument_words(argument, raw[argument.name])
    return " ".join(words)


def step_title(step: Step | Json) -> str:
    """The words of a step, with the first bytes only of long data: to be shown, not to be read again."""
    raw = step.raw if isinstance(step, Step) else step
    title = step_words(step)
    for argument in KINDS[raw["do"]].arguments:
        digits = raw.get(argument.name, "") if argument.value is HEX else ""
        if len(digits) > _DIGITS_SHOWN:
            title = title.replace(digits, f"{digits[:6]}... ({len(bytes.fromhex(digits))} bytes)")
    return title


def _argument_words(argument: Argument, value: object) -> list[str]:
    if argument is KEEP_QUEUE:
        return [argument.name] if value else []
    words = argument.value.write(value)
    return [f"{argument.name}={words[0]}"] if argument.named else words


# -- from words to a step ----------------------------------------------------------------------


def split_words(line: str) -> list[str]:
    """The words of a line without its comment; none of an empty line.  UsageError for a quote left open."""
    words = _WORD.findall(line)
    if '"' in words:
        raise UsageError(f"a quotation mark is left open in {line.strip()!r}")
    return [word for word in words if not word.startswith("#")]


def parse_words(line: str) -> Step:
    """Make a step of a line of words; UsageError, with the usage that was expected, for any other line."""
    words = split_words(line)
    if not words:
        raise UsageError("expected a step, got an empty line")
    kind, side, rest = _split_off_side(words)
    raw: Json = {} if kind.side is None else {kind.side: side}
    raw["do"] = kind.name
    named = [word for word in rest if word.partition("=")[0] in kind.named]
    try:
        _take_positional(kind, [word for word in rest if word not in named], raw)
        for word in named:
            _take_named(kind, word, raw)
        return parse_step(raw)
    except Malformed as error:
        raise UsageError(f"{error}; expected: {kind.usage}") from None


def _split_off_side(words: list[str]) -> tuple[Kind, str | None, list[str]]:
    first, *rest = words
    if first in SIDES:
        if not rest:
            raise UsageError(f"expected a step after {first!r}")
        do, *rest = rest
        if do not in KINDS:
            raise UsageError(f"no step is called {do!r}{nearest(do, _with_side())}")
        if KINDS[do].side is None:
            raise UsageError(f"{do!r} is of both sides; expected it without {first!r}")
        return KINDS[do], first, rest
    if first not in KINDS:
        hint = nearest(first, [*SIDES, *KINDS]) or "; expected client, server, establish or pump first"
        raise UsageError(f"no step begins with {first!r}{hint}")
    kind = KINDS[first]
    if kind.side is not None:
        raise UsageError(
            f"{first!r} does not say whose; expected: {kind.usage}, where WHO is client or server"
        )
    return kind, None, rest


def _with_side() -> list[str]:
    return [kind.name for kind in KINDS.values() if kind.side is not None]


def _take_positional(kind: Kind, words: list[str], raw: Json) -> None:
    for argument in kind.positional:
        value = argument.value
        count = len(words) if value.takes_all else 1
        taken, words = words[:count], words[count:]
        if taken or value.may_be_empty:
            raw[argument.name] = value.read(taken)
        elif not argument.optional:
            raise Malformed(f"{kind.name} lacks its {argument.shown}")
    if words:
        hint = nearest(words[0].partition("=")[0], kind.named)
        raise Malformed(f"{kind.name} does not take {words[0]!r}{hint}")


def _take_named(kind: Kind, word: str, raw: Json) -> None:
    key, equals, value = word.partition("=")
    if key in raw:
        raise Malformed(f"{key} is said twice")
    argument = kind.named[key]
    if argument is KEEP_QUEUE and equals:
        raise Malformed(f"{key} takes no value")
    raw[key] = argument.value.read([value])
