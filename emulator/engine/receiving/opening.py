"""The second half of ssl3_get_record(): decrypt and check a record, and leave its content to the readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.read import RefusedRecord
from emulator.behaviours.record import CipherErrors, RecordFailureKind
from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH, AlertLevel, ContentType
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.failure import refuse_record, ssl3_send_alert
from emulator.engine.receiving.header import big_buffer_extra
from emulator.engine.receiving.tls13 import (
    drop_change_cipher_spec,
    emptiness_allowed,
    inner_allowed,
    is_dummy_change_cipher_spec,
    skip_early_data,
)
from emulator.error_queue import ERR_put_error
from emulator.record import RecordFailure

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL
    from emulator.record import RecordReader

_CHANGE_CIPHER_SPEC = int(ContentType.CHANGE_CIPHER_SPEC)
_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_UNOPENED = (RecordFailureKind.PUBLIC_LENGTH, RecordFailureKind.CBC_TOO_SHORT)
_READING = EarlyDataState.READING
_TOO_SHORT = frozenset({RecordFailureKind.AEAD_EMPTY, RecordFailureKind.AEAD_TOO_SHORT})
_OF_THE_CIPHER = ("SSL3_ENC", "TLS1_ENC")
_OPENED = frozenset(
    {
        RecordFailureKind.BAD_MAC,
        RecordFailureKind.BAD_PADDING,
        RecordFailureKind.PADDING_TOO_LONG,
        RecordFailureKind.NO_ROOM_FOR_MAC,
    }
)
"""The failures that a cipher reports if it checks the MAC itself; others leave them to the record layer."""


def change_reader(s: SSL, reader: RecordReader) -> None:
    """change_cipher_state(): from now on records are opened with ``reader``."""
    s.inp.install(reader, tells_headers=s.msg_callback is not None)


def open_record(s: SSL, fragment: bytes) -> bool:
    """Decrypt and check a record's body: what ssl3_read_bytes() reads is then in ``inp.rdata``.

    False: refused.  A record that TLS 1.3 drops counts as read.
    """
    inp = s.inp
    reader = inp.reader
    if reader.is_null:
        if is_dummy_change_cipher_spec(s):
            return drop_change_cipher_spec(s, fragment)
        if s.is_tls13 and not fragment and not emptiness_allowed(s):
            return False
    elif not reader.tls13:
        version = s.hs.version if inp.mac_by_protocol else s.version
        try:
            fragment = reader.open(inp.rtype, version, fragment)
        except RecordFailure as failure:
            stitched = _is_stitched(s)
            left = fragment if failure.left is None or stitched else failure.left
            if stitched and failure.kind in _UNOPENED:
                reader.count_unopened()  # EVP_CTRL_AEAD_TLS1_AAD counts before tls1_enc() checks the length
            return _reject(s, failure.kind, left)
    elif inp.rtype == _APPLICATION_DATA:
        try:
            kind, fragment = reader.open_inner(_APPLICATION_DATA, inp.rversion, fragment)
        except RecordFailure as failure:
            return _skip_or_reject(s, failure.kind, fragment)
        if (
            kind != _APPLICATION_DATA or s.early_data_state is _READING or s.msg_callback is not None
        ) and not inner_allowed(s, kind, fragment):
            return False
    elif inp.rtype == _CHANGE_CIPHER_SPEC:
        return drop_change_cipher_spec(s, fragment)
    elif not fragment and not emptiness_allowed(s):  # an alert in plain, as the header's check allows
        return False
    size = len(fragment)
    if size > SSL3_RT_MAX_PLAIN_LENGTH and not _fits(s, fragment):
        return False
    if inp.on_record is not None:
        inp.on_record(inp.rtype, fragment)
    inp.packet = b""
    inp.first_record = False
    inp.rdata = fragment
    inp.rlength = size
    inp.roff = 0
    inp.rread = False
    return True


def _skip_or_reject(s: SSL, kind: RecordFailureKind, fragment: bytes) -> bool:
    if s.running().skips_early_data():
        return skip_early_data(s, len(fragment))
    return _reject(s, kind, fragment)


def _is_stitched(s: SSL) -> bool:
    """EVP_aes_*_cbc_hmac_sha*() opens the record, from 1.0.1: all in one step, which leaves it whole."""
    return s.inp.reader.stitchable and s.profile.build.assembler and s.profile.record.stitched_ciphers


def _fits(s: SSL, content: bytes) -> bool:
    size = len(content)
    rules = s.profile.record
    reader = s.inp.reader
    if not reader.is_null and reader.mac_size and not reader.encrypt_then_mac:
        # ``rr->length > SSL3_RT_MAX_COMPRESSED_LENGTH+extra+mac_size``; the mac_size is new in 0.9.8y, 1.0.0k
        # and 1.0.1d.
        limit = (
            rules.pre_mac_limit
            + big_buffer_extra(s)
            + (reader.mac_size if rules.pre_mac_limit_adds_mac else 0)
        )
        if size > limit:
            return _reject(s, RecordFailureKind.PRE_MAC_TOO_LONG, content)
    if size > SSL3_RT_MAX_PLAIN_LENGTH + big_buffer_extra(s):
        return _reject(s, RecordFailureKind.DATA_TOO_LONG, content)
    return True


def _reject(s: SSL, kind: RecordFailureKind, left: bytes) -> bool:
    inp = s.inp
    if inp.on_record is not None:
        inp.on_record(inp.rtype, None)
    rejection = s.profile.record.rejection(kind, s.version, stitched=_is_stitched(s))
    if s.out.writer.is_undefined and rejection.function in _OF_THE_CIPHER:
        return False  # the method's enc() would have reported it, and has another error on the queue
    # Up to 1.0.2 the next read finds ``rr->length`` and ``rr->data`` as the failed decryption has left them.
    if s.profile.read.refused_record is RefusedRecord.READABLE:
        inp.rdata, inp.rlength, inp.roff, inp.rread = left, len(left), 0, not left
    _tell_cipher_error(s, kind, stitched=_is_stitched(s))
    first, *others = rejection.alerts or (None,)
    refuse_record(s, first, rejection.function, rejection.reason)
    for alert in others:
        if alert is not None:
            ssl3_send_alert(s, AlertLevel.FATAL, alert)
    return False


# -- errors of the ciphers, from 3.0 ---------------------------------------------------------------


def _tell_cipher_error(s: SSL, kind: RecordFailureKind, *, stitched: bool) -> None:
    """From 3.0 the ciphers are a provider's, and report a record that they cannot open: library PROV."""
    if s.profile.record.cipher_errors is CipherErrors.NONE:
        return
    reason = _reason_of_cipher(s.inp.reader, kind, stitched=stitched)
    if reason is not None:
        ERR_put_error(s.errors.entry("", reason, "PROV"))


def _reason_of_cipher(reader: RecordReader, kind: RecordFailureKind, *, stitched: bool) -> str | None:
    if reader.tls13:  # its tag is looked at by EVP_CipherFinal_ex(), which says nothing
        return None
    if kind in _TOO_SHORT:
        return "INVALID_AAD" if reader.explicit_nonce else "INVALID_DATA"
    if kind is RecordFailureKind.CBC_TOO_SHORT or (kind in _OPENED and (reader.aead or stitched)):
        return "CIPHER_OPERATION_FAILED"
    return None
