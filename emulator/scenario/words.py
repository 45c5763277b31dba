"""Steps in words: ``client write 40000 buffer=b`` is a step, one on a line.

The words are the names of the steps and of their arguments (:data:`emulator.scenario.model.ARGUMENTS`):
first the side, where the step has one, then the step, then what it must be told, then what it may be told
by name.
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

from emulator.exceptions import UsageError
from emulator.scenario.model import ARGUMENTS, OPTIONAL, PLAN_WORDS, SIDES, Json, Malformed, Step, parse_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NO_LIMIT = "none"
"""The capacity without a limit."""

LONGEST_NUMBER = 4000
"""Digits; Python refuses to read many more."""

_WORD = re.compile(r'(?:[^\s"#]|"(?:[^"\\]|\\.)*")+|#.*|"')
_NUMBER = re.compile(r"-?[0-9](?:_?[0-9])*")
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]+")

_SIDE_KEYS = ("who", "from")
_PLACEHOLDERS = {
    "size": "SIZE",
    "request": "0|1",
    "flags": "FLAGS",
    "lib": "LIB",
    "reason": "REASON",
    "bytes": "BYTES",
    "errno": "ERRNO",
    "at": "AT",
    "hex": "HEX",
    "modes": "NAME…",
    "plan": "ANSWER…",
    "buffer": "NAME",
    "fill": "LETTER",
    "offset": "BYTES",
    "written_before": "BYTES",
}


def side_key(do: str) -> str | None:
    """What a step calls its side: "who", "from" where bytes are meant, None where it has none."""
    return next((key for key in _SIDE_KEYS if key in ARGUMENTS[do]), None)


def positional(do: str) -> list[str]:
    """The arguments that a step is told in their order, without a name."""
    return [key for key in ARGUMENTS[do] if key not in OPTIONAL and key not in _SIDE_KEYS]


def by_name(do: str) -> list[str]:
    """The arguments that a step may be told by name; ``keep_queue``, which has no value, comes last."""
    return sorted((key for key in ARGUMENTS[do] if key in OPTIONAL), key=lambda key: key == "keep_queue")


def usage(do: str) -> str:
    """How a step is written: ``WHO write SIZE [buffer=NAME] …``."""
    words = [] if side_key(do) is None else ["WHO"]
    words += [do, *(_placeholder(do, key) for key in positional(do))]
    words += [
        "[keep_queue]" if key == "keep_queue" else f"[{key}={_PLACEHOLDERS[key]}]" for key in by_name(do)
    ]
    return " ".join(words)


def _placeholder(do: str, key: str) -> str:
    if key == "bytes":
        return f"BYTES|{NO_LIMIT}" if do == "capacity" else "[BYTES]"
    return _PLACEHOLDERS[key]


def nearest(word: str, known: Iterable[str]) -> str:
    """What to say after a word that isn't known: the nearest one that is, or nothing."""
    folded = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower(), folded, n=1)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""


# -- from a step to words ----------------------------------------------------------------------


def step_words(step: Step | Json) -> str:
    """The words of a step, such as it is shown to people; ``step`` must be a valid one."""
    raw = step.raw if isinstance(step, Step) else step
    do = raw["do"]
    side = side_key(do)
    words = [do] if side is None else [raw[side], do]
    for key in positional(do):
        if key in raw:
            words += _values(key, raw[key])
    words += [f"{key}={_quoted(raw[key])}" for key in by_name(do) if key in raw and key != "keep_queue"]
    if raw.get("keep_queue"):
        words.append("keep_queue")
    return " ".join(words)


def _values(key: str, value: Any) -> list[str]:
    if key == "modes":
        return [_quoted(name) for name in value]
    if key == "plan":
        return [f"errno={each['errno']}" if isinstance(each, dict) else str(each) for each in value]
    return [NO_LIMIT if value is None else _quoted(value)]


def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text).replace("\x7f", "\\u007f")


# -- from words to a step ----------------------------------------------------------------------


