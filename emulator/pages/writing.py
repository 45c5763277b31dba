"""The predicates of the clauses of SSL_write(3)."""

from __future__ import annotations

from errno import ECONNRESET, EPIPE
from typing import TYPE_CHECKING

from emulator.api.arguments import INT_MAX
from emulator.constants import ErrorCode, Mode
from emulator.pages.registry import PREDICATES, Verdict, kept, predicate, used

if TYPE_CHECKING:
    from emulator.pages.observation import Observation

MESSAGE_BLOCK = 16384
"""The "message block" of SSL_write(3): 16 kB."""


def _offers(call: Observation) -> bool:
    """Whether the call is a write of at least one byte."""
    return call.writes and not call.missing and call.size > 0


def _all_accepted(call: Observation) -> bool:
    """Whether the transport took all that it was given in the end."""
    return call.transport.refused == 0


# -- what a write does -------------------------------------------------------------


@predicate("count")
def _count(call: Observation) -> Verdict:
    if call.name != "write" or call.ret <= 0:
        return Verdict.OUTSIDE
    return kept(call.ret <= call.size and _all_accepted(call))


@predicate("num-type")
def _num_type(call: Observation) -> Verdict:
    return kept(call.size <= INT_MAX) if call.name == "write" else Verdict.OUTSIDE


@predicate("negotiation")
def _negotiation(call: Observation) -> Verdict:
    begins = _offers(call) and call.before.in_init and call.before.role and not call.had_session
    if not begins or call.before.shutdown or call.before.failed:
        return Verdict.OUTSIDE
    return kept(call.ret <= 0 or not call.after.in_init)


@predicate("renegotiation")
def _renegotiation(call: Observation) -> Verdict:
    if not (_offers(call) and call.before.established and call.transport.request) or call.before.shutdown:
        return Verdict.OUTSIDE
    return kept(not call.transport.request_left)


@predicate("state")
def _state(call: Observation) -> Verdict:
    return kept(call.before.role) if call.writes and not call.missing else Verdict.OUTSIDE


@predicate("state-generic")
def _state_generic(call: Observation) -> Verdict:
    return _state(call) if call.generic else Verdict.OUTSIDE


# -- when a write returns ----------------------------------------------------------


@predicate("blocking-return")
def _blocking_return(call: Observation) -> Verdict:
    return kept(not call.wants) if _offers(call) and call.before.blocking else Verdict.OUTSIDE


@predicate("blocking-return-but-renegotiating")
def _blocking_return_but_renegotiating(call: Observation) -> Verdict:
    excepted = call.renegotiating and not call.mode(Mode.AUTO_RETRY)
    return Verdict.OUTSIDE if excepted else _blocking_return(call)


@predicate("blocking-early-return")
def _blocking_early_return(call: Observation) -> Verdict:
    if not (_offers(call) and call.before.blocking and call.renegotiating) or call.mode(Mode.AUTO_RETRY):
        return Verdict.OUTSIDE
    return used(call.error is ErrorCode.WANT_READ)


@predicate("nonblocking-return")
def _nonblocking_return(call: Observation) -> Verdict:
    return used(call.wants) if _offers(call) and not call.before.blocking else Verdict.OUTSIDE


@predicate("write-reads")
def _write_reads(call: Observation) -> Verdict:
    return used(call.transport.reads > 0) if _offers(call) else Verdict.OUTSIDE


@predicate("repeat-call")
def repeat_call(call: Observation) -> Verdict:
    """After WANT_READ or WANT_WRITE the write is repeated; SSL_shutdown() and SSL_clear() are other ends."""
    if call.repeated is None or not (call.writes or call.name in {"shutdown", "clear"}):
        return Verdict.OUTSIDE
    return kept(call.writes)


@predicate("bio-pair")
def _bio_pair(call: Observation) -> Verdict:
    if not call.writes or call.repeated is None or call.transport.writes + call.transport.reads == 0:
        return Verdict.OUTSIDE
    return kept(call.transport.sent + call.transport.received > 0 or not call.wants)


# -- how much is written -----------------------------------------------------------


@predicate("whole-write")
def _whole_write(call: Observation) -> Verdict:
    if not _offers(call) or call.ret <= 0 or call.mode(Mode.ENABLE_PARTIAL_WRITE):
        return Verdict.OUTSIDE
    return kept(call.count == call.size and _all_accepted(call))


@predicate("partial-writes")
def _partial_writes(call: Observation) -> Verdict:
    if not _offers(call) or call.ret <= 0 or not call.mode(Mode.ENABLE_PARTIAL_WRITE):
        return Verdict.OUTSIDE
    return used(call.count < call.size)


PREDICATES["mode-partial"] = _partial_writes


@predicate("partial-rest")
def _partial_rest(call: Observation) -> Verdict:
    return kept(call.size <= call.rest) if call.writes and call.rest is not None else Verdict.OUTSIDE


@predicate("partial-size")
def _partial_size(call: Observation) -> Verdict:
    is_partial = _partial_writes(call) is Verdict.USED
    return kept(call.count == MESSAGE_BLOCK) if is_partial else Verdict.OUTSIDE


# -- repeating a write -------------------------------------------------------------


