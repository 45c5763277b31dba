"""One record at a time to the transport: do_ssl3_write(), ssl3_write_pending(), and alerts.

Data and alerts call each other here as they do in s3_pkt.c: an alert that waits goes out ahead of the
next record, and a failure to write may itself be worth an alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import (
    AlertAfterClose,
    AlertFlush,
    ErrorStyle,
    FatalAlert,
    FatalAlertSession,
)
from emulator.behaviours.read import RefusedRecordEntries
from emulator.behaviours.write import AfterBadRetry, BioZero, FreedBuffer, ReleaseBuffers
from emulator.buffer import Buffer, identify
from emulator.constants import (
    SSL3_RT_INNER_CONTENT_TYPE,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    AlertDescription,
    AlertLevel,
    ContentType,
    InfoCallback,
    Mode,
    Shutdown,
    Want,
)
from emulator.engine.alerts import AlertDispatch, alert_code
from emulator.engine.notices import tell_headers
from emulator.engine.over_read import crash, fragment_of
from emulator.engine.tls13_version import treats_as_tls13
from emulator.record.tls13 import Tls13Writer

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.ssl import SSL
    from emulator.record import RecordWriter


_NOTHING, _WRITING = Want.NOTHING, Want.WRITING


def fail(s: SSL, alert: AlertDescription | None, function: str, reason: str | int) -> None:
    """A fatal error of the library: an entry, the fatal alert (None: no alert), and what state is left.

    To 1.1.0 this is SSLerr() and ``goto f_err``; from 1.1.1 SSLfatal(), which speaks only once.
    """
    s.put_error(function, reason)
    if s.profile.machine.error_style is ErrorStyle.STATE:
        machine = s.running()
        if s.in_init and machine.in_error():
            return
        machine.set_error()
    if alert is not None:
        ssl3_send_alert(s, AlertLevel.FATAL, alert)


def refuse_record(s: SSL, alert: AlertDescription | None, function: str, reason: str | int) -> None:
    """A record that cannot be taken: fail(), or from 3.2 RLAYERfatal() and what is made of it.

    There the record layer keeps the alert, and ossl_tls_handle_rlayer_return() makes a fatal error of it;
    without an alert the connection goes on.
    """
    if s.profile.read.refused_record_entries is RefusedRecordEntries.REASON:
        fail(s, alert, function, reason)
        return
    s.put_error(function, reason)
    s.rwstate = _NOTHING
    s.read_alert = alert
    if alert is not None:
        fail(s, alert, "OSSL_TLS_HANDLE_RLAYER_RETURN", "RECORD_LAYER_FAILURE")


def refuse_write(s: SSL, function: str, reason: str) -> int:
    """A retry that is refused: an entry, and to some releases the end of the connection."""
    if s.profile.write.after_bad_retry is AfterBadRetry.FATAL:
        fail(s, AlertDescription.INTERNAL_ERROR, function, reason)
    else:
        s.put_error(function, reason)
    return -1


# -- records ------------------------------------------------------------------------------------


def change_writer(s: SSL, writer: RecordWriter) -> None:
    """From now on records are sealed with this, padded as the connection is set to."""
    if isinstance(writer, Tls13Writer):
        writer.padding = s.record_padding
    s.writer = writer
    s.waiting = []  # from 3.2 a record layer takes its buffers with it
    s.tells_written = s.msg_callback is not None


def do_ssl3_write(s: SSL, kind: int, data: object, view: bytes | memoryview, start: int, n: int) -> int:
    """do_ssl3_write(): one record of ``n`` bytes of ``data`` from ``start``; the number sent, or <= 0.

    ``view`` shows the bytes of ``data``, the caller's object whose address a retry must repeat.
    """
    if s.wbuf_left:
        if record_pending(s):
            return ssl3_write_pending(s, kind, data, start, n)
        s.wbuf_left = 0
        s.wbuf_freed = False
    if s.alert_dispatch:
        ret = ssl3_dispatch_alert(s)
        if ret <= 0:
            return ret
        _check_buffer_after_alert(s, n)
    if not n:
        return 0
    writer = s.writer
    version = s.hello_version or s.version
    fragment = view if start == 0 and n == len(view) else fragment_of(view, start, n)
    if s.empty_fragment_done:
        record = writer.seal(kind, version, fragment)
    elif writer.is_null:
        # A record of TLS 1.3 says TLS 1.2.
        record = writer.seal(kind, TLS1_2_VERSION if version == TLS1_3_VERSION else version, fragment)
    else:
        s.empty_fragment_done = True
        if s.need_empty_fragments and kind == ContentType.APPLICATION_DATA:
            # Both records go out in one BIO_write(); only the first of a call has the empty one.
            prefix = writer.seal(kind, version, b"")
            record = prefix + writer.seal(kind, version, fragment)
        else:
            record = writer.seal(kind, version, fragment)
    if s.msg_callback is not None:
        tell_headers(s, record)
        if writer.tls13:
            s.msg_callback(True, s.version, SSL3_RT_INNER_CONTENT_TYPE, bytes([kind]))
    wbio = s.wbio
    if wbio is None or s.wbuf_freed:
        _keep(s, kind, data, start, n, record)
        return flush_record(s)
    # The first turn of flush_record()'s loop: as a rule the transport takes the whole record.
    s.errno = 0
    s.rwstate = _WRITING
    try:
        written = wbio.write(record)
    except BaseException:
        _keep(s, kind, data, start, n, record)  # it is made and numbered: nothing may go out before it
        raise
    if written == len(record):
        s.rwstate = _NOTHING
        return n
    _keep(s, kind, data, start, n, record)
    return _taken_in_part(s, written) if written > 0 else _refused(s, wbio, written)


def record_pending(s: SSL) -> bool:
    """RECORD_LAYER_write_pending(): whether a record waits, as alerts, renegotiation and KeyUpdates ask."""
    forgotten = s.wbuf_freed and s.profile.write.freed_buffer is FreedBuffer.FORGOTTEN
    return s.wbuf_left != 0 and not forgotten


def _keep(s: SSL, kind: int, data: object, start: int, n: int, record: bytes) -> None:
    """A record that waits: what of it is left, and what the retry that finishes it must look like."""
    s.wbuf = record
    s.wbuf_left = len(record)
    s.wpend_tot = s.wpend_ret = n
    s.wpend_type = kind
    remember(s, data, start)


def remember(s: SSL, data: object, start: int) -> None:
    """wpend_buf: the address that a retry must repeat, of an object that now stays alive."""
    s.wpend_address = identify(data)[0] + start
    s.wpend_owner = data


def ssl3_write_pending(s: SSL, kind: int, data: object, start: int, n: int) -> int:
    """ssl3_write_pending(): finish the record that waits, if these are the arguments of its call."""
    if (
        s.wpend_tot > n
        or s.wpend_type != kind
        or (not s.mode & Mode.ACCEPT_MOVING_WRITE_BUFFER and s.wpend_address != identify(data)[0] + start)
    ):
        return refuse_write(s, "SSL3_WRITE_PENDING", "BAD_WRITE_RETRY")
    return flush_record(s)


def flush_record(s: SSL) -> int:
    """The loop of ssl3_write_pending(): BIO_write() until the record is gone or refused."""
    while True:
        s.errno = 0
        wbio = s.wbio
        if wbio is None:
            return refuse_write(s, "SSL3_WRITE_PENDING", "BIO_NOT_SET")
        if s.wbuf_freed:
            # Multiblock freed its buffer after a hard error and left its length behind.
            raise crash(s, "SIGSEGV", "retry of a multiblock write whose buffer was freed")
        s.rwstate = _WRITING
        written = wbio.write(s.wbuf)
        if written == s.wbuf_left:
            s.wbuf = b""
            s.wbuf_left = 0
            s.wpend_owner = None
            s.rwstate = _NOTHING
            return s.wpend_ret
        if written <= 0:
            return _refused(s, wbio, written)
        _cut(s, written)


def _taken_in_part(s: SSL, written: int) -> int:
    _cut(s, written)
    return flush_record(s)


def _cut(s: SSL, written: int) -> None:
    s.wbuf = memoryview(s.wbuf)[written:]
    s.wbuf_left -= written


def _refused(s: SSL, wbio: BIO, written: int) -> int:
    s.errno = wbio.errno
    if written == 0 and s.profile.write.bio_zero is BioZero.MINUS_ONE:
        return -1
    return written


def _check_buffer_after_alert(s: SSL, n: int) -> None:
    """CVE-2014-0198: the alert's record released the buffer that this record is about to be made in."""
    if (
        n
        and s.profile.write.release_buffers is ReleaseBuffers.AFTER_EACH_RECORD
        and s.mode & Mode.RELEASE_BUFFERS
    ):
        raise crash(s, "SIGSEGV", "SSL_MODE_RELEASE_BUFFERS freed the buffer after an alert")


