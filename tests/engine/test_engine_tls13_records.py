"""What ssl3_get_record() and ssl3_read_bytes() make of a peer's records once TLS 1.3 is chosen."""

from __future__ import annotations

import pytest

from emulator import ErrorCode
from emulator.constants import ContentType
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.sending.keys import change_writer
from emulator.record import DirectionKeys, NullReader, make_reader, make_writer
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac

AES = CipherSuite(
    0x1301, "", KeyExchange.ANY, Authentication.ANY, Cipher.AES_128_GCM, Mac.AEAD, 0x0304, prf_hash="sha256"
)
THERE = DirectionKeys(b"", b"there" + bytes(11), bytes(12))
BACK = DirectionKeys(b"", b"back" + bytes(12), bytes(12))
HANDSHAKE, ALERT, DATA, CCS = 22, 21, 23, 20


@pytest.fixture
def tls13(link):
    """Make a link whose ends have TLS 1.3's records, whatever handshake they had."""

    def tls13(release="1.1.1w", *, first_handshake=False):
        one = link(release, protocol="TLSv1.2", cipher="AES128-GCM-SHA256")
        for end, write, read in ((one.client, THERE, BACK), (one.server, BACK, THERE)):
            s = end._s
            change_writer(s, make_writer(AES, 0x0304, write))
            s.inp.reader = make_reader(AES, 0x0304, read)
            s.version = s.hs.version = 0x0304
            s.is_tls13 = True
            s.first_handshake = first_handshake
        return one

    return tls13


def deliver(one, *records):
    """Bytes for the server, as if from the client."""
    for record in records:
        one.there.sent += record
    one.deliver()


def seal(one, kind, content, **padded):
    writer = one.client._s.out.writer
    writer.padding = (lambda _kind, _length: padded["zeros"]) if padded else None
    return writer.seal(kind, 0x0303, content)


def answer(one, drain):
    """The server's next read: its answer, its errors, and the alert that the client then gets."""
    ret, _ = one.server.read(1 << 15)
    errors = drain()
    back = bytes(one.back.sent)
    return ret, errors, open_all(back)


def open_all(wire):
    """(outer type, version, inner type, content) of records from the server."""
    reader, found = make_reader(AES, 0x0304, BACK), []
    while wire:
        end = 5 + int.from_bytes(wire[3:5], "big")
        found.append(reader.open_inner(wire[0], 0x0303, wire[5:end]))
        wire = wire[end:]
    return found


def refused(one, drain, reason, alert):
    """The server's next read fails for this reason, and the client is told with this alert."""
    assert answer(one, drain) == (-1, [reason], [(ALERT, bytes([2, alert]))])


def test_data_goes_out_as_application_data_of_tls_1_2_and_comes_in(tls13):
    one = tls13()
    assert one.client.write(b"hello") == 5
    assert bytes(one.there.sent[:5]) == b"\x17\x03\x03\x00\x16"
    one.deliver()
    assert one.server.read(100) == (5, b"hello")


def test_padding_is_not_delivered(tls13):
    one = tls13()
    deliver(one, seal(one, DATA, b"hello", zeros=300))
    assert one.server.read(100) == (5, b"hello")


@pytest.mark.parametrize("kind", [CCS, HANDSHAKE, ALERT, 24, 0])
def test_after_the_handshake_every_record_is_application_data_outside(kind, tls13, drain):
    one = tls13()
    deliver(one, bytes([kind, 3, 3, 0, 2, 1, 0]))
    refused(one, drain, "bad record type", 10)


@pytest.mark.parametrize("version", [0x0301, 0x0304])
def test_a_protected_record_of_another_version_is_refused_as_undecodable(version, tls13, drain):
    one = tls13()
    deliver(one, b"\x17" + version.to_bytes(2, "big") + b"\0\x20" + bytes(32))
    refused(one, drain, "wrong version number", 50)


def test_a_record_of_another_major_version_is_refused_as_such(tls13, drain):
    one = tls13()
    deliver(one, b"\x17\x02\x03\0\x20" + bytes(32))
    refused(one, drain, "wrong version number", 70)


@pytest.mark.parametrize(
    ("release", "length", "reason"),
    [
        ("1.1.1w", 16641, "encrypted length too long"),
        ("1.1.1w", 16707, "encrypted length too long"),
        ("1.1.1w", 16708, "packet length too long"),
        ("3.5.4", 16711, "encrypted length too long"),
        ("3.5.4", 16712, "packet length too long"),
    ],
)
def test_a_header_with_too_great_a_length_is_refused_before_the_body_is_there(
    release, length, reason, tls13, drain
):
    one = tls13(release)
    deliver(one, b"\x17\x03\x03" + length.to_bytes(2, "big"))
    ret, reasons, alerts = answer(one, drain)
    assert (ret, reasons[0], alerts) == (-1, reason, [(ALERT, b"\x02\x16")])


