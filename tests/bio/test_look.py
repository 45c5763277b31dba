"""look(), inbox() and sees() of every BIO, and the filter that reads ahead of one that has no look()."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import BIO, BufferBIO, MemoryBIO, SocketBIO, UsageError, make_bio_pair, make_scripted_bio_pair
from emulator.bio.ahead import AheadBIO
from emulator.bio.pipe import make_pipe


def filled(kind, data):
    """A BIO of a kind in which ``data`` waits, and what must stay alive with it."""
    if kind == "memory":
        bio = MemoryBIO()
        for at in range(0, len(data), 3):
            bio.write(data[at : at + 3])
        return bio, None
    if kind == "pipe":
        bio, other = make_pipe(None, at_once=True, timeout=1)
        other.write(data)
    elif kind == "scripted":
        bio, other = make_scripted_bio_pair()
        other.write(data)
        other.outgoing.deliver()
    elif kind == "socket":
        one, other = socket.socketpair()
        one.setblocking(False)
        other.sendall(data)
        bio = SocketBIO(one)
    else:
        bio, other = make_bio_pair(1 << 16)
        other.write(data)
        bio = {"pair": lambda: bio, "buffer": lambda: BufferBIO(bio), "own": lambda: ahead(Own(bio))}[kind]()
    return bio, other


class Own(BIO):
    """Has no look()."""

    def __init__(self, bio):
        super().__init__()
        self.bio = bio

    def read(self, n):
        data = self.bio.read(n)
        self.flags, self.errno, self.ret = self.bio.flags, self.bio.errno, self.bio.ret
        return data


def ahead(bio, before=b""):
    return AheadBIO(bio, before, lambda: None)


KINDS = ["memory", "pipe", "scripted", "socket", "pair", "buffer", "own"]


@given(st.sampled_from(KINDS), st.binary(max_size=40), st.lists(st.tuples(st.booleans(), st.integers(1, 50))))
def test_a_look_shows_what_the_next_read_returns_and_takes_nothing(kind, data, steps):
    bio, other = filled(kind, data)
    try:
        rest = data
        for reads, n in steps:
            assert bool(bio.inbox()) == bool(rest)
            assert bio.look(n) == rest[:n]
            if reads:
                assert bio.read(n) == rest[:n]
                rest = rest[n:]
    finally:
        if kind == "socket":
            bio.sock.close()
            other.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_bios_of_the_package_see(kind):
    bio, other = filled(kind, b"data")
    assert bio.sees()
    if kind == "socket":
        bio.sock.close()
        other.close()


def test_a_bio_without_a_look_of_its_own_does_not_see():
    assert not Own(MemoryBIO()).sees()
    assert not BufferBIO(Own(MemoryBIO())).sees()
    assert BufferBIO(None).sees()


def test_an_object_that_stands_for_a_socket_is_not_asked_to_peek():
    class Fake:
        def send(self, data):
            return len(data)

        def recv(self, n):
            return b""

        def gettimeout(self):
            return 0

        def fileno(self):
            return -1

    assert not SocketBIO(Fake()).sees()
    assert SocketBIO(Fake()).look(5) == b""


@pytest.mark.parametrize("kind", ["memory", "pair", "pipe", "scripted"])
@pytest.mark.parametrize("n", [-1, "5", None])
def test_a_wrong_number_is_a_usage_error(kind, n):
    bio, _ = filled(kind, b"data")
    with pytest.raises(UsageError, match=r"^n: "):
        bio.look(n)


def test_reading_ahead_leaves_no_trace():
    bio, _ = filled("own", b"data")
    own = bio.next_bio
    own.flags, own.errno, own.ret = 9, 5, -7
    assert bio.look(10) == b"data"
    assert (own.flags, own.errno, own.ret) == (9, 5, -7)
    assert (bio.ahead(), bio.pending(), bio.eof()) == (4, 4, False)
    assert bio.take_ahead() == b"data"
    assert bio.ahead() == 0


def test_bytes_of_another_transport_come_first():
    bio = ahead(MemoryBIO(b"new"), b"old")
    assert bio.look(5) == b"oldne"
    assert [bio.read(10), bio.read(10)] == [b"old", b"new"]


def test_a_transport_that_blocks_is_not_read_ahead_of():
    class Blocking(Own):
        def blocks(self):
            return True

    told = []
    bio = AheadBIO(Blocking(MemoryBIO(b"data")), b"", lambda: told.append(True))
    assert bio.look(4) == b""
    assert told
    assert bio.read(4) == b"data"


def test_a_failure_behind_what_was_read_ahead_is_the_next_reads():
    class Failing(BIO):
        def read(self, n):
            self.flags, self.errno, self.ret = 0, 104, -1
            self.push_error("BIO_READ", "BROKEN_PIPE")
            return b""

    told = []
    bio = ahead(Failing())
    bio.on_error = lambda function, reason: told.append((function, reason))
    assert bio.look(5) == b""
    assert told == []
    assert bio.read(5) == b""
    assert (bio.ret, bio.errno, bio.should_retry) == (-1, 104, False)
    assert told == [("BIO_READ", "BROKEN_PIPE")]
