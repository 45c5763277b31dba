"""One record at a time up to 3.1: do_ssl3_write(), ssl3_write_pending(), ssl3_dispatch_alert().

The first and the last call each other, as in s3_pkt.c: a queued alert is written ahead of the next record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import AlertFlush
from emulator.behaviours.write import BioZero, ReleaseBuffers
from emulator.buffer import identify
from emulator.constants import (
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    AlertLevel,
    ContentType,
    InfoCallback,
    Mode,
    Want,
)
from emulator.engine.failure import crash, refuse_write
from emulator.engine.notices import tell_message, tell_record_made
from emulator.engine.sending.over_read import fragment_of
from emulator.engine.sending.state import AlertDispatch
from emulator.record.base import UnsealedError

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.sending.state import Sending
    from emulator.engine.ssl import SSL


_NOTHING, _WRITING = Want.NOTHING, Want.WRITING


def do_ssl3_write(s: SSL, kind: int, data: object, view: bytes | memoryview, start: int, n: int) -> int:
    """do_ssl3_write(): one record of ``n`` bytes of ``data`` from ``start``; the number sent, or <= 0.

    ``view`` shows the bytes of ``data``, the caller's object whose address a retry must repeat.
    """
    out = s.out
    if out.wpend_tot:  # ``if (s->s3->wbuf.left != 0) return(ssl3_write_pending(s,type,buf,len));``
        if out.record_pending():
            return ssl3_write_pending(s, kind, data, start, n)
        out.wpend_tot = 0
        out.wbuf_freed = False
    if out.alert_dispatch:
        ret = ssl3_dispatch_alert(s)
        if ret <= 0:
            return ret
        _check_buffer_after_alert(s, n)
    if not n:
        return 0
    writer = out.writer
    version = out.hello_version or s.version
    fragment = view if start == 0 and n == len(view) else fragment_of(view, start, n)
    if out.empty_fragment_done:
        record = writer.seal(kind, version, fragment)
    elif writer.is_null:
        # ``if (SSL_IS_TLS13(s)) version = TLS1_2_VERSION``, as RFC 8446 has it.
        record = writer.seal(kind, TLS1_2_VERSION if version == TLS1_3_VERSION else version, fragment)
    else:
        out.empty_fragment_done = True
        if out.need_empty_fragments and kind == ContentType.APPLICATION_DATA:
            # Both records are passed on in one BIO_write(); only the first record of a call has a prefix.
            prefix = writer.seal(kind, version, b"")
            record = prefix + writer.seal(kind, version, fragment)
        else:
            record = writer.seal(kind, version, fragment)
    if s.msg_callback is not None:
        tell_record_made(s, kind, record, TLS1_2_VERSION if version == TLS1_3_VERSION else version)
    if out.on_record is not None:
        out.on_record(kind, fragment, record)
    wbio = out.wbio
    if wbio is None or out.wbuf_freed:
        _keep(out, kind, data, start, n, record)
        return flush_record(s)
    # The first turn of flush_record()'s loop; as a rule the transport takes the whole record.
    s.errno = 0
    s.rwstate = _WRITING
    try:
        written = wbio.write(record)
    except BaseException:
        _keep(out, kind, data, start, n, record)  # it has its number: nothing may be sent before it
        raise
    if written == len(record):
        s.rwstate = _NOTHING
        return n
    _keep(out, kind, data, start, n, record)
    if written <= 0:
        return _refused(s, wbio, written)
    out.wbuf = memoryview(record)[written:]
    return flush_record(s)


def _keep(out: Sending, kind: int, data: object, start: int, n: int, record: bytes) -> None:
    """Keep a record that waits, and the arguments that the retry which finishes it must repeat."""
    out.wbuf = record
    out.wpend_tot = out.wpend_ret = n
    out.wpend_type = kind
    remember(out, data, start)


def remember(out: Sending, data: object, start: int) -> None:
    """``s->s3->wpend_buf``: the address that a retry must repeat; the object that has it stays alive."""
    out.wpend_address = identify(data)[0] + start
    out.wpend_owner = data


def ssl3_write_pending(s: SSL, kind: int, data: object, start: int, n: int) -> int:
    """ssl3_write_pending(): finish the record that waits, if the arguments are those of its call."""
    out = s.out
    if (
        out.wpend_tot > n
        or out.wpend_type != kind
        or (not s.mode & Mode.ACCEPT_MOVING_WRITE_BUFFER and out.wpend_address != identify(data)[0] + start)
    ):
        return refuse_write(s, "SSL3_WRITE_PENDING", "BAD_WRITE_RETRY")
    return flush_record(s)


def flush_record(s: SSL) -> int:
    """The loop of ssl3_write_pending(): BIO_write() until the record is gone or refused."""
    out = s.out
    while True:
        s.errno = 0
        wbio = out.wbio
        if wbio is None:
            return refuse_write(s, "SSL3_WRITE_PENDING", "BIO_NOT_SET")
        if out.wbuf_freed:
            # A multiblock write freed its buffer after a hard error and left ``wb->left`` behind.
            raise crash(s, "SIGSEGV", "retry of a multiblock write whose buffer was freed")
        s.rwstate = _WRITING
        written = wbio.write(out.wbuf)
        if written == len(out.wbuf):
            out.wbuf = b""
            out.wpend_tot = 0
            out.wpend_owner = None
            s.rwstate = _NOTHING
            return out.wpend_ret
        if written <= 0:
            return _refused(s, wbio, written)
        out.wbuf = memoryview(out.wbuf)[written:]


def _refused(s: SSL, wbio: BIO, written: int) -> int:
    s.errno = wbio.errno
    # ``return (i);`` but for 1.1.0c: ``return -1;``.
    if written == 0 and s.profile.write.bio_zero is BioZero.MINUS_ONE:
        return -1
    return written


def _check_buffer_after_alert(s: SSL, n: int) -> None:
    """CVE-2014-0198: with SSL_MODE_RELEASE_BUFFERS the alert's record has freed the buffer of this one."""
    # 1.0.0m and 1.0.1h call ssl3_setup_write_buffer() after the alert; before them ``wb->buf`` is NULL here.
    if (
        n
        and s.profile.write.release_buffers is ReleaseBuffers.AFTER_EACH_RECORD
        and s.mode & Mode.RELEASE_BUFFERS
    ):
        raise crash(s, "SIGSEGV", "SSL_MODE_RELEASE_BUFFERS freed the buffer after an alert")


# -- alerts -------------------------------------------------------------------------------------


def ssl3_dispatch_alert(s: SSL) -> int:
    """ssl3_dispatch_alert(): write the queued alert; it stays queued if the transport refuses."""
    out = s.out
    out.alert_dispatch = AlertDispatch.NONE
    level, description = out.send_alert
    data = bytes(out.send_alert)
    try:
        ret = do_ssl3_write(s, ContentType.ALERT, out.alert_buffer, data, 0, len(data))
    except UnsealedError:
        ret = -1
    if ret <= 0:
        out.alert_dispatch = AlertDispatch.PENDING
        return ret
    wbio = out.wbio
    # ``if (s->s3->send_alert[0] == SSL3_AL_FATAL) (void)BIO_flush(s->wbio);``; 1.1.1 drops the condition.
    flushes = level == AlertLevel.FATAL or s.profile.machine.alert_flush is AlertFlush.EVERY
    if wbio is not None and flushes and wbio.flush() <= 0 and wbio.errno:
        s.errno = wbio.errno  # ``(void)``: only errno shows that the flush failed
    tell_message(s, ContentType.ALERT, data, sent=True)
    s.notify(InfoCallback.ALERT | InfoCallback.WRITE, level << 8 | description)
    return ret
