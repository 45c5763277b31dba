"""The state of the message flow, and the functions that both sides share (``s->statem``, statem_lib.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import ErrorState, HelloRequestPlace, ServerSetup
from emulator.behaviours.tls13 import PostHandshakeNotices
from emulator.constants import AlertDescription, InfoCallback
from emulator.engine.clear import ssl_free_wbio_buffer
from emulator.engine.failure import fail
from emulator.engine.machine.flow.states import Flow, Hand, Progress, Sub
from emulator.engine.machine.messages import Messages

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL
    from emulator.handshake.tls12.state import Tls12


class Statem:
    """``s->statem``: ``flow`` is the outer machine (MSG_FLOW_*), ``hand_state`` where the handshake is."""

    __slots__ = (
        "cleans_up",
        "first_read",
        "flow",
        "hand_state",
        "messages",
        "request_hello",
        "s",
        "sub",
    )

    def __init__(self, s: SSL) -> None:
        self.s = s
        self.messages = Messages(s)
        self.clear()

    def clear(self) -> None:
        """ossl_statem_clear()."""
        self.messages.clear()
        self.flow = Flow.UNINITED
        self.hand_state = Hand.BEFORE
        self.sub = Sub.TRANSITION
        self.request_hello = False
        """``st->request_state == TLS_ST_SW_HELLO_REQ``: SSL_renegotiate() of a server."""
        self.cleans_up = False
        """``s->statem.cleanuphand``: a Finished has made this a whole handshake."""
        self.first_read = False
        """``st->read_state_first_init``: the next message may be in a record of any version."""
        self.s.in_init = True

    @property
    def hello_request_in_flow(self) -> bool:
        """Whether HelloRequest and unexpected ClientHellos are messages of this machine (from 1.1.1)."""
        # Up to 1.1.0 ssl3_read_bytes() itself answers a HelloRequest or starts a handshake.
        return self.s.profile.machine.hello_request_place is HelloRequestPlace.STATE_MACHINE

    def tells_every_message(self) -> bool:
        """Whether each ticket and KeyUpdate is a handshake to the info callback."""
        # From 1.1.1b: ``if (!SSL_IS_TLS13(s) || SSL_IS_FIRST_HANDSHAKE(s)) cb(s, ...HANDSHAKE_START, 1);``.
        rules = self.s.profile.tls13
        return rules is not None and rules.post_handshake_notices is PostHandshakeNotices.EACH_MESSAGE

    # -- errors -------------------------------------------------------------------------------

    def set_error(self) -> None:
        """ossl_statem_set_error(), and the part of ossl_statem_fatal() that is about the state."""
        self.flow = Flow.ERROR
        # ``s->statem.in_init = 1;`` from 1.1.0k.
        if self.s.profile.machine.error_state is ErrorState.IN_INIT:
            self.s.in_init = True

    def fail_message(
        self, function: str, reason: str, alert: AlertDescription = AlertDescription.UNEXPECTED_MESSAGE
    ) -> None:
        """Refuse a message that its own logic has nothing against."""
        fail(self.s, alert, function, reason)
        self.set_error()

    def lacks_versions(self) -> bool:
        """tls_setup_handshake() from 3.0: SSL_R_NO_PROTOCOLS_AVAILABLE if no version is enabled."""
        s = self.s
        if s.config.versions or s.profile.machine.server_setup is not ServerSetup.CHECKED_BY_BOTH:
            return False
        self.fail_message("TLS_SETUP_HANDSHAKE", "NO_PROTOCOLS_AVAILABLE", AlertDescription.PROTOCOL_VERSION)
        return True

    # -- Finished, and the end ----------------------------------------------------------------

    def process_finished(self, tls12: Tls12) -> None:
        """tls_process_finished()."""
        self.s.change_cipher_spec = False
        tls12.process_finished(self.messages.body())
        self.messages.accept()
        self.cleans_up = True

    def end_handshake(self, *, complete: bool) -> Progress:
        """tls_finish_handshake(); ``complete``: this ends a handshake, not just a HelloRequest."""
        s = self.s
        ssl_free_wbio_buffer(s)
        self.messages.buffer = b""
        s.in_init = False
        if complete:
            self.forget_handshake()
            s.notify(InfoCallback.HANDSHAKE_DONE, 1)
        return Progress.END_HANDSHAKE

    def forget_handshake(self) -> None:
        """``if (s->statem.cleanuphand)`` of tls_finish_handshake()."""
        s = self.s
        s.renegotiate = 0
        s.new_session = 0
        self.cleans_up = False
        s.hs.finish()
