"""A client's TLS 1.3 after the hellos: the server's messages and the client's own (statem_clnt.c)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common.messages import ParseError, Reader, handshake_message
from emulator.handshake.common.peer_certificates import (
    check_authority,
    read_certificate_status,
    take_server_chain,
)
from emulator.handshake.common.state import EarlyData
from emulator.handshake.hello.extensions import ExtensionType
from emulator.handshake.tls13.authentication import FROM_SERVER, Authentication, choose_scheme
from emulator.handshake.tls13.client_hello import ClientHelloTls13
from emulator.handshake.tls13.extensions import Context, collect_extensions
from emulator.handshake.tls13.key_schedule import ticket_secret

if TYPE_CHECKING:
    from emulator.handshake.hello.client import ClientHellos


class ClientTls13(ClientHelloTls13, Authentication):
    """A client's side."""

    __slots__ = ("request_context", "signing_scheme")

    hs: ClientHellos

    def __init__(self, hs: ClientHellos) -> None:
        super().__init__(hs)
        self.request_context = b""
        self.signing_scheme: int | None = None

    # -- EncryptedExtensions

    def process_encrypted_extensions(self, body: bytes) -> None:
        """tls_process_encrypted_extensions()."""
        hs = self.hs
        try:
            reader = Reader(body, Fault.ENCRYPTED_EXTENSIONS_LENGTH)
            block = reader.vector(2)
            reader.finish()
            found = collect_extensions(hs, block, Context.ENCRYPTED_EXTENSIONS, self.asked)
        except ParseError as error:
            raise hs.failure(error.fault) from None
        if found.get(ExtensionType.SERVER_NAME):
            hs.refuse(Fault.SERVER_NAME_UNSOLICITED)
        early = found.get(ExtensionType.EARLY_DATA)
        if early is not None:
            if early:
                hs.refuse(Fault.SERVER_EARLY_DATA_LENGTH)
            if not self.early_data_ok or not hs.hit:
                hs.refuse(Fault.SERVER_EARLY_DATA)
            hs.early_data = EarlyData.ACCEPTED

    # -- the server's certificate

    def process_certificate_request(self, body: bytes) -> None:
        """What the server would accept (tls_process_certificate_request())."""
        hs = self.hs
        try:
            self._read_request(Reader(body, Fault.REQUEST_TYPES_LENGTH))
        except ParseError as error:
            raise hs.failure(error.fault) from None
        hs.certificate_requested = True

    def _read_request(self, reader: Reader) -> None:
        hs = self.hs
        self.request_context = reader.vector(1)
        block = reader.vector(2, Fault.REQUEST_EXTENSIONS_LENGTH)
        found = collect_extensions(hs, block, Context.CERTIFICATE_REQUEST)
        schemes = found.get(ExtensionType.SIGNATURE_ALGORITHMS)
        hs.tmp.certificate_schemes = None
        for_certificates = found.get(ExtensionType.SIGNATURE_ALGORITHMS_CERT)
        if for_certificates is not None:
            hs.read_numbers(for_certificates, Fault.CLIENT_EXTENSION_ALGORITHMS_CERT)
        if schemes is not None:
            hs.tmp.certificate_schemes = hs.read_numbers(schemes, Fault.CLIENT_EXTENSION_ALGORITHMS)
        authorities = found.get(ExtensionType.CERTIFICATE_AUTHORITIES)
        if authorities is not None:
            self._read_authorities(Reader(authorities, Fault.REQUEST_NAMES_LENGTH))
        if schemes is None:
            hs.refuse(Fault.SIGNATURE_ALGORITHMS_MISSING)
        reader.finish()

    def _read_authorities(self, reader: Reader) -> None:
        names = Reader(reader.vector(2), Fault.REQUEST_NAME_LENGTH)
        while names.remaining:
            check_authority(names.vector(2))
        reader.finish(Fault.AUTHORITIES_TRAILING)

    def process_certificate(self, body: bytes) -> None:
        """Take the server's chain and its key (tls_process_server_certificate())."""
        hs = self.hs
        try:
            reader = Reader(body, Fault.CERTIFICATE_LENGTH)
            context = reader.number(1)
            entries = Reader(reader.vector(3), Fault.CERTIFICATE_ENTRY_LENGTH)
            reader.finish()
            if context or not entries.remaining:
                hs.refuse(Fault.CERTIFICATE_LENGTH)
            chain, first = self.read_chain(entries, FROM_SERVER, self.asked)
            status = first.get(ExtensionType.STATUS_REQUEST)
            if status is not None:
                read_certificate_status(status)
        except ParseError as error:
            raise hs.failure(error.fault) from None
        take_server_chain(hs, chain)

    # -- the client's certificate

    def choose_credential(self) -> None:
        """The first certificate that can sign as the server wants (tls_choose_sigalg())."""
        hs = self.hs
        offered = hs.tmp.certificate_schemes or ()
        for credential in hs.config.credentials:
            scheme = choose_scheme(credential.key, offered, hs.hello.signature_algorithms)
            if scheme is not None:
                hs.tmp.credential, self.signing_scheme = credential, scheme
                return

    @property
    def sends_certificate_verify(self) -> bool:
        """Whether a certificate was sent whose key must show itself."""
        return self.hs.certificate_requested and self.hs.tmp.credential is not None

    def construct_certificate(self) -> bytes:
        """The client's Certificate, empty when it has none that the server would take."""
        self.choose_credential()
        return self.certificate_message(self.hs.tmp.credential, self.request_context)

    def construct_certificate_verify(self) -> bytes:
        """CertificateVerify, after a Certificate that wasn't empty."""
        credential, scheme = self.hs.tmp.credential, self.signing_scheme
        assert credential is not None
        assert scheme is not None
        return self.certificate_verify_message(credential, scheme)

    # -- tickets

    def process_new_session_ticket(self, body: bytes) -> None:
        """Make a session of its own of a ticket (tls_process_new_session_ticket())."""
        hs = self.hs
        assert hs.session is not None
        try:
            reader = Reader(body, Fault.TICKET_LENGTH)
            lifetime, age_add, nonce = reader.number(4), reader.number(4), reader.vector(1)
            ticket = reader.vector(2)
            if not ticket:
                hs.refuse(Fault.TICKET_LENGTH)
            hs.session = session = hs.session.copy()
            block = reader.vector(2)
            reader.finish()
            found = collect_extensions(hs, block, Context.NEW_SESSION_TICKET)
        except ParseError as error:
            raise hs.failure(error.fault) from None
        session.time = int(hs.config.clock())
        session.ticket, session.ticket_lifetime_hint, session.ticket_age_add = ticket, lifetime, age_add
        early = found.get(ExtensionType.EARLY_DATA)
        if early is not None:
            if len(early) != 4:
                hs.refuse(Fault.TICKET_EARLY_DATA)
            session.max_early_data = int.from_bytes(early, "big")
        session.session_id = hashlib.sha256(ticket).digest()
        session.resumable = True
        session.master_key = ticket_secret(self.hash, self.resumption_master, nonce)

    # -- early data

    def construct_end_of_early_data(self) -> bytes:
        """EndOfEarlyData: nothing but its header."""
        return handshake_message(HandshakeType.END_OF_EARLY_DATA, b"")
