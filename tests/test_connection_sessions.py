from __future__ import annotations

import pytest

from emulator import (
    Connection,
    Context,
    ErrorCode,
    NotEmulated,
    Option,
    SimulatedCrash,
    UsageError,
    connected_pair,
    make_bio_pair,
    make_scripted_bio_pair,
)
from emulator.constants import TLS1_2_VERSION
from emulator.error_queue import current

SERIES = ["0.9.6m", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
WITH_TICKETS = ["0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]


def server_context(release, **settings):
    """A server of TLS 1.2 at the most: sessions of TLS 1.3 come after the handshake."""
    context = Context(release, follow="library", **settings)
    context.set_max_proto_version(TLS1_2_VERSION)
    context.use_fixture()
    return context


def client_context(release, **settings):
    context = Context(release, follow="library", **settings)
    context.set_options(Option.LEGACY_SERVER_CONNECT)
    return context


def connect(client, server, session=None):
    """Shake hands over a pair of BIOs, offering a session."""
    one, other = make_bio_pair(1 << 20)
    ends = Connection(context=client, bio=one), Connection(context=server, bio=other)
    ends[0].set_connect_state()
    ends[1].set_accept_state()
    if session is not None:
        ends[0].set_session(session)
    done = [False, False]
    for _ in range(8):
        for side, end in enumerate(ends):
            done[side] = done[side] or end.do_handshake() == 1
        if all(done):
            assert ends[0].write(b"hello") == 5
            assert ends[1].read(100) == (5, b"hello")
            return ends
    raise AssertionError([entry.text for entry in current()])


@pytest.mark.parametrize("release", SERIES)
@pytest.mark.parametrize("method", [None, "TLSv1"])
def test_a_session_is_resumed_by_its_id(release, method):
    client, server = client_context(release, method=method), server_context(release, method=method)
    server.set_options(Option.NO_TICKET)
    first, _ = connect(client, server)
    assert not first.session_reused()
    session = first.get_session()
    assert len(session.session_id) == 32
    assert not session.ticket
    again = connect(client, server, session)
    assert [end.session_reused() for end in again] == [True, True]


@pytest.mark.parametrize("release", WITH_TICKETS)
def test_a_session_is_resumed_by_its_ticket(release):
    client, server = client_context(release), server_context(release)
    client.set_options(Option.NO_SSLV2)  # a hello in SSLv2's format could not ask for one
    server.session_cache = None
    session = connect(client, server)[0].get_session()
    assert session.ticket
    again = connect(client, server, session)
    assert [end.session_reused() for end in again] == [True, True]


@pytest.mark.parametrize("release", SERIES)
def test_a_server_that_has_lost_its_keys_and_cache_shakes_hands_anew(release):
    client = client_context(release)
    session = connect(client, server_context(release))[0].get_session()
    again = connect(client, server_context(release), session)
    assert [end.session_reused() for end in again] == [False, False]


@pytest.mark.parametrize(
    ("first", "then", "server"),
    [
        ("1.0.1u", "1.0.2u", "1.0.2u"),
        ("1.0.1u", "1.0.2u", "1.1.1w"),
        ("1.1.0l", "1.1.1w", "1.1.1w"),
        ("1.0.0t", "1.1.1w", "1.0.0t"),
    ],
)
@pytest.mark.parametrize("tickets", [True, False])
def test_a_session_of_one_release_is_resumed_by_another(first, then, server, tickets):
    server = server_context(server)
    if not tickets:
        server.set_options(Option.NO_TICKET)
    session = connect(client_context(first), server)[0].get_session()
    again = connect(client_context(then), server, session)
    assert [end.session_reused() for end in again] == [True, True]


@pytest.mark.parametrize("release", ["1.0.2u", "1.1.1w"])
def test_tickets_can_be_switched_off_by_the_client(release):
    client, server = client_context(release), server_context(release)
    client.set_options(Option.NO_TICKET)
    assert not connect(client, server)[0].get_session().ticket


@pytest.mark.parametrize("release", SERIES)
def test_after_a_fatal_alert_the_session_is_gone_from_the_servers_cache(release):
    client, server = client_context(release), server_context(release)
    server.set_options(Option.NO_TICKET)
    ends = connect(client, server)
    session = ends[0].get_session()
    one = ends[0]._s
    ends[0].wbio.write(one.out.writer.seal(23, one.version, b"x" * 40)[:-1] + b"\0")
    assert ends[1].read(1)[0] == -1
    again = connect(client, server, session)
    assert [end.session_reused() for end in again] == [False, False]


def test_an_expired_session_is_not_resumed():
    client, server = client_context("1.0.2u"), server_context("1.0.2u")
    server.clock = lambda: 1_000_000.0
    server.set_options(Option.NO_TICKET)
    session = connect(client, server)[0].get_session()
    server.clock = lambda: 1_000_000.0 + 100_000
    assert not connect(client, server, session)[0].session_reused()


def test_a_session_is_a_copy_of_its_own():
    client, _ = connected_pair("1.0.2u")
    one, other = client.get_session(), client.get_session()
    assert one == other
    assert one is not other


def test_before_a_role_is_set_there_is_no_session_and_none_can_be_set():
    connection = Connection("1.0.2u")
    assert connection.get_session() is None
    session = connected_pair("1.0.2u").client.get_session()
    with pytest.raises(UsageError, match="set_connect_state"):
        connection.set_session(session)


@pytest.mark.parametrize("release", ["1.0.1u", "1.0.2u", "1.1.1w"])
def test_data_flows_both_ways_over_a_resumed_session(release):
    client, server = client_context(release), server_context(release)
    session = connect(client, server)[0].get_session()
    one, other = connect(client, server, session)
    data = bytes(range(256)) * 300
    assert one.write(data) == len(data)
    read = b""
    while len(read) < len(data):
        read += other.read(20000)[1]
    assert read == data
    assert other.write(b"back") == 4
    assert one.read(100) == (4, b"back")


# -- SSL_set_session(NULL) once the handshake has begun: what libraries from 0.9.8e to 3.5.4 did ---------


def beginners(release, **settings):
    """A client and a server, over transports that hand over bytes when they are told to."""
    bios = make_scripted_bio_pair()
    contexts = client_context(release, **settings), server_context(release, **settings)
    ends = [Connection(context=context, bio=bio) for context, bio in zip(contexts, bios, strict=True)]
    ends[0].set_connect_state()
    ends[1].set_accept_state()
    return ends, bios


def advance(ends, bios, calls):
    """Make so many calls of SSL_do_handshake(), the client's first; all that each sends arrives."""
    for number in range(calls):
        ends[number % 2].do_handshake()
        bios[number % 2].outgoing.deliver()


DYING = [
    *((release, calls) for release in ("0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u") for calls in (2, 3, 4)),
    *((release, 2) for release in ("1.1.0l", "1.1.1w", "3.0.16", "3.5.4")),
]


@pytest.mark.parametrize(("release", "calls"), DYING)
def test_the_next_message_of_a_handshake_that_lost_its_session_is_a_crash(release, calls):
    ends, bios = beginners(release)
    advance(ends, bios, calls)
    assert ends[calls % 2].set_session(None) == 1
    with pytest.raises(SimulatedCrash, match=r"SSL_set_session\(NULL\)"):
        ends[calls % 2].do_handshake()


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.2u", "1.1.1w", "3.5.4"])
def test_without_a_message_the_handshake_that_lost_its_session_waits_on(release):
    ends, bios = beginners(release)
    advance(ends, bios, 1)
    assert ends[0].set_session(None) == 1
    assert ends[0].get_error(ends[0].do_handshake()) == ErrorCode.WANT_READ
    assert ends[0].get_error(ends[0].write(b"data")) == ErrorCode.WANT_READ


@pytest.mark.parametrize("release", SERIES)
def test_a_connection_whose_handshake_has_no_session_yet_loses_none(release):
    ends, bios = beginners(release)
    assert [end.set_session(None) for end in ends] == [1, 1]
    ends[1].do_handshake()
    assert ends[1].set_session(None) == 1
    advance(ends, bios, 6)
    assert [end.do_handshake() for end in ends] == [1, 1]


@pytest.mark.parametrize(
    ("release", "calls"), [("1.1.0l", 3), ("1.1.1w", 3), ("3.5.4", 3), ("1.0.2u", 8), ("1.1.1w", 8)]
)
def test_a_reset_of_the_whole_connection_is_not_emulated(release, calls):
    ends, bios = beginners(release)
    advance(ends, bios, calls)
    with pytest.raises(NotEmulated, match=r"SSL_set_session\(\)"):
        ends[1].set_session(None)


@pytest.mark.parametrize(("release", "calls"), [("1.1.1w", 3), ("3.5.4", 8)])
def test_another_session_after_the_hellos_is_not_emulated_from_1_1_0(release, calls):
    session = connect(client_context(release), server_context(release))[0].get_session()
    ends, bios = beginners(release)
    advance(ends, bios, calls)
    with pytest.raises(NotEmulated, match=r"SSL_set_session\(\)"):
        ends[1].set_session(session)


def test_a_lost_session_cannot_be_given_back():
    session = connect(client_context("1.0.2u"), server_context("1.0.2u"))[0].get_session()
    ends, bios = beginners("1.0.2u")
    advance(ends, bios, 1)
    assert [ends[0].set_session(None) for _ in range(2)] == [1, 1]
    with pytest.raises(NotEmulated):
        ends[0].set_session(session)
