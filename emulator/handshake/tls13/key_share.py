"""Groups and key shares: which ones a side offers or picks, and the secret of both (RFC 8446, section 4.2.8).

X25519MLKEM768 is no Diffie-Hellman: the server answers the client's encapsulation key with a ciphertext, and
the secrets of both halves are joined (draft-ietf-tls-ecdhe-mlkem).
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
    """The groups of this side's list that its security level allows."""
    level = hs.config.security_level
    return tuple(group for group in hs.groups if allows_group(level, group))


def offered_shares(hs: Handshake) -> tuple[int, ...]:
    """The groups that a first ClientHello has key shares for."""
    allowed = allowed_groups(hs)
    # From 3.5 the default list marks the groups with shares ("*X25519MLKEM768 / *X25519:..."); up to 3.4,
    # and for a list without marks, the first group alone has one.
    marked = hs.hello_rules.key_share_groups if hs.config.groups is None else ()
    return tuple(group for group in marked if group in allowed) or allowed[:1]


def shared_group(hs: Handshake, client: Sequence[int]) -> int | None:
    """The first group of a server's own list that is in the client's: the one for a HelloRetryRequest."""
    return next((group for group in allowed_groups(hs) if group in client), None)


def server_tuples(hs: Handshake) -> tuple[tuple[int, ...], ...]:
    """A server's groups in tuples, the best first (from 3.5); none where the client's order counts alone."""
    tuples = hs.hello_rules.group_tuples
    return tuples if hs.config.groups is None or not tuples else (hs.config.groups,)


def choose_in_tuples(hs: Handshake, listed: Sequence[int], shares: Sequence[int]) -> tuple[int | None, bool]:
    """The group for a client that lists these and sent these shares, and whether it has a share for it.

    A tuple with a group that the client only lists goes before a share in a later one: the server then asks
    for that group with a HelloRetryRequest.
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
    """A client's own half."""

    group: int
    public: bytes

    def shared_secret(self, answer: bytes) -> bytes:
        """The secret with the server's answer.

        BadPoint if the answer is no public value of the group, BadPublicValue if it gives no secret.
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
        """The secret with a key that was read already; BadPublicValue if there is none."""
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
    """A fresh share; NotEmulated for groups that can only be listed here, as the finite fields."""
    if group == X25519MLKEM768:
        return HybridShare(random)
    if group == X448:
        return X448Share(random)
    return CurveShare(_emulated(group), random)


# -- a client's share, as the server has it


class PeerShare(Protocol):
    """A client's public value, read and found to be one of its group."""

    group: int

    def answer(self, random: Random) -> tuple[bytes, bytes]:
        """The server's public value and the secret; BadPublicValue if the two give none."""


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
        """See PeerShare; the encapsulation draws on the operating system, whatever ``random`` is."""
        secret, ciphertext = self._key.encapsulate()
        curve = EcdhKey(X25519, random)
        return ciphertext + curve.public, secret + curve.shared_secret(self._curve)


def read_share(group: int, public: bytes) -> PeerShare:
    """A client's share (EVP_PKEY_set1_tls_encodedpoint()).

    BadPoint if the public value is none of the group's; NotEmulated for groups that can only be listed here.
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


# -- keys of algorithms that few need, imported when they are


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
