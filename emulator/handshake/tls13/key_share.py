"""Groups and key shares: their choice by either side, and the shared secret (RFC 8446, section 4.2.8).

X25519MLKEM768 is no Diffie-Hellman: the server's share has a ciphertext for the client's encapsulation key,
and the secrets of both algorithms are joined (draft-ietf-tls-ecdhe-mlkem).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import UnsupportedAlgorithm

from emulator.constants import Option
from emulator.exceptions import NotEmulated
from emulator.handshake.common.key_exchange import (
    EMULATED_GROUPS,
    X25519,
    BadPoint,
    BadPublicValue,
    EcdhKey,
    read_point,
)
from emulator.handshake.common.security_level import allows_group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric import mlkem, x448

    from emulator.handshake.common.key_exchange import Random
    from emulator.handshake.common.state import Handshake

X448: Final = 30
X25519MLKEM768: Final = 0x11EC

_X448_SIZE: Final = 56
_X25519_SIZE: Final = 32
_MLKEM768_SEED: Final = 64
_MLKEM768_KEY: Final = 1184
_MLKEM768_CIPHERTEXT: Final = 1088

# -- which groups


def allowed_groups(hs: Handshake) -> tuple[int, ...]:
    """Return the groups of this side's list that its security level allows."""
    level = hs.config.security_level
    return tuple(group for group in hs.groups if allows_group(level, group))


def offered_shares(hs: Handshake) -> tuple[int, ...]:
    """Return the groups of the key shares in a first ClientHello."""
    allowed = allowed_groups(hs)
    # From 3.5 the default list marks the groups with shares ("*X25519MLKEM768 / *X25519:..."); up to 3.4,
    # and for a list without marks, the first group alone has one.
    marked = hs.hello_rules.key_share_groups if hs.config.groups is None else ()
    return tuple(group for group in marked if group in allowed) or allowed[:1]


def shared_group(hs: Handshake, client: Sequence[int]) -> int | None:
    """Return the first group of a server's list that the client lists, for a HelloRetryRequest."""
    return next((group for group in allowed_groups(hs) if group in client), None)


def server_tuples(hs: Handshake) -> tuple[tuple[int, ...], ...]:
    """Return a server's groups in tuples, the best first; none if only the client's order matters."""
    # From 3.5 "/" separates tuples in a list of groups (SSL_CTX_set1_groups_list(3)); 3.4 has no tuples.
    tuples = hs.hello_rules.group_tuples
    return tuples if hs.config.groups is None or not tuples else (hs.config.groups,)


def choose_in_tuples(hs: Handshake, listed: Sequence[int], shares: Sequence[int]) -> tuple[int | None, bool]:
    """Return the group for a client with this list and these shares, and whether it sent a share for it.

    A group of an earlier tuple is chosen even if the client only lists it, and has a share for a group of a
    later tuple.  The server then requests that share with a HelloRetryRequest.
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


# -- a client's share


class KeyShare(Protocol):
    """A client's key share, with its private key."""

    group: int
    public: bytes

    def shared_secret(self, answer: bytes) -> bytes:
        """Return the secret shared with the server's share.

        BadPoint if ``answer`` is no public value of the group, BadPublicValue if there is no secret.
        """


class CurveShare:
    """An ephemeral key on one of the curves."""

    __slots__ = ("_key", "group", "public")

    def __init__(self, group: int, random: Random = os.urandom) -> None:
        self.group = group
        self._key = EcdhKey(group, random)
        self.public = self._key.public

    def shared_secret(self, answer: bytes) -> bytes:
        """See KeyShare."""
        return self._key.shared_secret(read_point(self.group, answer))


class X448Share:
    """An ephemeral key of X448 (RFC 7748)."""

    __slots__ = ("_key", "public")

    group = X448

    def __init__(self, random: Random = os.urandom) -> None:
        from cryptography.hazmat.primitives.asymmetric import x448  # noqa: PLC0415 - few need it

        self._key = x448.X448PrivateKey.from_private_bytes(random(_X448_SIZE))
        self.public = self._key.public_key().public_bytes_raw()

    def shared_secret(self, answer: bytes) -> bytes:
        """See KeyShare."""
        return self.exchange(_x448_key(answer))

    def exchange(self, peer: x448.X448PublicKey) -> bytes:
        """Return the secret shared with a key; BadPublicValue if there is none."""
        try:
            return self._key.exchange(peer)
        except ValueError as error:
            raise BadPublicValue from error


