"""The scenarios that come with the package: their names, and what each of them shows."""

from __future__ import annotations

import functools
import os
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

from emulator.exceptions import UsageError
from emulator.scenario import sources
from emulator.scenario.script import Script
from emulator.scenario.values import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from emulator.scenario.model import Scenario

MARK = "@"
"""What a name begins with where a file could stand as well."""

NOT_SHOWN = "not-shown"
"""The file of the behaviours that no scenario shows; no scenario itself."""


def _folder() -> Traversable:
    return resources.files("emulator.library")


@functools.cache
def names() -> tuple[str, ...]:
    """The names of all scenarios, without the mark, in alphabetical order."""
    files = (file.name for file in _folder().iterdir())
    found = (name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    return tuple(sorted(name for name in found if name != NOT_SHOWN))


def find(name: str) -> str:
    """The name of a scenario as :func:`names` has it, the mark or not; UsageError with the nearest ones."""
    bare = name.removeprefix(MARK)
    if bare in names():
        return bare
    hint = nearest(bare, names()) or f"; one of them is {names()[0]!r}, and 'emulator run --list' names all"
    raise UsageError(f"no scenario of the library is called {bare!r}{hint}")


def load(name: str) -> Script:
    """Load a scenario by its name, "@retry-moved" or "retry-moved"; UsageError with the nearest name."""
    found = find(name)
    return Script.parse(_folder().joinpath(f"{found}.toml").read_text(encoding="utf-8"), f"{found}.toml")


@functools.cache
def showing() -> dict[str, tuple[str, ...]]:
    """The names of the scenarios that show a behaviour, by its key; reads the whole library once."""
    shown: dict[str, tuple[str, ...]] = {}
    for name in names():
        for key in load(name).shows:
            shown[key] = (*shown.get(key, ()), name)
    return shown


@functools.cache
def not_shown() -> dict[str, str]:
    """The behaviours that differ between releases and that no scenario shows, each with the reason."""
    text = _folder().joinpath(f"{NOT_SHOWN}.toml").read_text(encoding="utf-8")
    return {key: group["because"] for group in tomllib.loads(text)["group"] for key in group["behaviours"]}


def scenarios_in(source: str | os.PathLike[str]) -> Iterator[Scenario]:
    """Read the scenarios of a file, "-" or "@name", one at a time, scripts made scenarios of."""
    name = os.fspath(source)
    return iter([load(name).scenario()]) if name.startswith(MARK) else sources.scenarios_in(name)


def read_any(source: str | os.PathLike[str]) -> list[Script | Scenario]:
    """Read the scenarios of a file, "-" or "@name"; see :func:`emulator.scenario.sources.read_any`."""
    name = os.fspath(source)
    return [load(name)] if name.startswith(MARK) else sources.read_any(name)
