"""A server's rules of TLS 1.3 (statem_srvr.c, ossl_statem_server13_*)."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from emulator.constants import AlertDescription, ErrorCode, HandshakeType, InfoCallback, Want
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.get_error import ssl_get_error
from emulator.engine.machine.flow.common13 import Rules13
from emulator.engine.machine.flow.states import Hand, Progress
from emulator.handshake.common.state import EarlyData, HelloRetry
from emulator.handshake.tls13.key_schedule import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.machine.flow.common import Statem
    from emulator.handshake.server import ServerHandshake
    from emulator.handshake.tls13.server import ServerTls13

_CLOSED = frozenset({errno.EPIPE, errno.ECONNRESET})
"""conn_is_closed(): the errors of a transport whose other end is gone."""


class ServerRules13(Rules13):
    """The rules of a server once TLS 1.3 is chosen."""

    __slots__ = ("hs",)

    def __init__(self, st: Statem, hs: ServerHandshake) -> None:
        super().__init__(st)
        self.hs = hs

    @property
    def tls13(self) -> ServerTls13:
        """The logic of the messages after the hellos."""
        return self.hs.tls13

    def skips_early_data(self) -> bool:
        """ossl_statem_skip_early_data(): refused early data may still arrive."""
        hs = self.hs
        return (
            hs.early_data is EarlyData.REJECTED
            and self.st.hand_state is Hand.EARLY_DATA
            and hs.hello_retry is not HelloRetry.COMPLETE
        )

    # -- writing ------------------------------------------------------------------------------

    def next_write_state(self) -> Hand | None:
        """ossl_statem_server13_write_transition()."""
        return _WRITE[self.st.hand_state](self)

    def after_hello(self) -> Hand:
        """After a ServerHello or a HelloRetryRequest: middleboxes expect a ChangeCipherSpec."""
        hs = self.hs
        if hs.middlebox_compat and hs.hello_retry is not HelloRetry.COMPLETE:
            return Hand.SW_CHANGE
        return self.after_change()

    def after_change(self) -> Hand:
        """After a HelloRetryRequest another ClientHello is read."""
        pending = self.hs.hello_retry is HelloRetry.PENDING
        return Hand.EARLY_DATA if pending else Hand.SW_ENCRYPTED_EXTENSIONS

    def after_encrypted_extensions(self) -> Hand:
        """A resumed session needs no certificate."""
        if self.hs.hit:
            return Hand.SW_FINISHED
        return Hand.SW_CERT_REQ if self.hs.certificate_requested else Hand.SW_CERT

    def after_client_finished(self) -> Hand:
        """Tickets, if the client may resume."""
        return self.next_ticket() if self.hs.ticket_expected else Hand.OK

    def requested_message(self) -> Hand | None:
        """The messages of SSL_key_update() and SSL_new_session_ticket(), after the handshake."""
        if self.s.key_update is not None:
            return Hand.SW_KEY_UPDATE
        return Hand.SW_SESSION_TICKET if self.s.extra_tickets else None

    def next_ticket(self) -> Hand:
        """One ticket in a resumption, else SSL_set_num_tickets() of them; then SSL_new_session_ticket()'s."""
        if self.s.extra_tickets and not self.s.first_handshake:
            return Hand.SW_SESSION_TICKET
        return Hand.SW_SESSION_TICKET if self.tls13.tickets_left() else Hand.OK

    def pre_work(self) -> Progress:
        """ossl_statem_server_pre_work()."""
        s = self.s
        state = self.st.hand_state
        if state is Hand.OK:
            return self.end_handshake()
        if state is Hand.EARLY_DATA and s.early_data_state is EarlyDataState.ACCEPTING:
            return self.end_handshake()
        if state is Hand.SW_SESSION_TICKET:
            self._begin_ticket()
        return Progress.CONTINUE

    def _begin_ticket(self) -> None:
        """The handshake is complete, but a ticket is sent in init again, through the handshake's buffer."""
        s = self.s
        if not self.tls13.sent_tickets and not s.extra_tickets:
            self.complete()
            s.in_init = True
        elif self.st.tells_every_message():
            s.in_init = False
            s.notify(InfoCallback.HANDSHAKE_DONE, 1)
            s.in_init = True
        if self.st.tells_every_message():
            s.notify(InfoCallback.HANDSHAKE_START, 1)

    def construct(self) -> bytes:
        """The message of ``hand_state``."""
        return _CONSTRUCT[self.st.hand_state](self)

    def construct_ticket(self) -> bytes:
        """tls_construct_new_session_ticket(): one fewer is to be sent."""
        message = self.tls13.construct_new_session_ticket()
        self.s.extra_tickets = max(0, self.s.extra_tickets - 1)
        return message

    def post_work(self) -> bool:
        """ossl_statem_server_post_work()."""
        work = _POST_WORK.get(self.st.hand_state)
        return work is None or work(self)

    def hello_sent(self) -> bool:
        """Without a ChangeCipherSpec to follow, the keys change here."""
        hs = self.hs
        if hs.middlebox_compat and hs.hello_retry is not HelloRetry.COMPLETE:
            return True
        return self.change_sent()

    def change_sent(self) -> bool:
        """The next records are protected; the client's alerts need not be yet."""
        if self.hs.hello_retry is HelloRetry.PENDING:
            return self.messages.flush() > 0
        self.write_with(Epoch.HANDSHAKE)
        if self.hs.early_data is not EarlyData.ACCEPTED:
            self.read_with(Epoch.HANDSHAKE)
        self.s.inp.plain_alerts = True
        return True

    def finished_sent(self) -> bool:
        """The server may write data ahead of the client's Finished."""
        if self.messages.flush() <= 0:
            return False
        self.write_with(Epoch.APPLICATION)
        return True

    def ticket_sent(self) -> bool:
        """A client that is gone already is no failure: its data can still be read."""
        s = self.s
        s.errno = 0
        if self.messages.flush() > 0:
            return True
        if ssl_get_error(s, 0) is ErrorCode.SYSCALL and s.errno in _CLOSED:
            s.rwstate = Want.NOTHING
            return True
        return False

    # -- reading ------------------------------------------------------------------------------

    def next_read_state(self, kind: int) -> Hand | None:
        """ossl_statem_server13_read_transition()."""
        follow = _READ.get(self.st.hand_state)
        return None if follow is None else follow(self).get(kind)

    def while_early_data(self) -> dict[int, Hand]:
        """EndOfEarlyData, or the next message without early data."""
        hs = self.hs
        if hs.hello_retry is HelloRetry.PENDING:
            return {HandshakeType.CLIENT_HELLO: Hand.SR_CLNT_HELLO}
        if hs.early_data is EarlyData.ACCEPTED:
            return {HandshakeType.END_OF_EARLY_DATA: Hand.SR_END_OF_EARLY_DATA}
        return self.second_flight()

    def second_flight(self) -> dict[int, Hand]:
        """The client's Certificate, if the server has requested one."""
        if self.hs.certificate_requested:
            return {HandshakeType.CERTIFICATE: Hand.SR_CERT}
        return {HandshakeType.FINISHED: Hand.SR_FINISHED}

    def after_certificate(self) -> dict[int, Hand]:
        """CertificateVerify follows a certificate."""
        if self.hs.tls13.expects_certificate_verify:
            return {HandshakeType.CERTIFICATE_VERIFY: Hand.SR_CERT_VRFY}
        return {HandshakeType.FINISHED: Hand.SR_FINISHED}

    def after_handshake(self) -> dict[int, Hand]:
        """No message may come in the middle of early data."""
        if self.s.early_data_state is EarlyDataState.READING:
            return {}
        return {HandshakeType.KEY_UPDATE: Hand.SR_KEY_UPDATE}

    def process(self) -> Progress:
        """ossl_statem_server_process_message()."""
        state = self.st.hand_state
        if state is Hand.SR_FINISHED:
            return self.process_finished()
        if state is Hand.SR_KEY_UPDATE:
            return self.process_key_update()
        if state is Hand.SR_END_OF_EARLY_DATA:
            return self._process_end_of_early_data()
        if state is Hand.SR_CERT:
            self.s.inp.plain_alerts = False
            self.tls13.process_certificate(self.messages.body())
        else:
            self.tls13.process_certificate_verify(self.messages.body())
        self.messages.accept()
        return Progress.CONTINUE

    def _process_end_of_early_data(self) -> Progress:
        """tls_process_end_of_early_data()."""
        s = self.s
        function = "TLS_PROCESS_END_OF_EARLY_DATA"
        self.tls13.process_end_of_early_data(self.messages.body())
        if s.early_data_state not in (EarlyDataState.READING, EarlyDataState.READ_RETRY):
            self.st.fail_message(function, s.profile.machine.internal_error, AlertDescription.INTERNAL_ERROR)
            return Progress.STOP
        if not self.on_record_boundary(function):
            return Progress.STOP
        self.messages.accept()
        s.early_data_state = EarlyDataState.FINISHED_READING
        self.read_with(Epoch.HANDSHAKE)
        return Progress.CONTINUE

    def take_client_hello(self) -> bool:
        """A ClientHello was processed; False if more of its record follows."""
        self.take_version(self.hs.version)
        if not self.on_record_boundary("TLS_EARLY_POST_PROCESS_CLIENT_HELLO"):
            return False
        if self.hs.early_data is EarlyData.ACCEPTED:
            self.read_with(Epoch.EARLY)
        return True


