"""The bytes that two transports accepted, cut into records, in the order in which they left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.constants import SSL3_RT_HEADER_LENGTH, ContentType

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio.base import Data

_TYPES = {int(kind): kind.name.lower() for kind in ContentType}
_HANDSHAKE = (int(ContentType.CHANGE_CIPHER_SPEC), int(ContentType.HANDSHAKE))
_IN_SSL2 = "handshake in SSLv2's format"
_SSL2_HEADER = 2
_SSL2_BIT = 0x80
"""The first bit of a hello in SSLv2's format, whose header is a length of 15 bits."""


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A TLS record, or the part of one that was accepted during one step.

    ``data`` are the bytes accepted in this step, ``header`` the header as far as it is known by its end.
    ``complete`` says that the record's last byte is among them, ``continued`` that its first byte is not.
    """

    sender: str
    header: bytes
    data: bytes
    complete: bool
    continued: bool

    @property
    def is_ssl2(self) -> bool:
        """Whether this is a hello in the format of SSLv2."""
        return bool(self.header[:1]) and self.header[0] & _SSL2_BIT != 0

    @property
    def content_type(self) -> int:
        """The content type: that of a handshake for a hello in SSLv2's format."""
        return int(ContentType.HANDSHAKE) if self.is_ssl2 else self.header[0]

    @property
    def type_name(self) -> str:
        """The name of the content type in RFC 5246."""
        if self.is_ssl2:
            return _IN_SSL2
        return _TYPES.get(self.content_type, str(self.content_type))

    @property
    def version(self) -> str | None:
        """The version in the header as a hexadecimal number; None as long as it is not known."""
        known = not self.is_ssl2 and len(self.header) >= 3
        return f"0x{int.from_bytes(self.header[1:3], 'big'):04x}" if known else None

    @property
    def length(self) -> int | None:
        """The length in the header; None as long as the header is not complete."""
        return _length(self.header)

    @property
    def of_handshake(self) -> bool:
        """Whether this is a record of a handshake, whose length depends on keys and certificates."""
        return self.content_type in _HANDSHAKE

    def as_json(self) -> dict[str, Any]:
        """A plain object; version and length are null as long as the header does not tell."""
        return {
            "sender": self.sender,
            "type": self.content_type,
            "type_name": self.type_name,
            "version": self.version,
            "length": self.length,
            "hex": self.data.hex(),
            "complete": self.complete,
            "continued": self.continued,
        }


def _length(header: bytes) -> int | None:
    """Return the length that a complete header gives; None for an incomplete one."""
    if header[:1] and header[0] & _SSL2_BIT:
        return int.from_bytes(header, "big") & 0x7FFF if len(header) == _SSL2_HEADER else None
    return int.from_bytes(header[3:], "big") if len(header) == SSL3_RT_HEADER_LENGTH else None


class _Sender:
    """The part that one side has sent of a record under way."""

    __slots__ = ("header", "left", "name", "taken")

    def __init__(self, name: str) -> None:
        self.name = name
        self.header = b""
        self.left = 0
        self.taken = False
        """Whether :meth:`RecordTap.take` returned a part of this record already."""


class _Piece:
    """A :class:`SentRecord` under construction."""

    __slots__ = ("complete", "continued", "data", "header", "sender")

    def __init__(self, sender: _Sender) -> None:
        self.sender = sender
        self.header = sender.header
        self.data = bytearray()
        self.complete = False
        self.continued = sender.taken
        sender.taken = True


def header_of(content_type: int, version: str | None, length: int | None, type_name: str | None) -> bytes:
    """Return the known part of a header with these fields: the reverse of :meth:`SentRecord.as_json`."""
    if type_name == _IN_SSL2:
        return b"\x80" if length is None else (_SSL2_BIT << 8 | length).to_bytes(_SSL2_HEADER, "big")
    header = bytes([content_type])
    header += b"" if version is None else int(version, 16).to_bytes(2, "big")
    return header if length is None else header + length.to_bytes(2, "big")


class RecordTap:
    """Listens to both senders; :meth:`take` returns the records accepted since its last call."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._open: dict[str, _Piece] = {}
        self._senders = {name: _Sender(name) for name in ("client", "server")}

    def of(self, sender: str) -> Callable[[Data], None]:
        """Return the function to set as the ``on_accept`` of this sender's transport."""
        own = self._senders[sender]
        return lambda data: self._accept(own, bytes(data))

    def take(self) -> tuple[SentRecord, ...]:
        """Return the records, or parts of them, since the last call."""
        pieces, self._pieces, self._open = self._pieces, [], {}
        return tuple(
            SentRecord(piece.sender.name, piece.header, bytes(piece.data), piece.complete, piece.continued)
            for piece in pieces
        )

    def _accept(self, sender: _Sender, data: bytes) -> None:
        at = 0
        while at < len(data):
            piece = self._open.get(sender.name)
            if piece is None:
                piece = self._open[sender.name] = _Piece(sender)
                self._pieces.append(piece)
            at += self._extend(sender, piece, data[at:])

    def _extend(self, sender: _Sender, piece: _Piece, data: bytes) -> int:
        """Add the bytes that belong to the record under way; return how many."""
        if _length(sender.header) is None:
            part = data[:1]
            sender.header += part
            sender.left = _length(sender.header) or 0
        else:
            part = data[: sender.left]
            sender.left -= len(part)
        piece.header = sender.header
        piece.data += part
        if _length(sender.header) is not None and not sender.left:
            piece.complete = True
            sender.header, sender.taken = b"", False
            del self._open[sender.name]
        return len(part)
