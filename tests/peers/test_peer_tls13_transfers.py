"""A mebibyte each way over TLS 1.3 with real peers, keys updated in the middle of it by either side."""

from __future__ import annotations

import hashlib
import random
import time

import pytest

from emulator import ErrorCode, Shutdown

# What openssl's programs would take for commands at the beginning of what they are given.
_NO_COMMANDS = bytes.maketrans(b"QqRrPSkKcB", b"0123456789")
MEBIBYTE = random.Random(8446).randbytes(1 << 20).translate(_NO_COMMANDS)
OTHER = hashlib.shake_256(MEBIBYTE).digest(1 << 20).translate(_NO_COMMANDS)
PATIENCE = 25.0
QUARTER = 1 << 18

AES_128, AES_256 = "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"
CHACHA = "TLS_CHACHA20_POLY1305_SHA256"
SUITES = {
    "1.1.1-base": AES_256,
    "1.1.1c": CHACHA,
    "1.1.1d": AES_128,
    "1.1.1l": AES_256,
    "1.1.1w": CHACHA,
    "3.0.8": AES_128,
    "3.0.12": AES_256,
    "3.2.0": CHACHA,
    "3.5.4": AES_128,
}
KEY_UPDATE = 24
NOT_REQUESTED, REQUESTED = 0, 1
NONE_PENDING = -1
PEERS_SIDE = {"client": b"write server key update", "server": b"write client key update"}


def _our_update(end, kind):
    """Asks for it when half of a quarter is written; steps of End.cross()."""
    written, _ = yield
    while written < QUARTER // 2:
        written, _ = yield
    assert end.conn.key_update(kind) == 1
    assert end.conn.get_key_update_type() == kind


def _their_update(peer, part, letter, words):
    """Gives the peer a quarter, with the letter for a key update in the middle; steps of End.cross()."""
    before = peer.count(words)
    peer.send(part[: QUARTER // 2])
    _, got = yield
    while got < QUARTER // 2:
        _, got = yield
    peer.send(letter)
    while peer.count(words) == before:
        yield
    peer.send(part[QUARTER // 2 :])


def _wait_for_words(peer, words, count):
    """Until the peer's output has them so often: counting from then on takes no old ones for new."""
    deadline = time.monotonic() + PATIENCE
    while peer.count(words) < count:
        assert time.monotonic() < deadline, f"the peer has not said {words!r}"
        time.sleep(0.01)


def _quarters(data):
    return [data[at : at + QUARTER] for at in range(0, len(data), QUARTER)]


def _say(end, peer, line):
    arrived = peer.expect(line)
    end.repeat(end.conn.write, line)
    arrived()
    peer.send(line)
    assert end.receive(len(line)) == line


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(("release", "suite"), SUITES.items())
def test_keys_are_updated_by_both_sides_in_the_middle_of_a_mebibyte_each_way(bench, release, suite, role):
    context = bench.context(release, "TLSv1.3", suite)
    end, peer = bench.meet(role, "openssl", context, "TLSv1.3", suite, kind="non-blocking")
    assert (end.conn.get_current_cipher(), end.conn.version()) == (suite, 0x0304)
    words = PEERS_SIDE[role]
    ours, theirs = _quarters(MEBIBYTE), _quarters(OTHER)
    arrived = peer.expect(MEBIBYTE)
    got = b""
    for kind in (REQUESTED, NOT_REQUESTED):
        peer.send(theirs.pop(0))
        got += end.cross(ours.pop(0), QUARTER, _our_update(end, kind))
    _wait_for_words(peer, words, 1)  # the peer's answer to our update, which its output may tell late
    for letter in (b"K\n", b"k\n"):
        got += end.cross(ours.pop(0), QUARTER, _their_update(peer, theirs.pop(0), letter, words))
    arrived()
    assert got == OTHER
    _say(end, peer, b"and once more\n")
    assert end.sent.count(KEY_UPDATE) == 3
    assert end.got.count(KEY_UPDATE) == peer.count(words) == 3
    assert end.conn.get_key_update_type() == NONE_PENDING
    assert end.errors() == []


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w", "3.0.12", "3.5.4"])
def test_pythons_ssl_follows_key_updates_and_says_goodbye(bench, release, role):
    end, peer = bench.meet(role, "python", bench.context(release, "TLSv1.3"), "TLSv1.3")
    half = len(MEBIBYTE) // 2
    arrived = peer.expect(MEBIBYTE)
    end.send(MEBIBYTE[:half])
    assert end.conn.key_update(REQUESTED) == 1
    end.send(MEBIBYTE[half:])
    arrived()
    peer.send(OTHER)
    assert end.receive(half) == OTHER[:half]
    assert end.conn.key_update(NOT_REQUESTED) == 1
    assert end.receive(half) == OTHER[half:]
    _say(end, peer, b"with new keys\n")
    assert end.sent.count(KEY_UPDATE) == 2
    assert end.got.count(KEY_UPDATE) == 1
    _part(end, peer, role)


def _part(end, peer, role):
    if role == "client":
        peer.finish()
        assert end.read_to_the_end() is ErrorCode.ZERO_RETURN
        assert end.conn.shutdown() == 1
    else:
        assert end.conn.shutdown() == 0
        peer.check_it_saw_our_close()
        assert end.repeat(end.conn.shutdown) == 1
    assert end.conn.get_shutdown() == Shutdown.RECEIVED | Shutdown.SENT
    assert end.errors() == []
