"""``emulator explain`` of whatever someone pastes: which names are compared with it, and what is printed."""

from __future__ import annotations

import difflib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.cli import main
from emulator.knowledge import catalogue

LONGEST = 100_000
MOST_COMPARED = 10_000_000
"""Pairs of characters: what a text of 200 costs, the longest that some name may be near to."""

pieces = st.sampled_from(
    [
        "error:",
        "error:1409E10F",
        "1409E10F",
        ":",
        "[SSL: ",
        "A",
        "x",
        ".",
        "_",
        " ",
        "\n",
        "bio_zero",
        "SSL_R_",
    ]
)
texts = st.one_of(
    st.text(max_size=200),
    st.builds(
        lambda parts, times: ("".join(parts) * times)[:LONGEST], st.lists(pieces), st.integers(1, LONGEST)
    ),
)


class Counted(difflib.SequenceMatcher):
    """Counts the pairs of characters that are compared."""

    compared = 0

    def ratio(self):
        Counted.compared += len(self.a) * len(self.b)
        return super().ratio()


@pytest.fixture(autouse=True)
def _counted(monkeypatch):
    monkeypatch.setattr(difflib, "SequenceMatcher", Counted)


@settings(max_examples=60)
@given(texts)
def test_a_text_of_any_length_is_compared_with_the_names_that_may_be_near_and_no_other(text):
    Counted.compared = 0
    catalogue.hint(text, [each.key for each in (*catalogue.behaviours(), *catalogue.exists())])
    assert Counted.compared <= MOST_COMPARED


@pytest.mark.parametrize(
    "text",
    [
        "x" * LONGEST,
        "error:" * (LONGEST // 6),
        "error:00000000:" * (LONGEST // 15),
        "[SSL: A" * (LONGEST // 7),
        "[SSL: " + "A" * (LONGEST - 6),
        "." * LONGEST,
        ":" * LONGEST,
        " " * (LONGEST - 1) + "x",
        "bio_zero " * (LONGEST // 9),
    ],
    ids=lambda text: text.strip()[:8],
)
def test_explain_of_a_long_text_that_is_nothing_says_so_in_a_short_line(text, capsys):
    main(["explain", "SSL_write"])  # reads what is read once
    capsys.readouterr()
    start = time.process_time()
    assert main(["explain", text]) == 2
    assert time.process_time() - start < 10, "a tenth of a second is usual, half a minute was the fault"
    assert len(capsys.readouterr().err) < 1000


def test_an_error_is_found_in_a_long_log(capsys):
    log = "nothing\n" * 5000 + "error:1409E10F:SSL routines:SSL3_WRITE_BYTES:bad length\n" + "more\n" * 9000
    assert main(["explain", log]) == 0
    assert "BAD_LENGTH" in capsys.readouterr().out
