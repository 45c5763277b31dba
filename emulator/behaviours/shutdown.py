"""How SSL_shutdown() behaves: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about


@question("What does SSL_shutdown() return as long as its alert cannot be sent, or the peer's has not come?")
class UnfinishedShutdown(Behaviour):
    ZERO = "zero"
    MINUS_ONE = "minus-one"


@question("What does SSL_shutdown() do during a handshake?")
class ShutdownInInit(Behaviour):
    SUCCEEDS = "succeeds", "1, nothing done"
    PASSES_THROUGH = "passes-through", "as if there were no handshake"
    REFUSED = "refused", "-1, SSL_R_SHUTDOWN_WHILE_IN_INIT"


@about("``[shutdown]``: ssl_lib.c SSL_shutdown(), s3_lib.c ssl3_shutdown().")
class ShutdownBehaviours(Section):
    unfinished: UnfinishedShutdown
    in_init: ShutdownInInit
