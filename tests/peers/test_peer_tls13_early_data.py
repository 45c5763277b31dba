"""Early data (0-RTT) with the openssl programs, in both roles, taken and refused."""

from __future__ import annotations

import random

import pytest

from emulator import ErrorCode

RELEASES = ["1.1.1-base", "1.1.1d", "1.1.1l", "1.1.1w", "3.0.12", "3.2.0", "3.5.4"]
SOME = ["1.1.1-base", "1.1.1w", "3.0.12", "3.5.4"]
NOT_SENT, REJECTED, ACCEPTED = 0, 1, 2
READ_SUCCESS, READ_FINISH = 1, 2
CLIENT_HELLO, FINISHED = 1, 20
MAXIMUM = 16384
# Free of what s_server would take for a command, as any letter that it knows.
BULK = random.Random(2718).randbytes(MAXIMUM)


def _exchange(end, peer):
    arrived = peer.expect(b"from us\n")
    end.send(b"from us\n")
    arrived()
    peer.send(b"hello\n")
    assert end.receive(6) == b"hello\n"
    assert end.errors() == []


# -- as a client ------------------------------------------------------------------------------


def _begin(bench, context, server, session):
    """A client's end that has begun nothing yet and will offer a session."""
    end = bench.end(context, bench.dial(server.port))
    end.conn.set_connect_state()
    assert end.conn.set_session(session) == 1
    return end


def _session(bench, context, server):
    end = bench.end(context, bench.dial(server.port)).connect()
    _exchange(end, server)
    assert end.conn.get_early_data_status() == NOT_SENT
    end.part()
    return end.conn.get_session()


def _write_early(end, data):
    assert end.repeat(end.conn.write_early_data, data) == (1, len(data))


@pytest.mark.parametrize("release", RELEASES)
def test_s_server_takes_early_data(bench, release):
    context = bench.context(release, "TLSv1.3")
    server = bench.s_server("TLSv1.3", None, "-early_data")
    end = _begin(bench, context, server, _session(bench, context, server))
    _write_early(end, b"early\n")
    _write_early(end, b"and more\n")
    for line in (rb"early\n", rb"Early data received:\n", rb"and more\n"):
        server.await_line(line)
    end.shake_hands()
    server.await_line(rb"End of early data\n")
    assert end.conn.session_reused()
    assert end.conn.get_early_data_status() == ACCEPTED
    _exchange(end, server)


@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w", "3.5.4"])
def test_a_read_leaves_early_data_open_and_a_write_ends_it(bench, release):
    context = bench.context(release, "TLSv1.3")
    server = bench.s_server("TLSv1.3", None, "-early_data")
    session = _session(bench, context, server)
    end = bench.end(context, bench.dial(server.port, "non-blocking"))
    end.conn.set_connect_state()
    end.conn.set_session(session)
    _write_early(end, b"early\n")
    server.await_line(rb"write finished\n(?:.*\n)*?[^\n]*early data\n", log=True)
    while FINISHED not in end.got:
        ret, _ = end.conn.read(100)
        assert end.conn.get_error(ret) is ErrorCode.WANT_READ
    _write_early(end, b"and more\n")
    server.await_line(rb"and more\n")
    assert server.count(b"End of early data", log=False) == 0
    _exchange(end, server)
    assert server.count(b"End of early data", log=False) == 1
    assert end.conn.get_early_data_status() == ACCEPTED


@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w", "3.5.4"])
def test_as_much_early_data_as_the_ticket_allows_and_not_a_byte_more(bench, release):
    context = bench.context(release, "TLSv1.3")
    server = bench.s_server("TLSv1.3", None, "-early_data")
    end = _begin(bench, context, server, _session(bench, context, server))
    arrived = server.expect(BULK)
    _write_early(end, BULK)
    arrived()
    assert end.conn.write_early_data(b"!") == (0, 0)
    assert end.conn.get_error(0) is ErrorCode.SSL
    assert any("too much early data" in error for error in end.errors())


