"""The messages of a handshake so far, and their hashes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emulator.constants import TLS1_2_VERSION, HandshakeType

if TYPE_CHECKING:
    from hashlib import _Hash

    from emulator.record.suite import CipherSuite


def transcript_hashes(version: int, suite: CipherSuite) -> tuple[str, ...]:
    """The hashes over the messages: MD5 and SHA-1 up to TLS 1.1, then the suite's hash."""
    if version < TLS1_2_VERSION:
        return ("md5", "sha1")
    return (prf_hash(suite),)


def prf_hash(suite: CipherSuite) -> str:
    """The hash of TLS 1.2's PRF for this suite (RFC 5246, section 5: SHA-256, or the one that it names)."""
    return "sha256" if suite.prf_hash == "default" else suite.prf_hash


class Transcript:
    """Collects handshake messages, and hashes them once the version and the suite are chosen.

    Until ``start`` it stores the messages (``s3->handshake_buffer``).  Afterwards it hashes each
    (ssl3_digest_cached_records()), and stores the bytes only for a CertificateVerify of TLS 1.2.
    """

    __slots__ = ("_buffer", "_hashes")

    def __init__(self) -> None:
        self._buffer: bytearray | None = bytearray()
        self._hashes: tuple[_Hash, ...] = ()

    def update(self, message: bytes) -> None:
        """Add one whole message (header included) that was sent or received."""
        if self._buffer is not None:
            self._buffer += message
        for running in self._hashes:
            running.update(message)

    def start(self, names: tuple[str, ...]) -> None:
        """Hash with these algorithms (hashlib's names), from the first message stored on."""
        stored = bytes(self._buffer or b"")
        self._hashes = tuple(hashlib.new(name, stored, usedforsecurity=False) for name in names)

    def replace_by_message_hash(self) -> None:
        """A HelloRetryRequest: the first ClientHello gives way to its hash (RFC 8446, section 4.4.1).

        The ClientHello must be the only message, and hashed (create_synthetic_message_hash()).
        """
        (running,) = self._hashes
        digest = running.digest()
        self._buffer = bytearray(bytes((HandshakeType.MESSAGE_HASH, 0, 0, len(digest))) + digest)
        self.start((running.name,))

    def drop_messages(self) -> None:
        """Store no messages any more, only hashes: no CertificateVerify will need them."""
        self._buffer = None

    @property
    def is_hashing(self) -> bool:
        """Whether the hashes are chosen (``s3->handshake_dgst``)."""
        return bool(self._hashes)

    def messages(self) -> bytes:
        """All messages so far; empty after ``drop_messages``."""
        return bytes(self._buffer or b"")

    def copies(self) -> tuple[_Hash, ...]:
        """Copies of the running hashes, which the caller may update."""
        return tuple(running.copy() for running in self._hashes)

    def digest(self) -> bytes:
        """The hashes so far, one after the other."""
        return b"".join(running.digest() for running in self._hashes)
