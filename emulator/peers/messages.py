"""What a message callback hears, as the facts of a note."""

from __future__ import annotations

from typing import Any

from emulator.constants import AlertDescription, AlertLevel, ContentType, HandshakeType

_KNOWN = {int(kind) for kind in ContentType}


def message_facts(outgoing: bool, version: int, content_type: int, message: bytes) -> dict[str, Any] | None:  # noqa: FBT001
    """The facts of one message, None for what is none: a record's header or inner type."""
    if content_type not in _KNOWN:
        return None
    return {
        "direction": "out" if outgoing else "in",
        "version": f"0x{version:04x}",
        "message": _name(content_type, message),
        "length": len(message),
    }


def _name(content_type: int, message: bytes) -> str:
    if content_type == ContentType.HANDSHAKE and message:
        return _word(HandshakeType, message[0])
    if content_type == ContentType.ALERT and len(message) == 2:
        return f"alert {_word(AlertLevel, message[0])} {_word(AlertDescription, message[1])}"
    return _word(ContentType, content_type)


def _word(kind: type[HandshakeType | AlertLevel | AlertDescription | ContentType], number: int) -> str:
    try:
        return kind(number).name.lower()
    except ValueError:
        return str(number)
