"""Key shares: what one side sends for a group, and the secret that comes of it (RFC 8446, section 4.2.8).

X25519MLKEM768 is no Diffie-Hellman: the server answers the client's encapsulation key with a ciphertext, and
both halves' secrets are joined (draft-ietf-tls-ecdhe-mlkem).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import x448

from emulator.constants import Option
from emulator.exceptions import NotEmulated
from emulator.handshake.common.key_exchange import (
    EMULATED_GROUPS,
    X25519,
    BadPublicValue,
    EcdhKey,
    read_point,
)
from emulator.handshake.common.security_level import allows_group, allows_signature
from emulator.handshake.common.signatures import is_dsa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric import mlkem

    from emulator.handshake.common.key_exchange import Random
    from emulator.handshake.common.state import Handshake


X448: Final = 30
X25519MLKEM768: Final = 0x11EC

_X448_SIZE: Final = 56
_X25519_SIZE: Final = 32
_MLKEM768_SEED: Final = 64
_MLKEM768_KEY: Final = 1184
_MLKEM768_CIPHERTEXT: Final = 1088

SHARED_GROUPS: Final = EMULATED_GROUPS | {X448, X25519MLKEM768}
"""Groups that a key share can be made for here."""


class KeyShare(Protocol):
    """A client's own half."""

    group: int
    public: bytes

    def shared_secret(self, answer: bytes) -> bytes:
        """The secret with what the server answered; BadPublicValue when that is nothing usable."""


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
        self._key = x448.X448PrivateKey.from_private_bytes(random(_X448_SIZE))
        self.public = self._key.public_key().public_bytes_raw()

    def shared_secret(self, answer: bytes) -> bytes:
        """See KeyShare."""
        try:
            return self._key.exchange(x448.X448PublicKey.from_public_bytes(answer))
        except ValueError as error:
            raise BadPublicValue from error


class HybridShare:
    """A client's ML-KEM-768 encapsulation key and X25519 key, in this order."""

    __slots__ = ("_curve", "_key", "public")

    group = X25519MLKEM768

    def __init__(self, random: Random = os.urandom) -> None:
        self._key = _private_key(random(_MLKEM768_SEED))
        self._curve = EcdhKey(X25519, random)
        self.public = self._key.public_key().public_bytes_raw() + self._curve.public

    def shared_secret(self, answer: bytes) -> bytes:
        """See KeyShare."""
        if len(answer) != _MLKEM768_CIPHERTEXT + _X25519_SIZE:
            raise BadPublicValue
        point = read_point(X25519, answer[_MLKEM768_CIPHERTEXT:])
        return self._key.decapsulate(answer[:_MLKEM768_CIPHERTEXT]) + self._curve.shared_secret(point)


def make_share(group: int, random: Random = os.urandom) -> KeyShare:
    """A fresh share; NotEmulated for the finite fields and other groups that are in lists alone."""
    if group == X25519MLKEM768:
        return HybridShare(random)
    if group == X448:
        return X448Share(random)
    if group not in EMULATED_GROUPS:
        raise NotEmulated(f"named group {group}", "both sides would have used this key share")
    return CurveShare(group, random)


def check_share(group: int, public: bytes) -> None:
    """Whether a client's share can be a point of its group (EVP_PKEY_set1_tls_encodedpoint()).

    BadPublicValue when it can't; that no secret comes of it may still be seen later.
    """
    if group in EMULATED_GROUPS:
        read_point(group, public)
    elif group == X25519MLKEM768:
        if len(public) != _MLKEM768_KEY + _X25519_SIZE:
            raise BadPublicValue
        _public_key(public[:_MLKEM768_KEY])
    elif group == X448 and len(public) != _X448_SIZE:
        raise BadPublicValue


def check_answer(group: int, answer: bytes) -> None:
    """The same for what a server answered."""
    if group != X25519MLKEM768:
        check_share(group, answer)
    elif len(answer) != _MLKEM768_CIPHERTEXT + _X25519_SIZE:
        raise BadPublicValue


def answer_share(group: int, public: bytes, random: Random = os.urandom) -> tuple[bytes, bytes]:
    """What a server sends in answer to a client's share, and the secret; BadPublicValue for a bad share.

    The encapsulation of X25519MLKEM768 draws on the operating system, whatever ``random`` is.
    """
    if group == X25519MLKEM768:
        return _encapsulate(public, random)
    share = make_share(group, random)
    return share.public, share.shared_secret(public)


def _encapsulate(public: bytes, random: Random) -> tuple[bytes, bytes]:
    if len(public) != _MLKEM768_KEY + _X25519_SIZE:
        raise BadPublicValue
    secret, ciphertext = _public_key(public[:_MLKEM768_KEY]).encapsulate()
    curve = EcdhKey(X25519, random)
    joined = secret + curve.shared_secret(read_point(X25519, public[_MLKEM768_KEY:]))
    return ciphertext + curve.public, joined


def _private_key(seed: bytes) -> mlkem.MLKEM768PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import mlkem as module  # noqa: PLC0415 - few need it

    try:
        return module.MLKEM768PrivateKey.from_seed_bytes(seed)
    except UnsupportedAlgorithm as error:
        raise NotEmulated("X25519MLKEM768", str(error)) from error


def _public_key(encoded: bytes) -> mlkem.MLKEM768PublicKey:
    from cryptography.hazmat.primitives.asymmetric import mlkem as module  # noqa: PLC0415

    try:
        return module.MLKEM768PublicKey.from_public_bytes(encoded)
    except ValueError as error:
        raise BadPublicValue from error
    except UnsupportedAlgorithm as error:
        raise NotEmulated("X25519MLKEM768", str(error)) from error


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
