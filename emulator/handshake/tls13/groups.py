"""Which groups a side of TLS 1.3 offers, and which one a server picks (tls1_get_supported_groups())."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.handshake.security_level import allows_group, allows_signature
from emulator.handshake.signatures import is_dsa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.handshake.state import Handshake


def allowed_groups(hs: Handshake) -> tuple[int, ...]:
    """The groups of this side's list that its security level allows."""
    level = hs.config.security_level
    return tuple(group for group in hs.groups if allows_group(level, group))


def offered_shares(hs: Handshake) -> tuple[int, ...]:
    """The groups that a ClientHello has key shares for: after a HelloRetryRequest the one it asked for."""
    if hs.tmp.retry_group:
        return (hs.tmp.retry_group,)
    allowed = allowed_groups(hs)
    listed = tuple(group for group in hs.key_share_groups if group in allowed)
    return listed or allowed[:1]


def shared_group(hs: Handshake, client: Sequence[int]) -> int | None:
    """The first group of a server's own list that is in the client's: what a HelloRetryRequest asks for."""
    return next((group for group in allowed_groups(hs) if group in client), None)


def pick_share(hs: Handshake, offered: Sequence[int]) -> int | None:
    """Which of the groups that the client sent key shares for a server takes: the client's first."""
    allowed = allowed_groups(hs)
    return next((group for group in offered if group in allowed), None)


def requested_schemes(hs: Handshake) -> tuple[int, ...]:
    """The signature algorithms of a CertificateRequest: all but DSA's (tls12_sigalg_allowed())."""
    level = hs.config.security_level
    return tuple(
        scheme
        for scheme in hs.hello.signature_algorithms
        if allows_signature(level, scheme, hs.hello.weak_hashes) and not is_dsa(scheme)
    )
