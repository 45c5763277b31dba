"""A server's side of the two hellos (ssl3_get_client_hello(), ssl3_send_server_hello(), s23_srvr.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import (
    DowngradeSentinel,
    FallbackCheck,
    SecureRenegotiation,
    SessionHostname,
    Ssl3ExtensionsTaken,
    VersionChoice,
)
from emulator.behaviours.hello import Extension
from emulator.constants import SSL3_VERSION, TLS1_2_VERSION, TLS1_3_VERSION, HandshakeType, Mode, Option
from emulator.handshake.common.messages import handshake_message, unpack16, vector
from emulator.handshake.common.security_level import allows_legacy_signature
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.common.state import Handshake, HelloRetry, refuses_malformed
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.hello import policy, ssl23
from emulator.handshake.hello.choice import choose_suite, find_session
from emulator.handshake.hello.extensions import (
    HEARTBEAT_MODES,
    ExtensionType,
    check_client_info,
    encode_extensions,
)
from emulator.handshake.hello.messages import (
    ClientHelloMessage,
    check_suites,
    hello_version,
    read_client_hello,
    read_v2_client_hello,
)
from emulator.handshake.hello.policy import (
    EMPTY_RENEGOTIATION_INFO_SCSV,
    FALLBACK_SCSV,
    ServerHelloFacts,
)
from emulator.handshake.hello.versions import choose_version, downgrade_sentinel, highest_version
from emulator.record.suite import Authentication

if TYPE_CHECKING:
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.common.session import Session
    from emulator.record.suite import CipherSuite

_MAJOR = SSL3_VERSION >> 8


class Tls13Answer(Protocol):
    """TLS 1.3's part of a server's hellos."""

    def take_client_hello(self, hello: ClientHelloMessage, message: bytes) -> None:
        """Choose suite, session and key share for a ClientHello; ``message`` is the whole of it."""

    def construct_server_hello(self) -> bytes:
        """ServerHello, or a HelloRetryRequest."""


class ServerHellos(Handshake):
    """How a server takes a ClientHello and makes its ServerHello.

    ``tls13_answer`` is there from the ClientHello on for which the server chose TLS 1.3.
    """

    __slots__ = ("tls13_answer",)

    is_server = True

    def __init__(self, config: HandshakeConfig) -> None:
        super().__init__(config)
        self.tls13_answer: Tls13Answer | None = None

    def answer_tls13(self) -> Tls13Answer:
        """TLS 1.3's part of the hellos, for a handshake that chose it."""
        raise NotImplementedError

    def begin_tls12(self) -> None:
        """Prepare the messages that follow the hellos: the version is SSLv3 to TLS 1.2."""
        raise NotImplementedError

    # -- the version

    def process_ssl23_client_hello(self, first: bytes) -> int:
        """Set the version by the first eleven bytes that a client sent (ssl23_get_client_hello()).

        The length of a hello in SSLv2's format, header included; 0 for the beginning of an ordinary record.
        """
        return ssl23.choose_by_client(self, first)

    # -- ClientHello

    @refuses_malformed
    def process_client_hello(self, body: bytes) -> None:
        """Take a ClientHello: choose version, session and suite.

        In TLS 1.3 ``hello_retry`` may be PENDING afterwards: construct_server_hello() then makes a
        HelloRetryRequest, and another ClientHello is to be read.
        """
        if self.rules.version_choice is not VersionChoice.MESSAGE:
            # Up to 1.0.2 ``s->client_version < s->version`` precedes the other fields, in 1.1.0
            # ssl_choose_server_version(); from 1.1.1 parsing comes first.
            self._choose_version(hello_version(self, body), {})
        self._process_hello(read_client_hello(self, body), body)

    @refuses_malformed
    def process_v2_client_hello(self, record: bytes) -> bytes:
        """Take a whole record that is a hello in SSLv2's format; the part of it that the transcript gets."""
        body = record[ssl23.SSLV2_HEADER_LENGTH :]
        hello = read_v2_client_hello(self, body)
        if hello.version >> 8 != _MAJOR:
            self.refuse(Fault.CLIENT_HELLO_V2_UNKNOWN)
        self._process_hello(hello, b"")
        return body

    def _process_hello(self, hello: ClientHelloMessage, body: bytes) -> None:
        self._choose_version(hello.version, hello.extensions)
        if self.rules.version_choice is VersionChoice.MESSAGE:
            check_suites(self, hello.suites_length, hello.session_id)
        self.client_random = hello.random
        self._read_signalling(hello)
        self.offer.extensions = frozenset(hello.extensions)
        if self.version == TLS1_3_VERSION:
            if self.tls13_answer is None:
                self.tls13_answer = self.answer_tls13()
            message = handshake_message(HandshakeType.CLIENT_HELLO, body)
            self.tls13_answer.take_client_hello(hello, message)
            return
        session = self._resume_or_not(hello)
        if 0 not in hello.compressions:
            self.refuse(Fault.CLIENT_HELLO_NO_COMPRESSION)
        self._process_extensions(hello.extensions, session)
        if not hello.suites and not self.hit:
            # ``if (ciphers == NULL)`` behind the extensions, reached up to 1.0.1m and 1.0.2a.
            self.refuse_if_checked(Fault.CLIENT_HELLO_NO_CIPHERS_PASSED)
        self._choose_suite(hello, session)
        self.begin_tls12()

    def _choose_version(self, requested: int, extensions: dict[int, bytes]) -> None:
        if self.rules.version_choice is VersionChoice.FIRST_RECORD or self.finished_once:
            fixed: int | None = self.version
        else:
            fixed = self.fixed_version or None
        self.client_version = requested
        if self.hello_retry is not HelloRetry.NONE:
            fixed = None
        if fixed is None and self._knows_tls13:
            self.version = choose_version(self, requested, extensions.get(ExtensionType.SUPPORTED_VERSIONS))
        elif fixed is None:
            self.version = self._highest_for(requested)
        elif requested < fixed:
            if requested >> 8 == _MAJOR and not self.finished_once:
                # s->version = s->client_version, unless records are protected: the alert's record has it.
                self.version = requested
            self.refuse(Fault.CLIENT_HELLO_VERSION)

    @property
    def _knows_tls13(self) -> bool:
        return Extension.SUPPORTED_VERSIONS in self.hello_rules.client_extensions

    def _highest_for(self, requested: int) -> int:  # noqa: RET503 - refuse() does not return
        usable = [version for version in self.config.versions if version <= requested]
        if usable:
            return usable[-1]
        self.version = requested
        disabled = requested >= SSL3_VERSION
        self.refuse(Fault.CLIENT_HELLO_VERSION_DISABLED if disabled else Fault.CLIENT_HELLO_VERSION_LOW)

    def _read_signalling(self, hello: ClientHelloMessage) -> None:
        """TLS_EMPTY_RENEGOTIATION_INFO_SCSV and TLS_FALLBACK_SCSV (ssl_bytes_to_cipher_list())."""
        rules = self.rules
        # SSL3_CK_SCSV is looked for from 0.9.8m.
        if rules.secure_renegotiation is SecureRenegotiation.RFC5746:
            self.peer_secure_renegotiation = False
            signalled = EMPTY_RENEGOTIATION_INFO_SCSV in hello.suites
            if signalled and self.renegotiating:
                self.refuse(Fault.CLIENT_HELLO_SCSV_RENEGOTIATING)
            self.peer_secure_renegotiation = signalled
        # SSL3_CK_FALLBACK_SCSV, from 0.9.8zc, 1.0.0o and 1.0.1j.
        fallen_back = rules.fallback_scsv is FallbackCheck.RFC7507 and FALLBACK_SCSV in hello.suites
        if fallen_back and self.version < highest_version(self):
            self.refuse(Fault.CLIENT_HELLO_FALLBACK)

    # -- the session

    def _resume_or_not(self, hello: ClientHelloMessage) -> Session:
        self.ticket_expected = False
        # s->new_session && s->options & SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION, from 0.9.7.
        forbidden = self.config.options & Option.NO_SESSION_RESUMPTION_ON_RENEGOTIATION
        session = None if self.new_session and forbidden else find_session(self, hello)
        self.hit = session is not None
        if session is None:
            session = self.fresh_session()
            if not self.ticket_expected:
                session.session_id = self.config.random(SESSION_ID_LENGTH)
        elif hello.suites and session.suite_id not in hello.suites:  # ``(s->hit) && (i > 0)`` up to 1.0.2
            self.session = session
            self.refuse(Fault.CLIENT_HELLO_CIPHER_MISSING)
        self.session = session
        return session

    # -- extensions

    def _process_extensions(self, extensions: dict[int, bytes], session: Session) -> None:
        self.extended_master_secret = False
        if self.rules.secure_renegotiation is SecureRenegotiation.RFC5746:
            check_client_info(self, extensions.get(ExtensionType.RENEGOTIATION_INFO))
        # s->version == SSL3_VERSION skips all others from 1.1.0, and up to 0.9.8l; in between they count.
        if self.is_ssl3 and self.rules.ssl3_extensions is not Ssl3ExtensionsTaken.ALL:
            return
        self.take_server_name(extensions.get(ExtensionType.SERVER_NAME), session)
        self._take_lists(extensions)
        heartbeat = extensions.get(ExtensionType.HEARTBEAT)
        # TLSEXT_TYPE_heartbeat is parsed from 1.0.1 up to 1.0.2; 1.1.0 is built without heartbeats.
        if heartbeat is not None and self.checks(Fault.CLIENT_HEARTBEAT):
            if heartbeat[:1] not in HEARTBEAT_MODES:
                self.refuse(Fault.CLIENT_HEARTBEAT)
            self.offer.heartbeat = True
        if self.knows_extended_master_secret:
            self.extended_master_secret = ExtensionType.EXTENDED_MASTER_SECRET in extensions

    def take_server_name(self, data: bytes | None, session: Session) -> None:
        """RFC 6066, section 3: one host name of at most 255 bytes without zeros."""
        if data is None or not self.checks(Fault.CLIENT_SERVER_NAME):
            return
        name = data[5:]
        fits = 0 < len(name) <= 0xFF and 0 not in name
        if not fits or unpack16(data[:2] + data[3:5]) != (len(data) - 2, len(name)):
            self.refuse(Fault.CLIENT_SERVER_NAME)
        # Up to 1.1.0 the name goes into the session as it is parsed; from 1.1.1 only a callback that
        # answers SSL_TLSEXT_ERR_OK puts it there (final_server_name()).
        if self.rules.session_hostname is SessionHostname.PARSED and not self.hit:
            session.hostname = name

    def _take_lists(self, extensions: dict[int, bytes]) -> None:
        groups = extensions.get(ExtensionType.SUPPORTED_GROUPS)
        if groups is not None and self.hello_rules.groups:
            self.offer.groups = self._read_list(groups, Fault.CLIENT_EXTENSION_GROUPS)
        schemes = extensions.get(ExtensionType.SIGNATURE_ALGORITHMS)
        if schemes is not None and self.version >= TLS1_2_VERSION:
            self.offer.schemes = self._read_list(schemes, Fault.CLIENT_EXTENSION_ALGORITHMS)
        formats = extensions.get(ExtensionType.EC_POINT_FORMATS)
        if formats is not None and self.hello_rules.groups:
            if not formats or formats[0] != len(formats) - 1:
                self.refuse(Fault.CLIENT_EXTENSION_FORMATS)
            self.offer.point_formats = True

    def _read_list(self, data: bytes, fault: Fault) -> tuple[int, ...]:
        """A list of two-byte numbers behind its length, which may be empty here."""
        if len(data) < 2 or len(data) % 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
            self.refuse(fault)
        return unpack16(data[2:])

    # -- the suite

    def _choose_suite(self, hello: ClientHelloMessage, session: Session) -> None:
        if self.hit:
            suite = suite_by_id(self.config.profile.ciphers, session.suite_id)
        else:
            suite = choose_suite(self, hello.suites)
        if suite is None:
            self.refuse(Fault.CLIENT_HELLO_NO_SHARED_CIPHER)
        if not self.hit and not self._can_sign(suite):
            self.refuse(Fault.LEGACY_SIGNATURE_UNSUITABLE)
        session.suite_id = suite.id & 0xFFFF
        fits = policy.uses_encrypt_then_mac(self.hello_rules, suite, self.version, self.config.options)
        self.encrypt_then_mac = fits and ExtensionType.ENCRYPT_THEN_MAC in hello.extensions
        self.take_suite(suite)
        anonymous = suite.auth is Authentication.NULL
        self.certificate_requested = self.config.request_certificate and not self.hit and not anonymous
        if not self.certificate_requested:
            self.transcript.drop_messages()

    def _can_sign(self, suite: CipherSuite) -> bool:
        """tls_choose_sigalg() before TLS 1.2: a suite with a certificate needs MD5 and SHA-1, used or not."""
        if self.version >= TLS1_2_VERSION or suite.auth is Authentication.NULL:
            return True
        return allows_legacy_signature(self.config.security_level, self.hello_rules.weak_hashes)

    # -- HelloRequest and ServerHello

    def construct_hello_request(self) -> bytes:
        """HelloRequest: nothing but its header, and no part of the transcript."""
        return handshake_message(HandshakeType.HELLO_REQUEST, b"")

    def construct_server_hello(self) -> bytes:
        """ServerHello with the server's choice, or a HelloRetryRequest."""
        if self.tls13_answer is not None:
            return self.tls13_answer.construct_server_hello()
        session, suite = self.session, self.suite
        assert session is not None
        assert suite is not None, "a ServerHello answers a ClientHello, which chose a suite"
        self.server_random = self._server_random()
        if self.config.session_cache is None and not self.hit:
            session.session_id = b""
        body = (
            self.version.to_bytes(2, "big")
            + self.server_random
            + vector(session.session_id, 1)
            + (suite.id & 0xFFFF).to_bytes(2, "big")
            + b"\0"
        )
        extensions = policy.server_hello_extensions(self.hello_rules, self._facts(suite))
        return handshake_message(HandshakeType.SERVER_HELLO, body + encode_extensions(extensions))

    def _server_random(self) -> bytes:
        random = self.hello_random(Mode.SEND_SERVERHELLO_TIME)
        # From 1.1.1 ssl_fill_hello_random() writes tls11downgrade or tls12downgrade over the end.
        if self.rules.downgrade_sentinel is DowngradeSentinel.UNKNOWN:
            return random
        sentinel = downgrade_sentinel(highest_version(self), self.version)
        return random[: len(random) - len(sentinel)] + sentinel

    def _facts(self, suite: CipherSuite) -> ServerHelloFacts:
        return ServerHelloFacts(
            version=self.version,
            suite=suite,
            hit=self.hit,
            options=self.config.options,
            secure_renegotiation=self.peer_secure_renegotiation,
            client_verify_data=self.client_verify_data,
            server_verify_data=self.server_verify_data,
            ticket_expected=self.ticket_expected,
            client_point_formats=self.offer.point_formats,
            client_heartbeat=self.offer.heartbeat,
            client_encrypt_then_mac=self.encrypt_then_mac,
            client_extended_master_secret=self.extended_master_secret,
        )
