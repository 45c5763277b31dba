from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.bio import make_scripted_bio_pair


def test_nothing_arrives_before_it_is_delivered():
    near, far = make_scripted_bio_pair()
    assert near.write(b"abc") == 3
    assert far.read(10) == b""
    assert (far.ret, far.should_read) == (-1, True)
    assert near.outgoing.deliver(2) == 2
    assert far.read(10) == b"ab"
    assert near.outgoing.deliver() == 1
    assert far.read(10) == b"c"
    assert near.outgoing.deliver() == 0


def test_the_capacity_limits_what_was_not_delivered():
    near, _ = make_scripted_bio_pair(4)
    assert near.write(b"abcdef") == 4
    assert near.write(b"ef") == -1
    assert near.should_write
    near.outgoing.deliver(1)
    assert near.write(b"ef") == 1


def test_a_capacity_below_what_is_there_leaves_no_room():
    near, _ = make_scripted_bio_pair()
    near.write(b"abc")
    near.outgoing.capacity = 1
    assert near.write(b"d") == -1
    assert near.outgoing.room() == 0


@pytest.mark.parametrize(
    ("entry", "ret", "retry", "errno"),
    [
        (2, 2, False, 0),
        (9, 4, False, 0),
        ("retry", -1, True, 0),
        ("zero", 0, False, 0),
        ("zero-retry", 0, True, 0),
        ("fail", -1, False, 0),
        ({"errno": 32}, -1, False, 32),
        ({"errno": 11}, -1, False, 11),
    ],
)
def test_the_plan_goes_before_the_capacity(entry, ret, retry, errno):
    near, _ = make_scripted_bio_pair(0)
    near.outgoing.plan.append(entry)
    assert near.write(b"abcd") == ret
    assert (near.should_retry, near.should_write, near.errno) == (retry, retry, errno)
    assert near.write(b"abcd") == -1


def test_the_reader_gets_0_once_everything_of_an_ended_direction_is_read():
    near, far = make_scripted_bio_pair()
    near.write(b"abc")
    near.outgoing.deliver()
    near.outgoing.ended = True
    assert not far.eof()
    assert far.read(10) == b"abc"
    assert far.read(10) == b""
    assert (far.ret, far.should_retry, far.eof()) == (0, False, True)


def test_a_failing_read_has_its_errno_and_no_retry():
    _, far = make_scripted_bio_pair()
    far.read_errno = 104
    assert far.read(10) == b""
    assert (far.ret, far.errno, far.should_retry) == (-1, 104, False)


def test_a_blocking_one_waits_until_there_is_something():
    near, far = make_scripted_bio_pair(4)
    waits = []

    def wait(bio, what):
        waits.append(what)
        if what == "read":
            near.outgoing.deliver()
        else:
            bio.outgoing.deliver(2)

    near.wait = far.wait = wait
    assert near.write(b"abcd") == 4
    assert near.write(b"ef") == 2
    assert far.read(10) == b"ab"
    assert far.read(10) == b"cdef"
    assert waits == ["write", "read"]


def test_the_other_controls_answer_as_the_recorder_did():
    near, far = make_scripted_bio_pair()
    near.write(b"abc")
    near.outgoing.deliver()
    assert (near.flush(), far.pending()) == (1, 0)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.integers(0, 40),
            st.tuples(st.just("deliver"), st.one_of(st.none(), st.integers(0, 40))),
            st.tuples(st.just("capacity"), st.one_of(st.none(), st.integers(0, 60))),
        ),
    ),
)
def test_what_is_read_is_what_was_accepted_in_order(calls):
    near, far = make_scripted_bio_pair()
    accepted, shown, got = bytearray(), bytearray(), bytearray()
    near.on_accept = shown.extend
    for call in calls:
        if isinstance(call, bytes):
            accepted += call[: max(0, near.write(call))]
        elif isinstance(call, int):
            got += far.read(call)
        elif call[0] == "deliver":
            near.outgoing.deliver(call[1])
        else:
            near.outgoing.capacity = call[1]
    near.outgoing.deliver()
    got += far.read(10**6)
    assert got == accepted == shown
