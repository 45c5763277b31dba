"""A client's messages of TLS 1.3 after the hellos (statem_clnt.c)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common.certificates import Signer
from emulator.handshake.common.messages import Reader, handshake_message
from emulator.handshake.common.peer_certificates import (
    check_authority,
    read_certificate_status,
    take_server_chain,
)
from emulator.handshake.common.signatures import choose_tls13_scheme
from emulator.handshake.common.state import EarlyData, refuses_malformed
from emulator.handshake.hello.extensions import ExtensionType
from emulator.handshake.tls13.client_hello import ClientOffer
from emulator.handshake.tls13.extensions import ExtensionContext, collect_extensions
from emulator.handshake.tls13.key_schedule import ticket_secret
from emulator.handshake.tls13.state import FROM_SERVER, Tls13

if TYPE_CHECKING:
    from emulator.handshake.hello.client import ClientHellos


class ClientTls13(Tls13):
    """A client's messages: construct_...() makes a message, process_...() reads one.

    The object is made with a ClientHello that offers TLS 1.3; ``offer`` is its part of the hellos.
    """

    __slots__ = ("_request_context", "_requested_schemes", "_signer", "offer")

    def __init__(self, hs: ClientHellos) -> None:
        super().__init__(hs)
        self.offer = ClientOffer(hs, self.secrets)
        self._request_context = b""
        self._requested_schemes: tuple[int, ...] = ()
        self._signer: Signer | None = None

    # -- EncryptedExtensions

    @refuses_malformed
    def process_encrypted_extensions(self, body: bytes) -> None:
        """tls_process_encrypted_extensions()."""
        hs, reader = self.hs, Reader(body, Fault.ENCRYPTED_EXTENSIONS_LENGTH)
        block = reader.vector(2)
        reader.finish()
        found = collect_extensions(hs, block, ExtensionContext.ENCRYPTED_EXTENSIONS, hs.offer.extensions)
        if found.get(ExtensionType.SERVER_NAME):
            self.refuse(Fault.SERVER_NAME_UNSOLICITED)
        early = found.get(ExtensionType.EARLY_DATA)
        if early is None:
            return
        if early:
            self.refuse(Fault.SERVER_EARLY_DATA_LENGTH)
        if not self.offer.early_data_ok or not hs.hit:
            self.refuse(Fault.SERVER_EARLY_DATA)
        hs.early_data = EarlyData.ACCEPTED

    # -- the server's certificate

    @refuses_malformed
    def process_certificate_request(self, body: bytes) -> None:
        """Read the signature algorithms that the server accepts (tls_process_certificate_request())."""
        reader = Reader(body, Fault.REQUEST_TYPES_LENGTH)
        self._request_context = reader.vector(1)
        block = reader.vector(2, Fault.REQUEST_EXTENSIONS_LENGTH)
        found = collect_extensions(self.hs, block, ExtensionContext.CERTIFICATE_REQUEST)
        self._take_request(found)
        reader.finish()
        self.hs.certificate_requested = True

    def _take_request(self, found: dict[int, bytes]) -> None:
        hs = self.hs
        for_certificates = found.get(ExtensionType.SIGNATURE_ALGORITHMS_CERT)
        if for_certificates is not None:
            hs.read_numbers(for_certificates, Fault.CLIENT_EXTENSION_ALGORITHMS_CERT)
        schemes = found.get(ExtensionType.SIGNATURE_ALGORITHMS)
        if schemes is not None:
            self._requested_schemes = hs.read_numbers(schemes, Fault.CLIENT_EXTENSION_ALGORITHMS)
        authorities = found.get(ExtensionType.CERTIFICATE_AUTHORITIES)
        if authorities is not None:
            self._read_authorities(Reader(authorities, Fault.REQUEST_NAMES_LENGTH))
        if schemes is None:
            self.refuse(Fault.SIGNATURE_ALGORITHMS_MISSING)

    def _read_authorities(self, reader: Reader) -> None:
        names = Reader(reader.vector(2), Fault.REQUEST_NAME_LENGTH)
        while names.remaining:
            check_authority(names.vector(2))
        reader.finish(Fault.AUTHORITIES_TRAILING)

    @refuses_malformed
    def process_certificate(self, body: bytes) -> None:
        """Read the server's chain and its key (tls_process_server_certificate())."""
        reader = Reader(body, Fault.CERTIFICATE_LENGTH)
        context = reader.number(1)
        entries = Reader(reader.vector(3), Fault.CERTIFICATE_ENTRY_LENGTH)
        reader.finish()
        if context or not entries.remaining:
            self.refuse(Fault.CERTIFICATE_LENGTH)
        chain, first = self._read_chain(entries, FROM_SERVER, self.hs.offer.extensions)
        status = first.get(ExtensionType.STATUS_REQUEST)
        if status is not None:
            read_certificate_status(status)
        self._peer_key = take_server_chain(self, chain)

    # -- the client's certificate

    def _choose_signer(self) -> Signer | None:
        """Return the first certificate that can make a signature the server accepts (tls_choose_sigalg())."""
        own = self.hs.hello_rules.signature_algorithms
        for credential in self.hs.config.credentials:
            scheme = choose_tls13_scheme(credential.key, self._requested_schemes, own)
            if scheme is not None:
                return Signer(credential, scheme)
        return None

    @property
    def sends_certificate_verify(self) -> bool:
        """Whether the client signs with the key of its certificate."""
        return self.hs.certificate_requested and self._signer is not None

    def construct_certificate(self) -> bytes:
        """Make the client's Certificate, which is empty if it has none that the server accepts."""
        self._signer = self._choose_signer()
        return self._certificate_message(self._signer, self._request_context)

    def construct_certificate_verify(self) -> bytes:
        """Make CertificateVerify, after a Certificate that is not empty."""
        return self._certificate_verify_message(self._signer)

    # -- tickets

    @refuses_malformed
    def process_new_session_ticket(self, body: bytes) -> None:
        """Make a new session from a ticket (tls_process_new_session_ticket())."""
        hs, reader = self.hs, Reader(body, Fault.TICKET_LENGTH)
        lifetime, age_add, nonce = reader.number(4), reader.number(4), reader.vector(1)
        ticket = reader.vector(2)
        if not ticket:
            self.refuse(Fault.TICKET_LENGTH)
        self.session = session = self.session.copy()
        block = reader.vector(2)
        reader.finish()
        found = collect_extensions(hs, block, ExtensionContext.NEW_SESSION_TICKET)
        session.time = int(hs.config.clock())
        session.ticket, session.ticket_lifetime_hint, session.ticket_age_add = ticket, lifetime, age_add
        early = found.get(ExtensionType.EARLY_DATA)
        if early is not None:
            if len(early) != 4:
                self.refuse(Fault.TICKET_EARLY_DATA)
            session.max_early_data = int.from_bytes(early, "big")
        session.session_id = hashlib.sha256(ticket).digest()
        session.resumable = True
        session.master_key = ticket_secret(self.secrets.hash, self.secrets.resumption_master, nonce)

    # -- early data

    def construct_end_of_early_data(self) -> bytes:
        """Make EndOfEarlyData, whose body is empty."""
        return handshake_message(HandshakeType.END_OF_EARLY_DATA, b"")
