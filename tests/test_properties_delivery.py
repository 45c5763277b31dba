"""Accepted bytes are delivered bytes, over any transport and with proper retries."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import ErrorCode, Mode, connected_pair
from emulator.error_queue import current

CBC = {"protocol": "TLSv1", "cipher": "AES128-SHA"}
CBC_EXPLICIT = {"protocol": "TLSv1.1", "cipher": "AES128-SHA"}
GCM = {"protocol": "TLSv1.2", "cipher": "AES128-GCM-SHA256"}
TLS13 = {"protocol": "TLSv1.3"}
DES = {"protocol": "SSLv3", "cipher": "DES-CBC3-SHA", "build": ["ssl3", "weak-ciphers"]}
RC4 = {"protocol": "TLSv1", "cipher": "RC4-SHA", "build": ["ssl3", "weak-ciphers"]}
_RELEASES = (
    (DES, "0.9.6-base 0.9.6c 0.9.6m 0.9.8zh 1.1.1w"),
    (CBC, "0.9.7m 0.9.8e 0.9.8zh 1.0.0t 1.0.1u 1.0.2k 1.0.2u 1.1.0e 1.1.1w 3.0.16 3.2.0 3.5.4"),
    (CBC_EXPLICIT, "1.0.1g 1.0.2u 1.1.0l 3.2.0"),
    (GCM, "1.0.1u 1.0.2k 1.0.2u 1.1.0e 1.1.0l 1.1.1-base 1.1.1w 3.0.8 3.1.4 3.2.0 3.5.4"),
    (TLS13, "1.1.1-base 1.1.1w 3.0.8 3.0.16 3.2.0 3.5.4"),
    (RC4, "0.9.6m 0.9.7m 1.0.0t"),
)
WORLDS = [(release, settings) for settings, names in _RELEASES for release in names.split()]
MOST_TRIES = 60

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

worlds = st.sampled_from(WORLDS)
sizes = st.integers(1, 70000) | st.sampled_from([1, 16383, 16384, 16385, 32768, 65536])
rooms = st.integers(0, 100) | st.integers(0, 40000)
schedules = st.lists(st.tuples(rooms, st.integers(1, 20000)), max_size=12)


def message(size, seed):
    return bytes((seed + i * 7) & 0xFF for i in range(251)) * (size // 251 + 1)


class Transfer:
    """One direction of a pair; the reader keeps what it read, the schedule says how much fits when."""

    def __init__(self, world, *, modes, client_writes, schedule):
        release, settings = world
        self.pair = connected_pair(release, follow="library", **settings)
        self.writer, self.reader = self.pair if client_writes else reversed(self.pair)
        self.who = "client" if client_writes else "server"
        self.writer.set_mode(modes)
        self.moves = bool(modes & Mode.ACCEPT_MOVING_WRITE_BUFFER)
        self.schedule = list(schedule)
        self.read = bytearray()

    def take(self, n):
        """Read everything that is there, ``n`` bytes at a time."""
        while True:
            ret, data = self.reader.read(n)
            if ret <= 0:
                assert self.reader.get_error(ret) == ErrorCode.WANT_READ
                return
            self.read += data

    def next_room(self):
        room, n = self.schedule.pop(0) if self.schedule else (None, 20000)
        end = self.pair.ends[0 if self.who == "client" else 1].outgoing
        self.pair.set_capacity(self.who, None if room is None else len(end.arrived) + room)
        return n

    def send(self, data, size):
        """Write with retries until the call answers; how many bytes it took."""
        for _ in range(MOST_TRIES):
            self.take(self.next_room())
            ret = self.writer.write(bytes(bytearray(data)) if self.moves else data, size)
            if ret > 0:
                return ret
            assert ret == -1
            assert self.writer.get_error(ret) == ErrorCode.WANT_WRITE
        raise AssertionError("the write never came to an end")

    def send_all(self, data):
        """As a caller of partial mode does it: what was not taken is a new write."""
        view = memoryview(data)
        while view:
            view = view[self.send(view, len(view)) :]


@thorough
@given(
    worlds, st.booleans(), st.booleans(), st.booleans(), st.lists(sizes, min_size=1, max_size=3), schedules
)
def test_what_was_accepted_arrives(world, partial, moving, client_writes, lengths, schedule):
    modes = (Mode.ENABLE_PARTIAL_WRITE if partial else 0) | (Mode.ACCEPT_MOVING_WRITE_BUFFER if moving else 0)
    transfer = Transfer(world, modes=modes, client_writes=client_writes, schedule=schedule)
    sent = b""
    for seed, length in enumerate(lengths):
        data = message(length, seed)[:length]
        transfer.send_all(data)
        sent += data
    transfer.take(20000)
    assert bytes(transfer.read) == sent
    assert len(current()) == 0


@thorough
@given(worlds, sizes, st.lists(st.integers(0, 3000), min_size=1, max_size=6), schedules)
def test_a_retry_may_be_longer_than_the_write_was(world, size, growth, schedule):
    transfer = Transfer(world, modes=0, client_writes=True, schedule=schedule)
    data = message(size + sum(growth), 0)
    for more in growth:
        transfer.take(transfer.next_room())
        ret = transfer.writer.write(data, size)
        if ret > 0:
            break
        size += more
    else:
        ret = transfer.send(data, size)
    assert ret == size
    transfer.take(20000)
    assert bytes(transfer.read) == data[:size]


@thorough
@given(worlds, st.lists(st.tuples(st.booleans(), sizes), min_size=2, max_size=6), schedules)
def test_both_ways_at_once_nothing_is_mixed_up(world, writes, schedule):
    transfer = Transfer(world, modes=0, client_writes=True, schedule=schedule)
    other = Transfer.__new__(Transfer)
    other.__dict__.update(transfer.__dict__)
    other.writer, other.reader, other.who = transfer.reader, transfer.writer, "server"
    other.schedule, other.read = list(reversed(schedule)), bytearray()
    expected = {True: b"", False: b""}
    for seed, (forth, size) in enumerate(writes):
        data = message(size, seed)[:size]
        (transfer if forth else other).send_all(data)
        expected[forth] += data
    transfer.take(20000)
    other.take(20000)
    assert (bytes(transfer.read), bytes(other.read)) == (expected[True], expected[False])
