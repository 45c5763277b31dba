"""Sockets of every kind under a connection with a real peer, and ends of every kind."""

from __future__ import annotations

import random

import pytest

from emulator import ErrorCode, Mode, Shutdown

TERMS = [
    ("0.9.7m", "TLSv1", "AES128-SHA"),
    ("0.9.8y", "TLSv1", "AES128-SHA"),
    ("1.0.1u", "TLSv1.2", "AES128-GCM-SHA256"),
    ("1.1.1w", "TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305"),
]
NO_COMMANDS = bytes.maketrans(b"QqRrPSkKcB", b"0123456789")
DATA = random.Random(4347).randbytes(1 << 20).translate(NO_COMMANDS)


@pytest.mark.parametrize("partial", [False, True], ids=["whole", "partial"])
@pytest.mark.parametrize("kind", ["blocking", "non-blocking", "timeout"])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(("release", "protocol", "suite"), TERMS)
def test_a_mebibyte_goes_each_way_over_any_kind_of_socket(
    bench, release, protocol, suite, role, kind, partial
):
    context = bench.context(release, protocol, suite)
    if partial:
        context.set_mode(Mode.ENABLE_PARTIAL_WRITE)
    end, peer = bench.meet(role, "openssl", context, protocol, suite, kind=kind)
    arrived = peer.expect(DATA)
    end.send(DATA)
    arrived()
    peer.send(DATA)
    assert end.receive(len(DATA)) == DATA
    if kind == "non-blocking":
        assert ErrorCode.WANT_READ in end.waits
    elif kind == "blocking":
        assert not end.waits


@pytest.mark.parametrize(("release", "protocol", "suite"), TERMS)
def test_a_peer_that_does_not_read_makes_a_non_blocking_write_want_to_write(bench, release, protocol, suite):
    context = bench.context(release, protocol, suite)
    end, peer = bench.meet("server", "python", context, protocol, suite, kind="non-blocking")
    written = 0
    while (ret := end.conn.write(DATA)) > 0:
        written += ret
    assert end.conn.get_error(ret) is ErrorCode.WANT_WRITE
    arrived = peer.expect(DATA * (written // len(DATA) + 1))
    assert end.repeat(end.conn.write, DATA) == len(DATA)
    arrived()


@pytest.mark.parametrize(("release", "protocol", "suite"), TERMS)
def test_an_end_without_close_notify_is_told_from_one_with_it(bench, release, protocol, suite):
    """s_server leaves without a word when its input ends."""
    context = bench.context(release, protocol, suite)
    end, peer = bench.meet("client", "openssl", context, protocol, suite)
    peer.finish()
    assert end.read_to_the_end() is ErrorCode.SYSCALL
    assert end.conn.get_shutdown() == 0
    assert end.errors() == []


@pytest.mark.parametrize(("release", "protocol", "suite"), TERMS)
def test_a_quiet_shutdown_says_nothing_to_the_peer(bench, release, protocol, suite):
    context = bench.context(release, protocol, suite)
    end, peer = bench.meet("server", "openssl", context, protocol, suite)
    end.conn.set_quiet_shutdown(1)
    assert end.conn.shutdown() == 1
    assert end.conn.get_shutdown() == Shutdown.SENT | Shutdown.RECEIVED
    end.sock.close()
    peer.wait()
    assert b"alert read" not in peer.log


def test_a_peer_that_is_not_there_is_a_failure(bench, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError):
        bench.program("version")
