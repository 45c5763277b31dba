"""Which clauses of its pages a lane shows at a call."""

from __future__ import annotations

import pytest

from emulator.constants import Mode
from emulator.lanes.cells import Answer, Cell, Entry
from emulator.lanes.manual import Setting, annotated
from emulator.profile import load_profile


def entry(do="write", ret=100, error="NONE", size=100, **cell):
    mode = cell.pop("mode", 0)
    return Entry(do, do, "client", do, Cell(Answer(ret=ret, error=error), **cell), size, mode)


def shown(profile, *entries, **setting):
    """The topics shown at each call."""
    found = annotated(load_profile(profile), Setting(**setting), entries)
    return [{word.key.removeprefix("manual.") for word in each.cell.manual} for each in found]


WANTS = entry(ret=-1, error="WANT_WRITE")


def test_a_plain_write_shows_nothing():
    assert shown("1.0.1", entry()) == [set()]


@pytest.mark.parametrize(
    ("profile", "topics"), [("0.9.6-base", set()), ("1.0.1", {"num-zero"}), ("1.1.1", {"num-zero"})]
)
def test_a_write_of_nothing_shows_what_the_page_says_of_it(profile, topics):
    assert shown(profile, entry(ret=0, error="SYSCALL", size=0)) == [topics]


@pytest.mark.parametrize(("profile", "topic"), [("1.0.1", "return-zero"), ("1.1.1", "return-nonpositive")])
def test_a_result_of_0_shows_what_the_page_says_of_it(profile, topic):
    assert shown(profile, entry(ret=0, error="SYSCALL")) == [{topic}]
    assert shown(profile, entry(ret=-1, error="SSL")) == [set()]


def test_a_write_that_is_to_be_repeated_shows_with_which_arguments():
    assert shown("1.0.1", WANTS, entry(), entry()) == [{"repeated-call"}, {"repeated-call"}, set()]
    assert shown("1.0.1", WANTS, entry(do="write", size=7)) == [{"repeated-call"}, {"repeated-call"}]


def test_a_blocking_write_that_waited_or_came_back_shows_when_it_returns():
    blocking = {"blocking": True}
    assert shown("1.0.1", entry(ret=None, error=None, blocked=True), **blocking) == [
        {"blocking-return", "blocking-early-return"}
    ]
    done = entry(ret=None, error=None, blocked=True, completed=Answer(ret=100, error="NONE"))
    assert shown("1.1.1", done, **blocking) == [{"blocking-return"}]
    assert shown("1.0.1", entry(), **blocking) == [set()]


def test_a_partial_write_shows_that_it_is_a_success():
    partial = int(Mode.ENABLE_PARTIAL_WRITE)
    assert shown("1.0.1", entry(ret=16384, size=40000, mode=partial)) == [{"partial-writes"}]
    assert shown("1.0.1", entry(ret=40000, size=40000, mode=partial)) == [set()]
    assert shown("0.9.6a", entry(ret=16384, size=40000, mode=partial)) == [set()]


@pytest.mark.parametrize(("profile", "topics"), [("0.9.6-base", set()), ("0.9.6a", {"state-required"})])
def test_a_write_without_a_state_shows_that_one_is_required(profile, topics):
    failed = entry(ret=-1, error="SSL")
    assert shown(profile, failed, stateless=frozenset({"client"})) == [topics]
    connected = shown(profile, entry(do="connect", size=None), failed, stateless=frozenset({"client"}))
    assert connected == [set(), set()]


@pytest.mark.parametrize(("profile", "topics"), [("1.1.1", set()), ("3.0", {"while-outstanding"})])
def test_another_call_before_the_repeated_write_shows_what_may_be_called(profile, topics):
    assert shown(profile, WANTS, entry(do="read", ret=-1, error="WANT_READ", size=None))[1] == topics


@pytest.mark.parametrize("not_made", [{"skipped": "side is blocked"}, {"missing": True}])
def test_a_call_that_was_not_made_shows_nothing(not_made):
    assert shown("1.0.1", entry(ret=None, error=None, size=0, **not_made)) == [set()]
