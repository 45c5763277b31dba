"""Scenarios that nobody wrote by hand, drawn from a seed.

What is drawn, and how often, follows the recorded scenarios of the family "random": a connection that is
established more often than not, then 4 to 15 steps, half of them writes and most of those retries of the one
before, on a transport that is short of room, fails or ends.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from emulator.scenario.compare import RANDOM_FAMILY
from emulator.scenario.model import Json, Scenario, parse_line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

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

SIZES = (0, 1, 5, 100, 4096, 16383, 16384, 16385, 20000, 32768, 40000, 70000)
NEAR_SIZES = (-1, 1, 5000, -5000)
SMALL_SIZES = (0, 1, 100, 17000)
NEGATIVE_SIZES = (-1, -1000)
READ_SIZES = (10, 100, 16384, 100_000)
PLAN_ENTRIES: tuple[Any, ...] = (
    *("retry", "retry", "fail", "zero"),
    *(1, 5, 100, 17000),
    *({"errno": 104}, {"errno": 32}),
)
MODES = {
    "ENABLE_PARTIAL_WRITE": 0.35,
    "ACCEPT_MOVING_WRITE_BUFFER": 0.36,
    "AUTO_RETRY": 0.34,
    "RELEASE_BUFFERS": 0.11,
}
"""Modes of a context, and how often each is set."""

INJECTED = ("15030100020100", "15030100020228", "160301000400000000", "474554202f20", "0000000000")
"""A close_notify, a fatal handshake_failure, a HelloRequest, another protocol, and zeros."""

CLIENT, ESTABLISHED, BLOCKING = 0.63, 0.85, 0.25
"""How often it is the client, and how often a scenario begins with a connection, or blocks."""

STRANGE, WITHOUT_ENCRYPT_THEN_MAC = 0.06, 0.2
"""In wide scenarios: how often a write has a strange size, and how often CBC suites may write multiblock."""


class _Draw:
    """One scenario being drawn."""

    def __init__(self, source: random.Random, protocol: str, *, wide: bool) -> None:
        self.source = source
        self.protocol = protocol
        self.wide = wide
        self.steps: list[Json] = []
        self._last_writes: dict[str, Json] = {}

    def who(self) -> str:
        return "client" if self.source.random() < CLIENT else "server"

    def add(self, do: str, **arguments: Any) -> None:
        self.steps.append({"do": do, **arguments})

    def on_side(self, do: str, **arguments: Any) -> None:
        self.steps.append({"who": self.who(), "do": do, **arguments})

    def write(self, who: str | None = None, **arguments: Any) -> None:
        """Write: often the last write of this side once more, sometimes with another size or buffer."""
        who = who or self.who()
        last = self._last_writes.get(who)
        if last is not None and self.source.random() < 0.56:
            step = {**last, **self._variation(last["size"])}
        else:
            do = "write_ex" if self.source.random() < 0.21 else "write"
            step = {"who": who, "do": do, "size": self.source.choice(SIZES)}
        if self.wide and self.source.random() < STRANGE:
            step = {**step, "size": self._strange_size(step["do"])}
        self._last_writes[who] = {name: step[name] for name in ("who", "do", "size")}
        self.steps.append({**step, **arguments})

    def _variation(self, size: int) -> Json:
        kind = self.source.random()
        if kind < 0.08:
            return {"size": max(size + self.source.choice(NEAR_SIZES), 0)}
        if kind < 0.20:
            return {"buffer": "b"}
        return {"fill": "x"} if kind < 0.25 else {}

    def _strange_size(self, do: str) -> int:
        """Far less than was asked for before, or what no caller should ask for."""
        return self.source.choice(SMALL_SIZES if do == "write_ex" else (*SMALL_SIZES, *NEGATIVE_SIZES))

    def read(self) -> None:
        self.on_side("read", size=self.source.choice(READ_SIZES))

    def deliver(self) -> None:
        count = self.source.choice((None, None, 5, 50, 1000))
        self.add("deliver", **{"from": self.who()}, **({} if count is None else {"bytes": count}))

    def capacity(self) -> None:
        self.add("capacity", who=self.who(), bytes=self.source.choice((None, None, 0, 10, 1000, 20000)))

    def plan(self) -> None:
        entries = self.source.choices(PLAN_ENTRIES, k=self.source.randint(1, 3))
        self.add("plan", who=self.who(), plan=entries)

    def turn(self) -> None:
        """A new handshake, or in TLS 1.3 new keys."""
        if self.protocol == "TLSv1.3":
            self.on_side("key_update", request=self.source.randint(0, 1))
        else:
            self.on_side("renegotiate")

    def put_error(self) -> None:
        """An unrelated error that is on the queue when a write is made."""
        who = self.who()
        self.steps.append({"who": who, "do": "put_error", "lib": 20, "reason": 193})
        self.write(who, keep_queue=True)

    def corrupt(self) -> None:
        """A byte of the first record under way, of its body or of its header."""
        self.add("corrupt", **{"from": self.who()}, at=self.source.choice((0, 1, 4, 10, 30)))

    def inject(self) -> None:
        """Bytes that the other side never sent."""
        self.add("inject", **{"from": self.who()}, hex=self.source.choice(INJECTED))


ACTIONS: dict[str, tuple[int, Callable[[_Draw], None]]] = {
    "write": (6600, _Draw.write),
    "read": (1390, _Draw.read),
    "deliver": (1330, _Draw.deliver),
    "capacity": (900, _Draw.capacity),
    "pump": (840, lambda draw: draw.add("pump")),
    "plan": (680, _Draw.plan),
    "turn": (520, _Draw.turn),
    "handshake": (250, lambda draw: draw.on_side("handshake")),
    "shutdown": (210, lambda draw: draw.on_side("shutdown")),
    "set_mode": (140, lambda draw: draw.on_side("set_mode", modes=[draw.source.choice([*MODES])])),
    "eof": (136, lambda draw: draw.add("eof", **{"from": draw.who()})),
    "put_error": (129, _Draw.put_error),
    "set_max_send_fragment": (
        116,
        lambda draw: draw.on_side("set_max_send_fragment", size=draw.source.choice((512, 2000, 16384))),
    ),
    "pending": (102, lambda draw: draw.on_side("pending")),
}
"""What is drawn again and again, and how often in 13,000 steps."""

WIDER_ACTIONS: dict[str, tuple[int, Callable[[_Draw], None]]] = {
    "corrupt": (150, _Draw.corrupt),
    "inject": (150, _Draw.inject),
    "fail_read": (100, lambda draw: draw.add("fail_read", who=draw.who(), errno=104)),
    "peek": (200, lambda draw: draw.on_side("peek", size=draw.source.choice(READ_SIZES))),
    "read_ex": (200, lambda draw: draw.on_side("read_ex", size=draw.source.choice(READ_SIZES))),
    "wake": (100, lambda draw: draw.add("wake", who=draw.who())),
    "get_mode": (30, lambda draw: draw.on_side("get_mode")),
    "clear_mode": (100, lambda draw: draw.on_side("clear_mode", modes=[draw.source.choice([*MODES])])),
    "set_split_send_fragment": (
        60,
        lambda draw: draw.on_side("set_split_send_fragment", size=draw.source.choice((512, 2000, 16384))),
    ),
    "set_shutdown": (100, lambda draw: draw.on_side("set_shutdown", flags=draw.source.randint(0, 3))),
    "set_quiet_shutdown": (50, lambda draw: draw.on_side("set_quiet_shutdown")),
    "renegotiate_abbreviated": (100, lambda draw: draw.on_side("renegotiate_abbreviated")),
    "unset_bio": (20, lambda draw: draw.on_side("unset_bio")),
}
"""What only the hand-written of the recorded scenarios do."""


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
    modes = [mode for mode, often in MODES.items() if source.random() < often]
    if modes:
        side["modes"] = modes
    if source.random() < 0.125:
        side["clear_modes"] = ["AUTO_RETRY"]
    if source.random() < 0.11:
        side["options"] = ["DONT_INSERT_EMPTY_FRAGMENTS"]
    return side


def _steps(source: random.Random, protocol: str, *, wide: bool) -> list[Json]:
    draw = _Draw(source, protocol, wide=wide)
    if source.random() < ESTABLISHED:
        draw.add("establish")
    actions = [*ACTIONS.values(), *(WIDER_ACTIONS.values() if wide else ())]
    weights = [often for often, _ in actions]
    for _, act in source.choices(actions, weights, k=source.randint(4, 14)):
        act(draw)
    return draw.steps
