"""Writing from 3.2: the record layer is an object of its own (ssl/record/methods).

ssl3_write_bytes() describes records and hands them over; tls_write_records() makes them, each in a buffer of
its own, and tls_retry_write_records() passes the buffers to the transport, one BIO_write() each.
ossl_tls_handle_rlayer_return() turns the layer's answer into SSL_write()'s.  The consequences are new:

* a retry is compared with the arguments of the whole call, not with those of the record that waits;
* an empty prefix record is a BIO_write() of its own, and comes before every record of application data;
* a failed write is no fatal error: the alert code that decides is that of the record layer that reads;
* BIO_write()'s 0 counts as success, the buffer stays, and the next records are refused because of it;
* an alert does not wait for an unfinished write, it is forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.write import BioZero, FailedWrite
from emulator.buffer import identify
from emulator.constants import (
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    AlertDescription,
    ContentType,
    InfoCallback,
    Mode,
    Want,
)
from emulator.engine.drive import drive_handshake
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.failure import fail
from emulator.engine.notices import tell_headers, tell_message, tell_record_made
from emulator.engine.sending.over_read import fragment_of
from emulator.engine.sending.state import AlertDispatch
from emulator.error_queue import current

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.sending.state import Sending
    from emulator.engine.ssl import SSL

_NOTHING, _WRITING = Want.NOTHING, Want.WRITING
_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_ALERT = int(ContentType.ALERT)
_NO_ALERT = AlertDispatch.NONE

_SUCCESS, _RETRY, _FATAL = 1, 0, -2
"""``OSSL_RECORD_RETURN_*``: the answers of the record layer."""


def write_bytes(s: SSL, kind: int, data: object, view: bytes | memoryview, length: int) -> int:
    """ssl3_write_bytes(): send ``length`` bytes of ``data`` as records of type ``kind``; C's answer."""
    out = s.out
    new = not (out.wnum or out.wpend_tot)
    if not new or s.in_init or out.alert_dispatch or length <= 0:
        done, tot = _before_loop(s, kind, data, length)
        if done:
            return tot
    else:
        s.rwstate = _NOTHING
        tot = 0
    n = length - tot
    most = out.fragment
    manual = s.manual
    while True:
        if manual is not None and tot and kind == _APPLICATION_DATA:
            ret = manual.between_records(tot)
            if ret <= 0:
                return ret
        count = 1
        if out.multiblock and n >= 4 * most and kind == _APPLICATION_DATA:
            if most & 0xFFF == 0:
                most -= 512  # against address aliasing, for the rest of the call (tls1_multiblock.c)
            count = 8 if n >= 8 * most else 4
        size = count * most if n >= count * most else n  # noqa: FURB136 - a call for every record
        try:
            ret = _write_records(s, out, kind, view, tot, size, count)
        except BaseException:
            _keep(s, kind, data if new else None, tot, size)  # the records have their numbers
            raise
        if ret != _SUCCESS:
            _keep(s, kind, data if new else None, tot, size)
            return handle_return(s, ret)
        if size == n or (kind == _APPLICATION_DATA and s.mode & Mode.ENABLE_PARTIAL_WRITE):
            return tot + size
        n -= size
        tot += size


def _before_loop(s: SSL, kind: int, data: object, length: int) -> tuple[bool, int]:
    """What comes before the records: (finished, the answer or the bytes of the call that are sent)."""
    out = s.out
    s.rwstate = _NOTHING
    tot = out.wnum
    if length < tot + out.wpend_tot:
        fail(s, AlertDescription.INTERNAL_ERROR, "SSL3_WRITE_BYTES", "BAD_LENGTH")
        return True, -1
    out.wnum = 0
    if s.in_init and not s.in_handshake and s.early_data_state is not EarlyDataState.UNAUTH_WRITING:
        ret = drive_handshake(s, "SSL3_WRITE_BYTES")
        if ret <= 0:
            return True, ret
    if out.wpend_tot:
        if not _is_same_call(s, kind, data, length):
            fail(s, AlertDescription.INTERNAL_ERROR, "TLS_WRITE_CHECK_PENDING", "BAD_WRITE_RETRY")
            return True, -1
        ret = handle_return(s, _retry_write_records(s))
        if ret <= 0:
            out.wnum = tot
            return True, ret
        tot += out.wpend_tot
        out.wpend_tot = 0
    if tot == length:
        return True, tot
    if out.alert_dispatch:
        ret = dispatch_alert(s)
        if ret <= 0:
            out.wnum = tot
            return True, ret
    return False, tot


def _is_same_call(s: SSL, kind: int, data: object, length: int) -> bool:
    """tls_write_check_pending(): whether the arguments are those of the call that is unfinished."""
    out = s.out
    if out.wpend_tot > length or out.wpend_type != kind:
        return False
    return bool(s.mode & Mode.ACCEPT_MOVING_WRITE_BUFFER) or out.wpend_address == identify(data)[0]


def _keep(s: SSL, kind: int, data: object | None, tot: int, size: int) -> None:
    """Keep the bytes that a stopped call has sent and those that wait, and ``data`` for its retries."""
    out = s.out
    if data is not None:
        _remember(s, kind, data)
    out.wnum = tot
    out.wpend_tot = size


def _remember(s: SSL, kind: int, data: object) -> None:
    """Remember the arguments of a call that has sent nothing yet, for tls_write_check_pending()."""
    out = s.out
    out.wpend_type = kind
    out.wpend_address = identify(data)[0]
    out.wpend_owner = data


# -- the record layer ---------------------------------------------------------------------------