def test_from_3_2_a_wrong_major_version_is_undecodable_too(tls13, drain):
    one = tls13("3.5.4")
    deliver(one, b"\x17\x02\x03\0\x20" + bytes(32))
    ret, reasons, alerts = answer(one, drain)
    assert (ret, reasons) == (-1, ["wrong version number", "record layer failure"])
    assert alerts == [(ALERT, b"\x02\x32")]


def test_the_longest_record_is_that_of_16384_bytes_and_all_the_padding_that_fits(tls13):
    one = tls13()
    deliver(one, seal(one, DATA, bytes(16384), zeros=16640 - 16384 - 17))
    assert one.server.read(1 << 15)[0] == 16384


def test_content_of_more_than_16384_bytes_is_refused(tls13, drain):
    one = tls13()
    deliver(one, seal(one, DATA, bytes(16385)))
    refused(one, drain, "data length too long", 22)


@pytest.mark.parametrize("kind", [0, CCS, 24, 255])
def test_inside_are_data_messages_and_alerts_alone(kind, tls13, drain):
    one = tls13()
    deliver(one, seal(one, kind, b"\x01"))
    refused(one, drain, "bad record type", 10)


def test_a_record_of_padding_alone_has_no_type(tls13, drain):
    one = tls13()
    deliver(one, seal(one, 0, bytes(20)))
    refused(one, drain, "bad record type", 10)


@pytest.mark.parametrize("kind", [HANDSHAKE, ALERT])
def test_an_empty_message_or_alert_is_refused(kind, tls13, drain):
    one = tls13()
    deliver(one, seal(one, kind, b"", zeros=9))
    refused(one, drain, "bad length", 10)


def test_empty_data_is_passed_over_32_times_in_a_row(tls13, drain):
    one = tls13()
    deliver(one, *[seal(one, DATA, b"") for _ in range(32)], seal(one, DATA, b"after"))
    assert one.server.read(100) == (5, b"after")
    deliver(one, *[seal(one, DATA, b"") for _ in range(33)])
    refused(one, drain, "record too small", 10)


@pytest.mark.parametrize(("release", "alert"), [("1.1.1d", 21), ("1.1.1e", 20), ("1.1.1w", 20)])
def test_a_record_without_room_for_a_type_has_a_wrong_padding(release, alert, tls13, drain):
    one = tls13(release)
    deliver(one, b"\x17\x03\x03\x00\x10" + bytes(16))
    refused(one, drain, "block cipher pad is wrong", alert)


def test_a_changed_record_is_a_bad_mac(tls13, drain):
    one = tls13()
    record = bytearray(seal(one, DATA, b"hello"))
    record[-1] ^= 1
    deliver(one, record)
    refused(one, drain, "decryption failed or bad record mac", 20)


# -- what is let through during the handshake ---------------------------------------------------


def test_during_the_handshake_change_cipher_spec_is_dropped(tls13):
    one = tls13(first_handshake=True)
    deliver(one, b"\x14\x03\x03\0\1\1", seal(one, DATA, b"hello"), b"\x14\x03\x03\0\1\1")
    assert one.server.read(100) == (5, b"hello")
    assert one.server.read(100)[0] == -1
    assert one.server.get_error(-1) == ErrorCode.WANT_READ


@pytest.mark.parametrize("body", [b"", b"\x02", b"\x01\x01"])
def test_a_change_cipher_spec_that_is_none_is_refused(body, tls13, drain):
    one = tls13(first_handshake=True)
    deliver(one, b"\x14\x03\x03\0" + bytes([len(body)]) + body)
    refused(one, drain, "invalid ccs message", 47)


def test_the_33rd_change_cipher_spec_in_a_row_is_one_too_many(tls13, drain):
    one = tls13(first_handshake=True)
    deliver(one, b"\x14\x03\x03\0\1\1" * 32, seal(one, DATA, b"hello"), b"\x14\x03\x03\0\1\1" * 33)
    assert one.server.read(100) == (5, b"hello")
    refused(one, drain, "unexpected ccs message", 10)


