from __future__ import annotations

import pytest

from emulator import Connection, ErrorCode, Mode, Script, UsageError, Want, load_profile
from emulator.scenario.runner import Runner

EVERY_SERIES = ["0.9.6-base", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]


@pytest.fixture
def fed(link):
    """Make a link whose server has been sent some records of application data."""

    def fed(release, *chunks, **settings):
        one = link(release, **settings)
        for chunk in chunks:
            assert one.client.write(chunk) == len(chunk)
        one.deliver()
        return one

    return fed


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_read_never_goes_beyond_a_record(release, fed):
    one = fed(release, b"one", b"two")
    assert one.server.read(100) == (3, b"one")
    assert one.server.read(100) == (3, b"two")


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_without_data_a_read_wants_to_read(release, fed):
    one = fed(release)
    assert one.server.read(100) == (-1, b"")
    assert one.server.get_error(-1) == ErrorCode.WANT_READ
    assert one.server.want() == Want.READING


def test_half_a_record_wants_the_other_half(link):
    one = link("1.0.1u")
    one.client.write(b"hello")
    one.there.deliver(7)
    assert one.server.read(100)[0] == -1
    assert one.server.get_error(-1) == ErrorCode.WANT_READ
    one.deliver()
    assert one.server.read(100) == (5, b"hello")


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_peek_leaves_what_it_shows(release, fed):
    one = fed(release, b"hello")
    assert one.server.peek(3) == (3, b"hel")
    assert one.server.peek(100) == (5, b"hello")
    assert one.server.read(100) == (5, b"hello")


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_pending_counts_what_is_decrypted_and_unread(release, fed):
    one = fed(release, b"hello", b"more")
    assert one.server.pending() == 0
    one.server.read(2)
    assert one.server.pending() == 3
    one.server.read(100)
    assert one.server.pending() == 0


@pytest.mark.parametrize("call", ["read", "peek"])
def test_into_a_buffer_only_the_length_is_answered(call, fed):
    one = fed("1.0.1u", b"hello")
    target = bytearray(b"-" * 8)
    assert getattr(one.server, call)(8, into=target) == 5
    assert target == b"hello---"


def test_into_leaves_the_buffer_alone_when_nothing_came(fed):
    one = fed("1.0.1u")
    target = bytearray(b"--------")
    assert one.server.read(8, into=target) == -1
    assert target == b"--------"


def test_into_takes_wide_items_as_bytes(fed):
    one = fed("1.0.1u", b"abcd")
    target = memoryview(bytearray(8)).cast("I")
    assert one.server.read(8, into=target) == 4
    assert bytes(target) == b"abcd\0\0\0\0"


def test_a_read_into_too_small_a_buffer_is_misuse_and_loses_nothing(fed):
    one = fed("1.0.1u", b"hello")
    with pytest.raises(UsageError, match="into"):
        one.server.read(8, into=bytearray(7))
    assert one.server.read(8) == (5, b"hello")


def test_a_read_into_what_cannot_be_written_is_misuse_and_loses_nothing(fed):
    one = fed("1.0.1u", b"hello")
    with pytest.raises(UsageError, match="into"):
        one.server.read(5, into=b"-----")
    assert one.server.read(8) == (5, b"hello")


def test_read_ex_answers_1_and_the_bytes_or_0(fed):
    one = fed("1.1.1w", b"hello")
    assert one.server.read_ex(100) == (1, b"hello")
    assert one.server.read_ex(100) == (0, b"")
    assert one.server.get_error(0) == ErrorCode.WANT_READ


@pytest.mark.parametrize("call", ["read_ex", "peek_ex"])
def test_size_t_is_never_negative_when_reading(call, fed):
    with pytest.raises(UsageError, match="never negative"):
        getattr(fed("1.1.1w").server, call)(-1)


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_reading_nothing_answers_0(release, fed):
    one = fed(release, b"hello")
    assert one.server.read(0) == (0, b"")
    assert one.server.read(100) == (5, b"hello")


