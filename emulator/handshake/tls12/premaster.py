"""The key exchanges, which give the premaster secret: RSA, ephemeral Diffie-Hellman, ephemeral curves.

Each class is one side of one key exchange.  A client's class makes the premaster secret and the body of
ClientKeyExchange, a server's class reads that body; RFC 5246, sections 7.4.3 and 7.4.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import RsaCiphertext
from emulator.constants import Option
from emulator.exceptions import NotEmulated
from emulator.handshake.common.key_exchange import (
    BadPublicValue,
    DhKey,
    EcdhKey,
    read_point,
    rsa_encrypt,
    unsigned,
)
from emulator.handshake.common.messages import Reader, vector
from emulator.handshake.tls12.key_schedule import MASTER_SECRET_LENGTH

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from emulator.handshake.common.key_exchange import DhParameters, Point
    from emulator.handshake.common.state import Handshake

DH_MAX_MODULUS_BITS = 10_000
"""OPENSSL_DH_MAX_MODULUS_BITS (dh.h)."""

DH_MIN_MODULUS_BITS = 512
"""The shortest prime that DH_check_params() accepts, from 3.0 (crypto/dh/dh_local.h)."""

NAMED_CURVE = 3
"""ECCurveType.named_curve (RFC 8422, section 5.4), the only one that OpenSSL knows."""

_PKCS1 = PKCS1v15()


class ClientHalf(Protocol):
    """A client's half of a key exchange."""

    def answer(self) -> tuple[bytes, bytes]:
        """Return the premaster secret, and the body of ClientKeyExchange."""


class ServerHalf(Protocol):
    """A server's half of a key exchange."""

    def premaster(self, body: bytes) -> bytes:
        """Return the premaster secret from the body of ClientKeyExchange; ParseError if lengths are wrong."""


class RsaEncryption:
    """A client draws the premaster secret and encrypts it with the key of the server's certificate."""

    __slots__ = ("_hs", "_key")

    def __init__(self, hs: Handshake, key: rsa.RSAPublicKey) -> None:
        self._hs = hs
        self._key = key

    def answer(self) -> tuple[bytes, bytes]:
        """See ClientHalf."""
        hs = self._hs
        # The version that the ClientHello offered, not the one in use: s->client_version.
        premaster = hs.client_version.to_bytes(2, "big") + hs.config.random(MASTER_SECRET_LENGTH - 2)
        try:
            encrypted = rsa_encrypt(self._key, premaster, hs.config.random)
        except ValueError:
            raise hs.failure(Fault.CLIENT_RSA_ENCRYPT) from None
        # s->version > SSL3_VERSION: SSLv3 has no length before the encrypted secret.
        return premaster, encrypted if hs.is_ssl3 else vector(encrypted, 2)


class DhAnswer:
    """The server's group and its public value, to which a client makes a key of its own."""

    __slots__ = ("_hs", "_parameters", "_peer")

    def __init__(self, hs: Handshake, parameters: DhParameters, peer: int) -> None:
        self._hs = hs
        self._parameters = parameters
        self._peer = peer

    def answer(self) -> tuple[bytes, bytes]:
        """See ClientHalf; NotEmulated for a prime with which a computation would take minutes."""
        hs, parameters = self._hs, self._parameters
        if parameters.bits > DH_MAX_MODULUS_BITS:
            # BN_num_bits(dh->p) > OPENSSL_DH_MAX_MODULUS_BITS, from 0.9.7l and 0.9.8d.
            hs.refuse_if_checked(Fault.CLIENT_DH_GENERATE)
            raise NotEmulated(f"a Diffie-Hellman prime of {parameters.bits} bits", "the server sent it")
        if not parameters.accepts(self._peer):
            # DH_compute_key() calls DH_check_pub_key() from 0.9.8a; older releases take any number.
            hs.refuse_if_checked(Fault.CLIENT_DH_COMPUTE)
        key = DhKey(parameters, hs.config.random)
        premaster = key.shared_secret(self._peer)
        if not premaster:
            # n <= 0 of DH_compute_key(), up to 1.0.2; ssl_derive() goes on with an empty secret.
            hs.refuse_if_checked(Fault.CLIENT_DH_NO_SECRET)
        return premaster, vector(key.public, 2)


class EcdhAnswer:
    """The server's curve and its point, to which a client makes a key of its own."""

    __slots__ = ("_group", "_hs", "_peer")

    def __init__(self, hs: Handshake, group: int, peer: Point) -> None:
        self._hs = hs
        self._group = group
        self._peer = peer

    def answer(self) -> tuple[bytes, bytes]:
        """See ClientHalf."""
        key = EcdhKey(self._group, self._hs.config.random)
        try:
            premaster = key.shared_secret(self._peer)
        except BadPublicValue:
            raise self._hs.failure(Fault.CLIENT_ECDH_COMPUTE) from None
        return premaster, vector(key.public, 1)


