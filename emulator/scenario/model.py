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
from typing import TYPE_CHECKING, Any, TypeAlias

from emulator.constants import PROTOCOL_VERSIONS
from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BUFFER_SIZE = 524_288
"""How long every named buffer is, in bytes."""

SIDES = ("client", "server")

Json: TypeAlias = dict[str, Any]


class ScenarioError(EmulatorError):
    """A line that is no scenario, or no trace: which line of the file, counted from 1, and why."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(f"line {line}: {reason}")


class Malformed(ValueError):  # noqa: N818 - becomes a ScenarioError once the line's number is known
    """Why a line is not of the form that it should have."""


@dataclass(slots=True)
class Side:
    """How the context of one side is set up: OpenSSL's names without prefix."""

    modes: tuple[str, ...] = ()
    clear_modes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    no_state: bool = False
    """Neither connect nor accept state was set."""


@dataclass(slots=True)
class World:
    """What both sides have in common, and each side's own."""

    family: str
    protocol: str
    cipher: str | None
    """None: not asked for (TLS 1.3)."""
    blocking: bool
    client: Side
    server: Side


@dataclass(slots=True)
class Step:
    """One step; an argument that the kind of step lacks keeps its default."""

    do: str
    raw: Json
    """The JSON that it came from."""
    who: str = ""
    source: str = ""
    """``from``: whose bytes are meant."""
    size: int = 0
    buffer: str = "a"
    fill: str | None = None
    offset: int = 0
    written_before: int = 0
    keep_queue: bool = False
    request: int = 0
    modes: tuple[str, ...] = ()
    flags: int = 0
    lib: int = 0
    reason: int = 0
    bytes: int | None = None
    """None: all of them (deliver), or no limit (capacity)."""
    plan: tuple[Any, ...] = ()
    errno: int = 0
    hex: str = ""
    at: int = 0


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


def _is_int(value: object) -> bool:
    return type(value) is int


def _integer(key: str, value: object) -> int:
    if type(value) is not int:
        raise Malformed(f"{key!r} must be an integer, not {value!r}")
    return value


def _natural(key: str, value: object) -> int:
    if type(value) is not int or value < 0:
        raise Malformed(f"{key!r} must be an integer that is not negative, not {value!r}")
    return value


def _natural_or_null(key: str, value: object) -> int | None:
    return None if value is None else _natural(key, value)


def _text(key: str, value: object) -> str:
    if type(value) is not str:
        raise Malformed(f"{key!r} must be a string, not {value!r}")
    return value


def _flag(key: str, value: object) -> bool:
    if type(value) is not bool:
        raise Malformed(f"{key!r} must be true or false, not {value!r}")
    return value


def _side(key: str, value: object) -> str:
    if value not in SIDES:
        raise Malformed(f"{key!r} must be 'client' or 'server', not {value!r}")
    return str(value)


def _letter(key: str, value: object) -> str:
    if type(value) is not str or len(value) != 1 or not value.isascii():
        raise Malformed(f"{key!r} must be one letter, not {value!r}")
    return value


def _hex(key: str, value: object) -> str:
    text = _text(key, value)
    try:
        bytes.fromhex(text)
    except ValueError:
        raise Malformed(f"{key!r} must be bytes in hexadecimal, not {value!r}") from None
    return text


def _names(key: str, value: object) -> tuple[str, ...]:
    if type(value) is not list or not all(type(name) is str for name in value):
        raise Malformed(f"{key!r} must be a list of names, not {value!r}")
    return tuple(value)


PLAN_WORDS = frozenset({"retry", "zero", "zero-retry", "fail"})


def _plan(key: str, value: object) -> tuple[Any, ...]:
    if type(value) is not list:
        raise Malformed(f"{key!r} must be a list, not {value!r}")
    for entry in value:
        if not _is_plan_entry(entry):
            raise Malformed(f"{entry!r} is no answer that a plan can hold")
    return tuple(value)


def _is_plan_entry(entry: object) -> bool:
    if type(entry) is dict:
        return entry.keys() == {"errno"} and _is_int(entry["errno"])
    return entry in PLAN_WORDS if type(entry) is str else type(entry) is int and entry >= 0


Check: TypeAlias = "Callable[[str, object], Any]"

