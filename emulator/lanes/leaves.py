"""The answers in which two profiles differ, and mixtures of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.behaviours.section import Section
from emulator.profiles.clauses import SILENT
from emulator.profiles.describe import IDENTITY, MANUAL, in_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from emulator.profile import Profile

BY_ENTRY = ("functions", "modes", "options", MANUAL)
"""Tables each of whose entries is an answer of its own."""
NAMED_BY_LIBRARY = ("errors.strings",)
"""Tables of sections."""
LONGEST = 60


def differing(left: Profile, right: Profile) -> list[str]:
    """List the keys of the answers in which two profiles differ; entries of tables by their names."""
    return list(_differing(left, right, ""))


def _differing(left: Any, right: Any, prefix: str) -> Iterator[str]:
    for name in _names(left, right):
        key = f"{prefix}{name}"
        one, other = _part(left, name), _part(right, name)
        if key in IDENTITY or one == other:
            continue
        both = isinstance(one, Section) and isinstance(other, Section) and prefix != "functions."
        if both or key in BY_ENTRY or key in NAMED_BY_LIBRARY:
            yield from _differing(one, other, f"{key}.")
        else:
            yield key


def _names(left: Any, right: Any) -> list[str]:
    return list(left.fields) if isinstance(left, Section) else list({**left, **right})


def _part(section: Any, name: str) -> Any:
    return section.get(name) if isinstance(section, dict) else getattr(section, name)


def between(left: Profile, right: Profile, keys: Collection[str]) -> Profile:
    """Return the left profile with the right one's answers to these keys."""
    changed: Any = left
    for key in keys:
        changed = _taken(changed, right, key.split("."))
    return changed.replace(name=f"{left.name} with {len(keys)} answers of {right.name}")  # type: ignore[no-any-return]


def _taken(section: Any, source: Any, path: list[str]) -> Any:
    """Return a copy of a section with another one's value at a path, without it if the other has none."""
    first, *rest = path
    value = _part(source, first)
    new = _taken(_part(section, first), value, rest) if rest else value
    if isinstance(section, Section):
        return section.replace(**{first: new})
    others = {name: each for name, each in section.items() if name != first}
    return others if new is None else {**others, first: new}


def answer_in_words(profile: Profile, key: str) -> str:
    """Return a profile's answer as its file would have it; for a table only that there is one."""
    section, _, name = key.partition(".")
    if section == MANUAL:
        return profile.manual.get(name, SILENT)
    if section in BY_ENTRY:
        return _entry_in_words(_part(profile, section).get(name))
    value: Any = profile
    for part in key.split("."):
        value = None if value is None else _part(value, part)
    if value is None:
        return "absent"
    if isinstance(value, dict | Section):
        return f"that of {profile.release}"
    text = in_words(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _entry_in_words(value: Any) -> str:
    if isinstance(value, int):
        return hex(value)
    if value is None or value.is_absent:
        return "absent"
    return "present" if value.present else "answers 0"


def name_of(profile: Profile, key: str) -> str:
    """Return the name of a key in the catalogue: functions, modes and options have their names in C."""
    section, _, name = key.partition(".")
    if section == "functions":
        return profile.functions[name].c_name
    prefixes = {"modes": "SSL_MODE_", "options": "SSL_OP_"}
    return f"{prefixes[section]}{name}" if section in prefixes else key
