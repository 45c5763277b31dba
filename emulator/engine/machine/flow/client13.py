"""A client's rules of TLS 1.3 (statem_clnt.c, ossl_statem_client13_*)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import HandshakeType
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.machine.flow.common13 import Rules13
from emulator.engine.machine.flow.states import Hand, Progress
from emulator.engine.sending.keys import change_writer
from emulator.error_queue import current
from emulator.handshake.common.state import EarlyData, HelloRetry
from emulator.handshake.tls13.key_schedule import Epoch
from emulator.record import NullWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.machine.flow.common import Statem
    from emulator.handshake.client import ClientHandshake
    from emulator.handshake.tls13.client import ClientTls13


class ClientRules13(Rules13):
    """The rules of a client once TLS 1.3 is chosen."""

    __slots__ = ("hs",)

    def __init__(self, st: Statem, hs: ClientHandshake) -> None:
        super().__init__(st)
        self.hs = hs

    @property
    def tls13(self) -> ClientTls13:
        """The logic of the messages after the hellos."""
        return self.hs.tls13

    # -- writing ------------------------------------------------------------------------------

    def next_write_state(self) -> Hand | None:
        """ossl_statem_client13_write_transition()."""
        return _WRITE[self.st.hand_state](self)

    def after_server_finished(self) -> Hand:
        """The beginning of the client's second flight."""
        state = self.s.early_data_state
        if state in (EarlyDataState.WRITE_RETRY, EarlyDataState.FINISHED_WRITING):
            return Hand.PENDING_EARLY_DATA_END
        if self.hs.middlebox_compat and self.hs.hello_retry is HelloRetry.NONE:
            return Hand.CW_CHANGE
        return self.second_flight()

    def second_flight(self) -> Hand:
        """A Certificate, if the server has requested one."""
        return Hand.CW_CERT if self.hs.certificate_requested else Hand.CW_FINISHED

    def after_early_data(self) -> Hand:
        """EndOfEarlyData, if the server has accepted early data."""
        if self.hs.early_data is EarlyData.ACCEPTED:
            return Hand.CW_END_OF_EARLY_DATA
        return self.second_flight()

    def pre_work(self) -> Progress:
        """ossl_statem_client_pre_work(): a read pauses where early data may still be written."""
        state = self.s.early_data_state
        if self.st.hand_state is Hand.OK:
            return self.end_handshake()
        if self.st.hand_state is Hand.PENDING_EARLY_DATA_END and state not in (
            EarlyDataState.FINISHED_WRITING,
            EarlyDataState.NONE,
        ):
            return self.pause()
        return Progress.CONTINUE

    def construct(self) -> bytes:
        """The message of ``hand_state``."""
        return _CONSTRUCT[self.st.hand_state](self)

    def construct_certificate(self) -> bytes:
        """The client's Certificate is the first message under the handshake keys."""
        message = self.tls13.construct_certificate()
        self.write_with(Epoch.HANDSHAKE)
        return message

    def construct_finished(self) -> bytes:
        """Without a Certificate, Finished is the first message under the handshake keys."""
        if not self.hs.certificate_requested:
            self.write_with(Epoch.HANDSHAKE)
        self.st.cleans_up = True
        self.s.first_handshake = False
        return self.tls13.construct_finished()

    def post_work(self) -> bool:
        """ossl_statem_client_post_work()."""
        state = self.st.hand_state
        if state is Hand.CW_END_OF_EARLY_DATA:
            change_writer(self.s, NullWriter())
        elif state is Hand.CW_KEY_UPDATE:
            return self.finish_key_update()
        elif state is Hand.CW_FINISHED:
            if self.messages.flush() <= 0:
                return False
            self.write_with(Epoch.APPLICATION)
        return True

    # -- reading ------------------------------------------------------------------------------

    def next_read_state(self, kind: int) -> Hand | None:
        """ossl_statem_client13_read_transition()."""
        follow = _READ.get(self.st.hand_state)
        return None if follow is None else follow(self.hs).get(kind)

    def process(self) -> Progress:
        """ossl_statem_client_process_message()."""
        state = self.st.hand_state
        if state is Hand.CR_FINISHED:
            return self.process_finished()
        if state is Hand.CR_KEY_UPDATE:
            return self.process_key_update()
        if state is Hand.CR_SESSION_TICKET:
            body = self.messages.body()
            self.messages.buffer = b""
            self.tls13.process_new_session_ticket(body)
            return Progress.FINISHED
        _PROCESS[state](self.tls13)(self.messages.body())
        if state is Hand.CR_CERT:
            current().clear()  # tls_process_server_certificate() forgets the errors of the verification
        self.messages.accept()
        return Progress.CONTINUE

    def take_server_hello(self) -> Progress:
        """A ServerHello was processed, or a HelloRetryRequest, which asks for another ClientHello."""
        if self.hs.hello_retry is HelloRetry.PENDING:
            self.messages.accept()
            if not self.s.out.writer.is_null:
                change_writer(self.s, NullWriter())  # early data was sent: the next hello is in plain again
            return Progress.FINISHED
        self.take_version(self.hs.version)
        if not self.on_record_boundary("TLS_PROCESS_SERVER_HELLO"):
            return Progress.STOP
        self.messages.accept()
        if self.s.is_tls13:
            self.read_with(Epoch.HANDSHAKE)
        return Progress.CONTINUE


