"""The bulk ciphers: their sizes, and a context for the life of a direction's keys."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher as CipherFactory
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from emulator.exceptions import NotEmulated
from emulator.record.suite import Cipher

if TYPE_CHECKING:
    from collections.abc import Callable


class Construction(StrEnum):
    """The construction of a record with the cipher."""

    STREAM = "stream"
    CBC = "cbc"
    GCM = "gcm"  # RFC 5288: a fixed and an explicit part of the nonce
    CHACHA = "chacha"  # RFC 7905: the nonce is the IV and the sequence number


class CipherShape(NamedTuple):
    """The sizes of a cipher in bytes.

    ``iv_size`` counts the bytes of the key block: CBC's first IV, or the fixed part of an AEAD's nonce.
    """

    construction: Construction
    key_size: int
    block_size: int
    iv_size: int
    algorithm: Callable[[bytes], Any] | None = None


def _old(name: str) -> Callable[[bytes], Any]:
    """Make an algorithm out of cryptography's ``decrepit`` package, which the first key imports."""

    def make(key: bytes) -> Any:
        return getattr(import_module("cryptography.hazmat.decrepit.ciphers.algorithms"), name)(key)

    return make


_triple_des = _old("TripleDES")


def _single_des(key: bytes) -> Any:
    """Make DES: triple DES with three equal keys."""
    return _triple_des(key * 3)


SHAPES = {
    Cipher.NULL: CipherShape(Construction.STREAM, 0, 1, 0),
    Cipher.RC4_128: CipherShape(Construction.STREAM, 16, 1, 0, _old("ARC4")),
    Cipher.DES_CBC: CipherShape(Construction.CBC, 8, 8, 8, _single_des),
    Cipher.DES_EDE3_CBC: CipherShape(Construction.CBC, 24, 8, 8, _triple_des),
    Cipher.IDEA_CBC: CipherShape(Construction.CBC, 16, 8, 8, _old("IDEA")),
    Cipher.SEED_CBC: CipherShape(Construction.CBC, 16, 16, 16, _old("SEED")),
    Cipher.CAMELLIA_128_CBC: CipherShape(Construction.CBC, 16, 16, 16, _old("Camellia")),
    Cipher.CAMELLIA_256_CBC: CipherShape(Construction.CBC, 32, 16, 16, _old("Camellia")),
    Cipher.AES_128_CBC: CipherShape(Construction.CBC, 16, 16, 16, AES),
    Cipher.AES_256_CBC: CipherShape(Construction.CBC, 32, 16, 16, AES),
    Cipher.AES_128_GCM: CipherShape(Construction.GCM, 16, 1, 4),
    Cipher.AES_256_GCM: CipherShape(Construction.GCM, 32, 1, 4),
    Cipher.CHACHA20_POLY1305: CipherShape(Construction.CHACHA, 32, 1, 12),
}
"""The ciphers that records can be protected with."""


def shape_of(cipher: Cipher) -> CipherShape:
    """Return the sizes and the construction of a cipher; NotEmulated if it only stands in lists."""
    shape = SHAPES.get(cipher)
    if shape is None:
        raise NotEmulated(f"the {cipher} cipher")
    return shape


def encryptor(cipher: Cipher, key: bytes, iv: bytes) -> Callable[[bytes], bytes]:
    """Return the ``update`` method of an encrypting context; calls of it continue one stream or chain."""
    return _update(cipher, key, iv, encrypts=True)


def decryptor(cipher: Cipher, key: bytes, iv: bytes) -> Callable[[bytes], bytes]:
    """Return the ``update`` method of a decrypting context; calls of it continue one stream or chain."""
    return _update(cipher, key, iv, encrypts=False)


def _update(cipher: Cipher, key: bytes, iv: bytes, *, encrypts: bool) -> Callable[[bytes], bytes]:
    shape = shape_of(cipher)
    if shape.algorithm is None:
        return _unchanged
    factory = CipherFactory(shape.algorithm(key), CBC(iv) if shape.construction is Construction.CBC else None)
    try:
        return factory.encryptor().update if encrypts else factory.decryptor().update
    except UnsupportedAlgorithm as error:  # a build of cryptography without the legacy provider
        raise NotEmulated(f"the {cipher} cipher", str(error)) from error


def _unchanged(data: bytes) -> bytes:
    """Return the data unencrypted (EVP_enc_null())."""
    return data
