"""Scenarios to compare: where they come from, and their titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.exceptions import UsageError
from emulator.scenario.script import Script
from emulator.scenario.sources import read_any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.scenario.model import Scenario

FROM_LIBRARY = "@"


@dataclass(frozen=True, slots=True)
class Source:
    """A scenario, and its author's words about it."""

    title: str
    about: str
    source: str
    """The name of the file or of the scenario."""
    scenario: Scenario | None
    """None for a callable."""
    profiles: tuple[str, ...] = ()
    """The columns of the comparison unless the caller names others."""


def of_script(script: Script, source: str | None = None) -> Source:
    """Make a source of a script."""
    return Source(script.title, script.about, source or script.name, script.scenario(), script.profiles)


def of_scenario(scenario: Scenario) -> Source:
    """Make a source of a recorded scenario; UsageError for one without steps."""
    if scenario.steps is None:
        raise UsageError(f"{scenario.id}: the recording has no steps, for its library lacked the protocol")
    return Source(scenario.id, "", scenario.id, scenario)


def load(name: str) -> Iterator[Source]:
    """Read the scenarios of a file or of the package.

    ``name`` is a script in TOML or JSON, a file of traces, ``-`` for either of these on standard input, or
    ``@name`` for a scenario of the package.

    Raises ScriptError or ScenarioError for wrong content, and UsageError for a file that cannot be read.
    """
    if name.startswith(FROM_LIBRARY):
        from emulator import library  # noqa: PLC0415 - most have no need of it

        yield of_script(library.load(name), name)
        return
    try:
        read = read_any(name)
    except OSError as error:
        raise UsageError(f"{error.strerror or error}: {name}{_meant(name)}") from error
    if not any(found.steps for found in read):
        raise UsageError(f"{name}: no scenario in it has any step")
    for found in read:
        yield of_script(found, name) if isinstance(found, Script) else of_scenario(found)


def _meant(name: str) -> str:
    from emulator import library  # noqa: PLC0415 - most have no need of it

    return f"; did you mean {FROM_LIBRARY}{name}?" if name in library.names() else ""


def load_one(name: str) -> Source:
    """Read the only scenario of a file; UsageError if the file has none or several."""
    sources = list(load(name))
    if len(sources) != 1:
        raise UsageError(f"{name} holds {len(sources)} scenarios, expected one")
    return sources[0]
