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
"""So many bytes lie before the header of a record, so that its body begins at a multiple of eight."""


def ssl3_read_n(s: SSL, n: int) -> bytes:
    """ssl3_read_n(): the next ``n`` bytes, at least one; b"" if they are not there: see ``inp.read_ret``."""
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
        chunk = rbio.read(n - len(have))
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
    """SSL_R_READ_BIO_NOT_SET, which is fatal where a refused retry of a write is, too: from 1.1.1 on."""
    if s.profile.write.after_bad_retry is AfterBadRetry.FATAL:
        refuse_record(s, AlertDescription.INTERNAL_ERROR, "SSL3_READ_N", "READ_BIO_NOT_SET")
    else:
        s.put_error("SSL3_READ_N", "READ_BIO_NOT_SET")
    return -1


def _read_failed(s: SSL, rbio: BIO) -> int:
    """What ssl3_read_n() answers when there is nothing to be had."""
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
    rule = s.profile.read.unexpected_eof
    if rule is UnexpectedEof.SILENT:
        return
    if rule is UnexpectedEof.ERROR_UNLESS_IGNORED and s.options & Option.IGNORE_UNEXPECTED_EOF:
        s.shutdown = Shutdown.RECEIVED  # SSL_set_shutdown(): that close_notify was sent is forgotten
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
            continue  # TLS 1.3 has dropped it
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
    """A record of SSLv2, or one that a check of its length may refuse; b"": see ``inp.read_ret``."""
    inp = s.inp
    rules = s.profile.record
    early = rules.encrypted_length_check is EncryptedLengthCheck.BEFORE_BODY
    limit = rules.encrypted_limit - (rules.compression_overhead if early else 0) + big_buffer_extra(s)
    inp.read_ret = -1
    if early and inp.rlength > limit:
        return _refuse_length(s)
    if not early and not _fits_buffer(s):
        return b""
    # Of a record of SSLv2 three bytes have come in the place of a header.
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
    """ssl3_read_n(): whether the buffer holds the body, behind the header and what aligns it.

    It need not: a record whose header was refused is read on with the next call.
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
