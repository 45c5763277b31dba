"""A write on a closed connection: the pages of 0.9.6c to 1.0.2j and of 1.1.0 to 1.1.0c call 0 its answer.

The code answers -1, and sends what it is given after a close_notify of the peer's.
"""

from __future__ import annotations

from errno import ECONNRESET, EPIPE
from typing import TYPE_CHECKING

from emulator.constants import AlertDescription, ErrorCode, Shutdown, Want
from emulator.engine.manual.choice import CLOSED, CLOSED_CLEANLY
from emulator.engine.manual.clauses import CLEAN_CLOSE, CLOSED_CONNECTION
from emulator.error_queue import current

if TYPE_CHECKING:
    from emulator.engine.manual.decisions import Decisions
    from emulator.engine.ssl import SSL

_ERRNOS = (EPIPE, ECONNRESET)
_ZERO = "the result is 0, since the connection was closed"
_ZERO_RETURN = "the result is 0 with ZERO_RETURN, since the peer has closed the connection cleanly"


def answers_zero_return(s: SSL, decisions: Decisions) -> bool:
    """Whether the peer's close_notify is here, and the policy lets the write answer 0 for that."""
    if (
        not decisions.clauses.clean_close
        or s.shutdown & (Shutdown.RECEIVED | Shutdown.SENT) != Shutdown.RECEIVED
        or s.inp.warn_alert != AlertDescription.CLOSE_NOTIFY
        or s.out.wpend_tot
        or current().peek() is not None
        or not decisions.permits(CLEAN_CLOSE, "before-the-first-byte", CLOSED_CLEANLY)
    ):
        return False
    s.rwstate = Want.NOTHING
    s.errno = 0
    decisions.promise(CLEAN_CLOSE, _ZERO_RETURN, 0, ErrorCode.ZERO_RETURN)
    return True


def after_failure(s: SSL, decisions: Decisions, ret: int) -> int:
    """Return the answer of a write that failed with ``ret``: 0 if the policy says so of a closed one."""
    wbio = s.out.wbio
    if (
        ret == 0
        or not decisions.clauses.closed
        or s.errno not in _ERRNOS
        or s.rwstate != Want.WRITING
        or (wbio is not None and wbio.should_retry)
        or current().peek() is not None
        or not decisions.permits(CLOSED_CONNECTION, "after-the-failure", CLOSED)
    ):
        return ret
    decisions.promise(CLOSED_CONNECTION, _ZERO, 0, ErrorCode.SYSCALL)
    return 0
