"""What a script's data must be: every complaint about what it isn't, with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from emulator.constants import PROTOCOL_VERSIONS
from emulator.exceptions import UsageError
from emulator.scenario.kinds import KINDS
from emulator.scenario.names import check_behaviour, check_mode, check_option, check_profile
from emulator.scenario.script_source import Place
from emulator.scenario.step import Step, parse_step
from emulator.scenario.values import Malformed, nearest
from emulator.scenario.words import parse_words, split_words

Complaint: TypeAlias = tuple[Place, str]
Complaints: TypeAlias = Iterator[Complaint]

SIDE_KEYS = ("modes", "clear_modes", "options", "no_state")
WORLD_KEYS = ("protocol", "cipher", "blocking", "client", "server")
KEYS = ("title", "about", "profiles", "shows", *WORLD_KEYS, "steps")
"""The keys of a script's file, in their order."""


def complaints(data: Any) -> Complaints:
    """Everything that is wrong with a script's data, its steps excepted."""
    if not isinstance(data, dict):
        yield (), f"expected keys such as {', '.join(KEYS[:4])}, got {_shown(data)}"
        return
    for key, value in data.items():
        check = _CHECKS.get(key)
        if check is not None:
            yield from check((key,), value)
        elif key != "steps":
            yield (key,), _unknown(key, KEYS, SIDE_KEYS)


def _unknown(key: object, known: tuple[str, ...], elsewhere: tuple[str, ...] = ()) -> str:
    if not isinstance(key, str):
        return f"unknown key {_shown(key)}; expected some of {', '.join(known)}"
    if key in elsewhere:
        return f"{key!r} is of one side: expected it below [client] or [server]"
    near = nearest(key, known) or f"; expected some of {', '.join(known)}"
    return f"unknown key {key!r}{near}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def text(place: Place, value: object) -> Complaints:
    """Everything that is wrong with a value that must be text."""
    if not isinstance(value, str):
        yield place, f"{_called(place)}: expected a string, got {_shown(value)}"
    elif not _is_unicode(value):
        yield place, f"{_called(place)}: expected text, got half a surrogate pair in {_shown(value)}"


def _called(place: Place) -> str:
    return ".".join(str(part) for part in place)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flag(place: Place, value: object) -> Complaints:
    if not isinstance(value, bool):
        yield place, f"{_called(place)}: expected true or false, got {_shown(value)}"


def _protocol(place: Place, value: object) -> Complaints:
    known = ", ".join(PROTOCOL_VERSIONS)
    if not isinstance(value, str):
        yield place, f"{_called(place)}: expected one of {known}, got {_shown(value)}"
    elif value not in PROTOCOL_VERSIONS:
        near = nearest(value, PROTOCOL_VERSIONS)
        yield place, f"no protocol is called {value!r}{near or f'; expected one of {known}'}"


def _names(check: Callable[[str], None] | None = None) -> Callable[[Place, object], Complaints]:
    """A check for a list of strings, each of which ``check`` may refuse with a UsageError."""

    def names(place: Place, value: object) -> Complaints:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            yield place, f'{_called(place)}: expected a list of names such as ["NAME"], got {_shown(value)}'
            return
        for index, name in enumerate(value):
            try:
                if check is not None:
                    check(name)
            except UsageError as error:
                yield (*place, index), f"{_called(place)}: {error}"

    return names


def _side(place: Place, value: object) -> Complaints:
    if not isinstance(value, dict):
        yield (
            place,
            f"{_called(place)}: expected a table with the keys {', '.join(SIDE_KEYS)}, got {_shown(value)}",
        )
        return
    for key, inner in value.items():
        check = _SIDE_CHECKS.get(key)
        if check is None:
            hint = f"; it must stand above [{place[0]}]" if key in KEYS else ""
            yield (
                (*place, key),
                f"{_called(place)}: " + (f"no key {key!r}{hint}" if hint else _unknown(key, SIDE_KEYS)),
            )
        else:
            yield from check((*place, key), inner)


_SIDE_CHECKS: dict[str, Callable[[Place, object], Complaints]] = {
    "modes": _names(check_mode),
    "clear_modes": _names(check_mode),
    "options": _names(check_option),
    "no_state": _flag,
}
_CHECKS: dict[str, Callable[[Place, object], Complaints]] = {
    "title": text,
    "about": text,
    "profiles": _names(check_profile),
    "shows": _names(check_behaviour),
    "protocol": _protocol,
    "cipher": text,
    "blocking": _flag,
    "client": _side,
    "server": _side,
}


def steps_of(value: object, wrong: list[Complaint]) -> list[Step]:
    """The steps: lines of one string, or a list of lines and objects; complaints are added to ``wrong``."""
    if isinstance(value, str):
        value = value.split("\n")
    if not isinstance(value, list):
        expected = "expected lines of steps in one string, or a list of them"
        wrong.append((("steps",), f"steps: {expected}, got {_shown(value)}"))
        return []
    steps = []
    for index, raw in enumerate(value):
        try:
            if not isinstance(raw, str) or split_words(raw):
                steps.append(checked_step(raw))
        except UsageError as error:
            wrong.append((("steps", index), str(error)))
    return steps


def checked_step(raw: object) -> Step:
    """Make a step of a line of words or an object; UsageError for what is none."""
    step = parse_words(raw) if isinstance(raw, str) else _step_of_object(raw)
    for name in step.modes:
        check_mode(name)
    return step


def _step_of_object(raw: object) -> Step:
    try:
        return parse_step(raw)
    except Malformed as error:
        do = raw.get("do") if isinstance(raw, dict) else None
        if not isinstance(do, str):
            raise UsageError(str(error)) from None
        hint = f"; in words: {KINDS[do].usage}" if do in KINDS else nearest(do, KINDS)
        raise UsageError(f"{error}{hint}") from None
