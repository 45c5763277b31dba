"""Where a TLS 1.3 handshake stands, in the words of ``s->hello_retry_request`` and ``s->ext.early_data``."""

from __future__ import annotations

from enum import StrEnum


class Epoch(StrEnum):
    """Which secrets protect a record (``SSL3_CC_*``)."""

    EARLY = "early"
    HANDSHAKE = "handshake"
    APPLICATION = "application"


class HelloRetry(StrEnum):
    """Where a HelloRetryRequest stands (``s->hello_retry_request``)."""

    NONE = "none"
    PENDING = "pending"
    """It is to be sent, or the second ClientHello is."""
    COMPLETE = "complete"


class EarlyData(StrEnum):
    """What became of the early_data extension (``s->ext.early_data``, SSL_get_early_data_status(3))."""

    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
