"""The ledger of a pair: whether what callers were told is written is what their peers get.

SSL_write() that returns n has promised the caller that n bytes will reach the peer, in order and as they
were, as long as the connection lives.  The ledger holds both directions to that.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from emulator.api.arguments import flag, instance, one_of, plain_bytes
from emulator.api.caller_bytes import view_of
from emulator.api.connection_settings import ConnectionSettings
from emulator.contract.call import WRITES, Listener
from emulator.contract.flow import Flow
from emulator.contract.path import listen
from emulator.exceptions import LedgerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.contract.call import Call
    from emulator.contract.losses import Loss, Record

DELIVERS = frozenset({"read", "read_ex", "read_early_data"})
"""The calls that give bytes to the caller for good."""

OFFERS = WRITES | {"write_early_data"}
"""The calls that take bytes of the caller."""


class Direction(NamedTuple):
    """The bytes of one side's caller, at one moment; numbers of bytes from the beginning.

    ``offered``: passed to a write, even if it failed; a retry is not counted again, and a write that was
    refused because another one was unfinished is not counted.  ``accepted``: told as written.  ``recorded``:
    made into records.  ``opened``: in records that the peer has opened.  ``delivered``: given to the peer's
    caller; early data that the server rejected is counted here, and in ``rejected``.  ``records`` are those
    whose bytes are on the way.
    """

    sender: str
    offered: int
    accepted: int
    recorded: int
    opened: int
    delivered: int
    rejected: int
    records: tuple[Record, ...]

    @property
    def on_the_way(self) -> int:
        """Bytes that are in records, of unfinished writes too, and that the peer's caller does not have yet.

        Bytes that a loss keeps from the peer are counted.
        """
        return max(self.recorded - self.delivered, 0)

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {getattr(self, name)}" for name in _COUNTS)
        rejected = f", rejected {self.rejected}" if self.rejected else ""
        return f"{self.sender}: {counts}{rejected}, on the way {self.on_the_way}"


_COUNTS = ("offered", "accepted", "recorded", "opened", "delivered")


class Ledger:
    """The accounts of two connections that are joined: one for the bytes of each.

    ``connected_pair()`` has one; ``Ledger(client, server)`` is for two connections that were joined by hand.
    Bytes count from the moment at which the ledger was made.
    """

    def __init__(
        self,
        client: ConnectionSettings,
        server: ConnectionSettings,
        *,
        _clock: Iterator[int] | None = None,
    ) -> None:
        ends = [
            instance(name, end, ConnectionSettings, or_none=False)
            for name, end in (("client", client), ("server", server))
        ]
        if client is server:
            raise UsageError("server: got the client, expected the connection at the other end")
        for name, end in zip(("client", "server"), ends, strict=True):
            path = end.__dict__.get("_path")
            if path is not None and path.listener_of(_Accountant) is not None:
                raise UsageError(f"{name}: this connection has a ledger already")
        clock = _clock if _clock is not None else itertools.count(1)
        there = Flow("client", "server", client._s, server._s)  # noqa: SLF001
        back = Flow("server", "client", server._s, client._s)  # noqa: SLF001
        self._flows = {"client": there, "server": back}
        self._paths = (
            listen(client, _Accountant(sends=there, receives=back), who="client", clock=clock),
            listen(server, _Accountant(sends=back, receives=there), who="server", clock=clock),
        )

    @property
    def client(self) -> Direction:
        """The account of the bytes that the client's caller writes."""
        return _account_of(self._flows["client"])

    @property
    def server(self) -> Direction:
        """The account of the bytes that the server's caller writes."""
        return _account_of(self._flows["server"])

    def expect(self, sender: Literal["client", "server"], data: bytes | bytearray | memoryview) -> None:
        """Say what the caller of a side is to write next, so that check() finds a caller who does otherwise.

        Only so can the ledger tell that a caller writes bytes twice, or forgets some.  Further calls add to
        the bytes.
        """
        flow = self._flows[one_of("sender", sender, ("client", "server"))]
        flow.expect(plain_bytes("data", data, "the bytes that are to be written"))

    def check(self, *, delivered: bool = False) -> None:
        """Prove that of the bytes that were told as written none was lost, doubled, reordered or changed.

        Each of them was delivered, or is on the way, and is what expect() says, if that was called.  With
        ``delivered=True`` all must have been delivered, as at the end of a test.  Raises LedgerError, which
        says where it is otherwise.
        """
        all_delivered = flag("delivered", delivered)
        loss = next(iter(self._losses()), None)
        if loss is None and all_delivered:
            found = (flow.undelivered() for flow in self._flows.values())
            loss = next((each for each in found if each is not None), None)
        if loss is not None:
            raise LedgerError(loss)

    def doomed(self) -> Loss | None:
        """The first loss that nothing can avoid any more; its ``step`` is the call since which that is so.

        This is also an unfinished write that no retry can finish, after SSL_shutdown() for example; check()
        does not tell of that, since no call has succeeded.  A loss is taken back if a later call makes the
        bytes readable again.  None: there is none.
        """
        losses = list(self._losses())
        losses += [flow.abandoned for flow in self._flows.values() if flow.abandoned is not None]
        return min(losses, key=_number_of_step, default=None)

    def _losses(self) -> Iterator[Loss]:
        idle = not any(path.under_way for path in self._paths)
        for flow in self._flows.values():
            known = (loss for loss in (flow.fault, flow.stuck, flow.untold) if loss is not None)
            found = min(known, key=_number_of_step, default=None)
            if found is None and idle:
                found = flow.gone()
            if found is not None:
                yield found

    def __str__(self) -> str:
        return f"{self.client}\n{self.server}"

    def __repr__(self) -> str:
        return f"<Ledger: {self.client}; {self.server}>"


def _account_of(flow: Flow) -> Direction:
    counts = {name: getattr(flow, name) for name in (*_COUNTS, "rejected")}
    return Direction(flow.sender, records=tuple(flow.records), **counts)


def _number_of_step(loss: Loss) -> float:
    return math.inf if loss.step is None else loss.step.number


class _Accountant(Listener):
    """Keeps the accounts of one connection: of the bytes that it sends, and of those that it receives."""

    hears_state = False
    hears_records = True
    hears_nested = True

    def __init__(self, *, sends: Flow, receives: Flow) -> None:
        self._sends = sends
        self._receives = receives
        self.made = sends.made  # type: ignore[method-assign]  # a call less for every record

    def opened(self, call: Call | None, kind: int, content: bytes | None) -> None:
        """Hear of a record that the connection has received."""
        self._receives.was_opened(call, kind, content)

    def after(self, call: Call) -> None:
        """Hear of a call that has ended."""
        if call.name in OFFERS and call.within is not None and call.within.name in OFFERS:
            self._sends.wrote_within(call, call.within)
        elif call.name in OFFERS:
            self._sends.wrote(call)
        elif call.name in DELIVERS and call.count > 0:
            self._receives.was_read(call, _bytes_read(call))
        self._sends.settle(call, by_receiver=False)
        self._receives.settle(call, by_receiver=True)


def _bytes_read(call: Call) -> bytes:
    answered: Any = call.answered
    if isinstance(answered, tuple):
        data: bytes = answered[1]
        return data
    into = call.args[1] if len(call.args) > 1 else call.keywords["into"]
    return bytes(view_of(into)[1][: call.count])
