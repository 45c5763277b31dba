"""What a transport accepted during one step: the record headers that were completed, and how many bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.constants import SSL3_RT_HEADER_LENGTH as HEADER

if TYPE_CHECKING:
    from emulator.bio.base import Data


class WireMeter:
    """Reads the record headers in what one side's transport accepts; headers may span steps."""

    __slots__ = ("_bytes", "_header", "_left", "_records")

    def __init__(self) -> None:
        self._header = b""
        self._left = 0
        self._records: list[list[Any]] = []
        self._bytes = 0

    def accept(self, data: Data) -> None:
        """Count ``data`` in."""
        count = len(data)
        self._bytes += count
        at = self._left
        if at >= count:
            self._left = at - count
            return
        while at < count:
            at += self._read_header(bytes(data[at : at + HEADER - len(self._header)]))
        self._left = at - count

    def _read_header(self, part: bytes) -> int:
        """Take in the next bytes of a header; how far it is from them to the next header."""
        header = self._header + part
        if len(header) < HEADER:
            self._header = header
            return len(part)
        length = header[3] << 8 | header[4]
        self._records.append([header[0], header[1] << 8 | header[2], length])
        self._header = b""
        return len(part) + length

    def take(self) -> dict[str, Any]:
        """Give the fields ``wire`` and ``bytes`` since the last call; nothing if nothing was accepted."""
        if not self._bytes:
            return {}
        wire, count = self._records, self._bytes
        self._records, self._bytes = [], 0
        if self._header:
            wire.append(["partial-header", len(self._header)])
        return {"wire": wire, "bytes": count}
