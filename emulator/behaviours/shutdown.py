"""How SSL_shutdown() behaves: the questions on which releases differ."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.section import Section


class UnfinishedShutdown(StrEnum):
    """What does SSL_shutdown() answer while its alert cannot leave, or the peer's has not come?"""

    ZERO = "zero"
    MINUS_ONE = "minus-one"


class ShutdownInInit(StrEnum):
    """What does SSL_shutdown() do during a handshake?"""

    SUCCEEDS = "succeeds"  # 1, nothing done
    PASSES_THROUGH = "passes-through"  # as if there were no handshake
    REFUSED = "refused"  # -1, SSL_R_SHUTDOWN_WHILE_IN_INIT


class ShutdownBehaviours(Section):
    """``[shutdown]``: ssl_lib.c SSL_shutdown(), s3_lib.c ssl3_shutdown()."""

    unfinished: UnfinishedShutdown
    in_init: ShutdownInInit
