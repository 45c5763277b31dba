"""The state machine to 1.0.2: ssl3_connect() and ssl3_accept(), a state for every message.

A state is entered once and its function called until it is through; ``body`` says that a message's header has
been read or that the message has been made (the states that end in ``_B`` in C).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from emulator.behaviours.machine import (
    AfterHelloRequest,
    ErrorState,
    FailedHandshake,
    FatalAlert,
    FlushCondition,
    RenegotiationMark,
)
from emulator.behaviours.read import EarlyChangeCipherSpec
from emulator.behaviours.renegotiation import Policy
from emulator.constants import (
    SSL3_HM_HEADER_LENGTH,
    AlertDescription,
    ContentType,
    HandshakeType,
    InfoCallback,
    Want,
)
from emulator.engine.drive import ssl_clear, ssl_free_wbio_buffer
from emulator.engine.failure import fail
from emulator.engine.machine.common import MESSAGE_NAMES, MachineBase, clear_errors
from emulator.engine.receiving.opening import change_reader
from emulator.handshake.common.messages import HandshakeFailure

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

_ANY_MESSAGE = -1

Step = Callable[[Any], int]
"""A state's function, given its machine: more than 0 to go on, else what the handshake answers."""


class State(StrEnum):
    """``s->state`` without its ``SSL3_ST_`` and its ``_A`` or ``_B``; the first four are general."""

    BEFORE = "BEFORE"
    START = "START"  # SSL_ST_CONNECT or SSL_ST_ACCEPT alone: a handshake that SSL_clear() must not begin
    RENEGOTIATE = "RENEGOTIATE"
    OK = "OK"
    ERR = "ERR"
    CW_CLNT_HELLO = "CW_CLNT_HELLO"
    CR_SRVR_HELLO = "CR_SRVR_HELLO"
    CR_CERT = "CR_CERT"
    CR_CERT_STATUS = "CR_CERT_STATUS"
    CR_KEY_EXCH = "CR_KEY_EXCH"
    CR_CERT_REQ = "CR_CERT_REQ"
    CR_SRVR_DONE = "CR_SRVR_DONE"
    CW_CERT = "CW_CERT"
    CW_KEY_EXCH = "CW_KEY_EXCH"
    CW_CERT_VRFY = "CW_CERT_VRFY"
    CW_CHANGE = "CW_CHANGE"
    CW_FINISHED = "CW_FINISHED"
    CR_SESSION_TICKET = "CR_SESSION_TICKET"
    CR_FINISHED = "CR_FINISHED"
    FLUSH = "FLUSH"
    SW_HELLO_REQ = "SW_HELLO_REQ"
    SW_HELLO_REQ_C = "SW_HELLO_REQ_C"
    SR_CLNT_HELLO = "SR_CLNT_HELLO"
    SW_SRVR_HELLO = "SW_SRVR_HELLO"
    SW_CERT = "SW_CERT"
    SW_KEY_EXCH = "SW_KEY_EXCH"
    SW_CERT_REQ = "SW_CERT_REQ"
    SW_SRVR_DONE = "SW_SRVR_DONE"
    SR_CERT = "SR_CERT"
    SR_KEY_EXCH = "SR_KEY_EXCH"
    SR_CERT_VRFY = "SR_CERT_VRFY"
    SR_FINISHED = "SR_FINISHED"
    SW_SESSION_TICKET = "SW_SESSION_TICKET"
    SW_CHANGE = "SW_CHANGE"
    SW_FINISHED = "SW_FINISHED"


_FINISHED = (State.CR_FINISHED, State.SR_FINISHED)

DONE = 2
"""What a step answers when the handshake function shall return 1."""


