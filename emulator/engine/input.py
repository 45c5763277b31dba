"""One record at a time from the transport: ssl3_read_n() and the first half of ssl3_get_record()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.read import FailedRead, ShortSslv2Hello, UnexpectedEof
from emulator.behaviours.record import (
    EmptyRecords,
    EncryptedLengthCheck,
    FirstPacketFlag,
    ForeignProtocol,
    HeaderOrder,
    LengthLimit,
    PlainLengthCheck,
    VersionAdoption,
)
from emulator.behaviours.write import AfterBadRetry
from emulator.constants import (
    SSL2_VERSION,
    SSL3_RT_HEADER_LENGTH,
    SSL3_VERSION_MAJOR,
    AlertDescription,
    ContentType,
    Option,
    Shutdown,
    Want,
)
from emulator.engine.input13 import (
    SSL3_RT_MAX_TLS13_ENCRYPTED_LENGTH,
    header_allowed,
)
from emulator.engine.notices import tell_header_read
from emulator.engine.opening import big_buffer_extra, open_record
from emulator.engine.output import fail, refuse_record
from emulator.engine.ssl import BODY, HEADER, usual_length
from emulator.engine.tls13_version import awaits_second_hello

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.ssl import SSL
    from emulator.record import RecordReader

_FUNCTION = "SSL3_GET_RECORD"
_SSL2_MT_CLIENT_HELLO = 1
_SSL2_RT_HEADER_LENGTH = 2
_MIN_SSL2_RECORD_LENGTH = 9
_SHORT_SSLV2_HELLO = {
    ShortSslv2Hello.HANDSHAKE_FAILURE: AlertDescription.HANDSHAKE_FAILURE,
    ShortSslv2Hello.DECODE_ERROR: AlertDescription.DECODE_ERROR,
}
_HTTP_REQUESTS = (b"GET ", b"POST ", b"HEAD ", b"PUT ")


_MAX_TLS13_LENGTH = SSL3_RT_MAX_TLS13_ENCRYPTED_LENGTH
_NO_ALERT_TO_ALERT = (VersionAdoption.SAME_MAJOR_NO_ALERT_TO_ALERT, VersionAdoption.NO_ALERT_TO_ALERT)
_NOTHING, _READING = Want.NOTHING, Want.READING
_ALIGNMENT = 3
"""So many bytes lie before the header of a record, so that its body begins at a multiple of eight."""
_SHORTER_SSLV2_HEADER = SSL3_RT_HEADER_LENGTH - 2


def ssl3_read_n(s: SSL, n: int) -> int:
    """ssl3_read_n(): the next ``n`` bytes in ``s.fetched``; 1, or what BIO_read() answered."""
    have = s.rleft
    while len(have) < n:
        s.errno = 0
        rbio = s.rbio
        if rbio is None:
            s.rleft = have
            if s.profile.write.after_bad_retry is AfterBadRetry.FATAL:
                refuse_record(s, AlertDescription.INTERNAL_ERROR, "SSL3_READ_N", "READ_BIO_NOT_SET")
            else:
                s.put_error("SSL3_READ_N", "READ_BIO_NOT_SET")
            return -1
        s.rwstate = _READING
        chunk = rbio.read(n - len(have))
        if not chunk:
            s.rleft = have
            s.errno = rbio.errno
            return _read_failed(s, rbio)
        have = have + chunk if have else chunk
        s.rwstate = _NOTHING
    if len(have) == n:
        s.fetched = have
        s.rleft = b""
    else:
        s.fetched = have[:n]
        s.rleft = have[n:]
    return 1


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
        s.warn_alert = AlertDescription.CLOSE_NOTIFY
    else:
        fail(s, AlertDescription.DECODE_ERROR, "SSL3_READ_N", "UNEXPECTED_EOF_WHILE_READING")


def change_reader(s: SSL, reader: RecordReader) -> None:
    """From now on records are opened with this."""
    s.reader = reader
    s.tells_read = s.msg_callback is not None
    s.usual_length = usual_length(s.profile.record, plain=False)


def ssl3_get_record(s: SSL) -> int:
    """ssl3_get_record(): the next record, opened, in ``s.rtype`` and ``s.rdata``; 1, or <= 0."""
    empty = 0
    while True:
        if s.rstate != BODY or len(s.packet) < SSL3_RT_HEADER_LENGTH:
            s.packet = b""
            ret = ssl3_read_n(s, SSL3_RT_HEADER_LENGTH)
            if ret <= 0:
                return ret
            s.packet = s.fetched
            s.rstate = BODY
            if not _take_header(s):
                return -1
        ret = _read_body(s)
        if ret <= 0:
            return ret
        if not open_record(s):
            return -1
        if s.rlength:
            s.empty_record_count = 0
            return 1
        if s.rread:
            continue  # TLS 1.3 has dropped it
        rules = s.profile.record
        if rules.empty_records is EmptyRecords.LIMITED:
            return _count_empty(s)
        s.rread = True
        empty += 1
        if rules.empty_records is EmptyRecords.LIMITED_PER_CALL and empty > rules.max_empty_records:
            refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "RECORD_TOO_SMALL")
            return -1


def _count_empty(s: SSL) -> int:
    s.empty_record_count += 1
    if s.empty_record_count > s.profile.record.max_empty_records:
        refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "RECORD_TOO_SMALL")
        return -1
    return 1


# -- the header ---------------------------------------------------------------------------------


def _take_header(s: SSL) -> bool:
    packet = s.packet
    if s.first_record and s.server and _is_sslv2_hello(s, packet):
        return _take_sslv2_header(s, packet)
    if s.msg_callback is not None:
        tell_header_read(s, packet)
    s.rtype = packet[0]
    s.rversion = version = packet[1] << 8 | packet[2]
    s.rlength = packet[3] << 8 | packet[4]
    if s.first_packet:
        if s.profile.record.first_packet_flag is FirstPacketFlag.CLEARED:
            s.first_packet = False
    elif version != s.version or s.is_tls13:
        if not s.is_tls13 and not awaits_second_hello(s):
            return _wrong_version(s, version)
        if version >> 8 == SSL3_VERSION_MAJOR or _is_record_layers(s):
            usual = s.rlength <= _MAX_TLS13_LENGTH and version != SSL2_VERSION
            return header_allowed(s) if usual else _check_tls13_header(s, version)
    if version >> 8 != SSL3_VERSION_MAJOR:
        return _foreign_protocol(s, packet)
    return s.rlength <= s.usual_length or _check_unusual_length(s)


def _check_tls13_header(s: SSL, version: int) -> bool:
    """One that names SSLv2, or is longer than TLS 1.3 allows."""
    if not _has_room(s, version) or not header_allowed(s):
        return False
    return s.rlength <= _MAX_TLS13_LENGTH or _check_long_length(s)


def _is_record_layers(s: SSL) -> bool:
    """From 3.2 the record layer of TLS 1.3 knows one version alone; a wrong major one is nothing special."""
    return s.reader.tls13 and s.profile.record.header_order is HeaderOrder.LENGTH_FIRST


def _check_long_length(s: SSL) -> bool:
    """More than TLS 1.3 allows; the limit of the buffer, a little above, is looked at first."""
    if not _check_length(s):
        return False
    if s.is_tls13:
        _encrypted_too_long(s)
    return not s.is_tls13


def _is_sslv2_hello(s: SSL, packet: bytes) -> bool:
    recognised = s.profile.record.foreign_protocol is ForeignProtocol.RECOGNISED
    return recognised and packet[0] & 0x80 != 0 and packet[2] == _SSL2_MT_CLIENT_HELLO


def _take_sslv2_header(s: SSL, packet: bytes) -> bool:
    """The first record may be a V2ClientHello (from 1.1.0; before, ssl23_get_client_hello() takes it)."""
    s.rtype = ContentType.HANDSHAKE
    s.rversion = SSL2_VERSION
    s.rlength = (packet[0] & 0x7F) << 8 | packet[1]
    if not _check_length(s, _SHORTER_SSLV2_HEADER):
        return False
    if s.rlength < _MIN_SSL2_RECORD_LENGTH:
        refuse_record(s, _SHORT_SSLV2_HELLO[s.profile.read.short_sslv2_hello], _FUNCTION, "LENGTH_TOO_SHORT")
        return False
    return True


def _wrong_version(s: SSL, version: int) -> bool:
    if not _has_room(s, version):
        return False
    adoption = s.profile.record.version_adoption
    same_major = (s.version ^ version) & 0xFF00 == 0
    unprotected = s.writer.is_null
    if adoption in _NO_ALERT_TO_ALERT and same_major and unprotected:
        if s.rtype == ContentType.ALERT:
            refuse_record(s, None, _FUNCTION, "WRONG_VERSION_NUMBER")
            return False
        if adoption is VersionAdoption.SAME_MAJOR_NO_ALERT_TO_ALERT:
            s.version = version
    elif adoption is VersionAdoption.ALWAYS or (
        same_major
        and (
            adoption is VersionAdoption.SAME_MAJOR
            or (adoption is VersionAdoption.SAME_MAJOR_UNPROTECTED and unprotected)
        )
    ):
        s.version = version
    refuse_record(s, AlertDescription.PROTOCOL_VERSION, _FUNCTION, "WRONG_VERSION_NUMBER")
    return False


def _has_room(s: SSL, version: int) -> bool:
    """Where lengths come first: whether a record of a wrong version would at least fit."""
    if s.profile.record.header_order is HeaderOrder.VERSION_FIRST:
        return True
    if version == SSL2_VERSION:
        refuse_record(s, AlertDescription.PROTOCOL_VERSION, _FUNCTION, "WRONG_VERSION_NUMBER")
        return False
    return _check_length(s)


def _foreign_protocol(s: SSL, packet: bytes) -> bool:
    if not _has_room(s, s.rversion):
        return False
    alert = None
    reason = "WRONG_VERSION_NUMBER"
    if s.profile.record.foreign_protocol is ForeignProtocol.RECOGNISED:
        if not s.first_record:
            alert = AlertDescription.PROTOCOL_VERSION
        elif packet.startswith(_HTTP_REQUESTS):
            reason = "HTTP_REQUEST"
        elif packet.startswith(b"CONNE"):
            reason = "HTTPS_PROXY_REQUEST"
    refuse_record(s, alert, _FUNCTION, reason)
    return False


def _check_length(s: SSL, more: int = 0) -> bool:
    """Whether the buffer, or the protocol, allows a record as long; ``more`` for a header that is shorter."""
    rules = s.profile.record
    if rules.length_limit is LengthLimit.ENCRYPTED:
        limit = rules.encrypted_limit
    else:
        limit = rules.buffer_limit
        if not s.options & Option.NO_COMPRESSION:
            limit += rules.compression_overhead
    if s.rlength > limit + big_buffer_extra(s) + more:
        refuse_record(s, AlertDescription.RECORD_OVERFLOW, _FUNCTION, "PACKET_LENGTH_TOO_LONG")
        return False
    return True


def _check_unusual_length(s: SSL) -> bool:
    """The limits that a length above the usual may still exceed."""
    if not _check_length(s):
        return False
    if s.reader.is_null and s.profile.record.plain_length_check is PlainLengthCheck.BEFORE_BODY:
        refuse_record(s, AlertDescription.RECORD_OVERFLOW, _FUNCTION, "DATA_LENGTH_TOO_LONG")
        return False
    return True


# -- the body -----------------------------------------------------------------------------------


def _read_body(s: SSL) -> int:
    if s.rlength > s.usual_length or s.rversion == SSL2_VERSION:
        return _read_unusual_body(s)
    if s.rlength:
        ret = ssl3_read_n(s, s.rlength)
        if ret <= 0:
            return ret
        s.body = s.fetched
        s.fetched = b""  # or an idle connection would hold on to its last record
    else:
        s.body = b""
    s.rstate = HEADER
    return 1


def _read_unusual_body(s: SSL) -> int:
    rules = s.profile.record
    early = rules.encrypted_length_check is EncryptedLengthCheck.BEFORE_BODY
    limit = rules.encrypted_limit - (rules.compression_overhead if early else 0) + big_buffer_extra(s)
    if early and s.rlength > limit:
        return _encrypted_too_long(s)
    if not early and not _fits_buffer(s):
        return -1
    # Of a record of SSLv2 three bytes have come in the place of a header.
    begun = s.packet[_SSL2_RT_HEADER_LENGTH:] if s.rversion == SSL2_VERSION else b""
    ret = ssl3_read_n(s, s.rlength - len(begun))
    if ret <= 0:
        return ret
    s.body = begun + s.fetched
    s.fetched = b""
    s.rstate = HEADER
    if not early and s.rlength > limit:
        return _encrypted_too_long(s)
    return 1


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
    if s.rlength <= room + big_buffer_extra(s):
        return True
    s.put_error("SSL3_READ_N", s.profile.machine.internal_error)
    return False


def _encrypted_too_long(s: SSL) -> int:
    refuse_record(s, AlertDescription.RECORD_OVERFLOW, _FUNCTION, "ENCRYPTED_LENGTH_TOO_LONG")
    return -1
