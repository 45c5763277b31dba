"""What several recordings of one scenario agree on.

A value that differs between recordings of the same library (keys and nonces that decide how a damaged
record decrypts, memory that was never written) is null in what is kept: it is asked of nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.scenario.model import Json

OUTCOMES = ("unsupported", "crash")


def agreed(first: Json, second: Json) -> Json | None:
    """What two lines of the same scenario agree on; None if not even on how it ended."""
    if any(first.get(key) != second.get(key) for key in OUTCOMES):
        return None
    if "unsupported" in first:
        return first
    entries = zip(first["trace"], second["trace"], strict=True)
    return {**first, "trace": [_entry(*pair) for pair in entries]}


def _entry(first: Json, second: Json) -> Json:
    """One entry, or the record of a blocked call: fields may be left out where they say nothing."""
    names = [*first, *(name for name in second if name not in first)]
    return {name: _field(name, first.get(name), second.get(name)) for name in names}


def _field(name: str, first: Any, second: Any) -> Any:
    if name == "step":
        return first
    if name == "completed" and isinstance(first, dict) and isinstance(second, dict):
        return _entry(first, second)
    return _common(first, second)


def _common(first: Any, second: Any) -> Any:
    if type(first) is not type(second):
        return None
    if isinstance(first, dict):
        common = {name: _common(first[name], second[name]) for name in first if name in second}
        return {name: value for name, value in common.items() if value is not None}
    if isinstance(first, list):
        if len(first) != len(second):
            return None
        return [_common(*pair) for pair in zip(first, second, strict=True)]
    return first if first == second else None
