"""pre_shared_key: the PSKs that a client offers, and the one that a server uses (RFC 8446, section 4.2.11).

The releases from 1.1.1 to 3.2 do the same here.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final, NamedTuple

from emulator.behaviours.faults import Fault
from emulator.constants import TLS1_3_VERSION
from emulator.exceptions import UsageError
from emulator.handshake.common.messages import ParseError, Reader, vector
from emulator.handshake.common.state import HelloRetry
from emulator.handshake.common.suites import suite_by_id
from emulator.handshake.tls13 import key_schedule

if TYPE_CHECKING:
    from emulator.handshake.common.session import Session
    from emulator.handshake.common.state import Handshake
    from emulator.record.suite import CipherSuite

PSK_OVERHEAD: Final = 15
"""The bytes of pre_shared_key besides the ticket and its binder (PSK_PRE_BINDER_OVERHEAD)."""

TICKET_AGE_ALLOWANCE: Final = 10_000
"""The milliseconds by which a client's age of a ticket may be less than the server's."""

KE, DHE_KE = 0, 1
"""PskKeyExchangeMode: psk_ke, psk_dhe_ke."""

_AGE_MASK = 0xFFFF_FFFF


class Psk(NamedTuple):
    """One offered PSK: of a session's ticket, or returned by a callback (``external``)."""

    identity: bytes
    age: int
    session: Session
    suite: CipherSuite
    external: bool


def suite_of(hs: Handshake, session: Session) -> CipherSuite | None:
    """Return the suite of a session, None if this release does not know it."""
    return suite_by_id(hs.config.profile.ciphers, session.suite_id)


def early_secret(psk: Psk) -> bytes:
    """Derive the Early Secret of a PSK."""
    return key_schedule.next_secret(key_schedule.suite_hash(psk.suite), b"", psk.session.master_key)


def binder(hs: Handshake, psk: Psk, beginning: bytes) -> bytes:
    """Compute the binder over a ClientHello up to its binders (tls_psk_do_binder()).

    After a HelloRetryRequest it is over all earlier messages too.
    """
    name = key_schedule.suite_hash(psk.suite)
    label = key_schedule.EXTERNAL_BINDER if psk.external else key_schedule.RESUMPTION_BINDER
    empty = hashlib.new(name).digest()
    key = key_schedule.derive_secret(name, early_secret(psk), label, empty)
    if hs.hello_retry is HelloRetry.PENDING:
        (running,) = hs.transcript.copies()
    else:
        running = hashlib.new(name)
    running.update(beginning)
    return key_schedule.finished_mac(name, key, running.digest())


# -- the client


def offered_psks(hs: Handshake, session: Session) -> list[Psk]:
    """Return a client's PSKs: the session's ticket, then the callback's PSK (tls_construct_ctos_psk())."""
    # ``s->session->ssl_version != TLS1_3_VERSION`` is EXT_RETURN_NOT_SENT, for a callback's PSK too.
    found = [psk for psk in (_resumable(hs, session), _external(hs)) if psk is not None]
    return found if session.version == TLS1_3_VERSION else []


def _fits_retry(hs: Handshake, suite: CipherSuite) -> bool:
    """Not ``s->hello_retry_request == SSL_HRR_PENDING && mdres != handmd``: the hash is chosen by then."""
    retried = hs.hello_retry is HelloRetry.PENDING
    return not retried or (hs.suite is not None and hs.suite.prf_hash == suite.prf_hash)


def _resumable(hs: Handshake, session: Session) -> Psk | None:
    if session.version != TLS1_3_VERSION or not session.ticket:
        return None
    suite = suite_of(hs, session)
    if suite is None or not _fits_retry(hs, suite):
        return None
    # ``if (agesec > 0) agesec--;``: as times are whole seconds, the server's age might be lower otherwise.
    age = max(0, int(hs.config.clock()) - session.time - 1)
    if session.ticket_lifetime_hint < age:
        return None
    return Psk(
        session.ticket, (age * 1000 + session.ticket_age_add) & _AGE_MASK, session, suite, external=False
    )


def _external(hs: Handshake) -> Psk | None:
    use_session = hs.config.psk_use_session
    given = use_session() if use_session else None
    if given is None:
        return None
    identity, session = given
    suite = suite_of(hs, session)
    if session.version != TLS1_3_VERSION or suite is None or not _fits_retry(hs, suite):
        hs.refuse(Fault.PSK_UNUSABLE)
    return Psk(identity, 0, session, suite, external=True)


