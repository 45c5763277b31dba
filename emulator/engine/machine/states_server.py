"""ssl3_accept(): a server's states to 1.0.2."""

from __future__ import annotations

from typing import ClassVar

from emulator.behaviours.machine import RenegotiationMark, SecondClientHello, ServerBuffering
from emulator.behaviours.renegotiation import UnpatchedPeer
from emulator.constants import AlertDescription, HandshakeType, Option
from emulator.engine.failure import fail
from emulator.engine.machine.states import DONE, State, StatesMachine, Step
from emulator.handshake.server import ServerHandshake

_HELLO_TAKEN = 2
"""``s->renegotiate`` (to 1.0.0 ``s->new_session``) once a ClientHello was accepted."""


class ServerStates(StatesMachine):
    """A server's machine."""

    __slots__ = ()

    unknown_state_function = "SSL3_ACCEPT"

    @property
    def hs(self) -> ServerHandshake:
        """The logic of a server's messages."""
        assert isinstance(self.s.hs, ServerHandshake)
        return self.s.hs

    def application_data_allowed(self) -> bool:
        """ssl3_read_bytes(): before the ServerHello, if SSL_read() renegotiates."""
        s = self.s
        early = self.state is State.SR_CLNT_HELLO or (self.state is State.SW_HELLO_REQ and not self.sending)
        return s.inp.in_read_app_data != 0 and s.total_renegotiations != 0 and early

    # -- how it starts ------------------------------------------------------------------------

    def _start(self) -> int:
        s = self.s
        renegotiate = self.state is State.RENEGOTIATE
        if renegotiate:
            self.mark_own_renegotiation()
        s.server = True
        self.begin()
        if not renegotiate:
            self.reset_buffer(push=True)
            self.begin_messages()
            self.enter(State.SR_CLNT_HELLO)
            return 1
        if s.profile.machine.hello_request_buffering is ServerBuffering.YES:
            self.reset_buffer(push=True)
        if self._refuses_peer():
            fail(
                s,
                AlertDescription.HANDSHAKE_FAILURE,
                "SSL3_ACCEPT",
                "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
            )
            self.lose_state()
            return -1
        self.enter(State.SW_HELLO_REQ)
        return 1

    def _refuses_peer(self) -> bool:
        s = self.s
        return (
            s.profile.renegotiation.unpatched_peer is UnpatchedPeer.REFUSED
            and not self.hs.peer_secure_renegotiation
            and not s.options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        )

    def _hello_request(self) -> int:
        s = self.s
        s.shutdown = 0
        ret = self.send_message(self.hs.construct_hello_request, hashed=False)
        if ret > 0:
            self.next_state = State.SW_HELLO_REQ_C
            self.enter(State.FLUSH)
            self.begin_messages()
        return ret

    # -- the client's first flight, and the answer --------------------------------------------

    def _client_hello(self) -> int:
        s = self.s
        s.shutdown = 0
        if not self.take_sslv2_hello():
            s.inp.first_packet = True
            ret = self.get_message(HandshakeType.CLIENT_HELLO, "client_hello")
            if ret <= 0:
                return ret
            s.inp.first_packet = False
            self.process(self.hs.process_client_hello)
        s.version = self.hs.version
        if s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE:
            s.renegotiate = _HELLO_TAKEN
        else:
            s.new_session = _HELLO_TAKEN
        self.enter(State.SW_SRVR_HELLO)
        return 1

    def take_sslv2_hello(self) -> bool:
        """Whether the hello was taken in SSLv2's format: only a generic method knows it."""
        return False

    def _server_hello(self) -> int:
        ret = self.send_message(self.hs.construct_server_hello)
        if ret <= 0:
            return ret
        if not self.hs.hit:
            self.enter(State.SW_CERT)
        elif self.hs.ticket_expected:
            self.enter(State.SW_SESSION_TICKET)
        else:
            self.enter(State.SW_CHANGE)
        return 1

    def _certificate(self) -> int:
        if self.hs.tls12.certificate_expected:
            ret = self.send_message(self.hs.tls12.construct_certificate)
            if ret <= 0:
                return ret
        else:
            self.pass_over()
        self.enter(State.SW_KEY_EXCH)
        return 1

    def _key_exchange(self) -> int:
        if self.hs.tls12.key_exchange_expected:
            ret = self.send_message(self.hs.tls12.construct_server_key_exchange)
            if ret <= 0:
                return ret
        else:
            self.pass_over()
        self.enter(State.SW_CERT_REQ)
        return 1

    def _certificate_request(self) -> int:
        if self.hs.certificate_requested:
            ret = self.send_message(self.hs.tls12.construct_certificate_request)
            if ret <= 0:
                return ret
        else:
            self.pass_over()
        self.enter(State.SW_SRVR_DONE)
        return 1

    def _server_done(self) -> int:
        ret = self.send_message(self.hs.tls12.construct_server_hello_done)
        if ret > 0:
            self.next_state = State.SR_CERT
            self.enter(State.FLUSH)
        return ret

    # -- the client's second flight -----------------------------------------------------------

    def _client_certificate(self) -> int:
        """The client's Certificate, or whatever comes in its place; perhaps a ClientHello (MS SGC)."""
        s = self.s
        rule = s.profile.machine.second_client_hello
        if rule is not SecondClientHello.REFUSED:
            ret = self.peek_message("certificate")
            if ret <= 0:
                return ret
            if s.message_type == HandshakeType.CLIENT_HELLO:
                return self._start_over(rule)
            if not self.hs.certificate_requested:
                self.leave_message()
                self.enter(State.SR_KEY_EXCH)
                return 1
        elif not self.hs.certificate_requested:
            self.enter(State.SR_KEY_EXCH)
            return 1
        else:
            ret = self.peek_message("certificate")
            if ret <= 0:
                return ret
        return self._take_client_certificate()

    def _start_over(self, rule: SecondClientHello) -> int:
        if self.restarted and rule is SecondClientHello.RESTARTS_ONCE:
            self.leave_message()
            self.s.put_error("SSL3_CHECK_CLIENT_HELLO", "MULTIPLE_SGC_RESTARTS")
            return -1
        self.restarted = True
        self.begin_messages()
        self.leave_message()
        self.enter(State.SR_CLNT_HELLO)
        return 1

    def _take_client_certificate(self) -> int:
        kind = self.s.message_type
        if kind == HandshakeType.CERTIFICATE:
            self.process(self.hs.tls12.process_certificate)
        elif kind == HandshakeType.CLIENT_KEY_EXCHANGE:
            self.hs.tls12.skip_client_certificate()
            self.leave_message()
        else:
            fail(
                self.s,
                AlertDescription.UNEXPECTED_MESSAGE,
                "SSL3_GET_CLIENT_CERTIFICATE",
                "WRONG_MESSAGE_TYPE",
            )
            self.lose_state()
            return -1
        self.enter(State.SR_KEY_EXCH)
        return 1

    def _client_key_exchange(self) -> int:
        ret = self.read_message(HandshakeType.CLIENT_KEY_EXCHANGE, self.hs.tls12.process_client_key_exchange)
        if ret > 0:
            self.enter(State.SR_CERT_VRFY)
        return ret

    def _certificate_verify(self) -> int:
        s = self.s
        if not s.change_cipher_spec:
            s.ccs_ok = True
        ret = self.peek_message("certificate_verify")
        if ret <= 0:
            return ret
        if s.message_type == HandshakeType.CERTIFICATE_VERIFY:
            self.process(self.hs.tls12.process_certificate_verify)
        else:
            if self.hs.tls12.expects_certificate_verify:
                fail(s, AlertDescription.UNEXPECTED_MESSAGE, "SSL3_GET_CERT_VERIFY", "MISSING_VERIFY_MESSAGE")
                self.lose_state()
                return -1
            self.leave_message()
        self.enter(State.SR_FINISHED)
        return 1

    def _finished(self) -> int:
        ret = self.read_finished()
        if ret <= 0:
            return ret
        if self.hs.hit:
            self.enter(State.OK)
        elif self.hs.ticket_expected:
            self.enter(State.SW_SESSION_TICKET)
        else:
            self.enter(State.SW_CHANGE)
        return 1

    # -- the end ------------------------------------------------------------------------------

    def _session_ticket(self) -> int:
        ret = self.send_message(self.hs.tls12.construct_new_session_ticket)
        if ret > 0:
            self.enter(State.SW_CHANGE)
        return ret

    def _change(self) -> int:
        ret = self.send_change_cipher_spec()
        if ret > 0:
            self.change_write_cipher()
            self.enter(State.SW_FINISHED)
        return ret

    def _send_finished(self) -> int:
        ret = self.send_message(self.hs.tls12.construct_finished)
        if ret > 0:
            self.next_state = State.SR_FINISHED if self.hs.hit else State.OK
            self.enter(State.FLUSH)
        return ret

    def _ok(self) -> int:
        s = self.s
        self.finish()
        marked = s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE
        if (s.renegotiate if marked else s.new_session) == _HELLO_TAKEN:
            self.complete()
        return DONE

    steps: ClassVar[dict[State, Step]] = {
        State.BEFORE: _start,
        State.START: _start,
        State.RENEGOTIATE: _start,
        State.SW_HELLO_REQ: _hello_request,
        State.SW_HELLO_REQ_C: StatesMachine.after_hello_request,
        State.SR_CLNT_HELLO: _client_hello,
        State.SW_SRVR_HELLO: _server_hello,
        State.SW_CERT: _certificate,
        State.SW_KEY_EXCH: _key_exchange,
        State.SW_CERT_REQ: _certificate_request,
        State.SW_SRVR_DONE: _server_done,
        State.SR_CERT: _client_certificate,
        State.SR_KEY_EXCH: _client_key_exchange,
        State.SR_CERT_VRFY: _certificate_verify,
        State.SR_FINISHED: _finished,
        State.SW_SESSION_TICKET: _session_ticket,
        State.SW_CHANGE: _change,
        State.SW_FINISHED: _send_finished,
        State.FLUSH: StatesMachine.flush_step,
        State.OK: _ok,
    }
