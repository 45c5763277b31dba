"""Padded records, close_notify and fatal alerts of TLS 1.3, with real peers."""

from __future__ import annotations

import hashlib

import pytest

from emulator import ErrorCode, Shutdown

RELEASES = ["1.1.1-base", "1.1.1d", "1.1.1l", "1.1.1w", "3.0.12", "3.2.0", "3.5.4"]
SOME = ["1.1.1-base", "1.1.1w", "3.2.0", "3.5.4"]
HANDSHAKE, APPLICATION_DATA = 22, 23
NOT_REQUESTED = 0
BLOCK = 512
TAG = 16
_HEADER = 5
DATA = hashlib.shake_256(b"padding").digest(70_001).translate(bytes.maketrans(b"QqRrPSkKcB", b"0123456789"))


class Tap:
    """A socket whose bytes are kept, and of which one can be damaged, out or in."""

    def __init__(self, sock):
        self._sock = sock
        self.sent, self.got = bytearray(), bytearray()
        self.damages_sent = self.damages_got = False

    def send(self, data):
        data = bytes(data)
        count = self._sock.send(_damaged(data) if self.damages_sent else data)
        self.sent += data[:count]
        return count

    def recv(self, size):
        data = self._sock.recv(size)
        self.got += data
        return _damaged(data) if self.damages_got and len(data) > _HEADER else data

    def __getattr__(self, name):
        return getattr(self._sock, name)


def _damaged(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def _lengths(wire):
    """The lengths of all encrypted records, without their tags."""
    lengths = []
    while len(wire) >= _HEADER:
        length = int.from_bytes(wire[3:5], "big")
        if wire[0] == APPLICATION_DATA:
            lengths.append(length - TAG)
        wire = wire[_HEADER + length :]
    return lengths


def _meet(bench, role, context, *more):
    """Both ends, with a tap on the emulator's socket."""
    if role == "client":
        other = bench.s_server("TLSv1.3", None, *more)
        tap = Tap(bench.dial(other.port))
        return bench.end(context, tap).connect(), other, tap
    listener, port = bench.listen()
    other = bench.s_client(port, "TLSv1.3", None, *more)
    tap = Tap(bench.take(listener))
    return bench.end(context, tap).accept(), other, tap


def _exchange(end, other, ours, theirs):
    arrived = other.expect(ours)
    end.send(ours)
    arrived()
    other.send(theirs)
    assert end.receive(len(theirs)) == theirs
    assert end.errors() == []


# -- padding ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", RELEASES)
def test_records_are_padded_to_blocks_both_ways(bench, release, role):
    context = bench.context(release, "TLSv1.3")
    assert context.set_block_padding(BLOCK) == 1
    end, other, tap = _meet(bench, role, context, "-record_padding", BLOCK)
    _exchange(end, other, DATA, DATA[::-1])
    _exchange(end, other, b"x", b"y")
    for wire in (tap.sent, tap.got):
        lengths = _lengths(wire)
        assert all(length % BLOCK == 0 or length == MOST_IN_A_RECORD for length in lengths)
        assert lengths[-1] == BLOCK


MOST_IN_A_RECORD = 16384 + 1
"""A full fragment and the byte of its type; there is no room for padding."""


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_one_side_alone_may_pad(bench, release, role):
    context = bench.context(release, "TLSv1.3")
    end, other, tap = _meet(bench, role, context, "-record_padding", BLOCK)
    _exchange(end, other, b"x", b"y")
    assert _lengths(tap.sent)[-1] == 2
    assert _lengths(tap.got)[-1] == BLOCK


def _pad_by_a_hundred(asked):
    def pad(content_type, length):
        asked.append((content_type, length))
        return 100

    return pad


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_a_callback_says_how_much_padding_each_record_gets(bench, release, role):
    context = bench.context(release, "TLSv1.3")
    asked = []
    context.set_record_padding_callback(_pad_by_a_hundred(asked))
    end, other, tap = _meet(bench, role, context)
    _exchange(end, other, b"twelve bytes", b"y")
    assert _lengths(tap.sent)[-1] == 12 + 1 + 100
    assert len(asked) == len(_lengths(tap.sent))
    assert asked[0][0] == HANDSHAKE
    assert asked[-1][0] == APPLICATION_DATA


@pytest.mark.parametrize("way", ["block", "callback"])
@pytest.mark.parametrize("release", [*SOME, "3.0.12"])
def test_padding_that_is_set_later_waits_for_new_keys_from_3_2_on(bench, release, way):
    end, other, tap = _meet(bench, "client", bench.context(release, "TLSv1.3"))
    if way == "block":
        end.conn.set_block_padding(BLOCK)
    else:
        end.conn.set_record_padding_callback(_pad_by_a_hundred([]))
    padded = {"block": BLOCK, "callback": 2 + 100}[way]
    _exchange(end, other, b"x", b"y")
    assert _lengths(tap.sent)[-1] == (padded if release < "3.2" else 2)
    assert end.conn.key_update(NOT_REQUESTED) == 1
    _exchange(end, other, b"x", b"y")
    assert _lengths(tap.sent)[-1] == padded


# -- alerts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_s_server_sees_a_clients_close_notify_and_answers(bench, release):
    end, server, _ = _meet(bench, "client", bench.context(release, "TLSv1.3"))
    _exchange(end, server, b"x\n", b"y\n")
    assert end.conn.shutdown() == 0
    assert end.conn.get_shutdown() == Shutdown.SENT
    server.check_it_saw_our_close()
    assert end.repeat(end.conn.shutdown) == 1
    assert end.conn.get_shutdown() == Shutdown.RECEIVED | Shutdown.SENT
    assert end.errors() == []


@pytest.mark.parametrize("release", RELEASES)
def test_a_server_answers_s_clients_close_notify(bench, release):
    end, client, _ = _meet(bench, "server", bench.context(release, "TLSv1.3"))
    _exchange(end, client, b"x\n", b"y\n")
    client.finish()
    assert end.read_to_the_end() is ErrorCode.ZERO_RETURN
    assert end.conn.get_shutdown() == Shutdown.RECEIVED
    assert end.conn.write(b"half closed\n") == 12
    assert end.conn.shutdown() == 1
    assert end.errors() == []


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_a_peer_is_told_of_a_damaged_record(bench, release, role):
    end, other, tap = _meet(bench, role, bench.context(release, "TLSv1.3"))
    _exchange(end, other, b"x\n", b"y\n")
    tap.damages_got = True
    other.send(b"damaged on its way\n")
    ret, _ = end.conn.read(100)
    assert ret <= 0
    assert end.conn.get_error(ret) is ErrorCode.SSL
    assert any("decryption failed or bad record mac" in error for error in end.errors())
    other.await_line(rb"alert read:fatal:bad record mac", log=True)


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_a_peer_says_that_a_record_was_damaged(bench, release, role):
    end, other, tap = _meet(bench, role, bench.context(release, "TLSv1.3"))
    _exchange(end, other, b"x\n", b"y\n")
    tap.damages_sent = True
    assert end.conn.write(b"damaged on its way\n") == 19
    other.await_line(rb"alert write:fatal:bad record mac", log=True)
    ret, _ = end.conn.read(100)
    assert ret <= 0
    assert end.conn.get_error(ret) is ErrorCode.SSL
    assert any("alert bad record mac" in error for error in end.errors())
    assert end.conn.write(b"afterwards\n") <= 0
