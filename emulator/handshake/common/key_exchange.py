"""Ephemeral keys, and the secret that two of them give.

Diffie-Hellman by RFC 5246 (section 8.1.2: leading zeros of the shared secret are dropped), elliptic
curves by RFC 8422.
"""

from __future__ import annotations

import binascii
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from emulator.exceptions import UsageError
from emulator.handshake.common.der import INTEGER, SEQUENCE, element, integer, split
from emulator.handshake.common.messages import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable

    Random: TypeAlias = Callable[[int], bytes]

SECP256R1: Final = 23
SECP384R1: Final = 24
SECP521R1: Final = 25
X25519: Final = 29

_CURVES: dict[int, ec.EllipticCurve] = {
    SECP256R1: ec.SECP256R1(),
    SECP384R1: ec.SECP384R1(),
    SECP521R1: ec.SECP521R1(),
}
Point: TypeAlias = ec.EllipticCurvePublicKey | x25519.X25519PublicKey
"""The public value of a peer on a named group."""

EMULATED_GROUPS: Final = frozenset({*_CURVES, X25519})
"""Named groups (RFC 8422, section 5.1.1) that a key exchange here can use."""

CURVE_GROUPS: Final = {"secp256r1": SECP256R1, "secp384r1": SECP384R1, "secp521r1": SECP521R1}
"""Named groups by cryptography's names of curves."""

_PEM_PARAMETERS = re.compile(rb"-----BEGIN DH PARAMETERS-----(.*?)-----END DH PARAMETERS-----", re.DOTALL)

_ECDH: Final = ec.ECDH()
_EXPONENT_BITS: Final = 384
_X25519_SIZE: Final = 32
_PKCS1: Final = PKCS1v15()
_SHORTEST_PADDING: Final = 8


class BadPublicValue(Exception):  # noqa: N818 - a result, mapped to the release's own error
    """The peer's public value gives no secret: it is the neutral element, or not one of the group."""


class BadPoint(BadPublicValue):
    """The peer's public value is none of its group, which is seen before a secret is made of it."""


class EcdhKey:
    """An ephemeral key on a named group, out of ``random``'s bytes."""

    __slots__ = ("_key", "group", "public")

    def __init__(self, group: int, random: Random = os.urandom) -> None:
        self.group = group
        self._key: ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey
        if group == X25519:
            self._key = x25519.X25519PrivateKey.from_private_bytes(random(_X25519_SIZE))
            self.public = self._key.public_key().public_bytes_raw()
        else:
            self._key = _curve_key(_CURVES[group], random)
            self.public = _uncompressed(self._key.public_key())

    def shared_secret(self, peer: Point) -> bytes:
        """The secret with the peer's point; BadPublicValue if there is none."""
        try:
            if isinstance(self._key, x25519.X25519PrivateKey):
                assert isinstance(peer, x25519.X25519PublicKey)
                return self._key.exchange(peer)
            assert isinstance(peer, ec.EllipticCurvePublicKey)
            return self._key.exchange(_ECDH, peer)
        except ValueError as error:
            raise BadPublicValue from error


def _uncompressed(key: ec.EllipticCurvePublicKey) -> bytes:
    """The point as EC_POINT_point2oct() writes it; ``public_bytes`` would import all of serialization."""
    numbers, size = key.public_numbers(), (key.key_size + 7) // 8
    return b"\x04" + numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")


def _curve_key(curve: ec.EllipticCurve, random: Random) -> ec.EllipticCurvePrivateKey:
    if random is os.urandom:
        return ec.generate_private_key(curve)  # twice as fast
    size = (curve.key_size + 7) // 8
    scalar = int.from_bytes(random(size), "big") >> (8 * size - curve.key_size + 1)  # below the order
    return ec.derive_private_key(scalar | 1, curve)


