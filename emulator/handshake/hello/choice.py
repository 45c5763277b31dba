"""A server's choices for a client: session, suite, curve and certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import DheServer, EcdheServer, MissingGroups, Tickets
from emulator.constants import SSL3_VERSION, TLS1_2_VERSION, Option
from emulator.exceptions import NotEmulated
from emulator.handshake.common.key_exchange import CURVE_GROUPS, EMULATED_GROUPS
from emulator.handshake.common.security_level import FIRST_TLS13_GROUP, allows_suite
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.hello.extensions import ExtensionType
from emulator.record.suite import Authentication, Cipher, KeyExchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.handshake.common.certificates import Credential
    from emulator.handshake.common.key_exchange import DhParameters
    from emulator.handshake.common.session import Session
    from emulator.handshake.common.state import Handshake
    from emulator.handshake.hello.messages import ClientHelloMessage
    from emulator.record.suite import CipherSuite


def find_session(hs: Handshake, hello: ClientHelloMessage) -> Session | None:
    """The session to resume, None for a full handshake; ``hs.ticket_expected``: a new ticket will be sent."""
    session, from_ticket = _look_up(hs, hello)
    if session is None:
        return None
    if _is_usable(hs, session, hello, from_ticket=from_ticket):
        return session
    if from_ticket:
        hs.ticket_expected = True
    return None


def _look_up(hs: Handshake, hello: ClientHelloMessage) -> tuple[Session | None, bool]:
    ticket = _offered_ticket(hs, hello)
    if ticket:
        session = hs.config.ticket_keys.open(ticket) if hs.config.ticket_keys else None
        if session is None:
            hs.ticket_expected = True
            return None, False
        session.session_id = hello.session_id
        return session, True
    if ticket is not None:
        hs.ticket_expected = True
    cache = hs.config.session_cache
    if cache is None or not hello.session_id:
        return None, False
    return cache.get(hello.session_id), False


def _offered_ticket(hs: Handshake, hello: ClientHelloMessage) -> bytes | None:
    """The session_ticket extension, None if this server has no tickets for this client."""
    config = hs.config
    unwanted = config.options & Option.NO_TICKET or config.ticket_keys is None
    # tls1_process_ticket() is there from 0.9.8j.
    if hs.rules.tickets is Tickets.UNKNOWN or unwanted or hs.version <= SSL3_VERSION:
        return None
    return hello.extensions.get(ExtensionType.SESSION_TICKET)


def _is_usable(hs: Handshake, session: Session, hello: ClientHelloMessage, *, from_ticket: bool) -> bool:
    config = hs.config
    if session.context != config.session_id_context:
        return False
    if config.request_certificate and not config.session_id_context:
        hs.refuse(Fault.CLIENT_HELLO_CONTEXT)
    if suite_by_id(config.profile.ciphers, session.suite_id) is None:
        return False
    if session.expired(config.clock()) or not session.resumable:
        if not from_ticket and config.session_cache is not None:
            config.session_cache.remove(session)
        return False
    return session.version == hs.version and _agrees_on_extended_master_secret(hs, session, hello)


def _agrees_on_extended_master_secret(hs: Handshake, session: Session, hello: ClientHelloMessage) -> bool:
    """RFC 7627, section 5.3."""
    if not hs.knows_extended_master_secret:
        return True
    offered = ExtensionType.EXTENDED_MASTER_SECRET in hello.extensions and hs.version > SSL3_VERSION
    if session.extended_master_secret and not offered:
        hs.refuse(Fault.CLIENT_HELLO_EXTENDED_MASTER_SECRET)
    return session.extended_master_secret == offered


def choose_suite(hs: Handshake, offered: Sequence[int]) -> CipherSuite | None:
    """The suite for this client, None if both can use none (ssl3_choose_cipher())."""
    own = {
        suite.id & 0xFFFF: suite for suite in hs.config.cipher_suites if suite.id <= 0xFFFF or _is_tls(suite)
    }
    if hs.config.options & Option.CIPHER_SERVER_PREFERENCE:
        wanted = set(offered)
        candidates = [suite for number, suite in own.items() if number in wanted]
    else:
        candidates = [own[number] for number in offered if number in own]
    return next((suite for suite in candidates if _is_possible(hs, suite)), None)


def choose_tls13_suite(hs: Handshake, offered: Sequence[int]) -> CipherSuite | None:
    """The suite of TLS 1.3 for this client, None if both have none in common."""
    options, own = hs.config.options, {suite.id & 0xFFFF: suite for suite in hs.config.ciphersuites}
    own = {number: suite for number, suite in own.items() if allows_suite(hs.config.security_level, suite)}
    order = [number for number in offered if number in own]
    if options & Option.CIPHER_SERVER_PREFERENCE:
        order = sorted(order, key=list(own).index)
        known = (own.get(number) for number in offered)
        first = next((suite for suite in known if suite is not None), None)
        if options & Option.PRIORITIZE_CHACHA and first and first.cipher is Cipher.CHACHA20_POLY1305:
            order.sort(key=lambda number: own[number].cipher is not Cipher.CHACHA20_POLY1305)
    suite = own[order[0]] if order else None
    if suite is not None and not suite.emulated:
        raise NotEmulated(suite.name, "both sides would have used this cipher suite")
    return suite


def _is_tls(suite: CipherSuite) -> bool:
    return suite.id >> 24 == 0x03


def _is_possible(hs: Handshake, suite: CipherSuite) -> bool:
    if suite.min_version >= TLS1_2_VERSION and hs.version < TLS1_2_VERSION:
        return False
    if suite.auth is not Authentication.NULL and credential_for(hs, suite) is None:
        return False
    if suite.kx is KeyExchange.DHE:
        possible = dh_parameters(hs) is not None
    elif suite.kx is KeyExchange.ECDHE:
        possible = choose_group(hs) is not None
    else:
        possible = suite.kx is KeyExchange.RSA
    if possible and not suite.emulated:
        raise NotEmulated(suite.name, "both sides would have used this cipher suite")
    return possible


def credential_for(hs: Handshake, suite: CipherSuite) -> Credential | None:
    """The certificate that serves the suite (ssl_get_server_send_cert())."""
    for credential in hs.config.credentials:
        if credential.kind is suite.auth and _curve_is_shared(hs, credential):
            return credential
    return None


def _curve_is_shared(hs: Handshake, credential: Credential) -> bool:
    """An ECDSA key must be on a curve that the client knows (tls1_check_cert_param())."""
    if credential.kind is not Authentication.ECDSA or hs.offer.groups is None:
        return True
    curve = getattr(credential.key, "curve", None)
    return curve is None or CURVE_GROUPS.get(curve.name) in hs.offer.groups


def dh_parameters(hs: Handshake) -> DhParameters | None:
    """The Diffie-Hellman group that this server uses."""
    # s->cert->dh_tmp_auto, from 1.1.0.
    if hs.rules.dhe_server is DheServer.PARAMETERS_OR_AUTO:
        return hs.config.dhe_group
    return hs.config.dh_parameters


def choose_group(hs: Handshake) -> int | None:
    """The curve for this client."""
    config, client = hs.config, hs.offer.groups
    emulated = (group for group in hs.groups if group in EMULATED_GROUPS)
    own = tuple(group for group in emulated if group < FIRST_TLS13_GROUP)
    if config.ecdh_group is not None:
        own = (config.ecdh_group,)
    elif not _has_groups(hs):
        return None
    if client is None:
        # Up to 1.1.0c tls1_shared_curve() takes eccurves_all for the list of such a client.
        fallback = own[0] if own else None
        return None if hs.rules.missing_groups is MissingGroups.NONE else fallback
    if config.options & Option.CIPHER_SERVER_PREFERENCE:
        return next((group for group in own if group in client), None)
    return next((group for group in client if group in own), None)


def _has_groups(hs: Handshake) -> bool:
    # s->cert->ecdh_tmp is needed up to 1.0.1, or s->cert->ecdh_tmp_auto in 1.0.2; from 1.1.0 neither.
    rule = hs.rules.ecdhe_server
    return rule is EcdheServer.NOTHING or (rule is EcdheServer.CURVE_OR_AUTO and hs.config.ecdh_auto)