class HybridShare:
    """A client's ML-KEM-768 encapsulation key and X25519 key, in this order."""

    __slots__ = ("_curve", "_key", "public")

    group = X25519MLKEM768

    def __init__(self, random: Random = os.urandom) -> None:
        self._key = _mlkem_private_key(random(_MLKEM768_SEED))
        self._curve = EcdhKey(X25519, random)
        self.public = self._key.public_key().public_bytes_raw() + self._curve.public

    def shared_secret(self, answer: bytes) -> bytes:
        """See KeyShare."""
        if len(answer) != _MLKEM768_CIPHERTEXT + _X25519_SIZE:
            raise BadPoint
        point = read_point(X25519, answer[_MLKEM768_CIPHERTEXT:])
        return self._key.decapsulate(answer[:_MLKEM768_CIPHERTEXT]) + self._curve.shared_secret(point)


def make_share(group: int, random: Random = os.urandom) -> KeyShare:
    """Make a fresh share; NotEmulated for groups that only stand in lists, as the finite fields."""
    if group == X25519MLKEM768:
        return HybridShare(random)
    if group == X448:
        return X448Share(random)
    return CurveShare(_emulated(group), random)


# -- a client's share, on the server's side


class PeerShare(Protocol):
    """A client's public value, which is valid in its group."""

    group: int

    def answer(self, random: Random) -> tuple[bytes, bytes]:
        """Return the server's public value and the secret; BadPublicValue if there is none."""


class PeerCurveShare:
    """A point on one of the curves."""

    __slots__ = ("_point", "group")

    def __init__(self, group: int, public: bytes) -> None:
        self.group = group
        self._point = read_point(group, public)

    def answer(self, random: Random) -> tuple[bytes, bytes]:
        """See PeerShare."""
        key = EcdhKey(self.group, random)
        return key.public, key.shared_secret(self._point)


class PeerX448Share:
    """A public key of X448."""

    __slots__ = ("_key",)

    group = X448

    def __init__(self, public: bytes) -> None:
        self._key = _x448_key(public)

    def answer(self, random: Random) -> tuple[bytes, bytes]:
        """See PeerShare."""
        own = X448Share(random)
        return own.public, own.exchange(self._key)


class PeerHybridShare:
    """An ML-KEM-768 encapsulation key and a public key of X25519."""

    __slots__ = ("_curve", "_key")

    group = X25519MLKEM768

    def __init__(self, public: bytes) -> None:
        if len(public) != _MLKEM768_KEY + _X25519_SIZE:
            raise BadPoint
        self._key = _mlkem_public_key(public[:_MLKEM768_KEY])
        self._curve = read_point(X25519, public[_MLKEM768_KEY:])

    def answer(self, random: Random) -> tuple[bytes, bytes]:
        """See PeerShare; the encapsulation uses random bytes of the operating system, not ``random``."""
        secret, ciphertext = self._key.encapsulate()
        curve = EcdhKey(X25519, random)
        return ciphertext + curve.public, secret + curve.shared_secret(self._curve)


def read_share(group: int, public: bytes) -> PeerShare:
    """Read a client's share (EVP_PKEY_set1_tls_encodedpoint()).

    BadPoint if the public value is none of the group's; NotEmulated for groups that only stand in lists.
    """
    if group == X25519MLKEM768:
        return PeerHybridShare(public)
    if group == X448:
        return PeerX448Share(public)
    return PeerCurveShare(_emulated(group), public)


def _emulated(group: int) -> int:
    if group not in EMULATED_GROUPS:
        raise NotEmulated(f"named group {group}", "both sides would have used this key share")
    return group


# -- keys of rare algorithms, imported when the first is made


def _x448_key(encoded: bytes) -> x448.X448PublicKey:
    from cryptography.hazmat.primitives.asymmetric import x448  # noqa: PLC0415

    try:
        return x448.X448PublicKey.from_public_bytes(encoded)
    except ValueError as error:
        raise BadPoint from error


def _mlkem_private_key(seed: bytes) -> mlkem.MLKEM768PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import mlkem  # noqa: PLC0415

    try:
        return mlkem.MLKEM768PrivateKey.from_seed_bytes(seed)
    except UnsupportedAlgorithm as error:
        raise NotEmulated("X25519MLKEM768", str(error)) from error


def _mlkem_public_key(encoded: bytes) -> mlkem.MLKEM768PublicKey:
    from cryptography.hazmat.primitives.asymmetric import mlkem  # noqa: PLC0415

    try:
        return mlkem.MLKEM768PublicKey.from_public_bytes(encoded)
    except ValueError as error:
        raise BadPoint from error
    except UnsupportedAlgorithm as error:
        raise NotEmulated("X25519MLKEM768", str(error)) from error
