"""What a failure leaves behind: entries of the error queue, a fatal alert, a lost session, a lost state.

An alert that cannot leave at once is queued here; sending/record.py and sending/record_layer.py send it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import AlertAfterClose, ErrorStyle, FatalAlert, FatalAlertSession
from emulator.behaviours.read import RefusedRecordEntries
from emulator.behaviours.write import AfterBadRetry
from emulator.buffer import Buffer
from emulator.constants import SSL3_VERSION, AlertDescription, AlertLevel, Shutdown, Want
from emulator.engine.sending.state import AlertDispatch
from emulator.exceptions import SimulatedCrash

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def fail(s: SSL, alert: AlertDescription | None, function: str, reason: str | int) -> None:
    """A fatal error of the library: an entry, the fatal alert (None: no alert), and what state is left.

    To 1.1.0 this is SSLerr() and ``goto f_err``; from 1.1.1 SSLfatal(), which speaks only once.
    """
    s.put_error(function, reason)
    if s.profile.machine.error_style is ErrorStyle.STATE:
        machine = s.running()
        if s.in_init and machine.in_error():
            return
        machine.set_error()
    if alert is not None:
        ssl3_send_alert(s, AlertLevel.FATAL, alert)


def refuse_record(s: SSL, alert: AlertDescription | None, function: str, reason: str | int) -> None:
    """A record that cannot be taken: fail(), or from 3.2 RLAYERfatal() and what is made of it.

    There the record layer keeps the alert, and ossl_tls_handle_rlayer_return() makes a fatal error of it;
    without an alert the connection goes on.
    """
    if s.profile.read.refused_record_entries is RefusedRecordEntries.REASON:
        fail(s, alert, function, reason)
        return
    s.put_error(function, reason)
    s.rwstate = Want.NOTHING
    s.inp.read_alert = alert
    if alert is not None:
        fail(s, alert, "OSSL_TLS_HANDLE_RLAYER_RETURN", "RECORD_LAYER_FAILURE")


def refuse_write(s: SSL, function: str, reason: str) -> int:
    """A retry that is refused: an entry, and to some releases the end of the connection."""
    if s.profile.write.after_bad_retry is AfterBadRetry.FATAL:
        fail(s, AlertDescription.INTERNAL_ERROR, function, reason)
    else:
        s.put_error(function, reason)
    return -1


def undefined_function(s: SSL) -> None:
    """ssl_undefined_function(): a method has no such function."""
    s.put_error("SSL_UNDEFINED_FUNCTION", "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED")


def crash(s: SSL, signal: str, behaviour: str) -> SimulatedCrash:
    """The death of the process; kept on both ends of the connection, whose later calls raise it again."""
    death = s.crash = SimulatedCrash(signal, behaviour, s.out.over_read)
    if s.peer is not None:
        s.peer.crash = death
    return death


# -- alerts -------------------------------------------------------------------------------------


def ssl3_send_alert(s: SSL, level: AlertLevel, description: int) -> int:
    """ssl3_send_alert(): queue an alert, and send it unless a record is in the way."""
    out = s.out
    if out.writer.is_undefined:
        undefined_function(s)  # ``s->method->ssl3_enc->alert_value()``, which answers 0
        code: int | None = 0
    else:
        code = alert_code(s.version, description, method=_method_version(s), tls13=s.treats_as_tls13())
    if code is None:
        return -1
    if _closed(s) and code != AlertDescription.CLOSE_NOTIFY:
        return -1
    if level is AlertLevel.FATAL:
        _give_up(s)
    out.alert_dispatch = AlertDispatch.PENDING
    out.send_alert = (int(level), code)
    if out.alert_buffer is None:
        out.alert_buffer = Buffer(2)  # ``s->s3->send_alert``: one address for every alert of a connection
    out.alert_buffer.memory[:] = bytes(out.send_alert)
    return -1 if out.record_pending() else s.dispatch_alert(s)


def _method_version(s: SSL) -> int:
    """The version of ``s->method``: what was set or negotiated, whatever a record has claimed since."""
    return s.fixed_version or s.hs.version or s.version


def _closed(s: SSL) -> bool:
    suppressed = s.profile.machine.alert_after_close is AlertAfterClose.SUPPRESSED
    return suppressed and s.shutdown & Shutdown.SENT != 0


def _give_up(s: SSL) -> None:
    """A fatal alert makes the session worthless; some releases give up the connection, too."""
    remove_session(s)
    if s.profile.machine.fatal_alert is FatalAlert.ERROR_STATE and s.machine is not None:
        s.machine.set_error()


def remove_session(s: SSL) -> None:
    """SSL_CTX_remove_session() of the connection's session."""
    cache, session = s.config.session_cache, s.hs.session
    if cache is None or session is None:
        return
    every = s.profile.machine.fatal_alert_session is FatalAlertSession.EVERY
    if every or cache.get(session.session_id) is session:
        cache.remove(session)


