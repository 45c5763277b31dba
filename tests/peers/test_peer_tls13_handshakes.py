"""Handshakes of TLS 1.3 with real peers: suites, groups, HelloRetryRequest, certificates, middlebox mode."""

from __future__ import annotations

import ssl
from itertools import cycle

import pytest

from emulator import Option

RELEASES = ["1.1.1-base", "1.1.1d", "1.1.1l", "1.1.1w", "3.0.12", "3.2.0", "3.5.4"]
SOME = ["1.1.1-base", "1.1.1w", "3.5.4"]
SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
FIRST_SUITE = "TLS_AES_256_GCM_SHA384"
GROUPS = ["X25519", "P-256", "P-384", "P-521"]
CLIENT_HELLO, SERVER_HELLO = 1, 2
ALERT, CHANGE_CIPHER_SPEC = 21, 20
_HEADER = 5


class Tap:
    """A socket whose bytes, out and in, are kept."""

    def __init__(self, sock):
        self._sock = sock
        self.sent, self.got = bytearray(), bytearray()

    def send(self, data):
        count = self._sock.send(data)
        self.sent += data[:count]
        return count

    def recv(self, size):
        data = self._sock.recv(size)
        self.got += data
        return data

    def __getattr__(self, name):
        return getattr(self._sock, name)


def _types(wire):
    """The outer types of all whole records, in order."""
    types = []
    while len(wire) >= _HEADER:
        types.append(wire[0])
        wire = wire[_HEADER + int.from_bytes(wire[3:5], "big") :]
    return types


def _exchange(end, other):
    arrived = other.expect(b"from us\n")
    end.send(b"from us\n")
    arrived()
    other.send(b"from a peer\n")
    assert end.receive(12) == b"from a peer\n"
    assert end.errors() == []


def _meet(bench, role, release, *more, suite=None, groups=None, kinds=("RSA", "ECDSA")):
    context = bench.context(release, "TLSv1.3", suite, kinds=kinds)
    if groups is not None:
        assert context.set1_groups_list(groups) == 1
    end, other = bench.meet(role, "openssl", context, "TLSv1.3", suite, *more)
    _exchange(end, other)
    return end, other


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("release", SOME)
def test_each_suite_is_agreed_on_and_carries_data(bench, release, suite, role):
    end, other = _meet(bench, role, release, suite=suite)
    assert end.conn.get_current_cipher() == suite
    other.check_it_agreed(suite)


@pytest.mark.parametrize("peer", ["openssl", "python"])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", RELEASES)
def test_ends_that_are_free_to_choose_take_tls_1_3(bench, release, role, peer):
    end, other = bench.meet(role, peer, bench.context(release))
    assert (end.conn.version(), end.conn.get_current_cipher()) == (0x0304, FIRST_SUITE)
    _exchange(end, other)


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_a_peer_without_tls_1_3_gets_tls_1_2(bench, release, role):
    context = bench.context(release)
    listener, port = bench.listen()
    if role == "client":
        other = bench.s_server("TLSv1.2")
        end = bench.end(context, bench.dial(other.port)).connect()
    else:
        other = bench.s_client(port, "TLSv1.2")
        end = bench.end(context, bench.take(listener)).accept()
    assert end.conn.version() == 0x0303
    _exchange(end, other)


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_an_end_that_insists_on_tls_1_3_tells_a_peer_of_tls_1_2_that_it_fails(bench, release, role):
    context = bench.context(release, "TLSv1.3")
    listener, port = bench.listen()
    if role == "client":
        other = bench.s_server("TLSv1.2")
        end = bench.end(context, bench.dial(other.port))
        end.conn.set_connect_state()
    else:
        other = bench.s_client(port, "TLSv1.2")
        end = bench.end(context, bench.take(listener))
        end.conn.set_accept_state()
    assert end.conn.do_handshake() <= 0
    words = "alert protocol version" if role == "client" else "unsupported protocol"
    assert any(words in error for error in end.errors())
    seen = rb"write" if role == "client" else rb"read"
    other.await_line(rb"alert " + seen + rb":fatal:protocol version", log=True)