def test_before_any_keys_an_empty_message_is_refused_too(tls13, drain):
    one = tls13(first_handshake=True)
    one.server._s.inp.reader = NullReader()
    deliver(one, b"\x16\x03\x03\0\0")
    refused(one, drain, "bad length", 10)


def test_an_alert_in_plain_is_taken_while_the_client_may_not_have_keys(tls13, drain):
    one = tls13(first_handshake=True)
    one.server._s.inp.plain_alerts = True
    deliver(one, b"\x15\x03\x03\0\2\2\x28")
    assert one.server.read(100)[0] == 0
    assert drain() == ["sslv3 alert handshake failure"]


# -- alerts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 2, 77])
def test_close_notify_of_any_level_ends_the_data(level, tls13, drain):
    one = tls13()
    deliver(one, seal(one, ALERT, bytes([level, 0])))
    assert one.server.read(100)[0] == 0
    assert one.server.get_error(0) == ErrorCode.ZERO_RETURN
    assert drain() == []


@pytest.mark.parametrize("level", [1, 2, 77])
def test_user_canceled_of_any_level_is_passed_over(level, tls13):
    one = tls13()
    deliver(one, seal(one, ALERT, bytes([level, 90])), seal(one, DATA, b"hello"))
    assert one.server.read(100) == (5, b"hello")


@pytest.mark.parametrize(
    ("level", "description", "reason"),
    [
        (1, 40, "sslv3 alert handshake failure"),
        (1, 100, "tlsv1 alert no renegotiation"),
        (77, 80, "tlsv1 alert internal error"),
        (2, 116, "tlsv13 alert certificate required"),
    ],
)
def test_every_other_alert_of_any_level_is_fatal(level, description, reason, tls13, drain):
    one = tls13()
    deliver(one, seal(one, ALERT, bytes([level, description])))
    assert answer(one, drain) == (0, [reason], [])
    assert one.server.write(b"x") == -1


@pytest.mark.parametrize(
    ("release", "error"),
    [("1.1.1w", ErrorCode.SYSCALL), ("3.0.16", ErrorCode.SYSCALL), ("3.5.4", ErrorCode.ZERO_RETURN)],
)
def test_to_3_1_a_fatal_alert_of_level_warning_is_noted_as_a_warning(release, error, tls13, drain):
    """SSL_get_error() looks for the warning close_notify, whose number is what there is before any."""
    one = tls13(release)
    deliver(one, seal(one, ALERT, bytes([1, 40])))
    assert one.server.read(100)[0] == 0
    drain()
    assert one.server.write(b"x") == -1
    assert one.server.get_error(-1) == error


def test_the_fifth_user_canceled_in_a_row_is_fatal(tls13, drain):
    one = tls13()
    deliver(one, *[seal(one, ALERT, b"\x01\x5a") for _ in range(5)])
    refused(one, drain, "too many warn alerts", 10)


def test_an_alert_has_two_bytes(tls13, drain):
    one = tls13()
    deliver(one, seal(one, ALERT, b"\x02\x28\x00"))
    refused(one, drain, "invalid alert", 10)


def test_data_after_ones_own_close_notify_is_an_error_for_a_shutdown(tls13, drain):
    one = tls13()
    assert one.server.shutdown() == 0
    deliver(one, seal(one, DATA, b"late"))
    assert one.server.shutdown() == -1
    assert drain() == ["application data after close notify"]


@pytest.mark.parametrize("release", ["1.1.1a", "1.1.1b", "1.1.1w"])
def test_from_1_1_1b_the_beginning_of_a_message_must_go_on_at_once(release, tls13, drain):
    one = tls13(release)
    deliver(one, seal(one, HANDSHAKE, b"\x18\0\0"), seal(one, DATA, b"hello"))
    if release == "1.1.1a":
        assert one.server.read(100) == (5, b"hello")
    else:
        refused(one, drain, "mixed handshake and non handshake data", 10)


# -- callbacks ----------------------------------------------------------------------------------


def test_the_message_callback_is_told_the_type_inside(tls13):
    one = tls13()
    told = []
    one.client.set_msg_callback(lambda *what: told.append(what))
    one.server.set_msg_callback(lambda *what: told.append(what))
    one.client.write(b"hello")
    one.deliver()
    one.server.read(100)
    assert told == [
        (True, 0, 0x100, b"\x17\x03\x03\x00\x16"),
        (True, 0x0304, 0x101, b"\x17"),
        (False, 0, 0x100, b"\x17\x03\x03\x00\x16"),
        (False, 0x0304, 0x101, b"\x17"),
    ]


# -- padding ------------------------------------------------------------------------------------


