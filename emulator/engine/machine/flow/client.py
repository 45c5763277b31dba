"""A client's rules from 1.1.0 (statem_clnt.c): SSLv3 to TLS 1.2, and for TLS 1.3 up to the ServerHello."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.renegotiation import HelloRequestSession
from emulator.constants import (
    SSL3_HM_HEADER_LENGTH,
    TLS1_3_VERSION,
    TLS1_VERSION,
    AlertDescription,
    AlertLevel,
    HandshakeType,
    Option,
)
from emulator.engine.drive import ssl3_renegotiate_check
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.failure import crash, fail, ssl3_send_alert
from emulator.engine.machine.flow.client13 import ClientRules13
from emulator.engine.machine.flow.states import CCS_MESSAGE, Hand, Progress
from emulator.engine.machine.messages import begin_messages
from emulator.engine.sending.keys import change_writer
from emulator.error_queue import current
from emulator.handshake.client import ClientHandshake
from emulator.handshake.common.state import HelloRetry
from emulator.handshake.tls13.key_schedule import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.machine.flow.common import Statem
    from emulator.handshake.tls12.client import ClientTls12


class ClientRules:
    """The rules of a client while TLS 1.3 is not chosen."""

    __slots__ = ("hs", "messages", "s", "st", "tls13")

    is_server = False
    transition_function = "OSSL_STATEM_CLIENT_READ_TRANSITION"

    def __init__(self, st: Statem) -> None:
        self.st = st
        self.s = st.s
        self.messages = st.messages
        self.hs = ClientHandshake(st.s.config)
        """The logic of this side's messages."""
        self.tls13 = ClientRules13(st, self.hs)

    @property
    def tls12(self) -> ClientTls12:
        """The logic of the messages after the hellos."""
        return self.hs.tls12

    def set_up(self) -> bool:
        """Fresh messages for a first or a requested handshake; not for an unexpected message, from 1.1.1."""
        if not self.st.hello_request_in_flow or self.st.hand_state is Hand.BEFORE or self.s.renegotiate:
            begin_messages(self.s)
            self.st.first_read = self.st.hand_state is Hand.BEFORE or not self.st.hello_request_in_flow
            return not self.st.lacks_versions()
        return True

    # -- writing ------------------------------------------------------------------------------

    def write_transition(self) -> Progress:
        """ossl_statem_client_write_transition()."""
        state = self.st.hand_state
        if state is Hand.OK and self.st.hello_request_in_flow and not self.s.renegotiate:
            return Progress.FINISHED
        if state is Hand.CR_HELLO_REQ:
            return self._answer_hello_request()
        following = self._around_hello() or _WRITE[state](self.hs)
        if following is None:
            return Progress.FINISHED
        if state is Hand.CW_CLNT_HELLO:
            self.s.out.hello_version = 0  # early data follows, in records of TLS 1.2
        self.st.hand_state = following
        if following is Hand.OK and not self.st.hello_request_in_flow:
            self.s.in_init = False
        return Progress.CONTINUE

    def _around_hello(self) -> Hand | None:
        """Messages before the version is known: early data, or another hello after a HelloRetryRequest."""
        state, hs = self.st.hand_state, self.hs
        early = self.s.early_data_state is EarlyDataState.CONNECTING
        if state is Hand.CW_CLNT_HELLO and early:
            return Hand.CW_CHANGE if hs.middlebox_compat else Hand.EARLY_DATA
        if state is Hand.CR_SRVR_HELLO:
            changed = self.s.early_data_state is EarlyDataState.FINISHED_WRITING
            return Hand.CW_CHANGE if hs.middlebox_compat and not changed else Hand.CW_CLNT_HELLO
        if state is Hand.CW_CHANGE and hs.hello_retry is HelloRetry.PENDING:
            return Hand.CW_CLNT_HELLO
        return Hand.EARLY_DATA if state is Hand.CW_CHANGE and early else None

    def _answer_hello_request(self) -> Progress:
        """Renegotiate at once if no record is half read or half written, else later."""
        if ssl3_renegotiate_check(self.s, in_init_too=True):
            begin_messages(self.s)
            self.st.hand_state = Hand.CW_CLNT_HELLO
        else:
            self.st.hand_state = Hand.OK
        return Progress.CONTINUE

    def pre_work(self) -> Progress:
        """ossl_statem_client_pre_work()."""
        s = self.s
        if self.st.hand_state is Hand.CW_CLNT_HELLO:
            s.shutdown = 0
            # An alert about a hello that cannot be made has the hello's record version, too.
            first = not s.renegotiate and self.hs.hello_retry is HelloRetry.NONE
            s.out.hello_version = TLS1_VERSION if first and s.version > TLS1_VERSION else 0
        elif self.st.hand_state is Hand.EARLY_DATA:
            return self.tls13.pause()
        elif self.st.hand_state is Hand.OK:
            return self.st.end_handshake(complete=self._completes_handshake())
        return Progress.CONTINUE

    def _completes_handshake(self) -> bool:
        """In 1.1.0 a client's machine ends with a handshake always."""
        return self.st.cleans_up or not self.st.hello_request_in_flow

    def send(self) -> int:
        """The message of ``hand_state``."""
        if self.st.hand_state is Hand.CW_CHANGE:
            return self.messages.send_change_cipher_spec()
        if self.st.hand_state is Hand.CW_CLNT_HELLO:
            return self._send_hello()
        if (
            self.st.hand_state is Hand.CW_CERT
            and not self.messages.sending
            and self.tls12.sends_no_certificate_alert
        ):
            ssl3_send_alert(self.s, AlertLevel.WARNING, AlertDescription.NO_CERTIFICATE)
            return 1
        return self.messages.send(_CONSTRUCT[self.st.hand_state](self.hs))

    def _send_hello(self) -> int:
        s = self.s
        if self.messages.sending:
            return self.messages.send(bytes)
        message = self.hs.construct_client_hello()
        # ssl_set_client_hello_version(): ``if (!SSL_IS_FIRST_HANDSHAKE(s)) return 0;``, s->version stays.
        if not (self.hs.client_verify_data and self.hs.server_verify_data):
            s.version = TLS1_3_VERSION if self.hs.offers_tls13 else self.hs.client_version
        s.out.hello_version = 0 if self.hs.renegotiating else self.hs.hello_record_version
        return self.messages.send(lambda: message)

    def post_work(self) -> bool:
        """ossl_statem_client_post_work()."""
        s = self.s
        early = s.early_data_state is EarlyDataState.CONNECTING and self.hs.early_data_limit > 0
        if self.st.hand_state is Hand.CW_CLNT_HELLO:
            if not early:
                return self.messages.flush() > 0
            s.out.hello_version = 0
            if not self.hs.middlebox_compat:
                self.tls13.write_with(Epoch.EARLY)
        elif self.st.hand_state is Hand.CW_CHANGE:
            if early:
                self.tls13.write_with(Epoch.EARLY)
            elif self.hs.hello_retry is not HelloRetry.PENDING:
                change_writer(self.s, self.tls12.change_write())
        elif self.st.hand_state is Hand.CW_FINISHED:
            return self.messages.flush() > 0
        return True

    # -- reading ------------------------------------------------------------------------------

    def next_read_state(self, kind: int) -> Hand | None:
        """ossl_statem_client_read_transition()."""
        if self.st.hand_state is Hand.CR_SRVR_HELLO and self.hs.suite is None:
            # Up to 1.1.0j a client reads on after a ServerHello that is too long for it.
            raise crash(self.s, "SIGSEGV", "a refused ServerHello has left s->s3->tmp.new_cipher NULL")
        follow = _READ.get(self.st.hand_state)
        if follow is None or (self.st.hand_state is Hand.OK and not self.st.hello_request_in_flow):
            return None
        return follow(self.hs).get(kind)

    def process(self) -> Progress:
        """ossl_statem_client_process_message()."""
        state = self.st.hand_state
        if state is Hand.CR_HELLO_REQ:
            return self._process_hello_request()
        if state is Hand.CR_FINISHED:
            self.st.process_finished(self.tls12)
            return Progress.FINISHED
        _PROCESS[state](self.hs)(self.messages.body())
        if state is Hand.CR_CERT:
            current().clear()  # tls_process_server_certificate() forgets the errors of the verification
        if state is Hand.CR_SRVR_HELLO:
            return self.tls13.take_server_hello()
        self.messages.accept()
        return Progress.FINISHED if state is Hand.CR_SRVR_DONE else Progress.CONTINUE

    def _process_hello_request(self) -> Progress:
        """tls_process_hello_req(), from 1.1.1."""
        s = self.s
        body = self.messages.buffer[SSL3_HM_HEADER_LENGTH:]
        self.messages.buffer = b""
        if body:
            fail(s, AlertDescription.DECODE_ERROR, "TLS_PROCESS_HELLO_REQ", "LENGTH_MISMATCH")
            return Progress.STOP
        if s.options & Option.NO_RENEGOTIATION:
            ssl3_send_alert(s, AlertLevel.WARNING, AlertDescription.NO_RENEGOTIATION)
            return Progress.FINISHED
        s.renegotiate = 1
        if s.profile.renegotiation.hello_request_session is HelloRequestSession.NEW:
            s.new_session = 1
        s.renegotiate_requested = True
        return Progress.FINISHED


