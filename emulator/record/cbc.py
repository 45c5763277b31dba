"""GenericBlockCipher, RFC 5246 section 6.2.3.2: SSLv3, TLS 1.0, TLS 1.1 and 1.2, and encrypt-then-MAC.

In SSLv3 and TLS 1.0 the IV of a record is the last block of the record before.  tls1_enc() does the same in
TLS 1.1 and 1.2, and encrypts a random block ahead of the content: the result is a random IV, without a new
cipher context for each record.  Encrypt-then-MAC (RFC 7366) has two classes of its own.
"""

from __future__ import annotations

from hmac import compare_digest
from os import urandom
from typing import TYPE_CHECKING

from emulator.record.base import HEADER, RecordFailure, RecordFailureKind, RecordReader, RecordWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.record.base import Fragment
    from emulator.record.mac import MacFunction

PADDINGS = {block: tuple(bytes([count - 1]) * count for count in range(block, 0, -1)) for block in (8, 16)}
"""By block size, and by the remainder of the content's length: the padding with its length byte."""

SSL3_PADDINGS = {
    block: tuple(bytes(count - 1) + bytes([count - 1]) for count in range(block, 0, -1)) for block in (8, 16)
}
"""The same for SSLv3, where the last byte alone counts, and the others are 0."""

RANDOM_POOL = 512
"""Random bytes drawn at a time, since a draw of 16 takes as long as one of 256."""


class _CbcWriter(RecordWriter):
    """The fields of all CBC writers: the cipher context, the MAC and the padding."""

    __slots__ = ("_mac", "_mask", "_paddings", "_sequence", "_update")

    def __init__(
        self, update: Callable[[bytes], bytes], mac: MacFunction, block_size: int, *, ssl3: bool = False
    ) -> None:
        self._update = update
        self._mac = mac
        self._mask = block_size - 1
        self._paddings = (SSL3_PADDINGS if ssl3 else PADDINGS)[block_size]
        self._sequence = 0


class ImplicitIvWriter(_CbcWriter):
    """SSLv3 and TLS 1.0: content, MAC, padding."""

    __slots__ = ("stitchable",)

    def __init__(
        self,
        update: Callable[[bytes], bytes],
        mac: MacFunction,
        block_size: int,
        *,
        ssl3: bool,
        stitchable: bool,
    ) -> None:
        super().__init__(update, mac, block_size, ssl3=ssl3)
        self.stitchable = stitchable

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        sequence = self._sequence
        self._sequence = sequence + 1
        tag = self._mac(sequence, content_type, wire_version, fragment)
        padding = self._paddings[len(fragment) + len(tag) & self._mask]
        body = self._update(b"".join((fragment, tag, padding)))
        return HEADER(content_type, wire_version, len(body)) + body


