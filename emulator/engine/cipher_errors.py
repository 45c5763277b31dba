"""What ciphers say themselves when a record cannot be opened: errors of the library PROV, from 3.0.

Sources: providers/implementations/ciphers/ciphercommon.c ossl_cipher_generic_block_update() and
ossl_cipher_generic_stream_update(), ciphercommon_gcm.c, cipher_chacha20_poly1305.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.record import CipherErrors, RecordFailureKind
from emulator.error_queue import put_error

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL
    from emulator.record.base import RecordReader

_TOO_SHORT = frozenset({RecordFailureKind.AEAD_EMPTY, RecordFailureKind.AEAD_TOO_SHORT})
_OPENED = frozenset(
    {
        RecordFailureKind.BAD_MAC,
        RecordFailureKind.BAD_PADDING,
        RecordFailureKind.PADDING_TOO_LONG,
        RecordFailureKind.NO_ROOM_FOR_MAC,
    }
)
"""What a cipher finds that checks the MAC itself; the others leave it to the record layer."""


def tell_cipher_error(s: SSL, kind: RecordFailureKind, *, stitched: bool) -> None:
    """Report what the cipher reports of a record that it cannot open, if this release's ciphers do."""
    if s.profile.record.cipher_errors is CipherErrors.NONE:
        return
    reason = _reason(s.reader, kind, stitched=stitched)
    if reason is not None:
        put_error(s.errors.entry("", reason, "PROV"))


def _reason(reader: RecordReader, kind: RecordFailureKind, *, stitched: bool) -> str | None:
    if reader.tls13:  # its tag is looked at by EVP_CipherFinal_ex(), which says nothing
        return None
    if kind in _TOO_SHORT:
        return "INVALID_AAD" if reader.explicit_nonce else "INVALID_DATA"
    if kind is RecordFailureKind.CBC_TOO_SHORT or (kind in _OPENED and (reader.aead or stitched)):
        return "CIPHER_OPERATION_FAILED"
    return None
