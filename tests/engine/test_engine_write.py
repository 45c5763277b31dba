from __future__ import annotations

import pytest

from emulator import Buffer, Connection, ErrorCode, SimulatedCrash, UsageError, Want

EVERY_SERIES = ["0.9.6-base", "0.9.6m", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
DATA = 23


# -- the plain case -----------------------------------------------------------------------------


@pytest.mark.parametrize("release", EVERY_SERIES)
@pytest.mark.parametrize("size", [1, 16383, 16384, 16385, 100000])
def test_a_write_takes_all_and_the_peer_reads_the_same(release, size, link):
    one = link(release)
    data = bytes(range(256)) * (size // 256 + 1)
    assert one.client.write(data, size) == size
    assert one.received() == data[:size]


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_after_a_write_nothing_is_wanted_and_there_is_no_error(release, link):
    one = link(release)
    ret = one.client.write(b"hello")
    assert (one.client.get_error(ret), one.client.want(), one.client.errno) == (
        ErrorCode.NONE,
        Want.NOTHING,
        0,
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, Buffer])
def test_every_kind_of_buffer_can_be_written_from(kind, link):
    one = link("1.0.1u")
    assert one.client.write(kind(b"some bytes")) == 10
    assert one.received() == b"some bytes"


def test_a_buffer_of_wide_items_is_seen_as_its_bytes(link):
    one = link("1.1.1w")
    assert one.client.write(memoryview(b"abcdefgh").cast("I")) == 8
    assert one.received() == b"abcdefgh"


def test_num_writes_the_beginning_of_the_buffer(link):
    one = link("1.0.2u")
    assert one.client.write(b"hello, world", 5) == 5
    assert one.received() == b"hello"


@pytest.mark.parametrize("call", ["write", "write_ex"])
def test_num_beyond_the_buffer_is_misuse(call, link):
    one = link("1.1.1w")
    with pytest.raises(UsageError, match="num: got 6, but the buffer holds 5 bytes"):
        getattr(one.client, call)(b"hello", 6)
    assert one.client.write(b"hello") == 5


@pytest.mark.parametrize("wrong", ["text", 5, None, [1, 2]])
def test_what_is_no_buffer_is_misuse(wrong, link):
    with pytest.raises(UsageError, match=f"data: got {type(wrong).__name__}"):
        link("1.0.1u").client.write(wrong)


def test_a_view_with_gaps_is_misuse(link):
    with pytest.raises(UsageError, match="contiguous"):
        link("1.0.1u").client.write(memoryview(bytes(10))[::2])


# -- records ------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", ["0.9.6-base", "0.9.6c"])
def test_the_first_releases_send_no_empty_fragment(release, link):
    one = link(release)
    one.client.write(bytes(40000))
    assert len(one.records()) == 3


@pytest.mark.parametrize(
    "release", ["0.9.6d", "0.9.6m", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
)
def test_one_empty_fragment_goes_ahead_of_each_write_of_a_cbc_cipher(release, link):
    one = link(release)
    one.client.write(bytes(40000))
    one.client.write(b"x")
    records = one.records()
    assert [kind for kind, _ in records] == [DATA] * 6
    small = [length < 100 for _, length in records]
    assert small == [True, False, False, False, True, True]


@pytest.mark.parametrize(
    ("release", "records"), [("0.9.6d", 2), ("0.9.6e", 1), ("0.9.8zh", 1), ("1.1.1w", 1)]
)
def test_the_empty_fragment_can_be_switched_off_from_0_9_6e(release, records, link):
    one = link(release, client={"options": 0x800})
    one.client.write(b"x")
    assert len(one.records()) == records


def test_a_stream_cipher_needs_no_empty_fragment(link):
    one = link("1.0.1u", cipher="RC4-SHA", build=["weak-ciphers"])
    one.client.write(bytes(40000))
    assert len(one.records()) == 3


@pytest.mark.parametrize("release", ["1.0.1u", "1.0.2u", "1.1.1w"])
@pytest.mark.parametrize("protocol", ["TLSv1.1", "TLSv1.2"])
def test_explicit_ivs_need_no_empty_fragment(release, protocol, link):
    one = link(release, protocol=protocol)
    one.client.write(b"x")
    assert len(one.records()) == 1


@pytest.mark.parametrize("release", ["1.0.2-base", "1.0.2u"])
def test_long_writes_go_out_in_blocks_of_smaller_fragments(release, link):
    one = link(release, protocol="TLSv1.1")
    one.client.write(bytes(65536))
    lengths = [length for _, length in one.records()]
    assert len(lengths) == 5
    assert lengths[:4] == [lengths[0]] * 4
    assert 15872 < lengths[0] < 16000


def test_a_build_without_assembler_has_no_multiblock(link):
    one = link("1.0.2u", protocol="TLSv1.1", build=["no-asm"])
    one.client.write(bytes(65536))
    assert len(one.records()) == 4


def test_a_message_callback_switches_multiblock_off(link):
    one = link("1.0.2u", protocol="TLSv1.1")
    one.client.set_msg_callback(lambda *_: None)
    one.client.write(bytes(65536))
    assert len(one.records()) == 4


def test_encrypt_then_mac_switches_multiblock_off(link):
    one = link("1.1.1w", protocol="TLSv1.1")
    one.client.write(bytes(65536))
    assert len(one.records()) == 4


# -- num == 0 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_writing_nothing_answers_0_and_looks_like_a_system_error(release, link):
    one = link(release)
    assert one.client.write(b"") == 0
    assert one.client.get_error(0) == ErrorCode.SYSCALL
    assert one.there.sent == b""


@pytest.mark.parametrize("release", ["1.1.1-base", "1.1.1w"])
def test_write_ex_of_nothing_succeeds(release, link):
    assert link(release).client.write_ex(b"", written=7) == (1, 0)


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_writing_nothing_after_the_peers_close_notify_reads_as_a_clean_close(release, link):
    one = link(release)
    one.server.shutdown()
    one.deliver()
    one.client.read(1)
    assert one.client.get_error(one.client.write(b"")) == ErrorCode.ZERO_RETURN


@pytest.mark.parametrize("release", ["0.9.6-base", "0.9.8zh", "1.0.1u"])
def test_to_1_0_1_nothing_is_a_bad_retry_of_a_pending_write(release, link, drain):
    one = link(release)
    data = bytes(1000)
    one.blocked_write(data)
    assert one.client.write(data, 0) == -1
    assert drain() == ["bad write retry"]
    one.limit(None)
    assert one.client.write(data) == 1000


@pytest.mark.parametrize("release", ["1.0.2l", "1.0.2u", "1.1.0f", "1.1.0l", "1.1.1w"])
def test_later_nothing_is_a_bad_length_for_a_pending_write(release, link, drain):
    one = link(release)
    data = bytes(1000)
    one.blocked_write(data)
    assert one.client.write(data, 0) == -1
    assert drain() == ["bad length"]


# -- num < 0 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "code"),
    [
        *[(release, "1409E10F") for release in ("0.9.8za", "1.0.0m", "1.0.1h", "1.0.2-base", "1.0.2u")],
        *[(release, "1409E174") for release in ("1.1.0-base", "1.1.0l")],
        *[(release, "140D010F") for release in ("1.1.1-base", "1.1.1w")],
    ],
)
def test_a_negative_length_is_refused(release, code, link, codes):
    one = link(release)
    assert one.client.write(b"hello", -1) == -1
    assert one.client.get_error(-1) == ErrorCode.SSL
    assert codes() == [code]
    assert one.client.write(b"hello") == 5


@pytest.mark.parametrize("release", ["0.9.6-base", "0.9.8y", "1.0.0l", "1.0.1g"])
def test_before_the_check_a_negative_length_reads_on_until_memory_ends(release, link):
    one = link(release)
    with pytest.raises(SimulatedCrash) as caught:
        one.client.write(b"hello", -1)
    assert caught.value.signal == "SIGSEGV"
    assert caught.value.over_read > 1 << 20


def test_size_t_is_never_negative(link):
    with pytest.raises(UsageError, match="never negative"):
        link("1.1.1w").client.write_ex(b"hello", -1)


# -- states that refuse -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "code"),
    [("0.9.6-base", "140D0114"), ("1.0.1u", "140D0114"), ("1.1.0l", "140D0114"), ("1.1.1w", "1420C114")],
)
def test_a_connection_without_a_role_cannot_write(release, code, codes):
    connection = Connection(release, follow="library")
    assert connection.write(b"hello") == -1
    assert connection.get_error(-1) == ErrorCode.SSL
    assert codes() == [code]


