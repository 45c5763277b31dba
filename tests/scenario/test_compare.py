from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.scenario.compare import TraceComparison, compare_lines, difference, read_traces
from emulator.scenario.model import ScenarioError
from emulator.scenario.sizes import uncounted_deliveries

TRACES = Path(__file__).parent / "traces"
LINES = [
    line
    for name in ("0.9.7m", "1.0.1g", "1.1.1w")
    for number, line in enumerate(read_traces(f"{TRACES / name}.jsonl.gz"))
    if number % 12 == 0 or "crash" in line  # enough to have each field and family many times
]
RECORDED = [line for line in LINES if "unsupported" not in line and "crash" not in line]


def entry(step, **fields):
    return {"step": step, **fields}


WRITE = {"who": "client", "do": "write", "size": 5}
DELIVER = {"do": "deliver", "from": "client"}
OK = {"ret": 5, "error": "NONE", "want": "NOTHING", "in_init": False, "wire": [[23, 769, 32]], "bytes": 37}
HELLO = {
    "ret": -1,
    "error": "WANT_READ",
    "want": "READING",
    "in_init": True,
    "wire": [[22, 769, 50]],
    "bytes": 55,
}


def line(*entries, family="test", name="test/x", **keys):
    return {"id": name, "scenario": {"family": family}, "trace": list(entries), **keys}


def differ(expected, actual, *, strict=False):
    return difference(line(*expected), line(*actual), strict=strict)


# -- what counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [False, True])
def test_every_recorded_trace_matches_itself(strict):
    comparison = compare_lines(LINES, copy.deepcopy(LINES), strict=strict)
    assert [outcome for outcome in comparison.outcomes if outcome.difference] == []
    assert comparison.unsupported == sum("unsupported" in line for line in LINES)


def changed(value):
    """Another value of the same JSON type."""
    if value is None:
        return 1
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "?"
    if isinstance(value, list):
        return value[:-1] if value else [None]
    return {**value, "more": 1} if not value else {key: changed(value[key]) for key in value}


