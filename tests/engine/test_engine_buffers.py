"""A buffer is its address: what a retry must repeat, and what the connection keeps of it meanwhile."""

from __future__ import annotations

import gc
import weakref

import pytest

from emulator import Buffer, ErrorCode

LENIENT = ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u", "1.1.0l"]


class Owner(bytearray):
    """A bytearray that a weak reference can watch."""


@pytest.mark.parametrize("release", LENIENT)
@pytest.mark.parametrize("size", [1, 40, 1000, 20000])
def test_fresh_equal_bytes_are_refused_every_time(release, size, link):
    one = link(release)
    one.blocked_write(bytes(bytearray(b"x" * size)), 10)
    one.limit(None)
    answers = {one.client.write(bytes(bytearray(b"x" * size))) for _ in range(1000)}
    assert answers == {-1}


def test_the_very_same_object_is_accepted_after_a_thousand_others(link, drain):
    one = link("1.0.1u")
    data = bytes(bytearray(b"x" * 1000))
    one.blocked_write(data)
    one.limit(None)
    for _ in range(1000):
        assert one.client.write(bytes(bytearray(data))) == -1
    assert set(drain()) == {"bad write retry"}
    assert one.client.write(data) == 1000


def test_a_pending_write_keeps_the_callers_object_alive(link):
    one = link("1.0.1u")
    data = Owner(b"x" * 1000)
    watch = weakref.ref(data)
    one.blocked_write(data)
    del data
    gc.collect()
    assert watch() is not None
    one.limit(None)
    assert one.client.write(watch()) == 1000
    gc.collect()
    assert watch() is None


@pytest.mark.parametrize("release", ["0.9.6m", "1.0.1u", "1.0.2u", "1.1.1w"])
@pytest.mark.parametrize("protocol", ["TLSv1", None])
def test_a_bytearray_can_be_resized_while_its_write_is_pending(release, protocol, link):
    one = link(release, protocol=protocol, cipher=None)
    data = bytearray(20000)
    one.blocked_write(data)
    del data[:100]
    data += b"more than before" * 1000
    assert len(data) == 35900


def test_a_bytearray_that_was_cut_at_the_front_is_another_buffer(link, drain):
    one = link("1.0.1u")
    data = bytearray(b"x" * 20000)
    one.blocked_write(data)
    del data[:100]
    one.limit(None)
    assert one.client.write(data) == -1
    assert drain() == ["bad write retry"]


def test_a_fresh_view_of_the_same_memory_is_the_same_buffer(link):
    one = link("1.0.1u")
    data = bytearray(b"x" * 1000)
    one.blocked_write(memoryview(data))
    one.limit(None)
    assert one.client.write(memoryview(data)) == 1000


def test_a_view_at_an_offset_is_another_buffer(link, drain):
    one = link("1.0.1u")
    data = bytearray(b"x" * 1000)
    one.blocked_write(memoryview(data)[:500])
    one.limit(None)
    assert one.client.write(memoryview(data)[1:501]) == -1
    assert drain() == ["bad write retry"]
    assert one.client.write(memoryview(data)[:500]) == 500


def test_bytes_and_a_view_of_them_are_the_same_buffer(link):
    one = link("1.0.1u")
    data = b"x" * 1000
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(memoryview(data)) == 1000


def test_a_buffer_and_its_view_are_the_same_buffer(link):
    one = link("1.0.1u")
    data = Buffer(b"x" * 1000)
    one.blocked_write(data)
    one.limit(None)
    assert one.client.write(data.view()) == 1000


def test_what_was_sealed_goes_out_though_the_content_changed(link):
    one = link("1.0.1u")
    data = Buffer(b"x" * 20000)
    one.blocked_write(data)
    data.memory[:] = b"y" * 20000
    one.limit(None)
    assert one.client.write(data) == 20000
    assert one.received() == b"x" * 16384 + b"y" * 3616


@pytest.mark.parametrize("release", ["1.0.1u", "1.0.2u", "1.1.1w"])
def test_an_address_in_a_later_record_counts_from_the_beginning_of_the_buffer(release, link):
    one = link(release)
    data = Buffer(40000)
    one.blocked_write(data, 20000)
    one.limit(10)
    assert one.client.write(data.view()) == -1
    assert one.client.get_error(-1) == ErrorCode.WANT_WRITE
    one.limit(None)
    assert one.client.write(data) == 40000
