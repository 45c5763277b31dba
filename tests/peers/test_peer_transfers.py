"""A mebibyte each way and an orderly end, with real peers, for every series, version and role."""

from __future__ import annotations

import hashlib
import random

import pytest

from emulator import Context, ErrorCode, Shutdown

# What openssl's programs would take for commands at the beginning of what they are given.
_NO_COMMANDS = bytes.maketrans(b"QqRrPSkKcB", b"0123456789")
MEBIBYTE = random.Random(5246).randbytes(1 << 20).translate(_NO_COMMANDS)
OTHER = hashlib.shake_256(MEBIBYTE).digest(1 << 20).translate(_NO_COMMANDS)

SUITES = {
    "0.9.6b": "NULL-SHA",  # the one kind that 0.9.6 and 3.0 share: no AES here, no 3DES there
    "0.9.6m": "NULL-MD5",
    "0.9.7a": "AES128-SHA",
    "0.9.7m": "AES256-SHA",
    "0.9.8l": "AES128-SHA",
    "0.9.8y": "DHE-RSA-AES256-SHA",
    "0.9.8zh": "AES256-SHA",
    "1.0.0": "AES128-SHA",
    "1.0.0t": "ECDHE-RSA-AES256-SHA",
    "1.0.1e": "ECDHE-RSA-AES128-SHA",
    "1.0.1u": "AES256-SHA",
    "1.0.2g": "ECDHE-ECDSA-AES128-SHA",
    "1.0.2u": "DHE-RSA-AES128-SHA",
    "1.1.0l": "ECDHE-RSA-AES256-SHA",
    "1.1.1f": "AES128-SHA",
    "1.1.1w": "ECDHE-ECDSA-AES256-SHA",
}
PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2")
# s_server never says goodbye first; Python's ssl waits for our answer, s_client doesn't.
PEER_CLOSES_FIRST = {("server", "openssl"), ("client", "python")}


def _combinations():
    for release, suite in SUITES.items():
        for protocol in PROTOCOLS:
            if protocol in Context(release).profile.exists.protocols:
                yield release, protocol, suite


def _digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("peer", ["openssl", "python"])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(("release", "protocol", "suite"), list(_combinations()))
def test_a_mebibyte_goes_each_way_and_both_sides_say_goodbye(bench, release, protocol, suite, role, peer):
    context = bench.context(release, protocol, suite)
    end, other = bench.meet(role, peer, context, protocol, suite)
    other.check_it_agreed(suite)
    assert (end.conn.get_current_cipher(), end.conn.version()) == (suite, 0x0301 + PROTOCOLS.index(protocol))

    arrived = other.expect(MEBIBYTE)
    end.send(MEBIBYTE)
    arrived()
    other.send(OTHER)
    assert _digest(end.receive(len(OTHER))) == _digest(OTHER)

    if (role, peer) in PEER_CLOSES_FIRST:
        _answer_the_peers_close(end, other)
    else:
        _close_first(end, other)
    assert end.errors() == []


def _answer_the_peers_close(end, other):
    other.finish()
    assert end.read_to_the_end() is ErrorCode.ZERO_RETURN
    assert end.conn.get_shutdown() == Shutdown.RECEIVED
    assert end.conn.shutdown() == 1
    assert end.conn.get_shutdown() == Shutdown.RECEIVED | Shutdown.SENT


def _close_first(end, other):
    assert end.conn.shutdown() == 0
    assert end.conn.get_shutdown() == Shutdown.SENT
    other.check_it_saw_our_close()
    assert end.repeat(end.conn.shutdown) == 1
    assert end.conn.get_shutdown() == Shutdown.RECEIVED | Shutdown.SENT
