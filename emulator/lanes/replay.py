"""Lanes from a scenario: a replay that keeps the records and promises of each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.exceptions import SimulatedCrash
from emulator.lanes.cells import Cell, Entry, Lane, answer_of, promised, protection_of
from emulator.lanes.manual import Setting, annotated
from emulator.lanes.tap import RecordTap
from emulator.scenario.runner import Runner
from emulator.scenario.side import Unsupported
from emulator.scenario.words import step_title

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio.base import Data
    from emulator.context import Authority
    from emulator.engine.manual.promise import Promise
    from emulator.lanes.tap import SentRecord
    from emulator.profile import Profile
    from emulator.scenario.emulated import EmulatedSide
    from emulator.scenario.model import Scenario
    from emulator.scenario.stage import Stage
    from emulator.scenario.step import Json, Step

MOST_CALLS = 200_000
"""Far more calls of a transport than any scenario needs: a replay that makes more never ends."""

NOTHING_RECORDED = frozenset({"establish"})
"""Steps whose handshake records are not compared: hellos differ between all releases."""


class WatchedStage:
    """One scenario under way, with the records sent and the promises made in each step."""

    def __init__(self, stage: Stage[EmulatedSide]) -> None:
        self.stage = stage
        self._tap = RecordTap()
        self._entries: list[Json] = []
        self._seen: list[tuple[tuple[SentRecord, ...], int]] = []
        self._told = dict.fromkeys(stage.sides, 0)
        self._promises: dict[int, list[Promise]] = {}
        for who, side in stage.sides.items():
            side.bio.on_accept = _both(side.meter.accept, self._tap.of(who))

    def take(self, step: Step) -> None:
        """Run the next step.  Raises SimulatedCrash."""
        entry: Json = {"step": step.raw}
        self._entries.append(entry)
        under_way = self.stage.unfinished()
        try:
            self.stage.record(step, entry)
        except SimulatedCrash as crash:
            entry["crash"] = crash.signal
            raise
        finally:
            mode = self.stage.sides[step.who].conn.get_mode() if step.who else 0
            self._seen.append((self._tap.take(), mode))
            for who in self.stage.sides:
                self._keep_promises(who, under_way.get(who, entry))

    def _keep_promises(self, who: str, entry: Json) -> None:
        """Add the promises made to a side since the last step to the call that the side was in."""
        promises = self.stage.sides[who].conn.promises
        for promise in promises.since(self._told[who]):
            self._promises.setdefault(id(entry), []).append(promise)
        self._told[who] = promises.made

    def entries(self) -> list[Entry]:
        """Return the entries recorded so far."""
        return [
            _entry(entry, records, promised(self._promises.get(id(entry), ())), mode)
            for entry, (records, mode) in zip(self._entries, self._seen, strict=True)
        ]


def _both(one: Callable[[Data], None], other: Callable[[Data], None]) -> Callable[[Data], None]:
    def accept(data: Data) -> None:
        one(data)
        other(data)

    return accept


def _entry(entry: Json, records: tuple[SentRecord, ...], promise: str | None, mode: int) -> Entry:
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
    title = step_title(step)
    return Entry(title, title, who, step["do"], cell, step.get("size"), mode)


class Replays:
    """Replays one scenario on any profile."""

    def __init__(self, scenario: Scenario, most_calls: int = MOST_CALLS) -> None:
        self.scenario = scenario
        self.most_calls = most_calls
        """How many calls of its transport a replay may make before it counts as endless."""

    def lane(self, profile: Profile, name: str, follow: Authority) -> Lane:
        """Replay on a profile; a crash or the like is the lane's outcome.  Raises EndlessError."""
        lane = Lane(name, profile.release, follow)
        runner = Runner(profile, follow, most_calls=self.most_calls)
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
            watched = WatchedStage(runner.begin(scenario))
        except Unsupported as error:
            lane.outcome = {"kind": "unsupported", "what": error.what}
            return
        try:
            for step in scenario.steps or []:
                watched.take(step)
        except SimulatedCrash as crash:
            lane.outcome = {"kind": "crash", "signal": crash.signal, "why": str(crash)}
        finally:
            watched.stage.abandon()
            lane.entries = watched.entries()
            lane.protection = protection_of(watched.stage.sides["client"].conn)
