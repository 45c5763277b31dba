"""SSL_get_error(): why a call did not succeed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.get_error import WantGuard, ZeroReturn
from emulator.constants import AlertDescription, ErrorCode, Shutdown, Want
from emulator.error_queue import current

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.ssl import SSL

ERR_LIB_SYS = 2


def ssl_get_error(s: SSL, ret: int) -> ErrorCode:
    """SSL_get_error(): looks at the oldest error of this thread, then at what the connection wants."""
    if ret > 0:
        return ErrorCode.NONE
    oldest = current().peek()
    if oldest is not None:
        return ErrorCode.SYSCALL if oldest.lib == ERR_LIB_SYS else ErrorCode.SSL
    rules = s.profile.get_error
    if ret < 0 or rules.want_guard is WantGuard.ANY:
        wanted = _wanted(s)
        if wanted is not None:
            return wanted
    closed = s.shutdown & Shutdown.RECEIVED and s.warn_alert == AlertDescription.CLOSE_NOTIFY
    if closed and (ret == 0 or rules.zero_return is ZeroReturn.ANY):
        return ErrorCode.ZERO_RETURN
    return ErrorCode.SYSCALL


def _wanted(s: SSL) -> ErrorCode | None:
    if s.rwstate == Want.READING:
        return _retried(s.rbio)
    if s.rwstate == Want.WRITING:
        return _retried(s.wbio, write_first=True)
    if s.rwstate == Want.X509_LOOKUP:
        return ErrorCode.WANT_X509_LOOKUP
    return None


def _retried(bio: BIO | None, *, write_first: bool = False) -> ErrorCode | None:
    """What the retry flags of a BIO ask for; it may be the opposite of what was expected."""
    if bio is None:
        return None
    if bio.should_write and (write_first or not bio.should_read):
        return ErrorCode.WANT_WRITE
    return ErrorCode.WANT_READ if bio.should_read else None
