"""ssl3_connect(): a client's states to 1.0.2."""

from __future__ import annotations

from typing import ClassVar

from emulator.behaviours.faults import Fault
from emulator.constants import AlertDescription, AlertLevel, HandshakeType
from emulator.engine.failure import fail, ssl3_send_alert
from emulator.engine.machine.states import DONE, State, StatesMachine, Step
from emulator.error_queue import current
from emulator.handshake.client import ClientHandshake


class ClientStates(StatesMachine):
    """A client's machine."""

    __slots__ = ()

    unknown_state_function = "SSL3_CONNECT"

    @property
    def hs(self) -> ClientHandshake:
        """The logic of a client's messages."""
        assert isinstance(self.s.hs, ClientHandshake)
        return self.s.hs

    def application_data_allowed(self) -> bool:
        """ssl3_read_bytes(): until the ServerHello begins, if SSL_read() renegotiates."""
        s = self.s
        early = self.state is State.CW_CLNT_HELLO or (self.state is State.CR_SRVR_HELLO and not self.body)
        return s.inp.in_read_app_data != 0 and s.total_renegotiations != 0 and early

    # -- the flight that opens ----------------------------------------------------------------

    def _start(self) -> int:
        if self.state is State.RENEGOTIATE:
            self.mark_own_renegotiation()
        self.s.server = False
        self.begin()
        self.reset_buffer(push=False)
        self.begin_messages()
        self.enter(State.CW_CLNT_HELLO)
        return 1

    def _client_hello(self) -> int:
        s = self.s
        s.shutdown = 0
        first = not self.sending
        if first:
            message = self.hs.construct_client_hello()
            if not self.hs.renegotiating:  # a version that was taken over from a refused record stays
                s.out.hello_version = self.hs.hello_record_version
                s.version = self.hs.version or s.version
            ret = self.send_message(lambda: message)
        else:
            ret = self.send_message(lambda: b"")
        if ret <= 0:
            return ret
        s.out.hello_version = 0
        self.enter(State.CR_SRVR_HELLO)
        self.push_buffer()
        return 1

    def _server_hello(self) -> int:
        ret = self._read_server_hello()
        if ret <= 0:
            return ret
        self.s.version = self.hs.version
        if not self.hs.hit:
            self.enter(State.CR_CERT)
        elif self.hs.ticket_expected:
            self.enter(State.CR_SESSION_TICKET)
        else:
            self.enter(State.CR_FINISHED)
        return 1

    def _read_server_hello(self) -> int:
        """Since DTLS came, with 0.9.8, any message is read, and then looked at."""
        if not self.hs.checks(Fault.SERVER_HELLO_TYPE):
            return self.read_message(HandshakeType.SERVER_HELLO, self.hs.process_server_hello)
        ret = self.peek_message("server_hello")
        if ret <= 0:
            return ret
        if self.s.message_type != HandshakeType.SERVER_HELLO:
            self.hs.refuse(Fault.SERVER_HELLO_TYPE)
        self.process(self.hs.process_server_hello)
        return 1

    # -- the server's first flight ------------------------------------------------------------

    def _certificate(self) -> int:
        if self.hs.tls12.certificate_expected:
            ret = self.read_message(HandshakeType.CERTIFICATE, self.hs.tls12.process_certificate)
            if ret <= 0:
                return ret
            current().clear()  # ssl3_get_server_certificate() forgets what verification had to say
        else:
            self.pass_over()
        self.enter(State.CR_CERT_STATUS if self.hs.status_expected else State.CR_KEY_EXCH)
        return 1

    def _certificate_status(self) -> int:
        ret = self.read_message(HandshakeType.CERTIFICATE_STATUS, self.hs.tls12.process_certificate_status)
        if ret > 0:
            self.enter(State.CR_KEY_EXCH)
        return ret

    def _key_exchange(self) -> int:
        ret = self.peek_message("server_key_exchange")
        if ret <= 0:
            return ret
        if self.s.message_type == HandshakeType.SERVER_KEY_EXCHANGE:
            self.process(self.hs.tls12.process_server_key_exchange)
        else:
            self.hs.tls12.skip_server_key_exchange()
            self.leave_message()
        self.enter(State.CR_CERT_REQ)
        return 1

    def _certificate_request(self) -> int:
        ret = self.peek_message("certificate_request")
        if ret <= 0:
            return ret
        kind = self.s.message_type
        if kind == HandshakeType.SERVER_HELLO_DONE:
            self.leave_message()
        elif kind == HandshakeType.CERTIFICATE_REQUEST:
            self.process(self.hs.tls12.process_certificate_request)
        else:
            return self._wrong_message("SSL3_GET_CERTIFICATE_REQUEST", "WRONG_MESSAGE_TYPE")
        self.enter(State.CR_SRVR_DONE)
        return 1

    def _wrong_message(self, function: str, reason: str) -> int:
        fail(self.s, AlertDescription.UNEXPECTED_MESSAGE, function, reason)
        self.lose_state()
        return -1

    def _server_done(self) -> int:
        ret = self.read_message(HandshakeType.SERVER_HELLO_DONE, self.hs.tls12.process_server_hello_done)
        if ret > 0:
            self.enter(State.CW_CERT if self.hs.certificate_requested else State.CW_KEY_EXCH)
        return ret

    # -- the client's second flight -----------------------------------------------------------

    def _send_certificate(self) -> int:
        hs = self.hs
        if not self.sending and hs.tls12.sends_no_certificate_alert:
            ssl3_send_alert(self.s, AlertLevel.WARNING, AlertDescription.NO_CERTIFICATE)
            self.enter(State.CW_KEY_EXCH)
            return 1
        ret = self.send_message(hs.tls12.construct_certificate)
        if ret > 0:
            self.enter(State.CW_KEY_EXCH)
        return ret

    def _send_key_exchange(self) -> int:
        ret = self.send_message(self.hs.tls12.construct_client_key_exchange)
        if ret > 0:
            self.enter(State.CW_CERT_VRFY if self.hs.tls12.sends_certificate_verify else State.CW_CHANGE)
        return ret

    def _send_certificate_verify(self) -> int:
        ret = self.send_message(self.hs.tls12.construct_certificate_verify)
        if ret > 0:
            self.enter(State.CW_CHANGE)
        return ret

    def _send_change(self) -> int:
        ret = self.send_change_cipher_spec()
        if ret > 0:
            self.change_write_cipher()
            self.enter(State.CW_FINISHED)
        return ret

    def _send_finished(self) -> int:
        ret = self.send_message(self.hs.tls12.construct_finished)
        if ret <= 0:
            return ret
        if self.hs.hit:
            self.next_state = State.OK
        elif self.hs.ticket_expected:
            self.next_state = State.CR_SESSION_TICKET
        else:
            self.next_state = State.CR_FINISHED
        self.enter(State.FLUSH)
        return 1

    # -- the server's second flight -----------------------------------------------------------

    def _session_ticket(self) -> int:
        ret = self.read_message(HandshakeType.NEW_SESSION_TICKET, self.hs.tls12.process_new_session_ticket)
        if ret > 0:
            self.enter(State.CR_FINISHED)
        return ret

    def _finished(self) -> int:
        ret = self.read_finished()
        if ret > 0:
            self.enter(State.CW_CHANGE if self.hs.hit else State.OK)
        return ret

    def _ok(self) -> int:
        self.finish()
        self.complete()
        return DONE

    steps: ClassVar[dict[State, Step]] = {
        State.BEFORE: _start,
        State.START: _start,
        State.RENEGOTIATE: _start,
        State.CW_CLNT_HELLO: _client_hello,
        State.CR_SRVR_HELLO: _server_hello,
        State.CR_CERT: _certificate,
        State.CR_CERT_STATUS: _certificate_status,
        State.CR_KEY_EXCH: _key_exchange,
        State.CR_CERT_REQ: _certificate_request,
        State.CR_SRVR_DONE: _server_done,
        State.CW_CERT: _send_certificate,
        State.CW_KEY_EXCH: _send_key_exchange,
        State.CW_CERT_VRFY: _send_certificate_verify,
        State.CW_CHANGE: _send_change,
        State.CW_FINISHED: _send_finished,
        State.CR_SESSION_TICKET: _session_ticket,
        State.CR_FINISHED: _finished,
        State.FLUSH: StatesMachine.flush_step,
        State.OK: _ok,
    }
