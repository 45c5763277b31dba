from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.bio import BufferBIO, MemoryBIO, make_scripted_bio_pair


def scripted():
    near, _ = make_scripted_bio_pair()
    return near, BufferBIO(near)


def test_a_flight_leaves_in_one_piece_when_it_is_flushed():
    near, buffer = scripted()
    writes = []
    near.on_accept = lambda data: writes.append(bytes(data))
    for message in (b"a" * 100, b"b" * 200, b"c" * 300):
        assert buffer.write(message) == len(message)
    assert writes == []
    assert buffer.flush() == 1
    assert writes == [b"a" * 100 + b"b" * 200 + b"c" * 300]


def test_a_write_that_does_not_fit_fills_the_buffer_up_and_empties_it():
    near, buffer = scripted()
    buffer.write(bytes(4000))
    assert buffer.write(bytes(200)) == 200
    assert len(near.outgoing.sent) == 4096
    assert buffer.wpending() == 104


def test_a_large_write_goes_straight_through():
    near, buffer = scripted()
    assert buffer.write(bytes(5000)) == 5000
    assert (len(near.outgoing.sent), buffer.wpending()) == (5000, 0)


def test_a_full_transport_shows_in_the_retry_flags():
    near, buffer = scripted()
    near.outgoing.capacity = 10
    buffer.write(b"x" * 20)
    assert buffer.flush() == -1
    assert buffer.should_write
    assert buffer.should_retry
    assert buffer.wpending() == 10


def test_what_was_taken_before_the_transport_was_full_counts():
    near, buffer = scripted()
    near.outgoing.capacity = 0
    buffer.write(bytes(4000))
    assert buffer.write(bytes(200)) == 96
    assert buffer.should_write
    assert buffer.write(bytes(104)) == -1


def test_an_errno_of_the_transport_is_passed_on():
    near, buffer = scripted()
    near.outgoing.plan.append({"errno": 32})
    buffer.write(b"x")
    assert buffer.flush() == -1
    assert (buffer.errno, buffer.should_retry) == (32, False)


def test_a_zero_of_the_transport_is_passed_on():
    near, buffer = scripted()
    near.outgoing.plan.append("zero")
    buffer.write(b"x")
    assert buffer.flush() == 0
    assert buffer.flush() == 1


def test_reads_pass_through():
    memory = MemoryBIO(b"abc")
    buffer = BufferBIO(memory)
    assert buffer.pending() == 3
    assert buffer.read(2) == b"ab"
    assert buffer.read(5) == b"c"
    assert buffer.read(5) == b""
    assert (buffer.ret, buffer.should_read, buffer.eof()) == (-1, True, True)


def test_a_misplacing_buffer_loses_what_follows_a_flush_that_stopped_half_way():
    near, _ = make_scripted_bio_pair()
    buffer = BufferBIO(near, 1024, misplaces=True)
    near.outgoing.plan.extend([4, "retry"])
    buffer.write(b"abcdefgh")
    assert buffer.flush() == -1
    buffer.write(b"ijkl")
    assert buffer.flush() == 1
    assert near.outgoing.sent == b"abcdefghijkl"
    near.outgoing.plan.extend([4, "retry"])
    near.outgoing.sent.clear()
    buffer.write(b"x" * 1024)
    buffer.write(b"y")
    assert buffer.flush() == 1
    assert len(near.outgoing.sent) < 1025


@given(
    st.integers(1, 40),
    st.lists(st.one_of(st.binary(max_size=100), st.none()), max_size=20),
    st.lists(st.one_of(st.integers(1, 50), st.sampled_from(["retry", "zero", "fail"])), max_size=30),
)
def test_accepted_bytes_are_delivered_bytes_whatever_the_transport_answers(size, calls, plan):
    near, _ = make_scripted_bio_pair()
    near.outgoing.plan.extend(plan)
    buffer = BufferBIO(near, size)
    accepted = bytearray()
    for call in calls:
        if call is None:
            buffer.flush()
        else:
            accepted += call[: max(0, buffer.write(call))]
        assert len(near.outgoing.sent) + buffer.wpending() == len(accepted)
        assert buffer.wpending() <= size
    near.outgoing.plan.clear()
    assert buffer.flush() == 1
    assert near.outgoing.sent == accepted
