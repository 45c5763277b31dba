"""Who acts by the rules of TLS 1.3 before that version is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.engine.early_data_state import BEFORE_A_VERSION
from emulator.handshake.tls13.facts import HelloRetry

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def awaits_second_hello(s: SSL) -> bool:
    """A HelloRetryRequest is on its way: ``s->hello_retry_request == SSL_HRR_PENDING``."""
    return s.hs is not None and s.hs.hello_retry is HelloRetry.PENDING


def treats_as_tls13(s: SSL) -> bool:
    """SSL_TREAT_AS_TLS13()."""
    return s.is_tls13 or s.early_data_state in BEFORE_A_VERSION or awaits_second_hello(s)