@pytest.mark.parametrize(
    ("release", "read", "peek"),
    [("0.9.6m", [], []), ("1.0.2u", [], []), ("1.1.0l", [], []), ("1.1.1w", ["140DF10F"], ["1410E10F"])],
)
def test_a_negative_number_of_bytes_is_refused_by_name_from_1_1_1(release, read, peek, fed, codes):
    one = fed(release, b"hello")
    assert one.server.read(-1) == (-1, b"")
    assert codes() == read
    assert one.server.peek(-1) == (-1, b"")
    assert codes() == peek
    assert one.server.read(100) == (5, b"hello")


@pytest.mark.parametrize(
    ("release", "code"), [("0.9.6m", "140DF114"), ("1.0.2u", "140DF114"), ("1.1.1w", "1420B114")]
)
def test_a_connection_without_a_role_cannot_read(release, code, codes):
    connection = Connection(release, follow="library")
    assert connection.read(1) == (-1, b"")
    assert codes() == [code]


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_close_notify_is_0_and_a_clean_close(release, link, drain):
    one = link(release)
    one.client.write(b"last")
    one.client.shutdown()
    one.deliver()
    assert one.server.read(100) == (4, b"last")
    for _ in range(2):
        assert one.server.read(100) == (0, b"")
        assert one.server.get_error(0) == ErrorCode.ZERO_RETURN
    assert drain() == []


@pytest.mark.parametrize(
    ("release", "error"),
    [
        *[(release, ErrorCode.SYSCALL) for release in ("0.9.6m", "1.0.2u", "1.1.0l", "1.1.1d")],
        ("1.1.1e", ErrorCode.SSL),
        *[(release, ErrorCode.SYSCALL) for release in ("1.1.1f", "1.1.1w")],
    ],
)
def test_the_end_of_the_transport_was_an_error_of_ssl_in_one_release(release, error, link):
    one = link(release)
    one.there.ended = True
    ret, _ = one.server.read(100)
    assert (ret, one.server.get_error(ret)) == (0, error)


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_read_error_of_the_transport_keeps_its_errno(release, link):
    one = link(release)
    one.server.rbio.read_errno = 104
    assert one.server.read(100)[0] == -1
    assert one.server.get_error(-1) == ErrorCode.SYSCALL
    assert one.server.errno == 104


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_changed_record_is_a_bad_mac_and_a_fatal_alert(release, link, drain):
    one = link(release)
    one.client.write(b"hello")
    one.there.sent[-1] ^= 1
    one.deliver()
    assert one.server.read(100)[0] == -1
    assert one.server.get_error(-1) == ErrorCode.SSL
    assert drain() == ["decryption failed or bad record mac"] or release.startswith("0.9.6")
    one.deliver()
    ret, _ = one.client.read(1)
    assert ret == 0
    assert drain()[0].endswith("alert bad record mac") or release.startswith("0.9.6")


@pytest.mark.parametrize("release", ["1.0.1u", "1.0.2g", "1.1.0-base"])
def test_warning_alerts_were_taken_without_end(release, link):
    one = link(release)
    for _ in range(20):
        one.client._s.out.wbio.write(one.client._s.out.writer.seal(21, 0x0301, b"\x01\x5a"))
    one.client.write(b"hello")
    assert one.received() == b"hello"


@pytest.mark.parametrize(
    ("release", "text"),
    [
        ("1.0.2i", "reason(409)"),  # the release has the number, but no text for it
        ("1.0.2u", "too many warn alerts"),
        ("1.1.0a", "too many warn alerts"),
        ("1.1.1w", "too many warn alerts"),
    ],
)
def test_the_fifth_warning_alert_in_a_row_is_fatal(release, text, link, drain):
    one = link(release)
    for _ in range(5):
        one.client._s.out.wbio.write(one.client._s.out.writer.seal(21, 0x0301, b"\x01\x5a"))
    one.deliver()
    assert one.server.read(100)[0] == -1
    assert drain() == [text]


