"""The message callback: it gets the headers of records, the types inside them, alerts and messages.

From 3.2 headers and inner types are the record layer's business, which has the callback only if one was set
when the layer was made, with its keys (rec_layer_s3.c ssl_set_new_record_layer()).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import HeaderNotices
from emulator.behaviours.tls13 import DroppedChangeCipherSpec
from emulator.constants import SSL3_RT_HEADER, SSL3_RT_HEADER_LENGTH, SSL3_RT_INNER_CONTENT_TYPE, ContentType

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def tell_record_made(s: SSL, kind: int, wire: bytes, version: int) -> None:
    """The header of a record of ``version`` that was made, its empty prefix's, and the type inside it."""
    if s.msg_callback is None or not _are_told(s, by_layer=s.out.tells_headers):
        return
    tell_headers(s, wire)
    if s.out.writer.tls13:
        # do_ssl3_write() says s->version in 1.1.1, thiswr->rec_version from 3.0.0.
        named = s.profile.machine.header_notices is not HeaderNotices.VERSION_0
        s.msg_callback(True, version if named else s.version, SSL3_RT_INNER_CONTENT_TYPE, bytes([kind]))


def tell_headers(s: SSL, wire: bytes, *, version: int = 0) -> None:
    """The header of every record in ``wire``; ``version`` stands in for theirs."""
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


def tell_inner_type_read(s: SSL, kind: int) -> None:
    """The type inside a record of TLS 1.3 that was opened."""
    if s.msg_callback is not None and _are_told(s, by_layer=s.inp.tells_headers):
        s.msg_callback(False, s.version, SSL3_RT_INNER_CONTENT_TYPE, bytes([kind]))


def tell_dropped_change_cipher_spec(s: SSL, content: bytes) -> None:
    """A ChangeCipherSpec that TLS 1.3 drops: tls_get_more_records() tells it from 3.4.0 on."""
    rules = s.profile.tls13
    if (
        s.msg_callback is not None
        and rules is not None
        and rules.dropped_change_cipher_spec is DroppedChangeCipherSpec.TOLD
        and s.inp.tells_headers
    ):
        s.msg_callback(False, s.version, ContentType.CHANGE_CIPHER_SPEC, content)


def _are_told(s: SSL, *, by_layer: bool) -> bool:
    rule = s.profile.machine.header_notices
    return by_layer if rule is HeaderNotices.BY_LAYER else rule is not HeaderNotices.NONE


def _told_version(s: SSL, header: bytes) -> int:
    """1.0.2 to 1.1.1 pass 0, ``s->msg_callback(1, 0, SSL3_RT_HEADER, ...)``; 3.0.0 the record's version."""
    if s.profile.machine.header_notices is HeaderNotices.VERSION_0:
        return 0
    return header[1] << 8 | header[2]


def tell_message(s: SSL, content_type: int, message: bytes, *, sent: bool = False) -> None:
    """An alert or a message that has come in, or was sent."""
    if s.msg_callback is not None:
        s.msg_callback(sent, s.version, content_type, message)