_WRITE: dict[Hand, Callable[[ServerRules13], Hand | None]] = {
    Hand.SR_CLNT_HELLO: lambda _rules: Hand.SW_SRVR_HELLO,
    Hand.SW_SRVR_HELLO: ServerRules13.after_hello,
    Hand.SW_CHANGE: ServerRules13.after_change,
    Hand.SW_ENCRYPTED_EXTENSIONS: ServerRules13.after_encrypted_extensions,
    Hand.SW_CERT_REQ: lambda _rules: Hand.SW_CERT,
    Hand.SW_CERT: lambda _rules: Hand.SW_CERT_VRFY,
    Hand.SW_CERT_VRFY: lambda _rules: Hand.SW_FINISHED,
    Hand.SW_FINISHED: lambda _rules: Hand.EARLY_DATA,
    Hand.EARLY_DATA: lambda _rules: None,
    Hand.SR_FINISHED: ServerRules13.after_client_finished,
    Hand.SW_SESSION_TICKET: ServerRules13.next_ticket,
    Hand.SR_KEY_UPDATE: lambda rules: Hand.SW_KEY_UPDATE if rules.answers_key_update() else Hand.OK,
    Hand.SW_KEY_UPDATE: lambda _rules: Hand.OK,
    Hand.OK: ServerRules13.requested_message,
}
"""What is written after a state; None: it is the client's turn."""

