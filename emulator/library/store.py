"""The scenarios that come with the package: their names, and what each of them shows."""

from __future__ import annotations

import functools
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.compiled import PACKAGE, Store, Tree
from emulator.exceptions import UsageError
from emulator.scenario.values import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator.scenario.model import Scenario
    from emulator.scenario.script import Script

FOLDER = Path(__file__).resolve().parent

MARK = "@"
"""What a name begins with where a file could stand as well."""

NOT_SHOWN = "not-shown"
"""The file of the behaviours that no scenario shows; no scenario itself."""


STORE = Store(
    "library",
    [
        Tree("library", FOLDER, ".toml"),
        *(Tree(name, PACKAGE / name, ".py") for name in ("library", "scenario")),
    ],
)
"""The listing, computed anew when a scenario changes, or the code that reads it."""


class Listed(NamedTuple):
    """What the listing says of a scenario."""

    title: str
    shows: tuple[str, ...]
    """The behaviours that it shows, by their keys."""


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of all scenarios, without the mark, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != NOT_SHOWN))


@functools.cache
def listing() -> Mapping[str, Listed]:
    """Return the titles of all scenarios and the behaviours that they show, by name without the mark."""
    found = STORE.load("listing", _listing).data
    return {name: Listed(entry["title"], tuple(entry["shows"])) for name, entry in found.items()}


def compile_into(folder: Path) -> None:
    """Write the listing for a wheel, whose ``_compiled`` the folder is to be."""
    STORE.compile_into(folder, [("listing", _listing())])


def _listing() -> dict[str, Any]:
    scripts = {name: load(name) for name in names()}
    return {name: {"title": script.title, "shows": list(script.shows)} for name, script in scripts.items()}


def find(name: str) -> str:
    """Return a scenario's name as :func:`names` has it, the mark or not; UsageError with the nearest ones."""
    bare = name.removeprefix(MARK)
    if bare in names():
        return bare
    hint = nearest(bare, names()) or f"; one of them is {names()[0]!r}, and 'emulator run --list' names all"
    raise UsageError(f"no scenario of the library is called {bare!r}{hint}")


def load(name: str) -> Script:
    """Load a scenario by its name, "@retry-moved" or "retry-moved"; UsageError with the nearest name."""
    from emulator.scenario.script import Script  # noqa: PLC0415 - the listing needs none

    path = FOLDER / f"{find(name)}.toml"
    return Script.parse(path.read_text(encoding="utf-8"), path.name)


@functools.cache
def showing() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the scenarios that show a behaviour, by its key."""
    shown: dict[str, tuple[str, ...]] = {}
    for name, listed in listing().items():
        for key in listed.shows:
            shown[key] = (*shown.get(key, ()), name)
    return shown


@functools.cache
def not_shown() -> dict[str, str]:
    """Return the behaviours that differ between releases and that no scenario shows, each with the reason."""
    text = (FOLDER / f"{NOT_SHOWN}.toml").read_text(encoding="utf-8")
    return {key: group["because"] for group in tomllib.loads(text)["group"] for key in group["behaviours"]}


def scenarios_in(source: str | os.PathLike[str]) -> Iterator[Scenario]:
    """Read the scenarios of a file, "-" or "@name", one at a time, scripts made scenarios of."""
    from emulator.scenario import sources  # noqa: PLC0415

    name = os.fspath(source)
    return iter([load(name).scenario()]) if name.startswith(MARK) else sources.scenarios_in(name)


def read_any(source: str | os.PathLike[str]) -> list[Script | Scenario]:
    """Read the scenarios of a file, "-" or "@name"; see :func:`emulator.scenario.sources.read_any`."""
    from emulator.scenario import sources  # noqa: PLC0415

    name = os.fspath(source)
    return [load(name)] if name.startswith(MARK) else sources.read_any(name)
