"""One step of a scenario, checked: what :data:`~emulator.scenario.kinds.KINDS` says of its kind.

Steps are checked by hand and not by pydantic, because a replay reads hundreds of them a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from emulator.scenario.kinds import BUFFER_SIZE, KINDS, Kind
from emulator.scenario.values import Malformed

Json: TypeAlias = dict[str, Any]

_FIELDS = {"from": "source"}
"""Keys that are called otherwise in Python."""


@dataclass(slots=True)
class Step:
    """One step; an argument that its kind lacks, or that was left out, has its default."""

    kind: Kind
    raw: Json
    """The JSON that the step came from."""
    who: str = ""
    source: str = ""
    """``from``: the side whose bytes are meant."""
    size: int = 0
    buffer: str = "a"
    fill: str | None = None
    data: str = ""
    """The first bytes of a write's buffer, in hexadecimal, whatever ``size`` and ``fill`` say."""
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

    @property
    def do(self) -> str:
        """The name of the kind."""
        return self.kind.name


def parse_step(raw: object) -> Step:
    """Check one step and make it a :class:`Step`; raises Malformed."""
    if type(raw) is not dict:
        raise Malformed(f"a step must be an object, not {raw!r}")
    do = raw.get("do")
    kind = KINDS.get(do) if type(do) is str else None
    if kind is None:
        raise Malformed(f"no step is called {do!r}")
    step = Step(kind, raw)
    checks = kind.checks
    key: str
    for key, value in raw.items():
        check = checks.get(key)
        if check is not None:
            setattr(step, _FIELDS.get(key, key), check(key, value))
        elif key != "do":
            raise Malformed(f"{do} has no argument {key!r}")
    _check_complete(step)
    return step


def _check_complete(step: Step) -> None:
    for key in step.kind.required:
        if key not in step.raw:
            raise Malformed(f"{step.do} lacks its argument {key!r}")
    if len(step.data) // 2 > BUFFER_SIZE:
        raise Malformed(f"'data' has more than the {BUFFER_SIZE} bytes of a buffer")
    if step.offset + step.size > BUFFER_SIZE and "offset" in step.kind.checks:
        raise Malformed(f"{step.do} goes beyond the {BUFFER_SIZE} bytes of its buffer")
