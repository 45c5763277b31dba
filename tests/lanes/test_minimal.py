from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.lanes.minimal import minimal_set

KEYS = [f"k{number}" for number in range(12)]
SETS = st.frozensets(st.sampled_from(KEYS), max_size=4)


@given(st.lists(SETS, min_size=1, max_size=3))
def test_what_is_found_holds_and_nothing_of_it_can_be_left_out(wanted):
    def holds(keys):
        return any(each <= keys for each in wanted)

    found = minimal_set(KEYS, holds)
    assert holds(found)
    assert not any(holds(found - {key}) for key in found)


@given(st.randoms(use_true_random=False))
def test_that_is_so_however_the_question_is_answered(source):
    answers = {frozenset(KEYS): True}

    def holds(keys):
        return answers.setdefault(keys, source.random() < 0.3)

    found = minimal_set(KEYS, holds)
    assert holds(found)
    assert not any(holds(found - {key}) for key in found)


def test_what_does_not_hold_for_all_has_no_set():
    assert minimal_set(KEYS, lambda keys: False) is None


def test_few_questions_are_asked_of_many_keys():
    asked = []

    def holds(keys):
        asked.append(keys)
        return {"500"} <= keys

    assert minimal_set([str(number) for number in range(1000)], holds) == {"500"}
    assert len(asked) < 25
