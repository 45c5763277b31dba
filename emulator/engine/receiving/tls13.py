"""ssl3_get_record() in TLS 1.3: more checks of headers, records that are dropped, types inside records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.tls13 import InvalidChangeCipherSpec
from emulator.constants import (
    SSL3_RT_MAX_PLAIN_LENGTH,
    TLS1_2_VERSION,
    AlertDescription,
    ContentType,
)
from emulator.engine.early_data.count import CIPHERTEXT_OVERHEAD, early_data_count_ok
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.failure import refuse_record
from emulator.engine.notices import tell_dropped_change_cipher_spec, tell_inner_type_read
from emulator.handshake.common.state import HelloRetry

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

SSL3_RT_MAX_TLS13_ENCRYPTED_LENGTH = SSL3_RT_MAX_PLAIN_LENGTH + 256
_FUNCTION = "SSL3_GET_RECORD"
_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_HANDSHAKE = int(ContentType.HANDSHAKE)
_ALERT = int(ContentType.ALERT)
_CHANGE_CIPHER_SPEC = int(ContentType.CHANGE_CIPHER_SPEC)
_INNER_TYPES = (_APPLICATION_DATA, _HANDSHAKE, _ALERT)


def header_allowed(s: SSL) -> bool:
    """tls13_validate_record_header(): protected records have one type and one version; others are fatal."""
    inp = s.inp
    kind = inp.rtype
    if (kind == _APPLICATION_DATA and inp.rversion == TLS1_2_VERSION) or not inp.reader.tls13:
        return True
    if (
        kind != _APPLICATION_DATA
        and not (kind == _CHANGE_CIPHER_SPEC and s.first_handshake)
        and not (kind == _ALERT and inp.plain_alerts)
    ):
        refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "BAD_RECORD_TYPE")
        return False
    if inp.rversion != TLS1_2_VERSION:
        refuse_record(s, AlertDescription.DECODE_ERROR, _FUNCTION, "WRONG_VERSION_NUMBER")
        return False
    return True


def is_dummy_change_cipher_spec(s: SSL) -> bool:
    """A ChangeCipherSpec that middleboxes expect and that means nothing in TLS 1.3 (RFC 8446, D.4)."""
    if s.inp.rtype != _CHANGE_CIPHER_SPEC or not s.first_handshake:
        return False
    return s.is_tls13 or s.hs.hello_retry is not HelloRetry.NONE


def drop_change_cipher_spec(s: SSL, content: bytes) -> bool:
    """Drop a ChangeCipherSpec; too many in a row, counted with the empty records, are fatal."""
    inp = s.inp
    if content != b"\x01":
        refuse_record(s, _invalid_alert(s), _FUNCTION, "INVALID_CCS_MESSAGE")
        return False
    tell_dropped_change_cipher_spec(s, content)
    inp.rtype = _HANDSHAKE
    inp.empty_record_count += 1
    if inp.empty_record_count > s.profile.record.max_empty_records:
        refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "UNEXPECTED_CCS_MESSAGE")
        return False
    _drop(s)
    return True


def _invalid_alert(s: SSL) -> AlertDescription:
    """tls_get_more_records() passes SSL_AD_ILLEGAL_PARAMETER, from 3.4.0 on SSL_AD_UNEXPECTED_MESSAGE."""
    rules = s.profile.tls13
    if rules is not None and rules.invalid_change_cipher_spec is InvalidChangeCipherSpec.UNEXPECTED_MESSAGE:
        return AlertDescription.UNEXPECTED_MESSAGE
    return AlertDescription.ILLEGAL_PARAMETER


def _drop(s: SSL) -> None:
    """The record counts as read, so that the next one is read at once."""
    inp = s.inp
    inp.packet = b""
    inp.first_record = False
    inp.rdata = b""
    inp.rlength = 0
    inp.roff = 0
    inp.rread = True


def inner_allowed(s: SSL, kind: int, content: bytes) -> bool:
    """Take the type inside a record for the record's; refuse a wrong type, and too much early data."""
    if kind not in _INNER_TYPES:
        refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "BAD_RECORD_TYPE")
        return False
    s.inp.rtype = kind
    tell_inner_type_read(s, kind)
    if kind != _APPLICATION_DATA:
        return bool(content) or emptiness_allowed(s)
    size = len(content)
    if s.early_data_state is not EarlyDataState.READING or size > SSL3_RT_MAX_PLAIN_LENGTH:
        return True
    return early_data_count_ok(s, size, in_record=True)


def emptiness_allowed(s: SSL) -> bool:
    """A record without content may be application data, but no message and no alert."""
    if s.inp.rtype not in (_HANDSHAKE, _ALERT):
        return True
    refuse_record(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "BAD_LENGTH")
    return False


def skip_early_data(s: SSL, length: int) -> bool:
    """Drop early data that cannot be opened; the next record has number 0 again."""
    if not early_data_count_ok(s, length, CIPHERTEXT_OVERHEAD, in_record=True):
        return False
    _drop(s)
    s.inp.reader.reset_sequence()
    return True
