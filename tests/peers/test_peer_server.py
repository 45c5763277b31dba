"""emulator.peers.Server and the events of its side, as real peers see them."""

from __future__ import annotations

import socket
import ssl

import pytest

from emulator.exceptions import UsageError
from emulator.peers import Server

PATIENCE = 25.0
RELEASES = ["0.9.7", "0.9.8", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "3.0", "3.5"]
TLS1_2 = {"protocol": "TLSv1.2", "cipher": "AES128-SHA"}
FLOOD_SIZE = 1 << 16
FLOOD = bytes(FLOOD_SIZE)


def _talk(peer, line=b"hello\n"):
    """The peer says something and hears it again."""
    if hasattr(peer, "ask"):  # Python's ssl does one thing after the other
        peer.send(line)
        peer.expect(line)()
    else:
        arrived = peer.expect(line)
        peer.send(line)
        arrived()


def _drain(sock):
    while sock.recv(FLOOD_SIZE):
        pass


def _refused_by(peer):
    """What Python's ssl raises at the end of the connection."""

    def read(sock):
        with pytest.raises(OSError) as error:
            _drain(sock)
        return error.value

    return peer.ask(read)


def _raw_end_of(peer):
    """What recv(2) says there: Python's ssl makes an end of file of ECONNRESET."""

    def read(sock):
        with socket.socket(fileno=sock.detach()) as raw, pytest.raises(OSError) as error:
            _drain(raw)
        return error.value

    return peer.ask(read)


def _fill(sock):
    """Send until the pipe is full; how many bytes."""
    written = 0
    try:
        while True:
            written += sock.send(FLOOD)
    except ssl.SSLWantWriteError:
        return written


@pytest.mark.parametrize("release", RELEASES)
def test_s_client_hears_its_own_words_from_a_server_of_any_generation(bench, release):
    with Server(release) as server:
        client = bench.s_client(server.port, None, None, "-quiet", "-no_ign_eof")
        _talk(client)
        client.finish()
        ended = server.wait_for_end()
    assert (ended.how, ended.ok, ended.data) == ("peer closed", True, b"hello\n")
    assert server.log.of("call", call="SSL_read", error="ZERO_RETURN")


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize("release", ["0.9.8y", "1.0.1", "1.1.0"])
def test_s_client_is_asked_to_renegotiate_after_so_many_bytes(bench, release, blocking):
    with Server(release, protocol="TLSv1", events=["renegotiate@6B-out"], blocking=blocking) as server:
        client = bench.s_client(server.port, "TLSv1", None, "-nbio")
        _talk(client)
        client.await_line(rb"read hello request", log=True)
        server.log.wait_for("handshake", number=2)
        _talk(client, b"again\n")
        client.finish()
        assert server.wait_for_end().handshakes == 2
    assert server.log.of("event") == [
        {"what": "event", "connection": 1, "event": "renegotiate@6B-out", "received": 6, "sent": 6}
    ]


def test_what_a_release_answers_to_a_renegotiation_of_tls_1_3_is_a_result(bench):
    with Server("1.1.1", events=["renegotiate"]) as server:
        _talk(bench.python_client(server.port, "TLSv1.3"))
    (answer,) = server.log.of("call", call="SSL_renegotiate")
    assert (answer["ret"], answer["error"]) == (0, "SSL")
    assert "wrong ssl version" in answer["queue"][0]


@pytest.mark.parametrize("release", ["1.1.1", "3.0"])
def test_s_client_sees_both_kinds_of_key_update(bench, release):
    events = ["key-update@6B-in", "key-update-requested@12B-in"]
    with Server(release, events=events, messages=True) as server:
        client = bench.s_client(server.port, "TLSv1.3")
        _talk(client)
        client.await_line(rb"read server key update", log=True)
        _talk(client, b"again\n")
        client.await_line(rb"read server key update", log=True, count=2)
        _talk(client, b"thirdly\n")
        server.log.wait_for("message", direction="in", message="key_update")
    assert len(server.log.of("message", direction="out", message="key_update")) == 2


