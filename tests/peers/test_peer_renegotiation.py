"""Renegotiation with the openssl programs, asked for by either side, with and without RFC 5746."""

from __future__ import annotations

import pytest

SECURE = ["0.9.8m", "0.9.8y", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
INSECURE = ["0.9.6m", "0.9.7m", "0.9.8f"]
SUITES = {
    "0.9.6m": "NULL-SHA",
    "1.0.2u": "ECDHE-RSA-AES128-GCM-SHA256",
    "1.1.1w": "ECDHE-RSA-CHACHA20-POLY1305",
}
LATEST = {"1.0.1u": "TLSv1.1", "1.0.2u": "TLSv1.2", "1.1.0l": "TLSv1.2", "1.1.1w": "TLSv1.2"}
MOST_ROUNDS = 10
LEGACY = "-legacy_renegotiation"


def _meet(bench, release, role, *more):
    protocol, suite = LATEST.get(release, "TLSv1"), SUITES.get(release, "AES128-SHA")
    if role == "client" and "-no_renegotiation" not in more:
        more = (*more, "-client_renegotiation")
    if release in INSECURE:
        more = (*more, LEGACY)
    end, peer = bench.meet(role, "openssl", bench.context(release, protocol, suite), protocol, suite, *more)
    _exchange(end, peer, b"before\n")
    return end, peer


def _exchange(end, peer, line):
    arrived = peer.expect(line)
    end.send(line)
    arrived()
    peer.send(line)
    assert end.receive(len(line)) == line


def _exchange_until_it_is_done(end, peer):
    """Data may pass before and between the messages of a handshake that our reads take part in."""
    for _ in range(MOST_ROUNDS):
        peer.send(b"meanwhile\n")
        assert end.receive(10) == b"meanwhile\n"
        if end.handshakes == 2:
            break
    assert end.handshakes == 2
    _exchange(end, peer, b"after\n")


@pytest.mark.parametrize("release", INSECURE + SECURE)
def test_a_client_renegotiates_with_s_server(bench, release):
    end, peer = _meet(bench, release, "client")
    assert end.conn.renegotiate() == 1
    end.shake_hands()
    _exchange_until_it_is_done(end, peer)


@pytest.mark.parametrize("release", INSECURE + SECURE)
def test_a_server_has_s_client_renegotiate(bench, release):
    end, peer = _meet(bench, release, "server")
    assert end.conn.renegotiate() == 1
    end.shake_hands()
    _exchange_until_it_is_done(end, peer)


@pytest.mark.parametrize("release", INSECURE + SECURE)
def test_s_server_has_a_client_renegotiate(bench, release):
    end, peer = _meet(bench, release, "client")
    peer.send(b"r\n")
    peer.await_line(rb"write hello request", log=True)
    _exchange_until_it_is_done(end, peer)


@pytest.mark.parametrize("release", INSECURE + SECURE)
def test_s_client_renegotiates_with_a_server(bench, release):
    end, peer = _meet(bench, release, "server")
    peer.send(b"R\n")
    peer.await_line(rb"RENEGOTIATING", log=True)
    _exchange_until_it_is_done(end, peer)


@pytest.mark.parametrize("release", SECURE)
def test_a_client_whose_peer_wants_no_renegotiation_hears_so(bench, release):
    end, _ = _meet(bench, release, "client", "-no_renegotiation")
    end.conn.renegotiate()
    assert end.conn.do_handshake() <= 0
    assert any("no renegotiation" in error for error in end.errors())


@pytest.mark.parametrize("release", ["0.9.8l"])
def test_the_release_that_only_refuses_goes_on_without_renegotiation(bench, release):
    end, peer = _meet(bench, release, "client")
    peer.send(b"r\n")
    peer.await_line(rb"write hello request", log=True)
    peer.send(b"meanwhile\n")
    assert end.receive(10) == b"meanwhile\n"
    assert end.handshakes == 1
