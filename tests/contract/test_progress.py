"""Progress: calls that lead nowhere, and ends that wait for each other."""

from __future__ import annotations

import pytest

from emulator import (
    Connection,
    Context,
    MemoryBIO,
    NoProgress,
    Progress,
    UsageError,
    connected_pair,
    make_bio_pair,
    make_scripted_bio_pair,
)
from emulator.error_queue import current

ALL = ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w", "3.0.8", "3.2.0", "3.5.4"]
DATA = bytes(50_000)


@pytest.fixture(autouse=True)
def _clean_queue():
    current().clear()
    yield
    current().clear()


def pair_of(release, **more):
    more.setdefault("follow", "library")
    if "protocol" not in more:
        more["protocol"] = "TLSv1.2" if int(release[0]) > 1 or release >= "1.0.1" else "TLSv1"
    return connected_pair(release, **more)


def repeat(times, call):
    for _ in range(times):
        call()


# -- spins --------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", ALL)
def test_a_write_that_waits_to_read_and_is_repeated_at_once_is_a_spin(release):
    pair = pair_of(release, spin_limit=5)
    pair.server.renegotiate()
    pair.server.do_handshake()
    pair.client.read(1)  # the HelloRequest: the handshake waits for the server from now on
    with pytest.raises(NoProgress) as caught:
        repeat(20, lambda: pair.client.write(b"data"))  # select(): the socket can be written
    spin = caught.value
    assert (spin.call.who, spin.call.name, spin.count, spin.waits_for) == ("client", "write", 5, "read")
    assert spin.advice.startswith("repeat write() when bytes of the peer can be read")
    assert str(spin).startswith("5 calls of the client in a row moved no byte and changed nothing; the last")


def test_without_a_limit_a_spin_is_found_and_raises_nothing():
    pair = pair_of("1.1.1w", capacity=0)
    pair.client.write(b"data")  # which makes a record
    for row in range(1, 12):
        pair.client.write(b"data")
        assert pair.progress.standing == {"client": row, "server": 0}
        assert (pair.progress.stuck() is not None) is (row >= 10)
    stuck = pair.progress.stuck()
    assert (stuck.kind, stuck.waits_for, stuck.answer) == ("spin", {"client": "write"}, "-1 WANT_WRITE")
    assert stuck.advice == "repeat write() when the transport has room"


def test_the_call_before_the_limit_does_not_raise():
    pair = pair_of("1.1.1w", spin_limit=3)
    assert pair.server.read(1)[0] == -1
    assert pair.server.read(1)[0] == -1
    with pytest.raises(NoProgress):
        pair.server.read(1)
    with pytest.raises(NoProgress) as again:
        pair.server.read(1)
    assert again.value.count == 4


@pytest.mark.parametrize(
    "progress",
    [
        lambda pair: pair.client.write(b"x"),
        lambda pair: pair.set_capacity("client", 500),
        lambda pair: pair.server.set_mode(1),
        lambda pair: pair.server.shutdown(),
    ],
    ids=["bytes of the peer", "room", "a mode", "a close_notify"],
)
def test_any_progress_begins_the_row_anew(progress):
    pair = pair_of("1.1.1w", spin_limit=3)
    repeat(2, lambda: pair.server.peek(1))
    assert pair.progress.standing["server"] == 2
    progress(pair)
    repeat(2, lambda: pair.server.peek(1))
    assert pair.progress.standing["server"] <= 2


def test_a_write_that_sends_a_little_each_time_goes_on():
    pair = pair_of("1.1.1w", spin_limit=2, capacity=0)
    room = 0
    while True:
        room += 1000
        pair.ends[0].outgoing.capacity = room
        if pair.client.write(DATA) > 0:
            break
    assert pair.progress.stuck() is None


def test_bytes_that_arrive_one_by_one_are_progress():
    pair = pair_of("1.0.1u", spin_limit=3, delivery="manual")
    pair.client.write(b"four")
    size = len(pair.ends[0].outgoing.sent)
    for _ in range(size - 1):
        pair.ends[0].outgoing.deliver(1)  # past the pair
        assert pair.server.read(4)[0] == -1
    pair.ends[0].outgoing.deliver(1)
    assert pair.server.read(4) == (4, b"four")


def test_reading_and_writing_in_turn_without_effect_is_a_spin_too():
    pair = pair_of("1.1.1w", capacity=0, spin_limit=6)
    with pytest.raises(NoProgress):
        repeat(10, lambda: (pair.client.write(b"data"), pair.client.read(10)))
    assert pair.progress.standing["client"] == 6


def test_a_peek_that_is_repeated_reads_nothing():
    pair = pair_of("1.1.1w", spin_limit=4)
    pair.client.write(b"four")
    with pytest.raises(NoProgress, match="read the bytes, which a peek leaves where they are"):
        repeat(10, lambda: pair.server.peek(4))


def test_calls_after_the_end_say_that_it_is_the_end():
    pair = pair_of("1.1.1w", spin_limit=3)
    pair.client.shutdown()
    with pytest.raises(NoProgress, match=r"0 ZERO_RETURN; the peer has closed the connection"):
        repeat(5, lambda: pair.server.read(10))
    pair = pair_of("3.0.8", spin_limit=3)
    pair.close()
    with pytest.raises(NoProgress, match=r"-1 SSL; the connection has failed"):
        repeat(6, lambda: pair.server.read(10))


