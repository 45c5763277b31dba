"""Which errors releases were seen to print, and in which scenario: ``data/errors-seen.json``.

It is written by ``tools/errors_seen.py``, which replays its scenarios on every release.  What a recorded
library printed and what an emulated release prints are kept apart.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from emulator.exceptions import ProfileError
from emulator.profiles.published import distributions, known_releases
from emulator.scenario.runner import Runner
from emulator.scenario.script import Script
from emulator.scenario.words import step_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulator.profiles.model import Profile
    from emulator.scenario.model import Json, Scenario

DATA = Path(__file__).resolve().parent.parent / "data" / "errors-seen.json"
EVERYTHING = ("ssl3", "weak-ciphers")
"""How a release is built for a scenario that it does not support as it is distributed."""

Hit: TypeAlias = tuple[str, str, int, str]
"""An error's text, the id of the scenario, the index of the step, and the words of the build."""


@dataclass(frozen=True)
class Way:
    """A scenario that makes some releases print an error."""

    scenario: str
    """Its id."""
    step: int
    """The index of the step that leaves the error in the queue."""
    build: str
    """The words of the build, where it is not as distributed."""
    releases: tuple[str, ...]
    """Releases by their own names, oldest first, and behind them distributors' builds."""


@dataclass(frozen=True)
class SeenText:
    """Where one error text was seen."""

    recorded: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By recording of a real library: the scenario's id and the index of the step."""
    emulated: tuple[Way, ...] = ()

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases and builds that print it when they are emulated, oldest first, builds last."""
        return ordered(name for way in self.emulated for name in way.releases)


@dataclass(frozen=True)
class Seen:
    """All that was seen: scripts by id, and error texts."""

    scenarios: dict[str, Json]
    """By id what ``Script.as_json`` says, without the title."""
    texts: dict[str, SeenText]

    @classmethod
    def of(
        cls, lines: Mapping[str, Json], recorded: Mapping[str, list[Hit]], emulated: Mapping[str, list[Hit]]
    ) -> Self:
        """Put together what recordings and emulated releases show; of ``lines`` what tells is kept."""
        found = {hit[0]: SeenText() for own in (*recorded.values(), *emulated.values()) for hit in own}
        for name, own in recorded.items():
            for text, id_, step, _ in own:
                if id_ in lines:
                    found[text].recorded.setdefault(name, (id_, step))
        ways = _ways(emulated)
        found = {text: SeenText(found[text].recorded, ways.get(text, ())) for text in sorted(found)}
        cited = {way.scenario for seen in found.values() for way in seen.emulated}
        cited |= {id_ for seen in found.values() for id_, _ in seen.recorded.values()}
        return cls({id_: as_script(line) for id_, line in sorted(lines.items()) if id_ in cited}, found)

    @classmethod
    def load(cls, data: Path = DATA) -> Self:
        """Read the file; ProfileError if it cannot be read."""
        try:
            found: dict[str, Any] = json.loads(data.read_text(encoding="utf-8"))
            texts = {text: _seen_text(entry) for text, entry in found["texts"].items()}
            return cls(found["scenarios"], texts)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProfileError(f"{data}: cannot be read: {error}") from error

    def as_text(self) -> str:
        """The file's text: a line for each scenario and each error."""
        scenarios = {id_: json.dumps(data) for id_, data in self.scenarios.items()}
        texts = {text: json.dumps(_entry(seen)) for text, seen in self.texts.items()}
        blocks = (_block("scenarios", scenarios), _block("texts", texts))
        return "{\n" + ",\n".join(blocks) + "\n}\n"

    def script(self, id_: str) -> Script:
        """Return a scenario as something to read, run and save."""
        return script_of(id_, self.scenarios[id_])


@functools.cache
def seen() -> Seen:
    """Return what ships with the package."""
    return Seen.load()


# -- scenarios -----------------------------------------------------------------------------------


def as_script(line: Json) -> Json:
    """Return a line of a file of scenarios as the data of a script."""
    world = {key: value for key, value in line["scenario"].items() if key != "family"}
    return {**world, "steps": [step_words(entry["step"]) for entry in line["trace"]]}


