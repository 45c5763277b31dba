"""``s->early_data_state``: where SSL_write_early_data() and SSL_read_early_data() are."""

from __future__ import annotations

from enum import IntEnum


class EarlyDataState(IntEnum):
    """``SSL_EARLY_DATA_*`` of ssl_local.h."""

    NONE = 0
    CONNECT_RETRY = 1
    CONNECTING = 2
    WRITE_RETRY = 3
    WRITING = 4
    WRITE_FLUSH = 5
    UNAUTH_WRITING = 6
    FINISHED_WRITING = 7
    ACCEPT_RETRY = 8
    ACCEPTING = 9
    READ_RETRY = 10
    READING = 11
    FINISHED_READING = 12


BEFORE_A_VERSION = frozenset(
    {
        EarlyDataState.CONNECTING,
        EarlyDataState.CONNECT_RETRY,
        EarlyDataState.WRITING,
        EarlyDataState.WRITE_RETRY,
    }
)
"""The states of a client that acts as if TLS 1.3 were chosen (SSL_TREAT_AS_TLS13())."""

WANTING_EARLY_DATA = frozenset({EarlyDataState.CONNECTING, EarlyDataState.ACCEPTING})
"""The states in which SSL_write_early_data() or SSL_read_early_data() drives the handshake."""
