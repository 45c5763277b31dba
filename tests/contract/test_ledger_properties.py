"""Well-behaved callers lose nothing, at no moment and on no release; planted losses are named."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from emulator import ErrorCode, LedgerError, Mode, connected_pair
from emulator.error_queue import current

TLS10 = {"protocol": "TLSv1", "cipher": "AES128-SHA"}
TLS12 = {"protocol": "TLSv1.2", "cipher": "AES128-GCM-SHA256"}
TLS13 = {"protocol": "TLSv1.3"}
SSL3 = {"protocol": "SSLv3", "cipher": "DES-CBC3-SHA", "build": ["ssl3", "weak-ciphers"]}
_RELEASES = (
    (SSL3, "0.9.6-base 0.9.6m 0.9.8zh"),
    (TLS10, "0.9.7m 0.9.8e 0.9.8zh 1.0.0t 1.0.1u 1.0.2u 1.1.0l 1.1.1w 3.0.16 3.2.0 3.5.4"),
    (TLS12, "1.0.1u 1.0.2k 1.0.2u 1.1.0e 1.1.1-base 1.1.1w 3.0.8 3.1.4 3.2.0 3.5.4"),
    (TLS13, "1.1.1-base 1.1.1w 3.0.8 3.2.0 3.5.4"),
)
WORLDS = [(release, world) for world, names in _RELEASES for release in names.split()]
PAYLOAD = bytes(index * 7 & 0xFF for index in range(251)) * 400

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

sides = st.sampled_from(["client", "server"])
sizes = st.integers(1, 60000) | st.sampled_from([1, 16384, 16385, 32768])
steps = st.one_of(
    st.tuples(st.just("write"), sides, sizes),
    st.tuples(st.just("read"), sides, st.integers(1, 40000)),
    st.tuples(st.just("peek"), sides, st.integers(1, 100)),
    st.tuples(st.just("capacity"), sides, st.none() | st.integers(0, 40000)),
    st.tuples(st.just("deliver"), sides, st.none() | st.integers(0, 20000)),
    st.tuples(st.just("new keys"), sides, st.booleans()),
)


class Caller:
    """One side's program: it repeats an unfinished write with the same arguments, and does nothing wrong."""

    def __init__(self, conn, *, moves):
        self.conn = conn
        self.moves = moves
        self.pending = None
        self.sent = 0

    def write(self, size):
        data = self.pending
        if data is None:
            start = self.sent % 251
            data = PAYLOAD[start : start + size]
        ret = self.conn.write(bytes(bytearray(data)) if self.moves else data)
        if ret > 0:
            self.sent += ret
            self.pending = None
        else:
            assert self.conn.get_error(ret) in (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)
            self.pending = data

    def read(self, size):
        self.may_fail(*self.conn.read(size))

    def peek(self, size):
        self.may_fail(*self.conn.peek(size))

    def may_fail(self, ret, _):
        if ret <= 0:
            assert self.conn.get_error(ret) in (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)


class Run:
    def __init__(self, world, *, modes, moves, follow, manual):
        current().clear()
        release, more = world
        self.pair = connected_pair(release, follow=follow, delivery="manual" if manual else "at-once", **more)
        self.callers = {}
        for who, conn in zip(("client", "server"), self.pair, strict=True):
            conn.set_mode(modes | (Mode.ACCEPT_MOVING_WRITE_BUFFER if moves else 0))
            self.callers[who] = Caller(conn, moves=moves)

    def step(self, do, who, value):
        caller = self.callers[who]
        if do == "capacity":
            self.pair.set_capacity(who, value)
        elif do == "deliver":
            self.pair.deliver(who, value)
        elif do == "new keys":
            self.new_keys(caller, value)
        else:
            getattr(caller, do)(value)

    def new_keys(self, caller, both):
        """A KeyUpdate where no write is unfinished; a renegotiation where no data is on the way, either."""
        if any(each.pending is not None for each in self.callers.values()):
            return
        if caller.conn.version() == 0x304:
            caller.conn.key_update(int(both))
        elif not any(end.outgoing.sent or end.outgoing.arrived for end in self.pair.ends):
            refuses = self.pair.client.context.profile.name.startswith("3")  # the client's, unless allowed
            self.renegotiate(self.pair.server if refuses else caller.conn)

    def renegotiate(self, conn):
        """Where data is at hand that was not read, most releases fail: the caller reads it first."""
        for caller in self.callers.values():
            caller.read(60000)
        rooms = [end.outgoing.capacity for end in self.pair.ends]
        for end in self.pair.ends:
            end.outgoing.capacity = None
        conn.renegotiate()
        conn.do_handshake()
        for _ in range(6):
            for each in self.pair:
                self.pair.deliver()
                each.read(1)
        for end, room in zip(self.pair.ends, rooms, strict=True):
            end.outgoing.capacity = room

    def finish(self):
        for who in ("client", "server"):
            self.pair.set_capacity(who, None)
        for _ in range(40):
            for caller in self.callers.values():
                self.pair.deliver()
                if caller.pending is not None:
                    caller.write(0)
                self.pair.deliver()
                for _ in range(8):
                    caller.read(60000)
                self.pair.ledger.check()


