"""The header of a record: its type, its version, its length, and their checks (ssl3_get_record())."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.read import ShortSslv2Hello
from emulator.behaviours.record import (
    FirstPacketFlag,
    ForeignProtocol,
    HeaderOrder,
    LengthLimit,
    PlainLengthCheck,
    VersionAdoption,
)
from emulator.constants import (
    SSL2_VERSION,
    SSL3_RT_HEADER_LENGTH,
    SSL3_VERSION_MAJOR,
    AlertDescription,
    ContentType,
    Option,
)
from emulator.engine.failure import refuse_record
from emulator.engine.notices import tell_header_read
from emulator.engine.receiving.tls13 import SSL3_RT_MAX_TLS13_ENCRYPTED_LENGTH, header_allowed

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

GET_RECORD = "SSL3_GET_RECORD"
"""The function that the errors of records name."""

_SSL2_MT_CLIENT_HELLO = 1
_MIN_SSL2_RECORD_LENGTH = 9
_SHORT_SSLV2_HELLO = {
    ShortSslv2Hello.HANDSHAKE_FAILURE: AlertDescription.HANDSHAKE_FAILURE,
    ShortSslv2Hello.DECODE_ERROR: AlertDescription.DECODE_ERROR,
}
_HTTP_REQUESTS = (b"GET ", b"POST ", b"HEAD ", b"PUT ")
_MAX_TLS13_LENGTH = SSL3_RT_MAX_TLS13_ENCRYPTED_LENGTH
_NO_ALERT_TO_ALERT = (VersionAdoption.SAME_MAJOR_NO_ALERT_TO_ALERT, VersionAdoption.NO_ALERT_TO_ALERT)
_SHORTER_SSLV2_HEADER = SSL3_RT_HEADER_LENGTH - 2


def big_buffer_extra(s: SSL) -> int:
    """SSL_OP_MICROSOFT_BIG_SSLV3_BUFFER adds SSL3_RT_MAX_EXTRA bytes to every limit; from 1.1.0 none."""
    return s.profile.record.big_buffer_extra if s.options & Option.MICROSOFT_BIG_SSLV3_BUFFER else 0


def take_header(s: SSL) -> bool:
    """Take type, version and length out of ``s.inp.packet``; False where they are refused."""
    inp = s.inp
    packet = inp.packet
    if inp.first_record and s.server and _is_sslv2_hello(s, packet):
        return _take_sslv2_header(s, packet)
    if s.msg_callback is not None:
        tell_header_read(s, packet)
    inp.rtype = packet[0]
    inp.rversion = version = packet[1] << 8 | packet[2]
    inp.rlength = packet[3] << 8 | packet[4]
    if inp.first_packet:
        # ``if (s->first_packet) s->first_packet=0;`` in 0.9.6 and 0.9.7; from 0.9.7m and 0.9.8e
        # ssl3_get_server_hello() and ssl3_get_client_hello() clear it.
        if s.profile.record.first_packet_flag is FirstPacketFlag.CLEARED:
            inp.first_packet = False
    elif version != s.version or s.is_tls13:
        if not s.is_tls13 and not s.awaits_second_hello():
            return _wrong_version(s, version)
        if version >> 8 == SSL3_VERSION_MAJOR or _is_record_layers(s):
            usual = inp.rlength <= _MAX_TLS13_LENGTH and version != SSL2_VERSION
            return header_allowed(s) if usual else _check_tls13_header(s, version)
    if version >> 8 != SSL3_VERSION_MAJOR:
        return _foreign_protocol(s, packet)
    return inp.rlength <= inp.usual_length or _check_unusual_length(s)


def _check_tls13_header(s: SSL, version: int) -> bool:
    """A header that names SSLv2, or a record longer than TLS 1.3 allows."""
    if not _has_room(s, version) or not header_allowed(s):
        return False
    return s.inp.rlength <= _MAX_TLS13_LENGTH or _check_long_length(s)


def _is_record_layers(s: SSL) -> bool:
    """From 3.2 tls13_validate_record_header() compares with TLS1_2_VERSION, whatever the major version is."""
    return s.inp.reader.tls13 and s.profile.record.header_order is HeaderOrder.LENGTH_FIRST


def _check_long_length(s: SSL) -> bool:
    """A record longer than TLS 1.3 allows: the limit of the buffer, a little above, is checked first."""
    if not _check_length(s):
        return False
    if s.is_tls13:
        encrypted_too_long(s)
    return not s.is_tls13


def _is_sslv2_hello(s: SSL, packet: bytes) -> bool:
    """``if (s->first_packet && s->server && ... (sslv2len & 0x8000) && (type == SSL2_MT_CLIENT_HELLO))``."""
    recognised = s.profile.record.foreign_protocol is ForeignProtocol.RECOGNISED
    return recognised and packet[0] & 0x80 != 0 and packet[2] == _SSL2_MT_CLIENT_HELLO


def _take_sslv2_header(s: SSL, packet: bytes) -> bool:
    """The first record may be a V2ClientHello from 1.1.0; up to 1.0.2 ssl23_get_client_hello() reads it."""
    inp = s.inp
    inp.rtype = ContentType.HANDSHAKE
    inp.rversion = SSL2_VERSION
    inp.rlength = (packet[0] & 0x7F) << 8 | packet[1]
    if not _check_length(s, _SHORTER_SSLV2_HEADER):
        return False
    # ``al = SSL_AD_HANDSHAKE_FAILURE`` in 1.1.0, SSL_AD_DECODE_ERROR from 1.1.1.
    if inp.rlength < _MIN_SSL2_RECORD_LENGTH:
        refuse_record(s, _SHORT_SSLV2_HELLO[s.profile.read.short_sslv2_hello], GET_RECORD, "LENGTH_TOO_SHORT")
        return False
    return True


def _wrong_version(s: SSL, version: int) -> bool:
    if not _has_room(s, version):
        return False
    # "Send back error using their minor version number": ``s->version=version`` in 0.9.6 and 0.9.7; with
    # ``(s->version & 0xFF00) == (version & 0xFF00)`` from 0.9.8n; with ``&& !s->enc_write_ctx &&
    # !s->write_hash`` from 1.0.1f; with ``if (rr->type == SSL3_RT_ALERT) goto err;`` from 1.0.1n.
    adoption = s.profile.record.version_adoption
    same_major = (s.version ^ version) & 0xFF00 == 0
    unprotected = s.out.writer.is_null
    if adoption in _NO_ALERT_TO_ALERT and same_major and unprotected:
        if s.inp.rtype == ContentType.ALERT:
            refuse_record(s, None, GET_RECORD, "WRONG_VERSION_NUMBER")
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
    refuse_record(s, AlertDescription.PROTOCOL_VERSION, GET_RECORD, "WRONG_VERSION_NUMBER")
    return False


def _has_room(s: SSL, version: int) -> bool:
    """From 3.2 tls_get_more_records() checks the length ahead of the version: whether the record fits."""
    if s.profile.record.header_order is HeaderOrder.VERSION_FIRST:
        return True
    if version == SSL2_VERSION:
        refuse_record(s, AlertDescription.PROTOCOL_VERSION, GET_RECORD, "WRONG_VERSION_NUMBER")
        return False
    return _check_length(s)


def _foreign_protocol(s: SSL, packet: bytes) -> bool:
    inp = s.inp
    if not _has_room(s, inp.rversion):
        return False
    # From 1.1.0: ``if (RECORD_LAYER_is_first_record(&s->rlayer)) { ... strncmp("GET ", (char *)p, 4) == 0``.
    alert = None
    reason = "WRONG_VERSION_NUMBER"
    if s.profile.record.foreign_protocol is ForeignProtocol.RECOGNISED:
        if not inp.first_record:
            alert = AlertDescription.PROTOCOL_VERSION
        elif packet.startswith(_HTTP_REQUESTS):
            reason = "HTTP_REQUEST"
        elif packet.startswith(b"CONNE"):
            reason = "HTTPS_PROXY_REQUEST"
    refuse_record(s, alert, GET_RECORD, reason)
    return False


def _check_length(s: SSL, more: int = 0) -> bool:
    """Whether the record is not too long; ``more``: so many bytes the header is shorter than usual."""
    # ``rr->length > SSL3_RT_MAX_ENCRYPTED_LENGTH+extra`` up to 0.9.8, ``> s->s3->rbuf.len -
    # SSL3_RT_HEADER_LENGTH`` from 1.0.0.
    rules = s.profile.record
    if rules.length_limit is LengthLimit.ENCRYPTED:
        limit = rules.encrypted_limit
    else:
        limit = rules.buffer_limit
        if not s.options & Option.NO_COMPRESSION:
            limit += rules.compression_overhead
    if s.inp.rlength > limit + big_buffer_extra(s) + more:
        refuse_record(s, AlertDescription.RECORD_OVERFLOW, GET_RECORD, "PACKET_LENGTH_TOO_LONG")
        return False
    return True


def _check_unusual_length(s: SSL) -> bool:
    """The checks of a length that is above the usual."""
    if not _check_length(s):
        return False
    # From 3.2 tls_any_validate_record_header() has ``rec->length > SSL3_RT_MAX_PLAIN_LENGTH``.
    if s.inp.reader.is_null and s.profile.record.plain_length_check is PlainLengthCheck.BEFORE_BODY:
        refuse_record(s, AlertDescription.RECORD_OVERFLOW, GET_RECORD, "DATA_LENGTH_TOO_LONG")
        return False
    return True


def encrypted_too_long(s: SSL) -> None:
    """Refuse a record that is longer than the protocol allows a protected one to be."""
    refuse_record(s, AlertDescription.RECORD_OVERFLOW, GET_RECORD, "ENCRYPTED_LENGTH_TOO_LONG")