@pytest.mark.parametrize(
    ("release", "code"), [("0.9.6-base", "140D00CF"), ("1.0.2u", "140D00CF"), ("1.1.1w", "1420C0CF")]
)
def test_after_shutdown_writing_is_refused_until_the_flag_is_cleared(release, code, link, codes):
    one = link(release)
    one.client.shutdown()
    assert one.client.write(b"hello") == -1
    assert codes() == [code]
    one.client.set_shutdown(0)
    assert one.client.write(b"hello") == 5


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_the_peers_close_notify_does_not_stop_writing(release, link):
    one = link(release)
    one.server.shutdown()
    one.deliver()
    assert one.client.read(1)[0] == 0
    assert one.client.write(b"hello") == 5


AFTER_PEERS_ALERT = [
    *[
        (release, 5, ErrorCode.NONE)
        for release in ("0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2k", "1.0.2q", "1.1.0j")
    ],
    *[(release, -1, ErrorCode.SSL) for release in ("1.0.2r", "1.0.2u")],
    *[(release, -1, ErrorCode.SYSCALL) for release in ("1.1.0k", "1.1.0l")],
    *[(release, -1, ErrorCode.ZERO_RETURN) for release in ("1.1.1-base", "1.1.1w")],
]


@pytest.mark.parametrize(("release", "ret", "error"), AFTER_PEERS_ALERT)
def test_a_write_after_the_peers_fatal_alert(release, ret, error, link, drain):
    one = link(release, cipher=None, protocol="TLSv1")
    one.there.sent += b"\x17\x03\x01\x00\x20" + bytes(32)
    one.deliver()
    assert one.server.read(1)[0] == -1
    one.deliver()
    assert one.client.read(1)[0] == 0
    drain()
    assert one.client.write(b"hello") == ret
    assert one.client.get_error(ret) == error


