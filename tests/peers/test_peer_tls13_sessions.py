"""Tickets of TLS 1.3 and the sessions that are resumed with them, with real peers in both roles."""

from __future__ import annotations

import ssl
import time

import pytest

from emulator import Option
from emulator.handshake.common.session import Session

RELEASES = ["1.1.1-base", "1.1.1d", "1.1.1l", "1.1.1w", "3.0.12", "3.2.0", "3.5.4"]
SOME = ["1.1.1-base", "1.1.1w", "3.0.12", "3.5.4"]
SHA256_SUITE, SHA384_SUITE = "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"
OTHER_SHA256_SUITE = "TLS_CHACHA20_POLY1305_SHA256"
TERMS = [
    ("1.1.1-base", SHA256_SUITE, "stateless"),
    ("1.1.1d", SHA384_SUITE, "stateless"),
    ("1.1.1l", SHA256_SUITE, "stateful"),
    ("1.1.1w", SHA384_SUITE, "stateful"),
    ("1.1.1w", SHA256_SUITE, "stateless"),
    ("3.0.12", SHA384_SUITE, "stateless"),
    ("3.0.12", SHA256_SUITE, "stateful"),
    ("3.2.0", SHA256_SUITE, "stateless"),
    ("3.5.4", SHA384_SUITE, "stateful"),
    ("3.5.4", SHA256_SUITE, "stateless"),
]
CLIENT_HELLO, NEW_SESSION_TICKET, CERTIFICATE = 1, 4, 11
SHARED_KEY = bytes(range(32))
LONGER_THAN_A_TICKET_LIVES = 10_000


def _exchange(end, peer):
    arrived = peer.expect(b"from us\n")
    end.send(b"from us\n")
    arrived()
    peer.send(b"hello\n")
    assert end.receive(6) == b"hello\n"
    assert end.errors() == []


def _visit(bench, context, server, session=None):
    """A client's connection that offers a session: its end, and the session it has afterwards."""
    end = bench.end(context, bench.dial(server.port))
    end.conn.set_connect_state()
    end.conn.set_session(session)
    end.shake_hands()
    _exchange(end, server)
    kept = end.conn.get_session()
    end.part()
    return end, kept


def _serve(bench, context, listener, port, *more):
    """A server's connection with s_client."""
    client = bench.s_client(port, "TLSv1.3", None, *more)
    end = bench.end(context, bench.take(listener)).accept()
    _exchange(end, client)
    client.finish()
    end.read_to_the_end()
    end.conn.shutdown()
    end.sock.close()
    client.wait()
    return end, client


def _is_resumed(end):
    """Whether a session was resumed, and no certificate shown for that reason."""
    assert end.conn.session_reused() is (CERTIFICATE not in end.sent + end.got)
    return end.conn.session_reused()


# -- tickets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_s_client_gets_as_many_tickets_as_were_set(bench, release, count):
    context = bench.context(release, "TLSv1.3")
    assert context.set_num_tickets(count) == 1
    listener, port = bench.listen()
    end, client = _serve(bench, context, listener, port)
    assert end.sent.count(NEW_SESSION_TICKET) == count
    assert client.count(b"New Session Ticket arrived", log=False) == count


@pytest.mark.parametrize("release", RELEASES)
def test_a_server_sends_two_tickets_where_nothing_was_set(bench, release):
    listener, port = bench.listen()
    end, client = _serve(bench, bench.context(release, "TLSv1.3"), listener, port)
    assert end.sent.count(NEW_SESSION_TICKET) == 2
    assert client.count(b"New Session Ticket arrived", log=False) == 2


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w", "3.5.4"])
def test_a_client_takes_as_many_tickets_as_s_server_sends(bench, release, count):
    context = bench.context(release, "TLSv1.3")
    end, server = bench.meet("client", "openssl", context, "TLSv1.3", None, "-num_tickets", count)
    _exchange(end, server)
    assert end.got.count(NEW_SESSION_TICKET) == count
    assert bool(end.conn.get_session().ticket) is (count > 0)


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_a_resumed_session_gets_one_new_ticket(bench, tmp_path, release, role):
    context = bench.context(release, "TLSv1.3")
    if role == "client":
        server = bench.s_server("TLSv1.3")
        _, session = _visit(bench, context, server)
        end, _ = _visit(bench, context, server, session)
        assert end.got.count(NEW_SESSION_TICKET) == 1
    else:
        kept = tmp_path / "session.pem"
        listener, port = bench.listen()
        _serve(bench, context, listener, port, "-sess_out", kept)
        end, _ = _serve(bench, context, listener, port, "-sess_in", kept)
        assert end.sent.count(NEW_SESSION_TICKET) == 1
    assert _is_resumed(end)