_ON_SIDE: dict[str, Check] = {"who": _side}
_CALL: dict[str, Check] = {"who": _side, "keep_queue": _flag}
_READ = _CALL | {"size": _natural}
_WRITE = _CALL | {"size": _integer, "buffer": _text, "fill": _letter, "offset": _natural}
_MODES = _ON_SIDE | {"modes": _names}
_FROM: dict[str, Check] = {"from": _side}

ARGUMENTS: dict[str, dict[str, Check]] = {
    "establish": {},
    "write": _WRITE,
    "write_ex": _WRITE | {"size": _natural, "written_before": _natural},
    "read": _READ,
    "read_ex": _READ,
    "peek": _READ,
    "handshake": _CALL,
    "renegotiate": _CALL,
    "renegotiate_abbreviated": _CALL,
    "shutdown": _CALL,
    "pending": _CALL,
    "key_update": _CALL | {"request": _integer},
    "set_mode": _MODES,
    "clear_mode": _MODES,
    "get_mode": _ON_SIDE,
    "set_max_send_fragment": _CALL | {"size": _integer},
    "set_split_send_fragment": _CALL | {"size": _integer},
    "set_shutdown": _ON_SIDE | {"flags": _integer},
    "set_quiet_shutdown": _ON_SIDE,
    "unset_bio": _ON_SIDE,
    "put_error": _ON_SIDE | {"lib": _natural, "reason": _natural},
    "deliver": _FROM | {"bytes": _natural},
    "pump": {},
    "wake": _ON_SIDE,
    "capacity": _ON_SIDE | {"bytes": _natural_or_null},
    "plan": _ON_SIDE | {"plan": _plan},
    "eof": _FROM,
    "fail_read": _ON_SIDE | {"errno": _natural},
    "inject": _FROM | {"hex": _hex},
    "corrupt": _FROM | {"at": _natural},
}
"""The kinds of steps, and how each of their arguments is checked."""

OPTIONAL = frozenset({"keep_queue", "buffer", "fill", "offset", "written_before"})
"""Arguments that may be left out; ``bytes`` of a deliver too."""

_FIELDS = {"from": "source"}


def parse_step(raw: object) -> Step:
    """Check one step and make it a :class:`Step`; raises Malformed."""
    if type(raw) is not dict:
        raise Malformed(f"a step must be an object, not {raw!r}")
    do = raw.get("do")
    arguments = ARGUMENTS.get(do) if type(do) is str else None
    if arguments is None:
        raise Malformed(f"no step is called {do!r}")
    step = Step(str(do), raw)
    key: str
    for key, value in raw.items():
        check = arguments.get(key)
        if check is not None:
            setattr(step, _FIELDS.get(key, key), check(key, value))
        elif key != "do":
            raise Malformed(f"{do} has no argument {key!r}")
    _check_complete(step, arguments)
    return step


def _check_complete(step: Step, arguments: dict[str, Check]) -> None:
    raw = step.raw
    for key in arguments:
        if key not in raw and key not in OPTIONAL and (step.do, key) != ("deliver", "bytes"):
            raise Malformed(f"{step.do} lacks its argument {key!r}")
    if step.offset + step.size > BUFFER_SIZE and "offset" in arguments:
        raise Malformed(f"{step.do} goes beyond the {BUFFER_SIZE} bytes of its buffer")


_SIDE_KEYS: dict[str, Check] = {
    "modes": _names,
    "clear_modes": _names,
    "options": _names,
    "no_state": _flag,
}


def _parse_side(raw: object) -> Side:
    if raw is None:
        return Side()
    if type(raw) is not dict:
        raise Malformed(f"a side must be an object, not {raw!r}")
    side = Side()
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
        family=_text("family", raw.get("family", "")),
        protocol=protocol,
        cipher=None if protocol == "TLSv1.3" else _text("cipher", raw.get("cipher", "AES128-SHA")),
        blocking=_flag("blocking", raw.get("blocking", False)),
        client=_parse_side(raw.get("client")),
        server=_parse_side(raw.get("server")),
    )


def parse_line(raw: Json) -> Scenario:
    """Check one line; raises Malformed."""
    for key in ("id", "scenario"):
        if key not in raw:
            raise Malformed(f"the key {key!r} is missing")
    world = parse_world(raw["scenario"])
    build = _names("build", raw.get("build", []))
    return Scenario(_text("id", raw["id"]), build, world, _parse_steps(raw), raw)


def _parse_steps(raw: Json) -> list[Step] | None:
    if "trace" not in raw:
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
