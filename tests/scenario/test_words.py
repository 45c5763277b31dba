from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.exceptions import UsageError
from emulator.scenario.kinds import KINDS
from emulator.scenario.step import parse_step
from emulator.scenario.words import parse_words, split_words, step_words

SAME = [
    ("establish", {"do": "establish"}),
    ("client write 40000 buffer=b", {"who": "client", "do": "write", "size": 40000, "buffer": "b"}),
    (
        "server write_ex 5 fill=x offset=7 written_before=3 keep_queue",
        {"who": "server", "do": "write_ex", "size": 5, "fill": "x", "offset": 7, "written_before": 3}
        | {"keep_queue": True},
    ),
    ("client write -1", {"who": "client", "do": "write", "size": -1}),
    ("client read -1000", {"who": "client", "do": "read", "size": -1000}),
    ("server peek -1", {"who": "server", "do": "peek", "size": -1}),
    ("server clear keep_queue", {"who": "server", "do": "clear", "keep_queue": True}),
    ("client capacity none", {"who": "client", "do": "capacity", "bytes": None}),
    ("server deliver", {"do": "deliver", "from": "server"}),
    ("server deliver 5", {"do": "deliver", "from": "server", "bytes": 5}),
    (
        "client plan 5 retry zero zero-retry fail errno=104",
        {"who": "client", "do": "plan", "plan": [5, "retry", "zero", "zero-retry", "fail", {"errno": 104}]},
    ),
    (
        "client set_mode ENABLE_PARTIAL_WRITE AUTO_RETRY",
        {"who": "client", "do": "set_mode", "modes": ["ENABLE_PARTIAL_WRITE", "AUTO_RETRY"]},
    ),
    ("server inject 15030100020100", {"do": "inject", "from": "server", "hex": "15030100020100"}),
    ("client write 2 data=6162", {"who": "client", "do": "write", "size": 2, "data": "6162"}),
    ('client write 5 fill=" "', {"who": "client", "do": "write", "size": 5, "fill": " "}),
]


@pytest.mark.parametrize(("line", "step"), SAME)
def test_a_line_and_its_step_say_the_same(line, step):
    assert parse_words(line).raw == step
    assert step_words(step) == line
    assert step_words(parse_step(step)) == line


def test_what_people_write_besides():
    assert parse_words("  client  write 40_000 # a comment with buffer=b").raw == {
        "who": "client",
        "do": "write",
        "size": 40000,
    }
    assert parse_words("client write buffer=b 5").raw == parse_words("client write 5 buffer=b").raw
    assert parse_words("server inject 15 03 01").raw["hex"] == "150301"
    assert parse_words("client write 5 buffer=b#c").raw["buffer"] == "b"
    assert parse_words('client write 5 buffer="b#c"').raw["buffer"] == "b#c"
    assert split_words("   # nothing but a comment") == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", "expected a step, got an empty line"),
        ("client", "expected a step after 'client'"),
        ("clint write 5", "no step begins with 'clint'; did you mean 'client'?"),
        ("5", "no step begins with '5'; expected client, server, establish or pump first"),
        ("client wriet 5", "no step is called 'wriet'; did you mean 'write'?"),
        ("write 5", "'write' does not say whose; expected: WHO write SIZE"),
        ("client pump", "'pump' is of both sides; expected it without 'client'"),
        ("pump 5", "pump does not take '5'; expected: pump"),
        ("client write", "write lacks its SIZE; expected: WHO write SIZE"),
        ("client write many", "expected a number, got 'many'; expected: WHO write SIZE"),
        ("client write 5 bufer=b", "does not take 'bufer=b'; did you mean 'buffer'?"),
        ("client write 5 buffer=a buffer=b", "buffer is said twice"),
        ("client write 5 keep_queue=yes", "keep_queue takes no value"),
        ("client write 5 fill=xy", "'fill' must be one letter, not 'xy'; expected: WHO write SIZE"),
        ('client write 5 buffer="b', "a quotation mark is left open"),
        ('client write 5 buffer=a"b"', "one in quotation marks, got 'a\"b\"'"),
        ("client write 600000", "goes beyond the 524288 bytes"),
        ("client read_ex -1", "'size' must be an integer that is not negative, not -1"),
        ("client plan retri", "did you mean 'retry'?; expected: WHO plan ANSWER…"),
        ("client plan errno=x", "expected a number, got 'x'"),
        ("client inject", "inject lacks its HEX"),
        ("client inject 0g", "'hex' must be bytes in hexadecimal"),
        ("client capacity much", "expected a number, got 'much'; expected: WHO capacity BYTES|none"),
        ("client key_update", "key_update lacks its 0|1"),
        (f"client write {'9' * 5000}", "expected a number"),
    ],
)
def test_a_wrong_line_says_what_was_expected(line, complaint):
    with pytest.raises(UsageError) as caught:
        parse_words(line)
    assert complaint in str(caught.value)


def test_every_kind_has_a_usage_with_all_its_arguments():
    for kind in KINDS.values():
        words = kind.usage.split()
        assert kind.name in words
        assert ("WHO" in words) == (kind.side is not None)
        assert len(words) == 1 + len(kind.checks)


def test_any_step_comes_back_from_its_words(drawn):
    @settings(deadline=None)
    @given(drawn.steps)
    def comes_back(step):
        line = step_words(step)
        assert "\n" not in line
        assert parse_words(line).raw == step

    comes_back()


WORDS = st.sampled_from(
    [
        *KINDS,
        "client",
        "server",
        "5",
        "-1",
        "buffer=b",
        "fill=x",
        'fill="',
        '"',
        "#",
        "none",
        "errno=",
        "=",
    ]
)


@settings(deadline=None)
@given(st.text() | st.lists(WORDS | st.text(max_size=3), max_size=5).map(" ".join))
def test_any_line_is_a_step_or_a_usage_error(line):
    try:
        step = parse_words(line)
    except UsageError:
        return
    assert parse_words(step_words(step)).raw == step.raw
