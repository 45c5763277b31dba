"""What a shell completes: names, found without loading what they name, as somebody waits for them."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_SECTIONS = ("reasons", "error_codes", "functions")
"""Files of advice that is on no behaviour."""

NO_SCENARIO = "not-shown.toml"
"""What the folder of scenarios holds besides: the behaviours that none of them shows."""

_TABLE = re.compile(r"^\[(\w+)\]$", re.MULTILINE)


def releases(incomplete: str) -> list[str]:
    """Names of profiles: series, releases and builds.  Of several with commas between, the last one."""
    from emulator.profile import list_profiles

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in list_profiles() if name.startswith(last)]


def behaviours(incomplete: str) -> list[str]:
    """Keys of behaviours, by the sections and headings of what is advised on them."""
    return _starting(incomplete, (f"{section}.{name}" for section, name in _advised()))


def sections_and_behaviours(incomplete: str) -> list[str]:
    """The same, and the sections in front of them."""
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
    """Scenarios of the package; of others the shell completes the files."""
    folder = resources.files("emulator") / "library"
    names = sorted(
        file.name for file in folder.iterdir() if file.name.endswith(".toml") and file.name != NO_SCENARIO
    )
    return _starting(incomplete, (f"@{name.removesuffix('.toml')}" for name in names))


def libraries(incomplete: str) -> list[str]:
    """Real libraries that can be fetched."""
    from emulator.reallib.oracles import known

    return _starting(incomplete, (library.name for library in known()))


def _starting(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