# -- resumption -------------------------------------------------------------------------------


@pytest.mark.parametrize(("release", "suite", "tickets"), TERMS)
def test_a_client_resumes_a_session_with_s_server(bench, release, suite, tickets):
    server = bench.s_server("TLSv1.3", suite, *(["-no_ticket"] if tickets == "stateful" else []))
    context = bench.context(release, "TLSv1.3", suite)
    session = None
    for resumed in (False, True, True):
        end, session = _visit(bench, context, server, session)
        assert _is_resumed(end) is resumed
        assert end.conn.get_current_cipher() == suite
    server.await_line(rb"Reused session-id", count=2)


@pytest.mark.parametrize(("release", "suite", "tickets"), TERMS)
def test_s_client_resumes_a_session_with_a_server(bench, tmp_path, release, suite, tickets):
    context = bench.context(release, "TLSv1.3", suite)
    if tickets == "stateful":
        context.set_options(Option.NO_TICKET)
    listener, port = bench.listen()
    kept = tmp_path / "session.pem"
    for more in (["-sess_out"], ["-sess_in", kept, "-sess_out"], ["-sess_in"]):
        end, client = _serve(bench, context, listener, port, *more, kept)
        assert _is_resumed(end) is ("-sess_in" in more)
        assert (b"Reused, TLSv1.3" in client.out) is ("-sess_in" in more)


@pytest.mark.parametrize("name", [None, "localhost"])
@pytest.mark.parametrize("release", SOME)
def test_pythons_ssl_resumes_a_session_with_a_server(bench, release, name):
    context = bench.context(release, "TLSv1.3")
    theirs = bench.ssl_context(ssl.PROTOCOL_TLS_CLIENT, "TLSv1.3")
    listener, port = bench.listen()
    session = None
    for resumed in (False, True):
        peer = bench.python_client(port, context=theirs, session=session, server_hostname=name)
        end = bench.end(context, bench.take(listener)).accept()
        _exchange(end, peer)
        assert peer.ask(lambda sock: sock.session_reused) is resumed
        assert _is_resumed(end) is resumed
        session = peer.ask(lambda sock: sock.session)
        peer.finish()
        end.read_to_the_end()
        end.conn.shutdown()


@pytest.mark.parametrize("release", SOME)
def test_a_client_resumes_a_session_with_pythons_ssl(bench, release):
    context = bench.context(release, "TLSv1.3")
    theirs = bench.ssl_context(ssl.PROTOCOL_TLS_SERVER, "TLSv1.3")
    session = None
    for resumed in (False, True):
        server = bench.python_server(context=theirs)
        end = bench.end(context, bench.dial(server.port))
        end.conn.set_connect_state()
        end.conn.set_session(session)
        end.shake_hands()
        _exchange(end, server)
        assert server.ask(lambda sock: sock.session_reused) is _is_resumed(end) is resumed
        session = end.conn.get_session()


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", RELEASES)
def test_a_session_is_resumed_across_a_hello_retry_request(bench, tmp_path, release, role):
    context = bench.context(release, "TLSv1.3")
    context.set1_groups_list("X25519:P-384" if role == "client" else "P-384")
    kept, session = tmp_path / "session.pem", None
    listener, port = bench.listen()
    server = bench.s_server("TLSv1.3", None, "-groups", "P-384") if role == "client" else None
    for resumed in (False, True):
        if role == "client":
            end, session = _visit(bench, context, server, session)
        else:
            more = "-sess_in" if resumed else "-sess_out"
            end, _ = _serve(bench, context, listener, port, "-groups", "X25519:P-384", more, kept)
        assert _is_resumed(end) is resumed
        assert (end.sent + end.got).count(CLIENT_HELLO) == 2


