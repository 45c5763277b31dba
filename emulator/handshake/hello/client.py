"""A client's side of the two hellos (ssl3_client_hello(), ssl3_get_server_hello(), s23_clnt.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import (
    DowngradeSentinel,
    ExtensionChecks,
    PeerSignature,
    RenegotiationVersion,
    SecureRenegotiation,
    Tickets,
    VersionChoice,
)
from emulator.constants import (
    SSL3_RANDOM_SIZE,
    TLS1_1_VERSION,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
    AlertLevel,
    ContentType,
    HandshakeType,
    Mode,
    Option,
)
from emulator.exceptions import NotEmulated
from emulator.handshake.common.messages import (
    HANDSHAKE_HEADER_LENGTH,
    Reader,
    handshake_message,
    unpack16,
    vector,
)
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.common.state import Handshake, HelloRetry, refuses_malformed
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.hello import policy as hello_policy
from emulator.handshake.hello.extensions import (
    HEARTBEAT_MODES,
    ExtensionType,
    check_server_info,
    encode_extensions,
)
from emulator.handshake.hello.policy import ClientHelloFacts
from emulator.handshake.hello.versions import (
    DOWNGRADE_TO_TLS11,
    DOWNGRADE_TO_TLS12,
    first_hello,
    offered_version,
)
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from emulator.behaviours.hello import Extension
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.record.suite import CipherSuite


_SSLV2_CLIENT_HELLO = 1
_SSLV2_SERVER_HELLO = 4
_UNCOMPRESSED = 0
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


class ClientHellos(Handshake):
    """How a client makes its ClientHello and takes what the server chose."""

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
            self.tmp.client_schemes = unpack16(schemes[2:])
        groups = offered.get(ExtensionType.SUPPORTED_GROUPS)
        if groups is not None:
            self.tmp.client_groups = unpack16(groups[2:])

    # -- the version

    def process_ssl23_server_hello(self, first: bytes) -> None:
        """ssl23_get_server_hello(): choose the version by the first seven bytes of the server's answer.

        They are then read again as the beginning of a record.
        """
        if first[0] & 0x80 and first[2] == _SSLV2_SERVER_HELLO and first[5:7] == b"\x00\x02":
            self.refuse(Fault.V23_SERVER_UNSUPPORTED)
        kind, major, minor = first[0], first[1], first[2]
        hello = kind == ContentType.HANDSHAKE and first[5] == HandshakeType.SERVER_HELLO
        alert = kind == ContentType.ALERT and first[3:5] == b"\x00\x02"
        if major != TLS1_VERSION >> 8 or not (hello or alert):
            self.refuse(Fault.V23_SERVER_UNKNOWN)
        version = major << 8 | minor
        if version not in self.config.versions:
            self.refuse(Fault.V23_SERVER_UNSUPPORTED)
        self.version = version
        if alert and first[5] != AlertLevel.WARNING:
            raise self.failure(Fault.V23_SERVER_ALERT, reason=1000 + first[6])

    # -- ServerHello

    @refuses_malformed
    def process_server_hello(self, body: bytes) -> None:
        """Take what the server chose: version, session or a new one, suite, extensions.

        It may be a HelloRetryRequest: ``hello_retry`` is then PENDING, another ClientHello comes next.
        """
        if self.tls13 is not None:
            if self.tls13.take_server_hello(body):
                return
            self.tls13 = None
        reader = Reader(body, Fault.SERVER_HELLO_LENGTH)
        self._check_version(reader.number(2))
        self.server_random = reader.take(SSL3_RANDOM_SIZE)
        self._check_sentinel()
        session_id_length = reader.number(1)
        if session_id_length > SESSION_ID_LENGTH:
            self.refuse(Fault.SERVER_HELLO_SESSION_ID)
        session_id = reader.take(session_id_length)
        suite_id, compression = reader.number(2), reader.number(1)
        self._take_session(session_id)
        suite = self._check_suite(suite_id)
        if compression:
            self.refuse(Fault.SERVER_HELLO_COMPRESSION)
        self._process_extensions(reader, suite)
        if not suite.emulated:
            raise NotEmulated(suite.name, "the server chose this cipher suite")
        assert self.session is not None
        self.session.suite_id = suite.id & 0xFFFF
        self.take_suite(suite)

    def take_older_version(self, version: int) -> None:
        """A server that was offered TLS 1.3 chose less: it must be enabled, and no downgrade."""
        self._check_version(version)
        self._check_sentinel()

    def _check_version(self, version: int) -> None:
        if self.version and (self._version_is_fixed or self.finished_once):
            if version != self.version:
                if self.section.version_choice is VersionChoice.FIRST_RECORD:
                    self.version = self.version & 0xFF00 | version & 0xFF  # the alert's record shows it
                self.refuse(Fault.SERVER_HELLO_VERSION)
            return
        if version not in self.config.versions:
            self._refuse_version(version)
        self.version = version

    @property
    def _version_is_fixed(self) -> bool:
        return self.config.fixed_method or self.section.version_choice is VersionChoice.FIRST_RECORD

    def _refuse_version(self, version: int) -> None:
        versions = self.config.versions
        if version < versions[0]:
            self.refuse_if_known(Fault.SERVER_HELLO_VERSION_LOW)
        if version > versions[-1]:
            self.refuse_if_known(Fault.SERVER_HELLO_VERSION_HIGH)
        self.refuse(Fault.SERVER_HELLO_VERSION_UNSUPPORTED)

    def _check_sentinel(self) -> None:
        """RFC 8446, section 4.1.3: the server could have done better than this version."""
        if self.section.downgrade_sentinel is DowngradeSentinel.UNKNOWN:
            return
        highest = self.config.versions[-1]
        tail = self.server_random[-8:]
        below_tls13 = highest >= TLS1_3_VERSION and self.version == TLS1_2_VERSION
        below_tls12 = highest >= TLS1_2_VERSION and self.version <= TLS1_1_VERSION
        if (below_tls13 and tail == DOWNGRADE_TO_TLS12) or (below_tls12 and tail == DOWNGRADE_TO_TLS11):
            self.refuse(Fault.SERVER_HELLO_DOWNGRADE)

    def _take_session(self, session_id: bytes) -> None:
        session, config = self.session, self.config
        assert session is not None
        self.hit = bool(session_id) and session.session_id == session_id and bool(session.master_key)
        if self.hit:
            if session.context != config.session_id_context:
                self.refuse(Fault.SERVER_HELLO_CONTEXT)
            if session.version != self.version:
                self.refuse_if_known(Fault.SERVER_HELLO_SESSION_VERSION)
            return
        if session.session_id or session.master_key:
            self.session = session = self.fresh_session()
        session.version = self.version
        session.session_id = session_id

    def _check_suite(self, suite_id: int) -> CipherSuite:
        session = self.session
        assert session is not None
        suite = suite_by_id(self.config.profile.ciphers, suite_id)
        if suite is None:
            self.refuse(Fault.SERVER_HELLO_UNKNOWN_CIPHER)
        too_new = suite.min_version >= TLS1_2_VERSION and self.version < TLS1_2_VERSION
        if too_new or all(own.id & 0xFFFF != suite_id for own in self.config.cipher_suites):
            self.refuse(Fault.SERVER_HELLO_WRONG_CIPHER)
        if self.hit and session.suite_id != suite_id:
            self.refuse(Fault.SERVER_HELLO_OLD_CIPHER)
        return suite

    # -- the extensions of a ServerHello

    @property
    def knows_extensions(self) -> bool:
        """Whether this release looks for extensions at all."""
        section = self.section
        return not (
            section.tickets is Tickets.UNKNOWN and section.secure_renegotiation is SecureRenegotiation.UNKNOWN
        )

    def _process_extensions(self, reader: Reader, suite: CipherSuite) -> None:
        if not self.knows_extensions:
            reader.finish(Fault.SERVER_HELLO_TRAILING)
            return
        self.ticket_expected = False
        extensions = self._read_extensions(reader)
        self.tmp.extensions = extensions
        self._check_unsolicited(extensions)
        self._check_known(extensions)
        if self.section.secure_renegotiation is SecureRenegotiation.RFC5746:
            check_server_info(self, extensions.get(ExtensionType.RENEGOTIATION_INFO))
        self._take_features(extensions, suite)
        self._check_point_formats(extensions.get(ExtensionType.EC_POINT_FORMATS), suite)

    def _read_extensions(self, reader: Reader) -> dict[int, bytes]:
        if not reader.remaining:
            return {}
        outer = Reader(reader.vector(2, Fault.SERVER_EXTENSIONS_LENGTH), Fault.SERVER_EXTENSIONS_TAIL)
        reader.finish(Fault.SERVER_EXTENSIONS_LENGTH)
        found: dict[int, bytes] = {}
        while outer.remaining:
            kind, data = outer.number(2), outer.vector(2)
            if kind in found:
                self.refuse_if_known(Fault.SERVER_EXTENSION_TWICE)
            found[kind] = data
        return found

    def _check_unsolicited(self, extensions: dict[int, bytes]) -> None:
        """tls_collect_extensions(); renegotiation_info may answer the SCSV."""
        if self.section.extension_checks is not ExtensionChecks.ALL:
            return
        allowed = self.tmp.offered_extensions | {ExtensionType.RENEGOTIATION_INFO}
        known = set(ExtensionType)
        if any(kind in known and kind not in allowed for kind in extensions):
            self.refuse(Fault.SERVER_EXTENSION_UNSOLICITED)

    def _check_known(self, extensions: dict[int, bytes]) -> None:
        name = extensions.get(ExtensionType.SERVER_NAME)
        if name is not None and (self.config.hostname is None or name):
            self.refuse(Fault.SERVER_NAME_UNSOLICITED)
        ticket = extensions.get(ExtensionType.SESSION_TICKET)
        if ticket is not None and self.section.tickets is Tickets.RFC5077:
            if self.config.options & Option.NO_TICKET or ticket:
                self.refuse(Fault.SERVER_TICKET_UNSOLICITED)
            self.ticket_expected = True
        status = extensions.get(ExtensionType.STATUS_REQUEST)
        if status is not None:
            if not self.config.status_request or status:
                self.refuse(Fault.SERVER_STATUS_UNSOLICITED)
            self.status_expected = True
        heartbeat = extensions.get(ExtensionType.HEARTBEAT)
        if heartbeat is not None and heartbeat[:1] not in HEARTBEAT_MODES:
            self.refuse_if_known(Fault.SERVER_HEARTBEAT)

    def _take_features(self, extensions: dict[int, bytes], suite: CipherSuite) -> None:
        assert self.session is not None
        agreed = self.tmp.offered_extensions & extensions.keys()
        options = self.config.options
        fits = hello_policy.uses_encrypt_then_mac(self.hello, suite, self.version, options)
        self.encrypt_then_mac = fits and ExtensionType.ENCRYPT_THEN_MAC in agreed
        extended = ExtensionType.EXTENDED_MASTER_SECRET in agreed
        if self.hit and extended != self.session.extended_master_secret:
            self.refuse_if_known(Fault.SERVER_EXTENDED_MASTER_SECRET)
        self.extended_master_secret = extended

    def _check_point_formats(self, formats: bytes | None, suite: CipherSuite) -> None:
        if formats is None or not self.looks_at(Fault.SERVER_POINT_FORMATS):
            return
        if len(formats) < 2 or formats[0] != len(formats) - 1:
            self.refuse(Fault.SERVER_POINT_FORMATS_LENGTH)
        curves = suite.kx is KeyExchange.ECDHE or suite.auth is Authentication.ECDSA
        if curves and _UNCOMPRESSED not in formats[1:]:
            self.refuse(Fault.SERVER_POINT_FORMATS)

    @property
    def acceptable_schemes(self) -> tuple[int, ...]:
        """The signature schemes that a server may use with this client."""
        if self.section.peer_signature is PeerSignature.OFFERED and self.tmp.client_schemes is not None:
            return self.tmp.client_schemes
        return self.hello.signature_algorithms