# -- groups and HelloRetryRequest -------------------------------------------------------------


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("group", GROUPS)
def test_each_group_makes_keys_without_a_second_hello(bench, group, role):
    end, other = _meet(bench, role, "1.1.1w", "-groups", group, groups=group)
    assert end.sent.count(CLIENT_HELLO) + end.got.count(CLIENT_HELLO) == 1
    if role == "server":
        bits = {"X25519": b"X25519, 253 bits", "P-256": b"256 bits", "P-384": b"384 bits"}
        other.await_line(rb"Server Temp Key: [^\n]*" + bits.get(group, b"521 bits"))


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(("release", "suite"), list(zip(RELEASES, cycle(SUITES), strict=False)))
def test_another_group_is_asked_for_with_hello_retry_request(bench, release, role, suite):
    if role == "client":
        theirs, ours = "P-521:P-384", "X25519:P-256:P-384"
    else:
        theirs, ours = "X25519:P-256:P-384", "P-384"
    end, other = _meet(bench, role, release, "-groups", theirs, suite=suite, groups=ours)
    hellos, answers = (end.sent, end.got) if role == "client" else (end.got, end.sent)
    assert (hellos.count(CLIENT_HELLO), answers.count(SERVER_HELLO)) == (2, 2)
    assert end.conn.get_current_cipher() == suite
    if role == "server":
        other.await_line(rb"Server Temp Key: [^\n]*384 bits")


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_pythons_ssl_and_hello_retry_request(bench, release, role):
    context = bench.context(release, "TLSv1.3")
    context.set1_groups_list("P-256:P-521" if role == "client" else "P-521")
    listener, port = bench.listen()
    if role == "client":
        other = bench.python_server("TLSv1.3", curve="secp521r1")
        end = bench.end(context, bench.dial(other.port)).connect()
    else:
        other = bench.python_client(port, "TLSv1.3")
        end = bench.end(context, bench.take(listener)).accept()
    _exchange(end, other)
    assert (end.sent + end.got).count(CLIENT_HELLO) == 2


@pytest.mark.parametrize("release", RELEASES)
def test_a_client_repeats_the_cookie_of_a_server_without_state(bench, release):
    """s_server takes no dummy ChangeCipherSpec after its HelloRetryRequest, not even s_client's."""
    context = bench.context(release, "TLSv1.3")
    context.clear_options(Option.ENABLE_MIDDLEBOX_COMPAT)
    end, other = bench.meet("client", "openssl", context, "TLSv1.3", None, "-stateless")
    _exchange(end, other)
    assert (end.sent.count(CLIENT_HELLO), end.got.count(SERVER_HELLO)) == (2, 2)


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", SOME)
def test_ends_without_a_group_in_common_fail(bench, release, role):
    context = bench.context(release, "TLSv1.3")
    context.set1_groups_list("P-256")
    listener, port = bench.listen()
    if role == "client":
        other = bench.s_server("TLSv1.3", None, "-groups", "P-384")
        end = bench.end(context, bench.dial(other.port))
        end.conn.set_connect_state()
    else:
        other = bench.s_client(port, "TLSv1.3", None, "-groups", "P-384")
        end = bench.end(context, bench.take(listener))
        end.conn.set_accept_state()
    assert end.conn.do_handshake() <= 0
    words = "alert handshake failure" if role == "client" else "no suitable key share"
    assert any(words in error for error in end.errors())
    seen = rb"write" if role == "client" else rb"read"
    other.await_line(rb"alert " + seen + rb":fatal:handshake failure", log=True)


# -- certificates -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_s_client_takes_a_servers_certificate(bench, release, kind):
    _, other = _meet(bench, "server", release, kinds=[kind])
    other.await_line(rb"Peer signature type: " + {"RSA": rb"RSA-PSS", "ECDSA": rb"ECDSA"}[kind])


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_a_client_takes_s_servers_certificate(bench, release, kind):
    _meet(bench, "client", release, "-cert", bench.files[kind])


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w", "3.0.12", "3.5.4"])
def test_s_server_gets_a_clients_certificate(bench, release, kind):
    _, other = _meet(bench, "client", release, "-Verify", "1", kinds=[kind])
    other.await_line(rb"Peer signature type: " + {"RSA": rb"RSA-PSS", "ECDSA": rb"ECDSA"}[kind])


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w", "3.0.12", "3.5.4"])
def test_s_client_shows_its_certificate_to_a_server_that_asks(bench, release, kind):
    context = bench.context(release, "TLSv1.3")
    seen = []
    context.request_certificate = context.require_certificate = True
    context.verify = lambda chain: seen.append(chain) is None
    end, other = bench.meet("server", "openssl", context, "TLSv1.3", None, "-cert", bench.files[kind])
    _exchange(end, other)
    assert seen


