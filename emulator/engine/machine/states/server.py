"""ssl3_accept(): a server's states, up to 1.0.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import RenegotiationMark, SecondClientHello, ServerBuffering
from emulator.behaviours.renegotiation import UnpatchedPeer
from emulator.constants import AlertDescription, HandshakeType, Option
from emulator.engine.failure import fail
from emulator.engine.machine.messages import begin_messages
from emulator.engine.machine.states.common import After, State, States
from emulator.engine.sending.keys import change_writer
from emulator.handshake.common.messages import HandshakeFailure
from emulator.handshake.server import ServerHandshake

_HELLO_TAKEN = 2
"""``s->renegotiate`` (up to 1.0.0 ``s->new_session``) once a ClientHello is accepted."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.handshake.tls12.server import ServerTls12


class ServerStates:
    """The states of a server."""

    __slots__ = ("hs", "messages", "s", "sslv2_hello", "st")

    unknown_state_function = "SSL3_ACCEPT"

    def __init__(self, st: States) -> None:
        self.st = st
        self.s = st.s
        self.messages = st.messages
        self.hs = ServerHandshake(st.s.config)
        """The logic of this side's messages."""
        self.sslv2_hello = b""
        """A ClientHello in SSLv2's format, which ssl23_accept() has read whole."""

    @property
    def tls12(self) -> ServerTls12:
        """The logic of the messages after the hellos."""
        return self.hs.tls12

    def perform(self, state: State) -> int | After | None:
        """One state's function."""
        step = _STEPS.get(state)
        return None if step is None else step(self)

    def application_data_allowed(self) -> bool:
        """ssl3_read_bytes(): if SSL_read() renegotiates, before the ServerHello."""
        s = self.s
        early = self.st.state is State.SR_CLNT_HELLO or (
            self.st.state is State.SW_HELLO_REQ and not self.messages.sending
        )
        return s.inp.in_read_app_data != 0 and s.total_renegotiations != 0 and early

    # -- how it starts ------------------------------------------------------------------------

    def start(self) -> int:
        """SSL_ST_BEFORE, SSL_ST_ACCEPT and SSL_ST_RENEGOTIATE."""
        s = self.s
        renegotiate = self.st.state is State.RENEGOTIATE
        if renegotiate:
            self.st.mark_own_renegotiation()
        s.server = True
        self.st.begin()
        if not renegotiate:
            self.st.reset_buffer(push=True)
            begin_messages(self.s)
            self.st.enter(State.SR_CLNT_HELLO)
            return 1
        # 0.9.6 to 0.9.6b: ssl_init_wbio_buffer(s, 1) for a HelloRequest, too.
        if s.profile.machine.hello_request_buffering is ServerBuffering.YES:
            self.st.reset_buffer(push=True)
        if self._refuses_peer():
            fail(
                s,
                AlertDescription.HANDSHAKE_FAILURE,
                "SSL3_ACCEPT",
                "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
            )
            self.st.lose_state()
            return -1
        self.st.enter(State.SW_HELLO_REQ)
        return 1

    def _refuses_peer(self) -> bool:
        """From 0.9.8m: no RFC 5746, and SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION is not set."""
        s = self.s
        return (
            s.profile.renegotiation.unpatched_peer is UnpatchedPeer.REFUSED
            and not self.hs.peer_secure_renegotiation
            and not s.options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        )

    def hello_request(self) -> int:
        """ssl3_send_hello_request()."""
        s = self.s
        s.shutdown = 0
        ret = self.messages.send(self.hs.construct_hello_request, hashed=False)
        if ret > 0:
            self.st.next_state = State.SW_HELLO_REQ_C
            self.st.enter(State.FLUSH)
            begin_messages(self.s)
        return ret

    # -- the client's first flight, and the answer --------------------------------------------

    def client_hello(self) -> int:
        """ssl3_get_client_hello()."""
        s = self.s
        s.shutdown = 0
        if not self._take_sslv2_hello():
            s.inp.first_packet = True
            ret = self.st.get_message(HandshakeType.CLIENT_HELLO, "client_hello")
            if ret <= 0:
                return ret
            s.inp.first_packet = False
            try:
                self.st.process(self.hs.process_client_hello)
            except HandshakeFailure:
                s.version = self.hs.version or s.version  # the alert's record has the version of the hello
                raise
        s.version = self.hs.version
        if s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE:
            s.renegotiate = _HELLO_TAKEN
        else:
            s.new_session = _HELLO_TAKEN
        self.st.enter(State.SW_SRVR_HELLO)
        return 1

    def _take_sslv2_hello(self) -> bool:
        """Whether the ClientHello came in SSLv2's format; then it is processed now."""
        if not self.sslv2_hello:
            return False
        self.hs.transcript.update(self.hs.process_v2_client_hello(self.sslv2_hello))
        self.sslv2_hello = b""
        return True

    def server_hello(self) -> int:
        """ssl3_send_server_hello()."""
        ret = self.messages.send(self.hs.construct_server_hello)
        if ret <= 0:
            return ret
        if not self.hs.hit:
            self.st.enter(State.SW_CERT)
        elif self.hs.ticket_expected:
            self.st.enter(State.SW_SESSION_TICKET)
        else:
            self.st.enter(State.SW_CHANGE)
        return 1

    def certificate(self) -> int:
        """ssl3_send_server_certificate()."""
        if self.tls12.certificate_expected:
            ret = self.messages.send(self.tls12.construct_certificate)
            if ret <= 0:
                return ret
        else:
            self.st.pass_over()
        self.st.enter(State.SW_KEY_EXCH)
        return 1

    def key_exchange(self) -> int:
        """ssl3_send_server_key_exchange()."""
        if self.tls12.key_exchange_expected:
            ret = self.messages.send(self.tls12.construct_server_key_exchange)
            if ret <= 0:
                return ret
        else:
            self.st.pass_over()
        self.st.enter(State.SW_CERT_REQ)
        return 1

    def certificate_request(self) -> int:
        """ssl3_send_certificate_request()."""
        if self.hs.certificate_requested:
            ret = self.messages.send(self.tls12.construct_certificate_request)
            if ret <= 0:
                return ret
        else:
            self.st.pass_over()
        self.st.enter(State.SW_SRVR_DONE)
        return 1

    def server_done(self) -> int:
        """ssl3_send_server_done()."""
        ret = self.messages.send(self.tls12.construct_server_hello_done)
        if ret > 0:
            self.st.next_state = State.SR_CERT
            self.st.enter(State.FLUSH)
        return ret

    # -- the client's second flight -----------------------------------------------------------

    def client_certificate(self) -> int:
        """The client's Certificate, or whatever comes in its place; perhaps a ClientHello (MS SGC)."""
        s = self.s
        # Up to 1.0.1 ``ret=ssl3_check_client_hello(s);`` (MS SGC), once from 0.9.8s and 1.0.0f.
        rule = s.profile.machine.second_client_hello
        if rule is not SecondClientHello.REFUSED:
            ret = self.st.peek_message("certificate")
            if ret <= 0:
                return ret
            if self.messages.kind == HandshakeType.CLIENT_HELLO:
                return self._start_over(rule)
            if not self.hs.certificate_requested:
                self.st.leave_message()
                self.st.enter(State.SR_KEY_EXCH)
                return 1
        elif not self.hs.certificate_requested:
            self.st.enter(State.SR_KEY_EXCH)
            return 1
        else:
            ret = self.st.peek_message("certificate")
            if ret <= 0:
                return ret
        return self._take_client_certificate()

    def _start_over(self, rule: SecondClientHello) -> int:
        if self.st.restarted and rule is SecondClientHello.RESTARTS_ONCE:
            self.st.leave_message()
            self.s.put_error("SSL3_CHECK_CLIENT_HELLO", "MULTIPLE_SGC_RESTARTS")
            return -1
        self.st.restarted = True
        begin_messages(self.s)
        self.st.leave_message()
        self.st.enter(State.SR_CLNT_HELLO)
        return 1

    def _take_client_certificate(self) -> int:
        kind = self.messages.kind
        if kind == HandshakeType.CERTIFICATE:
            self.st.process(self.tls12.process_certificate)
        elif kind == HandshakeType.CLIENT_KEY_EXCHANGE:
            self.tls12.skip_client_certificate()
            self.st.leave_message()
        else:
            fail(
                self.s,
                AlertDescription.UNEXPECTED_MESSAGE,
                "SSL3_GET_CLIENT_CERTIFICATE",
                "WRONG_MESSAGE_TYPE",
            )
            self.st.lose_state()
            return -1
        self.st.enter(State.SR_KEY_EXCH)
        return 1

    def client_key_exchange(self) -> int:
        """ssl3_get_client_key_exchange()."""
        ret = self.st.read_message(HandshakeType.CLIENT_KEY_EXCHANGE, self.tls12.process_client_key_exchange)
        if ret > 0:
            self.st.enter(State.SR_CERT_VRFY)
        return ret

    def certificate_verify(self) -> int:
        """ssl3_get_cert_verify()."""
        s = self.s
        if not s.change_cipher_spec:
            s.ccs_ok = True
        ret = self.st.peek_message("certificate_verify")
        if ret <= 0:
            return ret
        if self.messages.kind == HandshakeType.CERTIFICATE_VERIFY:
            self.st.process(self.tls12.process_certificate_verify)
        else:
            if self.tls12.expects_certificate_verify:
                fail(s, AlertDescription.UNEXPECTED_MESSAGE, "SSL3_GET_CERT_VERIFY", "MISSING_VERIFY_MESSAGE")
                self.st.lose_state()
                return -1
            self.st.leave_message()
        self.st.enter(State.SR_FINISHED)
        return 1

    def finished(self) -> int:
        """ssl3_get_finished()."""
        ret = self.st.read_finished(self.tls12.process_finished)
        if ret <= 0:
            return ret
        if self.hs.hit:
            self.st.enter(State.OK)
        elif self.hs.ticket_expected:
            self.st.enter(State.SW_SESSION_TICKET)
        else:
            self.st.enter(State.SW_CHANGE)
        return 1

    # -- the end ------------------------------------------------------------------------------

    def session_ticket(self) -> int:
        """ssl3_send_newsession_ticket()."""
        ret = self.messages.send(self.tls12.construct_new_session_ticket)
        if ret > 0:
            self.st.enter(State.SW_CHANGE)
        return ret

    def change(self) -> int:
        """ssl3_send_change_cipher_spec()."""
        ret = self.messages.send_change_cipher_spec()
        if ret > 0:
            change_writer(self.s, self.tls12.change_write())
            self.st.enter(State.SW_FINISHED)
        return ret

    def send_finished(self) -> int:
        """ssl3_send_finished()."""
        ret = self.messages.send(self.tls12.construct_finished)
        if ret > 0:
            self.st.next_state = State.SR_FINISHED if self.hs.hit else State.OK
            self.st.enter(State.FLUSH)
        return ret

    def ok(self) -> After:
        """SSL_ST_OK."""
        s = self.s
        self.st.finish()
        marked = s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE
        if (s.renegotiate if marked else s.new_session) == _HELLO_TAKEN:
            self.st.complete()
        return After.RETURN_1


