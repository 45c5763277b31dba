"""A server's TLS 1.3 in the two hellos: what it makes of a ClientHello (extensions_srvr.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import TLS1_2_VERSION, HandshakeType, Mode, Option
from emulator.handshake.common.key_exchange import BadPublicValue
from emulator.handshake.common.messages import Reader, handshake_message, vector
from emulator.handshake.common.state import EarlyData, HelloRetry
from emulator.handshake.hello import choice as cipher_choice
from emulator.handshake.hello.extensions import ExtensionType, encode_extensions
from emulator.handshake.hello.messages import HELLO_RETRY_RANDOM
from emulator.handshake.tls13 import key_share as groups
from emulator.handshake.tls13 import psk
from emulator.handshake.tls13.authentication import choose_scheme
from emulator.handshake.tls13.key_share import answer_share, check_share
from emulator.handshake.tls13.psk import DHE_KE, KE
from emulator.handshake.tls13.state import Tls13

if TYPE_CHECKING:
    from emulator.handshake.common.session import Session
    from emulator.handshake.hello.messages import ClientHelloMessage
    from emulator.handshake.hello.server import ServerHellos


class ServerHelloTls13(Tls13):
    """How a server takes a ClientHello, and makes ServerHello and HelloRetryRequest."""

    __slots__ = (
        "early_data_ok",
        "group",
        "identity",
        "modes",
        "session_id",
        "share",
        "signing_scheme",
    )

    hs: ServerHellos

    def __init__(self, hs: ServerHellos) -> None:
        super().__init__(hs)
        self.early_data_ok = False
        self.group: int | None = None
        """The group in use, or asked for by a HelloRetryRequest (``s->s3->group_id``)."""
        self.share = b""
        """The client's key share, empty when there was none that can be used."""
        self.identity = 0
        """Which of the client's PSKs was taken."""
        self.modes: frozenset[int] = frozenset()
        self.session_id = b""
        self.signing_scheme: int | None = None

    # -- ClientHello

    def take_client_hello(self, hello: ClientHelloMessage, message: bytes) -> None:
        """The part of a ClientHello's processing that TLS 1.3 has to itself (tls_early_post_process_...()).

        ``message`` is the whole of it, header included: PSK binders are over its beginning.
        """
        hs = self.hs
        self._choose_suite(hello.suites)
        self._find_session(hello, message)
        self.session_id = hello.session_id
        if 0 not in hello.compressions:
            hs.refuse(Fault.CLIENT_HELLO_NO_COMPRESSION)
        self._parse_extensions(hello.extensions)
        self._finish_extensions(hello.extensions, message)
        if len(hello.compressions) != 1:
            hs.refuse(Fault.CLIENT_HELLO_COMPRESSION_TLS13)
        assert hs.session is not None
        hs.session.suite_id = self.suite.id & 0xFFFF
        if not hs.hit:
            self._choose_credential()
        hs.certificate_requested = hs.config.request_certificate and not hs.hit

    def _choose_suite(self, offered: tuple[int, ...]) -> None:
        hs = self.hs
        suite = cipher_choice.choose_tls13_suite(hs, offered)
        if suite is None:
            hs.refuse(Fault.CLIENT_HELLO_NO_SHARED_TLS13)
        if hs.hello_retry is HelloRetry.PENDING and hs.suite != suite:
            hs.refuse(Fault.CLIENT_HELLO_OTHER_CIPHER)
        if hs.suite != suite:
            hs.take_suite(suite)

    def _find_session(self, hello: ClientHelloMessage, message: bytes) -> None:
        """ssl_get_prev_session()."""
        hs = self.hs
        hs.hit = False
        hs.ticket_expected = True
        self.modes = self._read_modes(hello.extensions.get(ExtensionType.PSK_KEY_EXCHANGE_MODES))
        self.early_data_ok = False
        body = hello.extensions.get(ExtensionType.PRE_SHARED_KEY)
        found = psk.find_psk(hs, body, message) if body is not None and self.modes else None
        if found is not None:
            self.early_data_ok = found.early_data
            self.identity = found.position
            self.secret = psk.early_secret(found.psk)
            hs.hit = self._is_usable(found.psk.session)
            hs.ticket_expected = hs.ticket_expected or not hs.hit
        hs.session = found.psk.session if found is not None and hs.hit else hs.fresh_session()

    def _is_usable(self, session: Session) -> bool:
        """Whether the session may be resumed here and now."""
        config = self.hs.config
        if session.version != self.hs.version or session.context != config.session_id_context:
            return False
        if config.request_certificate and not config.session_id_context:
            self.hs.refuse(Fault.CLIENT_HELLO_CONTEXT)
        return not session.expired(config.clock())

    def _read_modes(self, body: bytes | None) -> frozenset[int]:
        """tls_parse_ctos_psk_kex_modes(): without SSL_OP_ALLOW_NO_DHE_KEX one of the two is ignored."""
        if body is None:
            return frozenset()
        if len(body) < 2 or body[0] != len(body) - 1:
            self.hs.refuse(Fault.CLIENT_PSK_MODES)
        known = {KE, DHE_KE} if self.hs.config.options & Option.ALLOW_NO_DHE_KEX else {DHE_KE}
        return frozenset(body[1:]) & known

    # -- its extensions, in the order of ext_defs[]

    def _parse_extensions(self, extensions: dict[int, bytes]) -> None:
        hs = self.hs
        hs.tmp.extensions = extensions
        hs.tmp.client_groups = None
        hs.take_server_name(extensions.get(ExtensionType.SERVER_NAME))
        listed = extensions.get(ExtensionType.SUPPORTED_GROUPS)
        if listed is not None:
            hs.tmp.client_groups = hs.read_numbers(listed, Fault.CLIENT_EXTENSION_GROUPS)
        for_certificates = extensions.get(ExtensionType.SIGNATURE_ALGORITHMS_CERT)
        if for_certificates is not None and not hs.hit:
            hs.read_numbers(for_certificates, Fault.CLIENT_EXTENSION_ALGORITHMS_CERT)
        if extensions.get(ExtensionType.POST_HANDSHAKE_AUTH):
            hs.refuse(Fault.CLIENT_POST_HANDSHAKE_AUTH)
        schemes = extensions.get(ExtensionType.SIGNATURE_ALGORITHMS)
        if schemes is not None:
            numbers = hs.read_numbers(schemes, Fault.CLIENT_EXTENSION_ALGORITHMS)
            hs.tmp.client_schemes = numbers if not hs.hit else hs.tmp.client_schemes
        share = extensions.get(ExtensionType.KEY_SHARE)
        if share is not None:
            self._read_shares(share)
        early = extensions.get(ExtensionType.EARLY_DATA)
        if early is not None and (early or hs.hello_retry is not HelloRetry.NONE):
            hs.refuse(Fault.CLIENT_EARLY_DATA if early else Fault.CLIENT_EARLY_DATA_RETRY)

    def _read_shares(self, body: bytes) -> None:
        """tls_parse_ctos_key_share()."""
        hs = self.hs
        if hs.hit and DHE_KE not in self.modes:
            return
        outer = Reader(body, Fault.CLIENT_KEY_SHARE_LENGTH)
        entries = Reader(outer.vector(2), Fault.CLIENT_KEY_SHARE_LENGTH)
        outer.finish()
        listed = hs.tmp.client_groups
        if not listed:
            hs.refuse(Fault.CLIENT_GROUPS_MISSING)
        if self.group is not None and not entries.remaining:
            hs.refuse(Fault.CLIENT_KEY_SHARE)
        self._take_shares(entries, listed)

    def _take_shares(self, entries: Reader, listed: tuple[int, ...]) -> None:
        hs = self.hs
        asked, allowed = self.group, groups.allowed_groups(hs)
        in_tuples = asked is None and groups.server_tuples(hs)
        found: dict[int, bytes] = {}
        while entries.remaining:
            group, share = entries.number(2), entries.vector(2)
            if not share:
                hs.refuse(Fault.CLIENT_KEY_SHARE_LENGTH)
            if self.share:
                continue  # the rest is only looked at for its form
            if asked is not None and (group != asked or entries.remaining):
                hs.refuse(Fault.CLIENT_KEY_SHARE)
            if group not in listed:
                hs.refuse(Fault.CLIENT_KEY_SHARE)
            if group in allowed and in_tuples:
                found[group] = share
            elif group in allowed:
                self._take_share(group, share)
        if in_tuples:
            chosen, has_share = groups.choose_in_tuples(hs, listed, list(found))
            if has_share and chosen is not None:
                self._take_share(chosen, found[chosen])

    def _take_share(self, group: int, share: bytes) -> None:
        try:
            check_share(group, share)
        except BadPublicValue:
            raise self.hs.failure(Fault.CLIENT_KEY_SHARE_POINT) from None
        self.group, self.share = group, share

    # -- what can only be said once all are parsed

    def _finish_extensions(self, extensions: dict[int, bytes], message: bytes) -> None:
        hs = self.hs
        if ExtensionType.SIGNATURE_ALGORITHMS not in extensions and not hs.hit:
            hs.refuse(Fault.SIGNATURE_ALGORITHMS_MISSING)
        self._finish_key_share(sent=ExtensionType.KEY_SHARE in extensions)
        if ExtensionType.EARLY_DATA in extensions:
            self._finish_early_data(message)
        modes_missing = ExtensionType.PSK_KEY_EXCHANGE_MODES not in extensions
        if ExtensionType.PRE_SHARED_KEY in extensions and modes_missing:
            hs.refuse_if_known(Fault.CLIENT_PSK_MODES_MISSING)

    def _finish_key_share(self, *, sent: bool) -> None:
        """final_key_share(): without a share for us we ask for one, or do without, or refuse."""
        hs = self.hs
        if not self.share:
            wanted = hs.hello_retry is HelloRetry.NONE and sent and (not hs.hit or DHE_KE in self.modes)
            group = self._group_to_ask_for() if wanted else None
            if group is not None:
                self.group = group
                hs.hello_retry = HelloRetry.PENDING
                return
            if not hs.hit or KE not in self.modes:
                hs.refuse(Fault.CLIENT_NO_KEY_SHARE if sent else Fault.CLIENT_KEY_SHARE_MISSING)
        if hs.hello_retry is HelloRetry.PENDING:
            hs.hello_retry = HelloRetry.COMPLETE

    def _group_to_ask_for(self) -> int | None:
        hs = self.hs
        listed = hs.tmp.client_groups or ()
        if groups.server_tuples(hs):
            return groups.choose_in_tuples(hs, listed, ())[0]
        return groups.shared_group(hs, listed)

    def _finish_early_data(self, message: bytes) -> None:
        """final_early_data()."""
        hs = self.hs
        taken = (
            hs.config.max_early_data
            and hs.hit
            and hs.wants_early_data
            and self.early_data_ok
            and hs.hello_retry is HelloRetry.NONE
        )
        hs.early_data = EarlyData.ACCEPTED if taken else EarlyData.REJECTED
        if taken:
            assert hs.session is not None
            suite = psk.suite_of(hs, hs.session)
            assert suite is not None
            hs.early_data_limit = hs.session.max_early_data
            self.derive_early(suite, message)

    def _choose_credential(self) -> None:
        """tls1_set_server_sigalgs() and tls_choose_sigalg()."""
        hs = self.hs
        offered, own = hs.tmp.client_schemes or (), hs.hello.signature_algorithms
        if not set(offered) & set(own):
            hs.refuse(Fault.NO_SHARED_SIGNATURE_ALGORITHM)
        own_order = bool(hs.config.options & Option.CIPHER_SERVER_PREFERENCE)
        chosen: tuple[int, int] | None = None
        first = list(own if own_order else offered)
        for index, credential in enumerate(hs.config.credentials):
            scheme = choose_scheme(credential.key, offered, own, own_order=own_order)
            if scheme is not None and (chosen is None or first.index(scheme) < chosen[0]):
                chosen = (first.index(scheme), index)
                self.signing_scheme = scheme
        if chosen is None:
            hs.refuse(Fault.NO_SUITABLE_SIGNATURE_ALGORITHM)
        hs.tmp.credential = hs.config.credentials[chosen[1]]

    # -- ServerHello and HelloRetryRequest

    def construct_server_hello(self) -> bytes:
        """ServerHello, or a HelloRetryRequest while ``hs.hello_retry`` is PENDING.

        A HelloRetryRequest's transcript then holds a message_hash in place of the ClientHello; the caller
        adds the message itself, as after any other.
        """
        hs = self.hs
        if hs.hello_retry is HelloRetry.PENDING:
            return self._hello_retry_request()
        hs.server_random = hs.hello_random(Mode.SEND_SERVERHELLO_TIME)
        answer, shared = self._answer_share()
        extensions = [(int(ExtensionType.SUPPORTED_VERSIONS), hs.version.to_bytes(2, "big"))]
        if answer:
            assert self.group is not None
            hs.note_group(self.group)
            body = self.group.to_bytes(2, "big") + vector(answer, 2)
            extensions.append((ExtensionType.KEY_SHARE, body))
        if hs.hit:
            extensions.append((ExtensionType.PRE_SHARED_KEY, self.identity.to_bytes(2, "big")))
        message = self._hello(hs.server_random, extensions)
        self.derive_handshake(shared, message)
        return message

    def _answer_share(self) -> tuple[bytes, bytes]:
        hs = self.hs
        if not self.share or (hs.hit and DHE_KE not in self.modes):
            return b"", b""
        assert self.group is not None
        try:
            return answer_share(self.group, self.share, hs.config.random)
        except BadPublicValue:
            raise hs.failure(Fault.KEY_SHARE_SECRET) from None

    def _hello(self, random: bytes, extensions: list[tuple[int, bytes]]) -> bytes:
        body = (
            TLS1_2_VERSION.to_bytes(2, "big")
            + random
            + vector(self.session_id, 1)
            + (self.suite.id & 0xFFFF).to_bytes(2, "big")
            + b"\0"
            + encode_extensions(extensions)
        )
        return handshake_message(HandshakeType.SERVER_HELLO, body)

    def _hello_retry_request(self) -> bytes:
        hs = self.hs
        extensions = [(int(ExtensionType.SUPPORTED_VERSIONS), hs.version.to_bytes(2, "big"))]
        if not self.share:
            assert self.group is not None
            extensions.append((ExtensionType.KEY_SHARE, self.group.to_bytes(2, "big")))
        message = self._hello(HELLO_RETRY_RANDOM, extensions)
        hs.session = None
        hs.hit = False
        hs.transcript.replace_by_message_hash()
        return message
