"""The manual's word where it differs from the code: SSL_write() on a blocking BIO during renegotiation.

The pages of 0.9.6a to 1.1.0 say that a blocking write may return WANT_READ when a renegotiation takes place,
unless SSL_MODE_AUTO_RETRY is set; the code has no such path (SSL_write(3), SSL_CTX_set_mode(3); s3_pkt.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.meta import BlockingEarlyReturn

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def blocking_early_return(s: SSL) -> tuple[int | None, str] | None:
    """What the page makes of this write: an answer (or None: go on), and the promise; None: nothing."""
    if s.profile.manual.blocking_early_return is BlockingEarlyReturn.NEVER:
        return None
    return None
