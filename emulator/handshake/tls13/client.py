"""A client's TLS 1.3: its offer, and the server's messages (statem_clnt.c, extensions_clnt.c)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from emulator.behaviours.faults import Fault
from emulator.behaviours.hello import Extension
from emulator.constants import (
    SSL3_RANDOM_SIZE,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    HandshakeType,
    Option,
)
from emulator.exceptions import NotEmulated
from emulator.handshake.failure import ParseError
from emulator.handshake.hello_policy import ExtensionType
from emulator.handshake.key_exchange import BadPublicValue
from emulator.handshake.reader import Reader, handshake_message, vector
from emulator.handshake.session import SESSION_ID_LENGTH
from emulator.handshake.suites import suite_by_id
from emulator.handshake.tls13 import groups, psk
from emulator.handshake.tls13.authentication import FROM_SERVER, Authentication, choose_scheme
from emulator.handshake.tls13.extensions import Context, check_contexts, collect_extensions
from emulator.handshake.tls13.facts import EarlyData, HelloRetry
from emulator.handshake.tls13.key_schedule import hash_size, ticket_secret
from emulator.handshake.tls13.key_share import KeyShare, check_answer, make_share

if TYPE_CHECKING:
    from emulator.handshake.client import ClientHandshake
    from emulator.record.suite import CipherSuite

HELLO_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random by which a ServerHello is a HelloRetryRequest (RFC 8446, section 4.1.3)."""

KE, DHE_KE = 0, 1
"""PskKeyExchangeMode: psk_ke, psk_dhe_ke."""


class ServerHello(NamedTuple):
    """What a ServerHello says; ``extensions`` is the block without its length."""

    version: int
    random: bytes
    session_id: bytes
    suite_id: int
    compression: int
    extensions: bytes


def read_server_hello(hs: ClientHandshake, body: bytes) -> ServerHello:
    """Take a ServerHello or HelloRetryRequest apart (the beginning of tls_process_server_hello())."""
    reader = Reader(body, Fault.SERVER_HELLO_LENGTH)
    version, random = reader.number(2), reader.take(SSL3_RANDOM_SIZE)
    session_id = reader.vector(1)
    if len(session_id) > SESSION_ID_LENGTH:
        hs.refuse(Fault.SERVER_HELLO_SESSION_ID)
    suite_id, compression = reader.number(2), reader.number(1)
    retry = version == TLS1_2_VERSION and random == HELLO_RETRY_RANDOM
    block = b""
    if reader.remaining or retry:
        block = reader.vector(2, Fault.SERVER_EXTENSIONS_LENGTH)
        reader.finish(Fault.SERVER_EXTENSIONS_LENGTH)
    return ServerHello(version, random, session_id, suite_id, compression, block)