@pytest.mark.parametrize("release", SOME)
def test_a_session_may_go_on_with_another_suite_of_the_same_hash(bench, release):
    server = bench.s_server("TLSv1.3")
    _, session = _visit(bench, bench.context(release, "TLSv1.3", SHA256_SUITE), server)
    end, _ = _visit(bench, bench.context(release, "TLSv1.3", OTHER_SHA256_SUITE), server, session)
    assert _is_resumed(end)
    assert end.conn.get_current_cipher() == OTHER_SHA256_SUITE


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_a_key_that_both_had_before_makes_a_certificate_needless(bench, release, role):
    """s_client and s_server take it for one of TLS_AES_128_GCM_SHA256."""
    context = bench.context(release, "TLSv1.3")
    now = int(time.time())
    shared = Session(version=0x0304, suite_id=0x1301, master_key=SHARED_KEY, time=now, timeout=300)
    context.set_psk_use_session_callback(lambda: (b"Client_identity", shared))
    context.set_psk_find_session_callback({b"Client_identity": shared}.get)
    end, peer = bench.meet(role, "openssl", context, "TLSv1.3", SHA256_SUITE, "-psk", SHARED_KEY.hex())
    _exchange(end, peer)
    assert _is_resumed(end)


# -- sessions that are refused ----------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_a_session_of_another_server_is_made_anew(bench, tmp_path, release):
    context = bench.context(release, "TLSv1.3")
    _, session = _visit(bench, context, bench.s_server("TLSv1.3"))
    end, _ = _visit(bench, context, bench.s_server("TLSv1.3"), session)
    assert not _is_resumed(end)
    kept = tmp_path / "session.pem"
    listener, port = bench.listen()
    _serve(bench, context, listener, port, "-sess_out", kept)
    end, client = _serve(bench, bench.context(release, "TLSv1.3"), listener, port, "-sess_in", kept)
    assert not _is_resumed(end)
    assert b"New, TLSv1.3" in client.out


@pytest.mark.parametrize("release", SOME)
def test_a_session_whose_hash_no_suite_has_is_made_anew(bench, release):
    server = bench.s_server("TLSv1.3")
    _, session = _visit(bench, bench.context(release, "TLSv1.3", SHA384_SUITE), server)
    end, _ = _visit(bench, bench.context(release, "TLSv1.3", SHA256_SUITE), server, session)
    assert not _is_resumed(end)


@pytest.mark.parametrize("release", SOME)
def test_a_client_whose_ticket_is_too_old_does_without_it(bench, release):
    context = bench.context(release, "TLSv1.3")
    server = bench.s_server("TLSv1.3")
    _, session = _visit(bench, context, server)
    session.time -= LONGER_THAN_A_TICKET_LIVES
    end, _ = _visit(bench, context, server, session)
    assert not _is_resumed(end)


@pytest.mark.parametrize("tickets", ["stateless", "stateful"])
@pytest.mark.parametrize("release", SOME)
def test_a_server_takes_no_ticket_that_is_too_old(bench, tmp_path, release, tickets):
    context = bench.context(release, "TLSv1.3")
    if tickets == "stateful":
        context.set_options(Option.NO_TICKET)
    listener, port = bench.listen()
    kept = tmp_path / "session.pem"
    _serve(bench, context, listener, port, "-sess_out", kept)
    context.clock = lambda: time.time() + LONGER_THAN_A_TICKET_LIVES
    end, _ = _serve(bench, context, listener, port, "-sess_in", kept)
    assert not _is_resumed(end)
