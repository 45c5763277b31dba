from __future__ import annotations

import errno
import socket
import threading
import time

import pytest

from emulator.bio import SocketBIO
from emulator.bio.socket import NON_FATAL_ERRNOS


@pytest.fixture
def pair():
    one, other = socket.socketpair()
    with one, other:
        yield one, other


class FailingSocket:
    def __init__(self, code):
        self.code = code

    def gettimeout(self):
        return None

    def send(self, data):
        raise OSError(self.code, "send")

    def recv(self, n):
        raise OSError(self.code, "recv")

    def fileno(self):
        return -1


def test_bytes_go_through(pair):
    one, other = map(SocketBIO, pair)
    assert one.write(b"abc") == 3
    assert other.read(10) == b"abc"
    assert other.ret == 3


def test_a_non_blocking_one_asks_for_retries(pair):
    pair[0].setblocking(False)
    bio = SocketBIO(pair[0])
    assert bio.read(10) == b""
    assert (bio.ret, bio.errno, bio.should_read) == (-1, errno.EAGAIN, True)
    while (ret := bio.write(bytes(65536))) > 0:
        pass
    assert (ret, bio.errno, bio.should_write, bio.should_read) == (-1, errno.EAGAIN, True, False)


def test_one_with_a_timeout_asks_for_a_retry_when_time_is_up(pair):
    pair[0].settimeout(0.01)
    bio = SocketBIO(pair[0])
    assert bio.read(10) == b""
    assert (bio.ret, bio.errno, bio.should_read) == (-1, errno.EAGAIN, True)


def test_one_with_a_timeout_answers_what_got_out_by_then(pair):
    pair[0].settimeout(0.05)
    bio = SocketBIO(pair[0])
    assert 0 < bio.write(bytes(16 << 20)) < 16 << 20
    assert not bio.should_retry
    assert bio.write(b"x") == -1
    assert (bio.errno, bio.should_write) == (errno.EAGAIN, True)


def test_one_with_a_timeout_sends_everything_while_the_peer_reads(pair):
    pair[0].settimeout(30)
    size = 4 << 20
    got = []

    def drain():
        while sum(got) < size:
            got.append(len(pair[1].recv(100_000)))

    reader = threading.Thread(target=drain)
    reader.start()
    assert SocketBIO(pair[0]).write(bytes(size)) == size
    reader.join()
    assert sum(got) == size


def test_a_blocking_one_waits(pair):
    def later():
        time.sleep(0.02)
        pair[1].sendall(b"abc")

    writer = threading.Thread(target=later)
    writer.start()
    assert SocketBIO(pair[0]).read(10) == b"abc"
    writer.join()


def test_the_end_of_the_peer_is_0_without_a_retry(pair):
    bio = SocketBIO(pair[0])
    pair[1].close()
    assert bio.read(10) == b""
    assert (bio.ret, bio.should_retry, bio.eof()) == (0, False, True)


def test_a_write_to_a_closed_peer_is_an_errno(pair):
    bio = SocketBIO(pair[0])
    pair[1].close()
    assert bio.write(b"abc") == -1
    assert (bio.errno, bio.should_retry) == (errno.EPIPE, False)


@pytest.mark.parametrize("code", sorted(NON_FATAL_ERRNOS))
def test_errnos_that_are_not_fatal_ask_for_a_retry(code):
    bio = SocketBIO(FailingSocket(code))
    assert bio.write(b"x") == -1
    assert (bio.errno, bio.should_write) == (code, True)
    assert bio.read(1) == b""
    assert (bio.ret, bio.errno, bio.should_read) == (-1, code, True)


@pytest.mark.parametrize("code", [errno.EPIPE, errno.ECONNRESET, errno.ETIMEDOUT, errno.EBADF])
def test_other_errnos_do_not(code):
    bio = SocketBIO(FailingSocket(code))
    assert bio.write(b"x") == -1
    assert (bio.errno, bio.should_retry) == (code, False)
