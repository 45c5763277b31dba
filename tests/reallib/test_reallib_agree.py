"""What two recordings agree on is all that an emulator can be asked for."""

from __future__ import annotations

from emulator.reallib.agree import agreed
from emulator.scenario.compare import difference

STEP = {"who": "client", "do": "read", "size": 10}
ENTRY = {"step": STEP, "ret": 5, "error": "NONE", "data": {"len": 5, "crc32": 1}, "wire": [[21, 769, 32]]}


def line(entry=None, **changes):
    return {"id": "a/b", "scenario": {}, "trace": [{**(entry or ENTRY), **changes}]}


def test_what_is_alike_stays_as_it_is():
    assert agreed(line(), line()) == line()


def test_a_value_that_differs_is_null_and_matches_anything():
    common = agreed(line(ret=5), line(ret=7))
    assert common["trace"][0]["ret"] is None
    assert difference(common, line(ret=1000)) is None
    assert difference(common, line(error="SSL")) is not None


def test_a_part_that_differs_is_left_out():
    common = agreed(line(), line(data={"len": 5, "crc32": 2}))
    assert common["trace"][0]["data"] == {"len": 5}


def test_a_field_that_one_recording_lacks_is_asked_of_nobody():
    common = agreed(line(errno=104), line())
    assert difference(common, line()) is None
    assert difference(common, line(errno=32)) is None


def test_lists_of_different_lengths_say_nothing():
    common = agreed(line(), line(wire=[]))
    assert common["trace"][0]["wire"] is None


def test_a_step_keeps_its_nulls():
    capacity = {"step": {"who": "client", "do": "capacity", "bytes": None}}
    assert agreed(line(capacity), line(capacity)) == line(capacity)


def test_a_call_that_completed_later_is_compared_field_by_field():
    first = {"step": STEP, "blocked": True, "completed": {"ret": 5, "errno": 4}, "completed_after": 3}
    second = {**first, "completed": {"ret": 5}}
    assert agreed(line(first), line(second))["trace"][0]["completed"] == {"ret": 5, "errno": None}


def test_nothing_is_agreed_where_one_recording_crashed():
    assert agreed(line(), {**line(), "crash": "SIGSEGV"}) is None
    unsupported = {"id": "a/b", "scenario": {}, "unsupported": "SSLv3"}
    assert agreed(line(), unsupported) is None
    assert agreed(unsupported, unsupported) == unsupported
