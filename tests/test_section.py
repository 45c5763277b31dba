"""The base of a profile's sections: a frozen record with named fields."""

from __future__ import annotations

import copy
import pickle

import pytest

from emulator.behaviours.section import Section, cached_for_section
from emulator.behaviours.shutdown import ShutdownBehaviours, ShutdownInInit, UnfinishedShutdown
from emulator.exceptions import UsageError


class Pair(Section):
    one: int
    other: tuple[int, ...] = ()


class Triple(Pair):
    third: dict[str, int]


SHUTDOWN = ShutdownBehaviours(unfinished=UnfinishedShutdown.ZERO, in_init=ShutdownInInit.REFUSED)


def test_fields_are_read_by_name_and_listed_in_order_those_of_the_base_first():
    made = Triple(third={"a": 1}, one=1)
    assert (made.one, made.other, made.third) == (1, (), {"a": 1})
    assert Triple.fields == made.fields == ("one", "other", "third")
    assert made.values() == (1, (), {"a": 1})


def test_a_field_must_be_given_unless_it_has_a_default():
    with pytest.raises(TypeError, match="Pair: one is missing"):
        Pair(other=(1,))


def test_no_other_name_is_taken():
    with pytest.raises(TypeError, match="Pair: two is unknown"):
        Pair(one=1, two=2)
    with pytest.raises(TypeError, match="Pair: two is unknown"):
        Pair(one=1).replace(two=2)


def test_a_section_cannot_be_changed():
    made = Pair(one=1)
    for change in (
        lambda: setattr(made, "one", 2),
        lambda: setattr(made, "new", 2),
        lambda: delattr(made, "one"),
    ):
        with pytest.raises(UsageError, match="Pair is frozen"):
            change()
    assert made.one == 1


def test_it_has_slots_and_no_room_for_more():
    assert not hasattr(Pair(one=1), "__dict__")


def test_replace_makes_a_changed_copy():
    made = Pair(one=1, other=(2,))
    assert made.replace(one=3) == Pair(one=3, other=(2,))
    assert made == Pair(one=1, other=(2,))


def test_sections_of_a_type_are_equal_if_their_fields_are_and_then_have_one_hash():
    assert Pair(one=1) == Pair(one=1)
    assert hash(Pair(one=1)) == hash(Pair(one=1))
    assert Pair(one=1) != Pair(one=2)
    assert Pair(one=1) != object()
    with pytest.raises(TypeError, match="unhashable"):
        hash(Triple(one=1, third={}))


def test_it_is_copied_and_pickled():
    for again in (copy.copy(SHUTDOWN), copy.deepcopy(SHUTDOWN), pickle.loads(pickle.dumps(SHUTDOWN))):
        assert again == SHUTDOWN
        assert type(again) is ShutdownBehaviours


def test_it_shows_what_it_holds():
    assert repr(Pair(one=1)) == "Pair(one=1, other=())"


def test_what_is_made_of_a_section_is_made_once_for_it_and_anew_for_an_equal_one():
    made = []

    @cached_for_section
    def total(pair, more=0):
        made.append(pair)
        return pair.one + more

    one, equal = Pair(one=1), Pair(one=1)
    assert [total(one), total(one), total(one, more=2), total(equal)] == [1, 1, 3, 1]
    assert [each is one for each in made] == [True, True, False]
