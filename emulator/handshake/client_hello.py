"""The ClientHello, as a client makes it (ssl3_client_hello(), s23_clnt.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import (
    RenegotiationVersion,
    VersionChoice,
)
from emulator.constants import (
    SSL3_RANDOM_SIZE,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    HandshakeType,
    Mode,
)
from emulator.handshake import hello_policy
from emulator.handshake.extensions import ExtensionType, encode_extensions
from emulator.handshake.hello_policy import ClientHelloFacts
from emulator.handshake.hello_versions import first_hello, offered_version
from emulator.handshake.reader import (
    HANDSHAKE_HEADER_LENGTH,
    handshake_message,
    numbers16,
    vector,
)
from emulator.handshake.state import Handshake
from emulator.handshake.tls13.facts import HelloRetry

if TYPE_CHECKING:
    from emulator.behaviours.hello import Extension
    from emulator.handshake.config import HandshakeConfig

_SSLV2_CLIENT_HELLO = 1
_SSLV2_TWO_BYTE_HEADER = 0x8000
_SSLV2_SHORT_CHALLENGE = 16
_NETSCAPE_CHALLENGE_BUG = 0x2  # SSL_OP_NETSCAPE_CHALLENGE_BUG, gone from 1.1.0
_EMPTY = b""


class Tls13Offer(Protocol):
    """What the two hellos ask of a client's TLS 1.3."""

    asked: frozenset[int]
    """The extensions of the ClientHello."""

    @property
    def psk_length(self) -> int:
        """What the padding expects pre_shared_key to take."""

    def choose_session_id(self) -> bytes:
        """The legacy_session_id."""

    def hello_extensions(self) -> dict[Extension, bytes]:
        """The extensions that only TLS 1.3 has."""

    def bind(self, message: bytes) -> bytes:
        """The ClientHello with its PSK binders."""

    def take_server_hello(self, body: bytes) -> bool:
        """Take a ServerHello of TLS 1.3 or a HelloRetryRequest; False: the server chose an older version."""


