"""emulator.peers.connect and the events of its side, as real servers see them."""

from __future__ import annotations

import errno
import socket

import pytest

from emulator.exceptions import NotEmulated, UsageError
from emulator.peers import Server, connect

LOOPBACK = "127.0.0.1"
RELEASES = ["0.9.7", "0.9.8", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "3.0", "3.5"]
OLD_PEER = "-legacy_renegotiation"
TLS1_2 = {"protocol": "TLSv1.2", "cipher": "AES128-SHA"}


def _dial(server, profile, **how):
    return connect(LOOPBACK, server.port, profile=profile, **how)


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize("release", RELEASES)
def test_a_client_of_any_generation_is_answered_by_s_server(bench, release, blocking):
    server = bench.s_server(None, None, "-rev")
    outcome = _dial(server, release, data=b"drawer\n", expect=b"reward\n", blocking=blocking)
    assert (outcome.ok, outcome.how, outcome.data) == (True, "closed", b"reward\n")


@pytest.mark.parametrize("event", ["renegotiate@start", "renegotiate@7B-in"])
@pytest.mark.parametrize("release", ["0.9.8y", "1.0.2", "1.1.1"])
def test_a_client_renegotiates_with_s_server_while_data_is_on_its_way(bench, release, event):
    server = bench.s_server("TLSv1", None, "-rev", "-client_renegotiation")
    how = {"protocol": "TLSv1", "events": [event], "blocking": False, "chunk": 7}
    outcome = _dial(server, release, data=b"drawer\npart\n", expect=b"trap\n", **how)
    assert outcome.ok
    assert len(outcome.log.of("handshake")) == 2
    assert outcome.never_fired == ()


@pytest.mark.parametrize("release", ["0.9.8y", "1.0.2", "1.1.1"])
def test_a_client_whose_socket_blocks_renegotiates_before_it_writes(bench, release):
    server = bench.s_server("TLSv1", None, "-rev", "-client_renegotiation")
    how = {"protocol": "TLSv1", "events": ["renegotiate@start"]}
    outcome = _dial(server, release, data=b"part\n", expect=b"trap\n", **how)
    assert outcome.ok
    assert len(outcome.log.of("handshake")) == 2


def test_a_read_that_finds_a_ticket_comes_back_so_that_a_blocking_client_can_write():
    """Behind the tickets of TLS 1.3 there is nothing to read from a server that only listens."""
    with Server("1.1.1", serve="sink", protocol="TLSv1.3") as server:

        def wait_for_the_tickets(note):
            if note["what"] == "handshake":
                server.log.wait_for("handshake")

        outcome = _dial(server, "1.1.1", data=bytes(100_000), listener=wait_for_the_tickets, timeout=5)
        assert outcome.ok
        assert server.wait_for_end().received == 100_000
    assert outcome.log.of("call", call="SSL_read", error="WANT_READ")


def test_s_server_sees_a_key_update(bench):
    server = bench.s_server("TLSv1.3", None)
    arrived = server.expect(b"drawer\npart\n")
    outcome = _dial(server, "1.1.1", data=b"drawer\npart\n", chunk=7, events=["key-update@7B-out"])
    assert outcome.ok
    arrived()
    server.await_line(rb"read client key update", log=True)


def test_a_key_update_that_is_asked_for_is_answered_by_s_server(bench):
    server = bench.s_server("TLSv1.3", None, "-rev")
    how = {"data": b"part\n", "expect": b"trap\n", "messages": True}
    outcome = _dial(server, "1.1.1", events=["key-update-requested"], **how)
    assert outcome.ok
    assert outcome.log.of("message", direction="in", message="key_update")


def test_a_client_reads_until_a_server_closes(bench):
    with Server("1.0.1", serve=b"x" * 50_000, **TLS1_2) as server:
        outcome = _dial(server, "1.0.1", read_until_close=True)
    assert (outcome.ok, outcome.how, len(outcome.data)) == (True, "peer closed", 50_000)


@pytest.mark.parametrize(("release", "error"), [("1.0.1", "SYSCALL"), ("1.1.1", "SYSCALL"), ("3.0", "SSL")])
def test_an_end_without_close_notify_is_a_failure_in_the_words_of_the_release(release, error):
    with Server("1.0.1", events=["hang-up@start"], **TLS1_2) as server:
        outcome = _dial(server, release, read_until_close=True, **TLS1_2)
    assert (outcome.ok, outcome.how) == (False, "end of file without close_notify")
    assert outcome.log.of("call", call="SSL_read", error=error)


