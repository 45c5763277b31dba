from __future__ import annotations

import pytest

from emulator import Buffer, ErrorCode, Mode, SimulatedCrash, Want
from emulator.engine.sending.over_read import FOREIGN_MARK

EVERY_SERIES = ["0.9.6-base", "0.9.6m", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
FATAL_RETRY = ["1.1.1-base", "1.1.1w"]
HARMLESS_RETRY = ["0.9.6-base", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2k", "1.0.2u", "1.1.0-base", "1.1.0l"]


# -- over-reads ---------------------------------------------------------------------------------


@pytest.mark.parametrize("release", ["1.0.2-base", "1.0.2k", "1.1.0-base", "1.1.0e"])
def test_a_shorter_retry_sends_foreign_bytes_until_the_transport_is_full(release, link, drain):
    one = link(release)
    data = b"#" * 20000
    one.blocked_write(data)
    one.limit(60000)
    assert one.client.write(data, 10) == -1
    assert one.client.get_error(-1) == ErrorCode.WANT_WRITE
    assert drain() == []
    got = one.received()
    assert got[:20000] == data
    assert set(got[20000:]) <= set(FOREIGN_MARK)
    assert FOREIGN_MARK in got


@pytest.mark.parametrize("release", ["1.0.2k", "1.1.0e"])
def test_partial_mode_ends_an_over_read_after_one_record(release, link, partial):
    one = link(release, modes=partial)
    data = b"#" * 16384
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data, 1) == 32768
    got = one.received()
    assert got[:16384] == data
    assert FOREIGN_MARK in got[16384:]


@pytest.mark.parametrize("release", ["1.0.2k", "1.1.0e"])
def test_every_later_call_of_either_end_raises_the_same_crash(release, link):
    one = link(release)
    data = bytes(20000)
    one.blocked_write(data)
    one.limit(None)
    with pytest.raises(SimulatedCrash) as first:
        one.client.write(data, 10)
    for call in (
        lambda: one.client.write(data),
        lambda: one.client.read(1),
        lambda: one.server.write(data),
        lambda: one.server.read(1),
        one.client.shutdown,
        one.client.do_handshake,
        one.client.renegotiate,
    ):
        with pytest.raises(SimulatedCrash) as again:
            call()
        assert again.value is first.value


@pytest.mark.parametrize("release", ["1.0.2l", "1.0.2u", "1.1.0f", "1.1.0l"])
def test_the_length_check_ended_the_over_read(release, link, drain):
    one = link(release)
    data = bytes(20000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data, 10) == -1
    assert drain() == ["bad length"]


# -- retries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", EVERY_SERIES)
@pytest.mark.parametrize("size", [1, 5000, 16384, 40000])
def test_the_same_arguments_finish_a_blocked_write(release, size, link):
    one = link(release)
    data = bytes(range(256)) * (size // 256 + 1)
    one.blocked_write(data, 20, size)
    assert one.client.get_error(-1) == ErrorCode.WANT_WRITE
    assert one.client.want() == Want.WRITING
    for _ in range(3):
        one.limit(0)
        assert one.client.write(data, size) == -1
    one.limit(None)
    assert one.client.write(data, size) == size
    assert one.received() == data[:size]


@pytest.mark.parametrize("release", HARMLESS_RETRY)
def test_a_moved_buffer_is_refused_and_the_right_one_still_works(release, link, codes):
    one = link(release)
    data = Buffer(b"x" * 1000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data.moved()) == -1
    assert one.client.get_error(-1) == ErrorCode.SSL
    assert codes() == ["1409F07F"]
    assert one.client.write(data) == 1000
    assert one.received() == bytes(data)


@pytest.mark.parametrize("release", FATAL_RETRY)
def test_from_1_1_1_a_moved_buffer_is_the_end_of_the_connection(release, link, codes):
    one = link(release)
    data = Buffer(b"x" * 1000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data.moved()) == -1
    assert codes() == ["1409F07F"]
    assert one.client.write(data) == -1
    assert one.client.get_error(-1) == ErrorCode.SYSCALL
    assert one.client.in_init()
    assert one.received() == b""


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_in_the_mode_for_it_a_moved_buffer_is_accepted_and_the_old_record_goes_out(release, link):
    one = link(release, modes=Mode.ACCEPT_MOVING_WRITE_BUFFER)
    one.blocked_write(Buffer(b"x" * 1000))
    one.limit(None)
    assert one.client.write(Buffer(b"y" * 1000)) == 1000
    assert one.received() == b"x" * 1000


def test_the_moving_mode_is_looked_up_when_the_retry_comes(link, drain):
    one = link("1.0.1u")
    data = Buffer(1000)
    one.blocked_write(data)
    one.limit(None)
    one.client.set_mode(Mode.ACCEPT_MOVING_WRITE_BUFFER)
    assert one.client.write(data.moved()) == 1000
    assert drain() == []


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_longer_retry_is_accepted_and_sends_the_rest_too(release, link):
    one = link(release)
    data = Buffer(b"x" * 1000 + b"y" * 1000)
    one.blocked_write(data, num=1000)
    one.limit(None)
    assert one.client.write(data, 2000) == 2000
    assert one.received() == bytes(data)


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_shorter_retry_that_covers_what_is_pending_answers_its_own_length(release, link):
    one = link(release)
    data = Buffer(20000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data, 17000) == 17000
    assert len(one.received()) == 17000


@pytest.mark.parametrize("release", ["0.9.6-base", "0.9.8zh", "1.0.0t", "1.0.1u"])
def test_to_1_0_1_a_shorter_retry_is_a_bad_retry_and_harmless(release, link, codes):
    one = link(release)
    data = Buffer(20000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data, 10) == -1
    assert codes() == ["1409F07F"]
    assert one.client.write(data) == 20000


@pytest.mark.parametrize("release", ["1.1.0f", "1.1.0l"])
def test_from_1_1_0f_a_correct_retry_works_after_a_shorter_one(release, link, codes):
    one = link(release)
    data = Buffer(40000)
    one.blocked_write(data, 20000)
    one.limit(None)
    assert one.client.write(data, 10) == -1
    assert codes() == ["1409E10F"]
    assert one.client.write(data) == 40000


def test_1_0_2u_forgets_what_it_sent_when_it_refuses_a_length(link, drain):
    one = link("1.0.2u")
    data = Buffer(40000)
    one.blocked_write(data, 20000)
    one.limit(None)
    assert one.client.write(data, 10) == -1
    assert one.client.write(data) == -1
    assert drain() == ["bad length", "bad write retry"]


@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w"])
def test_from_1_1_1_a_shorter_retry_is_the_end_of_the_connection(release, link, drain):
    one = link(release)
    data = Buffer(20000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data, 10) == -1
    assert drain() == ["bad length"]
    assert one.client.write(data) == -1
    assert drain() == []


@pytest.mark.parametrize(
    ("release", "fatal"), [(one, False) for one in HARMLESS_RETRY] + [(one, True) for one in FATAL_RETRY]
)
def test_data_in_place_of_a_blocked_alert_is_a_bad_retry(release, fatal, link, drain):
    one = link(release)
    one.limit(0)
    one.client.shutdown()
    one.client.set_shutdown(0)
    one.limit(None)
    assert one.client.write(b"hello") == -1
    assert drain() == ["bad write retry"]
    assert one.client.in_init() is fatal


# -- partial mode -------------------------------------------------------------------------------


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_partial_mode_answers_after_one_record(release, link, partial):
    one = link(release, modes=partial)
    assert one.client.write(bytes(40000)) == 16384
    assert len(one.received()) == 16384


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        ("0.9.6-base", 16384),
        ("0.9.8zh", 16384),
        ("1.0.1u", 16384),
        ("1.0.2-base", 32768),
        ("1.1.0l", 32768),
        ("1.1.1w", 32768),
    ],
)
def test_a_retry_in_partial_mode_writes_one_record_more_from_1_0_2(release, answer, link, partial):
    one = link(release, modes=partial)
    data = bytes(40000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data) == answer
    assert len(one.received()) == answer


@pytest.mark.parametrize("release", ["1.0.2u", "1.1.0l", "1.1.1w"])
def test_a_partial_retry_may_ask_for_another_although_it_made_progress(release, link, partial):
    one = link(release, modes=partial)
    data = bytes(40000)
    one.blocked_write(data)
    one.limit(17000)
    assert one.client.write(data) == -1
    assert one.client.get_error(-1) == ErrorCode.WANT_WRITE
    assert len(one.received()) == 16384
