"""The predicates of the clauses of SSL_get_error(3), SSL_CTX_set_mode(3), SSL_shutdown(3) and SSL_read(3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import ErrorCode, Mode, Shutdown
from emulator.pages.registry import Verdict, kept, predicate, used
from emulator.pages.writing import repeat_call

if TYPE_CHECKING:
    from emulator.pages.observation import Observation


# -- SSL_get_error(3) ----------------------------------------------------------------------------


@predicate("error-none")
def _error_none(call: Observation) -> Verdict:
    return kept((call.ret > 0) == (call.error is ErrorCode.NONE)) if call.is_io else Verdict.OUTSIDE


def _asks(call: Observation) -> bool:
    return call.name == "get_error" and call.last is not None


@predicate("error-argument")
def _error_argument(call: Observation) -> Verdict:
    same = call.last is not None and call.argument == call.last.ret
    return kept(same) if _asks(call) else Verdict.OUTSIDE


@predicate("error-queue")
def _error_queue(call: Observation) -> Verdict:
    return kept(call.before.queue == 0) if call.is_io else Verdict.OUTSIDE


@predicate("error-thread")
def _error_thread(call: Observation) -> Verdict:
    same = call.last is not None and call.thread == call.last.thread
    return kept(same) if _asks(call) else Verdict.OUTSIDE


@predicate("error-between")
def _error_between(call: Observation) -> Verdict:
    return kept(call.between == 0) if _asks(call) else Verdict.OUTSIDE


@predicate("zero-return")
def _zero_return(call: Observation) -> Verdict:
    is_zero_return = call.is_io and call.error is ErrorCode.ZERO_RETURN
    return kept(call.closed) if is_zero_return else Verdict.OUTSIDE


@predicate("zero-return-or-eof")
def _zero_return_or_eof(call: Observation) -> Verdict:
    is_zero_return = call.is_io and call.error is ErrorCode.ZERO_RETURN
    return kept(call.closed or call.transport.eof) if is_zero_return else Verdict.OUTSIDE


@predicate("want-retry")
def _want_retry(call: Observation) -> Verdict:
    if call.repeated is not None:
        return repeat_call(call)
    waits = call.last is not None and call.last.wants and call.name == call.last.name
    return Verdict.KEPT if waits else Verdict.OUTSIDE


@predicate("want-progress")
def _want_progress(call: Observation) -> Verdict:
    last = call.last
    if last is None or last.name != call.name or last.error is not ErrorCode.WANT_READ:
        return Verdict.OUTSIDE
    return kept(call.transport.received > 0) if call.transport.offered else Verdict.OUTSIDE


@predicate("retries")
def _retries(call: Observation) -> Verdict:
    last = call.last
    waits = last is not None and last.wants and last.name == call.name
    return used(call.wants) if waits else Verdict.OUTSIDE


@predicate("either-want")
def _either_want(call: Observation) -> Verdict:
    if not call.is_io or not (call.writes or call.reads):
        return Verdict.OUTSIDE
    return used(call.error is (ErrorCode.WANT_READ if call.writes else ErrorCode.WANT_WRITE))


@predicate("read-meanwhile")
def _read_meanwhile(call: Observation) -> Verdict:
    if call.repeated is None or not (call.reads or call.writes):
        return Verdict.OUTSIDE
    return used(call.reads)


@predicate("while-outstanding")
def _while_outstanding(call: Observation) -> Verdict:
    if call.repeated is None or call.repeated.error is not ErrorCode.WANT_WRITE or not call.is_io:
        return Verdict.OUTSIDE
    return kept(call.writes)


def _is_syscall(call: Observation) -> bool:
    return call.is_io and call.error is ErrorCode.SYSCALL


@predicate("syscall-result")
def _syscall_result(call: Observation) -> Verdict:
    if not _is_syscall(call):
        return Verdict.OUTSIDE
    if call.errors:
        return Verdict.KEPT
    return kept(call.transport.eof if call.ret == 0 else call.transport.failed)


@predicate("syscall-fatal")
def _syscall_fatal(call: Observation) -> Verdict:
    return kept(call.errors > 0 or call.transport.failed) if _is_syscall(call) else Verdict.OUTSIDE


@predicate("ssl-error")
def _ssl_error(call: Observation) -> Verdict:
    is_ssl = call.is_io and call.error is ErrorCode.SSL
    return kept(call.errors + call.before.queue > 0) if is_ssl else Verdict.OUTSIDE


@predicate("after-fatal")
def _after_fatal(call: Observation) -> Verdict:
    return kept(not call.fatal) if call.is_io else Verdict.OUTSIDE


def _ended_without_close(call: Observation) -> bool:
    return call.reads and call.transport.eof and not call.closed and call.ret <= 0


@predicate("eof-syscall")
def _eof_syscall(call: Observation) -> Verdict:
    if not _ended_without_close(call):
        return Verdict.OUTSIDE
    return kept(call.error is ErrorCode.SYSCALL and call.errno == 0)


@predicate("eof-ssl")
def _eof_ssl(call: Observation) -> Verdict:
    if not _ended_without_close(call):
        return Verdict.OUTSIDE
    return kept(call.error is ErrorCode.SSL and call.errors > 0)


# -- SSL_CTX_set_mode(3) -------------------------------------------------------------------------


@predicate("mode-late")
def _mode_late(call: Observation) -> Verdict:
    sets = call.name == "set_mode" and bool(call.argument & Mode.ENABLE_PARTIAL_WRITE)
    return kept(call.repeated is None) if sets else Verdict.OUTSIDE


def _meets_renegotiation(call: Observation) -> bool:
    return call.is_io and (call.writes or call.reads) and call.renegotiating


@predicate("mode-early-return")
def _mode_early_return(call: Observation) -> Verdict:
    if not _meets_renegotiation(call) or call.mode(Mode.AUTO_RETRY):
        return Verdict.OUTSIDE
    return used(call.ret == -1 and call.error is ErrorCode.WANT_READ)


@predicate("mode-auto-retry")
def _mode_auto_retry(call: Observation) -> Verdict:
    if not _meets_renegotiation(call) or not call.mode(Mode.AUTO_RETRY) or not call.before.blocking:
        return Verdict.OUTSIDE
    return kept(not call.wants)


@predicate("mode-auto-retry-reads")
def _mode_auto_retry_reads(call: Observation) -> Verdict:
    if not call.reads or not call.mode(Mode.AUTO_RETRY) or call.error in {ErrorCode.SYSCALL, ErrorCode.SSL}:
        return Verdict.OUTSIDE
    return kept(call.error is not ErrorCode.WANT_READ or not call.transport.left)


# -- SSL_shutdown(3) -----------------------------------------------------------------------------


def _shuts(call: Observation) -> bool:
    """Whether it is the first SSL_shutdown() of an established connection, and no quiet one."""
    is_first = call.name == "shutdown" and not call.shut(Shutdown.SENT)
    return is_first and call.before.established and not call.quiet


@predicate("shutdown-alert")
def _shutdown_alert(call: Observation) -> Verdict:
    return kept(call.transport.sent > 0 or call.ret < 0) if _shuts(call) else Verdict.OUTSIDE


@predicate("shutdown-flag")
def _shutdown_flag(call: Observation) -> Verdict:
    return kept(bool(call.after.shutdown & Shutdown.SENT)) if call.name == "shutdown" else Verdict.OUTSIDE


@predicate("shutdown-zero")
def _shutdown_zero(call: Observation) -> Verdict:
    return used(call.ret == 0) if call.name == "shutdown" else Verdict.OUTSIDE


@predicate("write-after-shutdown")
def _write_after_shutdown(call: Observation) -> Verdict:
    return kept(not call.shut(Shutdown.SENT)) if call.writes and call.is_io else Verdict.OUTSIDE


@predicate("shutdown-after-fatal")
def _shutdown_after_fatal(call: Observation) -> Verdict:
    return kept(not call.fatal) if call.name == "shutdown" else Verdict.OUTSIDE


# -- SSL_read(3) ---------------------------------------------------------------------------------


@predicate("read-writes")
def _read_writes(call: Observation) -> Verdict:
    return used(call.transport.writes > 0) if call.reads and call.is_io else Verdict.OUTSIDE


@predicate("read-repeat")
def _read_repeat(call: Observation) -> Verdict:
    last = call.last
    repeats = call.reads and last is not None and last.name == call.name and last.wants
    return kept(last is not None and last.size == call.size) if repeats else Verdict.OUTSIDE