def sizes(one, parse_records):
    return [length for _kind, length in parse_records(bytes(one.there.sent))]


def test_block_padding_fills_up_what_is_protected(tls13, parse_records):
    one = tls13()
    assert one.client.set_block_padding(512) == 1
    for size in (1, 510, 511, 512, 16383, 16384):
        one.client.write(bytes(size))
    assert sizes(one, parse_records) == [512 + 16, 512 + 16, 512 + 16, 1024 + 16, 16384 + 16, 16385 + 16]


def test_blocks_need_not_be_powers_of_two(tls13, parse_records):
    one = tls13()
    one.client.set_block_padding(1000)
    one.client.write(bytes(999))
    one.client.write(bytes(1000))
    assert sizes(one, parse_records) == [1000 + 16, 2000 + 16]


@pytest.mark.parametrize("off", [0, 1])
def test_blocks_of_0_or_1_are_no_padding(off, tls13, parse_records):
    one = tls13()
    one.client.set_block_padding(512)
    assert one.client.set_block_padding(off) == 1
    one.client.write(b"x")
    assert sizes(one, parse_records) == [1 + 1 + 16]


def test_a_block_is_no_longer_than_a_record(tls13, parse_records):
    one = tls13()
    assert [one.client.set_block_padding(size) for size in (16384, 16385)] == [1, 0]
    one.client.write(b"x")
    assert sizes(one, parse_records) == [16384 + 16]


def test_padding_stays_within_the_longest_fragment(tls13, parse_records):
    one = tls13()
    one.client.set_max_send_fragment(600)
    one.client.set_block_padding(512)
    one.client.write(bytes(550))
    one.client.write(bytes(600))
    assert sizes(one, parse_records) == [600 + 16, 601 + 16]


def test_a_callback_goes_before_blocks_and_is_cut_to_what_fits(tls13, parse_records):
    one = tls13()
    asked = []
    wanted = iter([3, 0, 1 << 20, -1])
    one.client.set_block_padding(512)
    one.client.set_record_padding_callback(lambda kind, size: (asked.append((kind, size)), next(wanted))[1])
    for _ in range(4):
        one.client.write(b"ab")
    assert asked == [(ContentType.APPLICATION_DATA, 3)] * 4
    assert sizes(one, parse_records) == [3 + 3 + 16, 3 + 16, 16384 + 16, 16384 + 16]
    one.client.set_record_padding_callback(None)
    one.client.write(b"ab")
    assert sizes(one, parse_records)[-1] == 512 + 16


# -- early data that cannot be read -------------------------------------------------------------


@pytest.fixture
def rejecting(tls13, monkeypatch):
    """Make a link whose server passes over early data, of at most 100 bytes."""

    def rejecting():
        one = tls13(first_handshake=True)
        monkeypatch.setattr(type(one.server._s.machine), "skips_early_data", lambda _self: True)
        one.server._s.recv_max_early_data = 100
        return one

    return rejecting


def test_unreadable_early_data_is_passed_over_and_does_not_count_as_a_record(rejecting):
    one = rejecting()
    deliver(
        one, b"\x17\x03\x03\0\x20" + bytes(32), b"\x17\x03\x03\0\x05" + bytes(5), seal(one, DATA, b"hello")
    )
    assert one.server.read(100) == (5, b"hello")


def test_of_unreadable_early_data_there_may_be_104_bytes_more_than_of_readable(rejecting, drain):
    one = rejecting()
    deliver(one, b"\x17\x03\x03\0\xcc" + bytes(204), seal(one, DATA, b"hello"))
    assert one.server.read(100) == (5, b"hello")
    deliver(one, b"\x17\x03\x03\0\x01" + bytes(1))
    refused(one, drain, "too much early data", 10)


def test_with_a_limit_of_0_any_early_data_is_too_much(rejecting, drain):
    one = rejecting()
    one.server._s.recv_max_early_data = 0
    deliver(one, b"\x17\x03\x03\0\x20" + bytes(32))
    refused(one, drain, "too much early data", 10)


def test_early_data_that_is_read_is_counted_against_the_smaller_limit(tls13, drain):
    one = tls13()
    s = one.server._s
    s.early_data_state = EarlyDataState.READING
    s.recv_max_early_data = 9
    deliver(one, seal(one, DATA, b"12345"), seal(one, DATA, b"6789"), seal(one, DATA, b"0"))
    assert one.server.read(100) == (5, b"12345")
    assert one.server.read(100) == (4, b"6789")
    refused(one, drain, "too much early data", 10)