class ClientTls13(Authentication):
    """A client's side.

    It is there from a ClientHello on that offers TLS 1.3, and gone again when the server chose less.
    """

    __slots__ = (
        "asked",
        "cookie",
        "early_data_ok",
        "early_psk",
        "psks",
        "request_context",
        "session_id",
        "shares",
        "signing_scheme",
    )

    hs: ClientHandshake

    def __init__(self, hs: ClientHandshake) -> None:
        super().__init__(hs)
        self.asked: frozenset[int] = frozenset()
        """The extensions of the ClientHello."""
        self.cookie = b""
        self.early_data_ok = False
        self.early_psk: psk.Psk | None = None
        self.psks: list[psk.Psk] = []
        self.request_context = b""
        self.session_id = b""
        """What the server must echo (``s->tmp_session_id``)."""
        self.shares: dict[int, KeyShare] = {}
        self.signing_scheme: int | None = None

    # -- ClientHello

    def choose_session_id(self) -> bytes:
        """The legacy_session_id: that of an older session offered, or a random one for middleboxes."""
        hs, config = self.hs, self.hs.config
        assert hs.session is not None
        if hs.new_session or hs.session.version == TLS1_3_VERSION:
            if not config.options & Option.ENABLE_MIDDLEBOX_COMPAT:
                self.session_id = b""
            elif hs.hello_retry is HelloRetry.NONE:
                self.session_id = config.random(SESSION_ID_LENGTH)
        else:
            self.session_id = hs.session.session_id
        return self.session_id

    def hello_extensions(self) -> dict[Extension, bytes]:
        """The extensions of TLS 1.3 in a ClientHello, but for pre_shared_key."""
        config = self.hs.config
        versions = range(config.versions[-1], config.versions[0] - 1, -1)
        listed = b"".join(version.to_bytes(2, "big") for version in versions)
        modes = bytes((DHE_KE, KE)) if config.options & Option.ALLOW_NO_DHE_KEX else bytes((DHE_KE,))
        bodies: dict[Extension, bytes] = {
            Extension.SUPPORTED_VERSIONS: vector(listed, 1),
            Extension.PSK_KEY_EXCHANGE_MODES: vector(modes, 1),
            Extension.KEY_SHARE: self._key_shares(),
        }
        if self.cookie:
            bodies[Extension.COOKIE] = vector(self.cookie, 2)
            self.cookie = b""
        self.psks = psk.offered_psks(self.hs)
        if self._offers_early_data():
            bodies[Extension.EARLY_DATA] = b""
        if self.psks:
            bodies[Extension.PRE_SHARED_KEY] = psk.offer_body(self.psks)
        return bodies

    def _offers_early_data(self) -> bool:
        """tls_construct_ctos_early_data(): with a session, or else an external PSK, that allows it."""
        hs = self.hs
        session = hs.session
        assert session is not None
        usable = [one for one in self.psks if one.session.max_early_data]
        if not hs.wants_early_data or hs.hello_retry is not HelloRetry.NONE or not usable:
            hs.early_data_limit = 0
            self.early_psk = None
            return False
        name = usable[0].session.hostname
        if name and (hs.config.hostname is None or hs.config.hostname.encode() != name):
            hs.refuse(Fault.EARLY_DATA_NAME)
        self.early_psk = usable[0]
        hs.early_data_limit = usable[0].session.max_early_data
        hs.early_data = EarlyData.REJECTED
        self.early_data_ok = True
        return True

    @property
    def psk_length(self) -> int:
        """What the padding expects pre_shared_key to take: it counts a session's ticket alone."""
        session = self.hs.session
        if session is None or session.version != TLS1_3_VERSION or not session.ticket:
            return 0
        suite = psk.suite_of(self.hs, session)
        return psk.PSK_OVERHEAD + len(session.ticket) + hash_size(suite.prf_hash) if suite else 0

    def bind(self, message: bytes) -> bytes:
        """The ClientHello with its PSK binders; the secret of early data is there afterwards."""
        bound = psk.bind(self.hs, self.psks, message) if self.psks else message
        if self.early_psk is not None:
            self.secret = psk.early_secret(self.early_psk)
            self.derive_early(self.early_psk.suite, bound)
        return bound

    def _key_shares(self) -> bytes:
        if not self.shares:
            wanted = groups.offered_shares(self.hs)
            if not wanted:
                self.hs.refuse(Fault.NO_KEY_SHARE)
            random = self.hs.config.random
            self.shares = {group: make_share(group, random) for group in wanted}
        entries = (group.to_bytes(2, "big") + vector(share.public, 2) for group, share in self.shares.items())
        return vector(b"".join(entries), 2)

    # -- ServerHello and HelloRetryRequest

    def take_server_hello(self, body: bytes) -> bool:
        """Take a ServerHello of TLS 1.3 or a HelloRetryRequest; False: the server chose an older version.

        After a HelloRetryRequest ``hs.hello_retry`` is PENDING and the transcript holds a message_hash in
        place of the first ClientHello; the caller adds the HelloRetryRequest and sends another ClientHello.
        """
        hs = self.hs
        hello = read_server_hello(hs, body)
        if hello.version == TLS1_2_VERSION and hello.random == HELLO_RETRY_RANDOM:
            if hs.hello_retry is not HelloRetry.NONE:
                hs.refuse(Fault.SECOND_HELLO_RETRY)
            self._take_hello_retry(hello)
            return True
        hs.server_random = hello.random
        both = Context.TLS1_2_SERVER_HELLO | Context.TLS1_3_SERVER_HELLO
        found = collect_extensions(hs, hello.extensions, both, self.asked)
        version = self._chosen_version(hello, found)
        if version != TLS1_3_VERSION:
            hs.take_older_version(version)
            check_contexts(hs, found, Context.TLS1_2_SERVER_HELLO, Fault.SERVER_EXTENSION_MISPLACED)
            return False
        hs.version = version
        self._check_legacy_fields(hello)
        check_contexts(hs, found, Context.TLS1_3_SERVER_HELLO, Fault.SERVER_EXTENSION_MISPLACED)
        self._take_psk(found.get(ExtensionType.PRE_SHARED_KEY))
        self._take_session()
        self._take_suite(hello.suite_id)
        self._take_key_share(found.get(ExtensionType.KEY_SHARE), body)
        hs.hello_retry = HelloRetry.COMPLETE if hs.hello_retry is HelloRetry.PENDING else hs.hello_retry
        return True

    def _chosen_version(self, hello: ServerHello, found: dict[int, bytes]) -> int:
        """ssl_choose_client_version(): supported_versions, or else the legacy version."""
        hs = self.hs
        body = found.get(ExtensionType.SUPPORTED_VERSIONS)
        version = hello.version if body is None else self._read_version(body)
        if hs.hello_retry is not HelloRetry.NONE and version != TLS1_3_VERSION:
            hs.refuse(Fault.SERVER_HELLO_VERSION)
        if version == TLS1_3_VERSION and hs.config.versions[-1] < TLS1_3_VERSION:
            hs.refuse(Fault.SERVER_HELLO_VERSION_UNSUPPORTED)
        return version

    def _read_version(self, body: bytes) -> int:
        if len(body) != 2:
            self.hs.refuse(Fault.SERVER_VERSIONS_LENGTH)
        version = int.from_bytes(body, "big")
        if version != TLS1_3_VERSION:
            self.hs.refuse(Fault.SERVER_VERSIONS_VALUE)
        return version

    def _check_legacy_fields(self, hello: ServerHello) -> None:
        if hello.compression:
            self.hs.refuse(Fault.SERVER_HELLO_COMPRESSION_TLS13)
        if hello.session_id != self.session_id:
            self.hs.refuse(Fault.SERVER_HELLO_SESSION_ID_ECHO)

    def _take_psk(self, body: bytes | None) -> None:
        """tls_parse_stoc_psk(): which of our PSKs the server took."""
        hs = self.hs
        hs.hit = body is not None
        if body is None:
            return
        if len(body) != 2:
            hs.refuse(Fault.SERVER_PSK_LENGTH)
        index = int.from_bytes(body, "big")
        if index >= len(self.psks):
            hs.refuse(Fault.SERVER_PSK_IDENTITY)
        taken = self.psks[index]
        self.secret = psk.early_secret(taken)
        if taken.external:
            hs.session = taken.session.copy()
            self.early_data_ok = self.early_data_ok and index == 0

    def _take_session(self) -> None:
        hs = self.hs
        session = hs.session
        assert session is not None
        if hs.hit:
            if session.context != hs.config.session_id_context:
                hs.refuse(Fault.SERVER_HELLO_CONTEXT)
        else:
            if session.session_id:
                hs.session = session = hs.fresh_session()
            session.version = TLS1_3_VERSION
        if session.version != TLS1_3_VERSION:
            hs.refuse(Fault.SERVER_HELLO_SESSION_VERSION)

    def _take_suite(self, suite_id: int) -> None:
        """set_client_ciphersuite()."""
        hs = self.hs
        suite = suite_by_id(hs.config.profile.ciphers, suite_id)
        if suite is None:
            hs.refuse(Fault.SERVER_HELLO_UNKNOWN_CIPHER)
        if suite not in hs.config.ciphersuites:
            hs.refuse(Fault.SERVER_HELLO_WRONG_CIPHER)
        if hs.suite is not None and hs.suite != suite:
            hs.refuse(Fault.SERVER_HELLO_WRONG_CIPHER)
        self._check_session_suite(suite)
        if not suite.emulated:
            raise NotEmulated(suite.name, "the server chose this cipher suite")
        if hs.suite is None:
            hs.take_suite13(suite)

    def _check_session_suite(self, suite: CipherSuite) -> None:
        hs = self.hs
        assert hs.session is not None
        if hs.hit and hs.session.suite_id != suite.id & 0xFFFF:
            old = suite_by_id(hs.config.profile.ciphers, hs.session.suite_id)
            if old is None or old.prf_hash != suite.prf_hash:
                hs.refuse(Fault.SERVER_HELLO_SUITE_HASH)
        hs.session.suite_id = suite.id & 0xFFFF

    def _take_key_share(self, body: bytes | None, hello: bytes) -> None:
        hs = self.hs
        message = handshake_message(HandshakeType.SERVER_HELLO, hello)
        if body is None:
            if not hs.hit or not hs.config.options & Option.ALLOW_NO_DHE_KEX:
                hs.refuse(Fault.SERVER_KEY_SHARE_MISSING)
            self.derive_handshake(b"", message)
            return
        reader = Reader(body, Fault.SERVER_KEY_SHARE_LENGTH)
        group = reader.number(2)
        share = self.shares.get(group)
        if share is None:
            hs.refuse(Fault.SERVER_KEY_SHARE_GROUP)
        answer = reader.vector(2)
        reader.finish()
        if not answer:
            hs.refuse(Fault.SERVER_KEY_SHARE_LENGTH)
        try:
            check_answer(group, answer)
        except BadPublicValue:
            raise hs.failure(Fault.SERVER_KEY_SHARE_POINT) from None
        try:
            shared = share.shared_secret(answer)
        except BadPublicValue:
            raise hs.failure(Fault.KEY_SHARE_SECRET) from None
        hs.note_group(group)
        self.derive_handshake(shared, message)

    def _take_hello_retry(self, hello: ServerHello) -> None:
        """tls_process_as_hello_retry_request()."""
        hs = self.hs
        hs.hello_retry = HelloRetry.PENDING
        self._check_legacy_fields(hello)
        hs.hit = False
        hs.version = TLS1_3_VERSION
        self._take_suite(hello.suite_id)
        found = collect_extensions(hs, hello.extensions, Context.HELLO_RETRY_REQUEST, self.asked)
        versions = found.get(ExtensionType.SUPPORTED_VERSIONS)
        if versions is not None:
            self._read_version(versions)
        share = found.get(ExtensionType.KEY_SHARE)
        if share is not None:
            self._change_group(share)
        cookie = found.get(ExtensionType.COOKIE)
        if cookie is not None:
            reader = Reader(cookie, Fault.COOKIE_LENGTH)
            self.cookie = reader.vector(2)
            reader.finish()
        if not self.cookie and self.shares:
            hs.refuse(Fault.HELLO_RETRY_NO_CHANGE)
        hs.transcript.replace_by_message_hash()

    def _change_group(self, body: bytes) -> None:
        hs = self.hs
        if len(body) != 2:
            hs.refuse(Fault.SERVER_KEY_SHARE_LENGTH)
        group = int.from_bytes(body, "big")
        if group in self.shares or group not in groups.allowed_groups(hs):
            hs.refuse(Fault.SERVER_KEY_SHARE_GROUP)
        self.shares = {}
        hs.tmp.retry_group = group

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
            self.hs.check_authority(names.vector(2))
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
        except ParseError as error:
            raise hs.failure(error.fault) from None
        status = first.get(ExtensionType.STATUS_REQUEST)
        if status is not None:
            hs.process_certificate_status(status)
        hs.take_chain(chain)

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
