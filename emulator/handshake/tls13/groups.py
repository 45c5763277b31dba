"""Which groups a side of TLS 1.3 offers, and which one a server picks (tls1_get_supported_groups())."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import Option
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


def server_tuples(hs: Handshake) -> tuple[tuple[int, ...], ...]:
    """A server's groups in tuples, the best first; none in releases where the client's order counts alone."""
    tuples = hs.hello.group_tuples
    return tuples if hs.config.groups is None or not tuples else (hs.config.groups,)


def choose_in_tuples(hs: Handshake, listed: Sequence[int], shares: Sequence[int]) -> tuple[int | None, bool]:
    """The group for a client that lists these and sent these shares, and whether it has a share for it.

    A tuple with a group that the client only lists goes before a share in a later one: a HelloRetryRequest
    asks for it then.
    """
    allowed = allowed_groups(hs)
    for own in server_tuples(hs):
        usable = [group for group in own if group in allowed]
        for theirs, has_share in ((shares, True), (listed, False)):
            group = _first_shared(hs, usable, theirs)
            if group is not None:
                return group, has_share
    return None, False


def _first_shared(hs: Handshake, own: Sequence[int], theirs: Sequence[int]) -> int | None:
    if hs.config.options & Option.CIPHER_SERVER_PREFERENCE:
        return next((group for group in own if group in theirs), None)
    return next((group for group in theirs if group in own), None)


def requested_schemes(hs: Handshake) -> tuple[int, ...]:
    """The signature algorithms of a CertificateRequest: all but DSA's (tls12_sigalg_allowed())."""
    level = hs.config.security_level
    return tuple(
        scheme
        for scheme in hs.hello.signature_algorithms
        if allows_signature(level, scheme, hs.hello.weak_hashes) and not is_dsa(scheme)
    )