@pytest.mark.parametrize("release", RELEASES)
def test_s_server_refuses_early_data_that_comes_twice(bench, release):
    """Its session may be used once; the early data is left out, and all the rest arrives."""
    context = bench.context(release, "TLSv1.3")
    server = bench.s_server("TLSv1.3", None, "-early_data")
    session = _session(bench, context, server)
    for status in (ACCEPTED, REJECTED):
        end = _begin(bench, context, server, session)
        _write_early(end, b"early\n")
        end.shake_hands()
        assert end.conn.get_early_data_status() == status
        assert end.conn.session_reused() is (status == ACCEPTED)
        _exchange(end, server)
        end.part()
    assert server.count(b"\nearly\n", log=False) == 1
    server.await_line(rb"Early data was rejected")


@pytest.mark.parametrize("replay", ["-anti_replay", "-no_anti_replay"])
@pytest.mark.parametrize("release", SOME)
def test_a_hello_retry_request_from_s_server_refuses_early_data(bench, release, replay):
    """The session goes on where it may be looked up twice, once for each hello."""
    server = bench.s_server("TLSv1.3", None, "-early_data", replay, "-groups", "P-384:X25519")
    context = bench.context(release, "TLSv1.3")
    session = _session(bench, context, server)
    fussy = bench.context(release, "TLSv1.3")
    fussy.set1_groups_list("P-521:X25519")
    end = _begin(bench, fussy, server, session)
    _write_early(end, b"early\n")
    end.shake_hands()
    assert end.sent.count(CLIENT_HELLO) == 2
    assert end.conn.session_reused() is (replay == "-no_anti_replay")
    assert end.conn.get_early_data_status() == REJECTED
    _exchange(end, server)


@pytest.mark.parametrize("release", SOME)
def test_another_server_skips_early_data_that_it_cannot_read(bench, release):
    context = bench.context(release, "TLSv1.3")
    session = _session(bench, context, bench.s_server("TLSv1.3", None, "-early_data"))
    other = bench.s_server("TLSv1.3")
    end = _begin(bench, context, other, session)
    _write_early(end, BULK)
    end.shake_hands()
    assert not end.conn.session_reused()
    assert end.conn.get_early_data_status() == REJECTED
    _exchange(end, other)


@pytest.mark.parametrize("release", SOME)
def test_a_ticket_without_early_data_allows_none(bench, release):
    context = bench.context(release, "TLSv1.3")
    server = bench.s_server("TLSv1.3")
    end = _begin(bench, context, server, _session(bench, context, server))
    assert end.conn.write_early_data(b"early\n") == (0, 0)
    assert any("called a function you should not call" in error for error in end.errors())


# -- as a server ------------------------------------------------------------------------------


class Server:
    """The emulator's server with s_client as its client, which keeps its session in a file."""

    def __init__(self, bench, folder, release, maximum=MAXIMUM):
        self._bench = bench
        self.kept, self.file = folder / "session.pem", folder / "early.txt"
        self.file.write_bytes(b"early\n")
        self.context = bench.context(release, "TLSv1.3")
        assert self.context.set_max_early_data(maximum) == 1
        self._listener, self._port = bench.listen()
        end, client = self.take("-sess_out", self.kept)
        end.shake_hands()
        _exchange(end, client)
        self.part(end, client)

    def take(self, *more):
        """A connection that has come, and s_client that made it."""
        client = self._bench.s_client(self._port, "TLSv1.3", None, *more)
        end = self._bench.end(self.context, self._bench.take(self._listener))
        end.conn.set_accept_state()
        return end, client

    def take_early(self, *more):
        """The same with early data in the first flight."""
        return self.take("-sess_in", self.kept, "-early_data", self.file, *more)

    def part(self, end, client):
        """Let both say goodbye."""
        client.finish()
        end.read_to_the_end()
        end.conn.shutdown()
        end.sock.close()
        client.wait()


def _read_early(end, size=100):
    """Read early data until there is no more."""
    got = b""
    while True:
        ret, data = end.repeat(end.conn.read_early_data, size)
        got += data
        if ret == READ_FINISH:
            assert data == b""
            return got
        assert ret == READ_SUCCESS