# -- which alert goes on the wire ----------------------------------------------------------------


_KEPT_BY_SSL3 = frozenset(
    {
        AlertDescription.CLOSE_NOTIFY,
        AlertDescription.UNEXPECTED_MESSAGE,
        AlertDescription.BAD_RECORD_MAC,
        AlertDescription.DECOMPRESSION_FAILURE,
        AlertDescription.HANDSHAKE_FAILURE,
        AlertDescription.NO_CERTIFICATE,
        AlertDescription.BAD_CERTIFICATE,
        AlertDescription.UNSUPPORTED_CERTIFICATE,
        AlertDescription.CERTIFICATE_REVOKED,
        AlertDescription.CERTIFICATE_EXPIRED,
        AlertDescription.CERTIFICATE_UNKNOWN,
        AlertDescription.ILLEGAL_PARAMETER,
        AlertDescription.UNKNOWN_PSK_IDENTITY,
        AlertDescription.INAPPROPRIATE_FALLBACK,
        AlertDescription.NO_APPLICATION_PROTOCOL,
    },
)
_SSL3_CODES: dict[int, int] = {
    AlertDescription.DECRYPTION_FAILED: AlertDescription.BAD_RECORD_MAC,
    AlertDescription.RECORD_OVERFLOW: AlertDescription.BAD_RECORD_MAC,
    AlertDescription.UNKNOWN_CA: AlertDescription.BAD_CERTIFICATE,
}
_TLS_CODES: dict[int, int] = {
    AlertDescription.CERTIFICATE_REQUIRED: AlertDescription.HANDSHAKE_FAILURE,
    AlertDescription.MISSING_EXTENSION: AlertDescription.HANDSHAKE_FAILURE,
}


def alert_code(version: int, description: int, *, method: int, tls13: bool = False) -> int | None:
    """What goes on the wire for an alert of a connection of ``version``; None: nothing is sent.

    ``method`` is the version whose table is used: not that of a foreign record which the connection adopted.
    ``tls13``: it acts by the rules of TLS 1.3, chosen or not, which has two alerts more.
    """
    code = _code_of_method(method, description, tls13=tls13)
    if version == SSL3_VERSION and code == AlertDescription.PROTOCOL_VERSION:
        return AlertDescription.HANDSHAKE_FAILURE
    return code


def _code_of_method(method: int, description: int, *, tls13: bool) -> int | None:
    """``s->method->ssl3_enc->alert_value``."""
    if tls13 and description in _TLS_CODES:
        return description
    if method != SSL3_VERSION:
        if description == AlertDescription.NO_CERTIFICATE:
            return None
        return _TLS_CODES.get(description, description)
    if description == AlertDescription.NO_RENEGOTIATION:
        return None
    if description in _KEPT_BY_SSL3:
        return description
    return _SSL3_CODES.get(description, AlertDescription.HANDSHAKE_FAILURE)
