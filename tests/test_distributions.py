"""What distributors patched into a release, as experiments with their libraries showed it."""

from __future__ import annotations

import pytest

from emulator import error_queue
from emulator.bio.memory import MemoryBIO
from emulator.connection import Connection
from emulator.constants import ErrorCode, Mode
from emulator.context import Context
from emulator.pair import connected_pair
from emulator.profile import load_profile

RHEL5, EL6, EL7 = "0.9.8e-fips-rhel5", "1.0.1e-fips", "1.0.2k-fips"
PLAIN = {RHEL5: "0.9.8e", EL6: "1.0.1e"}
WARNING = bytes.fromhex("1503010002015a")  # user_canceled
CHANGE_CIPHER_SPEC = bytes.fromhex("140301000101")
AES128_SHA = bytes.fromhex("002f")
FALLBACK = bytes.fromhex("5600")


class End:
    """One end over memory."""

    def __init__(self, profile, *, server, method="TLSv1", mode=0):
        context = Context(profile, method=method)
        context.set_cipher_list("AES128-SHA")
        context.set_mode(mode)
        if server:
            context.use_fixture()
        self.incoming, self.outgoing = MemoryBIO(), MemoryBIO()
        self.connection = Connection(context=context)
        self.connection.set_bio(self.incoming, self.outgoing)
        (self.connection.set_accept_state if server else self.connection.set_connect_state)()

    def handshake(self, received=b""):
        """What SSL_do_handshake() answers to bytes: the error code, and the end of each error's text."""
        if received:
            self.incoming.write(received)
        ret = self.connection.do_handshake()
        error = self.connection.get_error(ret)
        texts = []
        while (entry := error_queue.ERR_get_error()) is not None:
            texts.append(entry.text.rpartition(":")[2])
        return error, texts


def client_hello(*suites):
    """A ClientHello of TLS 1.0 without extensions."""
    body = b"\3\1" + bytes(32) + b"\0" + (2 * len(suites)).to_bytes(2, "big") + b"".join(suites) + b"\1\0"
    message = b"\1" + len(body).to_bytes(3, "big") + body
    return b"\x16\3\1" + len(message).to_bytes(2, "big") + message


HELLO = client_hello(AES128_SHA)
WAITS = (ErrorCode.WANT_READ, [])


@pytest.mark.parametrize("build", PLAIN)
def test_keys_are_not_changed_early(build):
    for profile, answer in ((PLAIN[build], WAITS), (build, (ErrorCode.SSL, ["ccs received early"]))):
        server = End(profile, server=True)
        assert server.handshake(HELLO) == WAITS
        assert server.handshake(CHANGE_CIPHER_SPEC) == answer


def test_the_fifth_warning_in_a_row_is_too_many_where_that_was_patched():
    answers = {}
    for profile in ("1.0.1e", EL6, RHEL5):
        server = End(profile, server=True)
        server.handshake(HELLO)
        answers[profile] = [server.handshake(WARNING) for _ in range(6)]
    assert answers["1.0.1e"] == answers[RHEL5] == [WAITS] * 6
    too_many = (ErrorCode.SSL, ["too many warn alerts"])
    assert answers[EL6] == [WAITS] * 4 + [too_many, (ErrorCode.SSL, ["unknown state"])]


@pytest.mark.parametrize("build", PLAIN)
def test_a_client_signals_its_fallback(build):
    for profile, signals in ((PLAIN[build], False), (build, True)):
        client = End(profile, server=False)
        client.connection.set_mode(Mode.SEND_FALLBACK_SCSV)
        client.handshake()
        hello = client.outgoing.read(1000)
        assert (FALLBACK in hello[44:]) == signals


def test_a_server_that_could_do_better_refuses_a_fallback():
    hello = client_hello(AES128_SHA, FALLBACK)
    refused = (ErrorCode.SSL, ["inappropriate fallback"])
    assert End(EL6, server=True, method="SSLv23").handshake(hello) == refused
    assert End(EL6, server=True).handshake(hello) == WAITS
    assert End("1.0.1e", server=True, method="SSLv23").handshake(hello) == WAITS
    assert End(RHEL5, server=True, method="SSLv23").handshake(hello) == WAITS  # TLS 1.0 is its best


@pytest.mark.parametrize("build", PLAIN)
def test_a_fresh_context_speaks_no_sslv2(build):
    assert Context(build).get_options() == 0x01000004
    assert Context(PLAIN[build]).get_options() & 0x01000000 == 0


def test_a_fatal_alert_is_the_end_of_the_connection():
    ends = {}
    for profile in ("1.0.1e", EL6):
        server = End(profile, server=True)
        server.handshake(HELLO)
        server.handshake(bytes.fromhex("16030100040b000000"))  # no ClientKeyExchange
        ends[profile] = server.handshake()
    assert ends[EL6] == (ErrorCode.SSL, ["unknown state"])
    assert ends["1.0.1e"] != ends[EL6]


@pytest.mark.parametrize(("profile", "renegotiates"), [("0.9.8e", True), (RHEL5, False)])
def test_a_server_does_not_renegotiate_with_a_client_that_lacks_rfc_5746(profile, renegotiates):
    with connected_pair("0.9.8e", server_profile=profile, protocol="TLSv1", blocking=False) as (
        _client,
        server,
    ):
        assert server.renegotiate() == 1
        ret = server.do_handshake()
        entry = error_queue.ERR_get_error()
        assert (ret == 1) == renegotiates
        assert entry is None or "unsafe legacy renegotiation disabled" in entry.text


@pytest.mark.parametrize(("profile", "says"), [("1.0.2k", "unexpected record"), (EL7, "unknown state")])
def test_a_fatal_alert_that_a_renegotiating_client_sends_is_the_end_where_that_was_patched(profile, says):
    texts = []
    with connected_pair(profile, protocol="TLSv1.2", blocking=False, follow="library") as (client, server):
        client.renegotiate()
        client.do_handshake()
        server.write(b"data amid the handshake")
        client.do_handshake()
        client.do_handshake()
        while (entry := error_queue.ERR_get_error()) is not None:
            texts.append(entry.text.rpartition(":")[2])
    assert texts[-1] == says


def test_enterprise_linux_7_has_four_curves_and_kerberos():
    build, plain = load_profile(EL7), load_profile("1.0.2k")
    assert set(build.hello.groups) < set(plain.hello.groups)
    assert "kKRB5" in plain.ciphers.left_out
    assert "kKRB5" not in build.ciphers.left_out
    assert (build.defaults, build.functions, build.errors) == (plain.defaults, plain.functions, plain.errors)
