"""A server's hellos, the part of TLS 1.3: its choices and its answer (extensions_srvr.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.behaviours.faults import Fault
from emulator.constants import TLS1_2_VERSION, HandshakeType, Mode, Option
from emulator.handshake.common.certificates import Signer
from emulator.handshake.common.key_exchange import BadPoint, BadPublicValue
from emulator.handshake.common.messages import Reader, handshake_message, vector
from emulator.handshake.common.signatures import choose_tls13_scheme
from emulator.handshake.common.state import EarlyData, HelloRetry
from emulator.handshake.hello.choice import choose_tls13_suite
from emulator.handshake.hello.extensions import ExtensionType, encode_extensions
from emulator.handshake.hello.messages import HELLO_RETRY_RANDOM
from emulator.handshake.tls13 import psk
from emulator.handshake.tls13.key_share import (
    PeerShare,
    allowed_groups,
    choose_in_tuples,
    read_share,
    server_tuples,
    shared_group,
)
from emulator.handshake.tls13.psk import DHE_KE, KE

if TYPE_CHECKING:
    from emulator.handshake.common.session import Session
    from emulator.handshake.hello.messages import ClientHelloMessage
    from emulator.handshake.hello.server import ServerHellos
    from emulator.handshake.tls13.psk import FoundPsk
    from emulator.handshake.tls13.secrets import Secrets
    from emulator.record.suite import CipherSuite


class _Choice(NamedTuple):
    """The content of a ServerHello; ``psk_position`` is the index of the PSK in use, or None."""

    suite: CipherSuite
    session: Session
    session_id: bytes
    psk_position: int | None


class ServerAnswer:
    """A server's answer to a ClientHello with TLS 1.3.

    ``share`` is the client's key share in use, None if no share is usable.  ``signer`` is the certificate
    that was chosen, None if a session is resumed.
    """

    __slots__ = ("_choice", "_hs", "_modes", "_requested_group", "_secrets", "share", "signer")

    def __init__(self, hs: ServerHellos, secrets: Secrets) -> None:
        self._hs = hs
        self._secrets = secrets
        self._choice: _Choice | None = None
        self._modes: frozenset[int] = frozenset()
        self._requested_group: int | None = None  # by a HelloRetryRequest
        self.share: PeerShare | None = None
        self.signer: Signer | None = None

    # -- ClientHello

    def take_client_hello(self, hello: ClientHelloMessage, message: bytes) -> None:
        """Process a ClientHello of TLS 1.3 (tls_early_post_process_client_hello()).

        ``message`` is the whole message with its header; PSK binders are over its beginning.
        """
        hs = self._hs
        suite = self._choose_suite(hello.suites)
        found, session = self._find_session(hello, message)
        if 0 not in hello.compressions:
            hs.refuse(Fault.CLIENT_HELLO_NO_COMPRESSION)
        self._parse_extensions(hello.extensions, session)
        self._finish_extensions(hello.extensions, message, session, found)
        if len(hello.compressions) != 1:
            hs.refuse(Fault.CLIENT_HELLO_COMPRESSION_TLS13)
        session.suite_id = suite.id & 0xFFFF
        if not hs.hit:
            self.signer = self._choose_signer()
        hs.certificate_requested = hs.config.request_certificate and not hs.hit
        self._choice = _Choice(suite, session, hello.session_id, found.position if found and hs.hit else None)

    def _choose_suite(self, offered: tuple[int, ...]) -> CipherSuite:
        hs = self._hs
        suite = choose_tls13_suite(hs, offered)
        if suite is None:
            hs.refuse(Fault.CLIENT_HELLO_NO_SHARED_TLS13)
        if hs.hello_retry is HelloRetry.PENDING and hs.suite != suite:
            hs.refuse(Fault.CLIENT_HELLO_OTHER_CIPHER)
        if hs.suite != suite:
            hs.take_suite(suite)
        return suite

    def _find_session(self, hello: ClientHelloMessage, message: bytes) -> tuple[FoundPsk | None, Session]:
        """ssl_get_prev_session()."""
        hs = self._hs
        hs.hit = False
        hs.ticket_expected = True
        self._modes = self._read_modes(hello.extensions.get(ExtensionType.PSK_KEY_EXCHANGE_MODES))
        body = hello.extensions.get(ExtensionType.PRE_SHARED_KEY)
        found = psk.find_psk(hs, body, message) if body is not None and self._modes else None
        if found is not None:
            self._secrets.psk = psk.early_secret(found.psk)
            hs.hit = self._is_usable(found.psk.session)
            hs.ticket_expected = hs.ticket_expected or not hs.hit
        hs.session = session = found.psk.session if found is not None and hs.hit else hs.fresh_session()
        return found, session

    def _is_usable(self, session: Session) -> bool:
        """Whether the session may be resumed: its version, its context, and its age."""
        config = self._hs.config
        if session.version != self._hs.version or session.context != config.session_id_context:
            return False
        if config.request_certificate and not config.session_id_context:
            self._hs.refuse(Fault.CLIENT_HELLO_CONTEXT)
        return not session.expired(config.clock())

    def _read_modes(self, body: bytes | None) -> frozenset[int]:
        """tls_parse_ctos_psk_kex_modes(): without SSL_OP_ALLOW_NO_DHE_KEX psk_ke is ignored."""
        if body is None:
            return frozenset()
        if len(body) < 2 or body[0] != len(body) - 1:
            self._hs.refuse(Fault.CLIENT_PSK_MODES)
        known = {KE, DHE_KE} if self._hs.config.options & Option.ALLOW_NO_DHE_KEX else {DHE_KE}
        return frozenset(body[1:]) & known

    # -- the extensions of a ClientHello, in the order of ext_defs[]

    def _parse_extensions(self, extensions: dict[int, bytes], session: Session) -> None:
        hs = self._hs
        hs.offer.groups = None
        hs.take_server_name(extensions.get(ExtensionType.SERVER_NAME), session)
        listed = extensions.get(ExtensionType.SUPPORTED_GROUPS)
        if listed is not None:
            hs.offer.groups = hs.read_numbers(listed, Fault.CLIENT_EXTENSION_GROUPS)
        for_certificates = extensions.get(ExtensionType.SIGNATURE_ALGORITHMS_CERT)
        if for_certificates is not None and not hs.hit:
            hs.read_numbers(for_certificates, Fault.CLIENT_EXTENSION_ALGORITHMS_CERT)
        if extensions.get(ExtensionType.POST_HANDSHAKE_AUTH):
            hs.refuse(Fault.CLIENT_POST_HANDSHAKE_AUTH)
        schemes = extensions.get(ExtensionType.SIGNATURE_ALGORITHMS)
        if schemes is not None:
            numbers = hs.read_numbers(schemes, Fault.CLIENT_EXTENSION_ALGORITHMS)
            hs.offer.schemes = numbers if not hs.hit else hs.offer.schemes
        share = extensions.get(ExtensionType.KEY_SHARE)
        if share is not None:
            self._read_shares(share)
        early = extensions.get(ExtensionType.EARLY_DATA)
        if early is not None and (early or hs.hello_retry is not HelloRetry.NONE):
            hs.refuse(Fault.CLIENT_EARLY_DATA if early else Fault.CLIENT_EARLY_DATA_RETRY)

    def _read_shares(self, body: bytes) -> None:
        """tls_parse_ctos_key_share()."""
        hs = self._hs
        if hs.hit and DHE_KE not in self._modes:
            return
        outer = Reader(body, Fault.CLIENT_KEY_SHARE_LENGTH)
        entries = Reader(outer.vector(2), Fault.CLIENT_KEY_SHARE_LENGTH)
        outer.finish()
        listed = hs.offer.groups
        if not listed:
            hs.refuse(Fault.CLIENT_GROUPS_MISSING)
        if self._requested_group is not None and not entries.remaining:
            hs.refuse(Fault.CLIENT_KEY_SHARE)
        self._take_shares(entries, listed)

    def _take_shares(self, entries: Reader, listed: tuple[int, ...]) -> None:
        hs, requested = self._hs, self._requested_group
        allowed = allowed_groups(hs)
        in_tuples = requested is None and server_tuples(hs)
        found: dict[int, bytes] = {}
        while entries.remaining:
            group, share = entries.number(2), entries.vector(2)
            if not share:
                hs.refuse(Fault.CLIENT_KEY_SHARE_LENGTH)
            if self.share is not None:
                continue  # tls_parse_ctos_key_share() only parses the rest
            if requested is not None and (group != requested or entries.remaining):
                hs.refuse(Fault.CLIENT_KEY_SHARE)
            if group not in listed:
                hs.refuse(Fault.CLIENT_KEY_SHARE)
            if group in allowed and in_tuples:
                found[group] = share
            elif group in allowed:
                self._take_share(group, share)
        if in_tuples:
            chosen, has_share = choose_in_tuples(hs, listed, list(found))
            if has_share and chosen is not None:
                self._take_share(chosen, found[chosen])

    def _take_share(self, group: int, share: bytes) -> None:
        try:
            self.share = read_share(group, share)
        except BadPoint:
            raise self._hs.failure(Fault.CLIENT_KEY_SHARE_POINT) from None

    # -- what can only be decided once all extensions are parsed

    def _finish_extensions(
        self, extensions: dict[int, bytes], message: bytes, session: Session, found: FoundPsk | None
    ) -> None:
        hs = self._hs
        if ExtensionType.SIGNATURE_ALGORITHMS not in extensions and not hs.hit:
            hs.refuse(Fault.SIGNATURE_ALGORITHMS_MISSING)
        self._finish_key_share(sent=ExtensionType.KEY_SHARE in extensions)
        if ExtensionType.EARLY_DATA in extensions:
            self._finish_early_data(message, session, usable=found is not None and found.early_data)
        modes_missing = ExtensionType.PSK_KEY_EXCHANGE_MODES not in extensions
        if ExtensionType.PRE_SHARED_KEY in extensions and modes_missing:
            # final_psk(), from 1.1.1l; older releases ignore pre_shared_key without its modes.
            hs.refuse_if_checked(Fault.CLIENT_PSK_MODES_MISSING)

    def _finish_key_share(self, *, sent: bool) -> None:
        """final_key_share(): without a usable share request one, or resume without one, or refuse."""
        hs = self._hs
        if self.share is None:
            wanted = hs.hello_retry is HelloRetry.NONE and sent and (not hs.hit or DHE_KE in self._modes)
            group = self._group_to_request() if wanted else None
            if group is not None:
                self._requested_group = group
                hs.hello_retry = HelloRetry.PENDING
                return
            if not hs.hit or KE not in self._modes:
                hs.refuse(Fault.CLIENT_NO_KEY_SHARE if sent else Fault.CLIENT_KEY_SHARE_MISSING)
        if hs.hello_retry is HelloRetry.PENDING:
            hs.hello_retry = HelloRetry.COMPLETE

    def _group_to_request(self) -> int | None:
        hs = self._hs
        listed = hs.offer.groups or ()
        return choose_in_tuples(hs, listed, ())[0] if server_tuples(hs) else shared_group(hs, listed)

    def _finish_early_data(self, message: bytes, session: Session, *, usable: bool) -> None:
        """final_early_data(); ``usable``: the first PSK is in use, and its ticket has the right age."""
        hs = self._hs
        wanted = hs.config.max_early_data and hs.hit and hs.wants_early_data
        taken = wanted and usable and hs.hello_retry is HelloRetry.NONE
        suite = psk.suite_of(hs, session) if taken else None
        hs.early_data = EarlyData.REJECTED if suite is None else EarlyData.ACCEPTED
        if suite is not None:
            hs.early_data_limit = session.max_early_data
            self._secrets.derive_early(suite, message)

    def _choose_signer(self) -> Signer:
        """tls1_set_server_sigalgs() and tls_choose_sigalg()."""
        hs = self._hs
        offered, own = hs.offer.schemes or (), hs.hello_rules.signature_algorithms
        if not set(offered) & set(own):
            hs.refuse(Fault.NO_SHARED_SIGNATURE_ALGORITHM)
        own_order = bool(hs.config.options & Option.CIPHER_SERVER_PREFERENCE)
        first = own if own_order else offered
        best: tuple[int, Signer] | None = None
        for credential in hs.config.credentials:
            scheme = choose_tls13_scheme(credential.key, offered, own, own_order=own_order)
            if scheme is not None and (best is None or first.index(scheme) < best[0]):
                best = first.index(scheme), Signer(credential, scheme)
        if best is None:
            hs.refuse(Fault.NO_SUITABLE_SIGNATURE_ALGORITHM)
        return best[1]

    # -- ServerHello and HelloRetryRequest

    def construct_server_hello(self) -> bytes:
        """Make a ServerHello, or a HelloRetryRequest while ``hs.hello_retry`` is PENDING.

        After a HelloRetryRequest the transcript has a message_hash in place of the ClientHello.  The caller
        adds the message that is returned, as every message.
        """
        hs, choice = self._hs, self._choice
        assert choice is not None, "a ServerHello answers a ClientHello"
        if hs.hello_retry is HelloRetry.PENDING:
            return self._hello_retry_request(choice)
        hs.server_random = hs.hello_random(Mode.SEND_SERVERHELLO_TIME)
        extensions = [(int(ExtensionType.SUPPORTED_VERSIONS), hs.version.to_bytes(2, "big"))]
        shared = b""
        if self.share is not None and not (hs.hit and DHE_KE not in self._modes):
            answer, shared = self._answer_share(self.share)
            hs.note_group(choice.session, self.share.group)
            body = self.share.group.to_bytes(2, "big") + vector(answer, 2)
            extensions.append((ExtensionType.KEY_SHARE, body))
        if choice.psk_position is not None:
            extensions.append((ExtensionType.PRE_SHARED_KEY, choice.psk_position.to_bytes(2, "big")))
        message = self._hello(choice, hs.server_random, extensions)
        self._secrets.derive_handshake(shared, message)
        return message

    def _answer_share(self, share: PeerShare) -> tuple[bytes, bytes]:
        try:
            return share.answer(self._hs.config.random)
        except BadPublicValue:
            raise self._hs.failure(Fault.KEY_SHARE_SECRET) from None

    @staticmethod
    def _hello(choice: _Choice, random: bytes, extensions: list[tuple[int, bytes]]) -> bytes:
        body = (
            TLS1_2_VERSION.to_bytes(2, "big")
            + random
            + vector(choice.session_id, 1)
            + (choice.suite.id & 0xFFFF).to_bytes(2, "big")
            + b"\0"
            + encode_extensions(extensions)
        )
        return handshake_message(HandshakeType.SERVER_HELLO, body)

    def _hello_retry_request(self, choice: _Choice) -> bytes:
        hs = self._hs
        extensions = [(int(ExtensionType.SUPPORTED_VERSIONS), hs.version.to_bytes(2, "big"))]
        if self._requested_group is not None:
            extensions.append((ExtensionType.KEY_SHARE, self._requested_group.to_bytes(2, "big")))
        message = self._hello(choice, HELLO_RETRY_RANDOM, extensions)
        hs.session = None
        hs.hit = False
        hs.transcript.replace_by_message_hash()
        return message
