"""Calls made up for the predicates: for each predicate some calls, and what each says of the clause."""

from __future__ import annotations

from emulator.constants import ErrorCode, Mode, Shutdown
from emulator.pages.observation import AT_REST, Observation, Repeated, Transport
from emulator.pages.predicates import Verdict

KEPT, BROKEN, USED, UNUSED, OUTSIDE = Verdict

WRITE = Observation(size=100, ret=100, count=100, transport=Transport(writes=1, sent=137))
WRITE_EX = WRITE.but(name="write_ex", ret=1)
READ = Observation(name="read", size=100, ret=100, count=100, transport=Transport(reads=1, received=137))
SHUTDOWN = Observation(name="shutdown", transport=Transport(writes=1, sent=37))
GET_ERROR = Observation(name="get_error", argument=100, last=WRITE)
SET_MODE = Observation(name="set_mode", argument=int(Mode.ENABLE_PARTIAL_WRITE))

WANT_WRITE = WRITE.but(
    ret=-1,
    count=0,
    error=ErrorCode.WANT_WRITE,
    after=AT_REST._replace(unfinished=100),
    transport=Transport(writes=1),
)
WANT_READ = WANT_WRITE.but(error=ErrorCode.WANT_READ)
FAILED = WRITE.but(ret=-1, count=0, error=ErrorCode.SSL, errors=1)
LOST = FAILED.but(
    error=ErrorCode.SYSCALL, errors=0, errno=32, transport=Transport(writes=1, refused=137, write_failed=True)
)
ZERO = LOST.but(ret=0)
SWALLOWED = WRITE.but(transport=Transport(writes=1, refused=137))
"""A success of which the transport took nothing."""
NOTHING = WRITE.but(size=0, ret=0, count=0, error=ErrorCode.SYSCALL, transport=Transport())
PARTIAL = WRITE.but(size=40000, ret=16384, count=16384, mode=int(Mode.ENABLE_PARTIAL_WRITE))
IN_INIT = WRITE.but(before=AT_REST._replace(in_init=True, established=False))
STATELESS = FAILED.but(role=False, established=False, in_init=True)
ASKED = WRITE.but(transport=Transport(writes=1, sent=137, offered=True, request=True, request_left=True))
"""A write that leaves a request for a renegotiation where it is."""
BLOCKING = WRITE.but(blocking=True)
REPEATED = WRITE.but(repeated=Repeated(ErrorCode.WANT_WRITE))
OTHER_LENGTH = WRITE.but(repeated=Repeated(ErrorCode.WANT_WRITE, same_length=False))
OTHER_CONTENTS = WRITE.but(repeated=Repeated(ErrorCode.WANT_WRITE, same_contents=False))
MOVED = WRITE.but(repeated=Repeated(ErrorCode.WANT_WRITE, same_buffer=False))
MOVED_WITH_THE_MODE = MOVED.but(mode=int(Mode.ACCEPT_MOVING_WRITE_BUFFER))
READ_BETWEEN = READ.but(repeated=Repeated(ErrorCode.WANT_WRITE))
SHUTDOWN_BETWEEN = SHUTDOWN.but(repeated=Repeated(ErrorCode.WANT_WRITE))
RENEGOTIATING = WANT_READ.but(in_init=True, established=False, had_session=True)
READ_WANTS = READ.but(ret=-1, count=0, error=ErrorCode.WANT_READ, transport=Transport(reads=1))
READ_AGAIN = READ.but(last=READ_WANTS, transport=Transport(reads=1, received=137, offered=True))
READ_EOF = READ.but(ret=0, count=0, error=ErrorCode.SYSCALL, transport=Transport(reads=1, eof=True))
READ_CLOSED = READ.but(ret=0, count=0, error=ErrorCode.ZERO_RETURN, closed=True)
STILL_THERE = READ_WANTS.but(transport=Transport(reads=1, offered=True, left=True))

