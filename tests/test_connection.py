from __future__ import annotations

import gc
import socket
import weakref

import pytest

from emulator import (
    Connection,
    Context,
    Mode,
    Option,
    UndefinedBehaviourWarning,
    UsageError,
    connected_pair,
    make_bio_pair,
)
from emulator.constants import TLS1_2_VERSION, InfoCallback
from emulator.error_queue import current

RELEASES = ["0.9.6m", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]


@pytest.fixture
def two():
    """Client and server of a release that have not shaken hands, over a pair of BIOs."""

    def two(release, **settings):
        client, server = Context(release, **settings), Context(release, **settings)
        server.use_fixture()
        one, other = make_bio_pair()
        ends = Connection(context=client, bio=one), Connection(context=server, bio=other)
        ends[0].set_connect_state()
        ends[1].set_accept_state()
        return ends

    return two


def shake(client, server):
    for _ in range(10):
        done = client.do_handshake(), server.do_handshake()
        if done == (1, 1):
            return
    raise AssertionError([entry.text for entry in current()])


# -- making one ---------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [{}, {"profile": "1.0.1u", "context": Context("1.0.1u")}])
def test_a_connection_takes_a_profile_or_a_context(arguments):
    with pytest.raises(UsageError, match="either a profile or a context"):
        Connection(**arguments)


def test_settings_belong_to_the_context_that_is_made():
    with pytest.raises(UsageError, match="follow: settings of the context"):
        Connection(context=Context("1.0.1u"), follow="library")


def test_a_connection_takes_a_socket_or_a_bio():
    one, other = socket.socketpair()
    with one, other, pytest.raises(UsageError, match="either a sock or a bio"):
        Connection("1.0.1u", sock=one, bio=make_bio_pair()[0])


@pytest.mark.parametrize("release", RELEASES)
def test_memory_bios_carry_a_handshake_and_data(release):
    client = Connection(release, follow="library")
    server = Connection(release, follow="library")
    server.context.use_fixture()
    server = Connection(context=server.context)
    while client.in_init() or server.in_init():
        if client.in_init():
            client.connect()
        server.bio_write(client.bio_read(1 << 20))
        if server.in_init():
            server.accept()
        client.bio_write(server.bio_read(1 << 20))
    assert client.write(b"hello") == 5
    server.bio_write(client.bio_read(1 << 20))
    assert server.read(100) == (5, b"hello")
    assert client.bio_read(100) == b""


def test_the_memory_of_another_bio_cannot_be_read():
    connection = Connection("1.0.1u", bio=make_bio_pair()[0])
    with pytest.raises(UsageError, match="bio_read"):
        connection.bio_read(1)
    with pytest.raises(UsageError, match="bio_write"):
        connection.bio_write(b"x")


@pytest.mark.parametrize("release", ["0.9.6m", "1.0.2u", "1.1.1w"])
def test_sockets_carry_a_connection(release):
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(False)
        other.setblocking(False)
        context = Context(release, follow="library")
        context.use_fixture()
        client = Connection(release, sock=one, follow="library")
        server = Connection(context=context, sock=other)
        client.set_connect_state()
        server.set_accept_state()
        shake(client, server)
        assert client.write(b"hello") == 5
        assert server.read(100) == (5, b"hello")


def test_reading_and_writing_may_have_bios_of_their_own():
    there, arrived = make_bio_pair()
    connection = Connection("1.0.1u", bio=(None, there))
    connection.set_connect_state()
    connection.do_handshake()
    assert arrived.pending() > 0


def test_a_role_once_set_is_kept_by_connect_and_accept():
    connection = Connection("1.0.1u")
    connection.set_accept_state()
    connection.connect()
    assert connection.wbio.pending() == 0


# -- calls that a release lacks -----------------------------------------------------------------

EXPORTS = [
    ("write_ex", "1.1.0l", "1.1.1-base", "1.1.1"),
    ("read_ex", "1.1.0l", "1.1.1-base", "1.1.1"),
    ("renegotiate_abbreviated", "1.0.0t", "1.0.1-base", "1.0.1"),
    ("renegotiate_pending", "0.9.6m", "0.9.7-base", "0.9.7"),
    ("set_msg_callback", "0.9.6m", "0.9.7-base", "0.9.7"),
]


@pytest.mark.parametrize(("name", "without", "with_it", "since"), EXPORTS)
def test_a_call_exists_from_the_release_that_added_it(name, without, with_it, since):
    assert hasattr(Connection(with_it), name)
    old = Connection(without)
    assert not hasattr(old, name)
    with pytest.raises(
        AttributeError, match=f"SSL_{name} does not exist in OpenSSL {without}: added in {since}"
    ):
        getattr(old, name)


def test_a_call_that_never_existed_is_a_plain_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'writev'"):
        Connection("1.0.1u").writev()


