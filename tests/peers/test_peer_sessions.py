"""Sessions that are resumed with real peers, by id and by ticket, and what extensions bind them to."""

from __future__ import annotations

import ssl

import pytest

TICKETS = ["0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
RELEASES = ["0.9.6m", "0.9.7m", *TICKETS]
SUITES = {"0.9.6m": "NULL-SHA"}
LATEST = {"1.0.1u": "TLSv1.2", "1.0.2u": "TLSv1.1", "1.1.0l": "TLSv1.2", "1.1.1w": "TLSv1.2"}
BY_ID = [(release, "id") for release in RELEASES]
BY_TICKET = [(release, "ticket") for release in TICKETS]
ENTRIES = BY_ID + BY_TICKET


def _terms(release):
    return LATEST.get(release, "TLSv1"), SUITES.get(release, "AES128-SHA")


def _exchange(end, peer):
    arrived = peer.expect(b"from us\n")
    end.send(b"from us\n")
    arrived()
    peer.send(b"hello\n")
    assert end.receive(6) == b"hello\n"


@pytest.mark.parametrize(("release", "way"), ENTRIES)
def test_a_client_resumes_a_session_with_s_server(bench, release, way):
    protocol, suite = _terms(release)
    server = bench.s_server(protocol, suite, *(["-no_ticket"] if way == "id" else []))
    context = bench.context(release, protocol, suite)
    session = None
    for resumed in (False, True):
        end = bench.end(context, bench.dial(server.port))
        end.conn.set_connect_state()
        end.conn.set_session(session)
        end.shake_hands()
        assert end.conn.session_reused() is resumed
        _exchange(end, server)
        session = end.conn.get_session()
        assert bool(session.ticket) is (way == "ticket")
        assert end.conn.shutdown() == 0
        assert end.repeat(end.conn.shutdown) == 1
    server.await_line(rb"Reused session-id")


@pytest.mark.parametrize(("release", "way"), ENTRIES)
def test_s_client_resumes_a_session_with_a_server(bench, tmp_path, release, way):
    protocol, suite = _terms(release)
    context = bench.context(release, protocol, suite)
    listener, port = bench.listen()
    kept = tmp_path / "session.pem"
    extra = ["-no_ticket"] if way == "id" else []
    for resumed in (False, True):
        file = ["-sess_in", kept] if resumed else ["-sess_out", kept]
        client = bench.s_client(port, protocol, suite, *extra, *file)
        end = bench.end(context, bench.take(listener)).accept()
        assert end.conn.session_reused() is resumed
        client.await_line(b"Reused, " if resumed else b"New, ")
        _exchange(end, client)
        assert (b"TLS session ticket:" in client.out) is (way == "ticket")
        client.finish()


@pytest.mark.parametrize("release", RELEASES)
def test_a_session_that_the_server_forgot_is_made_anew(bench, release):
    protocol, suite = _terms(release)
    context = bench.context(release, protocol, suite)
    first, _ = bench.meet("client", "openssl", context, protocol, suite)
    server = bench.s_server(protocol, suite)
    end = bench.end(context, bench.dial(server.port))
    end.conn.set_connect_state()
    end.conn.set_session(first.conn.get_session())
    end.shake_hands()
    assert end.conn.session_reused() is False
    _exchange(end, server)


@pytest.mark.parametrize("peer", ["openssl", "python"])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", ["1.0.2u", "1.1.0l", "1.1.1w"])
def test_the_master_secret_is_extended_from_1_1_0_on(bench, release, role, peer):
    context = bench.context(release, "TLSv1.2", "AES128-SHA")
    end, other = bench.meet(role, peer, context, "TLSv1.2", "AES128-SHA")
    assert end.conn.get_session().extended_master_secret is (release >= "1.1")
    _exchange(end, other)


@pytest.mark.parametrize("release", ["1.0.2u", "1.1.0l", "1.1.1w"])
def test_s_client_is_told_of_extended_master_secret_and_encrypt_then_mac(bench, release):
    context = bench.context(release, "TLSv1.2", "AES128-SHA")
    end, other = bench.meet("server", "openssl", context, "TLSv1.2", "AES128-SHA", "-tlsextdebug")
    _exchange(end, other)
    for name in (b"extended master secret", b"encrypt-then-mac"):
        assert (b'server extension "' + name + b'"' in other.out) is (release >= "1.1")
    answer = rb"yes" if release >= "1.1" else rb"no"
    other.await_line(rb"Extended master secret: " + answer)


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w"])
def test_a_peer_without_encrypt_then_mac_gets_records_in_the_old_order(bench, release, role):
    context = bench.context(release, "TLSv1.2", "AES128-SHA")
    end, other = bench.meet(role, "openssl", context, "TLSv1.2", "AES128-SHA", "-no_etm", "-tlsextdebug")
    _exchange(end, other)
    if role == "server":
        assert b'server extension "encrypt-then-mac"' not in other.out
    else:
        assert b'client extension "encrypt-then-mac"' in other.out


@pytest.mark.parametrize("release", RELEASES[1:])
def test_pythons_ssl_resumes_a_session_with_a_server(bench, release):
    protocol, suite = _terms(release)
    context = bench.context(release, protocol, suite)
    theirs = bench.ssl_context(ssl.PROTOCOL_TLS_CLIENT, protocol, suite)
    listener, port = bench.listen()
    session = None
    for resumed in (False, True):
        peer = bench.python_client(port, context=theirs, session=session)
        end = bench.end(context, bench.take(listener)).accept()
        _exchange(end, peer)
        assert peer.ask(lambda sock: sock.session_reused) is resumed
        assert end.conn.session_reused() is resumed
        session = peer.ask(lambda sock: sock.session)
        peer.finish()
        end.read_to_the_end()
        end.conn.shutdown()
