from __future__ import annotations

import pytest

from emulator import Connection, ErrorCode, Shutdown, connected_pair

EVERY_SERIES = ["0.9.6-base", "0.9.7m", "0.9.8l", "0.9.8m", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
UNFINISHED = [
    *[(release, 0) for release in ("0.9.6-base", "0.9.7m", "0.9.8l")],
    *[(release, -1) for release in ("0.9.8m", "1.0.0-base", "1.0.2u", "1.1.1w")],
]
ALERT = 21


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_both_sides_close_in_turn(release, link):
    one = link(release)
    assert one.client.shutdown() == 0
    assert one.client.get_shutdown() == Shutdown.SENT
    one.deliver()
    assert one.server.read(1) == (0, b"")
    assert one.server.get_shutdown() == Shutdown.RECEIVED
    assert one.server.shutdown() == 1
    one.deliver()
    assert one.client.shutdown() == 1
    assert one.client.get_shutdown() == Shutdown.SENT | Shutdown.RECEIVED


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_shutdown_sends_one_alert(release, link):
    one = link(release)
    one.client.shutdown()
    one.client.shutdown()
    assert [kind for kind, _ in one.records()] == [ALERT]


@pytest.mark.parametrize(("release", "ret"), UNFINISHED)
def test_a_second_call_waits_for_the_peer(release, ret, link):
    one = link(release)
    assert one.client.shutdown() == 0
    assert one.client.shutdown() == ret
    expected = ErrorCode.WANT_READ if ret else ErrorCode.SYSCALL
    assert one.client.get_error(ret) == expected


@pytest.mark.parametrize(("release", "ret"), UNFINISHED)
def test_a_shutdown_that_the_transport_stops_is_repeated(release, ret, link):
    one = link(release)
    one.limit(0)
    assert one.client.shutdown() == ret
    assert one.client.get_error(ret) == (ErrorCode.WANT_WRITE if ret else ErrorCode.SYSCALL)
    one.limit(None)
    assert one.client.shutdown() == 0
    assert [kind for kind, _ in one.records()] == [ALERT]


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_quiet_shutdown_is_done_at_once_and_sends_nothing(release, link, drain):
    one = link(release)
    one.client.set_quiet_shutdown(1)
    assert one.client.shutdown() == 1
    assert one.there.sent == b""
    assert one.client.get_shutdown() == Shutdown.SENT | Shutdown.RECEIVED
    assert one.client.write(b"hello") == -1
    assert drain() == ["protocol is shutdown"]
    one.client.set_quiet_shutdown(0)
    one.client.set_shutdown(0)
    assert one.client.shutdown() == 0


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_the_side_that_has_not_closed_may_go_on_sending(release, link):
    one = link(release)
    one.server.shutdown()
    one.deliver()
    assert one.client.read(1)[0] == 0
    assert one.client.write(b"still here") == 10


@pytest.mark.parametrize(("release", "ret"), UNFINISHED)
def test_with_a_record_pending_the_alert_waits_and_writing_is_refused(release, ret, link, drain):
    one = link(release)
    data = bytes(1000)
    one.blocked_write(data)
    assert one.client.shutdown() == ret
    assert one.client.write(data) == -1
    assert drain() == ["protocol is shutdown"]


@pytest.mark.parametrize(
    ("release", "recovers"), [("0.9.6m", True), ("1.0.2u", True), ("1.1.0l", True), ("1.1.1w", False)]
)
def test_a_second_shutdown_over_a_pending_record_is_a_bad_retry(release, recovers, link, drain):
    one = link(release)
    data = bytes(1000)
    one.blocked_write(data)
    one.client.shutdown()
    one.limit(None)
    assert one.client.shutdown() <= 0
    assert drain() == ["bad write retry"]
    one.client.set_shutdown(0)
    assert one.client.write(data) == (1000 if recovers else -1)


@pytest.mark.parametrize("release", ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2-base", "1.0.2e"])
def test_to_1_0_2e_a_shutdown_within_the_handshake_claims_success(release):
    connection = Connection(release, follow="library")
    connection.set_connect_state()
    connection.do_handshake()
    assert connection.shutdown() == 1
    assert connection.get_shutdown() == 0


@pytest.mark.parametrize("release", ["1.0.2g", "1.0.2u", "1.1.0l", "1.1.1w"])
def test_later_a_shutdown_within_the_handshake_is_refused(release, drain):
    connection = Connection(release, follow="library")
    connection.set_connect_state()
    connection.do_handshake()
    assert connection.shutdown() == -1
    assert connection.get_error(-1) == ErrorCode.SSL
    assert drain() == ["shutdown while in init"]


@pytest.mark.parametrize(("release", "code"), [("0.9.6m", "140E0114"), ("1.1.1w", "140E0114")])
def test_a_connection_without_a_role_cannot_be_shut_down(release, code, codes):
    assert Connection(release, follow="library").shutdown() == -1
    assert codes() == [code]


@pytest.mark.parametrize(
    ("release", "ret", "reasons"),
    [("1.0.2u", -1, []), ("1.1.0l", -1, []), ("1.1.1w", -1, ["application data after close notify"])],
)
def test_data_that_crosses_a_close_notify(release, ret, reasons, link, drain):
    one = link(release)
    one.client.shutdown()
    one.server.write(b"too late")
    one.deliver()
    assert one.client.shutdown() == ret
    assert drain() == reasons


def test_closing_lets_go_of_the_transport_without_an_alert():
    client, server = connected_pair("1.0.1u", follow="library")
    client.close()
    assert client.rbio is None
    assert server.read(1)[0] == -1
    assert server.get_error(-1) == ErrorCode.WANT_READ
