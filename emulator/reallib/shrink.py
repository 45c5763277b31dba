"""Making a scenario small: what can be left out of it while it still shows what it showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.scenario.model import Json

SMALL_SIZES = (0, 5, 100, 16384, 20000)
DISPENSABLE = ("buffer", "fill", "data", "offset", "keep_queue", "written_before")


def shrunk(line: Json, shows: Callable[[Json], bool]) -> Json:
    """The smallest line found for which ``shows`` still answers True: fewer steps, a plainer world.

    ``shows`` is asked of one candidate after the other, each as small as or smaller than the one that last
    showed it.
    """
    smaller = True
    while smaller:
        smaller = False
        for candidate in _candidates(line):
            if shows(candidate):
                line, smaller = candidate, True
                break
    return line


def _candidates(line: Json) -> Iterator[Json]:
    """Smaller lines, the boldest first."""
    trace = line["trace"]
    for count in range(1, len(trace)):
        yield {**line, "trace": trace[:count]}
    for index in range(len(trace) - 1):
        yield {**line, "trace": trace[:index] + trace[index + 1 :]}
    for world in _smaller_worlds(line["scenario"]):
        yield {**line, "scenario": world}
    for index, entry in enumerate(trace):
        for step in _smaller_steps(entry["step"]):
            yield {**line, "trace": [*trace[:index], {"step": step}, *trace[index + 1 :]]}


def _smaller_worlds(world: Json) -> Iterator[Json]:
    for name in ("blocking", "client", "server"):
        if name in world:
            yield _without(world, name)
    for who in ("client", "server"):
        side = world.get(who, {})
        for name, values in side.items():
            yield {**world, who: _without(side, name)}
            for value in values if isinstance(values, list) and len(values) > 1 else ():
                yield {**world, who: {**side, name: [other for other in values if other != value]}}


def _smaller_steps(step: Json) -> Iterator[Json]:
    for name in DISPENSABLE:
        if name in step:
            yield _without(step, name)
    if len(step.get("plan", ())) > 1:
        yield {**step, "plan": step["plan"][1:]}
        yield {**step, "plan": step["plan"][:-1]}
    if step["do"] == "write_ex":
        yield {**_without(step, "written_before"), "do": "write"}
    if step["do"].startswith("write"):
        for size in SMALL_SIZES:
            if size < step["size"]:
                yield {**step, "size": size}


def _without(raw: Json, name: str) -> Json:
    return {key: value for key, value in raw.items() if key != name}
