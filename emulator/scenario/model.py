"""What a scenario is: the world it runs in and its steps, read from lines of JSON.

Lines are checked by hand and not by pydantic, because a replay reads hundreds of them a second.
"""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.constants import PROTOCOL_VERSIONS
from emulator.exceptions import EmulatorError
from emulator.scenario import values
from emulator.scenario.step import Json, Step, parse_step
from emulator.scenario.values import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.scenario.values import Check


__all__ = [
    "Json",
    "Malformed",
    "Scenario",
    "ScenarioError",
    "SideSettings",
    "Step",
    "World",
    "numbered_objects",
    "parse_line",
    "parse_step",
    "parse_world",
    "read_lines",
    "read_scenarios",
    "scenarios_of",
]


class ScenarioError(EmulatorError):
    """A line that is no scenario, or no trace: which line of the file, counted from 1, and why."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(f"line {line}: {reason}")


@dataclass(slots=True)
class SideSettings:
    """How the context of one side is set up: OpenSSL's names without prefix."""

    modes: tuple[str, ...] = ()
    clear_modes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    no_state: bool = False
    """Neither connect nor accept state was set."""


@dataclass(slots=True)
class World:
    """The settings that both sides share, and each side's own."""

    family: str
    protocol: str
    cipher: str | None
    """None: the cipher list stays as it is (TLS 1.3)."""
    blocking: bool
    client: SideSettings
    server: SideSettings


@dataclass(slots=True)
class Scenario:
    """One line: a world and its steps; None if it has none, being unsupported where it was recorded."""

    id: str
    build: tuple[str, ...]
    world: World
    steps: list[Step] | None
    raw: Json
    line: int = 0
    """Where in its file it stands, counted from 1."""


_SIDE_KEYS: dict[str, Check] = {
    "modes": values.names,
    "clear_modes": values.names,
    "options": values.names,
    "no_state": values.flag,
}


def _parse_side(raw: object) -> SideSettings:
    if raw is None:
        return SideSettings()
    if type(raw) is not dict:
        raise Malformed(f"a side must be an object, not {raw!r}")
    side = SideSettings()
    for key, value in raw.items():
        if key not in _SIDE_KEYS:
            raise Malformed(f"a side has no key {key!r}")
        setattr(side, key, _SIDE_KEYS[key](key, value))
    return side


_WORLD_KEYS = frozenset({"family", "protocol", "cipher", "blocking", "client", "server"})


def parse_world(raw: object) -> World:
    """Check the world of a scenario, fill in its defaults; raises Malformed."""
    if type(raw) is not dict:
        raise Malformed(f"'scenario' must be an object, not {raw!r}")
    for key in raw:
        if key not in _WORLD_KEYS:
            raise Malformed(f"a scenario has no key {key!r}")
    protocol = raw.get("protocol", "TLSv1")
    if type(protocol) is not str or protocol not in PROTOCOL_VERSIONS:
        raise Malformed(f"no protocol is called {protocol!r}")
    return World(
        family=values.text("family", raw.get("family", "")),
        protocol=protocol,
        cipher=None if protocol == "TLSv1.3" else values.text("cipher", raw.get("cipher", "AES128-SHA")),
        blocking=values.flag("blocking", raw.get("blocking", False)),
        client=_parse_side(raw.get("client")),
        server=_parse_side(raw.get("server")),
    )


def parse_line(raw: Json) -> Scenario:
    """Check one line, of a recording or a saved transcript; raises Malformed."""
    for key in ("id", "scenario"):
        if key not in raw:
            raise Malformed(f"the key {key!r} is missing")
    world = parse_world(raw["scenario"])
    build = values.names("build", raw.get("build", []))
    return Scenario(values.text("id", raw["id"]), build, world, _parse_steps(raw), raw)


def _parse_steps(raw: Json) -> list[Step] | None:
    if "trace" not in raw:
        if "untold" in raw:
            raise Malformed(f"this transcript cannot be played again: {raw['untold']}")
        if "unsupported" not in raw:
            raise Malformed("the key 'trace' is missing")
        return None
    trace = raw["trace"]
    if type(trace) is not list:
        raise Malformed(f"'trace' must be a list, not {trace!r}")
    steps = []
    for index, entry in enumerate(trace):
        if type(entry) is not dict or "step" not in entry:
            raise Malformed(f"trace[{index}] must be an object with a 'step'")
        try:
            steps.append(parse_step(entry["step"]))
        except Malformed as error:
            raise Malformed(f"trace[{index}]: {error}") from None
    return steps


def read_lines(path: str) -> Iterator[tuple[int, Json]]:
    """Read the objects of a file of JSON lines, gzipped or not, ``-`` for standard input, with their numbers.

    Raises ScenarioError for a line that is no JSON object, OSError for a file that cannot be read.
    """
    if path == "-":
        yield from numbered_objects(sys.stdin.buffer)
    elif path.endswith(".gz"):
        with gzip.open(path, "rb") as packed:
            yield from numbered_objects(packed)
    else:
        with Path(path).open("rb") as plain:
            yield from numbered_objects(plain)


def numbered_objects(file: Iterable[bytes]) -> Iterator[tuple[int, Json]]:
    """Read the objects of lines of JSON, with their numbers; ScenarioError for a line that is none."""
    number = 0
    try:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _object(number, line)
    except (EOFError, zlib.error) as error:
        raise ScenarioError(number + 1, f"the gzip file is damaged: {error}") from None


def _object(number: int, line: bytes) -> Json:
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise ScenarioError(number, f"not UTF-8: {error.reason} at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise ScenarioError(number, f"not JSON: {error}") from None
    if type(value) is not dict:
        raise ScenarioError(number, "not a JSON object")
    return value


def read_scenarios(path: str) -> Iterator[Scenario]:
    """Read the scenarios of a file; raises ScenarioError at the first line that is none."""
    return scenarios_of(read_lines(path))


def scenarios_of(lines: Iterable[tuple[int, Json]]) -> Iterator[Scenario]:
    """Make scenarios of numbered objects; raises ScenarioError at the first that is none."""
    for number, raw in lines:
        try:
            scenario = parse_line(raw)
        except Malformed as error:
            raise ScenarioError(number, str(error)) from None
        scenario.line = number
        yield scenario
