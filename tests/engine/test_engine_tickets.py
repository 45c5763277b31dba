"""SSL_new_session_ticket(): more tickets than the handshake sent, ahead of data."""

from __future__ import annotations

import pytest

from emulator import Connection, connected_pair


def pair_of(release, **settings):
    pair = connected_pair(release, protocol="TLSv1.3", follow="library", **settings)
    pair.client.read(1)  # the two tickets of the handshake
    return pair


@pytest.mark.parametrize("release", ["3.0.0", "3.0.16", "3.1.4", "3.2.0", "3.5.4"])
def test_a_ticket_that_is_asked_for_goes_ahead_of_the_next_data(release):
    client, server = pair_of(release)
    before = client.get_session()
    assert server.new_session_ticket() == 1
    assert server.in_init()
    assert server.write(b"hello") == 5
    assert not server.in_init()
    assert client.read(10) == (5, b"hello")
    assert client.get_session() != before


def test_several_tickets_go_out_at_once_and_a_handshake_sends_them_too():
    pair = pair_of("3.0.16", delivery="manual")
    client, server = pair
    seen = []
    client.set_msg_callback(
        lambda write, _version, kind, message: seen.append(message[0]) if not write and kind == 22 else None
    )
    assert [server.new_session_ticket() for _ in range(3)] == [1, 1, 1]
    assert server.do_handshake() == 1
    pair.deliver()
    client.read(1)
    assert seen == [4, 4, 4]


def test_a_key_update_goes_first():
    client, server = pair_of("3.0.16")
    seen = []
    client.set_msg_callback(
        lambda write, _version, kind, message: seen.append(message[0]) if not write and kind == 22 else None
    )
    assert server.key_update(0) == 1
    assert server.new_session_ticket() == 0  # in init, and not for a ticket
    assert server.write(b"1") == 1
    assert server.new_session_ticket() == 1
    assert server.write(b"2") == 1
    assert client.read(1) + client.read(1) == (1, b"1", 1, b"2")
    assert seen == [24, 4]


def test_a_ticket_waits_for_a_record_that_waits():
    pair = pair_of("3.0.16", capacity=5000)
    client, server = pair
    data = bytes(16_000)
    assert server.write(data) == -1
    assert server.new_session_ticket() == 1
    assert not server.in_init()
    got = 0
    while got < len(data):
        ret, _ = client.read(20_000)
        got += max(ret, 0)
        if server.write(data) == len(data):
            break
    while got < len(data):
        got += client.read(20_000)[0]
    assert server.write(b"x") == 1
    assert client.read(10) == (1, b"x")


def test_only_a_server_of_tls_1_3_has_tickets_to_give():
    client, server = pair_of("3.0.16")
    assert client.new_session_ticket() == 0
    assert Connection("3.0.16").new_session_ticket() == 0
    client, server = connected_pair("3.0.16", protocol="TLSv1.2")
    assert server.new_session_ticket() == 0
    assert not hasattr(Connection("1.1.1w"), "new_session_ticket")
