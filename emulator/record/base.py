"""What every protection of records has in common, and the protection that protects nothing.

One writer and one reader make an epoch's two directions.  They hold the keys and the sequence number
and know nothing of buffers, retries or BIOs.  Those of TLS 1.3 say so (``tls13``): its records carry their
type inside, so what opens them is ``open_inner`` instead of ``open``.
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
    """A record could not be opened; ``kind`` is the cause, which no peer and no caller should be told.

    ``left`` is what the record's buffer then holds: releases to 1.0.2q hand it to a caller who reads
    on.  None: the fragment as it came.  Every path that depends on secret content has the same work behind it
    when this is raised.
    """

    def __init__(self, kind: RecordFailureKind, left: bytes | None = None) -> None:
        self.kind = kind
        self.left = left
        super().__init__(kind.value)


class UnsealedError(Exception):
    """A record could not be protected: do_ssl3_write() answers -1, with the error on the queue already."""


class RecordWriter:
    """Makes records of one epoch (the write half of ``s->method->ssl3_enc->enc`` and ``->mac``)."""

    __slots__ = ()

    aead: bool = False
    is_null: bool = False
    """Nothing is encrypted or authenticated: before the first ChangeCipherSpec."""
    is_undefined: bool = False
    """Of a method that has no functions for records: ``ssl3_undef_enc_method``."""
    encrypt_then_mac: bool = False
    tls13: bool = False
    """Whether every record is application data outside (RFC 8446 section 5.2)."""
    stitchable: bool = False
    """A build with assembler has a stitched AES-CBC-HMAC for this (multiblock exists for no other)."""
    explicit_iv_size: int = 0
    """Bytes of the IV, or the part of the nonce, at the beginning of each record."""

    def with_keys(self) -> RecordWriter:
        """The writer whose keys multiblock uses: this one."""
        return self

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """Make one whole record, header included, of at most 16384 bytes."""
        raise NotImplementedError


class RecordReader:
    """Opens records of one epoch (the read half of ``s->method->ssl3_enc->enc`` and ``->mac``)."""

    __slots__ = ()

    aead: bool = False
    is_null: bool = False
    encrypt_then_mac: bool = False
    tls13: bool = False
    """Whether ``open_inner`` is to be used, not ``open``."""
    explicit_nonce: bool = False
    """AEAD: every record begins with a part of its nonce."""
    stitchable: bool = False
    """A build with assembler opens this in one step, and finds some failures in another place."""
    mac_size: int = 0
    """Bytes of the MAC; 0 for AEAD and NULL."""

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """Give the content of one fragment (what follows a record's header); raise RecordFailure if none."""
        raise NotImplementedError

    def authenticate(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:  # noqa: ARG002
        """Check the MAC that is around the encrypted fragment, and cut it off: there is none as a rule."""
        return fragment

    def open_inner(self, content_type: int, wire_version: int, fragment: bytes) -> tuple[int, bytes]:
        """Give the type and the content inside a fragment of TLS 1.3; raise RecordFailure if none."""
        raise NotImplementedError

    def count_unopened(self) -> None:
        """Count a record that was refused for its length alone, as a stitched cipher does (tls1_enc())."""

    def reset_sequence(self) -> None:
        """Expect record number 0 next, where TLS 1.3 skips what it cannot open."""
        raise NotImplementedError


class NullWriter(RecordWriter):
    """Writes records as they are: before the first ChangeCipherSpec."""

    __slots__ = ()

    is_null = True

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """Put a header before the fragment."""
        return HEADER(content_type, wire_version, len(fragment)) + fragment


class NullReader(RecordReader):
    """Takes records as they are."""

    __slots__ = ()

    is_null = True

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:  # noqa: ARG002
        """Give the fragment back."""
        return fragment