@thorough
@given(
    st.sampled_from(WORLDS),
    st.sampled_from(["library", "manual"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.lists(steps, max_size=25),
)
def test_well_behaved_callers_lose_nothing_at_any_moment(world, follow, partial, moves, manual, schedule):
    run = Run(
        world, modes=Mode.ENABLE_PARTIAL_WRITE if partial else 0, moves=moves, follow=follow, manual=manual
    )
    ledger = run.pair.ledger
    for step in schedule:
        run.step(*step)
        ledger.check()
        assert ledger.doomed() is None
        current().clear()
    run.finish()
    assert ledger.doomed() is None
    ledger.check(delivered=True)
    assert ledger.client.accepted == run.callers["client"].sent


@thorough
@given(
    st.sampled_from(WORLDS),
    st.lists(st.integers(1, 20000), max_size=3),
    st.integers(1, 50000),
    st.integers(0, 40000),
    st.integers(0, 49999),
)
def test_a_retry_with_another_byte_is_named_by_its_position(world, before, size, room, place):
    assume(place < size)
    run = Run(world, modes=0, moves=True, follow="library", manual=False)
    client, ledger = run.pair.client, run.pair.ledger
    for length in before:
        assert client.write(PAYLOAD[:length]) == length
    run.pair.set_capacity("client", len(run.pair.ends[1].incoming.arrived) + room)
    data = PAYLOAD[:size]
    assume(client.write(data) < 0)
    sealed = ledger.client.recorded - sum(before)
    other = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    run.pair.set_capacity("client", None)
    assert client.write(other) == size
    if place >= sealed:  # the byte had not been made into a record, so the peer gets the new one
        ledger.check()
        return
    with pytest.raises(LedgerError) as caught:
        ledger.check()
    assert (caught.value.code, caught.value.offset) == ("changed", sum(before) + place)
    assert ledger.doomed().step.size == size


@thorough
@given(st.sampled_from(WORLDS), st.lists(st.integers(1, 30000), min_size=1, max_size=4), st.data())
def test_bytes_that_the_transport_drops_are_named_by_their_record(world, lengths, data):
    pair = Run(world, modes=0, moves=False, follow="library", manual=True).pair
    for length in lengths:
        pair.client.write(PAYLOAD[:length])
    lost = data.draw(st.sampled_from([record for record in pair.ledger.client.records if record.size]))
    wire = pair.ends[0].outgoing.sent
    start = place_of(lost, pair.ledger.client.records, wire)
    del wire[start : start + 5 + lost.length]
    pair.deliver()
    for _ in range(20):
        pair.server.read(60000)
    with pytest.raises(LedgerError) as caught:
        pair.ledger.check()
    assert caught.value.offset == lost.end - lost.size
    assert caught.value.loss.offered_by == lost.call


def place_of(wanted, records, wire):
    """Where a record begins in what has left; an empty one may come before it, and is not in the ledger."""
    at = 0
    for record in records:
        while int.from_bytes(wire[at + 3 : at + 5], "big") != record.length:
            at += 5 + int.from_bytes(wire[at + 3 : at + 5], "big")
        if record == wanted:
            return at
        at += 5 + record.length
    raise AssertionError("the record has not left")
