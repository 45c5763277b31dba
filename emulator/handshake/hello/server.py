"""The server's side of the two hellos (ssl3_get_client_hello(), ssl3_send_server_hello(), s23_srvr.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import (
    DowngradeSentinel,
    FallbackScsv,
    SecureRenegotiation,
    SessionHostname,
    Ssl3Extensions,
    VersionChoice,
)
from emulator.behaviours.hello import Extension
from emulator.constants import (
    SSL2_VERSION,
    SSL3_VERSION,
    TLS1_1_VERSION,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
    ContentType,
    HandshakeType,
    Mode,
    Option,
)
from emulator.handshake.common.messages import Reader, handshake_message, unpack16, vector
from emulator.handshake.common.security_level import allows_legacy_signature
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.common.state import Handshake, HelloRetry, refuses_malformed
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.hello import choice as cipher_choice
from emulator.handshake.hello import policy as hello_policy
from emulator.handshake.hello.choice import find_session
from emulator.handshake.hello.extensions import (
    HEARTBEAT_MODES,
    ExtensionType,
    check_client_info,
    encode_extensions,
)
from emulator.handshake.hello.messages import ClientHelloMessage, read_client_hello, read_v2_client_hello
from emulator.handshake.hello.policy import EMPTY_RENEGOTIATION_INFO_SCSV, FALLBACK_SCSV, ServerHelloFacts
from emulator.handshake.hello.versions import (
    DOWNGRADE_TO_TLS11,
    DOWNGRADE_TO_TLS12,
    choose_version,
    highest_version,
)
from emulator.record.suite import Authentication

if TYPE_CHECKING:
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.record.suite import CipherSuite

_V2_CLIENT_HELLO = 1
_V2_HEADER_LENGTH = 2
_V2_LONGEST = 4096
_V2_SHORTEST = 9
_HTTP_METHODS = (b"GET ", b"POST ", b"HEAD ", b"PUT ")
_HTTP_CONNECT = b"CONNECT"
_SMALLEST_RECORD = 6
_SSL3_MAJOR = 3


class Tls13Answer(Protocol):
    """What the two hellos ask of a server's TLS 1.3."""

    def take_client_hello(self, hello: ClientHelloMessage, message: bytes) -> None:
        """The part of a ClientHello's processing that TLS 1.3 has to itself."""

    def construct_server_hello(self) -> bytes:
        """ServerHello, or a HelloRetryRequest."""


