"""A client's hellos, the part of TLS 1.3: its offer, and the server's answer (extensions_clnt.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.hello import Extension
from emulator.constants import TLS1_3_VERSION, HandshakeType, Option
from emulator.exceptions import NotEmulated
from emulator.handshake.common.key_exchange import BadPoint, BadPublicValue
from emulator.handshake.common.messages import Reader, handshake_message, vector
from emulator.handshake.common.session import SESSION_ID_LENGTH
from emulator.handshake.common.state import EarlyData, HelloRetry
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.hello.extensions import ExtensionType
from emulator.handshake.hello.messages import ServerHelloMessage, read_server_hello
from emulator.handshake.tls13 import psk
from emulator.handshake.tls13.extensions import ExtensionContext, check_contexts, collect_extensions
from emulator.handshake.tls13.key_schedule import hash_size
from emulator.handshake.tls13.key_share import KeyShare, allowed_groups, make_share, offered_shares
from emulator.handshake.tls13.psk import DHE_KE, KE

if TYPE_CHECKING:
    from emulator.handshake.common.session import Session
    from emulator.handshake.hello.client import ClientHellos
    from emulator.handshake.tls13.secrets import Secrets
    from emulator.record.suite import CipherSuite

_BOTH_SERVER_HELLOS = ExtensionContext.TLS1_2_SERVER_HELLO | ExtensionContext.TLS1_3_SERVER_HELLO


class ClientOffer:
    """A client's offer of TLS 1.3, and the processing of ServerHello and HelloRetryRequest.

    ``early_data_ok``: the server may accept early data, which was offered with the first PSK.
    """

    __slots__ = (
        "_cookie",
        "_early_psk",
        "_hs",
        "_psks",
        "_retry_group",
        "_secrets",
        "_session_id",
        "_shares",
        "early_data_ok",
    )

    def __init__(self, hs: ClientHellos, secrets: Secrets) -> None:
        self._hs = hs
        self._secrets = secrets
        self._cookie = b""
        self._early_psk: psk.Psk | None = None
        self._psks: list[psk.Psk] = []
        self._retry_group: int | None = None
        self._session_id = b""  # ``s->tmp_session_id``, which the server must echo
        self._shares: dict[int, KeyShare] = {}
        self.early_data_ok = False

    # -- ClientHello

    def choose_session_id(self, session: Session) -> bytes:
        """Choose legacy_session_id: an older session's, or a random one for middleboxes, or none."""
        hs, config = self._hs, self._hs.config
        if not hs.new_session and session.version != TLS1_3_VERSION:
            self._session_id = session.session_id
        elif not config.options & Option.ENABLE_MIDDLEBOX_COMPAT:
            self._session_id = b""
        elif hs.hello_retry is HelloRetry.NONE:
            self._session_id = config.random(SESSION_ID_LENGTH)
        return self._session_id

    def hello_extensions(self, session: Session) -> dict[Extension, bytes]:
        """Make the extensions of TLS 1.3 in a ClientHello; pre_shared_key has zeros in place of binders."""
        config = self._hs.config
        versions = range(config.versions[-1], config.versions[0] - 1, -1)
        listed = b"".join(version.to_bytes(2, "big") for version in versions)
        modes = (DHE_KE, KE) if config.options & Option.ALLOW_NO_DHE_KEX else (DHE_KE,)
        bodies: dict[Extension, bytes] = {
            Extension.SUPPORTED_VERSIONS: vector(listed, 1),
            Extension.PSK_KEY_EXCHANGE_MODES: vector(bytes(modes), 1),
            Extension.KEY_SHARE: self._key_shares(),
        }
        if self._cookie:
            bodies[Extension.COOKIE] = vector(self._cookie, 2)
            self._cookie = b""
        self._psks = psk.offered_psks(self._hs, session)
        if self._offers_early_data():
            bodies[Extension.EARLY_DATA] = b""
        if self._psks:
            bodies[Extension.PRE_SHARED_KEY] = psk.offer_body(self._psks)
        return bodies

    def _offers_early_data(self) -> bool:
        """tls_construct_ctos_early_data(): offer early data if the session, or an external PSK, allows it."""
        hs = self._hs
        usable = [one for one in self._psks if one.session.max_early_data]
        if not hs.wants_early_data or hs.hello_retry is not HelloRetry.NONE or not usable:
            hs.early_data_limit = 0
            self._early_psk = None
            return False
        session = usable[0].session
        if session.hostname and session.hostname != (hs.config.hostname or "").encode():
            hs.refuse(Fault.EARLY_DATA_NAME)
        self._early_psk = usable[0]
        hs.early_data_limit = session.max_early_data
        hs.early_data = EarlyData.REJECTED
        self.early_data_ok = True
        return True

    @property
    def psk_length(self) -> int:
        """The length of pre_shared_key that the padding counts: a session's ticket only, no external PSK."""
        session = self._hs.session
        if session is None or session.version != TLS1_3_VERSION or not session.ticket:
            return 0
        suite = psk.suite_of(self._hs, session)
        return psk.PSK_OVERHEAD + len(session.ticket) + hash_size(suite.prf_hash) if suite else 0

    def bind(self, message: bytes) -> bytes:
        """Put the PSK binders into the ClientHello, and derive the secret of early data."""
        bound = psk.bind(self._hs, self._psks, message) if self._psks else message
        if self._early_psk is not None:
            self._secrets.psk = psk.early_secret(self._early_psk)
            self._secrets.derive_early(self._early_psk.suite, bound)
        return bound

    def _key_shares(self) -> bytes:
        if not self._shares:
            wanted = offered_shares(self._hs) if self._retry_group is None else (self._retry_group,)
            if not wanted:
                self._hs.refuse(Fault.NO_KEY_SHARE)
            random = self._hs.config.random
            self._shares = {group: make_share(group, random) for group in wanted}
        entries = (
            group.to_bytes(2, "big") + vector(share.public, 2) for group, share in self._shares.items()
        )
        return vector(b"".join(entries), 2)

    # -- ServerHello and HelloRetryRequest

    def take_server_hello(self, body: bytes) -> bool:
        """Read a ServerHello of TLS 1.3 or a HelloRetryRequest; False if the server chose an older version.

        After a HelloRetryRequest ``hs.hello_retry`` is PENDING, and the transcript has a message_hash in
        place of the first ClientHello.  The caller adds the HelloRetryRequest and sends another ClientHello.
        """
        hs = self._hs
        hello = read_server_hello(hs, body)
        if hello.is_hello_retry:
            if hs.hello_retry is not HelloRetry.NONE:
                hs.refuse(Fault.SECOND_HELLO_RETRY)
            self._take_hello_retry(hello)
            return True
        hs.server_random = hello.random
        found = collect_extensions(hs, hello.extensions, _BOTH_SERVER_HELLOS, hs.offer.extensions)
        version = self._chosen_version(hello, found)
        if version != TLS1_3_VERSION:
            hs.take_older_version(version)
            check_contexts(hs, found, ExtensionContext.TLS1_2_SERVER_HELLO, Fault.SERVER_EXTENSION_MISPLACED)
            return False
        hs.version = version
        self._check_legacy_fields(hello)
        check_contexts(hs, found, ExtensionContext.TLS1_3_SERVER_HELLO, Fault.SERVER_EXTENSION_MISPLACED)
        self._take_psk(found.get(ExtensionType.PRE_SHARED_KEY))
        session = self._take_session()
        self._take_suite(hello.suite_id, session)
        self._take_key_share(found.get(ExtensionType.KEY_SHARE), body, session)
        if hs.hello_retry is HelloRetry.PENDING:
            hs.hello_retry = HelloRetry.COMPLETE
        return True

    def _chosen_version(self, hello: ServerHelloMessage, found: dict[int, bytes]) -> int:
        """ssl_choose_client_version(): supported_versions, or else the legacy version."""
        hs = self._hs
        body = found.get(ExtensionType.SUPPORTED_VERSIONS)
        version = hello.version if body is None else self._read_version(body)
        if hs.hello_retry is not HelloRetry.NONE and version != TLS1_3_VERSION:
            hs.refuse(Fault.SERVER_HELLO_VERSION)
        if version == TLS1_3_VERSION and hs.config.versions[-1] < TLS1_3_VERSION:
            hs.refuse(Fault.SERVER_HELLO_VERSION_UNSUPPORTED)
        return version

    def _read_version(self, body: bytes) -> int:
        if len(body) != 2:
            self._hs.refuse(Fault.SERVER_VERSIONS_LENGTH)
        version = int.from_bytes(body, "big")
        if version != TLS1_3_VERSION:
            self._hs.refuse(Fault.SERVER_VERSIONS_VALUE)
        return version

    def _check_legacy_fields(self, hello: ServerHelloMessage) -> None:
        if hello.compression:
            self._hs.refuse(Fault.SERVER_HELLO_COMPRESSION_TLS13)
        if hello.session_id != self._session_id:
            self._hs.refuse(Fault.SERVER_HELLO_SESSION_ID_ECHO)

    def _take_psk(self, body: bytes | None) -> None:
        """tls_parse_stoc_psk(): read the index of the PSK that the server chose."""
        hs = self._hs
        hs.hit = body is not None
        if body is None:
            return
        if len(body) != 2:
            hs.refuse(Fault.SERVER_PSK_LENGTH)
        index = int.from_bytes(body, "big")
        if index >= len(self._psks):
            hs.refuse(Fault.SERVER_PSK_IDENTITY)
        taken = self._psks[index]
        self._secrets.psk = psk.early_secret(taken)
        if taken.external:
            hs.session = taken.session.copy()
            self.early_data_ok = self.early_data_ok and index == 0

    def _take_session(self) -> Session:
        hs = self._hs
        session = hs.session or hs.fresh_session()
        if hs.hit:
            if session.context != hs.config.session_id_context:
                hs.refuse(Fault.SERVER_HELLO_CONTEXT)
        else:
            if session.session_id:
                session = hs.fresh_session()
            session.version = TLS1_3_VERSION
        hs.session = session
        if session.version != TLS1_3_VERSION:
            hs.refuse(Fault.SERVER_HELLO_SESSION_VERSION)
        return session

    def _find_suite(self, suite_id: int) -> CipherSuite:
        """set_client_ciphersuite(): an offered suite, and after a HelloRetryRequest the same again."""
        hs = self._hs
        suite = suite_by_id(hs.config.profile.ciphers, suite_id)
        if suite is None:
            hs.refuse(Fault.SERVER_HELLO_UNKNOWN_CIPHER)
        if suite not in hs.config.ciphersuites:
            hs.refuse(Fault.SERVER_HELLO_WRONG_CIPHER)
        if hs.suite is not None and hs.suite != suite:
            hs.refuse(Fault.SERVER_HELLO_WRONG_CIPHER)
        return suite

    def _take_suite(self, suite_id: int, session: Session | None) -> None:
        """Use the suite; ``session`` is None for a HelloRetryRequest."""
        hs = self._hs
        suite = self._find_suite(suite_id)
        if session is not None:
            self._check_session_suite(suite, session)
        if not suite.emulated:
            raise NotEmulated(suite.name, "the server chose this cipher suite")
        if hs.suite is None:
            hs.take_suite(suite)

    def _check_session_suite(self, suite: CipherSuite, session: Session) -> None:
        hs = self._hs
        if hs.hit and session.suite_id != suite.id & 0xFFFF:
            old = suite_by_id(hs.config.profile.ciphers, session.suite_id)
            if old is None or old.prf_hash != suite.prf_hash:
                hs.refuse(Fault.SERVER_HELLO_SUITE_HASH)
        session.suite_id = suite.id & 0xFFFF

    def _take_key_share(self, body: bytes | None, hello: bytes, session: Session) -> None:
        """tls_parse_stoc_key_share(); it derives the Handshake Secret."""
        hs = self._hs
        message = handshake_message(HandshakeType.SERVER_HELLO, hello)
        if body is None:
            if not hs.hit or not hs.config.options & Option.ALLOW_NO_DHE_KEX:
                hs.refuse(Fault.SERVER_KEY_SHARE_MISSING)
            self._secrets.derive_handshake(b"", message)
            return
        reader = Reader(body, Fault.SERVER_KEY_SHARE_LENGTH)
        group = reader.number(2)
        share = self._shares.get(group)
        if share is None:
            hs.refuse(Fault.SERVER_KEY_SHARE_GROUP)
        answer = reader.vector(2)
        reader.finish()
        if not answer:
            hs.refuse(Fault.SERVER_KEY_SHARE_LENGTH)
        try:
            shared = share.shared_secret(answer)
        except BadPoint:
            raise hs.failure(Fault.SERVER_KEY_SHARE_POINT) from None
        except BadPublicValue:
            raise hs.failure(Fault.KEY_SHARE_SECRET) from None
        hs.note_group(session, group)
        self._secrets.derive_handshake(shared, message)

    def _take_hello_retry(self, hello: ServerHelloMessage) -> None:
        """tls_process_as_hello_retry_request()."""
        hs = self._hs
        hs.hello_retry = HelloRetry.PENDING
        self._check_legacy_fields(hello)
        hs.hit = False
        hs.version = TLS1_3_VERSION
        self._take_suite(hello.suite_id, None)
        found = collect_extensions(
            hs, hello.extensions, ExtensionContext.HELLO_RETRY_REQUEST, hs.offer.extensions
        )
        versions = found.get(ExtensionType.SUPPORTED_VERSIONS)
        if versions is not None:
            self._read_version(versions)
        share = found.get(ExtensionType.KEY_SHARE)
        if share is not None:
            self._change_group(share)
        cookie = found.get(ExtensionType.COOKIE)
        if cookie is not None:
            reader = Reader(cookie, Fault.COOKIE_LENGTH)
            self._cookie = reader.vector(2)
            reader.finish()
        if not self._cookie and self._shares:
            hs.refuse(Fault.HELLO_RETRY_NO_CHANGE)
        hs.transcript.replace_by_message_hash()

    def _change_group(self, body: bytes) -> None:
        hs = self._hs
        if len(body) != 2:
            hs.refuse(Fault.SERVER_KEY_SHARE_LENGTH)
        group = int.from_bytes(body, "big")
        if group in self._shares or group not in allowed_groups(hs):
            hs.refuse(Fault.SERVER_KEY_SHARE_GROUP)
        self._shares = {}
        self._retry_group = group