@predicate("repeated-call")
def _repeated_call(call: Observation) -> Verdict:
    return kept(call.repeated.same) if call.writes and call.repeated is not None else Verdict.OUTSIDE


@predicate("repeated-call-moving")
def _repeated_call_moving(call: Observation) -> Verdict:
    if not call.writes or call.repeated is None:
        return Verdict.OUTSIDE
    in_place = call.repeated.same_buffer or call.mode(Mode.ACCEPT_MOVING_WRITE_BUFFER)
    return kept(in_place and call.repeated.same_length and call.repeated.same_contents)


@predicate("mode-moving")
def _mode_moving(call: Observation) -> Verdict:
    if not call.writes or call.repeated is None or not call.mode(Mode.ACCEPT_MOVING_WRITE_BUFFER):
        return Verdict.OUTSIDE
    return used(not call.repeated.same_buffer and call.repeated.same_contents)


@predicate("partly-processed")
def _partly_processed(call: Observation) -> Verdict:
    return used(call.after.unfinished > 0) if _offers(call) and call.wants else Verdict.OUTSIDE


# -- a write of nothing ------------------------------------------------------------


@predicate("num-zero")
def _num_zero(call: Observation) -> Verdict:
    return Verdict.USED if call.name == "write" and call.size == 0 else Verdict.OUTSIDE


@predicate("num-zero-error")
def _num_zero_error(call: Observation) -> Verdict:
    if call.name != "write" or call.size:
        return Verdict.OUTSIDE
    return kept(call.ret <= 0 and (call.errors > 0 or call.transport.failed))


@predicate("num-zero-call")
def _num_zero_call(call: Observation) -> Verdict:
    return kept(call.size != 0) if call.name == "write" else Verdict.OUTSIDE


@predicate("num-zero-ex")
def _num_zero_ex(call: Observation) -> Verdict:
    empty = call.name == "write_ex" and call.size == 0 and not call.missing
    if not empty or call.negotiates or call.repeated is not None:
        return Verdict.OUTSIDE  # a handshake, or the record that waits, may be sent
    return kept(call.count == 0 and call.transport.sent == 0)


# -- what the result means ---------------------------------------------------------


def _fails(call: Observation) -> bool:
    """Whether SSL_write() of at least a byte was not successful."""
    return call.name == "write" and call.size > 0 and call.ret <= 0


@predicate("return-zero")
def _return_zero(call: Observation) -> Verdict:
    return used(call.ret == 0) if _fails(call) else Verdict.OUTSIDE


@predicate("closed-connection")
def _closed_connection(call: Observation) -> Verdict:
    lost = call.transport.eof or (call.transport.write_failed and call.errno in {EPIPE, ECONNRESET})
    is_closed = call.closed or lost
    return kept(call.ret == 0) if _fails(call) and not call.wants and is_closed else Verdict.OUTSIDE


@predicate("clean-close")
def _clean_close(call: Observation) -> Verdict:
    if not _fails(call) or call.ret != 0 or not call.closed:
        return Verdict.OUTSIDE
    return kept(call.error is ErrorCode.ZERO_RETURN)


@predicate("return-negative")
def _return_negative(call: Observation) -> Verdict:
    return used(call.ret < 0) if _fails(call) else Verdict.OUTSIDE


@predicate("return-nonpositive")
def _return_nonpositive(call: Observation) -> Verdict:
    return used(call.ret <= 0) if call.name == "write" and call.size > 0 else Verdict.OUTSIDE


@predicate("failure-reason")
def _failure_reason(call: Observation) -> Verdict:
    last = call.last
    if last is None or not last.writes or last.ret > 0:
        return Verdict.OUTSIDE
    if call.name == "get_error":
        return kept(call.argument == last.ret)
    return kept(False) if call.is_io and not call.asked else Verdict.OUTSIDE


# -- SSL_write_ex() ----------------------------------------------------------------


@predicate("write-ex")
def _write_ex(call: Observation) -> Verdict:
    return kept(not call.missing) if call.name == "write_ex" else Verdict.OUTSIDE


def _made_ex(call: Observation) -> bool:
    return call.name == "write_ex" and not call.missing


@predicate("write-ex-result")
def _write_ex_result(call: Observation) -> Verdict:
    return kept(call.ret in {0, 1}) if _made_ex(call) else Verdict.OUTSIDE


@predicate("written")
def _written(call: Observation) -> Verdict:
    if not _made_ex(call) or call.ret != 1:
        return Verdict.OUTSIDE
    return kept(min(call.size, 1) <= call.count <= call.size and _all_accepted(call))


@predicate("write-ex-success")
def _write_ex_success(call: Observation) -> Verdict:
    if not _made_ex(call) or call.ret != 1 or call.size == 0:
        return Verdict.OUTSIDE
    enough = 1 if call.mode(Mode.ENABLE_PARTIAL_WRITE) else call.size
    return kept(call.count >= enough and _all_accepted(call))


@predicate("write-failure")
def _write_failure(call: Observation) -> Verdict:
    if not _offers(call) or call.ret > 0:
        return Verdict.OUTSIDE
    least = 1 if call.mode(Mode.ENABLE_PARTIAL_WRITE) else call.size
    return kept(call.written < least)
