"""A blocking pair: each end on a thread of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator import Deadlock, ERR_peek_error, connected_pair

MEBIBYTE = 1 << 20


@pytest.fixture
def pool():
    """A thread beside the test's own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def pattern(seed):
    return bytes((i * 31 + seed) & 0xFF for i in range(1 << 16)) * (MEBIBYTE >> 16)


def read_all(connection, n):
    out = bytearray()
    while len(out) < n:
        ret, data = connection.read(16384)
        assert ret > 0
        out += data
    return bytes(out)


@pytest.mark.parametrize(
    ("release", "cipher"),
    [("0.9.6m", None), ("0.9.8zh", "AES128-SHA"), ("1.0.2u", "AES128-GCM-SHA256"), ("1.1.1w", None)],
)
def test_a_mebibyte_crosses_a_small_pipe_each_way(release, cipher, pool):
    client, server = connected_pair(release, cipher=cipher, blocking=True, capacity=4096, block_timeout=60)
    there, back = pattern(1), pattern(2)

    def serve():
        got = read_all(server, MEBIBYTE)
        return got, server.write(back)

    worker = pool.submit(serve)
    assert client.write(there) == MEBIBYTE
    assert read_all(client, MEBIBYTE) == back
    assert worker.result(60) == (there, MEBIBYTE)


def test_one_end_may_read_and_echo_while_the_other_writes(pool):
    client, server = connected_pair("1.1.1w", blocking=True, capacity=4096, block_timeout=60)

    def echo():
        for _ in range(50):
            _, data = server.read(1000)
            server.write(data)

    worker = pool.submit(echo)
    for i in range(50):
        assert client.write(bytes([i]) * 1000) == 1000
        assert read_all(client, 1000) == bytes([i]) * 1000
    worker.result(60)


@pytest.mark.parametrize("call", ["read", "write"])
def test_on_a_single_thread_waiting_is_a_deadlock(call):
    client, _ = connected_pair("1.0.1u", blocking=True, capacity=100, block_timeout=60)
    with pytest.raises(Deadlock, match=f"the client waits to {call}, and there is no other thread"):
        client.read(1) if call == "read" else client.write(bytes(1000))


def test_two_that_read_from_each_other_both_hear_of_the_deadlock(pool):
    client, server = connected_pair("1.0.1u", blocking=True, block_timeout=60)
    worker = pool.submit(server.read, 1)
    with pytest.raises(Deadlock, match="the client waits to read; the server waits to read: neither"):
        client.read(1)
    with pytest.raises(Deadlock, match="the client waits to read; the server waits to read: neither"):
        worker.result(60)


def test_two_that_write_and_never_read_are_a_deadlock(pool):
    client, server = connected_pair("1.0.1u", blocking=True, capacity=4096, block_timeout=60)
    worker = pool.submit(server.write, bytes(100_000))
    with pytest.raises(Deadlock, match="the client waits to write; the server waits to write"):
        client.write(bytes(100_000))
    with pytest.raises(Deadlock):
        worker.result(60)


def test_closing_a_pair_wakes_the_end_that_waits(pool):
    pair = connected_pair("1.0.1u", blocking=True, block_timeout=60)
    worker = pool.submit(pair.server.read, 1)
    pair.close()
    assert worker.result(60) == (0, b"")


def test_errors_of_a_thread_are_its_own(pool):
    client, server = connected_pair("1.1.1w", blocking=True, follow="library", block_timeout=60)

    def refused():
        server.shutdown()
        return server.write(b"hello"), ERR_peek_error() is not None

    assert pool.submit(refused).result(60) == (-1, True)
    assert ERR_peek_error() is None
    assert client.read(1) == (0, b"")
