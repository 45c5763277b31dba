"""One table of kinds, and all that is derived from it covers every row."""

from __future__ import annotations

import dataclasses

import pytest

from emulator.reallib.child import side as library_side
from emulator.scenario import emulated, stage
from emulator.scenario.kinds import KINDS, Part
from emulator.scenario.side import Side
from emulator.scenario.step import Step, parse_step
from emulator.scenario.values import Malformed

OF_A_SIDE = {kind.name for kind in KINDS.values() if kind.part is not Part.TRANSPORT}
FIELDS = {field.name for field in dataclasses.fields(Step)}


def members(protocol):
    return {name for name in (*vars(protocol), *protocol.__annotations__) if not name.startswith("_")}


@pytest.mark.parametrize("calls", [emulated.CALLS, library_side.CALLS], ids=["emulated", "library"])
def test_each_side_makes_the_calls_of_all_kinds(calls):
    assert calls.keys() == OF_A_SIDE


@pytest.mark.parametrize("side", [emulated.EmulatedSide, library_side.LibrarySide])
def test_each_side_has_what_the_stage_asks_for(side, request):
    made_in_init = {"who", "bio", "meter", "thread"}
    assert members(Side) - made_in_init <= set(dir(side))


def test_the_stage_does_all_steps_of_the_transport_and_records_every_kind():
    assert stage.TRANSPORT.keys() == KINDS.keys() - OF_A_SIDE
    assert stage.RECORDERS.keys() == {KINDS[name].records for name in OF_A_SIDE}


def test_every_argument_is_a_field_of_a_step():
    for kind in KINDS.values():
        assert {argument.name for argument in kind.arguments} <= FIELDS


def test_what_a_row_draws_is_a_value_that_its_argument_takes():
    for kind in KINDS.values():
        for argument in kind.arguments:
            for value in argument.drawn.choices if argument.drawn else ():
                if value is None and argument.optional:
                    continue
                argument.value.check(argument.name, [value] if argument.drawn.most else value)


def test_a_call_has_a_function_and_a_step_of_the_transport_has_none():
    for kind in KINDS.values():
        assert bool(kind.function) == (kind.part is not Part.TRANSPORT)


def test_an_argument_that_its_kind_requires_is_missed():
    for kind in KINDS.values():
        if kind.required:
            with pytest.raises(Malformed, match=f"{kind.name} lacks its argument '{kind.required[0]}'"):
                parse_step({"do": kind.name})
