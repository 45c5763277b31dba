"""A server's search for the session that a client offers (ssl_get_prev_session(), tls_decrypt_ticket())."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import Tickets
from emulator.constants import SSL3_VERSION, Option
from emulator.handshake.extensions import ExtensionType
from emulator.handshake.suites import suite_by_id

if TYPE_CHECKING:
    from emulator.handshake.client_message import ClientHelloMessage
    from emulator.handshake.session import Session
    from emulator.handshake.state import Handshake


def find_session(hs: Handshake, hello: ClientHelloMessage) -> Session | None:
    """The session to resume, None for a full handshake; ``ticket_expected`` is set as the release would."""
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
    """The session_ticket extension if this server does tickets with this client."""
    config = hs.config
    unwanted = config.options & Option.NO_TICKET or config.ticket_keys is None
    if hs.section.tickets is Tickets.UNKNOWN or unwanted or hs.version <= SSL3_VERSION:
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
