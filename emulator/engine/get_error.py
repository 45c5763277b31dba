"""SSL_get_error(): the reason why a call did not succeed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.get_error import Look, WantGuard, ZeroReturn
from emulator.constants import AlertDescription, ErrorCode, Shutdown, Want
from emulator.engine.failure import crash
from emulator.error_queue import ERR_LIB_SYS, current

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import BIO
    from emulator.engine.ssl import SSL


def ssl_get_error(s: SSL, ret: int) -> ErrorCode:
    """SSL_get_error(): the release's looks in its order, until one has an answer; else SYSCALL."""
    if ret > 0:
        return ErrorCode.NONE
    if s.manual is not None and (permitted := s.manual.answered(ret)) is not None:
        return permitted
    for look in s.profile.get_error.order:
        answer = _LOOKS[look](s, ret)
        if answer is not None:
            return answer
    return ErrorCode.SYSCALL


def known_error(s: SSL, ret: int) -> ErrorCode | None:
    """SSL_get_error() for who only looks on: None where the real one would die of a BIO that is not there."""
    bio = s.inp.rbio if s.rwstate == Want.READING else s.out.wbio
    if ret <= 0 and bio is None and s.rwstate in (Want.READING, Want.WRITING) and not len(current()):
        return None
    return ssl_get_error(s, ret)


def _queue(_s: SSL, _ret: int) -> ErrorCode | None:
    oldest = current().peek()
    if oldest is None:
        return None
    return ErrorCode.SYSCALL if oldest.lib == ERR_LIB_SYS else ErrorCode.SSL


def _wants(s: SSL, ret: int, want: Want) -> bool:
    """``if ((i < 0) && SSL_want_read(s))`` and its like up to 1.1.0; 1.1.1 looks for ``i == 0``, too."""
    return s.rwstate == want and (ret < 0 or s.profile.get_error.want_guard is WantGuard.ANY)


def _reading(s: SSL, ret: int) -> ErrorCode | None:
    return _retried(s, s.inp.rbio) if _wants(s, ret, Want.READING) else None


def _writing(s: SSL, ret: int) -> ErrorCode | None:
    return _retried(s, s.out.wbio, write_first=True) if _wants(s, ret, Want.WRITING) else None


def _retried(s: SSL, bio: BIO | None, *, write_first: bool = False) -> ErrorCode | None:
    """The retry flags of a BIO decide: a read may wait for room to write, a write for bytes to read."""
    if bio is None:
        raise crash(s, "SIGSEGV", "SSL_get_error() asks a BIO that is not there for its retry flags")
    if bio.should_write and (write_first or not bio.should_read):
        return ErrorCode.WANT_WRITE
    return ErrorCode.WANT_READ if bio.should_read else None


def _plain(want: Want, code: ErrorCode) -> Callable[[SSL, int], ErrorCode | None]:
    """A look at SSL_want() alone."""
    return lambda s, ret: code if _wants(s, ret, want) else None


def _close_notify(s: SSL, ret: int) -> ErrorCode | None:
    # ``if (i == 0)`` up to 1.1.0; 1.1.1 drops the condition.
    closed = s.shutdown & Shutdown.RECEIVED and s.inp.warn_alert == AlertDescription.CLOSE_NOTIFY
    if closed and (ret == 0 or s.profile.get_error.zero_return is ZeroReturn.ANY):
        return ErrorCode.ZERO_RETURN
    return None


_LOOKS: dict[Look, Callable[[SSL, int], ErrorCode | None]] = {
    Look.QUEUE: _queue,
    Look.READING: _reading,
    Look.WRITING: _writing,
    Look.X509_LOOKUP: _plain(Want.X509_LOOKUP, ErrorCode.WANT_X509_LOOKUP),
    Look.RETRY_VERIFY: _plain(Want.RETRY_VERIFY, ErrorCode.WANT_RETRY_VERIFY),
    Look.ASYNC: _plain(Want.ASYNC_PAUSED, ErrorCode.WANT_ASYNC),
    Look.ASYNC_JOB: _plain(Want.ASYNC_NO_JOBS, ErrorCode.WANT_ASYNC_JOB),
    Look.CLIENT_HELLO_CB: _plain(Want.CLIENT_HELLO_CB, ErrorCode.WANT_CLIENT_HELLO_CB),
    Look.CLOSE_NOTIFY: _close_notify,
}
