"""The state machine from 1.1.0: statem.c, messages flowing out and in.

``flow`` is the outer machine (MSG_FLOW_*), ``hand_state`` where the handshake is.  Which message follows
which is in the tables of flow_client.py and flow_server.py; this file knows how a message is sent, read and
refused. TLS 1.3 is another pair of tables, in flow_client13.py and flow_server13.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import ErrorStyle, FatalAlert, ServerSetup
from emulator.constants import (
    AlertDescription,
    AlertLevel,
    InfoCallback,
)
from emulator.engine.drive import ssl_clear, ssl_free_wbio_buffer
from emulator.engine.early_data.state import WANTING_EARLY_DATA
from emulator.engine.failure import ssl3_send_alert
from emulator.engine.machine.common import clear_errors
from emulator.engine.machine.flow_reading import FlowReading
from emulator.engine.machine.flow_states import Flow, Hand, Progress, Sub
from emulator.handshake.common.messages import HandshakeFailure

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


class FlowMachine(FlowReading):
    """state_machine() and its writing half."""

    __slots__ = ()

    def __init__(self, s: SSL) -> None:
        super().__init__(s)
        self.clear()

    # -- the Machine protocol -----------------------------------------------------------------

    def clear(self) -> None:
        """ossl_statem_clear()."""
        self.flow = Flow.UNINITED
        self.hand_state = Hand.BEFORE
        self.sub = Sub.TRANSITION
        self.request_hello = False
        self.cleans_up = False
        self.first_read = False
        self.sending = False
        self.message_length = 0
        self.s.in_init = True

    def in_before(self) -> bool:
        """SSL_in_before()."""
        return self.hand_state is Hand.BEFORE and self.flow is Flow.UNINITED

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished()."""
        return not self.s.in_init and self.hand_state is Hand.OK

    def start_renegotiation(self) -> None:
        """ossl_statem_set_renegotiate()."""
        self.s.in_init = True
        if self.hello_request_in_flow:
            self.request_hello = True
        else:
            self.flow = Flow.RENEGOTIATE

    def unexpected_message(self) -> None:
        """A message arrived outside a handshake: back into init."""
        s = self.s
        if self.hello_request_in_flow:
            s.in_init = True
        elif self.is_init_finished():
            s.in_init = True
            s.renegotiate = 1
            s.new_session = 1

    def received_fatal_alert(self) -> None:
        """1.1.0k and later: the connection is over."""
        if self.s.profile.machine.fatal_alert is FatalAlert.ERROR_STATE:
            self.set_error()

    def application_data_allowed(self) -> bool:
        """ossl_statem_app_data_allowed()."""
        s = self.s
        if self.flow in (Flow.UNINITED, Flow.RENEGOTIATE):
            return False
        if not s.inp.in_read_app_data or not s.total_renegotiations:
            return False
        if s.server:
            return self.hand_state in (Hand.BEFORE, Hand.SR_CLNT_HELLO)
        return self.hand_state is Hand.CW_CLNT_HELLO

    def lacks_versions(self) -> bool:
        """tls_setup_handshake() from 3.0: without a version that is switched on neither side goes on."""
        s = self.s
        if s.config.versions or s.profile.machine.server_setup is not ServerSetup.CHECKED_BY_BOTH:
            return False
        self.fail_message("TLS_SETUP_HANDSHAKE", "NO_PROTOCOLS_AVAILABLE", AlertDescription.PROTOCOL_VERSION)
        return True

    # -- state_machine() ----------------------------------------------------------------------

    def handshake(self) -> int:
        """state_machine(): -1, and nothing at all, in the error state."""
        s = self.s
        if self.flow is Flow.ERROR:
            return -1
        clear_errors(s)
        s.in_handshake += 1
        if (not s.in_init or self.in_before()) and not ssl_clear(s):
            # in_handshake stays up: the next write believes to be inside the handshake and sends plaintext
            return -1
        if s.hs is not None:
            s.hs.wants_early_data = s.early_data_state in WANTING_EARLY_DATA
        try:
            ret = self._run()
        finally:  # a callback or a transport may raise
            s.in_handshake -= 1
        self.exit_notice(ret)
        return ret

    def _run(self) -> int:
        if self.flow in (Flow.UNINITED, Flow.FINISHED, Flow.RENEGOTIATE) and not self._initialise():
            return -1
        while self.flow is not Flow.FINISHED:
            writing = self.flow is Flow.WRITING
            try:
                progress = self._write() if writing else self._read()
            except HandshakeFailure as failure:
                return self._failed(failure)
            if progress is Progress.STOP:
                return -1
            if progress is Progress.END_HANDSHAKE:
                self.flow = Flow.FINISHED
            else:
                self.flow = Flow.READING if writing else Flow.WRITING
                self.sub = Sub.HEADER if writing else Sub.TRANSITION
        if not self.hello_request_in_flow:
            self.flow = Flow.UNINITED  # 1.1.0: the next handshake starts from the beginning
        return 1

    def _failed(self, failure: HandshakeFailure) -> int:
        """A message was refused."""
        s = self.s
        state_first = s.profile.machine.error_style is ErrorStyle.STATE
        if state_first:
            for function, reason in failure.entries:
                s.put_error(function, reason)
            already = self.in_error()
            self.set_error()
            if failure.alert is not None and not already:
                ssl3_send_alert(s, AlertLevel.FATAL, failure.alert)
        else:
            self.push_failure(failure)
            self.set_error()
        return -1

    def _initialise(self) -> bool:
        """The block that every handshake begins with."""
        s = self.s
        if self.flow is Flow.RENEGOTIATE:
            s.renegotiate = 1
        if self.flow is Flow.UNINITED:
            self.hand_state = Hand.BEFORE
            self.request_hello = False
        s.server = self.is_server
        if not s.is_tls13 or s.first_handshake or self.tells_every_message():
            s.notify(InfoCallback.HANDSHAKE_START, 1)
        s.init_msg = b""
        self.sending = False
        s.change_cipher_spec = False
        if s.out.bbio is None:
            self.push_buffer()
        if not self.set_up():
            return False
        self.flow = Flow.WRITING
        self.sub = Sub.TRANSITION
        return True

    is_server = False

    def tells_every_message(self) -> bool:
        """Whether messages after a handshake of TLS 1.3 look like handshakes to the info callback."""
        return False

    def set_up(self) -> bool:
        """What the side does once at the start of a handshake."""
        raise NotImplementedError

    def begin_messages(self) -> None:
        """tls_setup_handshake(): fresh hashes, fresh message logic."""
        s = self.s
        assert s.hs is not None
        s.hs.begin(renegotiating=s.renegotiating(), new_session=s.new_session != 0)

    # -- writing ------------------------------------------------------------------------------

    def _write(self) -> Progress:
        """write_state_machine()."""
        while True:
            if self.sub is Sub.TRANSITION:
                self.loop_notice()
                progress = self.write_transition()
                if progress is not Progress.CONTINUE:
                    return progress
                progress = self.pre_work()
                if progress is not Progress.CONTINUE:
                    return progress
                self.sub = Sub.SEND
            if self.sub is Sub.SEND:
                if self.send() <= 0:
                    return Progress.STOP
                self.sub = Sub.POST_WORK
            if not self.post_work():
                return Progress.STOP
            self.sub = Sub.TRANSITION

    def write_transition(self) -> Progress:
        """ossl_statem_*_write_transition(): the next message to send, if it is our turn."""
        raise NotImplementedError

    def pre_work(self) -> Progress:
        """ossl_statem_*_pre_work()."""
        raise NotImplementedError

    def send(self) -> int:
        """Make and send the message of ``hand_state``; 1, or <= 0."""
        raise NotImplementedError

    def post_work(self) -> bool:
        """ossl_statem_*_post_work(): False where it is blocked."""
        raise NotImplementedError

    def end_handshake(self) -> Progress:
        """tls_finish_handshake()."""
        s = self.s
        ssl_free_wbio_buffer(self.s)
        s.init_msg = b""
        s.in_init = False
        if self.completes_handshake():
            s.renegotiate = 0
            s.new_session = 0
            self.cleans_up = False
            assert s.hs is not None
            s.hs.finish()
            s.notify(InfoCallback.HANDSHAKE_DONE, 1)
        return Progress.END_HANDSHAKE

    def completes_handshake(self) -> bool:
        """Whether this is the end of a handshake, not just of a HelloRequest."""
        return self.cleans_up