def split_words(line: str) -> list[str]:
    """The words of a line without its comment; none of an empty line.  UsageError for a quote left open."""
    words = _WORD.findall(line)
    if '"' in words:
        raise UsageError(f"a quotation mark is left open in {line.strip()!r}")
    return [word for word in words if not word.startswith("#")]


def parse_words(line: str) -> Step:
    """Make a step of a line of words; UsageError, with what was expected, for one that is none."""
    words = split_words(line)
    if not words:
        raise UsageError("expected a step, got an empty line")
    do, side, rest = _split_off_side(words)
    raw: Json = {} if side is None else {"who": side} if side_key(do) == "who" else {"from": side}
    raw["do"] = do
    known = by_name(do)
    named = [word for word in rest if word.partition("=")[0] in known]
    try:
        _take_positional(do, [word for word in rest if word not in named], raw)
        for word in named:
            _take_named(word, raw)
        return parse_step(raw)
    except Malformed as error:
        raise UsageError(f"{error}; expected: {usage(do)}") from None


def _split_off_side(words: list[str]) -> tuple[str, str | None, list[str]]:
    first, *rest = words
    if first in SIDES:
        if not rest:
            raise UsageError(f"expected a step after {first!r}")
        do, *rest = rest
        if do not in ARGUMENTS:
            raise UsageError(f"no step is called {do!r}{nearest(do, _with_side())}")
        if side_key(do) is None:
            raise UsageError(f"{do!r} is of both sides; expected it without {first!r}")
        return do, first, rest
    if first not in ARGUMENTS:
        hint = nearest(first, [*SIDES, *ARGUMENTS]) or "; expected client, server, establish or pump first"
        raise UsageError(f"no step begins with {first!r}{hint}")
    if side_key(first) is not None:
        raise UsageError(
            f"{first!r} does not say whose; expected: {usage(first)}, where WHO is client or server"
        )
    return first, None, rest


def _with_side() -> list[str]:
    return [do for do in ARGUMENTS if side_key(do) is not None]


def _take_positional(do: str, words: list[str], raw: Json) -> None:
    for key in positional(do):
        if key in _LISTS:
            raw[key] = _LISTS[key](words)
            return
        if words:
            raw[key] = _number(words.pop(0), or_none=do == "capacity")
        elif not _placeholder(do, key).startswith("["):
            raise Malformed(f"{do} lacks its {_PLACEHOLDERS[key]}")
    if words:
        hint = nearest(words[0].partition("=")[0], by_name(do))
        raise Malformed(f"{do} does not take {words[0]!r}{hint}")


def _number(word: str, *, or_none: bool = False) -> int | None:
    if or_none and word == NO_LIMIT:
        return None
    if not _NUMBER.fullmatch(word) or len(word) > LONGEST_NUMBER:
        raise Malformed(f"expected a number, got {word!r}")
    return int(word)


def _take_named(word: str, raw: Json) -> None:
    key, _, value = word.partition("=")
    if key in raw:
        raise Malformed(f"{key} is said twice")
    if key == "keep_queue":
        if word != key:
            raise Malformed("keep_queue takes no value")
        raw[key] = True
    elif key in {"buffer", "fill"}:
        raw[key] = _unquoted(value)
    else:
        raw[key] = _number(value)


def _unquoted(word: str) -> str:
    if '"' not in word:
        return word
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        raise Malformed(f"expected a word, or one in quotation marks, got {word!r}") from None


def _modes(words: list[str]) -> list[str]:
    return [_unquoted(word) for word in words]


def _hex(words: list[str]) -> str:
    if not words:
        raise Malformed("inject lacks its HEX")
    return "".join(map(_unquoted, words))


def _plan(words: list[str]) -> list[Any]:
    return [_plan_entry(word) for word in words]


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


_LISTS: dict[str, Callable[[list[str]], Any]] = {"modes": _modes, "hex": _hex, "plan": _plan}
"""Arguments that take all the words that are left."""