class ClientHelloLogic(Handshake):
    """How a client makes its ClientHello."""

    __slots__ = ("hello_is_sslv2", "hello_record_version", "tls13")

    tls13: Tls13Offer | None
    """From a ClientHello on that offers TLS 1.3, until an older version is chosen."""

    hello_is_sslv2: bool
    """Whether the ClientHello just made is a whole record in SSLv2's format."""

    hello_record_version: int
    """The version in the header of the record that takes the ClientHello."""

    def __init__(self, config: HandshakeConfig) -> None:
        super().__init__(config)
        self.tls13 = None

    def make_tls13(self) -> Tls13Offer:
        """What only TLS 1.3 needs, for a handshake that offers it."""
        raise NotImplementedError

    # -- ClientHello

    def construct_client_hello(self) -> bytes:
        """The ClientHello: a handshake message, or a whole record when ``hello_is_sslv2``.

        While ``hello_retry`` is PENDING it is the second one, with what the HelloRetryRequest asked for.
        """
        if not self.config.versions:
            self.refuse(Fault.NO_PROTOCOLS)
        if self.hello_retry is HelloRetry.PENDING:
            self.hello_record_version = TLS1_2_VERSION
            return self._tls_hello()
        self._prepare_session()
        self.hello_is_sslv2 = False
        if self.finished_once:
            self._offer_again()
        elif self._offer_first():
            return self._sslv2_hello()
        elif self.offers_tls13:
            self.tls13 = self.make_tls13()
        self.client_random = self.hello_random(Mode.SEND_CLIENTHELLO_TIME)
        return self._tls_hello()

    @property
    def offers_tls13(self) -> bool:
        """Whether the ClientHello has supported_versions: the highest version offered is TLS 1.3."""
        versions = self.config.versions
        return not self.config.fixed_method and offered_version(self.hello, versions) >= TLS1_3_VERSION

    @property
    def chooses_by_first_record(self) -> bool:
        """Whether the server's first bytes go to process_ssl23_server_hello() (ssl23_connect())."""
        return self.section.version_choice is VersionChoice.FIRST_RECORD and not self.version

    def _prepare_session(self) -> None:
        """Take the session that was set, or a new one (the beginning of ssl3_client_hello())."""
        session = self.session
        usable = session is not None and session.resumable and bool(session.session_id or session.ticket)
        if session is not None and usable:
            usable = session.version in self.config.versions
            usable = usable and (not self.version or session.version == self.version)
        if not usable:
            self.session = session = self.fresh_session()
        elif session is not None and self.section.version_choice is VersionChoice.FIRST_RECORD:
            self.version = session.version  # SSL_set_session() changes the method to the session's
        assert session is not None
        if session is self.session and self.version:
            session.version = self.version
        elif not usable and self.offers_tls13:
            session.version = TLS1_3_VERSION

    def _offer_first(self) -> bool:
        """Choose versions and format of the first hello; whether it has SSLv2's format."""
        config = self.config
        first = first_hello(
            self.hello,
            fixed_version=self._method_version,
            versions=config.versions,
            suites=config.cipher_suites,
            options=config.options,
            hostname=config.hostname,
            status_request=config.status_request,
        )
        self.client_version = min(first.client_version, TLS1_2_VERSION)
        self.hello_record_version = first.record_version
        self.hello_is_sslv2 = first.sslv2_format
        return first.sslv2_format

    @property
    def _method_version(self) -> int | None:
        """The version of the method: fixed, or that of the session to offer, or none yet."""
        if self.config.fixed_method:
            return self.config.fixed_version
        if self.section.version_choice is VersionChoice.FIRST_RECORD and self.version:
            return self.version
        return None

    def _offer_again(self) -> None:
        if self.section.renegotiation_version is RenegotiationVersion.NEGOTIATED:
            self.client_version = self.version
        self.hello_record_version = self.version

    def _facts(self) -> ClientHelloFacts:
        config, session = self.config, self.session
        assert session is not None
        return ClientHelloFacts(
            versions=config.versions,
            client_version=self.client_version,
            suites=config.ciphersuites + config.cipher_suites,
            groups=config.groups,
            method_version=self._method_version or self.version or TLS1_2_VERSION,
            options=config.options,
            mode=config.mode,
            security_level=config.security_level,
            renegotiating=self.renegotiating,
            secure_renegotiation=self.peer_secure_renegotiation,
            client_verify_data=self.client_verify_data,
            extended_master_secret=self.knows_extended_master_secret,
            hostname=config.hostname,
            status_request=config.status_request,
            ticket=_EMPTY if self.new_session or session.version == TLS1_3_VERSION else session.ticket,
        )

    def _sslv2_hello(self) -> bytes:
        """A hello in SSLv2's format (RFC 5246, appendix E.2): a challenge takes the place of a random."""
        short = self.config.options & _NETSCAPE_CHALLENGE_BUG
        challenge = self.config.random(_SSLV2_SHORT_CHALLENGE if short else SSL3_RANDOM_SIZE)
        self.client_random = challenge.rjust(SSL3_RANDOM_SIZE, b"\0")
        specs = hello_policy.sslv2_hello_ciphers(self.hello, self._facts())
        if not specs:
            self.refuse(Fault.NO_CIPHERS)
        lengths = (len(specs), 0, len(challenge))
        body = b"".join(
            (
                bytes((_SSLV2_CLIENT_HELLO,)),
                self.client_version.to_bytes(2, "big"),
                *(length.to_bytes(2, "big") for length in lengths),
                specs,
                challenge,
            )
        )
        return (len(body) | _SSLV2_TWO_BYTE_HEADER).to_bytes(2, "big") + body

    def _tls_hello(self) -> bytes:
        assert self.session is not None
        facts = self._facts()
        if self.tls13 is not None:
            facts.tls13 = self.tls13.hello_extensions()
            facts.psk_length = self.tls13.psk_length
        ciphers = hello_policy.client_hello_ciphers(self.hello, facts)
        if not ciphers:
            self.refuse(Fault.NO_CIPHERS)
        session_id = _EMPTY if self.new_session else self.session.session_id
        if self.tls13 is not None:
            session_id = self.tls13.choose_session_id()
        body = (
            self.client_version.to_bytes(2, "big")
            + self.client_random
            + vector(session_id, 1)
            + vector(ciphers, 2)
            + vector(hello_policy.client_hello_compressions(), 1)
        )
        length_before = HANDSHAKE_HEADER_LENGTH + len(body)
        extensions = hello_policy.client_hello_extensions(self.hello, facts, length_before=length_before)
        self._remember_offer(extensions)
        message = handshake_message(HandshakeType.CLIENT_HELLO, body + encode_extensions(extensions))
        return message if self.tls13 is None else self.tls13.bind(message)

    def _remember_offer(self, extensions: list[tuple[int, bytes]]) -> None:
        offered = dict(extensions)
        self.tmp.offered_extensions = frozenset(offered)
        if self.tls13 is not None:
            self.tls13.asked |= self.tmp.offered_extensions
        schemes = offered.get(ExtensionType.SIGNATURE_ALGORITHMS)
        if schemes is not None:
            self.tmp.client_schemes = numbers16(schemes[2:])
        groups = offered.get(ExtensionType.SUPPORTED_GROUPS)
        if groups is not None:
            self.tmp.client_groups = numbers16(groups[2:])
