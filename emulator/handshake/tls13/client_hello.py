"""A client's TLS 1.3 in the two hellos: its offer, and what the server made of it (extensions_clnt.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.hello import Extension
from emulator.constants import TLS1_3_VERSION, HandshakeType, Option
from emulator.exceptions import NotEmulated
from emulator.handshake.common.key_exchange import BadPublicValue
from emulator.handshake.common.messages import Reader, handshake_message, vector
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.common.state import EarlyData, HelloRetry
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.hello.extensions import ExtensionType
from emulator.handshake.hello.messages import ServerHelloMessage, read_server_hello
from emulator.handshake.tls13 import key_share as groups
from emulator.handshake.tls13 import psk
from emulator.handshake.tls13.extensions import Context, check_contexts, collect_extensions
from emulator.handshake.tls13.key_schedule import hash_size
from emulator.handshake.tls13.key_share import KeyShare, check_answer, make_share
from emulator.handshake.tls13.psk import DHE_KE, KE
from emulator.handshake.tls13.state import Tls13

if TYPE_CHECKING:
    from emulator.handshake.hello.client import ClientHellos
    from emulator.record.suite import CipherSuite


class ClientHelloTls13(Tls13):
    """What a client offers, and how it takes ServerHello and HelloRetryRequest.

    It is there from a ClientHello on that offers TLS 1.3, and gone again when the server chose less.
    """

    __slots__ = (
        "asked",
        "cookie",
        "early_data_ok",
        "early_psk",
        "psks",
        "session_id",
        "shares",
    )

    hs: ClientHellos

    def __init__(self, hs: ClientHellos) -> None:
        super().__init__(hs)
        self.asked: frozenset[int] = frozenset()
        """The extensions of the ClientHello."""
        self.cookie = b""
        self.early_data_ok = False
        self.early_psk: psk.Psk | None = None
        self.psks: list[psk.Psk] = []
        self.session_id = b""
        """What the server must echo (``s->tmp_session_id``)."""
        self.shares: dict[int, KeyShare] = {}

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
        modes = (DHE_KE, KE) if config.options & Option.ALLOW_NO_DHE_KEX else (DHE_KE,)
        bodies: dict[Extension, bytes] = {
            Extension.SUPPORTED_VERSIONS: vector(listed, 1),
            Extension.PSK_KEY_EXCHANGE_MODES: vector(bytes(modes), 1),
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
        if hello.is_hello_retry:
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

    def _chosen_version(self, hello: ServerHelloMessage, found: dict[int, bytes]) -> int:
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

    def _check_legacy_fields(self, hello: ServerHelloMessage) -> None:
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
            hs.take_suite(suite)

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

    def _take_hello_retry(self, hello: ServerHelloMessage) -> None:
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