def offer_body(psks: list[Psk]) -> bytes:
    """Make pre_shared_key with zeros in place of binders."""
    identities = b"".join(vector(psk.identity, 2) + psk.age.to_bytes(4, "big") for psk in psks)
    return vector(identities, 2) + vector(b"".join(_no_binder(psk) for psk in psks), 2)


def _no_binder(psk: Psk) -> bytes:
    return vector(bytes(key_schedule.hash_size(key_schedule.suite_hash(psk.suite))), 1)


def bind(hs: Handshake, psks: list[Psk], message: bytes) -> bytes:
    """Put the binders into a ClientHello."""
    length = 2 + sum(len(_no_binder(psk)) for psk in psks)
    beginning = message[: len(message) - length]
    return beginning + vector(b"".join(vector(binder(hs, psk, beginning), 1) for psk in psks), 2)


# -- the server


class FoundPsk(NamedTuple):
    """The PSK that a server uses, its index in the client's list, and whether early data may use it."""

    psk: Psk
    position: int
    early_data: bool


def find_psk(hs: Handshake, body: bytes, message: bytes) -> FoundPsk | None:
    """Return the first usable PSK of a client, after a check of its binder (tls_parse_ctos_psk())."""
    reader = Reader(body, Fault.CLIENT_PSK)
    try:
        identities = Reader(reader.vector(2), Fault.CLIENT_PSK)
        found = _search(hs, identities)
        if found is None:
            return None
        beginning = message[: len(message) - reader.remaining]
        given = _read_binder(reader, found.position)
    except ParseError as error:
        raise hs.failure(error.fault) from None
    expected = binder(hs, found.psk, beginning)
    if len(given) != len(expected):
        hs.refuse(Fault.CLIENT_PSK)
    if not hmac.compare_digest(given, expected):
        hs.refuse(Fault.CLIENT_BINDER)
    return found


def _read_binder(reader: Reader, index: int) -> bytes:
    binders = Reader(reader.vector(2), Fault.CLIENT_PSK)
    for _ in range(index):
        binders.vector(1)
    return binders.vector(1)


def _search(hs: Handshake, identities: Reader) -> FoundPsk | None:
    index = 0
    hs.ticket_expected = False
    while identities.remaining:
        identity, age = identities.vector(2), identities.number(4)
        found = _try_identity(hs, identity, age, index)
        if found is not None and hs.suite is not None and found.psk.suite.prf_hash == hs.suite.prf_hash:
            return found
        if found is not None:  # ``md != ssl_md(s->s3->tmp.new_cipher->algorithm2)``: the PSK has another hash
            hs.ticket_expected = False
        index += 1
    return None


def _try_identity(hs: Handshake, identity: bytes, age: int, index: int) -> FoundPsk | None:
    find_session = hs.config.psk_find_session
    given = find_session(identity) if find_session else None
    if given is not None:
        session = given.copy()
        session.context = hs.config.session_id_context
        hs.ticket_expected = True
        suite = suite_of(hs, session)
        if suite is None:
            raise UsageError("psk_find_session: this release does not know the session's cipher suite")
        return FoundPsk(Psk(identity, age, session, suite, external=True), index, early_data=index == 0)
    return _try_ticket(hs, identity, age, index)


def _try_ticket(hs: Handshake, identity: bytes, age: int, index: int) -> FoundPsk | None:
    if not identity:  # SSL_TICKET_EMPTY
        hs.refuse(Fault.CLIENT_PSK)
    hs.ticket_expected = True
    session = _session_of_ticket(hs, identity)
    suite = suite_of(hs, session) if session is not None else None
    if session is None or suite is None:
        return None
    early = index == 0 and _age_is_right(hs, session, age)
    return FoundPsk(Psk(identity, age, session, suite, external=False), index, early)


def _session_of_ticket(hs: Handshake, identity: bytes) -> Session | None:
    """tls_get_stateful_ticket() or tls_decrypt_ticket(); with anti-replay a session is used once."""
    config = hs.config
    if not config.stateful_tickets:
        return config.ticket_keys.open(identity) if config.ticket_keys else None
    cache = config.session_cache
    session = cache.get(identity) if cache is not None else None
    if cache is not None and session is not None and config.anti_replay:
        cache.remove(session)
    return session


def _age_is_right(hs: Handshake, session: Session, given: int) -> bool:
    """Whether the client's age of the ticket is right, and the ticket has not expired: for early data."""
    # ``ticket_age <= agems + 1000 && ticket_age + TICKET_AGE_ALLOWANCE >= agems + 1000``.
    seconds = int(hs.config.clock()) - session.time
    age = (given - session.ticket_age_add) & _AGE_MASK
    ours = seconds * 1000 + 1000
    return session.timeout >= seconds and age <= ours <= age + TICKET_AGE_ALLOWANCE