_CONSTRUCT: dict[Hand, Callable[[ServerRules13], bytes]] = {
    Hand.SW_SRVR_HELLO: lambda rules: rules.hs.construct_server_hello(),
    Hand.SW_ENCRYPTED_EXTENSIONS: lambda rules: rules.tls13.construct_encrypted_extensions(),
    Hand.SW_CERT_REQ: lambda rules: rules.tls13.construct_certificate_request(),
    Hand.SW_CERT: lambda rules: rules.tls13.construct_certificate(),
    Hand.SW_CERT_VRFY: lambda rules: rules.tls13.construct_certificate_verify(),
    Hand.SW_FINISHED: lambda rules: rules.tls13.construct_finished(),
    Hand.SW_SESSION_TICKET: ServerRules13.construct_ticket,
    Hand.SW_KEY_UPDATE: Rules13.construct_key_update,
}
"""How a state's message is made."""

_POST_WORK: dict[Hand, Callable[[ServerRules13], bool]] = {
    Hand.SW_SRVR_HELLO: ServerRules13.hello_sent,
    Hand.SW_CHANGE: ServerRules13.change_sent,
    Hand.SW_FINISHED: ServerRules13.finished_sent,
    Hand.SW_SESSION_TICKET: ServerRules13.ticket_sent,
    Hand.SW_KEY_UPDATE: Rules13.finish_key_update,
}
"""What is done once a message is written; False where the transport stops."""

_READ: dict[Hand, Callable[[ServerRules13], dict[int, Hand]]] = {
    Hand.EARLY_DATA: ServerRules13.while_early_data,
    Hand.SR_END_OF_EARLY_DATA: ServerRules13.second_flight,
    Hand.SW_FINISHED: ServerRules13.second_flight,
    Hand.SR_CERT: ServerRules13.after_certificate,
    Hand.SR_CERT_VRFY: lambda _rules: {HandshakeType.FINISHED: Hand.SR_FINISHED},
    Hand.OK: ServerRules13.after_handshake,
}
"""``[state][message] -> state``; a message that is not there is unexpected."""
