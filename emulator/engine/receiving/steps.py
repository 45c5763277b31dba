"""The steps of ssl3_read_bytes() for a record that is not of the kind that the caller wants.

Each step answers ``Step.NEXT`` if the record does not concern it.  alerts.py has the steps for alerts.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design
from emulator.behaviours.read import (
    CcsFailure,
    EarlyChangeCipherSpec,
    ReadAfterSentShutdown,
    RefusedHelloFragment,
    UnknownRecordType,
    UnpatchedClientHello,
)
from emulator.behaviours.renegotiation import Policy, RefusedHelloRequest
from emulator.constants import (
    SSL3_HM_HEADER_LENGTH,
    SSL3_MT_CCS,
    SSL3_VERSION,
    TLS1_1_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
    AlertDescription,
    AlertLevel,
    ContentType,
    HandshakeType,
    Mode,
    Option,
    Shutdown,
    Want,
)
from emulator.engine.drive import drive_handshake, ssl3_renegotiate, ssl3_renegotiate_check
from emulator.engine.early_data.count import CIPHERTEXT_OVERHEAD, early_data_count_ok
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.failure import check_session, fail, ssl3_send_alert
from emulator.engine.notices import tell_message

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

READ_BYTES = "SSL3_READ_BYTES"
"""The function that the errors of reads name."""

ALERT_LENGTH = 2


class Step(Enum):
    """The decision of a step that does not end the call; a step that does answers the call's integer."""

    NEXT = auto()
    """The record does not concern this step."""
    AGAIN = auto()
    """``goto start``: look at the next record."""


def discard(s: SSL) -> None:
    """``rr->length = 0``: the rest of the record is dropped."""
    inp = s.inp
    inp.rlength = 0
    inp.rread = True
    inp.rdata = b""


def ask_to_read_again(s: SSL) -> int:
    """-1 with the retry flag of a read, which the C sets by hand: a record was read, but no data."""
    inp = s.inp
    s.rwstate = Want.READING
    if inp.rbio is not None:
        inp.rbio.clear_retry_flags()
        inp.rbio.set_retry_read()
    return -1


# -- before everything else ----------------------------------------------------------------------


def before_any_version(s: SSL) -> Step | int:
    """From 1.1.0, with a flexible method: only hellos may come while no version is chosen."""
    inp = s.inp
    if s.profile.machine.design is not Design.MESSAGE_FLOW or s.fixed_version:
        return Step.NEXT
    if s.hs.version and (s.server or not s.awaits_second_hello()):
        return Step.NEXT
    if not s.server and inp.rtype == ContentType.ALERT:
        return Step.NEXT
    s.version = inp.rversion
    if not TLS1_VERSION < s.version <= TLS1_3_VERSION:
        s.out.hello_version = 0  # it is for ``TLS1_get_version(s) > TLS1_VERSION`` only
    fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "UNEXPECTED_MESSAGE")
    return -1


# -- pieces of alerts and messages --------------------------------------------------------------


def _take(s: SSL, have: bytes, size: int) -> bytes:
    """Move bytes out of the record until there are ``size`` of them."""
    inp = s.inp
    n = min(size - len(have), inp.rlength)
    have += inp.rdata[inp.roff : inp.roff + n]
    inp.roff += n
    inp.rlength -= n
    if not inp.rlength:
        inp.rread = True
    return have


def collect_fragments(s: SSL) -> Step | int:
    """Put alerts, and the headers of handshake messages, together out of several records."""
    inp = s.inp
    if inp.rtype == ContentType.HANDSHAKE:
        inp.handshake_fragment = _take(s, inp.handshake_fragment, SSL3_HM_HEADER_LENGTH)
        return Step.NEXT if len(inp.handshake_fragment) == SSL3_HM_HEADER_LENGTH else _short(s)
    if inp.rtype == ContentType.ALERT:
        inp.alert_fragment = _take(s, inp.alert_fragment, ALERT_LENGTH)
        return Step.NEXT if len(inp.alert_fragment) == ALERT_LENGTH else _short(s)
    return Step.NEXT


def _short(s: SSL) -> Step | int:
    s.inp.rread = True
    return Step.AGAIN


def heartbeat(s: SSL) -> Step | int:
    """A heartbeat is dropped, and makes the call return; requests are not answered (not emulated)."""
    if s.inp.rtype != ContentType.HEARTBEAT or not s.profile.read.heartbeat_records:
        return Step.NEXT
    discard(s)
    # 1.0.2n: ``if (s->mode & SSL_MODE_AUTO_RETRY) goto start;``.
    if s.mode & Mode.AUTO_RETRY and s.profile.read.heartbeat_auto_retry:
        return Step.AGAIN
    return ask_to_read_again(s)


