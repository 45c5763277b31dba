"""The steps that are no recorded calls: what a script does to the transport, and settings of a side.

Source: "Steps".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.scenario.recording import drained
from emulator.scenario.world import MODES, Peer
from emulator.settings import bits

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.scenario.model import Json, Step


class Stage(Protocol):
    """What a step finds: the two sides of the scenario that is under way."""

    peers: dict[str, Peer]

    def establish(self) -> None:
        """Both sides shake hands."""

    def wake(self, peer: Peer) -> None:
        """Let a blocked side look at its transport again."""

    def deliver_all(self) -> int:
        """Deliver everything both ways; how many bytes that were."""


PUMP_ROUNDS = 1000
"""A pump that still moves bytes after so many rounds is given up.

The recorder had such a limit too: with a capacity of 10 bytes a blocked write of 70,000 was still blocked
after a pump (random/1000129/tls12-gcm), while one of 32,768 at a capacity of 1,000 was through.
"""


def _establish(run: Stage, _step: Step, _entry: Json) -> None:
    run.establish()


def _deliver(run: Stage, step: Step, entry: Json) -> None:
    entry["moved"] = run.peers[step.source].bio.outgoing.deliver(step.bytes)


def _pump(run: Stage, _step: Step, _entry: Json) -> None:
    for _ in range(PUMP_ROUNDS):
        moved = run.deliver_all()
        for peer in run.peers.values():
            run.wake(peer)
        if not moved and not any(peer.bio.outgoing.sent for peer in run.peers.values()):
            return


def _wake(run: Stage, step: Step, _entry: Json) -> None:
    run.wake(run.peers[step.who])


def _capacity(run: Stage, step: Step, _entry: Json) -> None:
    run.peers[step.who].bio.outgoing.capacity = step.bytes


def _plan(run: Stage, step: Step, _entry: Json) -> None:
    run.peers[step.who].bio.outgoing.plan.extend(step.plan)


def _eof(run: Stage, step: Step, _entry: Json) -> None:
    run.peers[step.source].bio.outgoing.ended = True


def _fail_read(run: Stage, step: Step, _entry: Json) -> None:
    run.peers[step.who].bio.read_errno = step.errno


def _inject(run: Stage, step: Step, _entry: Json) -> None:
    run.peers[step.source].bio.outgoing.arrived += bytes.fromhex(step.hex)


def _corrupt(run: Stage, step: Step, _entry: Json) -> None:
    sent = run.peers[step.source].bio.outgoing.sent
    if step.at < len(sent):
        sent[step.at] ^= 0xFF


TRANSPORT_STEPS: dict[str, Callable[[Stage, Step, Json], None]] = {
    "establish": _establish,
    "deliver": _deliver,
    "pump": _pump,
    "wake": _wake,
    "capacity": _capacity,
    "plan": _plan,
    "eof": _eof,
    "fail_read": _fail_read,
    "inject": _inject,
    "corrupt": _corrupt,
}
"""Steps that do not run on a side, so that a blocked side doesn't mind."""


def _set_mode(_run: Stage, peer: Peer, step: Step, entry: Json) -> None:
    entry["mode"] = int(peer.conn.set_mode(bits(step.modes, MODES)))


def _clear_mode(_run: Stage, peer: Peer, step: Step, entry: Json) -> None:
    entry["mode"] = int(peer.conn.clear_mode(bits(step.modes, MODES)))


def _get_mode(_run: Stage, peer: Peer, _step: Step, entry: Json) -> None:
    entry["mode"] = int(peer.conn.get_mode())


def _set_fragment(_run: Stage, peer: Peer, step: Step, entry: Json) -> None:
    if not step.keep_queue:
        peer.errors.clear()
    if step.do == "set_max_send_fragment":
        entry["ret"] = peer.conn.set_max_send_fragment(step.size)
    else:
        entry["ret"] = peer.conn.set_split_send_fragment(step.size)
    entry["queue"] = drained(peer.errors)


def _set_shutdown(_run: Stage, peer: Peer, step: Step, _entry: Json) -> None:
    peer.conn.set_shutdown(step.flags)


def _set_quiet_shutdown(_run: Stage, peer: Peer, _step: Step, _entry: Json) -> None:
    peer.conn.set_quiet_shutdown(1)


def _unset_bio(_run: Stage, peer: Peer, _step: Step, _entry: Json) -> None:
    peer.conn.set_bio(None, None)


def _put_error(_run: Stage, peer: Peer, step: Step, _entry: Json) -> None:
    peer.errors.put(peer.conn.context.errors.numeric(step.lib, 0, step.reason))


SETTING_STEPS: dict[str, Callable[[Stage, Peer, Step, Json], None]] = {
    "set_mode": _set_mode,
    "clear_mode": _clear_mode,
    "get_mode": _get_mode,
    "set_max_send_fragment": _set_fragment,
    "set_split_send_fragment": _set_fragment,
    "set_shutdown": _set_shutdown,
    "set_quiet_shutdown": _set_quiet_shutdown,
    "unset_bio": _unset_bio,
    "put_error": _put_error,
}
"""Steps on a side that record next to nothing."""