@pytest.mark.parametrize(
    ("release", "answer"), [("0.9.6m", 0), ("0.9.8l", 0), ("0.9.8m", 1), ("1.0.0-base", 1)]
)
def test_modes_of_a_connection_can_be_cleared_from_0_9_8m(release, answer):
    connection = Connection(release)
    connection.set_mode(3)
    assert connection.clear_mode(2) == answer
    assert connection.get_mode() == (answer or 3)


# -- sizes of fragments -------------------------------------------------------------------------


@pytest.mark.parametrize(("release", "ret"), [("0.9.8zh", 0), ("1.0.0-base", 1), ("1.1.1w", 1)])
def test_the_size_of_fragments_can_be_set_from_1_0_0(release, ret):
    client, server = connected_pair(release, follow="library")
    assert client.set_max_send_fragment(1000) == ret
    client.write(bytes(5000))
    assert server.read(20000)[0] == (1000 if ret else 5000)


@pytest.mark.parametrize(("size", "ret"), [(0, 0), (511, 0), (512, 1), (16384, 1), (16385, 0), (-1, 0)])
def test_fragments_have_512_to_16384_bytes(size, ret):
    assert Connection("1.0.1u").set_max_send_fragment(size) == ret


@pytest.mark.parametrize(
    ("release", "size", "ret"),
    [
        ("1.0.2u", 1000, 0),
        ("1.1.0l", 0, 0),
        ("1.1.0l", 1, 1),
        ("1.1.0l", 16384, 1),
        ("1.1.0l", 16385, 0),
        ("1.1.1w", 2000, 1),
    ],
)
def test_the_split_size_is_a_control_from_1_1_0(release, size, ret):
    assert Connection(release).set_split_send_fragment(size) == ret


def test_the_split_size_may_not_exceed_the_fragment_and_shrinks_with_it():
    connection = Connection("1.1.1w")
    connection.set_max_send_fragment(1000)
    assert connection.set_split_send_fragment(1001) == 0
    assert connection.set_split_send_fragment(1000) == 1


@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w"])
def test_without_pipelines_the_split_size_changes_no_record(release):
    client, server = connected_pair(release, follow="library")
    client.set_split_send_fragment(2000)
    client.write(bytes(10000))
    assert server.read(20000)[0] == 10000


# -- callbacks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_the_info_callback_sees_the_handshake_begin_and_end(release, two):
    client, server = two(release)
    seen = []
    client.set_info_callback(lambda where, ret: seen.append((where, ret)))
    shake(client, server)
    assert (InfoCallback.HANDSHAKE_START, 1) in seen
    assert (InfoCallback.HANDSHAKE_DONE, 1) in seen
    assert seen[-1] == (InfoCallback.CONNECT | InfoCallback.EXIT, 1)
    assert (InfoCallback.CONNECT | InfoCallback.EXIT, -1) in seen
    assert (InfoCallback.CONNECT | InfoCallback.LOOP, 1) in seen


@pytest.mark.parametrize(("release", "of_client", "of_server"), [("0.9.8zh", 10, 11), ("1.0.2u", 10, 12)])
def test_states_that_do_nothing_are_not_told_of(release, of_client, of_server, two):
    ends = two(release, method="TLSv1")
    loops = [0, 0]
    for side, end in enumerate(ends):
        end.set_options(Option.NO_TICKET)

        def count(where, ret, side=side):
            loops[side] += bool(where & InfoCallback.LOOP)

        end.set_info_callback(count)
    shake(*ends)
    assert loops == [of_client, of_server]


@pytest.mark.parametrize("release", RELEASES)
def test_the_info_callback_sees_alerts_both_ways(release):
    client, server = connected_pair(release, follow="library")
    seen = []
    client.set_info_callback(lambda where, ret: seen.append(("client", where, ret)))
    server.set_info_callback(lambda where, ret: seen.append(("server", where, ret)))
    client.shutdown()
    server.read(1)
    assert seen == [
        ("client", InfoCallback.ALERT | InfoCallback.WRITE, 0x100),
        ("server", InfoCallback.ALERT | InfoCallback.READ, 0x100),
    ]


@pytest.mark.parametrize("release", RELEASES[1:])
def test_the_message_callback_sees_messages_and_alerts(release, two):
    client, server = two(release)
    client.set_max_proto_version(TLS1_2_VERSION)
    seen = []
    client.set_msg_callback(lambda *told: seen.append(told))
    shake(client, server)
    client.shutdown()
    assert {content for _, _, content, _ in seen} >= {20, 22}
    sent = [message[0] for write, _, content, message in seen if write and content in (0, 22)]
    assert sent == [1, 16, 20]
    received = [message[0] for write, _, content, message in seen if not write and content == 22]
    assert received[:2] == [2, 11]
    assert received[-1] == 20
    assert seen[-1][0] is True
    assert seen[-1][2:] == (21, b"\x01\x00")