# -- renegotiation ------------------------------------------------------------------------------


def hello_request(s: SSL) -> Step | int:
    """A HelloRequest for a client outside a handshake, up to 1.1.0; from 1.1.1 the machine reads it."""
    inp = s.inp
    fragment = inp.handshake_fragment
    if (
        s.server
        or len(fragment) < SSL3_HM_HEADER_LENGTH
        or fragment[0] != HandshakeType.HELLO_REQUEST
        or s.hs.session is None
        or s.hs.suite is None
    ):
        return Step.NEXT
    inp.handshake_fragment = b""
    if any(fragment[1:]):
        return refuse_ccs(s, "BAD_HELLO_REQUEST", AlertDescription.DECODE_ERROR)
    tell_message(s, ContentType.HANDSHAKE, fragment)
    # From 1.1.0h the ``else`` sends the warning no_renegotiation.
    if s.running().is_init_finished() and _may_renegotiate(s) and not s.renegotiate_requested:
        if s.manual is not None:
            s.manual.peer_asks()
        ssl3_renegotiate(s)
        if ssl3_renegotiate_check(s):
            return _handshake_inside_read(s)
        inp.rread = True
    elif s.profile.renegotiation.refused_hello_request is RefusedHelloRequest.NO_RENEGOTIATION:
        ssl3_send_alert(s, AlertLevel.WARNING, AlertDescription.NO_RENEGOTIATION)
        inp.rread = True
    return Step.AGAIN


def _may_renegotiate(s: SSL) -> bool:
    """0.9.8l asks for SSL3_FLAGS_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, 1.1.0h for SSL_OP_NO_RENEGOTIATION."""
    policy = s.profile.renegotiation.policy
    if policy is Policy.BANNED:
        return False
    return policy is Policy.ALLOWED or not s.options & Option.NO_RENEGOTIATION


def _handshake_inside_read(s: SSL, *, early: bool = False) -> Step | int:
    """Do the handshake that a message begins; without AUTO_RETRY the read then returns without data.

    ``early``: the caller reads early data, of which there is none behind the handshake.
    """
    ret = drive_handshake(s, READ_BYTES)
    if ret <= 0:
        return ret
    if early:
        return -1
    if not s.mode & Mode.AUTO_RETRY and not s.inp.rleft:
        return ask_to_read_again(s)
    return Step.AGAIN


def refused_client_hello(s: SSL) -> Step | int:
    """A server that may not renegotiate with this client sends a warning and reads on, up to 1.1.0."""
    inp = s.inp
    rule = s.profile.read.unpatched_client_hello
    if (
        rule in (UnpatchedClientHello.NEVER, UnpatchedClientHello.STATE_MACHINE)
        or not s.server
        or not s.running().is_init_finished()
        or s.version <= SSL3_VERSION
        or len(inp.handshake_fragment) < SSL3_HM_HEADER_LENGTH
        or inp.handshake_fragment[0] != HandshakeType.CLIENT_HELLO
        or not _refuses_renegotiation(s, rule)
    ):
        return Step.NEXT
    # ``/*s->s3->handshake_fragment_len = 0;*/``, a comment but for 1.0.2o and later letters of 1.0.2.
    if s.profile.read.refused_hello_fragment is RefusedHelloFragment.DROPPED:
        inp.handshake_fragment = b""
    discard(s)
    ssl3_send_alert(s, AlertLevel.WARNING, AlertDescription.NO_RENEGOTIATION)
    return Step.AGAIN


def _refuses_renegotiation(s: SSL, rule: UnpatchedClientHello) -> bool:
    """``!s->s3->send_connection_binding && !(s->ctx->options & SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION)``.

    ``s->options`` from 1.0.2m and 1.1.0g; ``|| (s->options & SSL_OP_NO_RENEGOTIATION)`` from 1.1.0h.
    """
    if rule is UnpatchedClientHello.NO_RENEGOTIATION and s.options & Option.NO_RENEGOTIATION:
        return True
    options = s.context_options if rule is UnpatchedClientHello.CONTEXT_OPTIONS else s.options
    patched = s.hs.peer_secure_renegotiation
    return not patched and not options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION


def handshake_message(s: SSL) -> Step | int:
    """A ClientHello, or a violation of the protocol, outside a handshake."""
    if len(s.inp.handshake_fragment) < SSL3_HM_HEADER_LENGTH or s.in_handshake:
        return Step.NEXT
    early = s.early_data_state is EarlyDataState.READING
    if s.manual is not None:
        s.manual.peer_asks()
    s.running().unexpected_message()
    return _handshake_inside_read(s, early=early)


