from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.bio.pipe import make_pipe
from emulator.exceptions import Deadlock


@pytest.fixture
def pool():
    """A thread beside the test's own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def blocking(capacity, timeout=60.0):
    ends = make_pipe(capacity, at_once=True, timeout=timeout)
    for end in ends:
        end.blocking = True
    return ends


def fill(end):
    """Write until that is no longer possible."""
    while True:
        end.write(b"1234")


def test_what_one_end_writes_the_other_reads():
    client, server = make_pipe(None, at_once=True, timeout=1)
    assert client.write(b"hello") == 5
    assert server.pending() == 5
    assert server.read(3) == b"hel"
    assert server.read(100) == b"lo"
    assert server.write(b"back") == 4
    assert client.read(100) == b"back"


def test_a_bounded_pipe_takes_what_there_is_room_for():
    client, server = make_pipe(4, at_once=True, timeout=1)
    assert client.write(b"abcdef") == 4
    assert client.write(b"ef") == -1
    assert (client.should_write, client.should_retry) == (True, True)
    server.read(1)
    assert client.write(b"ef") == 1
    assert not client.should_retry


def test_an_empty_pipe_asks_to_read_again():
    client, _ = make_pipe(None, at_once=True, timeout=1)
    assert client.read(1) == b""
    assert (client.ret, client.should_read, client.should_retry) == (-1, True, True)


def test_writing_nothing_answers_0_and_asks_for_nothing():
    client, _ = make_pipe(0, at_once=True, timeout=1)
    assert client.write(b"") == 0
    assert not client.should_retry


def test_after_the_end_there_is_0_once_all_is_read():
    client, server = make_pipe(None, at_once=True, timeout=1)
    client.write(b"last")
    client.close()
    assert not server.eof()
    assert server.read(100) == b"last"
    assert server.read(100) == b""
    assert (server.ret, server.should_retry, server.eof()) == (0, False, True)


def test_nothing_arrives_before_it_is_delivered():
    client, server = make_pipe(10, at_once=False, timeout=1)
    assert client.write(b"hello, world") == 10
    assert server.read(100) == b""
    assert client.outgoing.deliver(4) == 4
    assert server.read(100) == b"hell"
    assert client.write(b"ld!!!!") == 4
    assert client.outgoing.deliver() == 10
    assert server.read(100) == b"o, world!!"


def test_a_blocking_read_waits_for_the_other_thread(pool):
    client, server = blocking(None)
    got = pool.submit(server.read, 100)
    client.write(b"hello")
    assert got.result(60) == b"hello"


def test_a_blocking_write_waits_for_room(pool):
    client, server = blocking(10)
    total = 100_000

    def write():
        data = memoryview(bytes(total))
        while data:
            data = data[client.write(data) :]

    writer = pool.submit(write)
    read = 0
    while read < total:
        read += len(server.read(1000))
    writer.result(60)
    assert read == total


def test_a_blocking_read_ends_when_the_other_end_closes(pool):
    client, server = blocking(None)
    got = pool.submit(server.read, 1)
    client.close()
    assert got.result(60) == b""


@pytest.mark.parametrize(("call", "what"), [("read", "read"), ("write", "write")])
def test_on_a_single_thread_waiting_is_a_deadlock_at_once(call, what):
    client, _ = make_pipe(0, at_once=True, timeout=60)
    client.blocking = True
    with pytest.raises(Deadlock, match=f"the client waits to {what}.* no other thread"):
        client.read(1) if call == "read" else client.write(b"x")


def test_two_that_wait_for_each_other_both_hear_who_waits_for_what(pool):
    client, server = blocking(4)
    other = pool.submit(server.read, 1)
    message = "the client waits to read; the server waits to read: neither can go on"
    with pytest.raises(Deadlock, match=message):
        client.read(1)
    with pytest.raises(Deadlock, match=message):
        other.result(60)


def test_two_that_write_into_full_pipes_are_a_deadlock(pool):
    client, server = blocking(4)
    other = pool.submit(fill, server)
    with pytest.raises(Deadlock, match="the client waits to write; the server waits to write"):
        fill(client)
    with pytest.raises(Deadlock):
        other.result(60)


def test_a_thread_that_does_not_come_is_waited_for_no_longer_than_the_timeout(pool):
    client, _ = blocking(None, timeout=0.05)
    leave = threading.Event()
    pool.submit(leave.wait, 60)
    with pytest.raises(Deadlock, match=r"no other thread served the other end within 0\.05 s"):
        client.read(1)
    leave.set()


def test_after_a_deadlock_the_pipe_still_works():
    client, server = make_pipe(None, at_once=True, timeout=1)
    client.blocking = True
    with pytest.raises(Deadlock):
        client.read(1)
    server.write(b"hello")
    assert client.read(100) == b"hello"
