"""Key shares: what one side sends for a group, and the secret that comes of it (RFC 8446, section 4.2.8).

X25519MLKEM768 is no Diffie-Hellman: the server answers the client's encapsulation key with a ciphertext, and
both halves' secrets are joined (draft-ietf-tls-ecdhe-mlkem).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import x448

from emulator.exceptions import NotEmulated
from emulator.handshake.key_exchange import EMULATED_GROUPS, X25519, BadPublicValue, EcdhKey, read_point

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import mlkem

    from emulator.handshake.key_exchange import Random

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
