"""What a profile says, in words: its answers, and what exists."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from emulator.behaviours.section import Section
from emulator.profiles.clauses import SILENT, topics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.behaviours.meta import Function
    from emulator.profiles.model import Profile

IDENTITY = ("name", "release", "sources")
"""Fields of a profile that say what it is called, not how it behaves."""

TABLES = ("functions", "modes", "options")
"""Sections that are tables of names."""

MANUAL = "manual"
"""The section that is a table of topics: each is a question, and the clause on the page its answer."""

TABLES_WITHIN = ("ciphers.sorting",)
"""Fields of other sections that are tables, not answers, and that their type doesn't show to be some."""


def answers(profile: Profile) -> dict[str, str]:
    """Every behaviour by its key in the file ("write.pending_flush") and its answer as the file has it.

    Tables of strings, cipher suites and faults, which are no answers to a question, are left out.
    """
    return dict(_answers(profile, ""))


def _answers(section: Section, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in zip(section.fields, section.values(), strict=True):
        if not prefix and key in (*IDENTITY, *TABLES):
            continue
        if not prefix and key == MANUAL:
            yield from ((f"{key}.{topic}", value.get(topic, SILENT)) for topic in topics())
        if isinstance(value, Section):
            yield from _answers(value, f"{prefix}{key}.")
        elif value is not None and not isinstance(value, dict) and f"{prefix}{key}" not in TABLES_WITHIN:
            yield f"{prefix}{key}", in_words(value)


def in_words(value: object) -> str:
    """A value as a profile file would have it, without quotes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return " ".join(in_words(each) for each in value) or "none"
    return str(value)


def lacks(profile: Profile) -> tuple[list[str], list[str]]:
    """List the functions that are not there, and the controls that answer 0 as unknown."""
    functions = profile.functions.values()
    absent = [function.c_name for function in functions if function.is_absent]
    zero = [function.c_name for function in functions if function.answers_zero]
    return absent, zero


def facts(profile: Profile) -> dict[str, str]:
    """The answers, and what exists: functions, modes and options by their names in C."""
    functions = {each.c_name: _presence(each) for each in profile.functions.values()}
    modes = {f"SSL_MODE_{name}": hex(bit) for name, bit in profile.modes.items()}
    options = {f"SSL_OP_{name}": hex(bit) for name, bit in profile.options.items()}
    return {**answers(profile), **functions, **modes, **options}


def _presence(function: Function) -> str:
    if function.present:
        return "present"
    return "absent" if function.is_absent else "answers 0"
