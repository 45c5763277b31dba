"""How SSL_shutdown() behaves: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about


@question("What does SSL_shutdown() return if its close_notify cannot be sent, or the peer's has not come?")
class UnfinishedShutdown(Behaviour):
    ZERO = "zero", "0"  # up to 0.9.8l
    MINUS_ONE = "minus-one", "-1, and SSL_get_error() says what to wait for"  # from 0.9.8m


@question("What does SSL_shutdown() do during a handshake?")
class ShutdownInInit(Behaviour):
    SUCCEEDS = "succeeds", "nothing, and returns 1"  # up to 1.0.2e
    PASSES_THROUGH = "passes-through", "the same as after the handshake: it sends close_notify"  # only 1.0.2f
    REFUSED = "refused", "returns -1 with SSL_R_SHUTDOWN_WHILE_IN_INIT"  # from 1.0.2g


@about("``[shutdown]``: ssl_lib.c SSL_shutdown(), s3_lib.c ssl3_shutdown().")
class ShutdownBehaviours(Section):
    unfinished: UnfinishedShutdown
    in_init: ShutdownInInit