@pytest.mark.parametrize(("release", "length", "ret"), [("1.1.0l", 2, 5), ("1.1.1w", 2, 5)])
def test_a_warning_alert_between_data_is_passed_over(release, length, ret, link):
    one = link(release)
    one.client._s.out.wbio.write(one.client._s.out.writer.seal(21, 0x0301, b"\x01\x5a"))
    one.client.write(b"hello")
    one.deliver()
    one.server.set_mode(Mode.AUTO_RETRY)
    assert one.server.read(100) == (ret, b"hello")


def test_from_1_1_1_an_alert_is_a_record_of_its_own(link, drain):
    one = link("1.1.1w")
    one.client._s.out.wbio.write(one.client._s.out.writer.seal(21, 0x0301, b"\x01\x5a\x01\x5a"))
    one.deliver()
    assert one.server.read(100)[0] == -1
    assert drain() == ["invalid alert"]


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.2u", "1.1.0l"])
def test_to_1_1_0_an_alert_may_come_in_pieces(release, link):
    one = link(release)
    for piece in (b"\x01", b"\x00"):
        one.client._s.out.wbio.write(one.client._s.out.writer.seal(21, 0x0301, piece))
    one.deliver()
    assert one.server.read(100)[0] == 0
    assert one.server.get_error(0) == ErrorCode.ZERO_RETURN


@pytest.mark.parametrize(("release", "ret"), [("1.0.2u", 0), ("1.1.0l", -1)])
def test_a_second_alert_in_the_record_is_read_to_1_0_2_and_dropped_in_1_1_0(release, ret, link):
    one = link(release)
    one.client._s.out.wbio.write(one.client._s.out.writer.seal(21, 0x0301, b"\x01\x5a\x01\x00"))
    one.deliver()
    assert one.server.read(100)[0] == ret


@pytest.mark.parametrize(
    ("release", "ret", "reasons"),
    [("0.9.6-base", 0, ["called a function you should not call"]), ("0.9.6a", -1, []), ("1.0.2u", -1, [])],
)
def test_in_0_9_6_a_generic_method_cannot_peek_before_its_handshake(release, ret, reasons, drain):
    connection = Connection(release, follow="library")
    connection.set_connect_state()
    assert connection.peek(1) == (ret, b"")
    assert [reason.lower() for reason in drain()] == reasons


def answered(release, script):
    """What the last step of a script is answered: SSL_get_error, and the texts of the queue."""
    runner = Runner(load_profile(release))
    last = runner.run(script.scenario())["trace"][-1]
    runner.close()
    return last["error"], [entry["text"] for entry in last.get("queue", ())]


@pytest.mark.parametrize("release", ["1.0.1e", "1.0.2q", "1.1.0f"])
def test_a_body_that_does_not_fit_behind_its_aligned_header_is_an_internal_error(release):
    """As real libraries answer: the buffer ends three bytes before the header's limit."""
    for length, errors in ((16704, []), (16705, ["internal error"])):
        script = Script("A long header", protocol="TLSv1.2", cipher="AES128-GCM-SHA256").establish()
        script.server.inject(b"\x17\3\3" + length.to_bytes(2, "big")).client.read(100)
        error, texts = answered(release, script)
        assert error == ("SSL" if errors else "WANT_READ")
        assert [text.rpartition(":")[2] for text in texts] == errors


@pytest.mark.parametrize("release", ["0.9.8e", "1.0.2q", "1.1.0f"])
def test_a_refused_header_whose_body_does_not_fit_is_an_internal_error_at_the_next_call(release):
    script = Script("Plain text", protocol="TLSv1")
    script.client.write(100).server.inject(b"HTTP/1.1 400 Bad").client.write(100).client.write(100)
    error, texts = answered(release, script)
    assert (error, len(texts)) == ("SSL", 1)
    assert texts[0].lower().startswith("error:14095044:ssl routines:ssl3_read_n:internal error")