def test_close_is_a_close_notify_and_the_peer_may_answer_it(bench):
    with Server("1.0.1", events=["close@6B-out"], **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        _talk(client)
        client.check_it_saw_our_close()
        ended = server.wait_for_end()
    assert (ended.how, ended.ok) == ("closed", True)


@pytest.mark.parametrize("blocking", [False, True])
def test_reset_is_ECONNRESET_at_the_peer(bench, blocking):  # noqa: N802
    with Server("1.0.1", events=["reset@6B-in"], blocking=blocking, **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        client.ask(lambda sock: sock.send(b"hello\n"))
        assert server.wait_for_end().how == "reset"
        assert isinstance(_raw_end_of(client), ConnectionResetError)


def test_hang_up_is_an_end_of_file_without_close_notify(bench):
    with Server("1.0.1", events=["hang-up@6B-in"], **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        client.send(b"hello\n")
        assert isinstance(_refused_by(client), ssl.SSLEOFError)
        assert server.wait_for_end().how == "hung up"


def test_an_event_of_the_transport_may_come_before_the_handshake():
    with Server("1.0.1", events=["reset@open"]) as server:
        sock = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        with sock, pytest.raises(ConnectionResetError):
            sock.recv(1)
        assert server.wait_for_end().handshakes == 0


@pytest.mark.parametrize("blocking", [False, True])
def test_a_dribble_is_slow_and_loses_nothing(bench, blocking):
    data = bytes(range(200)) * 2
    with Server("1.0.1", serve=data, events=["dribble:3:0@open"], blocking=blocking, **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        client.expect(data)()
        client.check_it_saw_our_close()
        assert server.wait_for_end().ok


def test_a_dribble_with_rests_has_a_write_that_does_not_block_want_to_write(bench):
    with Server("1.0.1", serve=bytes(100), events=["dribble:20:5"], **TLS1_2) as server:
        bench.python_client(server.port, "TLSv1.2").expect(bytes(100))()
    assert server.log.of("call", call="SSL_write", ret=-1, error="WANT_WRITE")


def test_a_server_that_stops_reading_fills_the_pipe_until_it_resumes(bench):
    events = ["stop-reading@start", "resume-reading@1000ms"]
    with Server("1.0.1", serve="sink", events=events, **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")

        def fill(sock):
            sock.settimeout(0)
            written = _fill(sock)
            sock.settimeout(PATIENCE)
            sock.sendall(FLOOD)
            return written + len(FLOOD)

        total = client.ask(fill)
        client.finish()
        ended = server.wait_for_end()
    assert ended.received == total
    assert [str(event) for event in ended.fired] == events


def test_a_transport_event_happens_during_a_write_that_blocks(bench):
    """Nobody reads: the write never comes back."""
    flood = bytes(1 << 24)
    with Server(
        "1.0.1", serve=flood, blocking=True, chunk=1 << 24, events=["reset@300ms"], **TLS1_2
    ) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        assert server.wait_for_end().how == "reset"
        assert isinstance(_raw_end_of(client), ConnectionResetError)
    assert server.connections[0].sent == 0


def test_records_are_counted_from_the_handshake_on(bench):
    with Server("1.0.2", serve=bytes(100), chunk=10, events=["hang-up@4r-out"], **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        client.expect(bytes(40))()
        assert isinstance(_refused_by(client), ssl.SSLEOFError)


def test_a_pause_holds_up_what_comes_after_it(bench):
    events = ["pause:200@6B-in", "close@6B-in"]
    with Server("1.0.1", serve="sink", events=events, **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        client.send(b"hello\n")
        client.check_it_saw_our_close()
        assert [event.name for event in server.wait_for_end().fired] == ["pause", "close"]


def test_several_clients_are_served_at_once_and_each_has_its_own_events(bench):
    with Server("1.1.1", events=["key-update@6B-in"], protocol="TLSv1.3") as server:
        clients = [bench.python_client(server.port, "TLSv1.3") for _ in range(4)]
        for client in reversed(clients):
            _talk(client)
        assert len(server.log.of("event", event="key-update@6B-in")) == 4


def test_www_answers_a_request_with_a_page_about_the_connection(bench):
    with Server("1.0.1", serve="www", **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        page = b"OpenSSL 1.0.1u\nTLSv1.2 AES128-SHA\nGET / HTTP/1.0\n"
        head = b"HTTP/1.0 200 ok\r\nContent-type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(page)
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        client.expect(head + page)()
        client.check_it_saw_our_close()


def test_a_server_that_is_closed_says_goodbye_and_what_never_fired(bench):
    with Server("1.0.1", events=["close@7B-in", "pause:1@6B-in"], **TLS1_2) as server:
        client = bench.python_client(server.port, "TLSv1.2")
        _talk(client)
    client.check_it_saw_our_close()
    assert [str(event) for event in server.never_fired] == ["close@7B-in"]
    assert server.connections[0].how == "stopped"


def test_a_handshake_that_fails_is_noted_with_its_error(bench):
    with Server("1.0.1", protocol="TLSv1.2", cipher="AES128-SHA", accept=1) as server:
        assert bench.s_client(server.port, "TLSv1.2", "ECDHE-RSA-AES128-SHA").wait() == 1
        assert server.wait(PATIENCE)
    (note,) = server.log.of("call", call="SSL_do_handshake", error="SSL")
    assert "no shared cipher" in note["queue"][0]
    assert not server.all_ok


def test_a_client_that_says_nothing_is_timed_out():
    with Server("1.0.1", timeout=0.1) as server, socket.create_connection(("127.0.0.1", server.port)):
        assert server.wait_for_end().how == "timed out"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"serve": "tea"}, "serve: got 'tea', expected one of echo, sink, www"),
        ({"protocol": "TLSv1.22"}, "did you mean 'TLSv1.2'?"),
        ({"protocol": "TLSv1.3"}, "does not speak TLSv1.3"),
        ({"cipher": "NO-SUCH"}, "has no 'NO-SUCH'"),
        ({"modes": ["ENABLE_PARTIAL_WRITES"]}, "mode: got 'ENABLE_PARTIAL_WRITES'"),
        ({"options": ["NO_TICKETS"]}, "option: got 'NO_TICKETS'"),
        ({"certificate": b"x"}, "cert and key: they come together"),
    ],
)
def test_what_a_release_does_not_have_is_an_error_before_anything_listens(settings, reason):
    with pytest.raises(UsageError) as error:
        Server("1.0.1", **settings)
    assert reason in str(error.value)


def test_messages_of_a_release_that_cannot_tell_them_are_an_error():
    with pytest.raises(UsageError, match=r"SSL_set_msg_callback does not exist in OpenSSL 0\.9\.6m"):
        Server("0.9.6m", messages=True)


def test_a_port_that_is_taken_is_an_os_error():
    with Server("1.0.1") as server, pytest.raises(OSError, match="in use"):
        Server("1.0.1", port=server.port).start()