class StatesMachine(MachineBase):
    """What ssl3_connect() and ssl3_accept() have in common; the states are in the subclasses' tables."""

    __slots__ = ("body", "next_state", "passed_over", "restarted", "reuse_message", "state")

    unknown_state_function = ""
    steps: ClassVar[dict[State, Step]] = {}
    """What is done in each state; a state that is not there is SSL_R_UNKNOWN_STATE."""

    def __init__(self, s: SSL) -> None:
        super().__init__(s)
        self.clear()

    # -- the Machine protocol -----------------------------------------------------------------

    def clear(self) -> None:
        """Back to ``SSL_ST_BEFORE``."""
        self.body = False
        self.sending = False
        self.reuse_message = False
        self.passed_over = False
        self.restarted = False
        self.next_state = State.OK
        self.enter(State.BEFORE)

    def enter(self, state: State) -> None:
        """``s->state = ...``; SSL_in_init() follows from it."""
        self.state = state
        if state is State.ERR:
            self.s.in_init = self.s.profile.machine.error_state is ErrorState.IN_INIT
        else:
            self.s.in_init = state is not State.OK

    def in_before(self) -> bool:
        """SSL_in_before()."""
        return self.state is State.BEFORE

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished()."""
        return self.state is State.OK

    def start_renegotiation(self) -> None:
        """``s->state = SSL_ST_RENEGOTIATE``."""
        self.enter(State.RENEGOTIATE)

    def unexpected_message(self) -> None:
        """A handshake starts over because the peer says something."""
        if self.state is State.OK and self.s.profile.renegotiation.policy is not Policy.BANNED:
            self.enter(State.START)
            self.mark_renegotiation()

    def mark_renegotiation(self) -> None:
        """Remember that this handshake is not the first."""
        if self.s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE:
            self.s.renegotiate = 1
        self.s.new_session = 1

    def mark_own_renegotiation(self) -> None:
        """The same where it was asked for here: SSL_renegotiate_abbreviated() keeps its word."""
        s = self.s
        before = s.new_session
        self.mark_renegotiation()
        if s.renegotiate:
            s.new_session = before

    def received_fatal_alert(self) -> None:
        """From 1.0.2r on the connection is over."""
        if self.s.profile.machine.fatal_alert is FatalAlert.ERROR_STATE:
            self.set_error()

    def set_error(self) -> None:
        """``s->state = SSL_ST_ERR``."""
        self.enter(State.ERR)

    def lose_state(self) -> None:
        """What ``err:`` does at the end of a message's function."""
        if self.s.profile.machine.failed_handshake is FailedHandshake.ERROR:
            self.set_error()

    def in_error(self) -> bool:
        """Whether the state is SSL_ST_ERR."""
        return self.state is State.ERR

    def application_data_allowed(self) -> bool:
        """Whether a read that renegotiates may meet application data here."""
        raise NotImplementedError

    def change_read_cipher(self) -> bool:
        """ssl3_do_change_cipher_spec(); careless ones make keys without a master secret (CVE-2014-0224)."""
        s = self.s
        assert s.hs is not None
        careless = s.profile.read.early_change_cipher_spec is EarlyChangeCipherSpec.ANY_TIME
        if s.hs.session is None or not (s.hs.session.master_key or careless):
            s.put_error("SSL3_DO_CHANGE_CIPHER_SPEC", "CCS_RECEIVED_EARLY")
            return False
        change_reader(s, s.hs.tls12.change_read())
        s.hs.tls12.take_peer_finished()
        return True

    # -- the loop -----------------------------------------------------------------------------

    def handshake(self) -> int:
        """ssl3_connect() or ssl3_accept()."""
        s = self.s
        clear_errors(s)
        s.in_handshake += 1
        try:
            if not s.in_init or self.in_before():
                ssl_clear(s)
            ret = self._run()
        finally:  # a callback or a transport may raise
            s.in_handshake -= 1
        self.exit_notice(ret)
        return ret

    def _run(self) -> int:
        while True:
            step = self.steps.get(self.state)
            if step is None:
                self.s.put_error(self.unknown_state_function, "UNKNOWN_STATE")
                return -1
            before = self.state
            try:
                ret = step(self)
            except HandshakeFailure as failure:
                return self._failed(failure)
            if ret == DONE:
                return 1
            if ret <= 0:
                return ret
            if self.state is not before and not self.reuse_message and not self.passed_over:
                self.loop_notice()
            self.passed_over = False

    def _failed(self, failure: HandshakeFailure) -> int:
        """A message was refused: the state is kept for another try, or lost for ever."""
        self.push_failure(failure)
        if self.state in _FINISHED:
            return 0  # ssl3_get_finished() answers 0 and never touches the state
        self.lose_state()
        return failure.ret

    # -- steps that both sides have -----------------------------------------------------------

    def begin(self) -> None:
        """What every handshake starts with."""
        s = self.s
        s.notify(InfoCallback.HANDSHAKE_START, 1)
        s.ccs_ok = False
        s.change_cipher_spec = False
        s.init_msg = b""
        self.body = False
        self.sending = False
        self.reuse_message = False
        self.restarted = False

    def begin_messages(self) -> None:
        """Fresh hashes and a fresh handshake for the message logic."""
        s = self.s
        assert s.hs is not None
        s.hs.begin(renegotiating=s.renegotiating(), new_session=s.new_session != 0)

    def reset_buffer(self, *, push: bool) -> None:
        """ssl_init_wbio_buffer(): an empty buffer, over the transport or set aside."""
        s = self.s
        ssl_free_wbio_buffer(s)
        s.out.bbio = self.new_buffer()
        if push:
            s.out.wbio = s.out.bbio

    def flush_step(self) -> int:
        """SSL3_ST_CW_FLUSH, SSL3_ST_SW_FLUSH."""
        always = self.s.profile.machine.flush_condition is FlushCondition.ALWAYS
        if always or (
            self.s.out.bbio is not None and self.s.out.wbio is self.s.out.bbio and self.s.out.bbio.wpending()
        ):
            ret = self.flush()
            if ret <= 0:
                return ret
        self.s.rwstate = Want.NOTHING
        self.enter(self.next_state)
        return 1

    def finish(self) -> None:
        """What SSL_ST_OK cleans up on both sides."""
        s = self.s
        ssl_free_wbio_buffer(self.s)
        s.init_msg = b""

    def complete(self) -> None:
        """The end of a whole handshake."""
        s = self.s
        if s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE:
            s.renegotiate = 0
        s.new_session = 0
        assert s.hs is not None
        s.hs.finish()
        s.notify(InfoCallback.HANDSHAKE_DONE, 1)

    # -- ssl3_get_message() -------------------------------------------------------------------

    def get_message(self, expected: int, limit: str) -> int:
        """ssl3_get_message(): a whole message in ``s.init_msg``, its type in ``s.message_type``; 1 or <= 0.

        ``expected`` is the type that it must have, negative for any; ``limit`` names the message that its
        length is judged by.
        """
        s = self.s
        if self.reuse_message:
            self.reuse_message = False
            if expected >= 0 and s.message_type != expected:
                return self._refuse_message()
            self.body = True
            return 1
        if not self.body:
            ret = self._get_header(expected, limit)
            if ret <= 0:
                return ret
        ret = self.fill_message(SSL3_HM_HEADER_LENGTH + s.init_num)
        if ret <= 0:
            return ret
        if s.msg_callback is not None:
            s.msg_callback(False, s.version, ContentType.HANDSHAKE, s.init_msg)
        return 1

    def _get_header(self, expected: int, limit: str) -> int:
        s = self.s
        while True:
            ret = self.fill_message(SSL3_HM_HEADER_LENGTH)
            if ret <= 0:
                return ret
            if s.server or s.init_msg != b"\0\0\0\0":
                break
            s.init_msg = b""  # a HelloRequest during a handshake is nothing new
        if expected >= 0 and s.init_msg[0] != expected:
            return self._refuse_message()
        s.message_type = s.init_msg[0]
        length = int.from_bytes(s.init_msg[1:], "big")
        assert s.hs is not None
        if length > s.hs.maximum_length(limit):
            fail(s, AlertDescription.ILLEGAL_PARAMETER, "SSL3_GET_MESSAGE", "EXCESSIVE_MESSAGE_SIZE")
            return -1
        s.init_num = length
        self.body = True
        return 1

    def _refuse_message(self) -> int:
        fail(self.s, AlertDescription.UNEXPECTED_MESSAGE, "SSL3_GET_MESSAGE", "UNEXPECTED_MESSAGE")
        return -1

    def read_message(self, kind: HandshakeType, process: Callable[[bytes], None]) -> int:
        """One message of a known type, processed and hashed; 1 or <= 0."""
        ret = self.get_message(kind, MESSAGE_NAMES[kind])
        if ret <= 0:
            return ret
        self.process(process)
        return 1

    def process(self, process: Callable[[bytes], None]) -> None:
        """Hand a message to the logic; only one that was accepted is forgotten and hashed."""
        s = self.s
        process(s.init_msg[SSL3_HM_HEADER_LENGTH:])
        self.accept_message()

    def accept_message(self) -> None:
        """The message counts for Finished, and the next one may come."""
        s = self.s
        assert s.hs is not None
        s.hs.transcript.update(s.init_msg)
        s.init_msg = b""
        self.body = False

    def peek_message(self, limit: str) -> int:
        """A message of any type, to be looked at and perhaps left for the next state; 1 or <= 0."""
        return self.get_message(_ANY_MESSAGE, limit)

    def pass_over(self) -> None:
        """``skip = 1``: there is nothing to do in this state, and the info callback hears nothing of it."""
        self.passed_over = True

    def leave_message(self) -> None:
        """``s->s3->tmp.reuse_message = 1``."""
        self.reuse_message = True
        self.body = False

    def read_finished(self) -> int:
        """The peer's Finished; a ChangeCipherSpec may come before it, and must."""
        s = self.s
        if not s.change_cipher_spec:
            s.ccs_ok = True
        ret = self.get_message(HandshakeType.FINISHED, "finished")
        if ret <= 0:
            return ret
        assert s.hs is not None
        s.change_cipher_spec = False
        self.process(s.hs.tls12.process_finished)
        return 1

    def after_hello_request(self) -> int:
        """SSL3_ST_SW_HELLO_REQ_C."""
        self.enter(State.OK)
        returns = self.s.profile.machine.after_hello_request is AfterHelloRequest.RETURNS
        return DONE if returns else 1
