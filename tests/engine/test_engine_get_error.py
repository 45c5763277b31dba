from __future__ import annotations

import pytest

from emulator import Connection, ERR_put_error, ErrorCode, SimulatedCrash, Want, make_scripted_bio_pair
from emulator.error_queue import current

EVERY_SERIES = ["0.9.6-base", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
LIB_SYS, LIB_X509, LIB_SSL = 2, 11, 20


@pytest.fixture
def poison():
    """Leave an error of another library in this thread's queue."""

    def poison(connection, lib=LIB_X509):
        ERR_put_error(connection.context.errors.numeric(lib, 0, 100))

    return poison


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_stale_entry_turns_a_retry_into_an_error(release, link, poison):
    one = link(release)
    one.limit(0)
    data = bytes(100)
    poison(one.client)
    assert one.client.write(data) == -1
    assert one.client.get_error(-1) == ErrorCode.SSL
    current().clear()
    assert one.client.get_error(-1) == ErrorCode.WANT_WRITE


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_stale_system_entry_makes_it_a_system_error(release, link, poison):
    one = link(release)
    poison(one.client, LIB_SYS)
    assert one.client.get_error(one.client.read(1)[0]) == ErrorCode.SYSCALL


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_success_is_success_whatever_the_queue_holds(release, link, poison):
    one = link(release)
    poison(one.client)
    assert one.client.get_error(one.client.write(b"hello")) == ErrorCode.NONE


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_one_connections_error_is_seen_by_another(release, link):
    one, other = link(release), link(release)
    assert one.client.get_error(one.client.read(1)[0]) == ErrorCode.WANT_READ
    other.client.shutdown()
    other.client.write(b"hello")
    assert one.client.get_error(-1) == ErrorCode.SSL


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_handshake_clears_the_queue_and_a_write_does_not(release, link, poison, drain):
    connection = Connection(release, follow="library")
    connection.set_connect_state()
    poison(connection)
    connection.do_handshake()
    assert drain() == []
    one = link(release)
    poison(one.client)
    one.client.write(b"hello")
    assert len(drain()) == 1


@pytest.mark.parametrize(
    ("release", "error"),
    [
        ("0.9.6m", ErrorCode.SYSCALL),
        ("1.0.2u", ErrorCode.SYSCALL),
        ("1.1.0l", ErrorCode.SYSCALL),
        ("1.1.1-base", ErrorCode.WANT_READ),
        ("1.1.1w", ErrorCode.WANT_READ),
    ],
)
def test_0_can_be_a_retry_from_1_1_1(release, error, link):
    one = link(release)
    one.client.read(1)
    assert one.client.get_error(0) == error


@pytest.mark.parametrize(
    ("release", "error"),
    [
        ("0.9.6m", ErrorCode.SYSCALL),
        ("1.0.2u", ErrorCode.SYSCALL),
        ("1.1.0l", ErrorCode.SYSCALL),
        ("1.1.1-base", ErrorCode.ZERO_RETURN),
        ("1.1.1w", ErrorCode.ZERO_RETURN),
    ],
)
def test_a_broken_pipe_after_close_notify_looks_like_a_clean_close_from_1_1_1(release, error, link):
    one = link(release)
    one.server.shutdown()
    one.deliver()
    one.client.read(1)
    one.there.plan.append({"errno": 32})
    assert one.client.write(b"hello") == -1
    assert (one.client.get_error(-1), one.client.errno) == (error, 32)


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_errno_is_0_at_the_end_of_the_transport(release, link):
    one = link(release)
    one.there.ended = True
    one.server.errno = 11
    one.server.read(1)
    assert one.server.errno == 0


@pytest.mark.parametrize(
    ("release", "error", "reasons"),
    [
        *[
            (release, ErrorCode.SSL, ["ssl handshake failure"])
            for release in ("0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u")
        ],
        *[(release, ErrorCode.SYSCALL, []) for release in ("1.1.0l", "1.1.1d")],
        ("1.1.1e", ErrorCode.SSL, ["unexpected eof while reading"]),
        *[(release, ErrorCode.SYSCALL, []) for release in ("1.1.1f", "1.1.1w")],
    ],
)
def test_the_end_of_the_transport_under_a_writes_handshake(release, error, reasons, link, drain):
    one = link(release, handshake=False)
    one.client.write(b"hello")
    one.back.ended = True
    assert one.client.write(b"hello") == -1
    assert one.client.get_error(-1) == error
    assert drain() == reasons


def test_want_names_what_the_last_call_waits_for(link):
    one = link("1.0.1u")
    assert one.client.want() == Want.NOTHING
    one.client.read(1)
    assert one.client.want() == Want.READING
    one.limit(0)
    one.client.write(b"hello")
    assert one.client.want() == Want.WRITING


@pytest.mark.parametrize(
    ("release", "text"),
    [
        ("0.9.6m", "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"),
        ("1.0.1u", "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"),
        ("1.0.2u", "error:1409F07F:SSL routines:ssl3_write_pending:bad write retry"),
        ("1.1.1w", "error:1409F07F:SSL routines:ssl3_write_pending:bad write retry"),
    ],
)
def test_errors_print_as_their_release_prints_them(release, text, link):
    one = link(release)
    one.blocked_write(bytearray(1000))
    one.client.write(bytearray(1000))
    assert [entry.text for entry in current()] == [text]


@pytest.mark.parametrize("release", ["0.9.6m", "1.0.1u", "1.1.1w", "3.0.16", "3.5.4"])
def test_asking_a_transport_that_was_taken_away_for_its_retry_flags_kills_the_process(release):
    conn = Connection(release)
    there, _back = make_scripted_bio_pair()
    conn.set_bio(there, there)
    conn.set_connect_state()
    assert conn.do_handshake() == -1
    conn.set_bio(None, None)
    with pytest.raises(SimulatedCrash, match="SSL_get_error"):
        conn.get_error(-1)
