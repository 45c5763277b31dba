"""A server's messages of TLS 1.3 after the hellos (statem_srvr.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common.messages import Reader, handshake_message, pack16, vector
from emulator.handshake.common.peer_certificates import take_client_chain
from emulator.handshake.common.security_level import allows_signature
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.common.signatures import is_dsa
from emulator.handshake.common.state import EarlyData, refuses_malformed
from emulator.handshake.hello.extensions import ExtensionType, encode_extensions
from emulator.handshake.tls13.key_schedule import ticket_secret
from emulator.handshake.tls13.key_share import allowed_groups
from emulator.handshake.tls13.server_hello import ServerAnswer
from emulator.handshake.tls13.state import FROM_CLIENT, Tls13

if TYPE_CHECKING:
    from emulator.handshake.common.session import Session
    from emulator.handshake.hello.server import ServerHellos

_ONE_WEEK = 7 * 24 * 60 * 60
_NONCE_LENGTH = 8


class ServerTls13(Tls13):
    """A server's messages: construct_...() makes a message, process_...() reads one.

    The object is made when a ClientHello negotiates TLS 1.3; ``answer`` is its part of the hellos.
    ``sent_tickets`` counts the NewSessionTickets that were made.
    """

    __slots__ = ("_next_nonce", "answer", "sent_tickets")

    def __init__(self, hs: ServerHellos) -> None:
        super().__init__(hs)
        self.answer = ServerAnswer(hs, self.secrets)
        self._next_nonce = 0
        self.sent_tickets = 0

    # -- the rest of the server's flight

    def construct_encrypted_extensions(self) -> bytes:
        """Make EncryptedExtensions: our groups if we prefer another, and early_data if that is accepted."""
        hs, share = self.hs, self.answer.share
        extensions: list[tuple[int, bytes]] = []
        allowed = allowed_groups(hs)
        if share is not None and share.group != allowed[0]:
            extensions.append((ExtensionType.SUPPORTED_GROUPS, vector(pack16(allowed), 2)))
        if hs.early_data is EarlyData.ACCEPTED:
            extensions.append((ExtensionType.EARLY_DATA, b""))
        block = encode_extensions(extensions) or b"\0\0"
        return handshake_message(HandshakeType.ENCRYPTED_EXTENSIONS, block)

    def construct_certificate_request(self) -> bytes:
        """Make CertificateRequest: any authority, and our list of signature algorithms."""
        schemes = vector(pack16(self._requested_schemes()), 2)
        body = vector(b"", 1) + encode_extensions([(int(ExtensionType.SIGNATURE_ALGORITHMS), schemes)])
        return handshake_message(HandshakeType.CERTIFICATE_REQUEST, body)

    def _requested_schemes(self) -> tuple[int, ...]:
        """Our algorithms without DSA and those below the security level (tls12_sigalg_allowed())."""
        rules, level = self.hs.hello_rules, self.hs.config.security_level
        return tuple(
            scheme
            for scheme in rules.signature_algorithms
            if allows_signature(level, scheme, rules.weak_hashes) and not is_dsa(scheme)
        )

    def construct_certificate(self) -> bytes:
        """Make Certificate with the server's chain."""
        return self._certificate_message(self.answer.signer)

    def construct_certificate_verify(self) -> bytes:
        """Make CertificateVerify."""
        return self._certificate_verify_message(self.answer.signer)

    # -- the client's certificate

    @refuses_malformed
    def process_certificate(self, body: bytes) -> None:
        """Read the client's chain, which may be empty (tls_process_client_certificate())."""
        reader = Reader(body, Fault.CLIENT_CERTIFICATE_CONTEXT)
        if reader.vector(1):
            self.refuse(Fault.CLIENT_CERTIFICATE_CONTEXT)
        block = reader.vector(3, Fault.CLIENT_CERTIFICATE_LENGTH)
        reader.finish(Fault.CLIENT_CERTIFICATE_LENGTH)
        entries = Reader(block, Fault.CLIENT_CERTIFICATE_ENTRY_LENGTH)
        chain, _ = self._read_chain(entries, FROM_CLIENT, ())
        if chain:
            self._peer_key = take_client_chain(self, chain)
        elif self.hs.config.require_certificate:
            self.refuse(Fault.CLIENT_CERTIFICATE_REQUIRED_TLS13)

    @property
    def expects_certificate_verify(self) -> bool:
        """Whether the client must sign with the key of its certificate."""
        return self._peer_key is not None

    # -- tickets

    def tickets_left(self) -> int:
        """Return the number of NewSessionTickets that are still to be sent; after a resumption at most 1."""
        hs = self.hs
        without_keys = hs.config.ticket_keys is None and not hs.config.stateful_tickets
        if not hs.ticket_expected or without_keys:
            return 0
        wanted = min(hs.config.num_tickets, 1) if hs.hit else hs.config.num_tickets
        return max(0, wanted - self.sent_tickets)

    def construct_new_session_ticket(self) -> bytes:
        """Make NewSessionTicket, for a new session (tls_construct_new_session_ticket())."""
        config = self.hs.config
        if self.sent_tickets or self.hs.hit:
            self.session = self.session.copy()
        session = self.session
        session.session_id = config.random(SESSION_ID_LENGTH)
        age_add = config.random(4)
        session.ticket_age_add = int.from_bytes(age_add, "big")
        nonce = self._next_nonce.to_bytes(_NONCE_LENGTH, "big")
        session.master_key = ticket_secret(self.secrets.hash, self.secrets.resumption_master, nonce)
        session.time = int(config.clock())
        session.max_early_data = config.max_early_data
        self.sent_tickets += 1
        self._next_nonce += 1
        extensions = b"\0\0"
        if config.max_early_data:
            limit = config.max_early_data.to_bytes(4, "big")
            extensions = encode_extensions([(int(ExtensionType.EARLY_DATA), limit)])
        body = min(session.timeout, _ONE_WEEK).to_bytes(4, "big") + age_add + vector(nonce, 1)
        body += vector(self._ticket(session), 2) + extensions
        return handshake_message(HandshakeType.NEW_SESSION_TICKET, body)

    def _ticket(self, session: Session) -> bytes:
        config = self.hs.config
        if config.ticket_keys is not None and not config.stateful_tickets:
            return config.ticket_keys.seal(session, config.random)
        unfit = config.request_certificate and not session.context
        if config.session_cache is not None and not unfit:
            config.session_cache.add(session)
        return session.session_id

    # -- early data

    def process_end_of_early_data(self, body: bytes) -> None:
        """Read EndOfEarlyData, whose body must be empty."""
        if body:
            self.refuse(Fault.END_OF_EARLY_DATA_LENGTH)
