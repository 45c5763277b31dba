"""Which calls there are: a release's own, those it answers 0 to, and those that are not emulated."""

from __future__ import annotations

import pytest

from emulator import Connection, NotEmulated, connected_pair


@pytest.mark.parametrize(
    ("name", "c_name", "last_without", "since"),
    [
        ("write_ex", "SSL_write_ex", "1.1.0l", "1.1.1"),
        ("read_ex", "SSL_read_ex", "1.1.0l", "1.1.1"),
        ("peek_ex", "SSL_peek_ex", "1.1.0l", "1.1.1"),
        ("key_update", "SSL_key_update", "1.1.0l", "1.1.1"),
        ("has_pending", "SSL_has_pending", "1.0.2u", "1.1.0"),
        ("is_server", "SSL_is_server", "1.0.1u", "1.0.2"),
        ("renegotiate_abbreviated", "SSL_renegotiate_abbreviated", "1.0.0t", "1.0.1"),
        ("set_msg_callback", "SSL_set_msg_callback", "0.9.6m", "0.9.7"),
    ],
)
def test_a_function_is_absent_before_the_release_that_exported_it(name, c_name, last_without, since):
    older = Connection(profile=last_without)
    assert not hasattr(older, name)
    with pytest.raises(AttributeError, match=rf"^{c_name} does not exist in OpenSSL .*: added in {since}"):
        getattr(older, name)
    assert hasattr(Connection(profile=since), name)


@pytest.mark.parametrize("name", ["set_max_send_fragment", "set_split_send_fragment", "set_max_pipelines"])
def test_a_control_that_the_release_does_not_know_answers_0(name):
    assert getattr(Connection(profile="0.9.8zh"), name)(1024) == 0


@pytest.mark.parametrize("name", ["state_string", "set_read_ahead"])
def test_what_the_release_has_and_nobody_emulates_says_so_when_it_is_called(name):
    with pytest.raises(NotEmulated, match=f"SSL_{name} is not emulated"):
        getattr(Connection(profile="1.1.1"), name)(b"")


def test_what_is_no_call_at_all_is_missing_as_anywhere():
    with pytest.raises(AttributeError, match="'Connection' object has no attribute 'writ'"):
        _ = Connection(profile="1.1.1").writ


def test_bytes_that_wait_are_pending_once_they_are_decrypted():
    client, server = connected_pair(profile="1.1.1")
    client.write(b"abc")
    assert (server.pending(), server.has_pending()) == (0, 0)
    assert server.peek_ex(1) == (1, b"a")
    assert (server.pending(), server.has_pending()) == (3, 1)
    assert server.read_ex(100) == (1, b"abc")
    assert (server.pending(), server.has_pending()) == (0, 0)


def test_a_connection_tells_who_it_is_and_what_was_agreed_on():
    client, server = connected_pair(profile="1.0.2", protocol="TLSv1.2")
    assert (client.is_server(), server.is_server()) == (0, 1)
    assert (client.version(), client.get_version()) == (0x0303, "TLSv1.2")
    assert client.get_secure_renegotiation_support() == server.get_secure_renegotiation_support() == 1
    assert client.is_init_finished()
    assert client.total_renegotiations() == 0


def test_a_bound_of_versions_is_kept_from_110_on_and_answered_from_110g_on():
    conn = Connection(profile="1.1.0l")
    assert conn.set_min_proto_version(0x0302) == 1
    assert conn.set_max_proto_version(0x0303) == 1
    assert (conn.get_min_proto_version(), conn.get_max_proto_version()) == (0x0302, 0x0303)
    assert conn.set_max_proto_version(0x0999) == 0
    early = Connection(profile="1.1.0f")
    assert early.set_min_proto_version(0x0302) == 1
    assert early.get_min_proto_version() == 0
    assert Connection(profile="1.0.2u").set_min_proto_version(0x0302) == 0
