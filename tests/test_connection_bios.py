"""A connection over each kind of transport: what it answers becomes what SSL_get_error() says."""

from __future__ import annotations

import socket

import pytest

from emulator import (
    Connection,
    Context,
    ErrorCode,
    SocketBIO,
    connected_pair,
    make_bio_pair,
    make_scripted_bio_pair,
)
from emulator.error_queue import current

RELEASES = ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]


@pytest.fixture
def over():
    """A pair that has shaken hands, then moved to other BIOs."""

    def over(release, one, other):
        client, server = connected_pair(release, follow="library")
        client.set_bio(one, one)
        server.set_bio(other, other)
        return client, server

    return over


# -- BIO pair -----------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_a_full_bio_pair_asks_to_write_again(release, over):
    one, other = make_bio_pair(1000)
    client, server = over(release, one, other)
    data = b"x" * 3000
    tries = 0
    while (ret := client.write(data)) < 0:
        assert client.get_error(ret) == ErrorCode.WANT_WRITE
        assert server.read(1)[0] == -1
        tries += 1
    assert (ret, tries) == (3000, 3)


@pytest.mark.parametrize("release", RELEASES)
def test_a_bio_pair_that_was_shut_down_is_an_error_of_its_own(release, over):
    one, other = make_bio_pair()
    client, _ = over(release, one, other)
    one.shutdown_wr()
    assert client.write(b"hello") == -1
    assert client.get_error(-1) == ErrorCode.SSL
    assert [(entry.lib, entry.reason) for entry in current()] == [(32, 124)]


# -- sockets ------------------------------------------------------------------------------------


@pytest.fixture
def sockets():
    one, other = socket.socketpair()
    with one, other:
        for end in (one, other):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        yield one, other


@pytest.mark.parametrize("release", RELEASES)
def test_a_full_socket_asks_to_write_again(release, over, sockets):
    client, server = over(release, *map(SocketBIO, sockets))
    data = b"x" * 300_000
    read = 0
    while (ret := client.write(data)) < 0:
        assert client.get_error(ret) == ErrorCode.WANT_WRITE
        while (got := server.read(20000)[0]) > 0:
            read += got
    while read < ret:
        read += server.read(20000)[0]
    assert ret == read == 300_000


@pytest.mark.parametrize("release", RELEASES)
def test_a_broken_pipe_is_a_system_error_with_its_errno(release, over, sockets):
    client, _ = over(release, *map(SocketBIO, sockets))
    sockets[1].close()
    ret = client.write(b"hello")
    assert (ret, client.get_error(ret), client.errno) == (-1, ErrorCode.SYSCALL, 32)
    assert len(current()) == 0


@pytest.mark.parametrize("release", RELEASES)
def test_a_closed_socket_is_the_end_without_an_errno(release, over, sockets):
    client, _ = over(release, *map(SocketBIO, sockets))
    sockets[1].close()
    ret, _ = client.read(1)
    assert (ret, client.get_error(ret), client.errno) == (0, ErrorCode.SYSCALL, 0)


@pytest.mark.parametrize("release", RELEASES)
def test_a_socket_with_a_timeout_asks_again_when_it_is_over(release, over, sockets):
    client, _ = over(release, *map(SocketBIO, sockets))
    sockets[0].settimeout(0.01)
    ret, _ = client.read(1)
    assert (ret, client.get_error(ret)) == (-1, ErrorCode.WANT_READ)


# -- scripted -----------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_a_scripted_transport_answers_what_the_script_says(release, over):
    one, other = make_scripted_bio_pair()
    client, server = over(release, one, other)
    data = b"hello"
    for answer, error in (
        ("retry", ErrorCode.WANT_WRITE),
        ("fail", ErrorCode.SYSCALL),
        ({"errno": 104}, ErrorCode.SYSCALL),
    ):
        one.outgoing.plan.append(answer)
        assert client.write(data) == -1
        assert client.get_error(-1) == error
    assert client.errno == 104
    one.outgoing.plan.extend([1, 2, 3])
    assert client.write(data) == 5
    one.outgoing.deliver()
    assert server.read(100) == (5, data)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("room", [1, 7, 100])
def test_a_handshake_goes_through_the_narrowest_transport(release, room):
    one, other = make_scripted_bio_pair(room, room)
    context = Context(release, follow="library")
    context.use_fixture()
    client, server = Connection(release, bio=one, follow="library"), Connection(context=context, bio=other)
    client.set_connect_state()
    server.set_accept_state()
    done = [False, False]
    for _ in range(10_000):
        for side, end in enumerate((client, server)):
            if not done[side]:
                ret = end.do_handshake()
                done[side] = ret == 1
                assert done[side] or end.get_error(ret) in (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)
            one.outgoing.deliver()
            other.outgoing.deliver()
        if all(done):
            break
    assert done == [True, True]


def test_separate_bios_are_asked_each_for_its_own_direction():
    client, server = connected_pair("1.0.1u", follow="library")
    reading, writing = make_scripted_bio_pair(), make_scripted_bio_pair()
    client.set_bio(reading[0], writing[0])
    server.set_bio(writing[1], reading[1])
    client.write(b"there")
    writing[0].outgoing.deliver()
    assert server.read(100) == (5, b"there")
    server.write(b"back")
    reading[1].outgoing.deliver()
    assert client.read(100) == (4, b"back")