def test_a_reset_is_a_failure_with_its_errno(bench):
    with Server("1.0.1", events=["reset@start"], **TLS1_2) as server:
        outcome = _dial(server, "1.0.1", read_until_close=True, **TLS1_2)
    assert (outcome.ok, outcome.how) == (False, "failed")
    (note,) = outcome.log.of("call", call="SSL_read")
    assert (note["error"], note["errno"]) == ("SYSCALL", errno.ECONNRESET)


def test_s_server_sees_the_name_that_a_client_sends(bench):
    name = ("-servername", "there.example", "-cert2", bench.files["RSA"])
    server = bench.s_server(None, None, *name)
    assert _dial(server, "0.9.8y", servername="there.example").ok
    server.await_line(rb'Hostname in TLS extension: "there.example"')


@pytest.mark.parametrize(("release", "name"), [("0.9.7", "there"), ("0.9.8e", "there"), ("3.0", "x" * 256)])
def test_a_name_that_a_release_does_not_take_is_an_error(release, name):
    with pytest.raises(UsageError, match=r"servername: .*SSL_set_tlsext_host_name\(\) = 0"):
        connect(LOOPBACK, 9, profile=release, servername=name)


def test_an_empty_name_is_not_emulated():
    with pytest.raises(NotEmulated):
        connect(LOOPBACK, 9, profile="3.0", servername="")


def test_a_peer_that_is_not_there_is_an_outcome():
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
    outcome = connect(LOOPBACK, port, profile="1.0.1", events=["close@1B"])
    assert (outcome.ok, outcome.how) == (False, "not connected")
    assert [str(event) for event in outcome.never_fired] == ["close@1B"]
    assert outcome.log.of("failed", errno=errno.ECONNREFUSED, reason="Connection refused")


def test_an_answer_that_is_not_what_was_expected_is_a_failure():
    with Server("1.0.1", serve=b"something else") as server:
        outcome = _dial(server, "1.0.1", expect=b"that")
    assert (outcome.ok, outcome.how) == (False, "peer closed")
    assert outcome.log.of("expected", text="that")


@pytest.mark.parametrize(
    ("client", "server"),
    [
        ("0.9.7", "3.0"),
        ("0.9.8zh", "1.1.1"),
        ("1.0.1", "3.0"),
        ("3.5", "0.9.8y"),
        ("1.1.1", "1.0.1"),
        ("3.0", "1.1.1"),
    ],
)
def test_a_client_of_one_generation_and_a_server_of_another_exchange_a_mebibyte(client, server):
    data = bytes(range(256)) * 4096
    how = {"protocol": "TLSv1"} if "0.9." in client + server else {}
    with Server(server, **how) as other:
        options = {"options": ["LEGACY_SERVER_CONNECT"], **how}
        outcome = _dial(other, client, data=data, expect=data, **options)
        assert outcome.ok
        assert outcome.data == data
        assert other.wait_for_end().ok


def test_both_sides_may_have_events_at_once():
    data = b"0123456789" * 200
    events = ["dribble:700:0", "pause:1@1000B-in", "renegotiate@2000B-in"]
    with Server("1.0.2", events=events, **TLS1_2) as server:
        how = {"events": ["dribble:900:0", "pause:1@1000B-out"], "chunk": 500, "blocking": False}
        outcome = _dial(server, "1.0.1", data=data, expect=data, **how, **TLS1_2)
        assert outcome.ok
        ended = server.wait_for_end()
    assert (ended.not_fired, outcome.never_fired) == ((), ())
    assert ended.handshakes == len(outcome.log.of("handshake"))


def test_where_the_manual_was_followed_is_noted():
    """A blocking write that finds a HelloRequest comes back early by the page, and says so once."""
    with Server("1.0.1", events=["renegotiate@start", "pause:0@start"], **TLS1_2) as server:

        def wait_for_the_request(note):
            if note["what"] == "handshake":
                server.log.wait_for("event", event="pause:0@start")

        outcome = _dial(
            server,
            "1.0.1",
            data=b"part",
            expect=b"part",
            follow="manual",
            listener=wait_for_the_request,
            **TLS1_2,
        )
    assert outcome.ok
    early, performed = outcome.log.of("manual")
    assert early["page"] == performed["page"] == "SSL_write(3) of OpenSSL 1.0.1u"
    assert "WANT_READ" in early["meaning"]
    assert outcome.log.of("call", call="SSL_write", ret=-1, error="WANT_READ")
