"""SSL_write_early_data() and SSL_read_early_data()."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from emulator.constants import Mode, Want
from emulator.engine.calls import NO_WRITING, ssl_do_handshake, ssl_read, ssl_write
from emulator.engine.early_data.state import EarlyDataState
from emulator.handshake.common.state import EarlyData

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

_SHOULD_NOT = "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED"
_WRITE, _READ = "SSL_WRITE_EARLY_DATA", "SSL_READ_EARLY_DATA"


class ReadEarlyData(IntEnum):
    """The answers of SSL_read_early_data(3) (``SSL_READ_EARLY_DATA_*``)."""

    ERROR = 0
    SUCCESS = 1
    FINISH = 2
    """There is no early data, or no more of it."""


def write_ex(s: SSL, data: object, view: bytes | memoryview, num: int) -> bool:
    """SSL_write_ex(): whether the write succeeded; one of 0 bytes does, although SSL_write() answers 0."""
    ret = ssl_write(s, data, view, num)
    return ret > 0 or (ret == 0 and num == 0 and s.early_data_state not in NO_WRITING)


def ssl_write_early_data(s: SSL, data: object, view: bytes | memoryview, num: int) -> bool:
    """SSL_write_early_data(): a client's data ahead of the handshake, a server's ahead of Finished.

    It writes all or nothing: SSL_MODE_ENABLE_PARTIAL_WRITE is off for as long.
    """
    match s.early_data_state:
        case EarlyDataState.NONE | EarlyDataState.CONNECT_RETRY:
            return _connect(s) and _write_and_flush(s, data, view, num)
        case EarlyDataState.WRITE_RETRY:
            return _write_and_flush(s, data, view, num)
        case EarlyDataState.WRITE_FLUSH:
            return _flush(s)
        case EarlyDataState.FINISHED_READING | EarlyDataState.READ_RETRY:
            return _write_unauthenticated(s, data, view, num)
    s.put_error(_WRITE, _SHOULD_NOT)
    return False


def _connect(s: SSL) -> bool:
    if s.early_data_state is EarlyDataState.NONE and not _may_begin(s):
        s.put_error(_WRITE, _SHOULD_NOT)
        return False
    s.early_data_state = EarlyDataState.CONNECTING
    if ssl_do_handshake(s) <= 0:
        s.early_data_state = EarlyDataState.CONNECT_RETRY
        return False
    return True


def _may_begin(s: SSL) -> bool:
    """It is a client's first call, and the session allows early data."""
    if s.server or s.machine is None or not s.machine.in_before():
        return False
    session = s.hs.session
    return session is not None and session.max_early_data > 0


def _write_and_flush(s: SSL, data: object, view: bytes | memoryview, num: int) -> bool:
    s.early_data_state = EarlyDataState.WRITING
    partial = s.mode & Mode.ENABLE_PARTIAL_WRITE
    s.mode &= ~Mode.ENABLE_PARTIAL_WRITE
    try:
        ok = write_ex(s, data, view, num)
    finally:  # a callback or a transport may raise
        s.mode |= partial
    if not ok:
        s.early_data_state = EarlyDataState.WRITE_RETRY
        return False
    s.early_data_state = EarlyDataState.WRITE_FLUSH
    return _flush(s)


def _flush(s: SSL) -> bool:
    """statem_flush(): the early data is in the handshake's buffering BIO, which is still in place."""
    s.rwstate = Want.WRITING
    if s.out.wbio is None or s.out.wbio.flush() <= 0:
        s.errno = s.out.wbio.errno if s.out.wbio is not None else s.errno
        return False
    s.rwstate = Want.NOTHING
    s.early_data_state = EarlyDataState.WRITE_RETRY
    return True


def _write_unauthenticated(s: SSL, data: object, view: bytes | memoryview, num: int) -> bool:
    """A server writes to a client whose Finished has not come yet."""
    state = s.early_data_state
    s.early_data_state = EarlyDataState.UNAUTH_WRITING
    ok = write_ex(s, data, view, num)
    if ok and s.out.wbio is not None:  # ``(void)BIO_flush(s->wbio)``: the buffering BIO is still in place
        s.out.wbio.flush()
    s.early_data_state = state
    return ok


def ssl_read_early_data(s: SSL, n: int) -> ReadEarlyData:
    """SSL_read_early_data(): a server's first calls; the bytes are in ``s.inp.received``."""
    s.inp.received = b""
    if not s.server:
        s.put_error(_READ, _SHOULD_NOT)
        return ReadEarlyData.ERROR
    state = s.early_data_state
    if state is EarlyDataState.NONE and (s.machine is None or not s.machine.in_before()):
        s.put_error(_READ, _SHOULD_NOT)
        return ReadEarlyData.ERROR
    if state in (EarlyDataState.NONE, EarlyDataState.ACCEPT_RETRY):
        s.early_data_state = EarlyDataState.ACCEPTING
        if ssl_do_handshake(s) <= 0:
            s.early_data_state = EarlyDataState.ACCEPT_RETRY
            return ReadEarlyData.ERROR
    elif state is not EarlyDataState.READ_RETRY:
        s.put_error(_READ, _SHOULD_NOT)
        return ReadEarlyData.ERROR
    return _read(s, n)


def _read(s: SSL, n: int) -> ReadEarlyData:
    if s.hs.early_data is not EarlyData.ACCEPTED:
        s.early_data_state = EarlyDataState.FINISHED_READING
        return ReadEarlyData.FINISH
    s.early_data_state = EarlyDataState.READING
    ret = ssl_read(s, n)
    # EndOfEarlyData sets the state to FINISHED_READING (tls_process_end_of_early_data()).
    if ret <= 0 and s.early_data_state == EarlyDataState.FINISHED_READING:
        return ReadEarlyData.FINISH
    s.early_data_state = EarlyDataState.READ_RETRY
    return ReadEarlyData.SUCCESS if ret > 0 else ReadEarlyData.ERROR