def _after_encrypted_extensions(hs: ClientHandshake) -> dict[int, Hand]:
    if hs.hit:
        return {HandshakeType.FINISHED: Hand.CR_FINISHED}
    return {HandshakeType.CERTIFICATE_REQUEST: Hand.CR_CERT_REQ, HandshakeType.CERTIFICATE: Hand.CR_CERT}


_READ: dict[Hand, Callable[[ClientHandshake], dict[int, Hand]]] = {
    Hand.CR_SRVR_HELLO: lambda _hs: {HandshakeType.ENCRYPTED_EXTENSIONS: Hand.CR_ENCRYPTED_EXTENSIONS},
    Hand.CR_ENCRYPTED_EXTENSIONS: _after_encrypted_extensions,
    Hand.CR_CERT_REQ: lambda _hs: {HandshakeType.CERTIFICATE: Hand.CR_CERT},
    Hand.CR_CERT: lambda _hs: {HandshakeType.CERTIFICATE_VERIFY: Hand.CR_CERT_VRFY},
    Hand.CR_CERT_VRFY: lambda _hs: {HandshakeType.FINISHED: Hand.CR_FINISHED},
    Hand.OK: lambda _hs: {
        HandshakeType.NEW_SESSION_TICKET: Hand.CR_SESSION_TICKET,
        HandshakeType.KEY_UPDATE: Hand.CR_KEY_UPDATE,
    },
}
"""``[state][message] -> state``; a message that is not there is unexpected."""

_WRITE: dict[Hand, Callable[[ClientRules13], Hand | None]] = {
    Hand.CR_FINISHED: ClientRules13.after_server_finished,
    Hand.PENDING_EARLY_DATA_END: ClientRules13.after_early_data,
    Hand.CW_END_OF_EARLY_DATA: ClientRules13.second_flight,
    Hand.CW_CHANGE: ClientRules13.second_flight,
    Hand.CW_CERT: lambda rules: (
        Hand.CW_CERT_VRFY if rules.tls13.sends_certificate_verify else Hand.CW_FINISHED
    ),
    Hand.CW_CERT_VRFY: lambda _rules: Hand.CW_FINISHED,
    Hand.CW_FINISHED: lambda _rules: Hand.OK,
    Hand.CR_SESSION_TICKET: lambda _rules: Hand.OK,
    Hand.CR_KEY_UPDATE: lambda rules: Hand.CW_KEY_UPDATE if rules.answers_key_update() else Hand.OK,
    Hand.CW_KEY_UPDATE: lambda _rules: Hand.OK,
    Hand.OK: lambda rules: None if rules.s.key_update is None else Hand.CW_KEY_UPDATE,
}
"""What is written after a state; None: it is the server's turn."""

_CONSTRUCT: dict[Hand, Callable[[ClientRules13], bytes]] = {
    Hand.CW_END_OF_EARLY_DATA: lambda rules: rules.tls13.construct_end_of_early_data(),
    Hand.CW_CERT: ClientRules13.construct_certificate,
    Hand.CW_CERT_VRFY: lambda rules: rules.tls13.construct_certificate_verify(),
    Hand.CW_FINISHED: ClientRules13.construct_finished,
    Hand.CW_KEY_UPDATE: Rules13.construct_key_update,
}
"""How a state's message is made."""

_PROCESS: dict[Hand, Callable[[ClientTls13], Callable[[bytes], None]]] = {
    Hand.CR_ENCRYPTED_EXTENSIONS: lambda tls13: tls13.process_encrypted_extensions,
    Hand.CR_CERT_REQ: lambda tls13: tls13.process_certificate_request,
    Hand.CR_CERT: lambda tls13: tls13.process_certificate,
    Hand.CR_CERT_VRFY: lambda tls13: tls13.process_certificate_verify,
}