@pytest.mark.parametrize("release", RELEASES)
def test_a_server_reads_s_clients_early_data(bench, tmp_path, release):
    server = Server(bench, tmp_path, release)
    end, client = server.take_early()
    assert _read_early(end) == b"early\n"
    assert end.conn.get_early_data_status() == ACCEPTED
    end.shake_hands()
    assert end.conn.session_reused()
    _exchange(end, client)
    client.await_line(rb"Early data was accepted")


@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_a_server_reads_all_the_early_data_that_it_allows(bench, tmp_path, release):
    server = Server(bench, tmp_path, release)
    server.file.write_bytes(BULK)
    end, client = server.take_early()
    assert _read_early(end, 1000) == BULK
    end.shake_hands()
    _exchange(end, client)


@pytest.mark.parametrize("release", SOME)
def test_a_server_answers_early_data_before_the_clients_finished(bench, tmp_path, release):
    server = Server(bench, tmp_path, release)
    end, client = server.take_early()
    assert end.repeat(end.conn.read_early_data, 100) == (READ_SUCCESS, b"early\n")
    arrived = client.expect(b"half a round trip\n")
    assert end.repeat(end.conn.write_early_data, b"half a round trip\n") == (1, 18)
    assert _read_early(end) == b""
    end.shake_hands()
    arrived()
    _exchange(end, client)


@pytest.mark.parametrize("release", RELEASES)
def test_a_server_that_only_shakes_hands_skips_early_data(bench, tmp_path, release):
    server = Server(bench, tmp_path, release)
    end, client = server.take_early()
    end.shake_hands()
    assert end.conn.get_early_data_status() == REJECTED
    assert end.conn.session_reused()
    _exchange(end, client)
    client.await_line(rb"Early data was rejected")


@pytest.mark.parametrize("release", RELEASES)
def test_a_server_refuses_early_data_that_comes_twice(bench, tmp_path, release):
    """What guards against replay: the session is taken out of the cache, and is then unknown."""
    server = Server(bench, tmp_path, release)
    for status in (ACCEPTED, REJECTED):
        end, client = server.take_early()
        assert _read_early(end) == (b"early\n" if status == ACCEPTED else b"")
        assert end.conn.get_early_data_status() == status
        end.shake_hands()
        assert end.conn.session_reused() is (status == ACCEPTED)
        _exchange(end, client)
        server.part(end, client)


@pytest.mark.parametrize("release", SOME)
def test_a_server_without_the_session_skips_early_data(bench, tmp_path, release):
    server = Server(bench, tmp_path, release)
    server.context = bench.context(release, "TLSv1.3")
    server.context.set_max_early_data(MAXIMUM)
    end, client = server.take_early()
    assert _read_early(end) == b""
    assert end.conn.get_early_data_status() == REJECTED
    end.shake_hands()
    _exchange(end, client)
    client.await_line(rb"Early data was rejected")


@pytest.mark.parametrize("release", SOME)
def test_a_hello_retry_request_from_a_server_refuses_early_data(bench, tmp_path, release):
    server = Server(bench, tmp_path, release)
    server.context.set1_groups_list("P-384")
    end, client = server.take_early("-groups", "X25519:P-384")
    assert _read_early(end) == b""
    end.shake_hands()
    assert end.got.count(CLIENT_HELLO) == 2
    assert not end.conn.session_reused()
    assert end.conn.get_early_data_status() == REJECTED
    _exchange(end, client)
    client.await_line(rb"Early data was rejected")


@pytest.mark.parametrize("release", SOME)
def test_a_client_that_sends_none_is_read_to_the_end_at_once(bench, tmp_path, release):
    server = Server(bench, tmp_path, release)
    end, client = server.take("-sess_in", server.kept)
    assert _read_early(end) == b""
    assert end.conn.get_early_data_status() == NOT_SENT
    end.shake_hands()
    _exchange(end, client)