class ServerHellos(Handshake):
    """How a server takes a ClientHello and makes its ServerHello."""

    __slots__ = ("tls13",)

    is_server = True

    tls13: Tls13Answer | None
    """From the ClientHello on that chooses TLS 1.3."""

    def __init__(self, config: HandshakeConfig) -> None:
        super().__init__(config)
        self.tls13 = None

    def make_tls13(self) -> Tls13Answer:
        """What only TLS 1.3 needs, for a handshake that chose it."""
        raise NotImplementedError

    @property
    def chooses_by_first_record(self) -> bool:
        """Whether the client's first bytes go to process_ssl23_client_hello() (ssl23_accept())."""
        return self.section.version_choice is VersionChoice.FIRST_RECORD and not self.version

    # -- the version

    def process_ssl23_client_hello(self, first: bytes) -> int:  # noqa: RET503 - refuse() does not return
        """ssl23_get_client_hello(): choose the version by the first eleven bytes that a client sent.

        0: they begin an ordinary record, which is to be read with ``version`` set.  Otherwise a
        hello in SSLv2's format of so many bytes, its two bytes of length included: all of that goes
        to process_v2_client_hello().
        """
        if first[0] & 0x80 and first[2] == _V2_CLIENT_HELLO:
            return self._choose_for_v2(first)
        is_hello = first[0] == ContentType.HANDSHAKE and first[1] == _SSL3_MAJOR
        tiny = first[3] == 0 and first[4] < _SMALLEST_RECORD
        if is_hello and first[5] == HandshakeType.CLIENT_HELLO and (tiny or first[9] >= first[1]):
            if tiny:
                self.refuse(Fault.V23_CLIENT_TOO_SMALL)
            self._choose_for_tls(first[9] << 8 | first[10])
            return 0
        if first.startswith(_HTTP_METHODS):
            self.refuse(Fault.V23_CLIENT_HTTP)
        if first.startswith(_HTTP_CONNECT):
            self.refuse(Fault.V23_CLIENT_PROXY)
        self.refuse(Fault.V23_CLIENT_UNKNOWN)

    def _choose_for_tls(self, requested: int) -> None:
        versions = self.config.versions
        usable = [version for version in versions if version <= requested]
        if not usable and requested >= SSL3_VERSION and TLS1_VERSION in versions:
            usable = [TLS1_VERSION]  # it will be refused, but with an alert
        if not usable:
            self.refuse(Fault.V23_CLIENT_UNKNOWN)
        self.version = usable[-1]

    def _choose_for_v2(self, first: bytes) -> int:
        requested = first[3] << 8 | first[4]
        if requested >> 8 != _SSL3_MAJOR:
            unsupported = requested == SSL2_VERSION
            self.refuse(Fault.V23_CLIENT_UNSUPPORTED if unsupported else Fault.V23_CLIENT_UNKNOWN)
        usable = [version for version in self.config.versions if version <= requested]
        if not usable:
            self.refuse(Fault.V23_CLIENT_UNKNOWN)
        length = (first[0] & 0x7F) << 8 | first[1]
        if length > _V2_LONGEST:
            self.refuse(Fault.V23_CLIENT_TOO_LARGE)
        if length < _V2_SHORTEST:
            self.refuse(Fault.V23_CLIENT_LENGTH)
        self.version = usable[-1]
        return length + _V2_HEADER_LENGTH

    # -- ClientHello

    @refuses_malformed
    def process_client_hello(self, body: bytes) -> None:
        """Take a ClientHello: choose version, session and suite.

        In TLS 1.3 ``hello_retry`` may be PENDING afterwards: construct_server_hello() then makes a
        HelloRetryRequest, and another ClientHello is to be read.
        """
        if self.section.version_choice is VersionChoice.MESSAGE_START:
            self._choose_version(ClientHelloMessage(Reader(body, Fault.CLIENT_HELLO_SHORT).number(2)))
        self._process_hello(read_client_hello(self, body), body)

    @refuses_malformed
    def process_v2_client_hello(self, record: bytes) -> bytes:
        """Take a whole record that is a hello in SSLv2's format; what of it goes into the transcript."""
        body = record[_V2_HEADER_LENGTH:]
        hello = read_v2_client_hello(self, body)
        if hello.version >> 8 != _SSL3_MAJOR:
            self.refuse(Fault.CLIENT_HELLO_V2_UNKNOWN)
        self._process_hello(hello, b"")
        return body

    def _process_hello(self, hello: ClientHelloMessage, body: bytes) -> None:
        self._choose_version(hello)
        self.client_random = hello.random
        self._read_signalling(hello)
        if self.version == TLS1_3_VERSION:
            if self.tls13 is None:
                self.tls13 = self.make_tls13()
            self.tls13.take_client_hello(hello, handshake_message(HandshakeType.CLIENT_HELLO, body))
            return
        self._resume_or_not(hello)
        if 0 not in hello.compressions:
            self.refuse(Fault.CLIENT_HELLO_NO_COMPRESSION)
        self._process_extensions(hello)
        self._choose(hello)

    def _choose_version(self, hello: ClientHelloMessage) -> None:
        requested = hello.version
        if self.section.version_choice is VersionChoice.FIRST_RECORD or self.finished_once:
            fixed: int | None = self.version
        else:
            fixed = self.config.fixed_version
        self.client_version = requested
        if self.hello_retry is not HelloRetry.NONE:
            fixed = None
        if fixed is None and self._knows_tls13:
            self.version = choose_version(self, hello)
        elif fixed is None:
            self.version = self._highest_for(requested)
        elif requested < fixed:
            if requested >> 8 == _SSL3_MAJOR and not self.finished_once:
                self.version = requested  # the alert's record shows it
            self.refuse(Fault.CLIENT_HELLO_VERSION)

    @property
    def _knows_tls13(self) -> bool:
        return Extension.SUPPORTED_VERSIONS in self.hello.client_extensions

    def _highest_for(self, requested: int) -> int:  # noqa: RET503 - refuse() does not return
        usable = [version for version in self.config.versions if version <= requested]
        if usable:
            return usable[-1]
        self.version = requested
        disabled = requested >= SSL3_VERSION
        self.refuse(Fault.CLIENT_HELLO_VERSION_DISABLED if disabled else Fault.CLIENT_HELLO_VERSION_LOW)

    def _read_signalling(self, hello: ClientHelloMessage) -> None:
        """TLS_EMPTY_RENEGOTIATION_INFO_SCSV and TLS_FALLBACK_SCSV (ssl_bytes_to_cipher_list())."""
        section = self.section
        if section.secure_renegotiation is SecureRenegotiation.RFC5746:
            self.peer_secure_renegotiation = False
            signalled = EMPTY_RENEGOTIATION_INFO_SCSV in hello.suites
            if signalled and self.renegotiating:
                self.refuse(Fault.CLIENT_HELLO_SCSV_RENEGOTIATING)
            self.peer_secure_renegotiation = signalled
        fallen_back = section.fallback_scsv is FallbackScsv.RFC7507 and FALLBACK_SCSV in hello.suites
        if fallen_back and self.version < highest_version(self):
            self.refuse(Fault.CLIENT_HELLO_FALLBACK)

    # -- the session

    def _resume_or_not(self, hello: ClientHelloMessage) -> None:
        self.ticket_expected = False
        forbidden = self.config.options & Option.NO_SESSION_RESUMPTION_ON_RENEGOTIATION
        session = None if self.new_session and forbidden else find_session(self, hello)
        self.hit = session is not None
        if session is None:
            self.session = self.fresh_session()
            if not self.ticket_expected:
                self.session.session_id = self.config.random(SESSION_ID_LENGTH)
            return
        self.session = session
        if session.suite_id not in hello.suites:
            self.refuse(Fault.CLIENT_HELLO_CIPHER_MISSING)

    # -- extensions

    def _process_extensions(self, hello: ClientHelloMessage) -> None:
        extensions = hello.extensions
        self.tmp.extensions = extensions
        self.extended_master_secret = False
        if self.section.secure_renegotiation is SecureRenegotiation.RFC5746:
            check_client_info(self, extensions.get(ExtensionType.RENEGOTIATION_INFO))
        if self.version == SSL3_VERSION and self.section.ssl3_extensions is not Ssl3Extensions.ALL:
            return
        self.take_server_name(extensions.get(ExtensionType.SERVER_NAME))
        self._take_lists(extensions)
        heartbeat = extensions.get(ExtensionType.HEARTBEAT)
        if heartbeat is not None and self.looks_at(Fault.CLIENT_HEARTBEAT):
            if heartbeat[:1] not in HEARTBEAT_MODES:
                self.refuse(Fault.CLIENT_HEARTBEAT)
            self.tmp.heartbeat = True
        if self.knows_extended_master_secret:
            self.extended_master_secret = ExtensionType.EXTENDED_MASTER_SECRET in extensions

    def take_server_name(self, data: bytes | None) -> None:
        """RFC 6066, section 3: one host name of at most 255 bytes without zeros."""
        if data is None or not self.looks_at(Fault.CLIENT_SERVER_NAME):
            return
        name = data[5:]
        fits = 0 < len(name) <= 0xFF and 0 not in name
        if not fits or unpack16(data[:2] + data[3:5]) != (len(data) - 2, len(name)):
            self.refuse(Fault.CLIENT_SERVER_NAME)
        if self.section.session_hostname is SessionHostname.PARSED and not self.hit:
            assert self.session is not None
            self.session.hostname = name

    def _take_lists(self, extensions: dict[int, bytes]) -> None:
        groups = extensions.get(ExtensionType.SUPPORTED_GROUPS)
        if groups is not None and self.hello.groups:
            self.tmp.client_groups = self._numbers(groups, Fault.CLIENT_EXTENSION_GROUPS)
        schemes = extensions.get(ExtensionType.SIGNATURE_ALGORITHMS)
        if schemes is not None and self.version >= TLS1_2_VERSION:
            self.tmp.client_schemes = self._numbers(schemes, Fault.CLIENT_EXTENSION_ALGORITHMS)
        formats = extensions.get(ExtensionType.EC_POINT_FORMATS)
        if formats is not None and self.hello.groups:
            if not formats or formats[0] != len(formats) - 1:
                self.refuse(Fault.CLIENT_EXTENSION_FORMATS)
            self.tmp.known_point_formats = True

    def _numbers(self, data: bytes, fault: Fault) -> tuple[int, ...]:
        if len(data) < 2 or len(data) % 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
            self.refuse(fault)
        return unpack16(data[2:])

    # -- the suite

    def _choose(self, hello: ClientHelloMessage) -> None:
        session = self.session
        assert session is not None
        suite = self._suite_of_session() if self.hit else cipher_choice.choose_suite(self, hello.suites)
        if suite is None:
            self.refuse(Fault.CLIENT_HELLO_NO_SHARED_CIPHER)
        if not self.hit and not self._can_sign(suite):
            self.refuse(Fault.LEGACY_SIGNATURE_UNSUITABLE)
        session.suite_id = suite.id & 0xFFFF
        options = self.config.options
        fits = hello_policy.uses_encrypt_then_mac(self.hello, suite, self.version, options)
        self.encrypt_then_mac = fits and ExtensionType.ENCRYPT_THEN_MAC in self.tmp.extensions
        self.take_suite(suite)
        self.certificate_requested = self.config.request_certificate and self.certificate_expected
        if not self.certificate_requested:
            self.transcript.drop_messages()

    def _can_sign(self, suite: CipherSuite) -> bool:
        """tls_choose_sigalg() before TLS 1.2: a suite with a certificate needs MD5 and SHA-1, used or not."""
        if self.version >= TLS1_2_VERSION or suite.auth is Authentication.NULL:
            return True
        return allows_legacy_signature(self.config.security_level, self.hello.weak_hashes)

    def _suite_of_session(self) -> CipherSuite | None:
        assert self.session is not None
        return suite_by_id(self.config.profile.ciphers, self.session.suite_id)

    # -- ServerHello

    def construct_hello_request(self) -> bytes:
        """HelloRequest: nothing but its header, and no part of the transcript."""
        return handshake_message(HandshakeType.HELLO_REQUEST, b"")

    def construct_server_hello(self) -> bytes:
        """ServerHello with what was chosen, or a HelloRetryRequest."""
        if self.tls13 is not None:
            return self.tls13.construct_server_hello()
        session, suite = self.session, self.suite
        assert session is not None
        assert suite is not None
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
        facts = self._facts(suite)
        extensions = hello_policy.server_hello_extensions(self.hello, facts)
        return handshake_message(HandshakeType.SERVER_HELLO, body + encode_extensions(extensions))

    def _server_random(self) -> bytes:
        random = self.hello_random(Mode.SEND_SERVERHELLO_TIME)
        if self.section.downgrade_sentinel is DowngradeSentinel.UNKNOWN:
            return random
        highest = highest_version(self)
        if highest >= TLS1_3_VERSION and self.version == TLS1_2_VERSION:
            return random[: -len(DOWNGRADE_TO_TLS12)] + DOWNGRADE_TO_TLS12
        if highest >= TLS1_2_VERSION and self.version <= TLS1_1_VERSION:
            return random[: -len(DOWNGRADE_TO_TLS11)] + DOWNGRADE_TO_TLS11
        return random

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
            client_point_formats=self.tmp.known_point_formats,
            client_heartbeat=self.tmp.heartbeat,
            client_encrypt_then_mac=self.encrypt_then_mac,
            client_extended_master_secret=self.extended_master_secret,
        )
