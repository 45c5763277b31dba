"""Which calls there are: a release's own, those it answers 0 to, and those that are not emulated."""

from __future__ import annotations

import pytest

from emulator import Connection, Context, NotEmulated, connected_pair


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


EMULATED_ELSEWHERE = {"clear"}
NOT_EMULATED = {
    "set_post_handshake_auth",
    "set_read_ahead",
    "set_retry_verify",
    "set_verify",
    "state_string",
    "use_private_key",
    "verify_client_post_handshake",
}


def test_every_function_that_a_profile_lists_has_a_method_or_says_that_it_is_not_emulated():
    functions = Connection("3.5.4").profile.functions
    without = {name for name in functions if not hasattr(Connection, name)}
    assert without - EMULATED_ELSEWHERE == NOT_EMULATED
    for name in NOT_EMULATED:
        with pytest.raises(NotEmulated, match=f"^{functions[name].c_name} is not emulated"):
            getattr(Connection("3.5.4"), name)()


def test_a_context_says_which_of_its_calls_are_not_emulated():
    with pytest.raises(NotEmulated, match=r"^SSL_CTX_use_PrivateKey is not emulated"):
        Context("1.0.1").use_private_key(b"")
    with pytest.raises(AttributeError, match="SSL_set_post_handshake_auth does not exist"):
        _ = Context("1.1.0").set_post_handshake_auth


def test_a_list_of_the_attributes_leaves_out_what_the_release_lacks():
    assert "write_ex" not in dir(Connection("1.1.0"))
    assert {"write", "write_ex"} < {*dir(Connection("1.1.1"))}
    connection = Connection("0.9.6")
    for name in {*dir(connection)} - {
        "findings",
        "transcript",
    }:  # there is a reason why it is missing, and it is said
        getattr(connection, name)


@pytest.mark.parametrize(
    ("release", "protocol", "answer"),
    [("1.0.2", "TLSv1.2", 0), ("1.1.0", "TLSv1.2", 1), ("1.1.1", "TLSv1", 1), ("1.1.1", "TLSv1.3", 0)],
)
def test_the_extended_master_secret_is_known_after_the_handshake(release, protocol, answer):
    """As 1.1.0l, 1.1.1w, 3.0.16 and 3.5.4 answer."""
    pair = connected_pair(release, protocol=protocol)
    assert [end.get_extms_support() for end in pair] == [answer, answer]
    before = 0 if release == "1.0.2" else -1
    assert Connection(release).get_extms_support() == before


def test_records_are_made_one_by_one_unless_more_at_once_are_wanted():
    """As 1.1.0l, 1.1.1w, 3.0.16 and 3.5.4 answer; more than one would also read ahead."""
    client = Connection("1.1.1")
    assert [client.set_max_pipelines(count) for count in (0, 1, 33, -1)] == [0, 1, 0, 0]
    with pytest.raises(NotEmulated, match=r"SSL_set_max_pipelines\(\) of more than 1"):
        client.set_max_pipelines(2)


def test_renegotiations_are_counted_twice():
    client, _ = connected_pair("1.0.1")
    client.renegotiate()
    client.do_handshake()
    assert (client.num_renegotiations(), client.total_renegotiations()) == (1, 1)


@pytest.mark.parametrize("holder", [Connection, Context], ids=["connection", "context"])
def test_a_setting_of_both_is_the_same_call_on_a_context_and_a_connection(holder):
    one = holder("1.1.1")
    assert one.set_max_send_fragment(512) == 1
    assert one.set_split_send_fragment(513) == 0
    assert one.set_block_padding(64) == 1
    assert one.set_min_proto_version(0x0302) == one.set_max_proto_version(0x0303) == 1
    assert (one.get_min_proto_version(), one.get_max_proto_version()) == (0x0302, 0x0303)
    assert (one.set_dh_auto(1), one.set_ecdh_auto(0), one.set_tmp_ecdh("secp384r1")) == (1, 0, 1)
    assert one.set_recv_max_early_data(1) == 1
    assert (one.get_recv_max_early_data(), one.get_max_early_data()) == (1, 0)
    one.set_quiet_shutdown(5)
    assert one.get_quiet_shutdown() == 5


def test_a_connection_takes_the_settings_of_its_context_and_leaves_them_as_they_are():
    context = Context("1.1.1")
    context.set_max_send_fragment(512)
    context.set_block_padding(64)
    context.set_quiet_shutdown(1)
    context.set_min_proto_version(0x0303)
    connection = Connection(context=context)
    assert connection.get_quiet_shutdown() == 1
    assert connection._s.out.max_send_fragment == 512
    assert connection._s.out.record_padding.block == 64
    assert connection.get_min_proto_version() == 0x0303
    connection.set_min_proto_version(0)
    connection.set_quiet_shutdown(0)
    assert (context.get_min_proto_version(), context.get_quiet_shutdown()) == (0x0303, 1)
