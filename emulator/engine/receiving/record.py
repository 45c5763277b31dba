"""One record at a time from the transport: ssl3_read_n() and the first half of ssl3_get_record()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.read import FailedRead, UnexpectedEof
from emulator.behaviours.record import (
    EmptyRecords,
    EncryptedLengthCheck,
    LengthLimit,
)
from emulator.behaviours.write import AfterBadRetry
from emulator.constants import (
    SSL2_VERSION,
    SSL3_RT_HEADER_LENGTH,
    AlertDescription,
    Option,
    Shutdown,
    Want,
)
from emulator.engine.failure import fail, refuse_record
from emulator.engine.receiving.header import GET_RECORD, big_buffer_extra, encrypted_too_long, take_header
from emulator.engine.receiving.opening import open_record
from emulator.engine.receiving.state import BODY, HEADER

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.ssl import SSL

_SSL2_RT_HEADER_LENGTH = 2


_NOTHING, _READING = Want.NOTHING, Want.READING
_ALIGNMENT = 3
"""SSL3_ALIGN_PAYLOAD: so many bytes lie before a header, for the body to begin at a multiple of eight."""


def ssl3_read_n(s: SSL, n: int) -> bytes:
    """ssl3_read_n(): the next ``n`` bytes, ``n`` > 0; b"" if there are fewer: ``inp.read_ret`` says why."""
    inp = s.inp
    have = inp.rleft
    while len(have) < n:
        s.errno = 0
        rbio = inp.rbio
        if rbio is None:
            inp.rleft = have
            inp.read_ret = _refuse_to_read(s)
            return b""
        s.rwstate = _READING
        try:
            chunk = rbio.read(n - len(have))
        except BaseException:
            inp.rleft = have  # the bytes that came before stay
            raise
        if not chunk:
            inp.rleft = have
            s.errno = rbio.errno
            inp.read_ret = _read_failed(s, rbio)
            return b""
        have = have + chunk if have else chunk
        s.rwstate = _NOTHING
    if len(have) == n:
        inp.rleft = b""
        return have
    inp.rleft = have[n:]
    return have[:n]


def _refuse_to_read(s: SSL) -> int:
    """``s->rbio == NULL``: SSLerr() up to 1.1.0, SSLfatal() from 1.1.1; -1."""
    if s.profile.write.after_bad_retry is AfterBadRetry.FATAL:
        refuse_record(s, AlertDescription.INTERNAL_ERROR, "SSL3_READ_N", "READ_BIO_NOT_SET")
    else:
        s.put_error("SSL3_READ_N", "READ_BIO_NOT_SET")
    return -1


def _read_failed(s: SSL, rbio: BIO) -> int:
    """The answer of ssl3_read_n() if BIO_read() gives nothing."""
    # Up to 3.1 ``return i;``, as BIO_read() answered.  From 3.2 OSSL_RECORD_RETURN_RETRY, _EOF or _FATAL, of
    # which ossl_tls_handle_rlayer_return() makes -1, 0 and -1.
    retry = rbio.should_retry
    ended = not retry and rbio.eof()
    judged = s.profile.read.failed_read is FailedRead.JUDGED
    if judged and not retry:
        s.rwstate = _NOTHING
    if ended:
        _unexpected_end(s)
    if judged:
        return 0 if ended else -1
    return rbio.ret


def _unexpected_end(s: SSL) -> None:
    """The end of the transport without close_notify."""
    # 1.1.1e: ``if (ret <= 0 && !BIO_should_retry(s->rbio) && BIO_eof(s->rbio)) SSLfatal(...)``.  1.1.1f takes
    # it back; 3.0 brings it again, with SSL_OP_IGNORE_UNEXPECTED_EOF.
    rule = s.profile.read.unexpected_eof
    if rule is UnexpectedEof.SILENT:
        return
    if rule is UnexpectedEof.ERROR_UNLESS_IGNORED and s.options & Option.IGNORE_UNEXPECTED_EOF:
        s.shutdown = Shutdown.RECEIVED  # SSL_set_shutdown(): SSL_SENT_SHUTDOWN is cleared
        s.inp.warn_alert = AlertDescription.CLOSE_NOTIFY
    else:
        fail(s, AlertDescription.DECODE_ERROR, "SSL3_READ_N", "UNEXPECTED_EOF_WHILE_READING")


def ssl3_get_record(s: SSL) -> int:
    """ssl3_get_record(): the next record, opened, in ``inp.rtype`` and ``inp.rdata``; 1, or <= 0."""
    inp = s.inp
    empty = 0
    while True:
        if inp.rstate != BODY or len(inp.packet) < SSL3_RT_HEADER_LENGTH:
            inp.packet = b""
            packet = ssl3_read_n(s, SSL3_RT_HEADER_LENGTH)
            if not packet:
                return inp.read_ret
            inp.packet = packet
            inp.rstate = BODY
            if not take_header(s):
                return -1
        length = inp.rlength
        if length > inp.usual_length or inp.rversion == SSL2_VERSION:
            body = _read_unusual_body(s)
        else:
            body = ssl3_read_n(s, length) if length else b""
        if not body and length:
            return inp.read_ret
        inp.rstate = HEADER
        if not open_record(s, body):
            return -1
        if inp.rlength:
            inp.empty_record_count = 0
            return 1
        if inp.rread:
            continue  # ``thisrr->read = 1``: TLS 1.3 has dropped it
        # ``if (rr->length == 0) goto again;``, at most MAX_EMPTY_RECORDS (32) a call from 0.9.8zc, 1.0.0o and
        # 1.0.1j.  From 1.1.0 the count is the connection's, and the record is handed on.
        rules = s.profile.record
        if rules.empty_records is EmptyRecords.LIMITED:
            return _count_empty(s)
        inp.rread = True
        empty += 1
        if rules.empty_records is EmptyRecords.LIMITED_PER_CALL and empty > rules.max_empty_records:
            refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, GET_RECORD, "RECORD_TOO_SMALL")
            return -1


def _count_empty(s: SSL) -> int:
    inp = s.inp
    inp.empty_record_count += 1
    if inp.empty_record_count > s.profile.record.max_empty_records:
        refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, GET_RECORD, "RECORD_TOO_SMALL")
        return -1
    return 1


# -- the body -----------------------------------------------------------------------------------


def _read_unusual_body(s: SSL) -> bytes:
    """The body of an SSLv2 record, or of one that a length check may refuse; b"": see ``inp.read_ret``."""
    inp = s.inp
    rules = s.profile.record
    # ``rr->length > SSL3_RT_MAX_ENCRYPTED_LENGTH`` comes behind ssl3_read_n() up to 1.1.0, before it later.
    early = rules.encrypted_length_check is EncryptedLengthCheck.BEFORE_BODY
    limit = rules.encrypted_limit - (rules.compression_overhead if early else 0) + big_buffer_extra(s)
    inp.read_ret = -1
    if early and inp.rlength > limit:
        return _refuse_length(s)
    if not early and not _fits_buffer(s):
        return b""
    # The header of an SSLv2 record has two bytes; three of the five that were read belong to the body.
    begun = inp.packet[_SSL2_RT_HEADER_LENGTH:] if inp.rversion == SSL2_VERSION else b""
    body = ssl3_read_n(s, inp.rlength - len(begun))
    if not body:
        return b""
    inp.rstate = HEADER
    if not early and inp.rlength > limit:
        inp.read_ret = -1
        return _refuse_length(s)
    return begun + body


def _refuse_length(s: SSL) -> bytes:
    encrypted_too_long(s)
    return b""


def _fits_buffer(s: SSL) -> bool:
    """``if (n > (int)(rb->len - rb->offset))``: whether the buffer has room for the body.

    It may not: the next call reads on in a record whose header was refused.
    """
    rules = s.profile.record
    if rules.length_limit is LengthLimit.ENCRYPTED:
        room = rules.encrypted_limit
    else:
        room = rules.buffer_limit - _ALIGNMENT
        if not s.options & Option.NO_COMPRESSION:
            room += rules.compression_overhead
    if s.inp.rlength <= room + big_buffer_extra(s):
        return True
    s.put_error("SSL3_READ_N", s.profile.machine.internal_error)
    return False
