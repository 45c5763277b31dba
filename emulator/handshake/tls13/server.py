"""A server's TLS 1.3 after the hellos: its own messages and the client's (statem_srvr.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common.messages import ParseError, Reader, handshake_message, vector
from emulator.handshake.common.peer_certificates import take_client_chain
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.common.state import EarlyData
from emulator.handshake.hello.extensions import ExtensionType, encode_extensions
from emulator.handshake.tls13 import key_share as groups
from emulator.handshake.tls13.authentication import FROM_CLIENT, Authentication
from emulator.handshake.tls13.key_schedule import ticket_secret
from emulator.handshake.tls13.server_hello import ServerHelloTls13

if TYPE_CHECKING:
    from emulator.handshake.common.session import Session
    from emulator.handshake.hello.server import ServerHellos

_ONE_WEEK = 7 * 24 * 60 * 60
_NONCE_LENGTH = 8


class ServerTls13(ServerHelloTls13, Authentication):
    """A server's side; made when a ClientHello chooses TLS 1.3."""

    __slots__ = ("next_nonce", "sent_tickets")

    hs: ServerHellos

    def __init__(self, hs: ServerHellos) -> None:
        super().__init__(hs)
        self.next_nonce = 0
        self.sent_tickets = 0

    # -- the rest of the server's flight

    def construct_encrypted_extensions(self) -> bytes:
        """EncryptedExtensions: our groups if we would have liked another, and that early data is taken."""
        hs = self.hs
        extensions: list[tuple[int, bytes]] = []
        allowed = groups.allowed_groups(hs)
        if self.group is not None and self.group != allowed[0]:
            listed = b"".join(group.to_bytes(2, "big") for group in allowed)
            extensions.append((ExtensionType.SUPPORTED_GROUPS, vector(listed, 2)))
        if hs.early_data is EarlyData.ACCEPTED:
            extensions.append((ExtensionType.EARLY_DATA, b""))
        block = encode_extensions(extensions) or b"\0\0"
        return handshake_message(HandshakeType.ENCRYPTED_EXTENSIONS, block)

    def construct_certificate_request(self) -> bytes:
        """Ask for a certificate by any authority, signed in any way that our list has."""
        schemes = b"".join(scheme.to_bytes(2, "big") for scheme in groups.requested_schemes(self.hs))
        extensions = [(int(ExtensionType.SIGNATURE_ALGORITHMS), vector(schemes, 2))]
        body = vector(b"", 1) + encode_extensions(extensions)
        return handshake_message(HandshakeType.CERTIFICATE_REQUEST, body)

    def construct_certificate(self) -> bytes:
        """The server's chain."""
        return self.certificate_message(self.hs.tmp.credential)

    def construct_certificate_verify(self) -> bytes:
        """The key of that certificate signs all messages so far."""
        credential, scheme = self.hs.tmp.credential, self.signing_scheme
        assert credential is not None
        assert scheme is not None
        return self.certificate_verify_message(credential, scheme)

    # -- the client's certificate

    def process_certificate(self, body: bytes) -> None:
        """Take the client's chain, which may be empty (tls_process_client_certificate())."""
        hs = self.hs
        try:
            reader = Reader(body, Fault.CLIENT_CERTIFICATE_CONTEXT)
            if reader.vector(1):
                hs.refuse(Fault.CLIENT_CERTIFICATE_CONTEXT)
            block = reader.vector(3, Fault.CLIENT_CERTIFICATE_LENGTH)
            reader.finish(Fault.CLIENT_CERTIFICATE_LENGTH)
            entries = Reader(block, Fault.CLIENT_CERTIFICATE_ENTRY_LENGTH)
            chain, _ = self.read_chain(entries, FROM_CLIENT, ())
        except ParseError as error:
            raise hs.failure(error.fault) from None
        if chain:
            take_client_chain(hs, chain)
        elif hs.config.require_certificate:
            hs.refuse(Fault.CLIENT_CERTIFICATE_REQUIRED_TLS13)

    # -- tickets

    def tickets_left(self) -> int:
        """How many NewSessionTickets are still to be sent: after a resumption one at the most."""
        hs = self.hs
        without_keys = hs.config.ticket_keys is None and not hs.config.stateful_tickets
        if not hs.ticket_expected or without_keys:
            return 0
        wanted = min(hs.config.num_tickets, 1) if hs.hit else hs.config.num_tickets
        return max(0, wanted - self.sent_tickets)

    def construct_new_session_ticket(self) -> bytes:
        """NewSessionTicket, which makes a session of its own (tls_construct_new_session_ticket())."""
        hs, config = self.hs, self.hs.config
        assert hs.session is not None
        if self.sent_tickets or hs.hit:
            hs.session = hs.session.copy()
        session = hs.session
        session.session_id = config.random(SESSION_ID_LENGTH)
        age_add = config.random(4)
        session.ticket_age_add = int.from_bytes(age_add, "big")
        nonce = self.next_nonce.to_bytes(_NONCE_LENGTH, "big")
        session.master_key = ticket_secret(self.hash, self.resumption_master, nonce)
        session.time = int(config.clock())
        session.max_early_data = config.max_early_data
        self.sent_tickets += 1
        self.next_nonce += 1
        extensions = b"\0\0"
        if config.max_early_data:
            limit = config.max_early_data.to_bytes(4, "big")
            extensions = encode_extensions([(int(ExtensionType.EARLY_DATA), limit)])
        body = min(session.timeout, _ONE_WEEK).to_bytes(4, "big") + age_add + vector(nonce, 1)
        body += vector(self._ticket(session), 2) + extensions
        return handshake_message(HandshakeType.NEW_SESSION_TICKET, body)

    def _ticket(self, session: Session) -> bytes:
        config = self.hs.config
        if not config.stateful_tickets:
            assert config.ticket_keys is not None
            return config.ticket_keys.seal(session, config.random)
        unfit = config.request_certificate and not session.context
        if config.session_cache is not None and not unfit:
            config.session_cache.add(session)
        return session.session_id

    # -- early data

    def process_end_of_early_data(self, body: bytes) -> None:
        """EndOfEarlyData is empty."""
        if body:
            self.hs.refuse(Fault.END_OF_EARLY_DATA_LENGTH)
