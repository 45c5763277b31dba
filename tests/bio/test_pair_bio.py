from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.bio import make_bio_pair


def test_a_direction_holds_17408_bytes():
    one, other = make_bio_pair()
    assert one.write_guarantee() == 17408
    assert one.write(bytes(20000)) == 17408
    assert one.write_guarantee() == 0
    assert other.pending() == 17408
    assert one.wpending() == 17408


def test_a_full_one_asks_for_a_retry():
    one, _ = make_bio_pair(4)
    one.write(b"abcd")
    assert one.write(b"e") == -1
    assert (one.should_write, one.should_retry, one.should_read) == (True, True, False)


def test_an_empty_one_asks_for_a_retry_and_tells_the_writer():
    one, other = make_bio_pair(100)
    assert other.read(40) == b""
    assert (other.ret, other.should_read) == (-1, True)
    assert one.read_request() == 40
    other.read(4000)
    assert one.read_request() == 100
    one.write(b"x")
    assert one.read_request() == 0


def test_a_request_can_be_taken_back():
    one, other = make_bio_pair()
    other.read(1)
    one.reset_read_request()
    assert one.read_request() == 0


def test_after_shutdown_wr_the_reader_gets_the_rest_and_then_0():
    one, other = make_bio_pair()
    one.write(b"abc")
    one.shutdown_wr()
    assert not other.eof()
    assert other.read(10) == b"abc"
    assert other.eof()
    assert other.read(10) == b""
    assert (other.ret, other.should_retry) == (0, False)


def test_a_write_after_shutdown_wr_pushes_broken_pipe():
    one, _ = make_bio_pair()
    pushed = []
    one.on_error = lambda function, reason: pushed.append((function, reason))
    one.shutdown_wr()
    assert one.write(b"a") == -1
    assert not one.should_retry
    assert pushed == [("BIO_WRITE", "BROKEN_PIPE")]
    assert one.write_guarantee() == 0


def test_a_closed_end_breaks_the_pipe_of_the_other():
    one, other = make_bio_pair()
    one.close()
    assert other.write(b"a") == -1
    assert other.read(1) == b""
    assert other.ret == 0


def test_nothing_is_written_or_read_for_a_length_of_0():
    one, other = make_bio_pair()
    assert one.write(b"") == 0
    assert other.read(0) == b""
    assert other.ret == 0


def test_a_direction_without_room_is_refused():
    with pytest.raises(ValueError, match="fit into a BIO pair, 1 or more"):
        make_bio_pair(0)


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.sampled_from(["write", "read"]), st.integers(0, 1), st.integers(0, 80))),
)
def test_each_direction_is_a_queue_with_a_limit(size, calls):
    ends = make_bio_pair(size)
    queues = [bytearray(), bytearray()]
    stamp = 0
    for do, who, n in calls:
        if do == "write":
            data = bytes((stamp + i) % 256 for i in range(n))
            room = size - len(queues[who])
            ret = ends[who].write(data)
            assert ret == (min(n, room) if room or not n else -1)
            queues[who] += data[: max(ret, 0)]
            stamp += n
        else:
            queue = queues[1 - who]
            expected = bytes(queue[:n])
            assert ends[who].read(n) == expected
            assert ends[who].ret == (len(expected) if queue or not n else -1)
            del queue[:n]
        assert ends[who].write_guarantee() == size - len(queues[who])
