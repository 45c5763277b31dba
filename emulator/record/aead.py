"""GenericAEADCipher, RFC 5246 section 6.2.3.3: AES-GCM (RFC 5288) and ChaCha20-Poly1305 (RFC 7905)."""

from __future__ import annotations

from os import urandom
from struct import Struct
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from emulator.record.base import HEADER, RecordFailure, RecordFailureKind, RecordReader, RecordWriter
from emulator.record.mac import TLS_PREFIX

if TYPE_CHECKING:
    from emulator.record.base import Fragment
    from emulator.record.keys import DirectionKeys

TAG_SIZE = 16
EXPLICIT_NONCE_SIZE = 8
GCM_OVERHEAD = EXPLICIT_NONCE_SIZE + TAG_SIZE

GCM_HEADER = Struct(">BHHQ").pack
"""A record's header, and the explicit part of the nonce behind it."""

GCM_NONCE = Struct(">4sQ").pack
"""The fixed and the explicit part of the nonce."""

COUNTER_MASK = 2**64 - 1


class GcmWriter(RecordWriter):
    """AES-GCM.  The explicit part of the nonce is a counter with a random first value.

    EVP_CTRL_GCM_SET_IV_FIXED (e_aes.c) draws that value, EVP_CTRL_GCM_IV_GEN adds 1 for every record.
    """

    __slots__ = ("_encrypt", "_fixed", "_invocation", "_sequence")

    aead = True
    explicit_iv_size = EXPLICIT_NONCE_SIZE

    def __init__(self, keys: DirectionKeys) -> None:
        self._encrypt = AESGCM(keys.key).encrypt
        self._fixed = keys.iv
        self._invocation = int.from_bytes(urandom(EXPLICIT_NONCE_SIZE), "big")  # the first record's
        self._sequence = 0

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        sequence = self._sequence
        self._sequence = sequence + 1
        invocation = self._invocation + sequence & COUNTER_MASK
        size = len(fragment)
        return GCM_HEADER(content_type, wire_version, size + GCM_OVERHEAD, invocation) + self._encrypt(
            GCM_NONCE(self._fixed, invocation),
            fragment,
            TLS_PREFIX(sequence, content_type, wire_version, size),
        )


class GcmReader(RecordReader):
    """AES-GCM: the explicit part of the nonce may have any value."""

    __slots__ = ("_decrypt", "_fixed", "_sequence")

    aead = True
    explicit_nonce = True

    def __init__(self, keys: DirectionKeys) -> None:
        self._decrypt = AESGCM(keys.key).decrypt
        self._fixed = keys.iv
        self._sequence = 0

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader."""
        size = len(fragment) - GCM_OVERHEAD
        if size < 0:
            raise RecordFailure(_shortage(fragment))
        sequence = self._sequence
        self._sequence = sequence + 1
        try:
            return self._decrypt(
                self._fixed + fragment[:EXPLICIT_NONCE_SIZE],
                memoryview(fragment)[EXPLICIT_NONCE_SIZE:],
                TLS_PREFIX(sequence, content_type, wire_version, size),
            )
        except InvalidTag:
            raise RecordFailure(RecordFailureKind.BAD_MAC) from None


def _shortage(fragment: bytes) -> RecordFailureKind:
    """Tell an empty fragment from a short one, as releases refuse them with different errors."""
    return RecordFailureKind.AEAD_TOO_SHORT if fragment else RecordFailureKind.AEAD_EMPTY


class ChaChaWriter(RecordWriter):
    """ChaCha20-Poly1305: the nonce is the IV, its last 8 bytes XORed with the sequence number."""

    __slots__ = ("_encrypt", "_iv", "_sequence")

    aead = True

    def __init__(self, keys: DirectionKeys) -> None:
        self._encrypt = ChaCha20Poly1305(keys.key).encrypt
        self._iv = int.from_bytes(keys.iv, "big")
        self._sequence = 0

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        sequence, size = self._sequence, len(fragment)
        self._sequence = sequence + 1
        return HEADER(content_type, wire_version, size + TAG_SIZE) + self._encrypt(
            (self._iv ^ sequence).to_bytes(12, "big"),
            fragment,
            TLS_PREFIX(sequence, content_type, wire_version, size),
        )


class ChaChaReader(RecordReader):
    """ChaCha20-Poly1305, the receiving side."""

    __slots__ = ("_decrypt", "_iv", "_sequence")

    aead = True

    def __init__(self, keys: DirectionKeys) -> None:
        self._decrypt = ChaCha20Poly1305(keys.key).decrypt
        self._iv = int.from_bytes(keys.iv, "big")
        self._sequence = 0

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader."""
        size = len(fragment) - TAG_SIZE
        if size < 0:
            raise RecordFailure(_shortage(fragment))
        sequence = self._sequence
        self._sequence = sequence + 1
        try:
            return self._decrypt(
                (self._iv ^ sequence).to_bytes(12, "big"),
                fragment,
                TLS_PREFIX(sequence, content_type, wire_version, size),
            )
        except InvalidTag:
            raise RecordFailure(RecordFailureKind.BAD_MAC) from None
