"""The names that a shell completes, found without loading profiles or scenarios: a user waits."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_SECTIONS = ("reasons", "error_codes", "functions")
"""Files of advice about other things than behaviours."""

NO_SCENARIO = "not-shown.toml"
"""The one file in the folder of scenarios that is no scenario."""

_TABLE = re.compile(r"^\[([\w-]+)\]$", re.MULTILINE)


def releases(incomplete: str) -> list[str]:
    """List names of profiles: series, releases and builds.  Of several after commas it completes the last."""
    from emulator.profile import list_profiles

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in list_profiles() if name.startswith(last)]


def behaviours(incomplete: str) -> list[str]:
    """List keys of behaviours, from the files of advice and their headings."""
    return _starting(incomplete, (f"{section}.{name}" for section, name in _advised()))


def behaviours_and_findings(incomplete: str) -> list[str]:
    """List keys of behaviours, and the codes of findings."""
    table = resources.files("emulator") / "contract" / "codes.toml"
    return [
        *behaviours(incomplete),
        *_starting(incomplete, _TABLE.findall(table.read_text(encoding="utf-8"))),
    ]


def sections_and_behaviours(incomplete: str) -> list[str]:
    """List the sections, and then the keys of behaviours."""
    found = list(_advised())
    sections = dict.fromkeys(section for section, _ in found)
    return _starting(incomplete, [*sections, *(f"{section}.{name}" for section, name in found)])


def _advised() -> Iterable[tuple[str, str]]:
    folder = resources.files("emulator") / "knowledge" / "advice"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        section = file.name.removesuffix(".toml")
        if section not in NO_SECTIONS:
            yield from ((section, name) for name in _TABLE.findall(file.read_text(encoding="utf-8")))


def scenarios(incomplete: str) -> list[str]:
    """List the scenarios of the package; the shell itself completes files."""
    folder = resources.files("emulator") / "library"
    names = sorted(
        file.name for file in folder.iterdir() if file.name.endswith(".toml") and file.name != NO_SCENARIO
    )
    return _starting(incomplete, (f"@{name.removesuffix('.toml')}" for name in names))


def libraries(incomplete: str) -> list[str]:
    """List the real libraries that can be fetched."""
    from emulator.reallib.oracles import known

    return _starting(incomplete, (library.name for library in known()))


def _starting(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
