"""look(), inbox() and sees() of every BIO."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import BIO, BufferBIO, MemoryBIO, SocketBIO, UsageError, make_bio_pair, make_scripted_bio_pair
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
        bio = BufferBIO(bio) if kind == "buffer" else bio
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


KINDS = ["memory", "pipe", "scripted", "socket", "pair", "buffer"]


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