# -- after close_notify, ChangeCipherSpec, and the rest -----------------------------------------


def after_sent_shutdown(s: SSL) -> Step | int:
    """Whatever comes after this side's close_notify is no data any more."""
    if not s.shutdown & Shutdown.SENT:
        return Step.NEXT
    # Up to 1.1.0: ``if (s->shutdown & SSL_SENT_SHUTDOWN) { ...; rr->length=0; return(0); }``.
    # From 1.1.1 only handshake records are dropped, and other data is fatal.
    rule = s.profile.read.after_sent_shutdown
    if rule is ReadAfterSentShutdown.END_OF_FILE:
        s.rwstate = Want.NOTHING
        discard(s)
        return 0
    handshake = s.inp.rtype == ContentType.HANDSHAKE
    if handshake and s.is_tls13:
        return Step.NEXT
    discard(s)
    if not handshake:
        fail(s, None, READ_BYTES, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY")
        return -1
    return Step.AGAIN if s.mode & Mode.AUTO_RETRY else ask_to_read_again(s)


def refuse_ccs(s: SSL, reason: str, alert: AlertDescription = AlertDescription.UNEXPECTED_MESSAGE) -> int:
    """Refuse a ChangeCipherSpec, or data in its place; some releases forget the alert (``goto err``)."""
    # ``goto err;`` instead of ``goto f_err;`` up to 0.9.7d.
    silent = s.profile.read.ccs_failure is CcsFailure.SILENT
    fail(s, None if silent else alert, READ_BYTES, reason)
    return -1


def change_cipher_spec(s: SSL) -> Step | int:
    """A ChangeCipherSpec up to 1.0.2, or one that comes too early for the state machine of 1.1.0."""
    inp = s.inp
    if inp.rtype != ContentType.CHANGE_CIPHER_SPEC:
        return Step.NEXT
    rule = s.profile.read.early_change_cipher_spec
    if rule is EarlyChangeCipherSpec.STATE_MACHINE:
        return refuse_ccs(s, "CCS_RECEIVED_EARLY")
    if inp.rlength != 1 or inp.roff or inp.rdata[0] != SSL3_MT_CCS:
        return refuse_ccs(s, "BAD_CHANGE_CIPHER_SPEC", AlertDescription.ILLEGAL_PARAMETER)
    if s.hs.suite is None:
        return refuse_ccs(s, "CCS_RECEIVED_EARLY")
    # ``if (!(s->s3->flags & SSL3_FLAGS_CCS_OK))`` from 0.9.8za, 1.0.0m and 1.0.1h (CVE-2014-0224).
    if rule is EarlyChangeCipherSpec.WHEN_EXPECTED:
        if not s.ccs_ok:
            return refuse_ccs(s, "CCS_RECEIVED_EARLY")
        s.ccs_ok = False
    check_session(s)
    tell_message(s, ContentType.CHANGE_CIPHER_SPEC, inp.rdata)
    discard(s)
    s.change_cipher_spec = True
    return Step.AGAIN if s.running().change_read_cipher() else -1


def default(s: SSL) -> Step | int:
    """``switch (rr->type)``, behind all steps: a record that none has taken."""
    inp = s.inp
    if inp.rtype == ContentType.APPLICATION_DATA:
        if s.manual is not None and s.manual.keeps_data():
            discard(s)
            return Step.AGAIN
        if s.running().application_data_allowed():
            inp.in_read_app_data = inp.read_again_mark
            return -1
        if s.running().skips_early_data():
            # After a HelloRetryRequest nothing is decrypted: early data looks like application data.
            if not early_data_count_ok(s, inp.rlength, CIPHERTEXT_OVERHEAD):
                return -1
            inp.rread = True
            return Step.AGAIN
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "UNEXPECTED_RECORD")
        return -1
    if inp.rtype in (ContentType.CHANGE_CIPHER_SPEC, ContentType.ALERT, ContentType.HANDSHAKE):
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, s.profile.machine.internal_error)
        return -1
    if _skips_unknown(s):
        discard(s)
        return Step.AGAIN
    fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "UNEXPECTED_RECORD")
    return -1


def _skips_unknown(s: SSL) -> bool:
    """``s->version == TLS1_VERSION`` up to 1.0.0; TLS 1.0 and 1.1 up to 1.0.2j and 1.1.0b; then none."""
    rule = s.profile.read.unknown_record_type
    if rule is UnknownRecordType.SKIPPED_BY_TLS1:
        return s.version == TLS1_VERSION
    return rule is UnknownRecordType.SKIPPED_UP_TO_TLS1_1 and TLS1_VERSION <= s.version <= TLS1_1_VERSION