@pytest.mark.parametrize(
    ("release", "ret", "error"),
    [
        (release, ret, ErrorCode.SYSCALL if error == ErrorCode.ZERO_RETURN else error)
        for release, ret, error in AFTER_PEERS_ALERT
    ],
)
def test_a_write_after_a_fatal_error_of_ones_own(release, ret, error, link, drain):
    one = link(release)
    one.back.arrived += b"\x17\x03\x01\x00\x20" + bytes(32)
    assert one.client.read(1)[0] == -1
    drain()
    assert one.client.write(b"hello") == ret
    assert one.client.get_error(ret) == error


# -- what the transport answers -----------------------------------------------------------------


@pytest.mark.parametrize("release", EVERY_SERIES)
def test_a_hard_error_keeps_the_record_and_the_retry_sends_it(release, link):
    one = link(release)
    one.there.plan.append({"errno": 32})
    data = b"hello"
    assert one.client.write(data) == -1
    assert (one.client.get_error(-1), one.client.errno) == (ErrorCode.SYSCALL, 32)
    assert one.client.write(data) == 5
    assert one.received() == data


@pytest.mark.parametrize(
    ("release", "ret"),
    [("0.9.6m", 0), ("1.0.2u", 0), ("1.1.0b", 0), ("1.1.0c", -1), ("1.1.0d", 0), ("1.1.1w", 0)],
)
def test_a_transport_that_answers_0_is_a_system_error(release, ret, link):
    one = link(release)
    one.there.plan.append("zero")
    data = b"hello"
    assert one.client.write(data) == ret
    assert one.client.get_error(ret) == ErrorCode.SYSCALL
    assert one.client.write(data) == 5


@pytest.mark.parametrize(
    ("release", "error"),
    [("1.0.2u", ErrorCode.SYSCALL), ("1.1.0l", ErrorCode.SYSCALL), ("1.1.1-base", ErrorCode.WANT_WRITE)],
)
def test_a_retry_that_answers_0_is_seen_from_1_1_1(release, error, link):
    one = link(release)
    one.there.plan.append("zero-retry")
    assert one.client.write(b"hello") == 0
    assert one.client.get_error(0) == error


@pytest.mark.parametrize(("release", "ret"), [("0.9.6m", 5), ("1.0.2u", 5), ("1.1.0l", 5), ("1.1.1w", -1)])
def test_without_a_transport_the_write_fails_and_1_1_1_never_recovers(release, ret, link, drain):
    one = link(release)
    bio = one.client.wbio
    data = b"hello"
    one.client.set_bio(None, None)
    assert one.client.write(data) == -1
    assert drain() == ["bio not set"]
    one.client.set_bio(bio, bio)
    assert one.client.write(data) == ret


# -- write_ex -----------------------------------------------------------------------------------


def test_write_ex_reports_what_it_wrote(link):
    one = link("1.1.1w")
    assert one.client.write_ex(b"hello, world", 5) == (1, 5)


def test_a_failed_write_ex_leaves_the_number_as_it_was(link):
    one = link("1.1.1w")
    data = bytes(1000)
    one.limit(0)
    assert one.client.write_ex(data, written=42) == (0, 42)
    assert one.client.get_error(0) == ErrorCode.WANT_WRITE
    one.limit(None)
    assert one.client.write_ex(data) == (1, 1000)


def test_write_ex_and_write_retry_each_other(link):
    one = link("1.1.1w")
    data = bytes(1000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write_ex(data) == (1, 1000)
