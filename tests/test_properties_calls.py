"""Any calls in any order are answered as C answers them: never an exception of Python's, never a hang."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import (
    Buffer,
    ErrorCode,
    NotEmulated,
    SimulatedCrash,
    Want,
    connected_pair,
    make_scripted_bio_pair,
)
from emulator.error_queue import current

RELEASES = [
    "0.9.6-base", "0.9.6m", "0.9.7m", "0.9.8l", "0.9.8zh", "1.0.0l", "1.0.0t", "1.0.1g", "1.0.1u",
    "1.0.2-base", "1.0.2k", "1.0.2q", "1.0.2u", "1.1.0e", "1.1.0l", "1.1.1-base", "1.1.1d", "1.1.1e",
    "1.1.1w", "0.9.8e-fips-rhel5", "1.0.1e-fips", "3.0.7", "3.0.16", "3.1.4", "3.2.0", "3.5.4",
]  # fmt: skip

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=600,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

lengths = st.sampled_from([0, 1, 5, 1000, 16384, 16385, 40000, 70000]) | st.integers(0, 80000)
answers = st.sampled_from(["retry", "zero", "zero-retry", "fail", {"errno": 32}]) | st.integers(1, 30000)
sides = st.integers(0, 1)


def call(name, *arguments):
    return st.tuples(sides, st.just(name), st.tuples(*arguments))


STEPS = st.one_of(
    call("write", st.integers(0, 2), lengths | st.integers(-3, -1)),
    call("write", st.just(0), lengths),
    call("write_ex", st.integers(0, 2), lengths),
    call("read", st.integers(0, 20000) | st.integers(-2, 1)),
    call("peek", st.integers(0, 20000)),
    call("do_handshake"),
    call("connect"),
    call("accept"),
    call("shutdown"),
    call("renegotiate"),
    call("renegotiate_abbreviated"),
    call("key_update", st.integers(0, 1)),
    call("new_session_ticket"),
    call("write_early_data", st.integers(0, 2), lengths),
    call("read_early_data", st.integers(0, 20000)),
    call("set_block_padding", st.integers(0, 16384)),
    call("set_num_tickets", st.integers(0, 3)),
    call("set_mode", st.integers(0, 31)),
    call("clear_mode", st.integers(0, 31)),
    call("set_shutdown", st.integers(0, 3)),
    call("set_quiet_shutdown", st.integers(0, 1)),
    call("set_max_send_fragment", st.integers(0, 17000)),
    call("set_options", st.sampled_from([0x800, 0x4000, 0x40000, 0x40000000])),
    call("set_connect_state"),
    call("set_accept_state"),
    call("deliver"),
    call("room", st.none() | st.integers(0, 40000)),
    call("plan", st.lists(answers, max_size=3)),
    call("end"),
    call("corrupt", st.floats(0, 1, exclude_max=True)),
    call("unplug"),
    call("plug"),
    call("clear_queue"),
)


class World:
    """Two ends over a scripted transport, and three buffers to write from."""

    def __init__(self, release, protocol, *, handshake, method_states):
        self.ends = connected_pair(
            release,
            protocol=protocol,
            follow="library",
            handshake=handshake,
            client={"no_state": method_states},
        )
        self.bios = make_scripted_bio_pair()
        for end, bio in zip(self.ends, self.bios, strict=True):
            end.set_bio(bio, bio)
        self.buffers = [Buffer(80000) for _ in range(3)]

    def play(self, side, name, arguments):
        own = getattr(self, "do_" + name, None)
        if own is not None:
            own(side, *arguments)
            return
        connection = self.ends[side]
        if not hasattr(connection, name):
            return
        if name.startswith("write"):
            which, size = arguments
            arguments = (self.buffers[which], size)
        answer = getattr(connection, name)(*arguments)
        self.check(connection, answer[0] if isinstance(answer, tuple) else answer)

    def check(self, connection, ret):
        assert ret is None or isinstance(ret, int)
        assert connection.get_error(ret or 0) in ErrorCode
        assert connection.want() in Want
        assert 0 <= connection.get_shutdown() <= 3
        assert connection.pending() >= 0
        assert len(current()) <= 15

    def do_deliver(self, side):
        self.bios[side].outgoing.deliver()

    def do_room(self, side, room):
        out = self.bios[side].outgoing
        out.capacity = None if room is None else len(out.sent) + room

    def do_plan(self, side, plan):
        self.bios[side].outgoing.plan.extend(plan)

    def do_end(self, side):
        self.bios[side].outgoing.ended = True

    def do_corrupt(self, side, where):
        sent = self.bios[side].outgoing.sent
        if sent:
            sent[int(where * len(sent))] ^= 1

    def do_unplug(self, side):
        self.ends[side].set_bio(None, None)

    def do_plug(self, side):
        self.ends[side].set_bio(self.bios[side], self.bios[side])

    def do_clear_queue(self, side):
        current().clear()


@thorough
@given(
    st.sampled_from(RELEASES),
    st.sampled_from(["TLSv1", None]),
    st.booleans(),
    st.lists(STEPS, min_size=5, max_size=25),
)
def test_any_calls_on_a_connection_are_answered(release, protocol, handshake, steps):
    world = World(release, protocol, handshake=handshake, method_states=False)
    try:
        for step in steps:
            world.play(*step)
    except (SimulatedCrash, NotEmulated):
        return


@thorough
@given(st.sampled_from(RELEASES), st.lists(STEPS, min_size=3, max_size=15))
def test_any_calls_before_a_role_is_set_are_answered(release, steps):
    world = World(release, None, handshake=False, method_states=True)
    try:
        for step in steps:
            world.play(*step)
    except (SimulatedCrash, NotEmulated):
        return
