"""SSL_write() with num=0, which the pages of 0.9.6e to 1.1.0 call undefined: everything may happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.get_error import Look
from emulator.constants import ErrorCode, Want
from emulator.engine.manual.choice import ANYTHING, LIBRARY, Choice, Outcome
from emulator.engine.manual.clauses import NUM_ZERO

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.manual.decisions import Decisions
    from emulator.engine.ssl import SSL

UNDEFINED = "the behaviour of SSL_write() with num=0 is undefined"

_WANTS = {
    ErrorCode.WANT_READ: Want.READING,
    ErrorCode.WANT_WRITE: Want.WRITING,
    ErrorCode.WANT_X509_LOOKUP: Want.X509_LOOKUP,
}
"""SSL_want() for an answer of SSL_get_error(); Want.NOTHING for the others."""

_LATER_ANSWERS = {
    ErrorCode.WANT_ASYNC: Look.ASYNC,
    ErrorCode.WANT_ASYNC_JOB: Look.ASYNC_JOB,
    ErrorCode.WANT_CLIENT_HELLO_CB: Look.CLIENT_HELLO_CB,
    ErrorCode.WANT_RETRY_VERIFY: Look.RETRY_VERIFY,
}
"""Answers that not every release has, and the look of SSL_get_error() that returns each."""


class _Answered(int):
    """A value of SSL_want() that an answer of no library has left: the next call leaves another one."""


class Nothing:
    """The last answer to a write of nothing that no library gives."""

    __slots__ = ("_answer",)

    def __init__(self) -> None:
        self._answer: tuple[object, Outcome] | None = None

    def choose(self, s: SSL, decisions: Decisions) -> Outcome:
        """Let the policy choose among everything that may happen."""
        dies = s.machine is not None and not s.generic
        order = s.profile.get_error.order
        possible = (
            outcome
            for outcome in ANYTHING
            if (dies or not outcome.dead) and _LATER_ANSWERS.get(outcome.answer, order[0]) in order
        )
        choice = Choice(NUM_ZERO, "undefined", decisions.call, "before-the-first-byte", (LIBRARY, *possible))
        outcome = decisions.policy.choose(choice)
        decisions.promise(NUM_ZERO, UNDEFINED, outcome.ret, outcome.error)
        return outcome

    def give(self, s: SSL, outcome: Outcome) -> int:
        """Answer a call with an outcome that is not the library's."""
        if s.crash is not None:
            raise s.crash
        if outcome.entry:
            s.put_error("SSL3_WRITE_BYTES", "BAD_LENGTH")
        if outcome.dead:
            s.running().set_error()
            s.in_init = True  # in the releases whose error state is none of a handshake, too
        s.errno = 0
        want = _WANTS.get(outcome.answer, Want.NOTHING)
        if want is Want.READING and s.inp.rbio is not None:
            _retry(s.inp.rbio).set_retry_read()
        elif want is Want.WRITING and s.out.wbio is not None:
            _retry(s.out.wbio).set_retry_write()
        state = _Answered(want)
        s.rwstate = state  # type: ignore[assignment]  # a number that equals the Want
        self._answer = state, outcome
        return outcome.ret or 0

    def answered(self, s: SSL, ret: int) -> ErrorCode | None:
        """Return SSL_get_error() of this answer, until another call; None: the library has its own."""
        if self._answer is None:
            return None
        (state, outcome), now = self._answer, s.rwstate
        return outcome.error if now is state and outcome.ret == ret else None


def _retry(bio: BIO) -> BIO:
    bio.clear_retry_flags()
    return bio
