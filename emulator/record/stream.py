"""GenericStreamCipher, RFC 5246 section 6.2.3.1: RC4, and no encryption at all, with a MAC."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from emulator.record.base import HEADER, RecordFailure, RecordFailureKind, RecordReader, RecordWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.record.base import Fragment
    from emulator.record.mac import MacFunction


class StreamWriter(RecordWriter):
    """Content and MAC, encrypted with one key stream for all records."""

    __slots__ = ("_mac", "_sequence", "_update")

    def __init__(self, update: Callable[[bytes], bytes], mac: MacFunction) -> None:
        self._update = update
        self._mac = mac
        self._sequence = 0

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        sequence = self._sequence
        self._sequence = sequence + 1
        tag = self._mac(sequence, content_type, wire_version, fragment)
        body = self._update(b"".join((fragment, tag)))
        return HEADER(content_type, wire_version, len(body)) + body


class StreamReader(RecordReader):
    """Content and MAC, the receiving side."""

    __slots__ = ("_mac", "_sequence", "_update", "mac_size")

    def __init__(self, update: Callable[[bytes], bytes], mac: MacFunction, mac_size: int) -> None:
        self._update = update
        self._mac = mac
        self._sequence = 0
        self.mac_size = mac_size

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader.  The length of the content is no secret: a stream cipher has no padding."""
        if not fragment:
            raise RecordFailure(RecordFailureKind.STREAM_EMPTY)
        plain = self._update(fragment)  # ahead of the check of the length: releases leave it decrypted
        size = len(fragment) - self.mac_size
        if size < 0:
            raise RecordFailure(RecordFailureKind.STREAM_TOO_SHORT, plain)
        content = plain[:size]
        sequence = self._sequence
        self._sequence = sequence + 1
        if not compare_digest(self._mac(sequence, content_type, wire_version, content), plain[size:]):
            raise RecordFailure(RecordFailureKind.BAD_MAC, content)
        return content
