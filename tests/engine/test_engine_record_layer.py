"""The write record layer of 3.2 and 3.5, where it differs from the generations before."""

from __future__ import annotations

import pytest

from emulator import Connection, ErrorCode, Mode, Shutdown, Want, make_scripted_bio_pair
from emulator.error_queue import current

LAYERED = ["3.2.0", "3.5.4"]
DATA = 23
EPIPE = 32
BAD_WRITE_RETRY = 127
BIO_NOT_SET = 128
HTTP_REQUEST = 156
BAD_LENGTH = 271
RECORD_LAYER_FAILURE = 313
SHOULD_NOT_HAVE_BEEN_CALLED = 786689
CBC11 = {"protocol": "TLSv1.1"}
GCM = {"protocol": "TLSv1.2", "cipher": "AES128-GCM-SHA256"}


def reasons():
    found = [(entry.lib, entry.reason) for entry in current()]
    current().clear()
    return found


# -- records ------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", LAYERED)
def test_every_record_has_an_empty_one_before_it(release, link):
    one = link(release)
    one.client.write(bytes(40000))
    assert one.records() == [(DATA, 36), (DATA, 16420), (DATA, 36), (DATA, 16420), (DATA, 36), (DATA, 7268)]


@pytest.mark.parametrize("release", LAYERED)
def test_the_empty_record_is_a_write_of_its_own(release, link):
    one = link(release)
    one.there.plan.append("retry")
    assert one.client.write(b"hello") == -1
    one.there.plan.extend([41, "retry"])
    assert one.client.write(b"hello") == -1
    assert one.records() == [(DATA, 36)]
    assert one.client.write(b"hello") == 5
    assert one.received() == b"hello"


@pytest.mark.parametrize("release", LAYERED)
def test_a_long_write_in_blocks_keeps_to_its_fragments_to_the_end(release, link):
    one = link(release, client={"options": ["NO_ENCRYPT_THEN_MAC"]}, **CBC11)
    one.client.write(bytes(300000))
    sizes = [length for _, length in one.records()]
    assert sizes == [15920] * 18 + [14352]
    assert one.received() == bytes(300000)


@pytest.mark.parametrize("release", LAYERED)
def test_split_send_fragment_cuts_every_record(release, link):
    one = link(release, **GCM)
    assert one.client.set_split_send_fragment(2000) == 1
    one.client.write(bytes(10000))
    assert one.records() == [(DATA, 2024)] * 5


# -- retries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", LAYERED)
def test_a_retry_is_compared_with_the_start_of_the_call(release, link):
    one = link(release, **GCM)
    data = bytearray(40000)
    one.blocked_write(data, room=16413 + 100)
    one.limit(None)
    assert one.client.write(data) == 40000
    assert len(one.received()) == 40000


@pytest.mark.parametrize("release", LAYERED)
def test_a_retry_with_another_buffer_is_fatal(release, link):
    one = link(release, **GCM)
    one.blocked_write(bytearray(20000))
    assert one.client.write(bytearray(20000)) == -1
    assert reasons() == [(20, BAD_WRITE_RETRY)]
    one.limit(None)
    assert one.client.write(b"hello") == -1


@pytest.mark.parametrize("release", LAYERED)
def test_a_moved_buffer_may_be_retried_in_that_mode(release, link):
    one = link(release, modes=Mode.ACCEPT_MOVING_WRITE_BUFFER, **GCM)
    one.blocked_write(bytearray(b"x" * 20000))
    one.limit(None)
    assert one.client.write(bytearray(b"x" * 20000)) == 20000
    assert one.received() == b"x" * 20000


@pytest.mark.parametrize("release", LAYERED)
def test_a_shorter_retry_is_fatal(release, link):
    one = link(release, **GCM)
    data = bytearray(20000)
    one.blocked_write(data)
    assert one.client.write(data, 100) == -1
    assert reasons() == [(20, BAD_LENGTH)]


# -- the transport refuses ----------------------------------------------------------------------


@pytest.mark.parametrize("release", LAYERED)
def test_a_zero_of_the_transport_counts_as_sent_and_the_record_is_lost_to_the_peer(release, link):
    one = link(release, **GCM)
    one.there.plan.append("zero")
    assert one.client.write(b"hello") == 5
    assert one.records() == []


@pytest.mark.parametrize("release", LAYERED)
def test_after_a_zero_the_next_write_is_refused_and_its_retry_sends_what_was_lost(release, link):
    one = link(release, **GCM)
    one.there.plan.append("zero")
    one.client.write(b"first")
    later = bytearray(b"later")
    assert one.client.write(later) == -1
    assert reasons() == [(20, SHOULD_NOT_HAVE_BEEN_CALLED)]
    assert one.client.write(later) == 5
    assert one.received() == b"first"


