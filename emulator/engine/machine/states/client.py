"""ssl3_connect(): a client's states, up to 1.0.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import AlertDescription, AlertLevel, HandshakeType
from emulator.engine.failure import fail, ssl3_send_alert
from emulator.engine.machine.messages import begin_messages
from emulator.engine.machine.states.common import After, State, States
from emulator.engine.sending.keys import change_writer
from emulator.error_queue import current
from emulator.handshake.client import ClientHandshake

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.handshake.tls12.client import ClientTls12


class ClientStates:
    """The states of a client."""

    __slots__ = ("hs", "messages", "s", "st")

    unknown_state_function = "SSL3_CONNECT"

    def __init__(self, st: States) -> None:
        self.st = st
        self.s = st.s
        self.messages = st.messages
        self.hs = ClientHandshake(st.s.config)
        """The logic of this side's messages."""

    @property
    def tls12(self) -> ClientTls12:
        """The logic of the messages after the hellos."""
        return self.hs.tls12

    def perform(self, state: State) -> int | After | None:
        """One state's function."""
        step = _STEPS.get(state)
        return None if step is None else step(self)

    def application_data_allowed(self) -> bool:
        """ssl3_read_bytes(): if SSL_read() renegotiates, until the ServerHello begins."""
        s = self.s
        early = self.st.state is State.CW_CLNT_HELLO or (
            self.st.state is State.CR_SRVR_HELLO and not self.st.body
        )
        return s.inp.in_read_app_data != 0 and s.total_renegotiations != 0 and early

    # -- the flight that opens ----------------------------------------------------------------

    def start(self) -> int:
        """SSL_ST_BEFORE, SSL_ST_CONNECT and SSL_ST_RENEGOTIATE."""
        if self.st.state is State.RENEGOTIATE:
            self.st.mark_own_renegotiation()
        self.s.server = False
        self.st.begin()
        self.st.reset_buffer(push=False)
        begin_messages(self.s)
        self.st.enter(State.CW_CLNT_HELLO)
        return 1

    def client_hello(self) -> int:
        """ssl3_client_hello()."""
        s = self.s
        s.shutdown = 0
        first = not self.messages.sending
        if first:
            message = self.hs.construct_client_hello()
            if not self.hs.renegotiating:  # a version adopted from a refused record stays
                s.out.hello_version = self.hs.hello_record_version
                s.version = self.hs.version or s.version
            ret = self.messages.send(lambda: message)
        else:
            ret = self.messages.send(lambda: b"")
        if ret <= 0:
            return ret
        s.out.hello_version = 0
        self.st.enter(State.CR_SRVR_HELLO)
        self.messages.push_buffer()
        return 1

    def server_hello(self) -> int:
        """ssl3_get_server_hello()."""
        ret = self._read_server_hello()
        if ret <= 0:
            return ret
        self.s.version = self.hs.version
        if not self.hs.hit:
            self.st.enter(State.CR_CERT)
        elif self.hs.ticket_expected:
            self.st.enter(State.CR_SESSION_TICKET)
        else:
            self.st.enter(State.CR_FINISHED)
        return 1

    def _read_server_hello(self) -> int:
        """Read the ServerHello; since DTLS came, with 0.9.8, any message is read, and its type checked."""
        if not self.hs.checks(Fault.SERVER_HELLO_TYPE):
            return self.st.read_message(HandshakeType.SERVER_HELLO, self.hs.process_server_hello)
        ret = self.st.peek_message("server_hello")
        if ret <= 0:
            return ret
        if self.messages.kind != HandshakeType.SERVER_HELLO:
            self.hs.refuse(Fault.SERVER_HELLO_TYPE)
        self.st.process(self.hs.process_server_hello)
        return 1

    # -- the server's first flight ------------------------------------------------------------

    def certificate(self) -> int:
        """ssl3_get_server_certificate()."""
        if self.tls12.certificate_expected:
            ret = self.st.read_message(HandshakeType.CERTIFICATE, self.tls12.process_certificate)
            if ret <= 0:
                return ret
            current().clear()  # ssl3_get_server_certificate() forgets the errors of the verification
        else:
            self.st.pass_over()
        self.st.enter(State.CR_CERT_STATUS if self.hs.status_expected else State.CR_KEY_EXCH)
        return 1

    def certificate_status(self) -> int:
        """ssl3_get_cert_status()."""
        ret = self.st.read_message(HandshakeType.CERTIFICATE_STATUS, self.tls12.process_certificate_status)
        if ret > 0:
            self.st.enter(State.CR_KEY_EXCH)
        return ret

    def key_exchange(self) -> int:
        """ssl3_get_key_exchange()."""
        ret = self.st.peek_message("server_key_exchange")
        if ret <= 0:
            return ret
        if self.messages.kind == HandshakeType.SERVER_KEY_EXCHANGE:
            self.st.process(self.tls12.process_server_key_exchange)
        else:
            self.tls12.skip_server_key_exchange()
            self.st.leave_message()
        self.st.enter(State.CR_CERT_REQ)
        return 1

    def certificate_request(self) -> int:
        """ssl3_get_certificate_request()."""
        ret = self.st.peek_message("certificate_request")
        if ret <= 0:
            return ret
        kind = self.messages.kind
        if kind == HandshakeType.SERVER_HELLO_DONE:
            self.st.leave_message()
        elif kind == HandshakeType.CERTIFICATE_REQUEST:
            self.st.process(self.tls12.process_certificate_request)
        else:
            return self._wrong_message("SSL3_GET_CERTIFICATE_REQUEST", "WRONG_MESSAGE_TYPE")
        self.st.enter(State.CR_SRVR_DONE)
        return 1

    def _wrong_message(self, function: str, reason: str) -> int:
        fail(self.s, AlertDescription.UNEXPECTED_MESSAGE, function, reason)
        self.st.lose_state()
        return -1

    def server_done(self) -> int:
        """ssl3_get_server_done()."""
        ret = self.st.read_message(HandshakeType.SERVER_HELLO_DONE, self.tls12.process_server_hello_done)
        if ret > 0:
            self.st.enter(State.CW_CERT if self.hs.certificate_requested else State.CW_KEY_EXCH)
        return ret

    # -- the client's second flight -----------------------------------------------------------

    def send_certificate(self) -> int:
        """ssl3_send_client_certificate()."""
        hs = self.hs
        if not self.messages.sending and hs.tls12.sends_no_certificate_alert:
            ssl3_send_alert(self.s, AlertLevel.WARNING, AlertDescription.NO_CERTIFICATE)
            self.st.enter(State.CW_KEY_EXCH)
            return 1
        ret = self.messages.send(hs.tls12.construct_certificate)
        if ret > 0:
            self.st.enter(State.CW_KEY_EXCH)
        return ret

    def send_key_exchange(self) -> int:
        """ssl3_send_client_key_exchange()."""
        ret = self.messages.send(self.tls12.construct_client_key_exchange)
        if ret > 0:
            self.st.enter(State.CW_CERT_VRFY if self.tls12.sends_certificate_verify else State.CW_CHANGE)
        return ret

    def send_certificate_verify(self) -> int:
        """ssl3_send_client_verify()."""
        ret = self.messages.send(self.tls12.construct_certificate_verify)
        if ret > 0:
            self.st.enter(State.CW_CHANGE)
        return ret

    def send_change(self) -> int:
        """ssl3_send_change_cipher_spec()."""
        ret = self.messages.send_change_cipher_spec()
        if ret > 0:
            change_writer(self.s, self.tls12.change_write())
            self.st.enter(State.CW_FINISHED)
        return ret

    def send_finished(self) -> int:
        """ssl3_send_finished()."""
        ret = self.messages.send(self.tls12.construct_finished)
        if ret <= 0:
            return ret
        if self.hs.hit:
            self.st.next_state = State.OK
        elif self.hs.ticket_expected:
            self.st.next_state = State.CR_SESSION_TICKET
        else:
            self.st.next_state = State.CR_FINISHED
        self.st.enter(State.FLUSH)
        return 1

    # -- the server's second flight -----------------------------------------------------------

    def session_ticket(self) -> int:
        """ssl3_get_new_session_ticket()."""
        ret = self.st.read_message(HandshakeType.NEW_SESSION_TICKET, self.tls12.process_new_session_ticket)
        if ret > 0:
            self.st.enter(State.CR_FINISHED)
        return ret

    def finished(self) -> int:
        """ssl3_get_finished()."""
        ret = self.st.read_finished(self.tls12.process_finished)
        if ret > 0:
            self.st.enter(State.CW_CHANGE if self.hs.hit else State.OK)
        return ret

    def ok(self) -> After:
        """SSL_ST_OK."""
        self.st.finish()
        self.st.complete()
        return After.RETURN_1


