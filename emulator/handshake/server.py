"""The server's handshake: what is left beside hellos and key exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import PeerSignature
from emulator.constants import SSL3_VERSION, TLS1_2_VERSION, HandshakeType
from emulator.handshake import signatures
from emulator.handshake.key_schedule import ssl3_certificate_verify_hashes
from emulator.handshake.reader import Reader, handshake_message, vector
from emulator.handshake.security_level import allows_legacy_signature
from emulator.handshake.server_keys import ServerKeyLogic
from emulator.handshake.state import refuses_malformed
from emulator.handshake.tls13.server import ServerTls13

if TYPE_CHECKING:
    from emulator.handshake.signatures import PublicKey

_RSA_SIGN = 1
_DSS_SIGN = 2
_ECDSA_SIGN = 64


class ServerHandshake(ServerKeyLogic):
    """A server's handshake messages: construct_...() makes one, process_...() takes one.

    The engine's machine asks ``hit``, ``certificate_expected``, ``sends_server_key_exchange``,
    ``certificate_requested``, ``expects_certificate_verify`` and ``ticket_expected`` for what comes next.
    """

    __slots__ = ()

    tls13: ServerTls13 | None

    def make_tls13(self) -> ServerTls13:
        """What only TLS 1.3 needs, for a handshake that chose it."""
        return ServerTls13(self)

    # -- CertificateRequest and ServerHelloDone

    def construct_certificate_request(self) -> bytes:
        """Ask for a certificate of any kind that can sign, by any authority."""
        ecdsa = bytes((_ECDSA_SIGN,)) if self.version > SSL3_VERSION and self.hello.groups else b""
        body = vector(bytes((_RSA_SIGN, _DSS_SIGN)) + ecdsa, 1)
        if self.version >= TLS1_2_VERSION:
            schemes = b"".join(scheme.to_bytes(2, "big") for scheme in self.hello.signature_algorithms)
            body += vector(schemes, 2)
        return handshake_message(HandshakeType.CERTIFICATE_REQUEST, body + vector(b"", 2))

    def construct_server_hello_done(self) -> bytes:
        """The end of the flight."""
        return handshake_message(HandshakeType.SERVER_HELLO_DONE, b"")

    # -- CertificateVerify

    @property
    def expects_certificate_verify(self) -> bool:
        """Whether the client sent a certificate, whose key must show itself."""
        return self.tmp.peer_key is not None

    @refuses_malformed
    def process_certificate_verify(self, body: bytes) -> None:
        """Check that the client has the key of its certificate."""
        key = self.tmp.peer_key
        assert key is not None
        reader = Reader(body, Fault.VERIFY_LENGTH)
        legacy = self.version < TLS1_2_VERSION
        if legacy and not allows_legacy_signature(self.config.security_level, self.hello.weak_hashes):
            self.refuse(Fault.LEGACY_SIGNATURE)
        scheme = None if legacy else self._read_scheme(reader, key)
        signature = reader.vector(2)
        reader.finish()
        if not 0 < len(signature) <= signatures.signature_size(key):
            self.refuse(Fault.VERIFY_SIZE)
        if not self._is_signed(key, scheme, signature):
            rsa_key = signatures.key_type(key) is signatures.KeyType.RSA
            self.refuse(Fault.VERIFY_RSA if rsa_key else Fault.VERIFY_ECDSA)
        self.transcript.drop_messages()

    def _read_scheme(self, reader: Reader, key: PublicKey) -> int:
        scheme = reader.number(2)
        if not signatures.fits(scheme, signatures.key_type(key)):
            self.refuse(Fault.VERIFY_TYPE)
        unknown = signatures.scheme_hash(scheme) is None
        offered = self.section.peer_signature is PeerSignature.OFFERED
        if unknown or (offered and scheme not in self.hello.signature_algorithms):
            self.refuse(Fault.VERIFY_HASH)
        return scheme

    def _is_signed(self, key: PublicKey, scheme: int | None, signature: bytes) -> bool:
        assert self.session is not None
        if scheme is not None:
            return signatures.verify_scheme(key, scheme, signature, self.transcript.messages())
        if self.is_ssl3:
            digest = ssl3_certificate_verify_hashes(self.transcript, self.session.master_key)
        else:
            digest = self.transcript.digest()
        return signatures.verify_legacy(key, signature, digest)

    # -- the end

    def construct_new_session_ticket(self) -> bytes:
        """NewSessionTicket; a resumed session's says nothing about how long it lives."""
        session, keys = self.session, self.config.ticket_keys
        assert session is not None
        assert keys is not None
        contents = session.copy()
        contents.session_id = b""
        lifetime = 0 if self.hit else session.timeout
        body = lifetime.to_bytes(4, "big") + vector(keys.seal(contents, self.config.random), 2)
        return handshake_message(HandshakeType.NEW_SESSION_TICKET, body)

    def finish(self) -> None:
        """Put a new session with an id into the cache (ssl_update_cache()), then forget the rest."""
        session, cache = self.session, self.config.session_cache
        by_ticket = self.tls13 is not None  # construct_new_session_ticket() has cached what is to be cached
        if (
            not by_ticket
            and session is not None
            and cache is not None
            and session.session_id
            and not self.hit
        ):
            cache.add(session)
        super().finish()