@pytest.mark.parametrize("release", LAYERED)
def test_a_zero_that_asks_for_a_retry_is_minus_one(release, link):
    one = link(release, **GCM)
    one.there.plan.append("zero-retry")
    ret = one.client.write(b"hello")
    assert (ret, one.client.get_error(ret)) == (-1, ErrorCode.WANT_WRITE)


@pytest.mark.parametrize(("release", "queue"), [("3.2.0", []), ("3.5.4", [(2, EPIPE)])])
def test_a_hard_error_wants_nothing_and_leaves_the_write_to_be_retried(release, queue, link):
    one = link(release, **GCM)
    data = bytearray(b"hello")
    one.there.plan.append({"errno": EPIPE})
    ret = one.client.write(data)
    assert (ret, one.client.get_error(ret), one.client.want()) == (-1, ErrorCode.SYSCALL, Want.NOTHING)
    assert one.client.errno == EPIPE
    assert reasons() == queue
    assert one.client.write(data) == 5
    assert one.received() == b"hello"


@pytest.mark.parametrize("release", LAYERED)
def test_a_write_without_a_transport_is_no_fatal_error(release, link):
    one = link(release, **GCM)
    there, back = make_scripted_bio_pair()
    data = bytearray(b"hello")
    one.client.set_bio(None, None)
    assert one.client.write(data) == -1
    assert reasons() == [(20, BIO_NOT_SET)]
    one.client.set_bio(there, there)
    one.server.set_bio(back, back)
    assert one.client.write(data) == 5
    there.outgoing.deliver()
    assert one.server.read(10) == (5, b"hello")


# -- alerts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", LAYERED)
def test_a_second_shutdown_forgets_the_close_notify_that_an_unfinished_write_held_up(release, link):
    one = link(release, **GCM)
    data = bytearray(b"hello")
    one.blocked_write(data, room=10)
    assert one.client.shutdown() == -1
    one.limit(None)
    assert one.client.shutdown() == -1
    one.client.set_shutdown(0)
    assert one.client.write(data) == 5
    assert one.records() == [(DATA, 29)]


@pytest.mark.parametrize("release", LAYERED)
def test_a_blocked_alert_is_finished_by_the_next_shutdown(release, link):
    one = link(release, **GCM)
    one.limit(10)
    assert one.client.shutdown() == -1
    one.limit(None)
    assert one.client.shutdown() == 0
    one.deliver()
    assert one.server.read(10)[0] == 0
    assert one.server.get_shutdown() == Shutdown.RECEIVED


@pytest.mark.parametrize("release", LAYERED)
def test_data_behind_a_blocked_alert_is_a_bad_retry(release, link):
    one = link(release, **GCM)
    one.limit(10)
    assert one.client.shutdown() == -1
    one.client.set_shutdown(0)
    assert one.client.write(b"hello") == -1
    assert reasons() == [(20, BAD_WRITE_RETRY)]


@pytest.mark.parametrize("release", LAYERED)
def test_a_refused_record_has_a_second_entry_and_a_third_if_its_alert_fails(release, link):
    one = link(release, **GCM)
    one.server.write(b"hello")
    one.back.sent[-1] ^= 1
    one.deliver()
    one.there.plan.append("fail")
    ret = one.client.read(10)[0]
    found = [reason for lib, reason in reasons() if lib == 20]
    assert (ret, found[1:]) == (-1, [RECORD_LAYER_FAILURE, RECORD_LAYER_FAILURE])
    assert one.client.want() == Want.NOTHING


@pytest.mark.parametrize("release", LAYERED)
def test_a_refused_record_without_an_alert_has_one_entry_and_is_no_fatal_error(release):
    server = Connection(release)
    there, back = make_scripted_bio_pair()
    server.set_bio(back, back)
    server.set_accept_state()
    there.outgoing.arrived += b"GET / HTTP/1.1\r\n"
    assert server.do_handshake() == -1
    assert reasons() == [(20, HTTP_REQUEST)]
    assert server.do_handshake() == -1
    assert server.want() == Want.READING  # for the rest of what it takes for a record


# -- the message callback -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "told"), [("1.1.1w", [(256, 0)]), ("3.0.12", [(256, 0x0303)]), ("3.2.0", []), ("3.5.4", [])]
)
def test_a_callback_that_is_set_after_the_handshake_hears_of_headers_or_not(release, told, link):
    one = link(release, **GCM)
    heard = []
    one.client.set_msg_callback(lambda _write, version, kind, _data: heard.append((kind, version)))
    one.client.write(b"hello")
    assert heard == told
