from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.bio import MemoryBIO


def test_a_read_of_what_was_written_is_that_very_object():
    bio = MemoryBIO()
    record = b"x" * 16384
    assert bio.write(record) == len(record)
    assert bio.read(len(record)) is record


def test_an_empty_one_asks_for_a_retry():
    bio = MemoryBIO()
    assert bio.read(1) == b""
    assert (bio.ret, bio.should_read, bio.should_retry, bio.should_write) == (-1, True, True, False)


def test_an_empty_one_with_eof_return_0_does_not():
    bio = MemoryBIO()
    bio.eof_return = 0
    assert bio.read(1) == b""
    assert (bio.ret, bio.should_retry) == (0, False)


def test_every_call_clears_the_retry_flags_first():
    bio = MemoryBIO()
    bio.read(1)
    bio.write(b"")
    assert not bio.should_retry


def test_what_a_caller_changes_afterwards_was_written_as_it_was():
    bio = MemoryBIO()
    data = bytearray(b"abc")
    bio.write(data)
    data[:] = b"xyz"
    assert bio.read(10) == b"abc"


def test_reset_throws_away_what_it_holds():
    bio = MemoryBIO(b"abc")
    bio.reset()
    assert bio.eof()
    assert bio.pending() == 0


@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(0, 25))))
def test_it_is_a_queue_of_bytes(calls):
    bio = MemoryBIO()
    model = bytearray()
    for call in calls:
        if isinstance(call, bytes):
            assert bio.write(call) == len(call)
            model += call
        else:
            expected = bytes(model[:call])
            assert bio.read(call) == expected
            del model[:call]
            assert bio.ret == (len(expected) if model or expected else -1)
        assert bio.pending() == len(model)
        assert bio.eof() == (not model)