def leaves(value, path=()):
    """The paths of everything inside a recorded field."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def is_uncounted(call, path, moved_counts):
    """Whether the rule leaves this value out of account: sizes of handshake records, and sums of them."""
    handshake = [record[0] in {20, 22} for record in call.get("wire", ())]
    if path[0] == "bytes":
        return any(handshake)
    if path[0] == "wire":
        return len(path) == 3 and path[2] == 2 and handshake[path[1]]
    return path == ("moved",) and not moved_counts


def at(value, path):
    for key in path:
        value = value[key]
    return value


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_any_one_value_changed_is_reported(data):
    expected = data.draw(st.sampled_from(RECORDED))
    index = data.draw(st.integers(0, len(expected["trace"]) - 1))
    recorded = expected["trace"][index]
    paths = [path for path in leaves({key: recorded[key] for key in recorded if key != "completed"}) if path]
    path = data.draw(st.sampled_from(paths))
    actual = copy.deepcopy(expected)
    at(actual["trace"][index], path[:-1])[path[-1]] = changed(at(recorded, path))
    moved_counts = index not in uncounted_deliveries(expected["trace"])
    quiet = is_uncounted(recorded, path, moved_counts)
    assert (difference(expected, actual) is None) == quiet
    assert difference(expected, actual, strict=True) is not None


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_one_field_dropped_or_added_is_reported(data):
    expected = data.draw(st.sampled_from(RECORDED))
    index = data.draw(st.integers(0, len(expected["trace"]) - 1))
    actual = copy.deepcopy(expected)
    recorded = actual["trace"][index]
    field = data.draw(st.sampled_from([*recorded, "errno", "queue", "shutdown", "skipped", "data", "extra"]))
    if field in recorded:
        del recorded[field]
    else:
        recorded[field] = 1
    assert difference(expected, actual) is not None


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_change_in_what_a_blocked_call_returned_is_reported(data):
    expected = data.draw(st.sampled_from([one for one in RECORDED if '"completed"' in json.dumps(one)]))
    actual = copy.deepcopy(expected)
    calls = [entry["completed"] for entry in actual["trace"] if "completed" in entry]
    call = data.draw(st.sampled_from(calls))
    field = data.draw(st.sampled_from(list(call)))
    quiet = field == "bytes" and is_uncounted(call, ("bytes",), moved_counts=True)
    call[field] = changed(call[field])
    assert (difference(expected, actual) is None) == quiet
    del call[field]
    assert difference(expected, actual) is not None


def test_a_step_too_few_or_too_many_is_reported():
    assert differ([entry(WRITE, **OK)], []) == "expected 1 steps, got 0"
    assert differ([], [entry(WRITE, **OK)]) == "expected 0 steps, got 1"


def test_the_first_difference_names_step_field_and_both_values():
    actual = [entry(WRITE, **OK), entry(WRITE, **{**OK, "ret": -1})]
    assert differ([entry(WRITE, **OK)] * 2, actual) == "step 1 (client write 5): ret: expected 5, got -1"


def test_true_is_not_1():
    assert differ([entry(WRITE, **OK)], [entry(WRITE, **{**OK, "in_init": 0})]) is not None


# -- what does not --------------------------------------------------------------------------------


def test_a_value_that_is_null_is_asked_of_nobody():
    assert differ([entry(WRITE, **{**OK, "ret": None})], [entry(WRITE, **{**OK, "ret": 7})]) is None
    assert differ([entry(WRITE, **{**OK, "wire": [[23, 769, None]]})], [entry(WRITE, **OK)]) is None


def test_a_value_that_is_missing_though_always_recorded_is_asked_of_nobody():
    expected = {key: value for key, value in OK.items() if key != "ret"}
    assert differ([entry(WRITE, **expected)], [entry(WRITE, **OK)]) is None
    assert differ([entry(DELIVER)], [entry(DELIVER, moved=5)]) is None


def test_a_checksum_that_is_missing_is_asked_of_nobody_but_the_length_is():
    expected = entry(WRITE, **OK, data={"len": 12})
    assert differ([expected], [entry(WRITE, **OK, data={"len": 12, "crc32": 7})]) is None
    assert differ([expected], [entry(WRITE, **OK, data={"len": 13, "crc32": 7})]) is not None


def test_a_call_that_should_have_blocked_may_not_return():
    assert differ([entry(WRITE, blocked=True)], [entry(WRITE, blocked=True, **OK)]) is not None
    assert differ([entry(WRITE, skipped="side is blocked")], [entry(WRITE, **OK)]) is not None


def test_sizes_of_handshake_records_count_only_when_strict():
    other = {**HELLO, "wire": [[22, 769, 51]], "bytes": 56}
    assert differ([entry(WRITE, **HELLO)], [entry(WRITE, **other)]) is None
    assert differ([entry(WRITE, **HELLO)], [entry(WRITE, **other)], strict=True) is not None


def test_a_delivery_that_moves_a_byte_of_a_handshake_record_does_not_count():
    expected = [entry(WRITE, **HELLO), entry(DELIVER, moved=55)]
    actual = [entry(WRITE, **HELLO), entry(DELIVER, moved=56)]
    assert differ(expected, actual) is None
    assert "moved" in differ(expected, actual, strict=True)


def test_a_delivery_behind_the_handshake_record_counts():
    expected = [entry(WRITE, **HELLO), entry(WRITE, **OK), entry(DELIVER, moved=55), entry(DELIVER, moved=37)]
    assert uncounted_deliveries(expected) == {2}
    one_more = [entry(WRITE, **HELLO), entry(WRITE, **OK), entry(DELIVER, moved=54), entry(DELIVER, moved=38)]
    assert uncounted_deliveries(one_more) == {2, 3}


def test_a_record_whose_header_was_cut_is_known_by_the_step_that_completed_it():
    expected = [
        entry(WRITE, **{**HELLO, "wire": [["partial-header", 3]], "bytes": 3}),
        entry(DELIVER, moved=3),
        entry(WRITE, **{**HELLO, "bytes": 52}),
        entry(DELIVER, moved=52),
    ]
    assert uncounted_deliveries(expected) == {1, 3}


def test_what_a_woken_call_sent_is_known_by_its_completion():
    blocked = entry(WRITE, blocked=True, completed=HELLO, completed_after=1)
    trace = [
        blocked,
        entry({"do": "wake", "who": "client"}),
        entry(DELIVER, moved=55),
        entry(DELIVER, moved=0),
    ]
    assert uncounted_deliveries(trace) == {2}


def test_what_was_pumped_is_gone():
    trace = [entry(WRITE, **HELLO), entry({"do": "pump"}), entry(WRITE, **OK), entry(DELIVER, moved=37)]
    assert uncounted_deliveries(trace) == set()


# -- whole files ----------------------------------------------------------------------------------


def test_a_crash_matches_when_it_is_simulated():
    crash = line({"step": WRITE}, crash="SIGSEGV")
    assert difference(crash, copy.deepcopy(crash)) is None
    assert "crash" in difference(crash, line(entry(WRITE, **OK)))
    assert "crash" in difference(line(entry(WRITE, **OK)), crash)


def test_unsupported_must_be_so_on_both_sides_and_is_no_part_of_the_share():
    unsupported = {"id": "test/x", "scenario": {"family": "test"}, "unsupported": "TLSv1.3"}
    supported = line(entry(WRITE, **OK))
    both = compare_lines([unsupported], [unsupported])
    assert (both.unsupported, both.outcomes) == (1, [])
    for pair in ((unsupported, supported), (supported, unsupported)):
        comparison = compare_lines([pair[0]], [pair[1]])
        assert comparison.shares()["total"].matched == 0
        assert "unsupported" in comparison.outcomes[0].difference


def test_another_scenario_under_the_same_id_is_reported():
    assert "scenario" in difference(line(family="one"), line(family="other"))


def test_lines_are_paired_by_id_and_none_may_be_missing_or_extra():
    one, other = line(name="a"), line(name="b")
    comparison = compare_lines([one, other], [other, line(name="c")])
    assert {outcome.id: outcome.difference for outcome in comparison.outcomes} == {
        "a": "there is no line of this id",
        "b": None,
        "c": "nothing of this id was expected",
    }


def test_hand_written_and_random_scenarios_have_shares_of_their_own():
    expected = [line(name=f"r/{i}", family="random") for i in range(3)] + [line(name="h/1", family="retry")]
    actual = [*expected[:2], line(entry(WRITE), name="r/2", family="random"), expected[3]]
    comparison = compare_lines(expected, actual)
    shares = {name: str(share) for name, share in comparison.shares().items()}
    assert shares == {
        "retry": "1/1 100.00 %",
        "hand-written": "1/1 100.00 %",
        "random": "2/3 66.66 %",
        "total": "3/4 75.00 %",
    }
    assert next(comparison.report()) == "r/2: expected 0 steps, got 1"


def test_nothing_short_of_all_is_printed_as_100_percent():
    comparison = TraceComparison()
    expected = [line(name=str(i)) for i in range(30_000)]
    comparison = compare_lines(expected, expected[1:])
    assert str(comparison.shares()["total"]).endswith("99.99 %")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"id": 1, "trace": []}',
        '{"id": "x"}',
        '{"id": "x", "trace": [1]}',
        '{"id": "x", "trace": [{}]}',
    ],
)
def test_a_line_that_is_no_trace_is_an_error(tmp_path, text):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(ScenarioError, match="line 1"):
        read_traces(str(path))


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["wire", "bytes", "ret", "completed", "moved", "queue"]), inner),
))  # fmt: skip
def test_whatever_stands_in_a_field_is_compared_without_an_exception(value):
    steps = [{"who": "client", "do": "write"}, {"do": "deliver", "from": "client"}, {"do": "pump"}, {}]
    odd = line(
        *[{"step": step, "wire": value, "bytes": value, "moved": value, "completed": value} for step in steps]
    )
    good = line(*[{"step": step, **OK} for step in steps])
    assert difference(odd, odd) is None
    difference(odd, good)
    difference(good, odd)
