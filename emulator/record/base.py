"""The interface of writers and readers of records, and the two that do not protect anything.

A writer or reader holds the keys and the sequence number of one direction; buffers, retries and BIOs are
the engine's.  In TLS 1.3 (``tls13``) the content type is encrypted too, so that a reader has ``open_inner``
instead of ``open``.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulator.behaviours.record import RecordFailureKind

if TYPE_CHECKING:
    from typing import TypeAlias

    Fragment: TypeAlias = bytes | bytearray | memoryview

__all__ = [
    "NullReader",
    "NullWriter",
    "RecordFailure",
    "RecordFailureKind",
    "RecordReader",
    "RecordWriter",
]

HEADER = Struct(">BHH").pack
"""type, version, length: the header of TLSCiphertext (RFC 5246 section 6.2.3)."""


class RecordFailure(Exception):  # noqa: N818 - a peer's doing, not an error of ours
    """A record could not be opened; ``kind`` is the cause, which peer and caller must not learn.

    ``left`` is the content of the record's buffer afterwards, which releases up to 1.0.2q return to a caller
    who reads again.  None: the fragment as it came.  All checks of secret content are done before this is
    raised.
    """

    def __init__(self, kind: RecordFailureKind, left: bytes | None = None) -> None:
        self.kind = kind
        self.left = left
        super().__init__(kind.value)


class UnsealedError(Exception):
    """A record could not be protected: the error is on the queue, and do_ssl3_write() returns -1."""


class RecordWriter:
    """Makes the records of one direction (``s->method->ssl3_enc->enc`` and ``->mac`` for sending)."""

    __slots__ = ()

    aead: bool = False
    is_null: bool = False
    """Whether records are neither encrypted nor authenticated, as up to the first ChangeCipherSpec."""
    is_undefined: bool = False
    """Whether the method has no functions for records (``ssl3_undef_enc_method``)."""
    encrypt_then_mac: bool = False
    tls13: bool = False
    """Whether the header of every record says application data (RFC 8446 section 5.2)."""
    stitchable: bool = False
    """Whether a build with assembler has a stitched AES-CBC-HMAC cipher, which multiblock needs."""
    explicit_iv_size: int = 0
    """Bytes of the IV, or the part of the nonce, at the beginning of each record."""

    def with_keys(self) -> RecordWriter:
        """Return the writer that has the keys for multiblock: this one, unless it wraps another."""
        return self

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """Make one whole record, header included, of at most 16384 bytes."""
        raise NotImplementedError


class RecordReader:
    """Opens the records of one direction (``s->method->ssl3_enc->enc`` and ``->mac`` for receiving)."""

    __slots__ = ()

    aead: bool = False
    is_null: bool = False
    encrypt_then_mac: bool = False
    tls13: bool = False
    """Whether ``open_inner`` is to be used, not ``open``."""
    explicit_nonce: bool = False
    """Whether every record begins with a part of its nonce (AES-GCM)."""
    stitchable: bool = False
    """Whether a build with assembler opens the record in one step, which refuses some with other errors."""
    mac_size: int = 0
    """Bytes of the MAC; 0 for AEAD and NULL."""

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """Return the content of a fragment (a record without its header); RecordFailure if it has none."""
        raise NotImplementedError

    def authenticate(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:  # noqa: ARG002
        """Check and remove the MAC of encrypt-then-MAC; other fragments are returned as they are."""
        return fragment

    def open_inner(self, content_type: int, wire_version: int, fragment: bytes) -> tuple[int, bytes]:
        """Return the type and the content of a TLS 1.3 fragment; RecordFailure if it has none."""
        raise NotImplementedError

    def count_unopened(self) -> None:
        """Count a record that was refused for its length alone, as a stitched cipher does (tls1_enc())."""

    def reset_sequence(self) -> None:
        """Make the next record number 0, after TLS 1.3 has skipped records of early data."""
        raise NotImplementedError


class NullWriter(RecordWriter):
    """Writes unprotected records: up to the first ChangeCipherSpec."""

    __slots__ = ()

    is_null = True

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """Put a header before the fragment."""
        return HEADER(content_type, wire_version, len(fragment)) + fragment


class NullReader(RecordReader):
    """Reads unprotected records."""

    __slots__ = ()

    is_null = True

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:  # noqa: ARG002
        """Return the fragment."""
        return fragment