@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_a_client_without_a_certificate_may_go_on_where_none_is_required(bench, release):
    _meet(bench, "client", release, "-verify", "1", kinds=[])
    context = bench.context(release, "TLSv1.3")
    context.request_certificate = True
    end, other = bench.meet("server", "openssl", context, "TLSv1.3")
    _exchange(end, other)


def _fails_late(bench, context, refusal, *more):
    """A client's handshake is done before the server refuses its certificate: its reads hear of it."""
    end, other = bench.meet("client", "openssl", context, "TLSv1.3", None, *more)
    assert end.conn.is_init_finished()
    other.await_line(rb"alert write:fatal:" + refusal, log=True)
    assert end.conn.write(b"too late\n") == 9
    ret, _ = end.conn.read(100)
    assert ret <= 0
    assert end.conn.get_error(ret).name == "SSL"
    errors = end.errors()
    assert end.conn.write(b"afterwards\n") <= 0
    return errors


@pytest.mark.parametrize("release", RELEASES)
def test_a_client_hears_after_its_handshake_that_a_certificate_was_required(bench, release):
    context = bench.context(release, "TLSv1.3", kinds=[])
    errors = _fails_late(bench, context, rb"unknown", "-Verify", "1")
    assert len(errors) == 1
    assert "tlsv13 alert certificate required" in errors[0]


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("release", RELEASES)
def test_a_client_hears_after_its_handshake_that_its_certificate_is_not_trusted(bench, release, kind):
    context = bench.context(release, "TLSv1.3", kinds=[kind])
    errors = _fails_late(bench, context, rb"unknown CA", "-Verify", "1", "-verify_return_error")
    assert len(errors) == 1
    assert "tlsv1 alert unknown ca" in errors[0]


@pytest.mark.parametrize("release", RELEASES)
def test_s_client_hears_late_that_its_certificate_is_refused(bench, release):
    context = bench.context(release, "TLSv1.3")
    context.request_certificate = True
    context.verify = lambda chain: False
    listener, port = bench.listen()
    other = bench.s_client(port, "TLSv1.3", None, "-cert", bench.files["RSA"])
    end = bench.end(context, bench.take(listener))
    end.conn.set_accept_state()
    assert end.conn.do_handshake() <= 0
    assert any("certificate verify failed" in error for error in end.errors())
    other.await_line(rb"write finished\n(?:.*\n)*?SSL3 alert read:fatal:", log=True)


@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w", "3.5.4"])
def test_pythons_ssl_hears_late_that_a_certificate_is_required(bench, release):
    context = bench.context(release, "TLSv1.3")
    context.request_certificate = context.require_certificate = True
    listener, port = bench.listen()
    peer = bench.python_client(port, "TLSv1.3")
    end = bench.end(context, bench.take(listener))
    end.conn.set_accept_state()
    assert end.conn.do_handshake() <= 0
    assert any("peer did not return a certificate" in error for error in end.errors())

    def hear(sock):
        with pytest.raises(ssl.SSLError, match="TLSV13_ALERT_CERTIFICATE_REQUIRED"):
            sock.recv(1)

    peer.ask(hear)


# -- middlebox compatibility mode -------------------------------------------------------------


def _tapped(bench, role, context, *more):
    listener, port = bench.listen()
    if role == "client":
        other = bench.s_server("TLSv1.3", None, *more)
        tap = Tap(bench.dial(other.port))
        end = bench.end(context, tap).connect()
    else:
        other = bench.s_client(port, "TLSv1.3", None, *more)
        tap = Tap(bench.take(listener))
        end = bench.end(context, tap).accept()
    _exchange(end, other)
    return tap


@pytest.mark.parametrize("theirs", [True, False])
@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", ["1.1.1w", "3.5.4"])
def test_a_dummy_change_cipher_spec_is_sent_in_middlebox_mode_only(bench, release, role, ours, theirs):
    context = bench.context(release, "TLSv1.3")
    if not ours:
        context.clear_options(Option.ENABLE_MIDDLEBOX_COMPAT)
    tap = _tapped(bench, role, context, *([] if theirs else ["-no_middlebox"]))
    assert _types(tap.sent).count(CHANGE_CIPHER_SPEC) == ours
    assert _types(tap.got).count(CHANGE_CIPHER_SPEC) == theirs
