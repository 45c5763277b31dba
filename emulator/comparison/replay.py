"""Lanes from a scenario: a replay whose records and promises are kept, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.bio import ScriptedBIO, make_scripted_bio_pair
from emulator.comparison.cells import Cell, Entry, Lane, answer_of, promised, protection_of
from emulator.comparison.manual import Setting, annotated
from emulator.comparison.tap import RecordTap
from emulator.exceptions import EmulatorError, SimulatedCrash
from emulator.scenario.run import Run
from emulator.scenario.runner import Runner, establishes
from emulator.scenario.words import step_words
from emulator.scenario.world import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio.base import Data
    from emulator.comparison.tap import Record
    from emulator.context import Authority
    from emulator.engine.manual import Promise
    from emulator.profile import Profile
    from emulator.scenario.model import Json, Scenario, Step
    from emulator.scenario.run import Workshop

MOST_CALLS = 200_000
"""Far more calls of a transport than a scenario makes: those of a replay that goes round in a circle.

Answers that no release gave together may lead there; whatever loops in the engine reads or writes.
"""
NOTHING_RECORDED = frozenset({"establish"})
"""Steps of whose handshake only the outcome counts: releases greet each other differently."""


class EndlessError(EmulatorError):
    """A replay took more calls of its transport than it may: it goes round in a circle."""


class Budget:
    """How many calls of transports a replay may still make."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def spend(self) -> None:
        """One call; raises EndlessError where none is left."""
        self.left -= 1
        if self.left < 0:
            raise EndlessError("the replay does not come to its end")

    def make_bios(self) -> tuple[ScriptedBIO, ScriptedBIO]:
        """Two ends of a transport whose calls count."""
        client, server = make_scripted_bio_pair()
        return _CountedBIO(client, self), _CountedBIO(server, self)


class _CountedBIO(ScriptedBIO):
    __slots__ = ("_budget",)

    def __init__(self, like: ScriptedBIO, budget: Budget) -> None:
        super().__init__(like.outgoing, like.incoming)
        self._budget = budget

    def write(self, data: Data) -> int:
        self._budget.spend()
        return super().write(data)

    def read(self, n: int) -> bytes:
        self._budget.spend()
        return super().read(n)


class WatchedRun(Run):
    """One scenario under way, with what left both transports and what was promised, step by step."""

    __slots__ = ("_entries", "_promises", "_seen", "_tap", "_told")

    def __init__(self, runner: Workshop, scenario: Scenario) -> None:
        super().__init__(runner, scenario)
        self._tap = RecordTap()
        self._entries: list[Json] = []
        self._seen: list[tuple[tuple[Record, ...], int]] = []
        self._told = dict.fromkeys(self.peers, 0)
        self._promises: dict[int, list[Promise]] = {}
        for who, peer in self.peers.items():
            peer.bio.on_accept = _both(peer.meter.accept, self._tap.of(who))

    def _do(self, step: Step, entry: Json) -> None:
        self._entries.append(entry)
        under_way = {who: blocked for who, (blocked, _result) in self._blocked.items()}
        try:
            super()._do(step, entry)
        except SimulatedCrash as crash:
            entry["crash"] = crash.signal
            raise
        finally:
            mode = self.peers[step.who].conn.get_mode() if step.who else 0
            self._seen.append((self._tap.take(), mode))
            for who in self.peers:
                self._keep_promises(who, under_way.get(who, entry))

    def _keep_promises(self, who: str, entry: Json) -> None:
        """What a side was promised since the last step belongs to the call that it was in."""
        promises = self.peers[who].conn.promises
        for promise in promises[self._told[who] :]:
            self._promises.setdefault(id(entry), []).append(promise)
        self._told[who] = len(promises)

    def entries(self) -> list[Entry]:
        """What has been recorded so far."""
        return [
            _entry(entry, records, promised(self._promises.get(id(entry), ())), mode)
            for entry, (records, mode) in zip(self._entries, self._seen, strict=True)
        ]


def _both(one: Callable[[Data], None], other: Callable[[Data], None]) -> Callable[[Data], None]:
    def accept(data: Data) -> None:
        one(data)
        other(data)

    return accept


def _entry(entry: Json, records: tuple[Record, ...], promise: str | None, mode: int) -> Entry:
    step: dict[str, Any] = entry["step"]
    completed = entry.get("completed")
    cell = Cell(
        answer=answer_of(entry),
        blocked=entry.get("blocked", False),
        completed=None if completed is None else answer_of(completed),
        completed_after=entry.get("completed_after"),
        skipped=entry.get("skipped"),
        missing=entry.get("missing", False),
        records=records,
        counts_records=step["do"] not in NOTHING_RECORDED,
        promise=promise,
    )
    who = step.get("who", step.get("from"))
    title = step_words(step)
    return Entry(title, title, who, step["do"], cell, step.get("size"), mode)


class Replays:
    """Replays one scenario on any profile."""

    def __init__(self, scenario: Scenario, most_calls: int = MOST_CALLS) -> None:
        self.scenario = scenario
        self.most_calls = most_calls
        """How many calls of its transport a replay may make before it counts as endless."""

    def lane(self, profile: Profile, name: str, follow: Authority) -> Lane:
        """Replay on a profile; raises EndlessError, and nothing that the scenario itself leads to."""
        lane = Lane(name, profile.release, follow)
        runner = Runner(profile, follow)
        runner.worlds.make_bios = Budget(self.most_calls).make_bios
        try:
            self._run(runner, lane)
        finally:
            runner.close()
        lane.entries = annotated(profile, self._setting(), lane.entries)
        return lane

    def _setting(self) -> Setting:
        world = self.scenario.world
        sides = {"client": world.client, "server": world.server}
        stateless = frozenset(who for who, side in sides.items() if side.no_state)
        return Setting(blocking=world.blocking, stateless=stateless)

    def _run(self, runner: Runner, lane: Lane) -> None:
        scenario = self.scenario
        try:
            runner.worlds.check(scenario.world, establishes=establishes(scenario.steps))
            run = WatchedRun(runner, scenario)
        except Unsupported as error:
            lane.outcome = {"kind": "unsupported", "what": error.what}
            return
        try:
            run.trace(scenario.steps or [])
        except SimulatedCrash as crash:
            lane.outcome = {"kind": "crash", "signal": crash.signal, "why": str(crash)}
        finally:
            run.abandon()
            lane.entries = run.entries()
            lane.protection = protection_of(run.client.conn)