_STEPS: dict[State, Callable[[ServerStates], int | After]] = {
    State.BEFORE: ServerStates.start,
    State.START: ServerStates.start,
    State.RENEGOTIATE: ServerStates.start,
    State.SW_HELLO_REQ: ServerStates.hello_request,
    State.SW_HELLO_REQ_C: lambda side: side.st.after_hello_request(),
    State.SR_CLNT_HELLO: ServerStates.client_hello,
    State.SW_SRVR_HELLO: ServerStates.server_hello,
    State.SW_CERT: ServerStates.certificate,
    State.SW_KEY_EXCH: ServerStates.key_exchange,
    State.SW_CERT_REQ: ServerStates.certificate_request,
    State.SW_SRVR_DONE: ServerStates.server_done,
    State.SR_CERT: ServerStates.client_certificate,
    State.SR_KEY_EXCH: ServerStates.client_key_exchange,
    State.SR_CERT_VRFY: ServerStates.certificate_verify,
    State.SR_FINISHED: ServerStates.finished,
    State.SW_SESSION_TICKET: ServerStates.session_ticket,
    State.SW_CHANGE: ServerStates.change,
    State.SW_FINISHED: ServerStates.send_finished,
    State.FLUSH: lambda side: side.st.flush_step(),
    State.OK: ServerStates.ok,
}
"""What is done in each state; a state that is not there is SSL_R_UNKNOWN_STATE."""
