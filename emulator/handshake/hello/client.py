"""A client's side of the two hellos (ssl3_client_hello(), ssl3_get_server_hello(), s23_clnt.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import (
    DowngradeSentinel,
    ExtensionChecks,
    RenegotiationVersion,
    SecureRenegotiation,
    Tickets,
    VersionChoice,
)
from emulator.constants import (
    SSL3_RANDOM_SIZE,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
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
from emulator.handshake.common.state import Handshake, HelloRetry, Offer, refuses_malformed
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.hello import policy, ssl23
from emulator.handshake.hello.extensions import (
    HEARTBEAT_MODES,
    ExtensionType,
    check_server_info,
    encode_extensions,
)
from emulator.handshake.hello.policy import ClientHelloFacts
from emulator.handshake.hello.versions import downgrade_sentinel, first_hello, offered_version
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.behaviours.hello import Extension
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.common.session import Session
    from emulator.record.suite import CipherSuite

_UNCOMPRESSED = 0


class Tls13Offer(Protocol):
    """TLS 1.3's part of a client's hellos."""

    @property
    def psk_length(self) -> int:
        """The length of pre_shared_key that the padding extension counts with."""

    def choose_session_id(self, session: Session) -> bytes:
        """The legacy_session_id of a hello that offers the session."""

    def hello_extensions(self, session: Session) -> dict[Extension, bytes]:
        """The bodies of the extensions that only TLS 1.3 has."""

    def bind(self, message: bytes) -> bytes:
        """The ClientHello with its PSK binders."""

    def take_server_hello(self, body: bytes) -> bool:
        """Take a ServerHello of TLS 1.3 or a HelloRetryRequest; False: the server chose an older version."""


def in_sslv2_form(suites: bytes) -> bytes:
    """Suites as SSLv2 writes those of SSLv3 and later, in three bytes: ssl23_put_cipher_by_char()."""
    return b"".join(b"\0" + suites[at : at + 2] for at in range(0, len(suites), 2))


class ClientHellos(Handshake):
    """How a client makes its ClientHello and takes the server's choice of version, session and suite.

    ``tls13_offer`` is there from a ClientHello on that offers TLS 1.3, until an older version is chosen.
    ``hello_is_sslv2`` says that the ClientHello just made is a whole record in SSLv2's format, and
    ``hello_record_version`` is the version in the header of the record that takes it.
    ``writes_sslv2_suites``: suites take three bytes; ``cleared_client_version``: the version that the hello
    offers, 0 for the method's own.  Both are left behind by SSL_clear().
    """

    __slots__ = (
        "cleared_client_version",
        "hello_is_sslv2",
        "hello_record_version",
        "tls13_offer",
        "writes_sslv2_suites",
    )

    def __init__(self, config: HandshakeConfig) -> None:
        super().__init__(config)
        self.hello_is_sslv2 = False
        self.hello_record_version = 0
        self.cleared_client_version = 0
        self.writes_sslv2_suites = False
        self.tls13_offer: Tls13Offer | None = None

    def offer_tls13(self) -> Tls13Offer:
        """TLS 1.3's part of the hellos, for a handshake that offers it."""
        raise NotImplementedError

    def begin_tls12(self) -> None:
        """Prepare the messages that follow the hellos: the server chose SSLv3 to TLS 1.2."""
        raise NotImplementedError

    def get_generic_back(self, version: int, client_version: int) -> None:
        """See Handshake; suites are written by ssl23_put_cipher_by_char()."""
        super().get_generic_back(version, client_version)
        self.writes_sslv2_suites = True
        self.cleared_client_version = client_version

    # -- ClientHello

    def construct_client_hello(self) -> bytes:
        """The ClientHello: a handshake message, or a whole record when ``hello_is_sslv2``.

        While ``hello_retry`` is PENDING it is the second one, as the HelloRetryRequest wants it.
        """
        if not self.config.versions:
            self.refuse(Fault.NO_PROTOCOLS)
        if self.hello_retry is HelloRetry.PENDING:
            self.hello_record_version = TLS1_2_VERSION
            return self._tls_hello(self.session or self.fresh_session())
        session = self._prepare_session()
        self.hello_is_sslv2 = False
        if self.finished_once:
            self._offer_again()
        elif self._offer_first():
            return self._sslv2_hello(session)
        elif self.offers_tls13:
            self.tls13_offer = self.offer_tls13()
        self.client_random = self.hello_random(Mode.SEND_CLIENTHELLO_TIME)
        return self._tls_hello(session)

    @property
    def offers_tls13(self) -> bool:
        """Whether the ClientHello has supported_versions: the highest version offered is TLS 1.3."""
        versions = self.config.versions
        return not self.fixed_version and offered_version(self.hello_rules, versions) >= TLS1_3_VERSION

    def _prepare_session(self) -> Session:
        """The session to offer: the one that was set, or a new one (the beginning of ssl3_client_hello())."""
        session = self.session
        if session is None or not self._may_offer(session):
            session = self.session = self.fresh_session()
            if not self.version and self.offers_tls13:
                session.version = TLS1_3_VERSION
        elif self.rules.version_choice is VersionChoice.FIRST_RECORD:
            self.version = (
                session.version
            )  # up to 1.0.2 SSL_set_session() changes the method to the session's
        return session

    def _may_offer(self, session: Session) -> bool:
        if not session.resumable or not (session.session_id or session.ticket):
            return False
        return session.version in self.config.versions and self.version in (0, session.version)

    def _offer_first(self) -> bool:
        """Choose versions and format of the first hello; whether it has SSLv2's format."""
        config = self.config
        first = first_hello(
            self.hello_rules,
            fixed_version=self._method_version,
            versions=config.versions,
            suites=config.cipher_suites,
            options=config.options,
            hostname=config.hostname,
            status_request=config.status_request,
        )
        self.client_version = self.cleared_client_version or min(first.client_version, TLS1_2_VERSION)
        self.hello_record_version = first.record_version
        self.hello_is_sslv2 = first.sslv2_format
        return first.sslv2_format

    @property
    def _method_version(self) -> int | None:
        """The version of the method: fixed, or that of the session to offer, or none yet."""
        if self.fixed_version:
            return self.fixed_version
        if self.rules.version_choice is VersionChoice.FIRST_RECORD and self.version:
            return self.version
        return None

    def _offer_again(self) -> None:
        # Up to 1.0.0 a renegotiation writes s->version into the hello and s->client_version; from 1.0.1
        # s->client_version stays that of the first hello.
        if self.rules.renegotiation_version is RenegotiationVersion.NEGOTIATED:
            self.client_version = self.version
        self.hello_record_version = self.version

    def _facts(self, session: Session, tls13: Mapping[Extension, bytes], psk_length: int) -> ClientHelloFacts:
        config = self.config
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
            ticket=b"" if self.new_session or session.version == TLS1_3_VERSION else session.ticket,
            tls13=tls13,
            psk_length=psk_length,
        )

    def _sslv2_hello(self, session: Session) -> bytes:
        specs = policy.sslv2_hello_ciphers(self.hello_rules, self._facts(session, {}, 0))
        if not specs:
            self.refuse(Fault.NO_CIPHERS)
        return ssl23.sslv2_client_hello(self, specs)

    def _tls_hello(self, session: Session) -> bytes:
        tls13 = self.tls13_offer
        if tls13 is None:
            facts = self._facts(session, {}, 0)
        else:
            facts = self._facts(session, tls13.hello_extensions(session), tls13.psk_length)
        ciphers = policy.client_hello_ciphers(self.hello_rules, facts)
        if not ciphers:
            self.refuse(Fault.NO_CIPHERS)
        session_id = b"" if self.new_session else session.session_id
        if tls13 is not None:
            session_id = tls13.choose_session_id(session)
        body = (
            self.client_version.to_bytes(2, "big")
            + self.client_random
            + vector(session_id, 1)
            + vector(in_sslv2_form(ciphers) if self.writes_sslv2_suites else ciphers, 2)
            + vector(policy.client_hello_compressions(), 1)
        )
        length_before = HANDSHAKE_HEADER_LENGTH + len(body)
        extensions = policy.client_hello_extensions(self.hello_rules, facts, length_before=length_before)
        self._remember_offer(dict(extensions))
        message = handshake_message(HandshakeType.CLIENT_HELLO, body + encode_extensions(extensions))
        return message if tls13 is None else tls13.bind(message)

    def _remember_offer(self, offered: dict[int, bytes]) -> None:
        """A second hello adds to the first: the server may answer any extension of either."""
        schemes = offered.get(ExtensionType.SIGNATURE_ALGORITHMS)
        groups = offered.get(ExtensionType.SUPPORTED_GROUPS)
        self.offer = Offer(
            extensions=self.offer.extensions | offered.keys(),
            groups=None if groups is None else unpack16(groups[2:]),
            schemes=None if schemes is None else unpack16(schemes[2:]),
        )

    # -- the version

    def process_ssl23_server_hello(self, first: bytes) -> None:
        """Set the version by the first seven bytes of the server's answer (ssl23_get_server_hello())."""
        ssl23.choose_by_server(self, first)

    # -- ServerHello

    @refuses_malformed
    def process_server_hello(self, body: bytes) -> None:
        """Take the server's choice: version, session or a new one, suite, extensions.

        The body may be a HelloRetryRequest: ``hello_retry`` is then PENDING, another ClientHello comes next.
        """
        if self.tls13_offer is not None:
            if self.tls13_offer.take_server_hello(body):
                return
            self.tls13_offer = None
        reader = Reader(body, Fault.SERVER_HELLO_LENGTH)
        self._check_version(reader.number(2))
        self.server_random = reader.take(SSL3_RANDOM_SIZE)
        self._check_sentinel()
        session_id_length = reader.number(1)
        if session_id_length > SESSION_ID_LENGTH:
            self.refuse(Fault.SERVER_HELLO_SESSION_ID)
        session_id = reader.take(session_id_length)
        suite_id, compression = reader.number(2), reader.number(1)
        session = self._take_session(session_id)
        suite = self._check_suite(suite_id, session)
        if compression:
            self.refuse(Fault.SERVER_HELLO_COMPRESSION)
        self._process_extensions(reader, suite, session)
        if not suite.emulated:
            raise NotEmulated(suite.name, "the server chose this cipher suite")
        session.suite_id = suite.id & 0xFFFF
        self.take_suite(suite)
        self.begin_tls12()

    def take_older_version(self, version: int) -> None:
        """A server that was offered TLS 1.3 chose less: the version must be enabled, and no downgrade."""
        self._check_version(version)
        self._check_sentinel()

    def _check_version(self, version: int) -> None:
        if self.version and (self._version_is_fixed or self.finished_once):
            if version != self.version:
                if self.rules.version_choice is VersionChoice.FIRST_RECORD:
                    # s->version = (s->version & 0xff00) | p[1]: the alert's record has that version.
                    self.version = self.version & 0xFF00 | version & 0xFF
                self.refuse(Fault.SERVER_HELLO_VERSION)
            return
        if version not in self.config.versions:
            self._refuse_version(version)
        self.version = version

    @property
    def _version_is_fixed(self) -> bool:
        # Up to 1.0.2 ssl23_get_server_hello() has already changed the method to that of one version.
        return self.fixed_version != 0 or self.rules.version_choice is VersionChoice.FIRST_RECORD

    def _refuse_version(self, version: int) -> None:
        versions = self.config.versions
        # ssl_choose_client_version() tells too low and too high apart in 1.1.0 alone.
        if version < versions[0]:
            self.refuse_if_checked(Fault.SERVER_HELLO_VERSION_LOW)
        if version > versions[-1]:
            self.refuse_if_checked(Fault.SERVER_HELLO_VERSION_HIGH)
        self.refuse(Fault.SERVER_HELLO_VERSION_UNSUPPORTED)

    def _check_sentinel(self) -> None:
        """RFC 8446, section 4.1.3: the server could have chosen a better version."""
        # From 1.1.1 ssl_choose_client_version() compares the end of the random with tls12downgrade.
        if self.rules.downgrade_sentinel is DowngradeSentinel.UNKNOWN:
            return
        sentinel = downgrade_sentinel(self.config.versions[-1], self.version)
        if sentinel and self.server_random.endswith(sentinel):
            self.refuse(Fault.SERVER_HELLO_DOWNGRADE)

    def _take_session(self, session_id: bytes) -> Session:
        session, config = self.session or self.fresh_session(), self.config
        self.hit = bool(session_id) and session.session_id == session_id and bool(session.master_key)
        if self.hit:
            if session.context != config.session_id_context:
                self.refuse(Fault.SERVER_HELLO_CONTEXT)
            if session.version != self.version:
                # s->version != s->session->ssl_version, from 1.1.0; up to 1.0.2 the method is the session's.
                self.refuse_if_checked(Fault.SERVER_HELLO_SESSION_VERSION)
            return session
        if session.session_id or session.master_key:
            session = self.fresh_session()
        self.session = session
        session.version = self.version
        session.session_id = session_id
        return session

    def _check_suite(self, suite_id: int, session: Session) -> CipherSuite:
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
    def _reads_extensions(self) -> bool:
        # ssl_parse_serverhello_tlsext() came with TLS extensions, in 0.9.8j; before, d != d + n is an error.
        rules = self.rules
        no_tickets = rules.tickets is Tickets.UNKNOWN
        return not (no_tickets and rules.secure_renegotiation is SecureRenegotiation.UNKNOWN)

    def _process_extensions(self, reader: Reader, suite: CipherSuite, session: Session) -> None:
        if not self._reads_extensions:
            reader.finish(Fault.SERVER_HELLO_TRAILING)
            return
        self.ticket_expected = False
        extensions = self._read_extensions(reader)
        self._check_unsolicited(extensions)
        self._check_known(extensions)
        if self.rules.secure_renegotiation is SecureRenegotiation.RFC5746:
            check_server_info(self, extensions.get(ExtensionType.RENEGOTIATION_INFO))
        self._take_features(extensions, suite, session)
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
                # tls1_check_duplicate_extensions(), from 1.1.0; older releases let the last one count.
                self.refuse_if_checked(Fault.SERVER_EXTENSION_TWICE)
            found[kind] = data
        return found

    def _check_unsolicited(self, extensions: dict[int, bytes]) -> None:
        # tls_collect_extensions(), from 1.1.1; renegotiation_info may answer the SCSV.
        if self.rules.extension_checks is not ExtensionChecks.ALL:
            return
        allowed = self.offer.extensions | {ExtensionType.RENEGOTIATION_INFO}
        known = set(ExtensionType)
        if any(kind in known and kind not in allowed for kind in extensions):
            self.refuse(Fault.SERVER_EXTENSION_UNSOLICITED)

    def _check_known(self, extensions: dict[int, bytes]) -> None:
        name = extensions.get(ExtensionType.SERVER_NAME)
        if name is not None and (self.config.hostname is None or name):
            self.refuse(Fault.SERVER_NAME_UNSOLICITED)
        ticket = extensions.get(ExtensionType.SESSION_TICKET)
        if ticket is not None and self.rules.tickets is Tickets.RFC5077:
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
            # TLSEXT_TYPE_heartbeat is parsed from 1.0.1 up to 1.0.2; 1.1.0 is built without heartbeats.
            self.refuse_if_checked(Fault.SERVER_HEARTBEAT)

    def _take_features(self, extensions: dict[int, bytes], suite: CipherSuite, session: Session) -> None:
        agreed = self.offer.extensions & extensions.keys()
        fits = policy.uses_encrypt_then_mac(self.hello_rules, suite, self.version, self.config.options)
        self.encrypt_then_mac = fits and ExtensionType.ENCRYPT_THEN_MAC in agreed
        extended = ExtensionType.EXTENDED_MASTER_SECRET in agreed
        if self.hit and extended != session.extended_master_secret:
            # SSL_R_INCONSISTENT_EXTMS, from 1.1.0, which first knows RFC 7627.
            self.refuse_if_checked(Fault.SERVER_EXTENDED_MASTER_SECRET)
        self.extended_master_secret = extended

    def _check_point_formats(self, formats: bytes | None, suite: CipherSuite) -> None:
        # ssl_check_serverhello_tlsext() and the parser of ec_point_formats came with curves, in 1.0.0.
        if formats is None or not self.checks(Fault.SERVER_POINT_FORMATS):
            return
        if len(formats) < 2 or formats[0] != len(formats) - 1:
            self.refuse(Fault.SERVER_POINT_FORMATS_LENGTH)
        curves = suite.kx is KeyExchange.ECDHE or suite.auth is Authentication.ECDSA
        if curves and _UNCOMPRESSED not in formats[1:]:
            self.refuse(Fault.SERVER_POINT_FORMATS)
