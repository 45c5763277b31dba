"""The ServerHello, as a client takes it (ssl3_get_server_hello(), s23_clnt.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import (
    DowngradeSentinel,
    ExtensionChecks,
    PeerSignature,
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
    Option,
)
from emulator.exceptions import NotEmulated
from emulator.handshake import hello_policy
from emulator.handshake.client_hello import ClientHelloLogic
from emulator.handshake.extensions import HEARTBEAT_MODES, ExtensionType
from emulator.handshake.reader import Reader
from emulator.handshake.renegotiation import check_server_info
from emulator.handshake.session import SESSION_ID_LENGTH
from emulator.handshake.state import refuses_malformed
from emulator.handshake.suites import suite_by_id
from emulator.handshake.tls13.versions import DOWNGRADE_TO_TLS11, DOWNGRADE_TO_TLS12
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from emulator.record.suite import CipherSuite

_SSLV2_SERVER_HELLO = 4
_UNCOMPRESSED = 0


class ClientNegotiationLogic(ClientHelloLogic):
    """How a client takes what the server chose: version, session, suite, extensions."""

    __slots__ = ()

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
        self._take_suite(suite)

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
