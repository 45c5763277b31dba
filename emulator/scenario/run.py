"""One scenario under way: its steps, one at a time, on two peers and the transport between them.

Source: "Steps" and "The world of a scenario".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.buffer import Buffer
from emulator.error_queue import use
from emulator.scenario.model import BUFFER_SIZE, Json, Scenario, Step
from emulator.scenario.recording import CALLS, perform
from emulator.scenario.steps import SETTING_STEPS, TRANSPORT_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.connection import Connection
    from emulator.scenario.threads import SideThread
    from emulator.scenario.world import Peer, Worlds

PATTERN = memoryview(bytes(range(256)) * (BUFFER_SIZE // 256))

HANDSHAKE_ROUNDS = 100
"""``establish`` gives up after so many turns: no handshake takes as many."""

BLOCKED = "side is blocked"


class Workshop(Protocol):
    """What one scenario after another is run with."""

    worlds: Worlds

    def lacks(self, do: str) -> bool:
        """Whether the release has no such function."""

    def thread(self, who: str) -> SideThread:
        """The thread that blocking calls of this side run on."""


class Run:
    """One scenario under way."""

    __slots__ = ("_blocked", "_buffers", "_index", "client", "is_blocking", "peers", "runner", "server")

    def __init__(self, runner: Workshop, scenario: Scenario) -> None:
        self.runner = runner
        self.is_blocking = scenario.world.blocking
        self.client, self.server = runner.worlds.make(scenario.world, scenario.id)
        self.peers = {"client": self.client, "server": self.server}
        self._buffers: dict[tuple[str, str], Buffer] = {}
        self._blocked: dict[str, tuple[Json, Json]] = {}
        self._index = -1
        self._block_from_now_on(blocking=self.is_blocking)

    def trace(self, steps: list[Step]) -> list[Json]:
        """Run all steps; what was recorded of each."""
        return [self.take(step) for step in steps]

    def take(self, step: Step) -> Json:
        """Run the next step; what was recorded of it, to which a later step may add how a call completed."""
        self._index += 1
        entry: Json = {"step": step.raw}
        self._do(step, entry)
        return entry

    def abandon(self) -> None:
        """Leave no call blocked behind."""
        for who in self._blocked:
            self.runner.thread(who).abandon()
        self._blocked.clear()

    def _block_from_now_on(self, *, blocking: bool) -> None:
        for who, peer in self.peers.items():
            peer.bio.wait = self.runner.thread(who).block if blocking else None

    def _do(self, step: Step, entry: Json) -> None:
        transport = TRANSPORT_STEPS.get(step.do)
        if transport is not None:
            transport(self, step, entry)
        elif step.who in self._blocked:
            entry["skipped"] = BLOCKED
        elif step.do in CALLS:
            self._call(self.peers[step.who], step, entry)
        else:
            self._set(self.peers[step.who], step, entry)

    # -- calls that are recorded in full ------------------------------------------------------

    def _call(self, peer: Peer, step: Step, entry: Json) -> None:
        if self.runner.lacks(step.do):
            entry["missing"] = True
            return
        data = self._filled(step) if step.do.startswith("write") else None
        if self.is_blocking:
            self._call_that_may_block(peer, step, data, entry)
            return
        previous = use(peer.errors)
        try:
            entry.update(perform(peer, step, data))
        finally:
            use(previous)
        entry.update(peer.meter.take())

    def _filled(self, step: Step) -> memoryview:
        """The named buffer from the offset to its end, filled from its start, whatever the offset is.

        What lies behind the ``size`` bytes goes along: a release that reads too far sends that.
        """
        buffer = self._buffers.get((step.who, step.buffer))
        if buffer is None:
            buffer = self._buffers[step.who, step.buffer] = Buffer(BUFFER_SIZE)
        size = step.size
        if size > 0:
            buffer.memory[:size] = PATTERN[:size] if step.fill is None else step.fill.encode() * size
        return buffer.view(step.offset, BUFFER_SIZE - step.offset)

    def _call_that_may_block(self, peer: Peer, step: Step, data: memoryview | None, entry: Json) -> None:
        result: Json = {}

        def job() -> None:
            use(peer.errors)
            result.update(perform(peer, step, data))

        thread = self.runner.thread(peer.who)
        thread.start(job)
        if thread.is_blocked:
            self._blocked[peer.who] = entry, result
            entry["blocked"] = True
        entry.update(result)
        entry.update(peer.meter.take())

    def wake(self, peer: Peer) -> None:
        """Let a blocked side look at its transport again; record its call if that returned."""
        if peer.who not in self._blocked:
            return
        thread = self.runner.thread(peer.who)
        thread.wake()
        if not thread.is_blocked:
            entry, result = self._blocked.pop(peer.who)
            entry["completed"] = {**result, **peer.meter.take()}
            entry["completed_after"] = self._index

    def _set(self, peer: Peer, step: Step, entry: Json) -> None:
        previous = use(peer.errors)
        try:
            SETTING_STEPS[step.do](self, peer, step, entry)
        finally:
            use(previous)

    # -- establishing ------------------------------------------------------------------------

    def establish(self) -> None:
        """Both sides shake hands in turn, then each peeks once; never blocks."""
        self._block_from_now_on(blocking=False)
        waiting = [self.client, self.server]
        for _round in range(HANDSHAKE_ROUNDS):
            waiting = [peer for peer in waiting if not self._advances(peer)]
            if not waiting:
                break
        for peer in self.peers.values():
            self._quietly(peer, lambda conn: conn.peek(1)[0])
            self.deliver_all()
        self._block_from_now_on(blocking=self.is_blocking)

    def _advances(self, peer: Peer) -> bool:
        """One turn of a side's handshake; whether it is done."""
        done = self._quietly(peer, lambda conn: conn.do_handshake()) == 1
        self.deliver_all()
        return done

    def _quietly(self, peer: Peer, call: Callable[[Connection], int]) -> int:
        previous = use(peer.errors)
        try:
            return call(peer.conn)
        finally:
            peer.errors.clear()
            peer.meter.take()
            use(previous)

    def deliver_all(self) -> int:
        """Deliver everything both ways; how many bytes that were."""
        return sum(peer.bio.outgoing.deliver() for peer in self.peers.values())
