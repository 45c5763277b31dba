"""The client's handshake: what is left beside hellos and key exchange."""

from __future__ import annotations

import hashlib

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import CertificateCheck
from emulator.constants import TLS1_2_VERSION, HandshakeType
from emulator.handshake import signatures
from emulator.handshake.certificates import check_authority
from emulator.handshake.client_keys import ClientKeyLogic
from emulator.handshake.key_schedule import ssl3_certificate_verify_hashes
from emulator.handshake.reader import Reader, handshake_message, numbers16, vector
from emulator.handshake.state import refuses_malformed
from emulator.handshake.tls13.client import ClientTls13
from emulator.record.suite import Authentication


class ClientHandshake(ClientKeyLogic):
    """A client's handshake messages: construct_...() makes one, process_...() takes one.

    The engine's machine asks ``hit``, ``certificate_expected``, ``status_expected``,
    ``expects_server_key_exchange``, ``certificate_requested``, ``sends_certificate``,
    ``sends_certificate_verify`` and ``ticket_expected`` for what comes next.
    """

    __slots__ = ()

    tls13: ClientTls13 | None

    def make_tls13(self) -> ClientTls13:
        """What only TLS 1.3 needs, for a handshake that offers it."""
        return ClientTls13(self)

    # -- CertificateRequest and its answers

    @refuses_malformed
    def process_certificate_request(self, body: bytes) -> None:
        """Take note of what the server would accept (ssl3_get_certificate_request())."""
        assert self.suite is not None
        if self.suite.auth is Authentication.NULL and not self.is_ssl3:
            self.refuse(Fault.REQUEST_ANONYMOUS)
        reader = Reader(body, Fault.REQUEST_TYPES_LENGTH)
        self.tmp.certificate_types = reader.vector(1)
        if self.version >= TLS1_2_VERSION:
            schemes = reader.vector(2, Fault.REQUEST_ALGORITHMS_LENGTH)
            if len(schemes) % 2 or not schemes:
                self.refuse(Fault.REQUEST_ALGORITHMS)
            self.tmp.certificate_schemes = numbers16(schemes)
        names = Reader(reader.vector(2, Fault.REQUEST_NAMES_LENGTH), Fault.REQUEST_NAME_LENGTH)
        reader.finish(Fault.REQUEST_NAMES_LENGTH)
        while names.remaining:
            check_authority(names.vector(2))
        self.certificate_requested = True
        self._choose_credential()

    def _choose_credential(self) -> None:
        """The first certificate that can sign as the server wants."""
        for credential in self.config.credentials:
            if self._scheme_for(credential.kind) is not None or self.version < TLS1_2_VERSION:
                self.tmp.credential = credential
                return

    def _scheme_for(self, kind: signatures.KeyType) -> int | None:
        return signatures.choose_scheme(kind, self.tmp.certificate_schemes, self.hello.signature_algorithms)

    @property
    def sends_certificate(self) -> bool:
        """Whether a Certificate message answers: in SSLv3 only if there is one."""
        return self.certificate_requested and (self.tmp.credential is not None or not self.is_ssl3)

    @property
    def sends_no_certificate_alert(self) -> bool:
        """Whether the warning no_certificate answers, which only SSLv3 has (RFC 6101, section 5.4.2)."""
        return self.certificate_requested and self.tmp.credential is None and self.is_ssl3

    @property
    def sends_certificate_verify(self) -> bool:
        """Whether a certificate was sent whose key must show itself."""
        return self.certificate_requested and self.tmp.credential is not None

    def construct_certificate(self) -> bytes:
        """The client's Certificate, empty when it has none."""
        credential = self.tmp.credential
        chain = credential.chain if credential else ()
        entries = b"".join(vector(certificate, 3) for certificate in chain)
        return handshake_message(HandshakeType.CERTIFICATE, vector(entries, 3))

    def construct_certificate_verify(self) -> bytes:
        """CertificateVerify: the key of the certificate signs all messages so far."""
        credential, session = self.tmp.credential, self.session
        assert credential is not None
        assert session is not None
        if self.version >= TLS1_2_VERSION:
            return self._sign_messages()
        if self.is_ssl3:
            digest = ssl3_certificate_verify_hashes(self.transcript, session.master_key)
        else:
            digest = self.transcript.digest()
        signature = signatures.sign_legacy(credential.key, digest)
        return handshake_message(HandshakeType.CERTIFICATE_VERIFY, vector(signature, 2))

    def _sign_messages(self) -> bytes:
        credential = self.tmp.credential
        assert credential is not None
        scheme = self._scheme_for(credential.kind)
        assert scheme is not None
        signature = signatures.sign_scheme(credential.key, scheme, self.transcript.messages())
        body = scheme.to_bytes(2, "big") + vector(signature, 2)
        return handshake_message(HandshakeType.CERTIFICATE_VERIFY, body)

    # -- the rest of the server's messages

    def process_hello_request(self, body: bytes) -> None:
        """A HelloRequest is empty."""
        if body:
            self.refuse(Fault.HELLO_REQUEST_LENGTH)

    def process_server_hello_done(self, body: bytes) -> None:
        """The server's flight is over."""
        if body:
            self.refuse(Fault.SERVER_DONE_LENGTH)
        if self.section.certificate_check is CertificateCheck.SERVER_DONE:
            self._check_certificate_and_algorithm()
        if not self.certificate_requested:
            self.transcript.drop_messages()

    @refuses_malformed
    def process_new_session_ticket(self, body: bytes) -> None:
        """Keep the ticket; its digest becomes the session's id, by which a resumption is noticed."""
        reader = Reader(body, Fault.TICKET_LENGTH)
        lifetime = reader.number(4)
        ticket = reader.vector(2)
        reader.finish()
        if not ticket:
            return
        assert self.session is not None
        if self.session.session_id:
            self.session = self.session.copy()
        self.session.ticket = ticket
        self.session.ticket_lifetime_hint = lifetime
        self.session.session_id = hashlib.sha256(ticket).digest()
