"""Tickets by RFC 5077, section 4, in the form that OpenSSL's own keys give them.

Key name, IV, the session encrypted with AES-CBC, HMAC-SHA256 over all of that: 64 bytes more than the
encrypted session.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from emulator.handshake.failure import ParseError
from emulator.handshake.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME_LENGTH = 16
_IV_LENGTH = 16
_MAC_LENGTH = 32
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class TicketKeys:
    """The keys of an SSL_CTX (SSL_CTX_set_tlsext_ticket_keys()), random for each context.

    AES and HMAC keys have 16 bytes to 1.0.2 and 32 from 1.1.0.
    """

    name: bytes
    mac_key: bytes
    cipher_key: bytes

    @classmethod
    def generate(cls, key_length: int, random: Callable[[int], bytes] = os.urandom) -> TicketKeys:
        """Fresh keys, each of ``key_length`` bytes."""
        return cls(random(_NAME_LENGTH), random(key_length), random(key_length))

    def seal(self, session: Session, random: Callable[[int], bytes] = os.urandom) -> bytes:
        """The ticket for this session, whose id is of no importance for it."""
        plain = session.to_der()
        pad = _BLOCK - len(plain) % _BLOCK
        iv = random(_IV_LENGTH)
        encryptor = Cipher(algorithms.AES(self.cipher_key), modes.CBC(iv)).encryptor()
        sealed = self.name + iv + encryptor.update(plain + bytes((pad,)) * pad)
        return sealed + hmac.digest(self.mac_key, sealed, "sha256")

    def open(self, ticket: bytes) -> Session | None:
        """The session of a ticket, None if it is not one of ours (tls_decrypt_ticket())."""
        if len(ticket) <= _NAME_LENGTH + _IV_LENGTH + _MAC_LENGTH or ticket[:_NAME_LENGTH] != self.name:
            return None
        sealed, mac = ticket[:-_MAC_LENGTH], ticket[-_MAC_LENGTH:]
        if not hmac.compare_digest(hmac.digest(self.mac_key, sealed, "sha256"), mac):
            return None
        return self._decrypt(sealed)

    def _decrypt(self, sealed: bytes) -> Session | None:
        iv, data = sealed[_NAME_LENGTH : _NAME_LENGTH + _IV_LENGTH], sealed[_NAME_LENGTH + _IV_LENGTH :]
        if len(data) % _BLOCK:
            return None
        plain = Cipher(algorithms.AES(self.cipher_key), modes.CBC(iv)).decryptor().update(data)
        try:
            return Session.from_der(plain[: len(plain) - plain[-1]])
        except ParseError:
            return None