class RsaDecryption:
    """A server decrypts the premaster secret with the key of its certificate."""

    __slots__ = ("_hs", "_key")

    def __init__(self, hs: Handshake, key: rsa.RSAPrivateKey) -> None:
        self._hs = hs
        self._key = key

    def premaster(self, body: bytes) -> bytes:
        """See ServerHalf; random bytes if the decrypted secret is wrong."""
        encrypted = self._read_encrypted(body)
        self._check_encrypted(encrypted)
        substitute = self._hs.config.random(MASTER_SECRET_LENGTH)
        try:
            premaster = self._key.decrypt(encrypted.rjust(self._size, b"\0"), _PKCS1)
        except ValueError:
            premaster = b""
        return premaster if self._is_good(premaster) else substitute

    @property
    def _size(self) -> int:
        return (self._key.key_size + 7) // 8

    def _read_encrypted(self, body: bytes) -> bytes:
        hs = self._hs
        if hs.is_ssl3:
            return body
        # ``n != i+2`` and SSL_OP_TLS_D5_BUG: the client has left the length out, as in SSLv3.
        if hs.config.options & Option.TLS_D5_BUG and int.from_bytes(body[:2], "big") != len(body) - 2:
            return body
        reader = Reader(body, Fault.RSA_LENGTH)
        encrypted = reader.vector(2)
        reader.finish()
        return encrypted

    def _check_encrypted(self, encrypted: bytes) -> None:
        rule = self._hs.rules.rsa_ciphertext
        # n < SSL_MAX_MASTER_KEY_LENGTH is refused from 1.0.0p and 1.0.1k up to 1.0.2.
        if rule is RsaCiphertext.AT_LEAST_PREMASTER and len(encrypted) < MASTER_SECRET_LENGTH:
            self._hs.refuse(Fault.RSA_TOO_SHORT)
        # From 1.1.0 RSA_private_decrypt() without padding comes first and refuses numbers from n on.
        if rule is RsaCiphertext.BELOW_MODULUS:
            modulus = self._key.public_key().public_numbers().n
            if len(encrypted) > self._size or int.from_bytes(encrypted, "big") >= modulus:
                self._hs.refuse(Fault.RSA_DECRYPT)

    def _is_good(self, premaster: bytes) -> bool:
        """Check length and version; a peer must not learn which is wrong (RFC 5246, section 7.4.7.1)."""
        hs = self._hs
        versions = {hs.client_version.to_bytes(2, "big")}
        if hs.config.options & Option.TLS_ROLLBACK_BUG:
            versions.add(hs.version.to_bytes(2, "big"))
        return (len(premaster) == MASTER_SECRET_LENGTH) & (premaster[:2] in versions)


class DhOffer:
    """A server's fresh key in its own group; ``parameters`` are those of ServerKeyExchange."""

    __slots__ = ("_hs", "_key")

    def __init__(self, hs: Handshake, parameters: DhParameters) -> None:
        self._hs = hs
        self._key = DhKey(parameters, hs.config.random)

    @property
    def parameters(self) -> bytes:
        """ServerDHParams."""
        group = self._key.parameters
        return b"".join(vector(part, 2) for part in (unsigned(group.p), unsigned(group.g), self._key.public))

    def premaster(self, body: bytes) -> bytes:
        """See ServerHalf."""
        if not body:
            self._hs.refuse(Fault.CLIENT_DH_EMPTY)
        reader = Reader(body, Fault.CLIENT_DH_LENGTH)
        public = int.from_bytes(reader.vector(2), "big")
        reader.finish()
        if not self._key.parameters.accepts(public):
            # DH_compute_key() calls DH_check_pub_key() from 0.9.8a; older releases take any number.
            self._hs.refuse_if_checked(Fault.CLIENT_DH_VALUE)
        premaster = self._key.shared_secret(public)
        if not premaster:
            # i <= 0 of DH_compute_key(), up to 1.0.2.
            self._hs.refuse_if_checked(Fault.CLIENT_DH_VALUE_NO_SECRET)
        return premaster


class EcdhOffer:
    """A server's fresh key on the curve that it chose; ``parameters`` are those of ServerKeyExchange."""

    __slots__ = ("_hs", "_key")

    def __init__(self, hs: Handshake, group: int) -> None:
        self._hs = hs
        self._key = EcdhKey(group, hs.config.random)

    @property
    def parameters(self) -> bytes:
        """ServerECDHParams."""
        return bytes((NAMED_CURVE,)) + self._key.group.to_bytes(2, "big") + vector(self._key.public, 1)

    def premaster(self, body: bytes) -> bytes:
        """See ServerHalf."""
        if not body:
            self._hs.refuse(Fault.CLIENT_POINT_MISSING)
        reader = Reader(body, Fault.CLIENT_POINT_LENGTH)
        point = reader.vector(1)
        reader.finish()
        try:
            return self._key.shared_secret(read_point(self._key.group, point))
        except BadPublicValue:
            raise self._hs.failure(Fault.CLIENT_POINT) from None
