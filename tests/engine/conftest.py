"""Two connections over a transport that the test controls, on an error queue of their own."""

from __future__ import annotations

import pytest

from emulator import Mode, connected_pair, make_scripted_bio_pair
from emulator.error_queue import current


def cbc_cipher(release):
    return "DES-CBC3-SHA" if release.startswith("0.9.6") else "AES128-SHA"


class Link:
    """A client and a server that have shaken hands; nothing arrives before it is delivered."""

    def __init__(self, release, *, modes=0, **settings):
        settings.setdefault("protocol", "TLSv1")
        settings.setdefault("cipher", cbc_cipher(release))
        settings.setdefault("follow", "library")
        self.client, self.server = connected_pair(release, **settings)
        there, back = make_scripted_bio_pair()
        self.client.set_bio(there, there)
        self.server.set_bio(back, back)
        self.there, self.back = there.outgoing, back.outgoing
        if modes:
            self.client.set_mode(modes)

    def limit(self, room):
        """Let the client's direction take ``room`` more bytes; None: any number."""
        self.there.capacity = None if room is None else len(self.there.sent) + room

    def deliver(self):
        return self.there.deliver() + self.back.deliver()

    def records(self):
        """(type, length) of the records that the client has sent and nobody has read."""
        return records_of(self.there.sent)

    def blocked_write(self, data, room=100, num=None):
        """Start a write that the transport stops after ``room`` bytes."""
        self.limit(room)
        assert self.client.write(data, num) == -1

    def received(self, n=1 << 20):
        """All that the server can read now."""
        self.deliver()
        out = b""
        while True:
            ret, data = self.server.read(n)
            if ret <= 0:
                return out
            out += data


def records_of(wire):
    found = []
    at = 0
    while at < len(wire):
        length = int.from_bytes(wire[at + 3 : at + 5], "big")
        found.append((wire[at], length))
        at += 5 + length
    return found


@pytest.fixture
def link():
    """Make a Link of a release."""
    return Link


@pytest.fixture
def parse_records():
    """(type, length) of each record in bytes from the wire."""
    return records_of


@pytest.fixture
def drain():
    """Empty this thread's error queue: the reasons in it, oldest first."""

    def drain():
        reasons = [entry.text.rpartition(":")[2] for entry in current()]
        current().clear()
        return reasons

    return drain


@pytest.fixture
def codes():
    """Empty this thread's error queue: the packed codes as they are printed, oldest first."""

    def codes():
        found = [f"{entry.code:08X}" for entry in current()]
        current().clear()
        return found

    return codes


@pytest.fixture
def partial():
    """SSL_MODE_ENABLE_PARTIAL_WRITE."""
    return Mode.ENABLE_PARTIAL_WRITE