def script_of(id_: str, data: Json) -> Script:
    """Return such data as a script, called by the id."""
    return Script(id_, **data)


def raised(line: Json) -> Iterator[tuple[int, str]]:
    """List what each step of a trace left in the queue: the step's index and the error's text.

    Nothing is said of a scenario that puts an error there itself.
    """
    entries = line.get("trace", ())
    if any(entry["step"]["do"] == "put_error" for entry in entries):
        return
    for index, entry in enumerate(entries):
        for part in (entry, entry.get("completed")):
            if isinstance(part, dict):
                yield from ((index, error["text"]) for error in part.get("queue") or ())


def replayed(profile: Profile, scenarios: Iterable[Scenario]) -> Iterator[Json]:
    """Replay scenarios on a profile as it is built; with ``EVERYTHING`` what it does not support so.

    A scenario that breaks off by a mistake of ours has no steps, and says ``failed``.
    """
    runner, other = Runner(profile), Runner(profile.with_build(EVERYTHING))
    try:
        for scenario in scenarios:
            try:
                line = {**runner.run(scenario), "build": []}
                if "unsupported" in line:
                    line = {**other.run(scenario), "build": list(EVERYTHING)}
            except Exception as error:  # noqa: BLE001 - a mistake in one scenario must not hide the others
                line = {"id": scenario.id, "build": [], "failed": f"{type(error).__name__}: {error}"}
            yield line
    finally:
        runner.close()
        other.close()


# -- releases ------------------------------------------------------------------------------------


@functools.cache
def _order() -> dict[str, int]:
    """Return every release and build and its place: releases by number, then builds."""
    names = [*(release.name for release in known_releases()), *distributions()]
    return {name: index for index, name in enumerate(names)}


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
        if follows and name not in distributions():
            found[-1][1] = name
        else:
            found.append([name, name])
    return [(first, last) for first, last in found]


def _between(first: str, last: str) -> list[str]:
    order = _order()
    return [name for name in order if order[first] <= order[name] <= order[last]]


def _ways(emulated: Mapping[str, list[Hit]]) -> dict[str, tuple[Way, ...]]:
    """Return for every text the fewest scenarios that show it on all releases that print it."""
    shown: dict[str, dict[tuple[str, int, str], list[str]]] = {}
    for name, own in emulated.items():
        for text, id_, step, build in own:
            shown.setdefault(text, {}).setdefault((id_, step, build), []).append(name)
    return {text: tuple(_fewest(by_way)) for text, by_way in shown.items()}


# Scenarios of the library come first: they say what they show, and are run by their names.
def _fewest(by_way: dict[tuple[str, int, str], list[str]]) -> Iterator[Way]:
    missing = {name for names in by_way.values() for name in names}
    while missing:
        best = max(
            (way for way in by_way if missing.intersection(by_way[way])),
            key=lambda way: (
                way[0][0] == "@",
                len(missing.intersection(by_way[way])),
                not way[2],
                -way[1],
                way,
            ),
        )
        covered = missing.intersection(by_way[best])
        missing -= covered
        yield Way(*best, ordered(covered))


# -- the file ------------------------------------------------------------------------------------


def _seen_text(entry: Json) -> SeenText:
    recorded = {name: (id_, step) for name, (id_, step) in entry.get("recorded", {}).items()}
    ways = [
        Way(id_, step, build, tuple(name for pair in spans for name in _between(*pair)))
        for id_, step, build, spans in entry.get("emulated", ())
    ]
    return SeenText(recorded, tuple(ways))


def _entry(seen_: SeenText) -> Json:
    ways = [[way.scenario, way.step, way.build, ranges(way.releases)] for way in seen_.emulated]
    entry = {"recorded": seen_.recorded, "emulated": ways}
    return {key: value for key, value in entry.items() if value}


def _block(name: str, entries: Mapping[str, str]) -> str:
    lines = ",\n".join(f"  {json.dumps(key)}: {value}" for key, value in entries.items())
    return f' "{name}": {{\n{lines}\n }}'