# -- ends that wait for each other ----------------------------------------------------------------


@pytest.mark.parametrize("release", ALL)
def test_two_ends_that_write_and_do_not_read_wait_for_each_other(release):
    pair = pair_of(release, capacity=1000)
    assert pair.client.write(DATA) == -1
    assert pair.progress.stuck() is None
    assert pair.server.write(DATA) == -1
    stuck = pair.progress.stuck()
    assert (stuck.kind, stuck.waits_for) == ("both", {"client": "write", "server": "write"})
    assert str(stuck) == (
        "the client waits to write; the server waits to write: neither can go on, and nothing is on the way; "
        "one side must read while its own write waits"
    )
    pair.server.read(100)
    assert pair.progress.stuck() is None


@pytest.mark.parametrize("release", ["1.1.1w", "3.0.8"])
def test_tickets_over_a_small_pipe_are_a_standstill_of_both(release):
    pair = pair_of(release, protocol="TLSv1.3", handshake=False, capacity=10_000)
    client, server = pair
    client.do_handshake()
    server.do_handshake()
    pair.set_capacity("server", 50)
    assert client.do_handshake() == 1
    pair.set_capacity("client", 200)
    assert server.do_handshake() == -1  # the tickets: the client does not read them
    assert client.write(DATA) == -1
    stuck = pair.progress.stuck()
    assert stuck.waits_for == {"client": "write", "server": "write"}
    assert client.read(1)[0] == -1  # which reads tickets
    assert pair.progress.stuck() is None


def test_two_ends_that_read_wait_for_each_other():
    pair = pair_of("1.1.1w")
    pair.client.read(1)
    assert pair.progress.stuck() is None
    pair.server.read(1)
    stuck = pair.progress.stuck()
    assert (stuck.kind, stuck.waits_for) == ("both", {"client": "read", "server": "read"})
    assert stuck.advice.startswith("one side must send what the other waits for")
    pair.client.write(b"x")
    assert pair.progress.stuck() is None


def test_bytes_on_the_way_are_no_standstill():
    pair = pair_of("1.1.1w", delivery="manual")
    pair.client.write(b"x")
    pair.client.read(1)
    pair.server.read(1)
    assert pair.progress.stuck() is None
    pair.deliver()
    assert pair.progress.stuck() is None
    pair.server.read(1)
    pair.server.read(1)
    assert pair.progress.stuck().kind == "both"


def test_an_end_that_was_closed_does_not_wait():
    pair = pair_of("1.1.1w")
    pair.client.read(1)
    pair.server.read(1)
    pair.close()
    assert pair.progress.stuck() is None


@pytest.mark.parametrize("kind", ["bio pair", "scripted", "memory"])
def test_other_transports_are_watched_as_well(kind):
    pair = pair_of("1.1.1w")
    if kind == "memory":
        there, back = MemoryBIO(), MemoryBIO()
        ends = (back, there), (there, back)
    else:
        bios = make_bio_pair(40) if kind == "bio pair" else make_scripted_bio_pair(40, 40)
        ends = [(bio, bio) for bio in bios]
    pair.client.set_bio(*ends[0])
    pair.server.set_bio(*ends[1])
    pair.client.read(1)
    pair.server.read(1)
    assert pair.progress.stuck().waits_for == {"client": "read", "server": "read"}
    pair.client.write(DATA)
    pair.server.write(DATA)
    if kind == "bio pair":
        assert pair.progress.stuck().waits_for == {"client": "write", "server": "write"}
    else:
        assert pair.progress.stuck() is None


# -- how it is turned on --------------------------------------------------------------------------


def test_it_can_be_turned_off():
    pair = pair_of("1.1.1w", progress=False)
    with pytest.raises(UsageError, match="progress=True"):
        pair.progress  # noqa: B018
    assert isinstance(pair_of("1.1.1w", progress=False, spin_limit=5).progress, Progress)


@pytest.mark.parametrize("limit", [0, -1, "5", 1.5])
def test_a_limit_is_a_number_of_calls(limit):
    with pytest.raises(UsageError, match=r"^(spin_)?limit: got"):
        pair_of("1.1.1w", spin_limit=limit)
    pair = pair_of("1.1.1w")
    with pytest.raises(UsageError, match=r"^limit: got"):
        Progress(*pair, limit=limit)


def test_two_connections_of_ones_own_are_watched():
    context = Context("1.1.1w")
    context.use_fixture()
    one, other = make_bio_pair()
    client, server = Connection("1.1.1w", bio=one), Connection(context=context, bio=other)
    progress = Progress(client, server, limit=4)
    client.set_connect_state()
    server.set_accept_state()
    for _ in range(3):
        client.do_handshake()
        server.do_handshake()
    assert progress.stuck() is None
    with pytest.raises(UsageError, match="server: got the client"):
        Progress(client, client)
    with pytest.raises(NoProgress):
        repeat(5, lambda: server.read(1))


def test_whoever_asks_hears_of_a_spin_once():
    pair = pair_of("1.1.1w")
    told = []
    pair.progress.on_spin = lambda spin, call: told.append((spin.count, call.name))
    for _ in range(25):
        pair.server.read(1)
    assert told == [(10, "read")]
