"""The steps of ssl3_read_bytes() for alerts: warnings, close_notify, fatal alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design, FatalAlert
from emulator.behaviours.read import NoRenegotiationAlert
from emulator.behaviours.tls13 import WarningLevel
from emulator.constants import AlertDescription, AlertLevel, ContentType, InfoCallback, Shutdown, Want
from emulator.engine.failure import fail, remove_session
from emulator.engine.notices import tell_message
from emulator.engine.receiving.steps import ALERT_LENGTH, READ_BYTES, Step

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

SSL_AD_REASON_OFFSET = 1000
"""The reason of the error for a fatal alert of the peer is this and the alert's number."""


def alert_of_fragments(s: SSL) -> Step | int:
    """Up to 1.1.0: two bytes are there, out of one record or two."""
    inp = s.inp
    if len(inp.alert_fragment) < ALERT_LENGTH:
        return Step.NEXT
    alert = inp.alert_fragment
    inp.alert_fragment = b""
    return _received_alert(s, alert)


def alert_of_record(s: SSL) -> Step | int:
    """From 1.1.1: a record is one alert."""
    inp = s.inp
    if inp.rtype != ContentType.ALERT:
        return Step.NEXT
    alert = inp.rdata[inp.roff :]
    if len(alert) != ALERT_LENGTH:
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "INVALID_ALERT")
        return -1
    return _received_alert(s, alert)


def _received_alert(s: SSL, alert: bytes) -> Step | int:
    level, description = alert
    tell_message(s, ContentType.ALERT, alert)
    s.notify(InfoCallback.ALERT | InfoCallback.READ, level << 8 | description)
    if s.is_tls13:
        return _received_tls13(s, level, description)
    if level == AlertLevel.WARNING:
        return _received_warning(s, description)
    if level == AlertLevel.FATAL:
        return _received_fatal(s, description)
    fail(s, AlertDescription.ILLEGAL_PARAMETER, READ_BYTES, "UNKNOWN_ALERT_TYPE")
    return -1


def _received_tls13(s: SSL, level: int, description: int) -> Step | int:
    """In TLS 1.3 the description decides: all but two alerts are fatal, whatever their level is."""
    cancelled = description == AlertDescription.USER_CANCELLED
    warning = cancelled or (level == AlertLevel.WARNING and _notes_level(s))
    if warning and not _count_warning(s, description):
        return -1
    if cancelled:
        return Step.AGAIN
    if description == AlertDescription.CLOSE_NOTIFY:
        s.shutdown |= Shutdown.RECEIVED
        return 0
    return _received_fatal(s, description)


def _notes_level(s: SSL) -> bool:
    """``alert_level == SSL3_AL_WARNING`` up to 3.1, ``!is_tls13 && alert_level == ...`` from 3.2."""
    rules = s.profile.tls13
    return rules is None or rules.warning_level is WarningLevel.NOTED


def _received_fatal(s: SSL, description: int) -> int:
    s.rwstate = Want.NOTHING
    fail(s, None, READ_BYTES, SSL_AD_REASON_OFFSET + description)
    s.shutdown |= Shutdown.RECEIVED
    s.inp.rread = True
    remove_session(s)
    if s.profile.machine.fatal_alert is FatalAlert.ERROR_STATE:
        s.running().set_error()
    return 0


def _count_warning(s: SSL, description: int) -> bool:
    inp = s.inp
    inp.warn_alert = description
    if s.profile.machine.design is Design.MESSAGE_FLOW:
        inp.rread = True
    inp.alert_count += 1
    # ``s->rlayer.alert_count == MAX_WARN_ALERT_COUNT``: 5, from 1.0.2i and 1.1.0a (CVE-2016-8610).
    limit = s.profile.read.max_warning_alerts
    if not limit or inp.alert_count != limit:
        return True
    fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "TOO_MANY_WARN_ALERTS")
    return False


def _received_warning(s: SSL, description: int) -> Step | int:
    if not _count_warning(s, description):
        return -1
    if description == AlertDescription.CLOSE_NOTIFY:
        s.shutdown |= Shutdown.RECEIVED
        return 0
    # From 0.9.8m: ``else if (alert_descr == SSL_AD_NO_RENEGOTIATION) { al = SSL_AD_HANDSHAKE_FAILURE; ...``.
    if (
        description == AlertDescription.NO_RENEGOTIATION
        and s.profile.read.no_renegotiation_alert is NoRenegotiationAlert.FATAL
    ):
        fail(s, AlertDescription.HANDSHAKE_FAILURE, READ_BYTES, "NO_RENEGOTIATION")
        return -1
    return Step.AGAIN
