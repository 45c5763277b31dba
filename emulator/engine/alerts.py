"""Which alert goes on the wire: ssl3_alert_code(), tls1_alert_code() and tls13_alert_code()."""

from __future__ import annotations

from enum import IntEnum

from emulator.constants import SSL3_VERSION, AlertDescription


class AlertDispatch(IntEnum):
    """``s->s3.alert_dispatch``: whether an alert is queued (to 3.1 just that)."""

    NONE = 0
    PENDING = 1
    RETRY = 2
    """Its record is made: it is the write that is unfinished."""


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
