"""The effects of a failure: an entry in the error queue, a fatal alert, the loss of session and state.

Alerts are queued here.  sending/record.py and sending/record_layer.py write them as records.
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
    """A fatal error: an entry in the queue, the machine's error state, and an alert (None: no alert)."""
    s.put_error(function, reason)
    # Up to 1.1.0: SSLerr() and ``goto f_err``.  From 1.1.1: SSLfatal(), which does nothing more if
    # ``s->statem.in_init && s->statem.state == MSG_FLOW_ERROR``.
    if s.profile.machine.error_style is ErrorStyle.STATE:
        machine = s.running()
        if s.in_init and machine.in_error():
            return
        machine.set_error()
    if alert is not None:
        ssl3_send_alert(s, AlertLevel.FATAL, alert)


def refuse_record(s: SSL, alert: AlertDescription | None, function: str, reason: str | int) -> None:
    """Refuse a record that was received; without an alert the connection goes on from 3.2."""
    # From 3.2 RLAYERfatal() stores ``rl->alert``, and ossl_tls_handle_rlayer_return() raises a second, fatal
    # error if ``rl->alert != SSL_AD_NO_ALERT``.
    if s.profile.read.refused_record_entries is RefusedRecordEntries.REASON:
        fail(s, alert, function, reason)
        return
    s.put_error(function, reason)
    s.rwstate = Want.NOTHING
    s.inp.read_alert = alert
    if alert is not None:
        fail(s, alert, "OSSL_TLS_HANDLE_RLAYER_RETURN", "RECORD_LAYER_FAILURE")


def refuse_write(s: SSL, function: str, reason: str) -> int:
    """Refuse a write: an error that the caller may recover from, or the end of the connection; -1."""
    # ``SSLerr(...); return -1;`` up to 1.1.0, SSLfatal() from 1.1.1.
    if s.profile.write.after_bad_retry is AfterBadRetry.FATAL:
        fail(s, AlertDescription.INTERNAL_ERROR, function, reason)
    else:
        s.put_error(function, reason)
    return -1


def undefined_function(s: SSL) -> None:
    """ssl_undefined_function(): a method has no such function."""
    s.put_error("SSL_UNDEFINED_FUNCTION", "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED")


def crash(s: SSL, signal: str, behaviour: str) -> SimulatedCrash:
    """The death of the process, to be raised; later calls on both ends of the connection raise it again."""
    death = s.crash = SimulatedCrash(signal, behaviour, s.out.over_read)
    if s.peer is not None:
        s.peer.crash = death
    return death


# -- alerts -------------------------------------------------------------------------------------


def check_session(s: SSL) -> None:
    """Raise the crash of a peer's message that needs the session that SSL_set_session(NULL) has taken."""
    if s.session_lost:
        raise crash(s, "SIGSEGV", "SSL_set_session(NULL) took the session of a handshake under way")


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
    """The version of ``s->method``: set or negotiated, whatever version a record has claimed since."""
    return s.fixed_version or s.hs.version or s.version


def _closed(s: SSL) -> bool:
    """``if (s->shutdown & SSL_SENT_SHUTDOWN && desc != SSL_AD_CLOSE_NOTIFY) return -1;``, from 1.1.1l."""
    suppressed = s.profile.machine.alert_after_close is AlertAfterClose.SUPPRESSED
    return suppressed and s.shutdown & Shutdown.SENT != 0


def _give_up(s: SSL) -> None:
    """A fatal alert makes the session worthless."""
    remove_session(s)
    # ``s->state = SSL_ST_ERR`` from 1.0.2r, ossl_statem_set_error() from 1.1.0k, neither in 1.1.1.
    if s.profile.machine.fatal_alert is FatalAlert.ERROR_STATE and s.machine is not None:
        s.machine.set_error()


def remove_session(s: SSL) -> None:
    """SSL_CTX_remove_session() of the connection's session."""
    cache, session = s.config.session_cache, s.hs.session
    if cache is None or session is None:
        return
    # remove_session_lock() spoils ``r``, the session found in the cache, up to 1.0.2; from 1.1.0 ``c``, the
    # connection's own (``c->not_resumable = 1``), in the cache or not.
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
    """The description that an alert of a connection of ``version`` has on the wire; None: it is not sent.

    ``method`` is the version whose table counts, even if the connection has adopted that of a foreign record.
    ``tls13``: SSL_TREAT_AS_TLS13(); TLS 1.3 has two alerts more.
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
