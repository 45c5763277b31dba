"""Where SSL_write(3) promises what the code does not do: ``follow="manual"``."""

from __future__ import annotations

import socket
import threading

import pytest

from emulator import (
    Connection,
    ErrorCode,
    Mode,
    UndefinedBehaviourError,
    UndefinedBehaviourWarning,
    Want,
    connected_pair,
)

PROMISED = ["0.9.6a", "0.9.6m", "0.9.7m", "0.9.8k", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l"]
NOT_PROMISED = ["0.9.6-base", "1.1.1w"]


HANDSHAKE_DONE = 0x20


def pair_of(profile, **settings):
    settings = {"client": {"modes": ()}, "protocol": "TLSv1", **settings}
    return connected_pair(profile=profile, blocking=True, **settings)


def in_thread(function):
    result = []
    thread = threading.Thread(target=lambda: result.append(function()))
    thread.start()

    def join():
        thread.join(20)
        assert not thread.is_alive()
        return result[0]

    return join


def count_handshakes(connection):
    """The list grows with every handshake that this side has brought to its end."""
    done = []
    connection.set_info_callback(lambda where, _: done.append(where) if where & HANDSHAKE_DONE else None)
    return done


def asked_by_server(pair):
    """A HelloRequest waits for the client; the server reads in a thread."""
    assert pair.server.renegotiate() == 1
    assert pair.server.do_handshake() == 1
    return in_thread(lambda: read_through(pair.server))


def read_through(connection):
    """A caller who reads until there is data, as the page tells him to."""
    ret, data = connection.read(100)
    while ret < 0 and connection.get_error(ret) is ErrorCode.WANT_READ:
        ret, data = connection.read(100)
    return ret, data


@pytest.mark.parametrize("profile", PROMISED)
def test_a_blocking_write_that_meets_a_hello_request_renegotiates_and_wants_to_be_repeated(profile):
    with pair_of(profile) as pair:
        join = asked_by_server(pair)
        handshakes = count_handshakes(pair.client)
        ret = pair.client.write(b"once")
        assert (ret, pair.client.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        assert pair.client.want() is Want.READING
        assert len(handshakes) == 1
        assert pair.client.write(b"once") == 4
        assert join() == (4, b"once")
        (promise,) = pair.client.promises
        assert (promise.ret, promise.error) == (-1, ErrorCode.WANT_READ)
        assert "SSL_MODE_AUTO_RETRY" in promise.meaning


@pytest.mark.parametrize("profile", PROMISED)
def test_with_auto_retry_a_blocking_write_renegotiates_and_goes_straight_on(profile):
    with pair_of(profile) as pair:
        pair.client.set_mode(Mode.AUTO_RETRY)
        join = asked_by_server(pair)
        handshakes = count_handshakes(pair.client)
        assert pair.client.write(b"straight on") == 11
        assert len(handshakes) == 1
        assert join() == (11, b"straight on")
        (promise,) = pair.client.promises
        assert promise.ret is None


@pytest.mark.parametrize("profile", PROMISED)
def test_a_client_that_asked_for_renegotiation_itself_is_told_once(profile):
    with pair_of(profile) as pair:
        join = in_thread(lambda: read_through(pair.server))
        assert pair.client.renegotiate() == 1
        ret = pair.client.write(b"mine")
        assert (ret, pair.client.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        assert pair.client.write(b"mine") == 4
        assert join() == (4, b"mine")


@pytest.mark.parametrize("profile", PROMISED)
def test_a_server_whose_write_meets_a_client_hello_is_told_once(profile):
    with pair_of(profile) as pair:
        assert pair.client.renegotiate() == 1
        join = in_thread(pair.client.do_handshake)
        while not pair.ends[1].pending():
            pass
        ret = pair.server.write(b"from the server")
        assert (ret, pair.server.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        assert join() == 1
        assert pair.server.write(b"from the server") == 15
        assert pair.client.read(100) == (15, b"from the server")


@pytest.mark.parametrize("profile", PROMISED)
def test_a_server_that_asks_is_told_with_its_hello_request_and_not_again_with_the_clients_hello(profile):
    with pair_of(profile) as pair:
        assert pair.server.renegotiate() == 1
        ret = pair.server.write(b"data")
        assert (ret, pair.server.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        handshakes = count_handshakes(pair.server)
        join = in_thread(lambda: read_through(pair.client))
        while not pair.ends[1].pending():
            pass
        assert pair.server.write(b"data") == 4
        assert len(handshakes) == 1
        assert join() == (4, b"data")
        assert len(pair.server.promises) == 1


@pytest.mark.parametrize("profile", NOT_PROMISED)
@pytest.mark.parametrize("protocol", ["TLSv1"])
def test_the_first_page_and_those_from_111_on_promise_nothing(profile, protocol):
    with pair_of(profile, protocol=protocol) as pair:
        pair.client.clear_mode(Mode.AUTO_RETRY)
        assert pair.server.renegotiate() == 1
        assert pair.server.do_handshake() == 1
        waiting = pair.ends[0].pending()
        assert waiting
        assert pair.client.write(b"straight out") == 12
        assert pair.ends[0].pending() == waiting
        assert pair.client.promises == []


@pytest.mark.parametrize("profile", PROMISED)
def test_the_library_writes_without_a_look_at_what_waits(profile):
    with pair_of(profile, follow="library") as pair:
        assert pair.server.renegotiate() == 1
        assert pair.server.do_handshake() == 1
        waiting = pair.ends[0].pending()
        assert pair.client.write(b"straight out") == 12
        assert pair.ends[0].pending() == waiting
        assert pair.client.promises == []


@pytest.mark.parametrize("profile", PROMISED)
def test_without_a_blocking_bio_nothing_is_promised(profile):
    with connected_pair(profile=profile, protocol="TLSv1") as (client, server):
        assert server.renegotiate() == 1
        assert server.do_handshake() == 1
        assert client.write(b"straight out") == 12
        assert client.promises == []


@pytest.mark.parametrize("profile", PROMISED)
def test_application_data_that_waits_is_neither_consumed_nor_looked_behind(profile):
    with pair_of(profile) as pair:
        assert pair.server.write(b"unread") == 6
        assert pair.server.renegotiate() == 1
        assert pair.server.do_handshake() == 1
        assert pair.client.write(b"out") == 3
        assert pair.client.read(3) == (3, b"unr")
        assert pair.client.write(b"out") == 3
        assert pair.client.read(100) == (3, b"ead")
        assert pair.client.promises == []


@pytest.mark.parametrize("profile", ["0.9.8l"])
def test_a_hello_request_to_a_client_that_may_not_renegotiate_changes_nothing(profile):
    with pair_of(profile, server_profile="0.9.8k") as pair:
        assert pair.server.renegotiate() == 1
        assert pair.server.do_handshake() == 1
        assert pair.client.write(b"out") == 3
        assert pair.ends[0].pending() == 0, "the record was looked at"
        assert pair.client.promises == []


def test_a_write_that_is_pending_is_not_held_up():
    with pair_of("1.0.1", capacity=4096) as pair:
        pair.ends[0].blocking = False
        data = bytes(8192)
        assert pair.client.write(data) == -1
        assert pair.client.get_error(-1) is ErrorCode.WANT_WRITE
        pair.server.renegotiate()
        pair.server.do_handshake()
        pair.set_capacity("client", None)
        pair.ends[0].blocking = True
        assert pair.client.write(data) == 8192
        assert pair.client.promises == []


@pytest.mark.parametrize("timeout", [None, 10.0])
def test_a_blocking_socket_is_looked_at_without_waiting(timeout):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(timeout)
        client = Connection(profile="1.0.1", sock=ours, method="TLSv1")
        server = Connection(profile="1.0.1", sock=theirs, method="TLSv1")
        server.use_fixture()
        join = in_thread(server.accept)
        assert client.connect() == 1
        assert join() == 1
        assert client.write(b"nothing waits") == 13
        assert server.read(100) == (13, b"nothing waits")
        assert server.renegotiate() == 1
        assert server.do_handshake() == 1
        join = in_thread(lambda: read_through(server))
        ret = client.write(b"more")
        assert (ret, client.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        assert client.write(b"more") == 4
        assert join() == (4, b"more")


# -- num=0 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["0.9.6e", "0.9.8zh", "1.0.1u", "1.0.2k", "1.1.0l"])
def test_where_the_page_calls_a_length_of_zero_undefined_it_is_warned_of(profile):
    with connected_pair(profile=profile) as (client, _):
        with pytest.warns(UndefinedBehaviourWarning, match="num=0"):
            assert client.write(b"") == 0
        assert [promise.ret for promise in client.promises] == [None]


@pytest.mark.parametrize("profile", ["0.9.6-base", "0.9.6d", "1.1.1w"])
def test_where_the_page_is_silent_or_says_an_error_nothing_is_warned_of(profile):
    with connected_pair(profile=profile) as (client, _):
        assert client.write(b"") == 0
        assert client.promises == []


def test_a_length_of_zero_can_be_made_an_error_of_ours():
    with connected_pair(profile="1.0.1", undefined="raise") as (client, server):
        with pytest.raises(UndefinedBehaviourError, match=r"1\.0\.1u"):
            client.write(b"")
        assert client.write(b"still works") == 11
        assert server.read(100) == (11, b"still works")


def test_a_length_of_zero_can_be_nobodys_business():
    with connected_pair(profile="1.0.1", undefined="ignore") as (client, _):
        assert client.write(b"") == 0


def test_the_library_knows_no_undefined_behaviour():
    with connected_pair(profile="1.0.1", follow="library") as (client, _):
        assert client.write(b"") == 0
        assert client.promises == []
