"""The clauses of a release's pages that speak of a call's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import ErrorCode
from emulator.contract.call import READS, WRITES
from emulator.contract.explanation import DecidingClause
from emulator.profiles.clauses import clause_called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulator.contract.last import LastCall
    from emulator.pages.page import Page
    from emulator.profiles.clauses import Clause

MOST = 3
"""So many clauses an explanation cites."""

_OF_ERRORS = {
    ErrorCode.WANT_READ: ("want-retry", "while-outstanding", "either-want"),
    ErrorCode.WANT_WRITE: ("want-retry", "while-outstanding", "either-want"),
    ErrorCode.ZERO_RETURN: ("peer-close",),
    ErrorCode.SYSCALL: ("after-fatal", "syscall-error"),
    ErrorCode.SSL: ("after-fatal", "ssl-error"),
}
_WANTS = {ErrorCode.WANT_READ, ErrorCode.WANT_WRITE}


def bearing_on(last: LastCall, page: Page, *, blocking: bool) -> Iterator[Clause]:
    """Return the clauses of a page that speak of the answer of a call, the nearest first."""
    for topic in _topics(last, blocking=blocking):
        clause = page.clause(topic)
        if clause is not None:
            yield clause


def _topics(last: LastCall, *, blocking: bool) -> Iterator[str]:
    error, ret = last.seen.error, last.seen.ret
    if error is None or ret is None:
        return
    if error in _FATAL and last.size != 0 and (last.name != "shutdown" or ret):
        yield from _OF_ERRORS[error]
    if last.name in WRITES:
        yield from _of_write(last, error, ret, blocking=blocking)
    elif last.name in READS:
        yield from ("eof-without-close",) if ret == 0 and error in _FATAL else ("read-repeat",)
    elif last.name == "shutdown":
        yield from ("shutdown-zero",) if ret == 0 else ("shutdown-alert", "shutdown-flag")
    yield from _OF_ERRORS.get(error, ())


_FATAL = {ErrorCode.SYSCALL, ErrorCode.SSL}


def _of_write(last: LastCall, error: ErrorCode, ret: int, *, blocking: bool) -> Iterator[str]:
    is_ex = last.name != "write"
    if last.size == 0:
        yield from ("num-zero-ex",) if is_ex else ("num-zero", "num-zero-call")
    elif error is ErrorCode.NONE:
        yield from ("write-ex-result", "write-ex-success", "written") if is_ex else _of_success(last, ret)
    elif error in _WANTS:
        yield from ("blocking-early-return", "blocking-return") if blocking else ("nonblocking-return",)
        yield from ("write-reads",) if error is ErrorCode.WANT_READ else ()
        yield from ("repeated-call",)
    elif is_ex:
        yield from ("write-ex-result", "write-failure")
    else:
        yield "return-zero" if ret == 0 else "return-negative"
        yield "return-nonpositive"


def _of_success(last: LastCall, ret: int) -> tuple[str, ...]:
    if isinstance(last.size, int) and ret < last.size:
        return "partial-rest", "partial-writes", "partial-size"
    return "count", "whole-write"


def cited(pages: Mapping[str, str], names: Iterable[str]) -> Iterator[DecidingClause]:
    """Return clauses by their ids, each once and as its page has it."""
    for name in list(dict.fromkeys(names))[:MOST]:
        clause = clause_called(name)
        if clause is not None:
            yield DecidingClause(name, pages[name], clause.says)
