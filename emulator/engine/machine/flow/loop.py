"""state_machine(): messages flow out and in, until the handshake is done or blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import ErrorStyle
from emulator.constants import AlertLevel, InfoCallback
from emulator.engine.clear import ssl_clear
from emulator.engine.early_data.state import WANTING_EARLY_DATA
from emulator.engine.failure import ssl3_send_alert
from emulator.engine.machine.flow.common import Statem
from emulator.engine.machine.flow.reading import change_read_cipher, read_messages, rules_of
from emulator.engine.machine.flow.states import Flow, Hand, Progress, Sub
from emulator.engine.machine.messages import clear_errors, exit_notice, loop_notice, push_failure
from emulator.engine.ssl import Machine
from emulator.handshake.common.messages import HandshakeFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.machine.flow.rules import Side
    from emulator.engine.ssl import SSL


class FlowMachine(Machine):
    """state_machine() at work on one connection, by the rules of its side."""

    __slots__ = ("_make_side", "s", "side", "st")

    def __init__(self, s: SSL, make_side: Callable[[Statem], Side]) -> None:
        self.s = s
        self.st = Statem(s)
        self._make_side = make_side
        self.clear()

    # -- the Machine protocol -----------------------------------------------------------------

    def clear(self) -> None:
        """ossl_statem_clear(); of the messages only the session stays."""
        self.st.clear()
        self.side = self._make_side(self.st)
        self.s.take_messages(self.side.hs)

    def in_before(self) -> bool:
        """SSL_in_before()."""
        return self.st.hand_state is Hand.BEFORE and self.st.flow is Flow.UNINITED

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished()."""
        return not self.s.in_init and self.st.hand_state is Hand.OK

    def set_error(self) -> None:
        """ossl_statem_set_error()."""
        self.st.set_error()

    def in_error(self) -> bool:
        """ossl_statem_in_error()."""
        return self.st.flow is Flow.ERROR

    def start_renegotiation(self) -> None:
        """ossl_statem_set_renegotiate()."""
        self.s.in_init = True
        if self.st.hello_request_in_flow:
            self.st.request_hello = True
        else:
            self.st.flow = Flow.RENEGOTIATE

    def unexpected_message(self) -> None:
        """A message arrived outside a handshake: back into init."""
        s = self.s
        if self.st.hello_request_in_flow:
            s.in_init = True
        elif self.is_init_finished():
            s.in_init = True
            s.renegotiate = 1
            s.new_session = 1

    def application_data_allowed(self) -> bool:
        """ossl_statem_app_data_allowed()."""
        s, st = self.s, self.st
        if st.flow in (Flow.UNINITED, Flow.RENEGOTIATE):
            return False
        if not s.inp.in_read_app_data or not s.total_renegotiations:
            return False
        if s.server:
            return st.hand_state in (Hand.BEFORE, Hand.SR_CLNT_HELLO)
        return st.hand_state is Hand.CW_CLNT_HELLO

    def change_read_cipher(self) -> bool:
        """ssl3_do_change_cipher_spec()."""
        return change_read_cipher(self.st, self.side)

    def check_finish_init(self, *, sending: bool | None) -> None:
        """ossl_statem_check_finish_init()."""
        self.side.tls13.check_finish_init(sending=sending)

    def skips_early_data(self) -> bool:
        """ossl_statem_skip_early_data()."""
        return self.side.tls13.skips_early_data()

    # -- state_machine() ----------------------------------------------------------------------

    def handshake(self) -> int:
        """state_machine(): -1, and nothing at all, in the error state."""
        s = self.s
        if self.in_error():
            return -1
        clear_errors(s)
        s.in_handshake += 1
        if (not s.in_init or self.in_before()) and not ssl_clear(s):
            # ``if (!SSL_clear(s)) return -1;``: in_handshake stays up, so the next write skips the handshake
            return -1
        s.hs.wants_early_data = s.early_data_state in WANTING_EARLY_DATA
        try:
            ret = self._run()
        finally:  # a callback or a transport may raise
            s.in_handshake -= 1
        exit_notice(s, ret)
        return ret

    def _run(self) -> int:
        st = self.st
        if st.flow in (Flow.UNINITED, Flow.FINISHED, Flow.RENEGOTIATE) and not self._initialise():
            return -1
        while st.flow is not Flow.FINISHED:
            writing = st.flow is Flow.WRITING
            try:
                progress = self._write_messages() if writing else read_messages(st, self.side)
            except HandshakeFailure as failure:
                return self._failed(failure)
            if progress is Progress.STOP:
                return -1
            if progress is Progress.END_HANDSHAKE:
                st.flow = Flow.FINISHED
            else:
                st.flow = Flow.READING if writing else Flow.WRITING
                st.sub = Sub.HEADER if writing else Sub.TRANSITION
        if not st.hello_request_in_flow:
            st.flow = Flow.UNINITED  # 1.1.0: the next handshake starts from the beginning
        return 1

    def _failed(self, failure: HandshakeFailure) -> int:
        """A message was refused."""
        s = self.s
        if s.profile.machine.error_style is not ErrorStyle.STATE:
            push_failure(s, failure)
            self.set_error()
            return -1
        for function, reason in failure.entries:
            s.put_error(function, reason)
        already = self.in_error()
        self.set_error()
        if failure.alert is not None and not already:
            ssl3_send_alert(s, AlertLevel.FATAL, failure.alert)
        return -1

    def _initialise(self) -> bool:
        """The block that every handshake begins with."""
        s, st = self.s, self.st
        if st.flow is Flow.RENEGOTIATE:
            s.renegotiate = 1
        if st.flow is Flow.UNINITED:
            st.hand_state = Hand.BEFORE
            st.request_hello = False
        s.server = self.side.is_server
        if not s.is_tls13 or s.first_handshake or st.tells_every_message():
            s.notify(InfoCallback.HANDSHAKE_START, 1)
        st.messages.buffer = b""
        st.messages.sending = False
        s.change_cipher_spec = False
        if s.out.bbio is None:
            st.messages.push_buffer()
        if not self.side.set_up():
            return False
        st.flow = Flow.WRITING
        st.sub = Sub.TRANSITION
        return True

    def _write_messages(self) -> Progress:
        """write_state_machine()."""
        st = self.st
        while True:
            rules = rules_of(st, self.side)
            if st.sub is Sub.TRANSITION:
                loop_notice(self.s)
                progress = rules.write_transition()
                if progress is not Progress.CONTINUE:
                    return progress
                progress = rules.pre_work()
                if progress is not Progress.CONTINUE:
                    return progress
                st.sub = Sub.SEND
            if st.sub is Sub.SEND:
                if rules.send() <= 0:
                    return Progress.STOP
                st.sub = Sub.POST_WORK
            if not rules.post_work():
                return Progress.STOP
            st.sub = Sub.TRANSITION