# -- alerts -------------------------------------------------------------------------------------


def ssl3_send_alert(s: SSL, level: AlertLevel, description: int) -> int:
    """ssl3_send_alert(): queue an alert, and send it unless a record is in the way."""
    code = alert_code(s.version, description, method=_method_version(s), tls13=treats_as_tls13(s))
    if code is None:
        return -1
    if _closed(s) and code != AlertDescription.CLOSE_NOTIFY:
        return -1
    if level is AlertLevel.FATAL:
        _give_up(s)
    s.alert_dispatch = AlertDispatch.PENDING
    s.send_alert = (int(level), code)
    if s.alert_buffer is None:
        s.alert_buffer = Buffer(2)  # ``s->s3->send_alert``: one address for every alert of a connection
    s.alert_buffer.memory[:] = bytes(s.send_alert)
    return -1 if record_pending(s) else s.dispatch_alert(s)


def _method_version(s: SSL) -> int:
    """The version of ``s->method``: what was set or negotiated, whatever a record has claimed since."""
    return s.fixed_version or (s.hs.version if s.hs is not None else 0) or s.version


def _closed(s: SSL) -> bool:
    suppressed = s.profile.machine.alert_after_close is AlertAfterClose.SUPPRESSED
    return suppressed and s.shutdown & Shutdown.SENT != 0


