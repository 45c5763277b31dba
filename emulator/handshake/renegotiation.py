"""The renegotiation_info extension (RFC 5746, sections 3.4 to 3.7; t1_reneg.c)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import Option

if TYPE_CHECKING:
    from emulator.handshake.state import Handshake


def check_client_info(hs: Handshake, info: bytes | None) -> None:
    """Check what a client sent, None for nothing (ssl_parse_clienthello_renegotiate_ext())."""
    if info is None:
        allowed = hs.config.options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        if hs.renegotiating and not allowed:
            hs.refuse(Fault.CLIENT_LEGACY_RENEGOTIATION)
        return
    if not info or info[0] + 1 != len(info):
        hs.refuse(Fault.CLIENT_RENEGOTIATION_ENCODING)
    if not hmac.compare_digest(info[1:], hs.client_verify_data):
        hs.refuse(Fault.CLIENT_RENEGOTIATION_MISMATCH)
    hs.peer_secure_renegotiation = True


def check_server_info(hs: Handshake, info: bytes | None) -> None:
    """Check what a server sent, None for nothing (ssl_parse_serverhello_renegotiate_ext())."""
    if info is None:
        allowed = Option.LEGACY_SERVER_CONNECT | Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        if not hs.config.options & allowed:
            hs.refuse(Fault.SERVER_LEGACY_RENEGOTIATION)
        return
    if not info or info[0] + 1 != len(info):
        hs.refuse(Fault.SERVER_RENEGOTIATION_ENCODING)
    ours, theirs = hs.client_verify_data, hs.server_verify_data
    if len(info) - 1 != len(ours) + len(theirs):
        hs.refuse(Fault.SERVER_RENEGOTIATION_LENGTH)
    if not hmac.compare_digest(info[1 : 1 + len(ours)], ours):
        hs.refuse(Fault.SERVER_RENEGOTIATION_CLIENT)
    if not hmac.compare_digest(info[1 + len(ours) :], theirs):
        hs.refuse(Fault.SERVER_RENEGOTIATION_SERVER)
    hs.peer_secure_renegotiation = True
