from __future__ import annotations

import pytest

from emulator import ErrorCode, Mode, Option, connected_pair

PLAIN = ["0.9.6m", "0.9.7m", "0.9.8k"]
PATCHED = ["0.9.8m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
HANDSHAKE = 22


def pump(one, rounds=8):
    """Let both sides read until nothing moves; what their last reads answered."""
    last = None
    for _ in range(rounds):
        one.deliver()
        last = one.client.read(100), one.server.read(100)
    return last


@pytest.mark.parametrize("release", PLAIN + PATCHED)
def test_a_client_renegotiates_with_its_next_write(release, link):
    one = link(release)
    assert one.client.renegotiate() == 1
    assert one.client.write(b"hello") == -1
    assert one.client.get_error(-1) == ErrorCode.WANT_READ
    assert [kind for kind, _ in one.records()] == [HANDSHAKE]
    pump(one)
    assert one.client.write(b"hello") == 5
    assert one.received() == b"hello"


@pytest.mark.parametrize("release", PLAIN + PATCHED)
def test_a_server_sends_its_hello_request_ahead_of_the_data_and_does_not_wait(release, link):
    one = link(release)
    assert one.server.renegotiate() == 1
    assert one.server.write(b"hello") == 5


@pytest.mark.parametrize("release", PLAIN + PATCHED)
def test_a_server_renegotiates_when_the_client_reads(release, link):
    one = link(release)
    one.server.renegotiate()
    assert one.server.do_handshake() == 1
    pump(one)
    assert not one.client.in_init()
    assert one.client._s.total_renegotiations == 1
    assert one.client.write(b"hello") == 5
    assert one.received() == b"hello"


@pytest.mark.parametrize("asks", ["client", "server"])
@pytest.mark.parametrize(
    ("release", "refused", "version"),
    [
        ("1.0.1u", "NO_TLSv1_2", "0302"),
        ("1.0.2u", "NO_TLSv1_2", "0302"),
        ("1.1.0l", "NO_TLSv1_2", "0302"),
        ("1.1.1w", "NO_TLSv1_2,NO_TLSv1_3", "0302"),
        ("1.1.1w", "NO_TLSv1_3", "0303"),
        ("3.0.16", "NO_TLSv1_3", "0303"),
        ("3.5.4", "NO_TLSv1_3", "0303"),
    ],
)
def test_a_second_client_hello_goes_in_a_record_of_the_version_in_use(release, refused, version, asks):
    """From 1.1.0 ssl_set_client_hello_version() leaves s->version alone behind the first handshake."""
    allowed = ["ALLOW_CLIENT_RENEGOTIATION"] if release > "3" else []
    server = {"options": [*refused.split(","), *allowed]}
    with connected_pair(release, server=server, follow="library") as pair:
        one = getattr(pair, asks)
        one.renegotiate()
        one.do_handshake()
        if asks == "server":
            pair.client.read(100)
        assert pair.ends[0].outgoing.arrived[:3].hex() == f"16{version}"
        for _ in range(4):
            pair.server.read(100)
            pair.client.read(100)
        assert pair.client.num_renegotiations() == 1
        assert not pair.server.in_init()
        assert pair.client.write(b"hello") == 5
        assert pair.server.read(100) == (5, b"hello")


@pytest.mark.parametrize("release", PATCHED)
def test_a_client_that_only_writes_never_notices_a_hello_request(release, link):
    one = link(release)
    one.server.renegotiate()
    one.server.do_handshake()
    one.deliver()
    for _ in range(3):
        assert one.client.write(b"hello") == 5
    assert {kind for kind, _ in one.records()} == {23}


def test_0_9_8l_bans_renegotiation(link, drain):
    one = link("0.9.8l")
    assert one.client.renegotiate() == 0
    assert drain() == []
    assert one.client.write(b"hello") == 5
    assert one.received() == b"hello"


@pytest.mark.parametrize(("release", "ret"), [("1.1.0g", 1), ("1.1.0h", 0), ("1.1.0l", 0), ("1.1.1w", 0)])
def test_no_renegotiation_refuses_ones_own_from_1_1_0h(release, ret, link, drain):
    one = link(release, client={"options": int(Option.NO_RENEGOTIATION)})
    assert one.client.renegotiate() == ret
    assert drain() == ([] if ret else ["no renegotiation"])


@pytest.mark.parametrize("release", ["1.1.0h", "1.1.1w"])
def test_a_server_that_refuses_makes_the_clients_write_fail(release, link, drain):
    one = link(release, server={"options": int(Option.NO_RENEGOTIATION)})
    one.client.renegotiate()
    assert one.client.write(b"hello") == -1
    one.deliver()
    one.server.read(1)
    one.deliver()
    drain()
    assert one.client.write(b"hello") == -1
    assert one.client.get_error(-1) == ErrorCode.SSL
    assert drain() == ["no renegotiation"]


@pytest.mark.parametrize(
    ("release", "reasons"),
    [
        ("0.9.6m", []),
        ("0.9.8k", []),
        ("0.9.8m", ["no renegotiation"]),
        ("1.0.2u", ["no renegotiation"]),
        ("1.1.1w", ["no renegotiation"]),
    ],
)
def test_the_peers_no_renegotiation_is_fatal_from_0_9_8m(release, reasons, link, drain):
    one = link(release)
    one.client.renegotiate()
    one.client.write(b"hello")
    server = one.server._s
    server.out.wbio.write(server.out.writer.seal(21, server.version, b"\x01\x64"))
    one.back.deliver()
    assert one.client.write(b"hello") == -1
    assert drain() == reasons


@pytest.mark.parametrize("release", ["1.0.1-base", "1.0.2u", "1.1.1w"])
def test_an_abbreviated_renegotiation_resumes_the_session(release, link):
    one = link(release)
    assert one.client.renegotiate_abbreviated() == 1
    assert one.client.do_handshake() == -1
    pump(one)
    assert one.client.session_reused()
    assert one.client.write(b"hello") == 5


@pytest.mark.parametrize("release", ["1.0.1-base", "1.0.2u", "1.1.1w"])
def test_a_full_renegotiation_does_not_resume(release, link):
    one = link(release)
    one.client.renegotiate()
    one.client.do_handshake()
    pump(one)
    assert not one.client.in_init()
    assert not one.client.session_reused()


@pytest.mark.parametrize("release", ["0.9.7m", "1.0.1u", "1.1.1w"])
def test_a_renegotiation_is_pending_until_it_is_done(release, link):
    one = link(release)
    assert one.client.renegotiate_pending() == 0
    one.client.renegotiate()
    assert one.client.renegotiate_pending() == 1
    one.client.do_handshake()
    pump(one)
    assert one.client.renegotiate_pending() == 0


@pytest.mark.parametrize("release", PATCHED)
def test_with_a_record_pending_renegotiation_is_put_off(release, link):
    one = link(release)
    data = bytes(1000)
    one.blocked_write(data)
    one.client.renegotiate()
    one.limit(None)
    assert one.client.write(data) == 1000
    assert HANDSHAKE not in [kind for kind, _ in one.records()]
    assert one.client.write(b"next") == -1
    assert HANDSHAKE in [kind for kind, _ in one.records()]


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.1u", "1.1.0l"])
@pytest.mark.parametrize("retries", [True, False])
def test_auto_retry_decides_whether_a_read_returns_after_a_handshake(release, retries, link):
    one = link(release)
    if retries:
        one.client.set_mode(Mode.AUTO_RETRY)
    one.server.renegotiate()
    one.server.do_handshake()
    one.deliver()
    assert one.client.read(100)[0] == -1
    one.deliver()
    one.server.read(1)
    one.deliver()
    one.client.read(100)
    one.deliver()
    one.server.read(1)
    assert not one.server.in_init()
    one.deliver()
    ret, _ = one.client.read(100)
    assert ret == -1
    assert one.client.get_error(-1) == ErrorCode.WANT_READ
    assert not one.client.in_init()


@pytest.mark.parametrize("release", ["1.1.0e", "1.1.0l", "1.1.1w"])
def test_asked_for_before_the_first_handshake_data_goes_out_in_plaintext(release, link, drain):
    one = link(release, handshake=False)
    assert one.client.renegotiate() == 1
    assert one.client.write(b"a secret") == -1
    assert drain() == ["internal error"]
    assert one.client.read(10)[0] == -1
    assert one.client.write(b"a secret") == 8
    assert one.client.in_init()
    assert b"a secret" in one.there.sent


@pytest.mark.parametrize("release", ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u"])
def test_a_generic_method_cannot_be_renegotiated_before_its_first_handshake(release, link):
    one = link(release, handshake=False, protocol=None, cipher=None)
    assert one.client.renegotiate() == 0