def _write_records(
    s: SSL, out: Sending, kind: int, view: bytes | memoryview, start: int, size: int, count: int
) -> int:
    """tls_write_records(): ``count`` records out of ``size`` bytes; OSSL_RECORD_RETURN_*."""
    if out.waiting:
        s.put_error("TLS_WRITE_RECORDS", "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED")
        return _FATAL
    version = out.hello_version or s.version
    if version == TLS1_3_VERSION:
        version = TLS1_2_VERSION  # ``thistempl->version``, as RFC 8446 has it
    seal = out.writer.seal
    if count > 1:
        step = size // count
        ends = range(start, start + size, step)
        out.waiting = [b"".join(seal(kind, version, fragment_of(view, at, step)) for at in ends)]
        if out.on_record is not None:
            out.on_record(kind, fragment_of(view, start, step * count), bytes(out.waiting[0]))
        return _retry_write_records(s)
    fragment = view if start == 0 and size == len(view) else fragment_of(view, start, size)
    if out.need_empty_fragments and kind == _APPLICATION_DATA:
        prefix = seal(kind, version, b"")
        record = seal(kind, version, fragment)
        out.waiting = [prefix, record]
        tell_headers(s, prefix + record)
        if out.on_record is not None:
            out.on_record(kind, fragment, prefix + record)
        return _retry_write_records(s)
    record = seal(kind, version, fragment)
    if s.msg_callback is not None:
        tell_record_made(s, kind, record, version)
    if out.on_record is not None:
        out.on_record(kind, fragment, record)
    wbio = out.wbio
    if wbio is None:
        out.waiting = [record]
        return _retry_write_records(s)
    # The first turn of tls_retry_write_records()'s loop; as a rule the transport takes the whole record.
    s.errno = 0
    try:
        written = wbio.write(record)
    except BaseException:
        out.waiting = [record]
        raise
    if written == len(record):
        return _SUCCESS
    out.waiting = [record]
    return _taken_in_part(s, wbio, written)


def _retry_write_records(s: SSL) -> int:
    """tls_retry_write_records(): buffer after buffer to the transport, as OSSL_RECORD_RETURN_*."""
    out = s.out
    waiting = out.waiting
    while waiting:
        s.errno = 0
        wbio = out.wbio
        if wbio is None:
            s.put_error("TLS_RETRY_WRITE_RECORDS", "BIO_NOT_SET")
            return _FATAL
        written = wbio.write(waiting[0])
        if written == len(waiting[0]):
            del waiting[0]
        elif written > 0:
            waiting[0] = memoryview(waiting[0])[written:]
        else:
            return _not_taken(s, wbio, written)
    return _SUCCESS


def _taken_in_part(s: SSL, wbio: BIO, written: int) -> int:
    out = s.out
    if written <= 0:
        return _not_taken(s, wbio, written)
    out.waiting[0] = memoryview(out.waiting[0])[written:]
    return _retry_write_records(s)


def _not_taken(s: SSL, wbio: BIO, written: int) -> int:
    s.errno = wbio.errno
    if wbio.should_retry:
        return _RETRY
    # ``if (i == 0 && BIO_should_retry(rl->bio)) ret = OSSL_RECORD_RETURN_RETRY; else ... SUCCESS``
    if written == 0 and s.profile.write.bio_zero is BioZero.SUCCESS:
        return _SUCCESS
    # 3.5.4 also does ``ERR_raise_data(ERR_LIB_SYS, get_last_sys_error(), ...)``.
    if s.profile.write.failed_write is FailedWrite.SYSTEM_ERROR:
        current().put(s.errors.entry("TLS_RETRY_WRITE_RECORDS", s.errno, lib="SYS"))
    return _FATAL


def handle_return(s: SSL, ret: int) -> int:
    """ossl_tls_handle_rlayer_return() after a write: 1, or -1 with what SSL_want() says of it.

    ``s->rlayer.rrlmethod->get_alert_code(s->rlayer.rrl)``: the alert of the layer that reads makes it fatal.
    """
    inp = s.inp
    if ret == _RETRY:
        s.rwstate = _WRITING
        return -1
    s.rwstate = _NOTHING
    if ret == _SUCCESS:
        return 1
    if inp.read_alert is not None:
        fail(s, inp.read_alert, "OSSL_TLS_HANDLE_RLAYER_RETURN", "RECORD_LAYER_FAILURE")
    return -1


# -- alerts -------------------------------------------------------------------------------------


def dispatch_alert(s: SSL) -> int:
    """ssl3_dispatch_alert(): write the queued alert; see above for one that meets an unfinished write."""
    out = s.out
    if out.wpend_tot:
        return _dispatch_again(s)
    data = bytes(out.send_alert)
    ret = handle_return(s, _write_records(s, out, _ALERT, data, 0, len(data), 1))
    if ret <= 0:
        out.alert_dispatch = AlertDispatch.RETRY
        out.wpend_tot = len(data)
        _remember(s, _ALERT, out.alert_buffer)
        return ret
    if out.wbio is not None and out.wbio.flush() <= 0 and out.wbio.errno:
        s.errno = out.wbio.errno  # ``(void)``: only errno shows that the flush failed
    out.alert_dispatch = _NO_ALERT
    tell_message(s, _ALERT, data, sent=True)
    s.notify(InfoCallback.ALERT | InfoCallback.WRITE, out.send_alert[0] << 8 | out.send_alert[1])
    return ret


def _dispatch_again(s: SSL) -> int:
    """A queued alert while a write is unfinished: go on with the alert's own record, or forget the alert."""
    out = s.out
    if out.alert_dispatch != AlertDispatch.RETRY:
        out.alert_dispatch = _NO_ALERT
        return -1
    if handle_return(s, _retry_write_records(s)) <= 0:
        return -1
    out.wpend_tot = 0
    out.alert_dispatch = _NO_ALERT
    return 1