def _give_up(s: SSL) -> None:
    """A fatal alert makes the session worthless; some releases give up the connection, too."""
    remove_session(s)
    if s.profile.machine.fatal_alert is FatalAlert.ERROR_STATE and s.machine is not None:
        s.machine.set_error()


def remove_session(s: SSL) -> None:
    """SSL_CTX_remove_session() of the connection's session."""
    cache, session = s.config.session_cache, s.hs.session if s.hs is not None else None
    if cache is None or session is None:
        return
    every = s.profile.machine.fatal_alert_session is FatalAlertSession.EVERY
    if every or cache.get(session.session_id) is session:
        cache.remove(session)


def ssl3_dispatch_alert(s: SSL) -> int:
    """ssl3_dispatch_alert(): the queued alert as a record; it stays queued if the transport refuses."""
    s.alert_dispatch = AlertDispatch.NONE
    level, description = s.send_alert
    assert s.alert_buffer is not None
    data = bytes(s.send_alert)
    ret = do_ssl3_write(s, ContentType.ALERT, s.alert_buffer, data, 0, len(data))
    if ret <= 0:
        s.alert_dispatch = AlertDispatch.PENDING
        return ret
    wbio = s.wbio
    flushes = level == AlertLevel.FATAL or s.profile.machine.alert_flush is AlertFlush.EVERY
    if wbio is not None and flushes and wbio.flush() <= 0 and wbio.errno:
        s.errno = wbio.errno  # the only trace of a flush that failed, which is nobody's concern
    if s.msg_callback is not None:
        s.msg_callback(True, s.version, ContentType.ALERT, data)
    s.notify(InfoCallback.ALERT | InfoCallback.WRITE, level << 8 | description)
    return ret
