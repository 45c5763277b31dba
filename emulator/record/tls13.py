"""Records of TLS 1.3, RFC 8446 section 5.2: AEAD alone, the content's type and padding inside.

Outside every record is application data of TLS 1.2.  The nonce is the IV with the sequence number added to
its end bit by bit (section 5.3); the record's header is the additional data.
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
    """Content type and bytes of content with its type to bytes of padding."""

IV_SIZE = 12
"""Bytes of an IV, and of a nonce, of every AEAD of TLS 1.3."""

_OUTER_TYPE = int(ContentType.APPLICATION_DATA)
_ALERT = int(ContentType.ALERT)
_INNER_TYPES = [bytes([number]) for number in range(256)]


class Aead(Protocol):
    """What ``cryptography``'s AEADs have in common."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Seal ``data``; the tag is at the end."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Open; InvalidTag if it is not what was sealed."""


class Shape:
    """How an AEAD is keyed, and the bytes of its key and its tag."""

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
    """Sizes and algorithm of a TLS 1.3 suite's cipher; NotEmulated for one that TLS 1.3 doesn't have."""
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
        """How many zeros are put behind a content: SSL_set_block_padding() and the callback; None: none."""

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
    """A client's early data: sealed before the server chose a version, so alerts go out in plain.

    ENC_WRITE_STATE_WRITE_PLAIN_ALERTS of statem.h.
    """

    __slots__ = ("protects_alerts",)

    def __init__(self, cipher: Cipher, keys: DirectionKeys) -> None:
        super().__init__(cipher, keys)
        self.protects_alerts = False
        """Set where a release does not manage to send them in plain."""

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter; a client that sends early data offers TLS 1.3, so its records say TLS 1.2."""
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
        """Give (type, content) of TLSInnerPlaintext: any type, 0 where the record holds zeros alone.

        RecordFailure: too short for a type and a tag (its number in the sequence is then not used up),
        or not authentic.
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
        """RECORD_LAYER_reset_read_sequence(): the next record is number 0, after early data was skipped."""
        self._sequence = 0
