from __future__ import annotations

import pytest

from emulator import Connection, Context, Option, UsageError, connected_pair, make_bio_pair
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
