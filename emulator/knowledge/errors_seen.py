"""The errors that releases print in scenarios, and the scenarios: ``data/errors-seen.json``.

It is written by ``tools/errors_seen.py``, which replays its scenarios on every release.  The texts that a
recorded library printed and those that an emulated release prints are kept apart.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from emulator.exceptions import ProfileError
from emulator.knowledge.index import builds, releases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.scenario.script import Script

DATA = Path(__file__).resolve().parent.parent / "data" / "errors-seen.json"
Json = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """A scenario that makes some releases print an error."""

    scenario: str
    """Its id."""
    step: int
    """The index of the step that leaves the error in the queue."""
    build: str
    """The words of the build, if it is not the usual one."""
    releases: tuple[str, ...]
    """Releases by their own names, oldest first, and behind them distributors' builds."""


@dataclass(frozen=True)
class SeenText:
    """The scenarios in which one error text was printed."""

    recorded: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By recording of a real library: the scenario's id and the index of the step."""
    emulated: tuple[Way, ...] = ()

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases and builds that print it when they are emulated, oldest first, builds last."""
        return ordered(name for way in self.emulated for name in way.releases)


@dataclass(frozen=True)
class Seen:
    """All error texts that were printed, and the scenarios, by their ids."""

    scenarios: dict[str, Json]
    """By id the data of ``Script.as_json``, without the title."""
    texts: dict[str, SeenText]

    @classmethod
    def load(cls, data: Path = DATA) -> Self:
        """Read the file; ProfileError if it cannot be read."""
        try:
            found: dict[str, Any] = json.loads(data.read_text(encoding="utf-8"))
            texts = {text: _seen_text(entry) for text, entry in found["texts"].items()}
            return cls(found["scenarios"], texts)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProfileError(f"{data}: cannot be read: {error}") from error

    def script(self, id_: str) -> Script:
        """Return a scenario as something to read, run and save."""
        from emulator.scenario.script import Script  # noqa: PLC0415 - most only print its steps

        return Script(id_, **self.scenarios[id_])


@functools.cache
def seen() -> Seen:
    """Return the data of the package."""
    return Seen.load()


# -- releases ------------------------------------------------------------------------------------


@functools.cache
def _order() -> dict[str, int]:
    """Return every release and build and its place: releases by number, then builds."""
    return {name: index for index, name in enumerate((*releases(), *builds()))}


def place_of(name: str) -> int:
    """Return the place of a release or build among all."""
    return _order()[name]


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Return releases and builds, each once: releases by number, then builds."""
    return tuple(sorted(set(names), key=place_of))


def ranges(names: Iterable[str]) -> list[tuple[str, str]]:
    """Group releases that follow each other: the first and the last of each group; a build stands alone."""
    order, found = _order(), list[list[str]]()
    for name in ordered(names):
        follows = found and order[name] == order[found[-1][1]] + 1
        if follows and name not in builds():
            found[-1][1] = name
        else:
            found.append([name, name])
    return [(first, last) for first, last in found]


def _between(first: str, last: str) -> list[str]:
    order = _order()
    return [name for name in order if order[first] <= order[name] <= order[last]]


def _seen_text(entry: Json) -> SeenText:
    recorded = {name: (id_, step) for name, (id_, step) in entry.get("recorded", {}).items()}
    ways = [
        Way(id_, step, build, tuple(name for pair in spans for name in _between(*pair)))
        for id_, step, build, spans in entry.get("emulated", ())
    ]
    return SeenText(recorded, tuple(ways))