CALLS = {
    "count": [(WRITE, KEPT), (SWALLOWED, BROKEN), (FAILED, OUTSIDE), (READ, OUTSIDE)],
    "num-type": [(WRITE, KEPT), (WRITE.but(size=2**31), BROKEN), (WRITE_EX.but(size=2**31), OUTSIDE)],
    "negotiation": [(IN_INIT, KEPT), (IN_INIT.but(after=IN_INIT.before), BROKEN), (WRITE, OUTSIDE)],
    "renegotiation": [
        (ASKED, BROKEN),
        (ASKED.but(transport=Transport(request=True)), KEPT),
        (WRITE, OUTSIDE),
        (ASKED.but(shutdown=int(Shutdown.SENT)), OUTSIDE),
    ],
    "state": [(WRITE, KEPT), (STATELESS, BROKEN), (READ, OUTSIDE)],
    "state-generic": [
        (STATELESS.but(generic=True), BROKEN),
        (STATELESS, OUTSIDE),
        (WRITE.but(generic=True), KEPT),
    ],
    "blocking-return": [(BLOCKING, KEPT), (WANT_READ.but(blocking=True), BROKEN), (WANT_READ, OUTSIDE)],
    "blocking-return-but-renegotiating": [
        (BLOCKING, KEPT),
        (WANT_READ.but(blocking=True), BROKEN),
        (RENEGOTIATING.but(blocking=True), OUTSIDE),
        (RENEGOTIATING.but(blocking=True, mode=int(Mode.AUTO_RETRY)), BROKEN),
    ],
    "blocking-early-return": [
        (RENEGOTIATING.but(blocking=True), USED),
        (ASKED.but(blocking=True, had_session=True), UNUSED),
        (RENEGOTIATING.but(blocking=True, mode=int(Mode.AUTO_RETRY)), OUTSIDE),
        (RENEGOTIATING, OUTSIDE),
    ],
    "nonblocking-return": [(WANT_WRITE, USED), (WRITE, UNUSED), (BLOCKING, OUTSIDE)],
    "write-reads": [(IN_INIT.but(transport=Transport(reads=2)), USED), (WRITE, UNUSED), (READ, OUTSIDE)],
    "repeat-call": [(REPEATED, KEPT), (SHUTDOWN_BETWEEN, BROKEN), (READ_BETWEEN, OUTSIDE), (WRITE, OUTSIDE)],
    "bio-pair": [
        (REPEATED, KEPT),
        (WANT_WRITE.but(repeated=Repeated(ErrorCode.WANT_WRITE)), BROKEN),
        (WANT_WRITE, OUTSIDE),
    ],
    "whole-write": [(WRITE, KEPT), (PARTIAL.but(mode=0), BROKEN), (SWALLOWED, BROKEN), (PARTIAL, OUTSIDE)],
    "partial-writes": [(PARTIAL, USED), (PARTIAL.but(count=40000), UNUSED), (WRITE, OUTSIDE)],
    "mode-partial": [(PARTIAL, USED), (PARTIAL.but(count=40000), UNUSED), (WRITE, OUTSIDE)],
    "partial-rest": [(WRITE.but(rest=100), KEPT), (WRITE.but(rest=99), BROKEN), (WRITE, OUTSIDE)],
    "partial-size": [(PARTIAL, KEPT), (PARTIAL.but(ret=32768, count=32768), BROKEN), (WRITE, OUTSIDE)],
    "repeated-call": [(REPEATED, KEPT), (MOVED, BROKEN), (MOVED_WITH_THE_MODE, BROKEN), (WRITE, OUTSIDE)],
    "repeated-call-moving": [
        (MOVED_WITH_THE_MODE, KEPT),
        (MOVED, BROKEN),
        (OTHER_LENGTH, BROKEN),
        (OTHER_CONTENTS, BROKEN),
        (READ_BETWEEN, OUTSIDE),
    ],
    "mode-moving": [
        (MOVED_WITH_THE_MODE, USED),
        (REPEATED.but(mode=int(Mode.ACCEPT_MOVING_WRITE_BUFFER)), UNUSED),
        (MOVED, OUTSIDE),
    ],
    "partly-processed": [(WANT_WRITE, USED), (WANT_WRITE.but(unfinished=0), UNUSED), (WRITE, OUTSIDE)],
    "num-zero": [(NOTHING, USED), (WRITE, OUTSIDE), (NOTHING.but(name="write_ex"), OUTSIDE)],
    "num-zero-error": [(NOTHING, BROKEN), (NOTHING.but(ret=-1, errors=1), KEPT), (WRITE, OUTSIDE)],
    "num-zero-call": [(NOTHING, BROKEN), (WRITE, KEPT), (READ, OUTSIDE)],
    "num-zero-ex": [
        (NOTHING.but(name="write_ex", ret=1), KEPT),
        (WRITE_EX.but(size=0, count=0), BROKEN),
        (WRITE_EX.but(size=0, count=0, in_init=True), OUTSIDE),
        (NOTHING, OUTSIDE),
    ],
    "return-zero": [(ZERO, USED), (LOST, UNUSED), (WRITE, OUTSIDE), (NOTHING, OUTSIDE)],
    "closed-connection": [
        (LOST, BROKEN),
        (ZERO, KEPT),
        (FAILED.but(closed=True), BROKEN),
        (LOST.but(errno=9), OUTSIDE),
        (WANT_WRITE.but(closed=True), OUTSIDE),
    ],
    "clean-close": [
        (ZERO.but(closed=True), BROKEN),
        (ZERO.but(closed=True, error=ErrorCode.ZERO_RETURN), KEPT),
        (ZERO, OUTSIDE),
    ],
    "return-negative": [(FAILED, USED), (ZERO, UNUSED), (WRITE, OUTSIDE)],
    "return-nonpositive": [(FAILED, USED), (WRITE, UNUSED), (READ, OUTSIDE)],
    "failure-reason": [
        (GET_ERROR.but(last=FAILED, argument=-1), KEPT),
        (GET_ERROR.but(last=FAILED, argument=0), BROKEN),
        (WRITE.but(last=FAILED, asked=False), BROKEN),
        (WRITE.but(last=FAILED), OUTSIDE),
        (GET_ERROR, OUTSIDE),
    ],
    "write-ex": [(WRITE_EX, KEPT), (WRITE_EX.but(missing=True), BROKEN), (WRITE, OUTSIDE)],
    "write-ex-result": [(WRITE_EX, KEPT), (WRITE_EX.but(ret=-1), BROKEN), (WRITE, OUTSIDE)],
    "written": [(WRITE_EX, KEPT), (WRITE_EX.but(count=0), BROKEN), (WRITE_EX.but(ret=0), OUTSIDE)],
    "write-ex-success": [
        (WRITE_EX, KEPT),
        (WRITE_EX.but(count=1), BROKEN),
        (WRITE_EX.but(count=1, mode=int(Mode.ENABLE_PARTIAL_WRITE)), KEPT),
        (WRITE, OUTSIDE),
    ],
    "write-failure": [
        (WANT_WRITE, KEPT),
        (PARTIAL.but(ret=-1, written=16384), BROKEN),
        (PARTIAL.but(ret=-1, written=16384, mode=0), KEPT),
        (WRITE, OUTSIDE),
    ],
    "error-none": [(WRITE, KEPT), (WRITE.but(error=ErrorCode.SSL), BROKEN), (GET_ERROR, OUTSIDE)],
    "error-argument": [(GET_ERROR, KEPT), (GET_ERROR.but(argument=-1), BROKEN), (WRITE, OUTSIDE)],
    "error-queue": [
        (WRITE, KEPT),
        (WRITE.but(errors=0, before=AT_REST._replace(queue=1)), BROKEN),
        (GET_ERROR, OUTSIDE),
    ],
    "error-thread": [(GET_ERROR, KEPT), (GET_ERROR.but(thread=7), BROKEN), (WRITE, OUTSIDE)],
    "error-between": [(GET_ERROR, KEPT), (GET_ERROR.but(between=1), BROKEN), (WRITE, OUTSIDE)],
    "zero-return": [(READ_CLOSED, KEPT), (READ_CLOSED.but(closed=False), BROKEN), (READ, OUTSIDE)],
    "zero-return-or-eof": [
        (READ_CLOSED, KEPT),
        (READ_EOF.but(error=ErrorCode.ZERO_RETURN), KEPT),
        (READ_CLOSED.but(closed=False), BROKEN),
        (READ_EOF, OUTSIDE),
    ],
    "want-retry": [(REPEATED, KEPT), (SHUTDOWN_BETWEEN, BROKEN), (READ_AGAIN, KEPT), (WRITE, OUTSIDE)],
    "want-progress": [
        (READ_AGAIN, KEPT),
        (READ_AGAIN.but(transport=Transport(offered=True)), BROKEN),
        (READ_AGAIN.but(transport=Transport()), OUTSIDE),
        (READ, OUTSIDE),
    ],
    "retries": [(READ_WANTS.but(last=READ_WANTS), USED), (READ_AGAIN, UNUSED), (READ, OUTSIDE)],
    "either-want": [(WANT_READ, USED), (WANT_WRITE, UNUSED), (READ_WANTS, UNUSED), (SHUTDOWN, OUTSIDE)],
    "read-meanwhile": [(READ_BETWEEN, USED), (REPEATED, UNUSED), (READ, OUTSIDE)],
    "while-outstanding": [(REPEATED, KEPT), (READ_BETWEEN, BROKEN), (READ, OUTSIDE)],
    "syscall-result": [
        (LOST, KEPT),
        (READ_EOF, KEPT),
        (ZERO, BROKEN),
        (NOTHING, BROKEN),
        (LOST.but(transport=Transport(), errors=1), KEPT),
        (FAILED, OUTSIDE),
    ],
    "syscall-fatal": [(LOST, KEPT), (NOTHING, BROKEN), (FAILED, OUTSIDE)],
    "ssl-error": [(FAILED, KEPT), (FAILED.but(errors=0, before=AT_REST), BROKEN), (LOST, OUTSIDE)],
    "after-fatal": [(WRITE, KEPT), (WRITE.but(fatal=True), BROKEN), (GET_ERROR, OUTSIDE)],
    "eof-syscall": [(READ_EOF, KEPT), (READ_EOF.but(error=ErrorCode.SSL, errors=1), BROKEN), (READ, OUTSIDE)],
    "eof-ssl": [(READ_EOF.but(error=ErrorCode.SSL, errors=1), KEPT), (READ_EOF, BROKEN), (READ, OUTSIDE)],
    "mode-late": [
        (SET_MODE, KEPT),
        (SET_MODE.but(repeated=Repeated(ErrorCode.WANT_WRITE)), BROKEN),
        (SET_MODE.but(argument=int(Mode.AUTO_RETRY)), OUTSIDE),
    ],
    "mode-early-return": [
        (RENEGOTIATING, USED),
        (ASKED.but(had_session=True), UNUSED),
        (RENEGOTIATING.but(mode=int(Mode.AUTO_RETRY)), OUTSIDE),
        (WANT_READ, OUTSIDE),
    ],
    "mode-auto-retry": [
        (RENEGOTIATING.but(mode=int(Mode.AUTO_RETRY), blocking=True), BROKEN),
        (ASKED.but(had_session=True, mode=int(Mode.AUTO_RETRY), blocking=True), KEPT),
        (RENEGOTIATING.but(mode=int(Mode.AUTO_RETRY)), OUTSIDE),
    ],
    "mode-auto-retry-reads": [
        (READ_WANTS.but(mode=int(Mode.AUTO_RETRY)), KEPT),
        (STILL_THERE.but(mode=int(Mode.AUTO_RETRY)), BROKEN),
        (STILL_THERE, OUTSIDE),
    ],
    "shutdown-alert": [
        (SHUTDOWN, KEPT),
        (SHUTDOWN.but(transport=Transport()), BROKEN),
        (SHUTDOWN.but(transport=Transport(), ret=-1), KEPT),
        (SHUTDOWN.but(transport=Transport(), quiet=True), OUTSIDE),
        (SHUTDOWN.but(shutdown=int(Shutdown.SENT)), OUTSIDE),
    ],
    "shutdown-flag": [
        (SHUTDOWN, BROKEN),
        (SHUTDOWN.but(after=AT_REST._replace(shutdown=int(Shutdown.SENT))), KEPT),
        (WRITE, OUTSIDE),
    ],
    "shutdown-zero": [(SHUTDOWN, USED), (SHUTDOWN.but(ret=1), UNUSED), (WRITE, OUTSIDE)],
    "write-after-shutdown": [
        (WRITE, KEPT),
        (FAILED.but(shutdown=int(Shutdown.SENT)), BROKEN),
        (READ, OUTSIDE),
    ],
    "shutdown-after-fatal": [(SHUTDOWN, KEPT), (SHUTDOWN.but(fatal=True), BROKEN), (WRITE, OUTSIDE)],
    "read-writes": [(READ.but(transport=Transport(writes=1)), USED), (READ, UNUSED), (WRITE, OUTSIDE)],
    "read-repeat": [(READ_AGAIN, KEPT), (READ_AGAIN.but(size=10), BROKEN), (READ, OUTSIDE)],
}
"""By the names of the predicates."""