def rsa_encrypt(key: rsa.RSAPublicKey, secret: bytes, random: Random) -> bytes:
    """RSAES-PKCS1-v1_5 (RFC 8017, section 7.2.1) with padding from ``random``.

    ValueError if the key is too short for the secret.
    """
    if random is os.urandom:
        return key.encrypt(secret, _PKCS1)
    size = (key.key_size + 7) // 8
    missing = size - 3 - len(secret)
    if missing < _SHORTEST_PADDING:
        raise ValueError("the key is too short")
    padding = random(missing).replace(b"\0", b"\1")
    numbers = key.public_numbers()
    message = int.from_bytes(b"\0\2" + padding + b"\0" + secret, "big")
    return pow(message, numbers.e, numbers.n).to_bytes(size, "big")


def read_point(group: int, encoded: bytes) -> Point:
    """A point of the group (EC_POINT_oct2point()); BadPoint if the bytes are none."""
    try:
        if group == X25519:
            return x25519.X25519PublicKey.from_public_bytes(encoded)
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[group], encoded)
    except ValueError as error:
        raise BadPoint from error


class DhParameters(NamedTuple):
    """A Diffie-Hellman group: prime and generator, as SSL_CTX_set_tmp_dh() takes them."""

    p: int
    g: int

    @property
    def bits(self) -> int:
        """The length of the prime."""
        return self.p.bit_length()

    def pem(self) -> bytes:
        """The group in PEM, as load_dh_parameters() reads it."""
        both = integer(self.p) + integer(self.g)
        text = binascii.b2a_base64(element(SEQUENCE, both))
        return b"-----BEGIN DH PARAMETERS-----\n" + text + b"-----END DH PARAMETERS-----\n"

    def accepts(self, public: int) -> bool:
        """Whether a public value lies between 1 and p - 1, both excluded (DH_check_pub_key())."""
        return 1 < public < self.p - 1

    @property
    def plausible(self) -> bool:
        """Whether the prime is odd and the generator lies between 1 and p - 1 (DH_check_params())."""
        return self.p % 2 == 1 and 1 < self.g < self.p - 1


def load_dh_parameters(pem: bytes) -> DhParameters:
    """Read a group from PEM (PEM_read_bio_DHparams(); PKCS #3, section 9); UsageError if there is none."""
    found = _PEM_PARAMETERS.search(pem)
    if found is None:
        raise UsageError("got no PEM block of DH PARAMETERS")
    try:
        (outer, sequence), *_ = split(binascii.a2b_base64(found[1]))
        (first, p), (second, g), *_ = split(sequence)
    except (ParseError, ValueError) as error:
        raise UsageError("the DH PARAMETERS cannot be read") from error
    if (outer, first, second) != (SEQUENCE, INTEGER, INTEGER):
        raise UsageError("the DH PARAMETERS are no prime and generator")
    return DhParameters(int.from_bytes(p, "big"), int.from_bytes(g, "big"))


class DhKey:
    """An ephemeral Diffie-Hellman key.

    Python's own pow() computes it: a peer may send any numbers as its group, and old releases go on with
    them.
    """

    __slots__ = ("_exponent", "parameters", "public")

    def __init__(self, parameters: DhParameters, random: Random = os.urandom) -> None:
        bits = max(2, min(_EXPONENT_BITS, parameters.bits - 1))
        self.parameters = parameters
        drawn = int.from_bytes(random((bits + 7) // 8), "big")
        self._exponent = drawn & (1 << bits) - 1 | 1 << (bits - 1)
        self.public = unsigned(pow(parameters.g, self._exponent, parameters.p))

    def shared_secret(self, peer: int) -> bytes:
        """The premaster secret with the peer's public value."""
        return unsigned(pow(peer, self._exponent, self.parameters.p))


def unsigned(value: int) -> bytes:
    """A number without leading zero bytes (BN_bn2bin())."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


AUTO_DH: Final = DhParameters(
    int(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
        "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
        "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
        "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
        "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
        "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
        16,
    ),
    2,
)
"""The 2,048-bit group of RFC 3526, section 3: SSL_CTX_set_dh_auto()'s for an RSA key of 2,048 bits."""
