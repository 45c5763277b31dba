"""Which suites and versions are agreed on with real peers, and what hellos they accept."""

from __future__ import annotations

import pytest

from emulator import Context, Option

RELEASES = ["0.9.6m", "0.9.7m", "0.9.8y", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
SUITES = [
    *("NULL-SHA", "NULL-SHA256", "AES256-SHA", "AES128-SHA256", "AES256-GCM-SHA384", "CAMELLIA128-SHA"),
    *("DHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA256", "DHE-RSA-AES128-GCM-SHA256"),
    *("DHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384"),
    *("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-SHA"),
    *("ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"),
]
LATEST = {"1.0.1u": "TLSv1.2", "1.0.2u": "TLSv1.2", "1.1.0l": "TLSv1.2", "1.1.1w": "TLSv1.2"}
CLIENT_HELLO = 1
HANDSHAKE_RECORD = 0x16
NUMBERS = {"TLSv1": 0x0301, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
WITHOUT_RENEGOTIATION_INFO = ["0.9.6b", "0.9.6m", "0.9.7m", "0.9.8f", "0.9.8l"]
WITH_RENEGOTIATION_INFO = ["0.9.8m", "0.9.8y", "1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.1.1"]


def _known(release):
    context = Context(release)
    context.set_cipher_list("ALL:NULL")
    known = {suite.name for suite in context.cipher_suites}
    return [suite for suite in SUITES if suite in known]


def _exchange(end, other):
    arrived = other.expect(b"from us\n")
    end.send(b"from us\n")
    arrived()
    other.send(b"from a peer\n")
    assert end.receive(12) == b"from a peer\n"


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(
    ("release", "suite"), [(release, suite) for release in RELEASES for suite in _known(release)]
)
def test_a_suite_that_both_have_is_agreed_on_and_carries_data(bench, release, suite, role):
    protocol = LATEST.get(release, "TLSv1")
    end, other = bench.meet(role, "openssl", bench.context(release, protocol, suite), protocol, suite)
    assert end.conn.get_current_cipher() == suite
    other.check_it_agreed(suite)
    _exchange(end, other)


def test_every_kind_of_suite_is_among_those_tried():
    newest = _known("1.1.1w")
    for kind in ("AES256-SHA", "DHE-RSA-", "ECDHE-RSA-", "ECDHE-ECDSA-", "-GCM-", "-CHACHA20-"):
        assert any(kind in suite for suite in newest)
    assert _known("0.9.6m") == ["NULL-SHA"]


@pytest.mark.parametrize("peer", ["openssl", "python"])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", RELEASES[1:])
def test_ends_that_are_free_to_choose_take_the_best_that_the_release_has(bench, release, role, peer):
    end, other = bench.meet(role, peer, bench.context(release))
    expected = NUMBERS["TLSv1.3" if release == "1.1.1w" else LATEST.get(release, "TLSv1")]
    assert end.conn.version() == expected
    _exchange(end, other)


class _Wiretap:
    """A socket whose first bytes out are kept."""

    def __init__(self, sock):
        self._sock = sock
        self.first = b""

    def send(self, data):
        sent = self._sock.send(data)
        self.first = self.first or bytes(data[:sent])
        return sent

    def __getattr__(self, name):
        return getattr(self._sock, name)


def _hello(bench, release, options, suites):
    server = bench.s_server(None, "ALL:eNULL")
    context = bench.context(release)
    context.set_cipher_list(suites)
    context.set_options(options)
    tap = _Wiretap(bench.dial(server.port))
    end = bench.end(context, tap).connect()
    _exchange(end, server)
    return tap.first


@pytest.mark.parametrize(
    ("release", "suites"),
    [("0.9.6m", "NULL-SHA"), ("0.9.7m", "DEFAULT"), ("0.9.8y", "DEFAULT"), ("1.0.0t", "ALL")],
)
def test_a_hello_in_the_format_of_sslv2_is_still_understood_by_a_server_of_today(bench, release, suites):
    first = _hello(bench, release, 0, suites)
    assert first[0] & 0x80
    assert first[2] == CLIENT_HELLO


@pytest.mark.parametrize("release", ["1.0.0t", "1.0.1u", "1.0.2u"])
def test_later_releases_send_no_hello_in_the_format_of_sslv2_by_themselves(bench, release):
    assert _hello(bench, release, 0, "DEFAULT")[0] == HANDSHAKE_RECORD


@pytest.mark.parametrize(
    ("release", "suites", "obeys"),
    [("0.9.6m", "NULL-SHA", False), ("0.9.7g", "DEFAULT", False)]
    + [(release, "DEFAULT", True) for release in ("0.9.7h", "0.9.7m", "0.9.8y")],
)
def test_without_sslv2_the_hello_has_todays_format_from_0_9_7h_on(bench, release, suites, obeys):
    assert (_hello(bench, release, Option.NO_SSLV2, suites)[0] == HANDSHAKE_RECORD) is obeys


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("release", WITHOUT_RENEGOTIATION_INFO + WITH_RENEGOTIATION_INFO)
def test_a_real_peer_is_told_of_secure_renegotiation_by_the_releases_that_have_it(bench, release, role):
    suite = "NULL-SHA" if release < "0.9.7" else "AES128-SHA"
    _, other = bench.meet(role, "openssl", bench.context(release, "TLSv1", suite), "TLSv1", suite)
    word = rb"IS supported" if release in WITH_RENEGOTIATION_INFO else rb"IS NOT supported"
    other.await_line(b"Secure Renegotiation " + word)


@pytest.mark.parametrize("release", WITHOUT_RENEGOTIATION_INFO)
def test_a_real_client_without_its_legacy_switch_refuses_a_server_without_rfc_5746(bench, release):
    suite = "NULL-SHA" if release < "0.9.7" else "AES128-SHA"
    listener, port = bench.listen()
    client = bench.program(
        *("s_client", "-connect", f"127.0.0.1:{port}", "-tls1", "-cipher", f"{suite}:@SECLEVEL=0")
    )
    end = bench.end(bench.context(release, "TLSv1", suite), bench.take(listener))
    end.conn.set_accept_state()
    assert end.conn.do_handshake() <= 0
    assert any("handshake failure" in error for error in end.errors())
    client.await_line(rb"unsafe legacy renegotiation disabled", log=True)
