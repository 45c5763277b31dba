"""Mistakes of real callers, each in a few lines, as the releases answer them; comments say where."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator import Connection, Context, ERR_put_error, ErrorCode, Mode, SimulatedCrash, connected_pair

EVERY_SERIES = ["0.9.6m", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]


# cherrypy/cheroot#245, tornadoweb/tornado#438: a new buffer for every retry.
@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_new_slice_for_every_retry_never_gets_through(release, link, drain):
    one = link(release)
    body = b"x" * 50000
    one.blocked_write(body[:20000])
    one.limit(None)
    assert one.client.write(body[:20000]) == -1
    assert drain() == ["bad write retry"]


# curl/curl#18121, valkey-io/valkey#1135: a shorter retry.
@pytest.mark.parametrize(
    ("release", "reason", "goes_on"),
    [
        ("1.0.1u", "bad write retry", True),
        ("1.0.2u", "bad length", True),
        ("1.1.0l", "bad length", True),
        ("1.1.1w", "bad length", False),
    ],
)
def test_a_caller_that_shrinks_its_buffer_between_tries(release, reason, goes_on, link, drain):
    one = link(release)
    data = bytes(16384)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data, 16000) == -1
    assert drain() == [reason]
    assert (one.client.write(data) == 16384) is goes_on


# python/cpython#75892, valkey-io/valkey#2490: send(b"") on a healthy connection reads as EOF.
@pytest.mark.parametrize("release", EVERY_SERIES)
def test_sending_nothing_looks_like_the_end(release, link):
    one = link(release)
    assert one.client.get_error(one.client.write(b"")) == ErrorCode.SYSCALL
    assert one.client.errno == 0
    assert one.client.write(b"alive") == 5


def test_the_newer_call_tells_nothing_from_failure(link):
    assert link("1.1.1w").client.write_ex(b"") == (1, 0)


# python/cpython#81891, h2o/h2o#1448: a stale entry kills another connection.
@pytest.mark.parametrize("release", EVERY_SERIES)
def test_an_error_left_in_the_queue_kills_a_healthy_connection(release, link):
    one = link(release)
    one.limit(0)
    ERR_put_error(one.client.context.errors.numeric(11, 0, 100))
    ret = one.client.write(b"hello")
    assert one.client.get_error(ret) == ErrorCode.SSL


# actor-framework/actor-framework#1060: WANT_READ from a write.
@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_write_that_renegotiates_wants_to_read(release, link):
    one = link(release)
    one.client.renegotiate()
    data = b"hello"
    assert one.client.write(data) == -1
    assert one.client.get_error(-1) == ErrorCode.WANT_READ
    for _ in range(4):
        one.deliver()
        one.server.read(1)
        one.deliver()
        ret = one.client.write(data)
        if ret > 0:
            break
    assert ret == 5


# openssl/openssl#10907 #11735, pyca/pyopenssl#899: what the end of the transport is called.
@pytest.mark.parametrize(
    ("release", "error"),
    [
        ("0.9.8zh", ErrorCode.SYSCALL),
        ("1.1.1d", ErrorCode.SYSCALL),
        ("1.1.1e", ErrorCode.SSL),
        ("1.1.1f", ErrorCode.SYSCALL),
    ],
)
def test_a_peer_that_just_leaves(release, error, link):
    one = link(release)
    one.back.ended = True
    ret, _ = one.client.read(1)
    assert one.client.get_error(ret) == error


# openssl/openssl#7908, alanxz/rabbitmq-c#586: AUTO_RETRY's default.
@pytest.mark.parametrize(("release", "ret"), [("0.9.8zh", -1), ("1.0.2u", -1), ("1.1.0l", -1), ("1.1.1w", 9)])
def test_a_blocking_read_returns_empty_handed_from_a_renegotiation_unless_it_retries(release, ret):
    client, server = connected_pair(
        release, protocol="TLSv1", follow="library", blocking=True, block_timeout=60
    )
    server.clear_mode(Mode.AUTO_RETRY)

    def serve():
        server.renegotiate()
        server.do_handshake()
        server.read(1)
        return server.write(b"behind it")

    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve)
        assert client.read(100)[0] == ret
        assert client.get_error(ret) == (ErrorCode.WANT_READ if ret < 0 else ErrorCode.NONE)
        assert ret == 9 or client.read(100) == (9, b"behind it")
        assert served.result(60) == 9


# libevent/libevent#1433, uNetworking/uSockets#9: a partial write ignored.
@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_caller_who_ignores_partial_writes_loses_the_rest(release, link, partial):
    one = link(release, modes=partial)
    assert one.client.write(bytes(40000)) == 16384
    assert len(one.received()) == 16384


# openssl/openssl#710 #12892: a shutdown with a write pending, or inside the handshake.
@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_shutdown_over_a_pending_write_loses_it(release, link, drain):
    one = link(release)
    data = bytes(1000)
    one.blocked_write(data)
    one.client.shutdown()
    one.limit(None)
    assert one.client.write(data) == -1
    assert drain() == ["protocol is shutdown"]
    assert one.received() == b""


@pytest.mark.parametrize(("release", "ret"), [("1.0.2e", 1), ("1.0.2g", -1), ("1.1.1w", -1)])
def test_a_shutdown_inside_the_handshake(release, ret):
    connection = Connection(release, follow="library")
    connection.connect()
    assert connection.shutdown() == ret


# openssl/openssl#30631: a write after a fatal error.
@pytest.mark.parametrize(
    ("release", "ret", "error"),
    [
        ("1.0.2q", 5, ErrorCode.NONE),
        ("1.0.2r", -1, ErrorCode.SSL),
        ("1.1.0j", 5, ErrorCode.NONE),
        ("1.1.0k", -1, ErrorCode.SYSCALL),
        ("1.1.1w", -1, ErrorCode.ZERO_RETURN),
    ],
)
def test_a_caller_who_writes_on_after_the_peers_fatal_alert(release, ret, error, link, drain):
    one = link(release)
    server = one.server._s
    server.out.wbio.write(server.out.writer.seal(21, server.version, b"\x02\x28"))
    one.deliver()
    assert one.client.read(1)[0] == 0
    assert drain() == ["sslv3 alert handshake failure"]
    assert one.client.write(b"hello") == ret
    assert one.client.get_error(ret) == error


# openssl/openssl#31009: BIO_write() answered 0.
@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_transport_that_answers_0_has_taken_nothing(release, link):
    one = link(release)
    data = b"hello"
    one.there.plan.append("zero")
    assert one.client.write(data) == 0
    assert one.received() == b""
    assert one.client.write(data) == 5
    assert one.received() == data


# A ServerHello that claims to be too long (its second length byte is flipped): builds of 1.1.0f and 1.1.0l.


@pytest.mark.parametrize(("release", "dies"), [("1.1.0f", True), ("1.1.0j", True), ("1.1.0l", False)])
def test_a_client_that_reads_on_after_a_refused_server_hello_looks_for_its_cipher(release, dies, drain):
    contexts = Context(release, follow="library"), Context(release, follow="library")
    contexts[1].use_fixture()
    client, server = (Connection(context=context) for context in contexts)
    client.connect()
    server.bio_write(client.bio_read(1 << 16))
    server.accept()
    flight = bytearray(server.bio_read(1 << 16))
    flight[6] ^= 0xFF
    client.bio_write(flight)
    assert client.do_handshake() == -1
    assert drain() == ["excessive message size"]
    if dies:
        with pytest.raises(SimulatedCrash, match="new_cipher"):
            client.do_handshake()
    else:
        assert client.do_handshake() == -1
        assert client.get_error(-1) == ErrorCode.SYSCALL
