from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from emulator.lanes.align import aligned

LANES = st.lists(st.lists(st.sampled_from("abc"), max_size=8), min_size=1, max_size=4)


def test_equal_lanes_stand_side_by_side():
    assert aligned(["ab", "ab"]) == [[0, 0], [1, 1]]


def test_a_call_that_one_lane_does_not_make_leaves_a_gap():
    assert aligned(["abc", "ac"]) == [[0, 0], [1, None], [2, 1]]


@given(LANES)
def test_every_call_of_every_lane_has_one_row_of_its_title_and_stays_in_order(lanes):
    rows = aligned(lanes)
    for number, lane in enumerate(lanes):
        assert [row[number] for row in rows if row[number] is not None] == list(range(len(lane)))
    for row in rows:
        titles = {lane[place] for lane, place in zip(lanes, row, strict=True) if place is not None}
        assert len(titles) == 1


@given(LANES, st.integers())
def test_the_order_of_the_lanes_permutes_places_only(lanes, seed):
    order = list(range(len(lanes)))
    random.Random(seed).shuffle(order)
    rows = aligned(lanes)
    assert aligned([lanes[number] for number in order]) == [[row[number] for number in order] for row in rows]