@pytest.mark.parametrize(
    ("release", "lengths"),
    [("0.9.8zh", []), ("1.0.1u", []), ("1.0.2-base", [32, 32]), ("1.1.1w", [36, 36])],
)
def test_from_1_0_2_the_message_callback_is_shown_the_headers_of_records(release, lengths):
    client, server = connected_pair(release, protocol="TLSv1", cipher="AES128-SHA", follow="library")
    sent, received = [], []
    client.set_msg_callback(lambda *event: sent.append(event))
    server.set_msg_callback(lambda *event: received.append(event))
    client.write(b"hello")
    server.read(100)
    headers = [b"\x17\x03\x01\x00" + bytes([length]) for length in lengths]
    assert sent == [(True, 0, 0x100, header) for header in headers]
    assert received == [(False, 0, 0x100, header) for header in headers]


def test_callbacks_of_the_context_are_inherited(two):
    seen = []
    context = Context("1.0.1u")
    context.set_info_callback(lambda where, ret: seen.append(where))
    connection = Connection(context=context)
    connection.set_connect_state()
    connection.do_handshake()
    assert seen[0] == InfoCallback.HANDSHAKE_START


# -- num=0 by the page --------------------------------------------------------------------------


@pytest.mark.parametrize("release", ["0.9.7m", "1.0.2u", "1.1.0l"])
def test_by_the_manual_writing_nothing_is_undefined_and_warned_of(release):
    client, _ = connected_pair(release)
    with pytest.warns(UndefinedBehaviourWarning, match="num=0 is undefined"):
        assert client.write(b"") == 0


@pytest.mark.parametrize("release", ["0.9.7m", "1.0.2u", "1.1.0l"])
def test_undefined_behaviour_can_be_an_error_or_be_ignored(release):
    with pytest.raises(UsageError, match="undefined"):
        connected_pair(release, undefined="raise").client.write(b"")
    assert connected_pair(release, undefined="ignore").client.write(b"") == 0


def test_from_1_1_1_the_page_defines_it():
    assert connected_pair("1.1.1w").client.write(b"") == 0


def test_partial_mode_of_the_context_is_the_connections(two):
    client, server = two("1.0.1u")
    client.context.set_mode(Mode.ENABLE_PARTIAL_WRITE)
    late = Connection(context=client.context)
    assert late.get_mode() & Mode.ENABLE_PARTIAL_WRITE
    assert not client.get_mode() & Mode.ENABLE_PARTIAL_WRITE
    assert server.get_mode() == 0


@pytest.mark.parametrize(("release", "again"), [("1.0.2u", -1), ("1.1.0l", 1), ("1.1.1w", 1)])
def test_from_1_1_0_connect_after_the_handshake_has_nothing_to_do(release, again):
    """To 1.0.2 ssl3_connect() clears the connection and begins anew; later it is SSL_do_handshake()."""
    pair = connected_pair(release, protocol="TLSv1.2", follow="library")
    assert pair.client.connect() == again
    assert pair.client.in_init() == (again < 0)


def test_early_data_is_for_clients_with_a_session_that_allows_it_and_for_servers():
    pair = connected_pair("1.1.1w", protocol="TLSv1.2", follow="library", handshake=False)
    assert pair.client.write_early_data(b"early") == (0, 0)
    assert pair.client.read_early_data(10) == (0, b"")
    assert pair.client.get_early_data_status() == 0
    reasons = [entry.text.rpartition(":")[2] for entry in current()]
    current().clear()
    assert reasons == ["called a function you should not call"] * 2


def test_a_server_without_early_data_is_told_so_once_the_hello_is_there():
    pair = connected_pair("1.1.1w", protocol="TLSv1.2", follow="library", handshake=False)
    assert pair.server.read_early_data(10) == (0, b"")
    assert pair.server.read(10) == (0, b"")
    assert pair.server.write(b"x") == 0
    assert pair.server.write_ex(b"")[0] == 0
    reasons = [entry.text.rpartition(":")[2] for entry in current()]
    current().clear()
    assert reasons == ["called a function you should not call"] * 3


def test_the_limits_of_early_data_are_those_of_the_context_until_set():
    context = Context("1.1.1w", follow="library")
    context.set_max_early_data(1000)
    connection = Connection(context=context)
    assert (connection.get_max_early_data(), connection.get_recv_max_early_data()) == (1000, 16384)
    connection.set_max_early_data(5)
    connection.set_recv_max_early_data(6)
    assert (connection.get_max_early_data(), connection.get_recv_max_early_data()) == (5, 6)


@pytest.mark.parametrize("follow", ["library", "manual"])
def test_a_connection_is_freed_with_its_last_reference(follow):
    gc.collect()
    gc.disable()
    try:
        connection = Connection(profile="1.0.1", follow=follow)
        connection.set_connect_state()
        assert connection.do_handshake() == -1
        gone = weakref.ref(connection)
        del connection
        assert gone() is None
    finally:
        gc.enable()