_STEPS: dict[State, Callable[[ClientStates], int | After]] = {
    State.BEFORE: ClientStates.start,
    State.START: ClientStates.start,
    State.RENEGOTIATE: ClientStates.start,
    State.CW_CLNT_HELLO: ClientStates.client_hello,
    State.CR_SRVR_HELLO: ClientStates.server_hello,
    State.CR_CERT: ClientStates.certificate,
    State.CR_CERT_STATUS: ClientStates.certificate_status,
    State.CR_KEY_EXCH: ClientStates.key_exchange,
    State.CR_CERT_REQ: ClientStates.certificate_request,
    State.CR_SRVR_DONE: ClientStates.server_done,
    State.CW_CERT: ClientStates.send_certificate,
    State.CW_KEY_EXCH: ClientStates.send_key_exchange,
    State.CW_CERT_VRFY: ClientStates.send_certificate_verify,
    State.CW_CHANGE: ClientStates.send_change,
    State.CW_FINISHED: ClientStates.send_finished,
    State.CR_SESSION_TICKET: ClientStates.session_ticket,
    State.CR_FINISHED: ClientStates.finished,
    State.FLUSH: lambda side: side.st.flush_step(),
    State.OK: ClientStates.ok,
}
"""What is done in each state; a state that is not there is SSL_R_UNKNOWN_STATE."""
