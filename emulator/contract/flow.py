"""One direction of a pair: what its sender's caller was told is written, and where those bytes are now.

The bytes pass four places.  The sender's caller *offers* them; a call that succeeds has *accepted* them; the
sender makes them into *records*; the receiver *opens* the records, and its caller is *delivered* them.  Two
queues have the content of the records: one until it is accepted, one until it is delivered.  So no more is
kept than is on the way.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from emulator.constants import SSL3_RT_HEADER_LENGTH, ContentType, ErrorCode, Shutdown
from emulator.contract.byte_queue import SHOWN, ByteQueue
from emulator.contract.call import READS
from emulator.contract.holding import at_hand, buffered, has_ended, in_transport, stranded, unopened, waiting
from emulator.contract.leaving import LEAVES, Leaving
from emulator.contract.losses import Loss, Record, name_of
from emulator.engine.early_data.state import EarlyDataState
from emulator.exceptions import UsageError
from emulator.handshake.common.state import EarlyData

if TYPE_CHECKING:
    from emulator.contract.call import Call
    from emulator.contract.losses import CallName
    from emulator.engine.ssl import SSL

_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_UNFINISHED = (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)
_SUCCESS = 1
_new = tuple.__new__  # makes a NamedTuple in less than half the time
_WITH_PREFIX = 2
"""An empty record and one with the data; a multiblock write makes four or eight records of one size."""


class Flow:
    """The bytes from one connection to the other; positions are counted from the first byte, which is 0."""

    def __init__(self, sender: str, receiver: str, out: SSL, inp: SSL) -> None:
        self.sender = sender
        self.receiver = receiver
        self._out = out
        self._inp = inp
        self.offered = 0
        """The position behind the last byte that the sender's caller has offered."""
        self.accepted = 0
        """The position behind the last byte of which the caller was told that it is written."""
        self.recorded = 0
        """The position behind the last byte that was made into a record."""
        self.opened = 0
        """The position behind the last byte whose record the receiver has opened."""
        self.delivered = 0
        """The position behind the last byte that the receiver's caller was given."""
        self.rejected = 0
        """Bytes of early data that the server has rejected: they were not delivered, and are counted so."""
        self.records: deque[Record] = deque()
        """The records whose bytes are on the way, oldest first."""
        self.fault: Loss | None = None
        """The first loss that cannot be undone."""
        self.stuck: Loss | None = None
        """Accepted bytes that the receiver cannot read in its present state."""
        self.abandoned: Loss | None = None
        """Bytes of an unfinished write that no retry can finish in the sender's present state."""
        self.untold: Loss | None = None
        """Early data that was rejected, as long as the caller has not called get_early_data_status()."""
        self._meant: bytearray | None = None
        """The bytes that the sender's caller is expected to write; None: nobody said so."""
        self._meant_from = 0
        self._unaccepted = ByteQueue()
        self._undelivered = ByteQueue()
        self._follows = True
        self._early = 0
        self._pending: CallName | None = None
        self._broken = False
        self._ended = False
        self._leaving = Leaving(out, inp)
        self._deaf = False
        """Whether the receiver could read nothing more after its last call."""

    def expect(self, data: bytes) -> None:
        """Hold the calls from now on to the bytes that they are to write; more of them may follow."""
        if self._meant is None:
            self._meant, self._meant_from = bytearray(), self.accepted
        self._meant += data

    # -- records ----------------------------------------------------------------------------------

    def made(self, call: Call | None, kind: int, content: bytes | memoryview, wire: bytes) -> None:
        """Take note of records that the sender has made, before they leave."""
        name = None if call is None else call.notes.get("name") or name_of(call)
        size = 0
        if kind == _APPLICATION_DATA:
            size = len(content)
            if size and call is None:
                self._unheard(f"the {self.sender} has sent", self.recorded)
            self._take_content(name, content if type(content) is bytes else bytes(content), wire)
        length = wire[3] << 8 | wire[4]
        if length + SSL3_RT_HEADER_LENGTH == len(wire):
            self.records.append(_new(Record, (kind, length, size, self.recorded, name)))
        else:
            self._note_records(kind, size, wire, name)

    def _note_records(self, kind: int, size: int, wire: bytes, name: CallName | None) -> None:
        """Several records that were made at once."""
        lengths = _lengths(wire)
        shares = [0, size] if len(lengths) == _WITH_PREFIX else [size // len(lengths)] * len(lengths)
        end = self.recorded - size
        for length, share in zip(lengths, shares, strict=True):
            end += share
            self.records.append(Record(kind, length, share, end, name))

    def _take_content(self, name: CallName | None, content: bytes, wire: bytes) -> None:
        if wire.endswith(content) and _is_plain(content, wire):
            says = "the bytes were sent without keys, for everybody to read"
            self._fail("plaintext", self.recorded, says, name, found=content[:SHOWN])
        if self._out.early_data_state is EarlyDataState.WRITING:
            self._early += len(content)
        self.recorded += len(content)
        if content and self._follows:
            self._unaccepted.append(content)
            self._undelivered.append(content)

    def _unheard(self, what: str, at: int) -> None:
        says = f"{what} bytes in a call that the ledger could not hear: a class of its own must use super()"
        self._fail("unheard", at, says, None)

    def was_opened(self, call: Call | None, kind: int, content: bytes | None) -> None:
        """Take note of a record that the receiver has opened, or of one that it could not open."""
        if content is None:
            self._broken = self._broken or kind == _APPLICATION_DATA
        elif kind == _APPLICATION_DATA:
            if content and call is None:
                self._unheard(f"the {self.receiver} has taken", self.opened)
            self.opened += len(content)
            self._broken = self._ended = False
        elif self.records and self.records[0].type == kind:
            self.records.popleft()

    # -- calls ------------------------------------------------------------------------------------

    def wrote(self, call: Call) -> None:
        """Take note of the end of a call that writes."""
        if self._follows and self._is_one_record(call):
            self._unaccepted.drop_first()
            self.accepted = self.recorded
            self.offered = max(self.offered, self.recorded)
            self._pending = None
            return
        if not isinstance(call.raised, UsageError):  # one that crashed or waits for ever was made
            start, size = self.accepted, name_of(call).size
            if not self._is_refused(call):
                self.offered = max(self.offered, start + size)
        if call.raised is None:
            self._end_or_pend(call)
            if call.count > 0:
                self._accept(call, start, min(call.count, size))
        if self._follows and self.recorded > self.offered:
            self._beyond(call, self.offered)

    def _is_refused(self, call: Call) -> bool:
        """Whether the call failed while another write was unfinished, whose bytes were not others'."""
        failed = call.raised is None and call.count <= 0 and call.error not in _UNFINISHED
        return failed and self._pending is not None

    def _end_or_pend(self, call: Call) -> None:
        """A write that fails for good does not finish the one before it, whose records may wait."""
        if call.error in _UNFINISHED:
            self._pending = name_of(call)
        elif call.count > 0:
            self._pending = None

    def wrote_within(self, call: Call, outer: Call) -> None:
        """Take note of the end of a write that the transport has made in the middle of another one."""
        if call.count > 0 or call.error in _UNFINISHED:
            says = f"the transport has written in the middle of {name_of(outer)}"
            self._fail("reentered", self.accepted, says, name_of(call))

    def _is_one_record(self, call: Call) -> bool:
        """The usual case: a success, whose bytes are those of the one record that was made since the last."""
        given = call.args[0] if call.args else None
        return (
            isinstance(given, bytes)
            and self._unaccepted.is_first(given)
            and call.count == len(given)
            and self.recorded - self.accepted == call.count
            and self.delivered <= self.accepted
            and self._meant is None
            and not self._out.out.waiting
        )

    def _accept(self, call: Call, start: int, count: int) -> None:
        self.accepted = start + count
        if self._follows:
            view = call.view
            whole = type(view) is bytes and count == len(view)
            data: bytes = view if whole else bytes(view[:count])  # type: ignore[assignment]
            difference = self._unaccepted.take(data)
            if difference is not None:
                self._fail_accepted(call, *difference)
            elif self._meant is not None:
                self._hold_to_meaning(call, start, data, self._meant)
        if self._follows and self.recorded > self.accepted:
            self._beyond(call, self.accepted)
        if self._follows and self._out.out.waiting and stranded(self._out):
            self._strand(call)
        self._retire()

    def _hold_to_meaning(self, call: Call, start: int, data: bytes, meant: bytearray) -> None:
        queue = ByteQueue()
        place = start - self._meant_from
        queue.append(bytes(meant[place : place + len(data)]))
        difference = queue.take(data)
        if difference is not None:
            at, expected, found = difference
            says = "the call has written other bytes than those that it was expected to write"
            self._fail("unexpected", start + at, says, name_of(call), expected, found)

    def _fail_accepted(self, call: Call, at: int, recorded: bytes, expected: bytes) -> None:
        if recorded:
            says = "the records have other bytes than the call that succeeded"
            self._fail("changed", at, says, name_of(call), expected, recorded)
        else:
            says = "the call has succeeded, and no record has these bytes"
            self._fail("unrecorded", at, says, name_of(call), expected)

    def _beyond(self, call: Call, at: int) -> None:
        found = self._unaccepted.look(at - self._unaccepted.at)
        says = f"{self.recorded - at} bytes were sent that are beyond those of the caller"
        self._fail("beyond", at, says, name_of(call), found=found)

    def _strand(self, call: Call) -> None:
        left = stranded(self._out)
        at = self.recorded
        for record in reversed(self.records):
            if left <= 0:
                break
            left -= SSL3_RT_HEADER_LENGTH + record.length
            at = record.end - record.size
        says = "the call has succeeded, the transport has not taken its record, and the next write is refused"
        expected = self._undelivered.look(at - self._undelivered.at)
        self._fail("unsent", at, says, name_of(call), expected)

    def was_read(self, call: Call, data: bytes) -> None:
        """Take note of bytes that the receiver's caller was given."""
        difference = self._undelivered.take(data) if self._follows else None
        self.delivered += len(data)
        if difference is not None:
            at, expected, found = difference
            says = "the peer was given other bytes" if expected else "the peer was given bytes nobody wrote"
            self._fail("delivered-other", at, says, name_of(call), expected, found)
        elif self.delivered > self.opened:
            at = max(self.opened, self.delivered - len(data))
            says = "the peer was given bytes of a record that could not be opened"
            self._fail("unopened", at, says, name_of(call), found=data[at - self.delivered :][:SHOWN])
        self._retire()

    def _retire(self) -> None:
        done, records = min(self.delivered, self.accepted), self.records
        while records and records[0].end <= done:
            records.popleft()

    # -- states -----------------------------------------------------------------------------------

    def settle(self, call: Call, *, by_receiver: bool) -> None:
        """Look at both connections after a call on one of them."""
        if call.ret is not None and call.ret > 0 and self._is_plain_sailing(by_receiver=by_receiver):
            return
        if call.name in LEAVES and (call.within is None or call.within.name not in LEAVES):
            (self._leaving.receiver_left if by_receiver else self._leaving.sender_left)(call)
        if by_receiver:
            self._settle_receiver(call)
        elif call.name == "clear" and call.ret == _SUCCESS:
            self._settle_cleared_sender(call)
        if self._early:
            self._settle_early_data(call, by_receiver=by_receiver)
        if self._pending is not None or self.abandoned is not None:
            self.abandoned = self._still(self.abandoned, call, *self._why_abandoned())
        if self.fault is not None:
            return
        if self.accepted > self.delivered:
            self.stuck = self._still(self.stuck, call, *self._why_stuck())
        else:
            self.stuck = None

    def _is_plain_sailing(self, *, by_receiver: bool) -> bool:
        """Whether a call that succeeded cannot have changed what is lost: the usual case, which is cheap.

        The sender's call does not change what the receiver can read; the receiver's call matters where bytes
        are on the way.
        """
        if self._early or self._pending is not None or self.abandoned is not None or self.stuck is not None:
            return False
        if by_receiver:
            return self.accepted == self.delivered == self.opened
        return not self._deaf and self._inp.crash is None

    def _settle_receiver(self, call: Call) -> None:
        if self.opened > self.delivered and self.opened - self.delivered > at_hand(self._inp):
            says = f"the {self.receiver} has thrown the bytes away"
            self._fail("discarded", self.delivered, says, name_of(call), self._expected())
        if call.name == "clear" and call.ret == _SUCCESS and self.accepted > self.delivered:
            says = f"SSL_clear() of the {self.receiver} has forgotten the keys for the bytes on the way"
            self._fail("cleared", self.delivered, says, name_of(call), self._expected())
        if call.name in READS and call.error is ErrorCode.SYSCALL and has_ended(self._out, self._inp):
            self._ended = True
        self._deaf = bool(self._why_deaf()[0])

    def _settle_cleared_sender(self, call: Call) -> None:
        if self._pending is not None and self.recorded > self.accepted:
            says = "SSL_clear() has dropped an unfinished write"
            self.abandoned = self._loss("abandoned", self.accepted, says, name_of(call))
            self._stop()
        self._pending = None

    def _settle_early_data(self, call: Call, *, by_receiver: bool) -> None:
        # Before the handshake is done ``s->ext.early_data`` says rejected, whatever the server will say.
        if self.untold is not None and call.name == "get_early_data_status" and not by_receiver:
            self.untold = None
            self._early = 0
        elif self._out.first_handshake or self.untold is not None:
            return
        elif self._out.hs.early_data is EarlyData.ACCEPTED:
            self._early = 0
        else:
            self.untold = self._loss(
                "early-data-rejected",
                self.delivered,
                "the server has rejected the early data, and get_early_data_status() was not called yet",
                name_of(call),
                self._expected(),
            )
            self.rejected = self._early
            self.opened += self._early
            self.delivered += self._early
            self._undelivered.drop(self._early)
            self._retire()

    def _why_abandoned(self) -> tuple[str, int, str]:
        s = self._out
        at = self.accepted
        if not self._follows and self._pending is None:
            return "abandoned", at, "SSL_clear() has dropped an unfinished write"
        if s.shutdown & Shutdown.SENT:
            return "abandoned", at, "close_notify was sent while a write was unfinished"
        if s.crash is not None or (s.machine is not None and s.machine.in_error()):
            return "abandoned", at, f"the {self.sender} has failed while a write was unfinished"
        return "", 0, ""

    def _why_stuck(self) -> tuple[str, int, str]:
        """The reason why accepted bytes cannot be delivered as things are; "" if they can."""
        deaf = self._why_deaf()
        if deaf[0]:
            return deaf
        if self._ended and self.opened < self.accepted:
            return "transport-ended", self.opened, "the transport has ended before the bytes arrived"
        s = self._out
        if s.machine is not None and s.machine.in_error() and self.opened < self.accepted and buffered(s):
            return "sender-failed", self.opened, f"the {self.sender} has failed with the bytes in its buffer"
        return "", 0, ""

    def _why_deaf(self) -> tuple[str, int, str]:
        """The reason why the receiver can deliver nothing more, whatever arrives; "" if it can."""
        r, at = self._inp, self.delivered
        if r.crash is not None:
            return "crashed", at, "the process has died with the bytes on the way"
        if r.shutdown & Shutdown.RECEIVED:
            return "shut-down", at, f"the {self.receiver} counts as closed by its peer, and reads no more"
        if r.machine is not None and r.machine.in_error():
            return "receiver-failed", at, f"the {self.receiver} has failed, and reads no more"
        if self._broken:
            return "unreadable", self.opened, f"the {self.receiver} could not open a record"
        return "", 0, ""

    def gone(self) -> Loss | None:
        """The loss of bytes that nobody reads or sends any more, or that are nowhere."""
        if not self._follows or self.accepted <= self.delivered:
            return None
        return self._unread() or self._unsent() or self._missing()

    def _unread(self) -> Loss | None:
        """The loss of bytes that the receiver has left behind, in its transport or unread in itself."""
        left = self._leaving.by_receiver
        if left is None:
            return None
        if left.closes and self.opened > self.delivered:
            at, says = self.delivered, f"the {self.receiver} was closed with bytes that were not read"
        elif self.accepted > self.opened and (unread := self._leaving.unread()):
            at = self.opened
            says = f"the {self.receiver} has left its transport, with {unread} bytes in it that were not read"
        else:
            return None
        return self._loss("left", at, says, left.step, self._undelivered.look(at - self._undelivered.at))

    def _unsent(self) -> Loss | None:
        left = self._leaving.by_sender
        at = None if left is None else self._leaving.unsent_from(reversed(self.records), self.accepted)
        if at is None or left is None:
            return None
        says = f"the {self.sender} has left its buffer, which was not flushed"
        expected = self._undelivered.look(at - self._undelivered.at)
        return self._loss("unflushed", at, says, left.step, expected)

    def _missing(self) -> Loss | None:
        """The loss of bytes that are in no record that waits, and not in the transport."""
        s, r = self._out, self._inp
        between = in_transport(s, r)
        if self.accepted <= self.opened or waiting(s) or between is None:
            return None
        at = self._incomplete_from(between + unopened(r))
        if at is None:
            return None
        says = "neither the transport nor a connection has the bytes, or all bytes of their record"
        return self._loss("missing", at, says, None, self._undelivered.look(at - self._undelivered.at))

    def _incomplete_from(self, there: int) -> int | None:
        """The first position whose record needs more than the bytes that are there; None: there is none."""
        if not there:
            return self.opened
        for record in self.records:
            if self.opened < record.end <= self.accepted:
                there -= SSL3_RT_HEADER_LENGTH + record.length
                if there < 0 and record.size:
                    return record.end - record.size
        return None

    def undelivered(self) -> Loss | None:
        """The bytes that the receiver's caller does not have: told as written, or expected to be written."""
        if self.accepted <= self.delivered:
            return self._unwritten()
        says = f"{self.accepted - self.delivered} bytes are on the way, and were not read yet"
        return self._loss("undelivered", self.delivered, says, None, self._expected())

    def _unwritten(self) -> Loss | None:
        meant = self._meant or b""
        place = self.accepted - self._meant_from
        if place >= len(meant):
            return None
        says = f"{len(meant) - place} bytes that were expected were never written"
        return self._loss("unwritten", self.accepted, says, None, bytes(meant[place : place + SHOWN]))

    # -- losses -----------------------------------------------------------------------------------

    def _still(self, former: Loss | None, call: Call, code: str, at: int, says: str) -> Loss | None:
        """The loss that the state means; the same as before if there was one already."""
        if not code:
            return None
        if former is not None:
            return former
        expected = self._expected() if code != "abandoned" else b""
        return self._loss(code, at, says, name_of(call), expected)

    def _expected(self) -> bytes:
        return self._undelivered.look() if self._follows else b""

    def _fail(
        self, code: str, at: int, says: str, step: CallName | None, expected: bytes = b"", found: bytes = b""
    ) -> None:
        if self.fault is None:
            self.fault = self._loss(code, at, says, step, expected, found)
            self._stop()

    def _stop(self) -> None:
        """Compare nothing more: behind the first difference everything would be one."""
        self._follows = False
        self._unaccepted.clear()
        self._undelivered.clear()

    def _loss(
        self, code: str, at: int, says: str, step: CallName | None, expected: bytes = b"", found: bytes = b""
    ) -> Loss:
        offered_by = next((record.call for record in self.records if record.end > at), None)
        return Loss(code, self.sender, at, says, expected, found, step, offered_by)


def _lengths(wire: bytes) -> list[int]:
    """The lengths in the headers of whole records."""
    found, at = [], 0
    while at + SSL3_RT_HEADER_LENGTH <= len(wire):
        found.append(wire[at + 3] << 8 | wire[at + 4])
        at += SSL3_RT_HEADER_LENGTH + found[-1]
    return found


def _is_plain(content: bytes, wire: bytes) -> bool:
    """Whether the last record has the content as it is, behind no more than zeros in place of an IV."""
    body = wire[len(wire) - _lengths(wire)[-1] :]
    return body.endswith(content) and not any(body[: len(body) - len(content)])
