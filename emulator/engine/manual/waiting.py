"""The peer's records that nobody has read: whether one of the handshake waits, and may be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.renegotiation import ClientInitiated, Policy, UnpatchedPeer
from emulator.constants import SSL3_RT_HEADER_LENGTH, ContentType, Option
from emulator.engine.receiving.state import BODY

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.engine.ssl import SSL

MOST_IN_FRONT = 1 << 18
"""How many bytes of application data a handshake record is looked for behind: more are left to SSL_read()."""


def handshake_waits(s: SSL, rbio: BIO) -> bool:
    """Whether a handshake record waits, in front or behind application data; nothing is taken."""
    inp = s.inp
    start = 0
    if not inp.rread:
        if inp.rtype != ContentType.APPLICATION_DATA:
            return inp.rtype == ContentType.HANDSHAKE
    elif inp.rstate == BODY and inp.packet:
        if inp.rtype != ContentType.APPLICATION_DATA:
            return inp.rtype == ContentType.HANDSHAKE
        start = inp.rlength
    elif (first := inp.rleft[:1] or rbio.look(1)) != bytes([ContentType.APPLICATION_DATA]):
        return first == bytes([ContentType.HANDSHAKE])
    return _lies_behind_data(inp.rleft + rbio.look(MOST_IN_FRONT), start)


def _lies_behind_data(waiting: bytes, at: int) -> bool:
    """Whether the first record that is no application data, from ``at``, is one of the handshake."""
    while len(waiting) - at >= SSL3_RT_HEADER_LENGTH and waiting[at] == ContentType.APPLICATION_DATA:
        at += SSL3_RT_HEADER_LENGTH + (waiting[at + 3] << 8 | waiting[at + 4])
    return at < len(waiting) and waiting[at] == ContentType.HANDSHAKE


def may_be_performed(s: SSL) -> bool:
    """Whether the release and the settings allow a renegotiation that the peer asks for."""
    rules, options = s.profile.renegotiation, s.options
    if s.renegotiate_requested and not s.server:
        return False  # a client that is to renegotiate anyway drops a HelloRequest; from 1.1.0h it refuses it
    if rules.policy is Policy.BANNED:
        return False
    if rules.policy is Policy.NO_RENEGOTIATION_OPTION and options & Option.NO_RENEGOTIATION:
        return False
    legacy = Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
    if not s.server:
        legacy |= Option.LEGACY_SERVER_CONNECT
    elif _needs_option(s) and not options & Option.ALLOW_CLIENT_RENEGOTIATION:
        return False
    # RFC 5746 came with 0.9.8m: a release without it asks every peer.
    unpatched = rules.unpatched_peer is UnpatchedPeer.ASKED
    return unpatched or s.hs.peer_secure_renegotiation or bool(options & legacy)


def _needs_option(s: SSL) -> bool:
    """Whether a server refuses a client's hello that it has not asked for, but for an option."""
    # From 3.0: ``(s->options & SSL_OP_ALLOW_CLIENT_RENEGOTIATION) == 0``.
    by_option = s.profile.renegotiation.client_initiated is ClientInitiated.BY_OPTION
    return by_option and not s.renegotiate