class _RandomIvs:
    """Random blocks out of a pool that is refilled when it is empty (RAND_bytes() in tls1_enc())."""

    __slots__ = ("_at", "_pool", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._pool = b""
        self._at = 0

    def draw(self) -> bytes:
        """Return ``size`` fresh random bytes."""
        at = self._at
        if at == len(self._pool):
            self._pool = urandom(RANDOM_POOL)
            at = 0
        self._at = end = at + self._size
        return self._pool[at:end]


class ExplicitIvWriter(_CbcWriter):
    """TLS 1.1 and 1.2: IV, content, MAC, padding."""

    __slots__ = ("_draw_iv", "explicit_iv_size", "stitchable")

    def __init__(
        self, update: Callable[[bytes], bytes], mac: MacFunction, block_size: int, *, stitchable: bool
    ) -> None:
        super().__init__(update, mac, block_size)
        self.explicit_iv_size = block_size
        self._draw_iv = _RandomIvs(block_size).draw
        self.stitchable = stitchable

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        sequence = self._sequence
        self._sequence = sequence + 1
        tag = self._mac(sequence, content_type, wire_version, fragment)
        padding = self._paddings[len(fragment) + len(tag) & self._mask]
        body = self._update(b"".join((self._draw_iv(), fragment, tag, padding)))
        return HEADER(content_type, wire_version, len(body)) + body


class EncryptThenMacWriter(_CbcWriter):
    """RFC 7366: IV (from TLS 1.1), content and padding, encrypted; then the MAC over the ciphertext."""

    __slots__ = ("_draw_iv", "explicit_iv_size")

    encrypt_then_mac = True

    def __init__(
        self, update: Callable[[bytes], bytes], mac: MacFunction, block_size: int, *, explicit_iv: bool
    ) -> None:
        super().__init__(update, mac, block_size)
        self._draw_iv = _RandomIvs(block_size).draw if explicit_iv else bytes
        self.explicit_iv_size = block_size if explicit_iv else 0

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        sequence = self._sequence
        self._sequence = sequence + 1
        padding = self._paddings[len(fragment) & self._mask]
        body = self._update(b"".join((self._draw_iv(), fragment, padding)))
        tag = self._mac(sequence, content_type, wire_version, body)
        return b"".join((HEADER(content_type, wire_version, len(body) + len(tag)), body, tag))


def _tls_padding(plain: bytes, mac_size: int) -> tuple[int, RecordFailureKind | None]:
    """Return the size of a TLS record's padding with its length byte, and the failure if it is invalid."""
    size = plain[-1] + 1
    if size > len(plain):
        return 0, RecordFailureKind.PADDING_TOO_LONG
    if not compare_digest(plain[-size:], plain[-1:] * size):
        return 0, RecordFailureKind.BAD_PADDING
    if size + mac_size > len(plain):
        return 0, RecordFailureKind.NO_ROOM_FOR_MAC
    return size, None


def _ssl3_padding(plain: bytes, mac_size: int, block_size: int) -> tuple[int, RecordFailureKind | None]:
    """The same for SSLv3: at most one block, of any content (which makes POODLE possible)."""
    size = plain[-1] + 1
    if size > block_size:
        return 0, RecordFailureKind.PADDING_TOO_LONG
    if size + mac_size > len(plain):
        return 0, RecordFailureKind.NO_ROOM_FOR_MAC
    return size, None


class CbcReader(RecordReader):
    """MAC-then-encrypt, of all versions.

    The MAC is computed and compared even if the padding is invalid, which then counts as 0 bytes.  The
    failure is raised at the end.
    """

    __slots__ = ("_block_size", "_iv_size", "_mac", "_sequence", "_ssl3", "_update", "mac_size", "stitchable")

    def __init__(
        self,
        update: Callable[[bytes], bytes],
        mac: MacFunction,
        block_size: int,
        mac_size: int,
        *,
        explicit_iv: bool,
        ssl3: bool,
        stitchable: bool,
    ) -> None:
        self._update = update
        self._mac = mac
        self._block_size = block_size
        self._iv_size = block_size if explicit_iv else 0
        self._ssl3 = ssl3
        self._sequence = 0
        self.mac_size = mac_size
        self.stitchable = stitchable

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader."""
        iv_size, mac_size = self._iv_size, self.mac_size
        length = len(fragment)
        if not length or length % self._block_size:
            raise RecordFailure(RecordFailureKind.PUBLIC_LENGTH)
        if length < iv_size + mac_size + 1:
            raise RecordFailure(RecordFailureKind.CBC_TOO_SHORT)
        plain = self._update(fragment)
        if iv_size:
            plain = plain[iv_size:]
        if self._ssl3:
            padding, failure = _ssl3_padding(plain, mac_size, self._block_size)
        else:
            padding, failure = _tls_padding(plain, mac_size)
        end = len(plain) - padding
        size = end - mac_size
        content = plain[:size]
        sequence = self._sequence
        self._sequence = sequence + 1
        if not compare_digest(self._mac(sequence, content_type, wire_version, content), plain[size:end]):
            failure = failure or RecordFailureKind.BAD_MAC
        if failure is not None:
            raise RecordFailure(failure, content)
        return content

    def count_unopened(self) -> None:
        """See RecordReader."""
        self._sequence += 1


class EncryptThenMacReader(RecordReader):
    """RFC 7366: the MAC is checked before anything is decrypted."""

    __slots__ = ("_block_size", "_iv_size", "_mac", "_sequence", "_update", "mac_size")

    encrypt_then_mac = True

    def __init__(
        self,
        update: Callable[[bytes], bytes],
        mac: MacFunction,
        block_size: int,
        mac_size: int,
        *,
        explicit_iv: bool,
    ) -> None:
        self._update = update
        self._mac = mac
        self._block_size = block_size
        self._iv_size = block_size if explicit_iv else 0
        self._sequence = 0
        self.mac_size = mac_size

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader."""
        return self._decrypt(self.authenticate(content_type, wire_version, fragment))

    def authenticate(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader."""
        size = len(fragment) - self.mac_size
        if size < 0:
            raise RecordFailure(RecordFailureKind.ETM_TOO_SHORT)
        body = fragment[:size]
        sequence = self._sequence
        self._sequence = sequence + 1
        if not compare_digest(self._mac(sequence, content_type, wire_version, body), fragment[size:]):
            raise RecordFailure(RecordFailureKind.BAD_MAC)
        return body

    def _decrypt(self, body: bytes) -> bytes:
        """Decrypt an authentic fragment: a failure is then the peer's mistake, and nothing is secret."""
        if not body or len(body) % self._block_size:
            raise RecordFailure(RecordFailureKind.PUBLIC_LENGTH)
        if len(body) < self._iv_size + 1:
            raise RecordFailure(RecordFailureKind.CBC_TOO_SHORT)
        plain = self._update(body)[self._iv_size :]
        padding, failure = _tls_padding(plain, 0)
        if failure is not None:
            raise RecordFailure(failure)
        return plain[:-padding]
