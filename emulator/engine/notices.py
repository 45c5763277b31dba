"""What the message callback hears of records: their headers, as they are made or read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import HeaderNotices
from emulator.constants import SSL3_RT_HEADER, SSL3_RT_HEADER_LENGTH

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def tell_headers(s: SSL, wire: bytes, *, version: int = 0) -> None:
    """The header of a record that was made, and its empty prefix's; ``version`` stands in for theirs."""
    if s.msg_callback is None or not _are_told(s, by_layer=s.out.tells_headers):
        return
    at = 0
    while at < len(wire):
        header = wire[at : at + SSL3_RT_HEADER_LENGTH]
        s.msg_callback(True, version or _told_version(s, header), SSL3_RT_HEADER, header)
        at += SSL3_RT_HEADER_LENGTH + (header[3] << 8 | header[4])


def tell_header_read(s: SSL, header: bytes) -> None:
    """The header of a record that is about to be read."""
    if s.msg_callback is not None and _are_told(s, by_layer=s.inp.tells_headers):
        s.msg_callback(False, _told_version(s, header), SSL3_RT_HEADER, header)


def _are_told(s: SSL, *, by_layer: bool) -> bool:
    rule = s.profile.machine.header_notices
    return by_layer if rule is HeaderNotices.BY_LAYER else rule is not HeaderNotices.NONE


def _told_version(s: SSL, header: bytes) -> int:
    if s.profile.machine.header_notices is HeaderNotices.VERSION_0:
        return 0
    return header[1] << 8 | header[2]


def tell_message(s: SSL, content_type: int, message: bytes) -> None:
    """The message callback's part of an alert or a message that has come in."""
    if s.msg_callback is not None:
        s.msg_callback(False, s.version, content_type, message)
