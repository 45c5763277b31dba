"""ssl3_read_bytes(): application data or handshake bytes out of records, and all that comes in between.

What is not of the kind asked for goes through a fixed series of steps, as in the C function.  To 1.1.0
alerts and handshake headers are first put together out of fragments; from 1.1.1 an alert must be a record of
its own and is looked at before everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design
from emulator.behaviours.read import (
    AlertParsing,
    CcsFailure,
    EarlyChangeCipherSpec,
    ReadAfterReceivedShutdown,
    ReadAfterSentShutdown,
    ReadAgain,
    RefusedHelloFragment,
    UnknownRecordType,
    UnpatchedClientHello,
    ZeroLengthRead,
)
from emulator.behaviours.renegotiation import Policy, RefusedHelloRequest
from emulator.behaviours.tls13 import InterruptedMessage
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
from emulator.engine.early_data import CIPHERTEXT_OVERHEAD, early_data_count_ok
from emulator.engine.early_data_state import EarlyDataState
from emulator.engine.input import ssl3_get_record
from emulator.engine.output import fail, ssl3_send_alert
from emulator.engine.read_flow import READ_BYTES, Flow, ask_to_read_again, discard, tell_message
from emulator.engine.received_alerts import ALERT_LENGTH, alert_of_fragments, alert_of_record
from emulator.engine.renegotiate import ssl3_renegotiate, ssl3_renegotiate_check
from emulator.engine.ssl import HEADER
from emulator.engine.tls13_version import awaits_second_hello
from emulator.engine.write import drive_handshake

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL

_FUNCTION = READ_BYTES
_NOTHING, _AGAIN = Want.NOTHING, Flow.AGAIN
_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)


def ssl3_read_bytes(s: SSL, kind: int, n: int, *, peek: bool = False, ccs: bool = False) -> int:
    """ssl3_read_bytes(): up to ``n`` bytes of records of type ``kind`` in ``s.received``; C's answer.

    ``kind`` 0 wants nothing (SSL_shutdown waits).  ``ccs``: a ChangeCipherSpec counts as a message; it is
    then in ``s.received`` with ``s.rtype`` saying so.
    """
    if s.handshake_fragment and kind == ContentType.HANDSHAKE:
        s.received = s.handshake_fragment[:n]
        s.handshake_fragment = s.handshake_fragment[n:]
        return len(s.received)
    if s.in_init and not s.in_handshake:
        ret = drive_handshake(s, _FUNCTION)
        if ret <= 0:
            return ret
    while True:
        s.rwstate = _NOTHING
        if s.rread:
            ret = ssl3_get_record(s)
            if ret <= 0:
                return ret
        if (
            kind != s.rtype
            or s.change_cipher_spec
            or s.handshake_fragment
            or (s.shutdown and s.shutdown & Shutdown.RECEIVED)
        ):
            answer = _interrupted(s, kind, n, ccs=ccs)
        else:
            answer = _deliver(s, kind, n, peek=peek)
        if answer is not _AGAIN:
            return answer


def read_handshake_record(s: SSL) -> int:
    """Take the record that waits, of the handshake's type, as a read for application data takes it.

    1 if the read would have gone on to the next record, else what it would have answered.
    """
    s.rwstate = Want.NOTHING
    ret = ssl3_get_record(s)
    if ret <= 0:
        return ret
    answer = _interrupted(s, ContentType.APPLICATION_DATA, 0, ccs=False)
    return 1 if answer is Flow.AGAIN else answer


def _interrupted(s: SSL, kind: int, n: int, *, ccs: bool) -> int:
    """Anything but the plain case of a record of the kind that was asked for."""
    if s.is_tls13 and s.handshake_fragment and s.rtype != ContentType.HANDSHAKE and _refuses_interruption(s):
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA")
        return -1
    if s.rtype != ContentType.ALERT and s.rlength:
        s.alert_count = 0
    if s.change_cipher_spec and s.rtype != ContentType.HANDSHAKE:
        return _refuse_ccs(s, "DATA_BETWEEN_CCS_AND_FINISHED")
    if s.shutdown & Shutdown.RECEIVED:
        discard(s)
        s.rread = s.profile.read.after_received_shutdown is ReadAfterReceivedShutdown.DROPPED
        s.rwstate = Want.NOTHING
        return 0
    if kind == s.rtype or (ccs and s.rtype == ContentType.CHANGE_CIPHER_SPEC):
        return _deliver(s, kind, n, peek=False)
    return _unexpected(s)


def _refuses_interruption(s: SSL) -> bool:
    rules = s.profile.tls13
    return rules is not None and rules.interrupted_message is InterruptedMessage.REFUSED


def _deliver(s: SSL, kind: int, n: int, *, peek: bool) -> int:
    s.alert_count = 0
    if kind == _APPLICATION_DATA:
        if s.in_init and s.reader.is_null:
            fail(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "APP_DATA_IN_HANDSHAKE")
            return -1
    elif s.rtype == ContentType.CHANGE_CIPHER_SPEC and s.handshake_fragment:
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "CCS_RECEIVED_EARLY")
        return -1
    length = s.rlength
    if n <= 0:
        if not length and s.profile.read.zero_length_read is ZeroLengthRead.CONSUMES_EMPTY_RECORD:
            s.rread = True
        return n
    if not length:
        s.rread = True
        return Flow.AGAIN
    if n >= length:
        s.received = s.rdata[s.roff :] if s.roff else s.rdata
        if not peek:
            discard(s)
            s.rstate = HEADER
        return length
    s.received = s.rdata[s.roff : s.roff + n]
    if not peek:
        s.rlength -= n
        s.roff += n
    return n


def _unexpected(s: SSL) -> int:
    steps = _FRAGMENT_STEPS if s.profile.read.alert_parsing is AlertParsing.FRAGMENTS else _RECORD_STEPS
    for step in steps:
        answer = step(s)
        if answer is not Flow.NEXT:
            return answer
    return _default(s)


def _before_any_version(s: SSL) -> int:
    """From 1.1.0, with a flexible method: nothing but hellos may come while no version is chosen."""
    if s.profile.machine.design is not Design.MESSAGE_FLOW or s.fixed_version or s.hs is None:
        return Flow.NEXT
    if s.hs.version and (s.server or not awaits_second_hello(s)):
        return Flow.NEXT
    if not s.server and s.rtype == ContentType.ALERT:
        return Flow.NEXT
    s.version = s.rversion
    if not TLS1_VERSION < s.version <= TLS1_3_VERSION:
        s.hello_version = 0  # that is for what claims more than TLS 1.0 (TLS1_get_version())
    fail(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "UNEXPECTED_MESSAGE")
    return -1


# -- pieces of alerts and messages --------------------------------------------------------------


def _take(s: SSL, have: bytes, size: int) -> bytes:
    """Move bytes out of the record until there are ``size`` of them."""
    n = min(size - len(have), s.rlength)
    have += s.rdata[s.roff : s.roff + n]
    s.roff += n
    s.rlength -= n
    if not s.rlength:
        s.rread = True
    return have


def _collect_fragments(s: SSL) -> int:
    if s.rtype == ContentType.HANDSHAKE:
        s.handshake_fragment = _take(s, s.handshake_fragment, SSL3_HM_HEADER_LENGTH)
        return Flow.NEXT if len(s.handshake_fragment) == SSL3_HM_HEADER_LENGTH else _short(s)
    if s.rtype == ContentType.ALERT:
        s.alert_fragment = _take(s, s.alert_fragment, ALERT_LENGTH)
        return Flow.NEXT if len(s.alert_fragment) == ALERT_LENGTH else _short(s)
    return Flow.NEXT


def _short(s: SSL) -> int:
    s.rread = True
    return Flow.AGAIN


def _heartbeat(s: SSL) -> int:
    """A heartbeat makes the call return; it is taken and dropped (answering requests isn't emulated)."""
    if s.rtype != ContentType.HEARTBEAT or not s.profile.read.heartbeat_records:
        return Flow.NEXT
    discard(s)
    if s.mode & Mode.AUTO_RETRY and s.profile.read.heartbeat_auto_retry:
        return Flow.AGAIN
    return ask_to_read_again(s)


# -- renegotiation ------------------------------------------------------------------------------


def _hello_request(s: SSL) -> int:
    """A client's HelloRequest outside a handshake (to 1.1.0; later a matter of the state machine)."""
    fragment = s.handshake_fragment
    if (
        s.server
        or len(fragment) < SSL3_HM_HEADER_LENGTH
        or fragment[0] != HandshakeType.HELLO_REQUEST
        or s.hs is None
        or s.hs.session is None
        or s.hs.suite is None
    ):
        return Flow.NEXT
    s.handshake_fragment = b""
    if any(fragment[1:]):
        return _refuse_ccs(s, "BAD_HELLO_REQUEST", AlertDescription.DECODE_ERROR)
    tell_message(s, ContentType.HANDSHAKE, fragment)
    if s.running().is_init_finished() and _may_renegotiate(s) and not s.renegotiate_requested:
        ssl3_renegotiate(s)
        if ssl3_renegotiate_check(s):
            return _handshake_inside_read(s)
        s.rread = True
    elif s.profile.renegotiation.refused_hello_request is RefusedHelloRequest.NO_RENEGOTIATION:
        ssl3_send_alert(s, AlertLevel.WARNING, AlertDescription.NO_RENEGOTIATION)
        s.rread = True
    return Flow.AGAIN


def _may_renegotiate(s: SSL) -> bool:
    policy = s.profile.renegotiation.policy
    if policy is Policy.BANNED:
        return False
    return policy is Policy.ALLOWED or not s.options & Option.NO_RENEGOTIATION


def _handshake_inside_read(s: SSL, *, early: bool = False) -> int:
    """A handshake that a read met; without AUTO_RETRY the read then returns although it got no data.

    ``early``: it was early data that was asked for, and what comes behind the handshake is none.
    """
    ret = drive_handshake(s, _FUNCTION)
    if ret <= 0:
        return ret
    if early:
        return -1
    if not s.mode & Mode.AUTO_RETRY and not s.rleft:
        return ask_to_read_again(s)
    return Flow.AGAIN


def _refused_client_hello(s: SSL) -> int:
    """A server that may not renegotiate with this client answers with a warning and reads on."""
    rule = s.profile.read.unpatched_client_hello
    if (
        rule in (UnpatchedClientHello.NEVER, UnpatchedClientHello.STATE_MACHINE)
        or not s.server
        or not s.running().is_init_finished()
        or s.version <= SSL3_VERSION
        or len(s.handshake_fragment) < SSL3_HM_HEADER_LENGTH
        or s.handshake_fragment[0] != HandshakeType.CLIENT_HELLO
        or not _refuses_renegotiation(s, rule)
    ):
        return Flow.NEXT
    if s.profile.read.refused_hello_fragment is RefusedHelloFragment.DROPPED:
        s.handshake_fragment = b""
    discard(s)
    ssl3_send_alert(s, AlertLevel.WARNING, AlertDescription.NO_RENEGOTIATION)
    return Flow.AGAIN


def _refuses_renegotiation(s: SSL, rule: UnpatchedClientHello) -> bool:
    if rule is UnpatchedClientHello.NO_RENEGOTIATION and s.options & Option.NO_RENEGOTIATION:
        return True
    options = s.context_options if rule is UnpatchedClientHello.CONTEXT_OPTIONS else s.options
    patched = s.hs is not None and s.hs.peer_secure_renegotiation
    return not patched and not options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION


def _handshake_message(s: SSL) -> int:
    """A ClientHello, or a violation of the protocol, outside a handshake."""
    if len(s.handshake_fragment) < SSL3_HM_HEADER_LENGTH or s.in_handshake:
        return Flow.NEXT
    early = s.early_data_state is EarlyDataState.READING
    s.running().unexpected_message()
    return _handshake_inside_read(s, early=early)


# -- after close_notify, ChangeCipherSpec, and the rest -----------------------------------------


def _after_sent_shutdown(s: SSL) -> int:
    if not s.shutdown & Shutdown.SENT:
        return Flow.NEXT
    rule = s.profile.read.after_sent_shutdown
    if rule is ReadAfterSentShutdown.END_OF_FILE:
        s.rwstate = Want.NOTHING
        discard(s)
        return 0
    handshake = s.rtype == ContentType.HANDSHAKE
    if handshake and s.is_tls13:
        return Flow.NEXT
    discard(s)
    if not handshake:
        fail(s, None, _FUNCTION, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY")
        return -1
    return Flow.AGAIN if s.mode & Mode.AUTO_RETRY else ask_to_read_again(s)


def _refuse_ccs(s: SSL, reason: str, alert: AlertDescription = AlertDescription.UNEXPECTED_MESSAGE) -> int:
    silent = s.profile.read.ccs_failure is CcsFailure.SILENT
    fail(s, None if silent else alert, _FUNCTION, reason)
    return -1


def _change_cipher_spec(s: SSL) -> int:
    """ChangeCipherSpec where it is not a message of the state machine (to 1.0.2), or comes too early."""
    if s.rtype != ContentType.CHANGE_CIPHER_SPEC:
        return Flow.NEXT
    rule = s.profile.read.early_change_cipher_spec
    if rule is EarlyChangeCipherSpec.STATE_MACHINE:
        return _refuse_ccs(s, "CCS_RECEIVED_EARLY")
    if s.rlength != 1 or s.roff or s.rdata[0] != SSL3_MT_CCS:
        return _refuse_ccs(s, "BAD_CHANGE_CIPHER_SPEC", AlertDescription.ILLEGAL_PARAMETER)
    if s.hs is None or s.hs.suite is None:
        return _refuse_ccs(s, "CCS_RECEIVED_EARLY")
    if rule is EarlyChangeCipherSpec.WHEN_EXPECTED:
        if not s.ccs_ok:
            return _refuse_ccs(s, "CCS_RECEIVED_EARLY")
        s.ccs_ok = False
    tell_message(s, ContentType.CHANGE_CIPHER_SPEC, s.rdata)
    discard(s)
    s.change_cipher_spec = True
    return Flow.AGAIN if s.running().change_read_cipher() else -1


def _default(s: SSL) -> int:
    if s.rtype == ContentType.APPLICATION_DATA:
        if s.running().application_data_allowed():
            s.in_read_app_data = 0 if s.profile.read.read_again is ReadAgain.WHEN_RESET else 2
            return -1
        if s.running().skips_early_data():
            # After a HelloRetryRequest nothing is decrypted: it looks like application data.
            if not early_data_count_ok(s, s.rlength, CIPHERTEXT_OVERHEAD):
                return -1
            s.rread = True
            return Flow.AGAIN
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "UNEXPECTED_RECORD")
        return -1
    if s.rtype in (ContentType.CHANGE_CIPHER_SPEC, ContentType.ALERT, ContentType.HANDSHAKE):
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, s.profile.machine.internal_error)
        return -1
    if _skips_unknown(s):
        discard(s)
        return Flow.AGAIN
    fail(s, AlertDescription.UNEXPECTED_MESSAGE, _FUNCTION, "UNEXPECTED_RECORD")
    return -1


def _skips_unknown(s: SSL) -> bool:
    rule = s.profile.read.unknown_record_type
    if rule is UnknownRecordType.SKIPPED_BY_TLS1:
        return s.version == TLS1_VERSION
    return rule is UnknownRecordType.SKIPPED_UP_TO_TLS1_1 and TLS1_VERSION <= s.version <= TLS1_1_VERSION


_FRAGMENT_STEPS: tuple[Callable[[SSL], int], ...] = (
    _before_any_version,
    _collect_fragments,
    _heartbeat,
    _hello_request,
    _refused_client_hello,
    alert_of_fragments,
    _after_sent_shutdown,
    _change_cipher_spec,
    _handshake_message,
)
_RECORD_STEPS: tuple[Callable[[SSL], int], ...] = (
    _before_any_version,
    alert_of_record,
    _after_sent_shutdown,
    _collect_fragments,
    _change_cipher_spec,
    _handshake_message,
)
