"""A caller who keeps to the page never gets a finding, whatever happens on the way."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import ERR_clear_error, ErrorCode, Mode, SimulatedCrash, connected_pair
from emulator.error_queue import ErrorQueue, use
from emulator.pages.page import page_of

CBC = {"protocol": "TLSv1", "cipher": "AES128-SHA"}
GCM = {"protocol": "TLSv1.2", "cipher": "AES128-GCM-SHA256"}
TLS13 = {"protocol": "TLSv1.3"}
DES = {"protocol": "SSLv3", "cipher": "DES-CBC3-SHA", "build": ["ssl3", "weak-ciphers"]}
_RELEASES = (
    (DES, "0.9.6-base 0.9.6a 0.9.6c 0.9.6m 0.9.8zh 1.1.1w"),
    (CBC, "0.9.7m 0.9.8e 0.9.8l 0.9.8zh 1.0.0t 1.0.1u 1.0.2k 1.0.2u 1.1.0e 1.1.1w 3.0.16 3.2.0 3.5.4"),
    (GCM, "1.0.1u 1.0.2k 1.0.2u 1.1.0l 1.1.1-base 1.1.1w 3.0.8 3.1.4 3.2.0 3.5.4"),
    (TLS13, "1.1.1-base 1.1.1w 3.0.8 3.0.16 3.2.0 3.5.4"),
)
WORLDS = [(release, world) for world, names in _RELEASES for release in names.split()]
AUTHORITIES = (
    {"follow": "library"},
    {"follow": "manual"},
    *({"follow": "manual", "policy": policy} for policy in ("never", 1, 2, 3)),
)
WANTS = {ErrorCode.WANT_READ, ErrorCode.WANT_WRITE}
MOST_TURNS = 60

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow],
)


class Caller:
    """Writes and reads on one side, and keeps to every duty of every page."""

    def __init__(self, conn, *, moves):
        self.conn = conn
        self.moves = moves
        self.alone = page_of(conn.profile).has("while-outstanding.no-other-io")
        self.data = b""
        """What is still to be written, in one call."""
        self.due = False
        """Whether the write of it is to be repeated."""
        self.error = ErrorCode.NONE
        self.over = False
        """After a fatal error, or once the peer has closed: nothing more is called."""

    @property
    def reads(self):
        """Whether the caller may read now: after WANT_WRITE only bytes that wait decrypted."""
        writes_next = self.due and self.error is ErrorCode.WANT_WRITE and self.alone
        return not self.over and (not writes_next or self.conn.pending() > 0)

    def write(self, data):
        """Write new data, or first what is still to be written."""
        if self.over:
            return
        self.data = self.data or data
        ERR_clear_error()
        ret = self.conn.write(bytes(bytearray(self.data)) if self.moves else self.data)
        self.due = False
        if ret > 0:
            self.data = self.data[ret:]
        else:
            self.due = self.asks(ret)

    def read(self, n):
        if self.reads:
            ERR_clear_error()
            ret, _ = self.conn.read(n)
            if ret <= 0 and not self.asks(ret, writes=False):
                self.over = True

    def asks(self, ret, *, writes=True):
        """Ask for the reason, at once; whether the call may be repeated."""
        error = self.conn.get_error(ret)
        if writes:
            self.error = error
        self.over = error not in WANTS
        return not self.over

    def renegotiate(self):
        if not self.over and not self.due:
            ERR_clear_error()
            if self.conn.version() < 0x304:
                self.conn.renegotiate()
            else:
                self.conn.key_update(1)

    def shut_down(self):
        """Close the direction of the writes, unless something is under way."""
        if not self.over and not self.data and not self.conn.in_init():
            ERR_clear_error()
            ret = self.conn.shutdown()
            if ret < 0 and not self.asks(ret):
                self.over = True


def take_turns(pair, callers, steps):
    for side, what, n, room in steps:
        who = ("client", "server")[side]
        end = pair.ends[side].outgoing
        pair.set_capacity(who, None if room is None else len(end.arrived) + room)
        if what == "write":
            callers[side].write(bytes([n & 0xFF, n >> 8 & 0xFF]) * (n // 2 + 1))
        elif what == "read":
            callers[side].read(n)
        else:
            callers[side].renegotiate()


def finish(pair, callers):
    """Let everything arrive, so that each caller can do what it still has to do."""
    for who in ("client", "server"):
        pair.set_capacity(who, None)
    for _ in range(MOST_TURNS):
        for caller, end in zip(callers, pair.ends, strict=True):
            if caller.over:
                end.close()  # as a program does whose connection has failed
            if caller.data:
                caller.write(b"")
            caller.read(20_000)
        if not any(caller.data and not caller.over for caller in callers):
            return


sides = st.integers(0, 1)
rooms = st.none() | st.integers(0, 100) | st.integers(0, 40_000)
sizes = st.integers(1, 70_000) | st.sampled_from([1, 16_383, 16_384, 16_385, 32_768])
kinds = st.sampled_from(["write", "write", "write", "read", "read", "read", "renegotiate"])
schedules = st.lists(st.tuples(sides, kinds, sizes, rooms), max_size=25)


@thorough
@given(
    world=st.sampled_from(WORLDS),
    authority=st.sampled_from(AUTHORITIES),
    partial=st.booleans(),
    moves=st.booleans(),
    strict=st.booleans(),
    shuts=st.booleans(),
    steps=schedules,
)
def test_a_caller_who_keeps_to_the_page_gets_no_finding(
    world, authority, partial, moves, strict, shuts, steps
):
    use(ErrorQueue())
    release, given_settings = world
    pair = connected_pair(release, strict=strict, **authority, **given_settings)
    mode = (Mode.ENABLE_PARTIAL_WRITE if partial else 0) | (Mode.ACCEPT_MOVING_WRITE_BUFFER if moves else 0)
    callers = [Caller(conn, moves=moves) for conn in pair]
    for conn in pair:
        conn.set_mode(mode)
    take_turns(pair, callers, steps)
    finish(pair, callers)
    if shuts:
        for caller in callers:
            caller.shut_down()
            finish(pair, callers)
    pair.close()
    assert str(pair.findings) == "no findings"


RETRIES = {
    "the same": lambda data: data,
    "moved": lambda data: bytes(bytearray(data)),
    "longer": lambda data: data + b"more",
    "shorter": lambda data: data[:-1],
    "the rest": lambda data: data[1:],
    "other": lambda data: bytes(byte ^ 1 for byte in data),
    "first byte": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "last byte": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "another": lambda data: b"ping" * 20,
}
"""The next write after one that has blocked."""


@thorough
@given(
    world=st.sampled_from(WORLDS),
    size=st.integers(100, 1000) | st.integers(16_000, 100_000),
    room=st.integers(0, 200) | st.integers(0, 90_000),
    moves=st.booleans(),
    partial=st.booleans(),
    retry=st.sampled_from([*RETRIES]),
)
def test_a_retry_is_a_finding_exactly_if_it_differs(world, size, room, moves, partial, retry):
    use(ErrorQueue())
    release, given_settings = world
    pair = connected_pair(release, capacity=room, **given_settings)
    client = pair.client
    client.set_mode(
        (Mode.ENABLE_PARTIAL_WRITE if partial else 0) | (Mode.ACCEPT_MOVING_WRITE_BUFFER if moves else 0)
    )
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    ret = client.write(data)
    if ret > 0:
        return
    assert client.get_error(ret) is ErrorCode.WANT_WRITE
    pair.set_capacity("client", None)
    with suppress(SimulatedCrash):
        client.write(RETRIES[retry](data))
    if partial and retry == "last byte" and size > 4 * 16_384:
        return  # a write that sends a part is compared as far as that
    expected = retry != "the same" and not (retry == "moved" and moves)
    assert len(pair.findings) == expected
    assert not expected or pair.findings[0].code.startswith(("retry-", "write-between"))


@pytest.mark.parametrize("follow", ["manual", "library"])
@pytest.mark.parametrize(("release", "world"), WORLDS)
def test_two_blocking_callers_on_two_threads_get_no_finding(release, world, follow):
    pair = connected_pair(release, follow=follow, blocking=True, capacity=5000, **world)
    sent = bytes(range(256)) * 300

    def receive():
        got = 0
        while got < len(sent):
            ret, data = pair.server.read(20_000)
            if ret <= 0:
                assert pair.server.get_error(ret) in WANTS
            got += len(data)
        pair.server.write(b"done")

    thread = threading.Thread(target=receive)
    thread.start()
    ret = -1
    while ret <= 0:
        ret = pair.client.write(sent)
        if ret <= 0:
            assert pair.client.get_error(ret) in WANTS
    while pair.client.read(100)[0] <= 0:
        assert pair.client.get_error(-1) in WANTS
    thread.join()
    assert pair.client.shutdown() >= 0
    pair.close()
    assert str(pair.findings) == "no findings"


def test_the_caller_of_the_property_earns_findings_without_its_care():
    class Careless(Caller):
        def asks(self, ret, *, writes=True):
            self.error, self.over = ErrorCode.WANT_WRITE, False
            return True

    pair = connected_pair("3.0", protocol="TLSv1.2", capacity=100)
    caller = Careless(pair.client, moves=True)
    caller.alone = False
    caller.write(b"a" * 1000)
    caller.read(100)
    caller.write(b"")
    pair.close()
    assert set(pair.findings.codes) >= {"result-not-asked", "io-between-tries", "retry-moved"}