def _after_hello(hs: ClientHandshake) -> dict[int, Hand]:
    if hs.hit:
        if hs.ticket_expected:
            return {HandshakeType.NEW_SESSION_TICKET: Hand.CR_SESSION_TICKET}
        return {CCS_MESSAGE: Hand.CR_CHANGE}
    if hs.tls12.certificate_expected:
        return {HandshakeType.CERTIFICATE: Hand.CR_CERT}
    return _from_key_exchange(hs)


def _after_certificate(hs: ClientHandshake) -> dict[int, Hand]:
    following = _from_key_exchange(hs)
    if hs.status_expected:
        following[HandshakeType.CERTIFICATE_STATUS] = Hand.CR_CERT_STATUS
    return following


def _from_key_exchange(hs: ClientHandshake) -> dict[int, Hand]:
    if hs.tls12.key_exchange_expected:
        return {HandshakeType.SERVER_KEY_EXCHANGE: Hand.CR_KEY_EXCH}
    return _from_certificate_request(hs)


def _from_certificate_request(hs: ClientHandshake) -> dict[int, Hand]:
    following = {int(HandshakeType.SERVER_HELLO_DONE): Hand.CR_SRVR_DONE}
    if hs.tls12.certificate_expected:  # an anonymous server may not ask
        following[HandshakeType.CERTIFICATE_REQUEST] = Hand.CR_CERT_REQ
    return following


