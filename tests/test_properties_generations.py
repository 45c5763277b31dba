"""Two ends of different releases: renegotiations and key updates cross with data, and nothing is mixed up.

Whatever crosses on the way, a reader gets the beginning of what the writer's calls took; and unless a call
has said that the connection is over, or a peer waits for a renegotiation that was refused, it gets all of it.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import ErrorCode, connected_pair
from emulator.behaviours.renegotiation import Policy
from emulator.constants import InfoCallback
from emulator.error_queue import ErrorQueue, use
from emulator.profile import load_profile

GENERATIONS = (
    "0.9.6m", "0.9.7m", "0.9.8l", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l",
    "1.1.1-base", "1.1.1d", "1.1.1w", "3.0.16", "3.1.4", "3.2.0", "3.5.4",
)  # fmt: skip
PROTOCOLS = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1")
OLD_BUILD = ["ssl3", "weak-ciphers"]
NO_RENEGOTIATION = 100
WAITS = (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)
MOST_ROUNDS = 60

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=5,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

sides = st.sampled_from(["client", "server"])
amounts = st.none() | st.integers(1, 60) | st.integers(1, 20000)
STEPS = st.one_of(
    st.tuples(st.just("write"), sides, st.integers(1, 40000)),
    st.tuples(st.just("read"), sides, st.integers(1, 20000)),
    st.tuples(st.just("deliver"), sides, amounts),
    st.tuples(st.just("renew"), sides, st.booleans()),
    st.tuples(st.just("handshake"), sides, st.none()),
)


def spoken(release):
    return set(load_profile(release).exists.protocols)


def insists_on_rfc5746(release):
    """Whether a client of the release leaves a server without secure renegotiation, unless told otherwise."""
    profile = load_profile(release)
    wanted = profile.options.get("LEGACY_SERVER_CONNECT", 0)
    return wanted and not profile.defaults.context_options & wanted


def meetings():
    """Every client and server with every protocol that both speak."""
    for client, server in product(GENERATIONS, repeat=2):
        for protocol in PROTOCOLS:
            if protocol in spoken(client) & spoken(server):
                yield client, server, protocol


class Side:
    """One end with what it has sent and received; its calls are repeated as SSL_get_error() says."""

    def __init__(self, connection):
        self.connection = connection
        self.errors = ErrorQueue()
        self.accepted = b""
        self.pending = None
        self.received = bytearray()
        self.failed = False
        self.refused = False
        self.handshakes = 0
        self.count = 0
        connection.set_info_callback(self._notice)

    def _notice(self, where, value):
        if where & InfoCallback.ALERT and value & 0xFF == NO_RENEGOTIATION:
            self.refused = True
        self.handshakes += where == InfoCallback.HANDSHAKE_DONE

    def ask(self, call, *arguments):
        """The call's answer, or None where it waits or is the end of the connection."""
        previous = use(self.errors)
        try:
            self.errors.clear()
            answer = call(*arguments)
            ret = answer[0] if isinstance(answer, tuple) else answer
            if ret > 0:
                return answer
            self.failed |= self.connection.get_error(ret) not in WAITS
            return None
        finally:
            use(previous)

    def write(self, size):
        if self.pending is None:
            self.count += 1
            self.pending = bytes((self.count + at * 7) & 0xFF for at in range(251)) * (size // 251 + 1)
            self.pending = self.pending[:size]
        if self.ask(self.connection.write, self.pending) is not None:
            self.accepted += self.pending
            self.pending = None

    def read(self, n):
        answer = self.ask(self.connection.read, n)
        if answer is not None:
            self.received += answer[1]
        return answer is not None

    def renew(self, request):
        """Renegotiate, or new keys where the protocol is TLS 1.3; refused while a write is pending."""
        previous = use(ErrorQueue())
        try:
            if self.connection.version() == 0x0304:
                if self.pending is None:
                    self.connection.key_update(int(request))
            else:
                self.connection.renegotiate()
        finally:
            use(previous)

    def handshake(self, _nothing):
        if self.pending is None:
            self.ask(self.connection.do_handshake)


class Meeting:
    def __init__(self, client, server, protocol):
        old = "0.9.6m" in (client, server)
        self.pair = connected_pair(
            client,
            server_profile=server,
            protocol=protocol,
            cipher=None if protocol == "TLSv1.3" else "DES-CBC3-SHA" if old else "AES128-SHA",
            delivery="manual",
            follow="library",
            client={"options": ["LEGACY_SERVER_CONNECT"] if insists_on_rfc5746(client) else []},
            build=OLD_BUILD if old else None,
        )
        self.sides = {"client": Side(self.pair.client), "server": Side(self.pair.server)}
        # Such a server clears itself when a second ClientHello comes, without a word (0.9.8l ssl3_accept()).
        self.bans = self.pair.server.profile.renegotiation.policy is Policy.BANNED

    def play(self, what, who, argument):
        if what == "deliver":
            self.pair.deliver(who, argument)
        elif not self.sides[who].failed:
            getattr(self.sides[who], what)(argument)

    def goes_on(self):
        """Whether nothing was said, or kept silent, that ends the connection."""
        return not self.bans and not any(side.failed or side.refused for side in self.sides.values())

    def finish(self):
        """Deliver everything, repeat what waits, read what is there, until nothing moves any more."""
        for _ in range(MOST_ROUNDS):
            moved = self.pair.deliver()
            for side in self.sides.values():
                if side.pending is not None and not side.failed:
                    side.write(0)
                while not side.failed and side.read(20000):
                    moved += 1
            if not moved and not any(end.outgoing.sent for end in self.pair.ends):
                return
        raise AssertionError("the two ends never come to rest")


@pytest.mark.parametrize(("client", "server", "protocol"), list(meetings()))
@thorough
@given(steps=st.lists(STEPS, min_size=3, max_size=16))
def test_what_crosses_with_data_mixes_nothing_up(client, server, protocol, steps):
    meeting = Meeting(client, server, protocol)
    for step in steps:
        meeting.play(*step)
    meeting.finish()
    client, server = meeting.sides.values()
    for writer, reader in ((client, server), (server, client)):
        sent = writer.accepted + (writer.pending or b"")
        assert sent.startswith(bytes(reader.received))
        if meeting.goes_on():
            assert writer.pending is None
            assert bytes(reader.received) == writer.accepted


@pytest.mark.parametrize(("client", "server", "protocol"), list(meetings()))
def test_key_changes_between_writes_lose_nothing(client, server, protocol):
    """With nothing on the way a renegotiation that both allow, or a KeyUpdate, works from either side."""
    meeting = Meeting(client, server, protocol)
    for turn in range(4):
        who = ("client", "server")[turn % 2]
        meeting.play("renew", who, True)
        meeting.finish()
        for side in ("client", "server"):
            meeting.play("write", side, 20000)
            meeting.finish()
    one, other = meeting.sides.values()
    if not meeting.goes_on():
        assert protocol != "TLSv1.3"
        return
    if protocol != "TLSv1.3":
        asked_in_vain = meeting.pair.client.profile.renegotiation.policy is Policy.BANNED
        assert one.handshakes == other.handshakes == (0 if asked_in_vain else 4)
    assert bytes(one.received) == other.accepted
    assert bytes(other.received) == one.accepted
    assert len(one.received) == len(other.received) == 80000
