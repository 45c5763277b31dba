from __future__ import annotations

import array
import mmap

import pytest

from emulator.buffer import Buffer, identify
from emulator.exceptions import UsageError


def address(data):
    return identify(data)[0]


def test_a_view_of_bytes_has_the_address_of_the_bytes():
    data = b"hello, world"
    assert address(memoryview(data)) == address(data)
    assert address(memoryview(data)[5:]) == address(data) + 5


def test_a_view_of_a_bytearray_has_the_address_of_the_bytearray():
    data = bytearray(b"hello, world")
    base = address(data)
    assert address(memoryview(data)[5:]) == base + 5
    assert address(memoryview(data).toreadonly()[5:]) == base + 5


def test_equal_bytes_elsewhere_are_another_buffer():
    one, other = bytes(bytearray(100)), bytes(bytearray(100))
    assert address(one) != address(other)


def test_what_was_cut_off_at_the_front_moves_the_buffer():
    data = bytearray(1000)
    base = address(data)
    del data[:100]
    assert address(data) != base


def test_identifying_leaves_a_bytearray_free_to_be_resized():
    data = bytearray(100)
    _, view = identify(data)
    del view
    del data[:50]
    assert len(data) == 50


@pytest.mark.parametrize(
    "data",
    [array.array("I", [1, 2, 3]), mmap.mmap(-1, 12), memoryview(bytes(12)).cast("B", (3, 4)), b"x" * 12],
)
def test_any_contiguous_buffer_is_seen_as_bytes(data):
    where, view = identify(data)
    assert where
    assert len(view) == 12


def test_a_buffer_that_is_not_contiguous_is_refused():
    with pytest.raises(UsageError, match="contiguous"):
        identify(memoryview(bytes(10))[::2])


def test_what_is_no_buffer_at_all_is_a_type_error():
    with pytest.raises(TypeError):
        identify("text")


def test_a_buffer_keeps_its_address_whatever_is_written_into_it():
    buffer = Buffer(100)
    base = buffer.address
    buffer.memory[:5] = b"hello"
    assert address(buffer) == base
    assert bytes(buffer)[:6] == b"hello\0"


def test_views_of_a_buffer_have_its_address_and_their_offset():
    buffer = Buffer(b"hello, world")
    assert address(buffer.view()) == buffer.address
    view = buffer.view(7, 3)
    assert (address(view), bytes(view)) == (buffer.address + 7, b"wor")


def test_a_moved_buffer_has_equal_bytes_at_another_address():
    buffer = Buffer(b"hello")
    moved = buffer.moved()
    assert bytes(moved) == bytes(buffer)
    assert moved.address != buffer.address
    assert repr(moved).startswith("<Buffer of 5 bytes at 0x")


def test_an_empty_buffer_has_an_identity_too():
    where, view = identify(Buffer(0))
    assert isinstance(where, int)
    assert len(view) == 0
