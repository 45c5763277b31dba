"""What a profile says, as lines of text: a list of all, one in detail, two compared."""

from __future__ import annotations

from enum import Enum
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from pydantic import BaseModel

from emulator.profiles import files, names
from emulator.release import ALIASES, SERIES, known_releases, last_release_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from emulator.behaviours.meta import Function
    from emulator.profiles.model import Profile

IDENTITY = ("name", "release", "first_release", "last_release", "sources")
"""Fields of a profile that say what it is called, not how it behaves."""

TABLES = ("functions", "modes", "options")
"""Sections that are tables of names."""

TABLES_WITHIN = ("ciphers.sorting",)
"""Fields of other sections that are tables, not answers, and that their type doesn't show to be some."""


def answers(profile: Profile) -> dict[str, str]:
    """Every behaviour by its key in the file ("write.pending_flush") and its answer as the file has it.

    Tables of strings, cipher suites and faults, which are no answers to a question, are left out.
    """
    return dict(_answers(profile, ""))


def _answers(section: BaseModel, prefix: str) -> Iterator[tuple[str, str]]:
    for key in type(section).model_fields:
        if not prefix and key in (*IDENTITY, *TABLES):
            continue
        value = getattr(section, key)
        if isinstance(value, BaseModel):
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


def listing() -> list[str]:
    """Every name that load_profile() takes, the releases that behave alike on one line."""
    lines = ["Releases on one line behave alike; a series stands for its last release.", ""]
    by_series = groupby(known_releases(), key=lambda release: release.series)
    for series, releases in by_series:
        lines.append(f"{series}  (its last release: {last_release_of(series)})")
        for _file, alike in groupby(releases, key=files.file_of):
            lines.append("    " + " ".join(release.name for release in alike))
        lines += [f"    {name}  ({news(path)})" for name, path in _distributions(series)]
    lines += [f"{alias}  (stands for {name})" for alias, name in ALIASES.items()]
    built_in = {*ALIASES, *SERIES, *map(attrgetter("name"), known_releases()), *files.distributions()}
    added = [name for name in names.known_names() if name not in built_in]
    return [*lines, *(f"{name}  (an entry point in {names.ENTRY_POINTS})" for name in added)]


def _distributions(series: str) -> list[tuple[str, Path]]:
    builds = files.distributions().items()
    return [(name, path) for name, path in builds if files.patched_release(name).series == series]


def news(path: Path) -> str:
    """What a release's file says is new in it: its first comment, without the full stop."""
    comment = path.read_text(encoding="utf-8").partition("\n")[0]
    return comment.removeprefix("# ").removesuffix(".") if comment.startswith("# ") else ""


def details(profile: Profile) -> list[str]:
    """What one profile is, has and answers."""
    alike = profile.first_release, profile.last_release
    same = alike[0] if alike[0] == alike[1] else f"{alike[0]} to {alike[1]}"
    return [
        f"OpenSSL {profile.release}" + ("" if profile.name == profile.release else f" as {profile.name}"),
        f"behave alike: {same}",
        "",
        *_absent(profile),
        "",
        *(f"{key:<36} {value}" for key, value in answers(profile).items()),
        "",
        "sources of what is new in this file:",
        *(f"    {source}" for source in profile.sources),
    ]


def _absent(profile: Profile) -> Iterable[str]:
    functions = profile.functions.values()
    absent = [function.c_name for function in functions if function.is_absent]
    zero = [function.c_name for function in functions if function.answers_zero]
    yield f"not exported: {' '.join(absent) or 'nothing'}"
    yield f"answer 0, as unknown controls: {' '.join(zero) or 'none'}"


def differences(one: Profile, other: Profile) -> list[str]:
    """Where two profiles answer differently."""
    lines = [f"{'':<36} {one.name:<36} {other.name}"]
    before, after = facts(one), facts(other)
    for key in dict.fromkeys([*before, *after]):
        left, right = before.get(key, "absent"), after.get(key, "absent")
        if left != right:
            lines.append(f"{key:<36} {left:<36} {right}")
    return lines


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
