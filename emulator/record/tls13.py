"""Records of TLS 1.3, RFC 8446 section 5.2: AEAD over the content, its type and the padding.

The header of every record says application data and TLS 1.2; it is the additional data.  The nonce is the IV,
its last 8 bytes XORed with the sequence number (section 5.3).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from emulator.constants import TLS1_2_VERSION, ContentType
from emulator.exceptions import NotEmulated
from emulator.record.base import HEADER, RecordFailure, RecordFailureKind, RecordReader, RecordWriter
from emulator.record.suite import Cipher

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from emulator.record.base import Fragment
    from emulator.record.keys import DirectionKeys

    Padding: TypeAlias = Callable[[int, int], int]
    """From the content type, and the bytes of content and type, to the bytes of padding."""

IV_SIZE = 12
"""The bytes of the IV and of the nonce, for every AEAD of TLS 1.3."""

_OUTER_TYPE = int(ContentType.APPLICATION_DATA)
_ALERT = int(ContentType.ALERT)
_INNER_TYPES = [bytes([number]) for number in range(256)]


class Aead(Protocol):
    """The methods of an AEAD of ``cryptography``."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Encrypt ``data``; the tag is at the end."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Decrypt ``data``; InvalidTag if it is not authentic."""


class Shape:
    """The constructor of an AEAD, and the bytes of its key and its tag."""

    __slots__ = ("key_size", "make", "tag_size")

    def __init__(self, make: Callable[[bytes], Aead], key_size: int, tag_size: int = 16) -> None:
        self.make = make
        self.key_size = key_size
        self.tag_size = tag_size


TLS13_SHAPES: dict[Cipher, Shape] = {
    Cipher.AES_128_GCM: Shape(AESGCM, 16),
    Cipher.AES_256_GCM: Shape(AESGCM, 32),
    Cipher.CHACHA20_POLY1305: Shape(ChaCha20Poly1305, 32),
    Cipher.AES_128_CCM: Shape(AESCCM, 16),
    Cipher.AES_128_CCM8: Shape(partial(AESCCM, tag_length=8), 16, 8),
}
"""The ciphers of TLS 1.3's suites (RFC 8446 appendix B.4)."""


def tls13_shape_of(cipher: Cipher) -> Shape:
    """Return the sizes and the algorithm of a TLS 1.3 suite's cipher; NotEmulated for any other cipher."""
    shape = TLS13_SHAPES.get(cipher)
    if shape is None:
        raise NotEmulated(f"records of TLS 1.3 with the {cipher} cipher")
    return shape


class Tls13Writer(RecordWriter):
    """Seals records of TLS 1.3 (``tls13_enc()`` and its part of ``do_ssl3_write()``)."""

    __slots__ = ("_encrypt", "_iv", "_overhead", "_sequence", "padding")

    aead = True
    tls13 = True

    def __init__(self, cipher: Cipher, keys: DirectionKeys) -> None:
        shape = tls13_shape_of(cipher)
        self._encrypt = shape.make(keys.key).encrypt
        self._iv = int.from_bytes(keys.iv, "big")
        self._overhead = 1 + shape.tag_size
        self._sequence = 0
        self.padding: Padding | None = None
        """The bytes of padding (SSL_set_block_padding(), or the callback); None: no padding."""

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:  # noqa: ARG002
        """See RecordWriter; the version on the wire is always that of TLS 1.2."""
        sequence = self._sequence
        self._sequence = sequence + 1
        size = len(fragment) + self._overhead
        if self.padding is None:
            inner = b"".join((fragment, _INNER_TYPES[content_type]))
        else:
            zeros = self.padding(content_type, len(fragment) + 1)
            inner = b"".join((fragment, _INNER_TYPES[content_type], bytes(zeros)))
            size += zeros
        header = HEADER(_OUTER_TYPE, TLS1_2_VERSION, size)
        return header + self._encrypt((self._iv ^ sequence).to_bytes(IV_SIZE, "big"), inner, header)


class PlainAlertWriter(Tls13Writer):
    """Seals a client's early data.  Alerts are unprotected, as the server has not chosen a version yet.

    ENC_WRITE_STATE_WRITE_PLAIN_ALERTS of statem.h.
    """

    __slots__ = ("protects_alerts",)

    def __init__(self, cipher: Cipher, keys: DirectionKeys) -> None:
        super().__init__(cipher, keys)
        self.protects_alerts = False
        """Whether alerts are sealed nevertheless (``tls13.early_alerts``)."""

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter; the header says TLS 1.2, as the client has offered TLS 1.3."""
        if content_type == _ALERT and not self.protects_alerts:
            return HEADER(content_type, TLS1_2_VERSION, len(fragment)) + fragment
        return super().seal(content_type, wire_version, fragment)


class Tls13Reader(RecordReader):
    """Opens records of TLS 1.3."""

    __slots__ = ("_decrypt", "_iv", "_sequence", "_tag_size")

    aead = True
    tls13 = True

    def __init__(self, cipher: Cipher, keys: DirectionKeys) -> None:
        shape = tls13_shape_of(cipher)
        self._decrypt = shape.make(keys.key).decrypt
        self._iv = int.from_bytes(keys.iv, "big")
        self._tag_size = shape.tag_size
        self._sequence = 0

    def open_inner(self, content_type: int, wire_version: int, fragment: bytes) -> tuple[int, bytes]:
        """Return (type, content) of TLSInnerPlaintext; the type is 0 if the record has zeros only.

        RecordFailure if the fragment is too short for a type and a tag (the sequence number then stays), or
        not authentic.
        """
        if len(fragment) <= self._tag_size:
            raise RecordFailure(RecordFailureKind.TLS13_TOO_SHORT)
        sequence = self._sequence
        self._sequence = sequence + 1
        header = HEADER(content_type, wire_version, len(fragment))
        try:
            inner = self._decrypt((self._iv ^ sequence).to_bytes(IV_SIZE, "big"), fragment, header)
        except InvalidTag:
            raise RecordFailure(RecordFailureKind.BAD_MAC) from None
        if not inner[-1]:
            inner = inner.rstrip(b"\0") or b"\0"
        return inner[-1], inner[:-1]

    def reset_sequence(self) -> None:
        """RECORD_LAYER_reset_read_sequence(): the record behind skipped early data is number 0."""
        self._sequence = 0
