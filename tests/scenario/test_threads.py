from __future__ import annotations

import threading

import pytest

from emulator.scenario.threads import SideThread


@pytest.fixture
def side():
    thread = SideThread()
    yield thread
    thread.close()


def test_a_job_that_returns_was_never_blocked(side):
    names = []
    side.start(lambda: names.append(threading.current_thread().name))
    assert not side.is_blocked
    assert names == ["scenario side"]


def test_a_blocked_job_goes_on_when_it_is_woken(side):
    log = []

    def job():
        log.append("begun")
        side.block()
        log.append("woken")
        side.block()
        log.append("done")

    side.start(job)
    assert (log, side.is_blocked) == (["begun"], True)
    side.wake()
    assert (log, side.is_blocked) == (["begun", "woken"], True)
    side.wake()
    assert (log, side.is_blocked) == (["begun", "woken", "done"], False)


def test_what_a_job_raises_is_raised_to_who_started_or_woke_it(side):
    def fail():
        raise ValueError("at once")

    def fail_later():
        side.block()
        raise ValueError("later")

    with pytest.raises(ValueError, match="at once"):
        side.start(fail)
    side.start(fail_later)
    with pytest.raises(ValueError, match="later"):
        side.wake()
    assert not side.is_blocked


def test_an_abandoned_job_is_unwound_and_the_thread_serves_the_next(side):
    log = []

    def job():
        try:
            side.block()
            log.append("never")
        finally:
            log.append("unwound")

    side.start(job)
    side.abandon()
    assert (log, side.is_blocked) == (["unwound"], False)
    side.start(lambda: log.append("next"))
    assert log == ["unwound", "next"]