def _after_finished(hs: ClientHandshake) -> dict[int, Hand]:
    if hs.ticket_expected:
        return {HandshakeType.NEW_SESSION_TICKET: Hand.CR_SESSION_TICKET}
    return {CCS_MESSAGE: Hand.CR_CHANGE}


_READ: dict[Hand, Callable[[ClientHandshake], dict[int, Hand]]] = {
    Hand.OK: lambda _hs: {HandshakeType.HELLO_REQUEST: Hand.CR_HELLO_REQ},
    Hand.CW_CLNT_HELLO: lambda _hs: {HandshakeType.SERVER_HELLO: Hand.CR_SRVR_HELLO},
    Hand.EARLY_DATA: lambda _hs: {HandshakeType.SERVER_HELLO: Hand.CR_SRVR_HELLO},
    Hand.CR_SRVR_HELLO: _after_hello,
    Hand.CR_CERT: _after_certificate,
    Hand.CR_CERT_STATUS: _from_key_exchange,
    Hand.CR_KEY_EXCH: _from_certificate_request,
    Hand.CR_CERT_REQ: lambda _hs: {HandshakeType.SERVER_HELLO_DONE: Hand.CR_SRVR_DONE},
    Hand.CW_FINISHED: _after_finished,
    Hand.CR_SESSION_TICKET: lambda _hs: {CCS_MESSAGE: Hand.CR_CHANGE},
    Hand.CR_CHANGE: lambda _hs: {HandshakeType.FINISHED: Hand.CR_FINISHED},
}
"""``[state][message] -> state``; a message that is not there is unexpected."""

_WRITE: dict[Hand, Callable[[ClientHandshake], Hand | None]] = {
    Hand.OK: lambda _hs: Hand.CW_CLNT_HELLO,
    Hand.BEFORE: lambda _hs: Hand.CW_CLNT_HELLO,
    Hand.CW_CLNT_HELLO: lambda _hs: None,
    Hand.EARLY_DATA: lambda _hs: None,
    Hand.CR_SRVR_DONE: lambda hs: Hand.CW_CERT if hs.certificate_requested else Hand.CW_KEY_EXCH,
    Hand.CW_CERT: lambda _hs: Hand.CW_KEY_EXCH,
    Hand.CW_KEY_EXCH: lambda hs: Hand.CW_CERT_VRFY if hs.tls12.sends_certificate_verify else Hand.CW_CHANGE,
    Hand.CW_CERT_VRFY: lambda _hs: Hand.CW_CHANGE,
    Hand.CW_CHANGE: lambda _hs: Hand.CW_FINISHED,
    Hand.CW_FINISHED: lambda hs: Hand.OK if hs.hit else None,
    Hand.CR_FINISHED: lambda hs: Hand.CW_CHANGE if hs.hit else Hand.OK,
}
"""What is written after a state; None: it is the server's turn."""

_CONSTRUCT: dict[Hand, Callable[[ClientHandshake], Callable[[], bytes]]] = {
    Hand.CW_CERT: lambda hs: hs.tls12.construct_certificate,
    Hand.CW_KEY_EXCH: lambda hs: hs.tls12.construct_client_key_exchange,
    Hand.CW_CERT_VRFY: lambda hs: hs.tls12.construct_certificate_verify,
    Hand.CW_FINISHED: lambda hs: hs.tls12.construct_finished,
}

_PROCESS: dict[Hand, Callable[[ClientHandshake], Callable[[bytes], None]]] = {
    Hand.CR_SRVR_HELLO: lambda hs: hs.process_server_hello,
    Hand.CR_CERT: lambda hs: hs.tls12.process_certificate,
    Hand.CR_CERT_STATUS: lambda hs: hs.tls12.process_certificate_status,
    Hand.CR_KEY_EXCH: lambda hs: hs.tls12.process_server_key_exchange,
    Hand.CR_CERT_REQ: lambda hs: hs.tls12.process_certificate_request,
    Hand.CR_SRVR_DONE: lambda hs: hs.tls12.process_server_hello_done,
    Hand.CR_SESSION_TICKET: lambda hs: hs.tls12.process_new_session_ticket,
}
