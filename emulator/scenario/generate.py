"""Scenarios that nobody wrote by hand, drawn from a seed.

What is drawn, and how often, follows the recorded scenarios of the family "random": a connection that is
established more often than not, then 4 to 15 steps, half of them writes and most of those retries of the one
before, on a transport that is short of room, fails or ends.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from emulator.scenario.compare import RANDOM_FAMILY
from emulator.scenario.kinds import KINDS, MODES, SIZES, STRANGE, WRITES, Kind
from emulator.scenario.model import Scenario, parse_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from emulator.scenario.step import Json

WORLDS: dict[str, tuple[str, str | None]] = {
    "ssl3-cbc": ("SSLv3", "AES128-SHA"),
    "tls10-cbc": ("TLSv1", "AES128-SHA"),
    "tls10-rc4": ("TLSv1", "RC4-SHA"),
    "tls11-cbc": ("TLSv1.1", "AES128-SHA"),
    "tls12-cbc": ("TLSv1.2", "AES128-SHA256"),
    "tls12-gcm": ("TLSv1.2", "AES128-GCM-SHA256"),
    "tls13": ("TLSv1.3", None),
}
"""The last part of a scenario's id, and what it stands for."""

NEAR_SIZES = (-1, 1, 5000, -5000)
SMALL_SIZES = (0, 1, 100, 17000)
NEGATIVE_SIZES = (-1, -1000)
CONTEXT_MODES = dict(zip(MODES.choices, (0.35, 0.36, 0.34, 0.11), strict=True))
"""Modes of a context, and how often each is set."""

CLIENT, ESTABLISHED, BLOCKING = 0.63, 0.85, 0.25
"""How often it is the client, and how often a scenario begins with a connection, or blocks."""

AGAIN, WRITE_EX = 0.56, 0.21
"""How often a write repeats the last one of its side, and how often another one is SSL_write_ex."""

WITHOUT_ENCRYPT_THEN_MAC = 0.2
"""How often CBC suites may write multiblock in wide scenarios."""


class _Draw:
    """One scenario being drawn."""

    def __init__(self, source: random.Random, *, wide: bool) -> None:
        self.source = source
        self.wide = wide
        self.steps: list[Json] = []
        self._last_writes: dict[str, Json] = {}

    def take(self, kind: Kind) -> None:
        """Add a step of this kind, with arguments as its row says; writes and their errors have a rule."""
        if kind.name in WRITES:
            self.write(self.who())
            return
        who = "" if kind.side is None else self.who()
        self.steps.append(
            {**({kind.side: who} if kind.side else {}), "do": kind.name, **self._arguments(kind)}
        )
        if kind.name == "put_error":  # which only a call that keeps the queue can meet
            self.write(who, keep_queue=True)

    def who(self) -> str:
        return "client" if self.source.random() < CLIENT else "server"

    def _arguments(self, kind: Kind) -> Json:
        drawn = {
            argument.name: argument.drawn.draw(self.source, wide=self.wide)
            for argument in kind.arguments
            if argument.drawn is not None
        }
        return {name: value for name, value in drawn.items() if value is not None or name in kind.required}

    def write(self, who: str, **arguments: Any) -> None:
        """Write: often the last write of this side once more, sometimes with another size or buffer."""
        last = self._last_writes.get(who)
        if last is not None and self.source.random() < AGAIN:
            step = {**last, **self._variation(last["size"])}
        else:
            do = "write_ex" if self.source.random() < WRITE_EX else "write"
            step = {"who": who, "do": do, "size": SIZES.draw(self.source)}
        if self.wide and self.source.random() < STRANGE:
            step = {**step, "size": self._strange_size(step["do"])}
        self._last_writes[who] = {name: step[name] for name in ("who", "do", "size")}
        self.steps.append({**step, **arguments})

    def _variation(self, size: int) -> Json:
        chance = self.source.random()
        if chance < 0.08:
            return {"size": max(size + self.source.choice(NEAR_SIZES), 0)}
        if chance < 0.20:
            return {"buffer": "b"}
        return {"fill": "x"} if chance < 0.25 else {}

    def _strange_size(self, do: str) -> int:
        """Far less than the last size, or one that no caller should give."""
        return self.source.choice(SMALL_SIZES if do == "write_ex" else (*SMALL_SIZES, *NEGATIVE_SIZES))


def kinds(protocol: str, *, wide: bool) -> list[Kind]:
    """The kinds of steps that are drawn for a protocol; the rare ones in wide scenarios only."""
    return [
        kind
        for kind in KINDS.values()
        if kind.often
        and (wide or not kind.rare)
        and (kind.tls13 is None or kind.tls13 is (protocol == "TLSv1.3"))
    ]


def generate(
    seed: str | int, count: int, *, protocols: Collection[str] | None = None, wide: bool = False
) -> Iterator[Scenario]:
    """Draw ``count`` scenarios; the same seed gives the same ones, and number n does not depend on ``count``.

    ``protocols`` keeps to these ("TLSv1.2"); ``wide`` also takes steps that only hand-written scenarios have.
    """
    names = [name for name, (protocol, _) in WORLDS.items() if protocols is None or protocol in protocols]
    for number in range(count):
        source = random.Random(f"{seed}-{number}")  # noqa: S311 - reproducible, not secret
        yield parse_line(_line(source, f"{seed}-{number}", names, wide=wide))


def _line(source: random.Random, name: str, worlds: Sequence[str], *, wide: bool) -> Json:
    world = source.choice(worlds)
    protocol, cipher = WORLDS[world]
    scenario: Json = {"family": RANDOM_FAMILY, "protocol": protocol}
    if cipher is not None:
        scenario["cipher"] = cipher
    if source.random() < BLOCKING:
        scenario["blocking"] = True
    keeps_mac_first = wide and source.random() < WITHOUT_ENCRYPT_THEN_MAC
    for who in ("client", "server"):
        side = _side(source)
        if keeps_mac_first:
            side["options"] = [*side.get("options", ()), "NO_ENCRYPT_THEN_MAC"]
        if side:
            scenario[who] = side
    steps = _steps(source, protocol, wide=wide)
    return {
        "id": f"{RANDOM_FAMILY}/{name}/{world}",
        "scenario": scenario,
        "trace": [{"step": step} for step in steps],
    }


def _side(source: random.Random) -> Json:
    side: Json = {}
    modes = [mode for mode, often in CONTEXT_MODES.items() if source.random() < often]
    if modes:
        side["modes"] = modes
    if source.random() < 0.125:
        side["clear_modes"] = ["AUTO_RETRY"]
    if source.random() < 0.11:
        side["options"] = ["DONT_INSERT_EMPTY_FRAGMENTS"]
    return side


def _steps(source: random.Random, protocol: str, *, wide: bool) -> list[Json]:
    draw = _Draw(source, wide=wide)
    if source.random() < ESTABLISHED:
        draw.steps.append({"do": "establish"})
    found = kinds(protocol, wide=wide)
    for kind in source.choices(found, [kind.often for kind in found], k=source.randint(4, 14)):
        draw.take(kind)
    return draw.steps
