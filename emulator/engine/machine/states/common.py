"""The state of ssl3_connect() and ssl3_accept(), and the functions that both share (s3_both.c).

A state is entered once and its function called until it is through; ``body`` says that a message's header has
been read (the states that end in ``_B`` in C).
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from emulator.behaviours.machine import (
    AfterHelloRequest,
    ErrorState,
    FailedHandshake,
    FlushCondition,
    RenegotiationMark,
)
from emulator.constants import SSL3_HM_HEADER_LENGTH, AlertDescription, HandshakeType, InfoCallback, Want
from emulator.engine.clear import ssl_free_wbio_buffer
from emulator.engine.failure import check_session, crash, fail
from emulator.engine.machine.messages import MESSAGE_NAMES, Messages
from emulator.handshake.common.messages import HandshakeFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL

_ANY_MESSAGE = -1
_BEFORE_SUITES = ("WRONG_VERSION_NUMBER", "WRONG_SSL_VERSION")
"""Reasons to refuse a hello before its suites are looked at."""


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


class After(Enum):
    """An answer of a state's function beside "go on" (1) and the answers of the handshake (<= 0)."""

    RETURN_1 = auto()
    """The handshake function returns 1."""


class States:
    """``s->state``, the message at hand, and the functions that the states of both sides share."""

    __slots__ = (
        "body",
        "messages",
        "next_state",
        "passed_over",
        "restarted",
        "reuse_message",
        "s",
        "state",
    )

    def __init__(self, s: SSL) -> None:
        self.s = s
        self.messages = Messages(s)
        self.clear()

    def clear(self) -> None:
        """Back to ``SSL_ST_BEFORE``."""
        self.messages.clear()
        self.body = False
        self.reuse_message = False
        """``s->s3->tmp.reuse_message``: the message at hand is the next state's."""
        self.passed_over = False
        """``skip``: there was nothing to do in the state."""
        self.restarted = False
        """A second ClientHello came in the middle of a handshake."""
        self.next_state = State.OK
        """``s->s3->tmp.next_state``: the state after the flush."""
        self.enter(State.BEFORE)

    def enter(self, state: State) -> None:
        """``s->state = ...``; SSL_in_init() follows from it."""
        self.state = state
        if state is State.ERR:
            # ``#define SSL_ST_ERR (0x05|SSL_ST_INIT)`` from 1.0.2n (CVE-2017-3737), 0x05 before.
            self.s.in_init = self.s.profile.machine.error_state is ErrorState.IN_INIT
        else:
            self.s.in_init = state is not State.OK

    def lose_state(self) -> None:
        """``err: s->state = SSL_ST_ERR;`` at the end of a message's function, from 1.0.1n and 1.0.2b."""
        if self.s.profile.machine.failed_handshake is FailedHandshake.ERROR:
            self.enter(State.ERR)

    # -- renegotiation ------------------------------------------------------------------------

    def mark_renegotiation(self) -> None:
        """Mark this handshake as a renegotiation."""
        if self.s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE:
            self.s.renegotiate = 1
        self.s.new_session = 1

    def mark_own_renegotiation(self) -> None:
        """The same if this side has requested it: SSL_renegotiate_abbreviated() may resume the session."""
        s = self.s
        before = s.new_session
        self.mark_renegotiation()
        if s.renegotiate:
            s.new_session = before

    # -- steps that both sides have -----------------------------------------------------------

    def begin(self) -> None:
        """The beginning of every handshake."""
        s = self.s
        s.notify(InfoCallback.HANDSHAKE_START, 1)
        s.ccs_ok = False
        s.change_cipher_spec = False
        self.messages.buffer = b""
        self.messages.sending = False
        self.body = False
        self.reuse_message = False
        self.restarted = False

    def reset_buffer(self, *, push: bool) -> None:
        """ssl_init_wbio_buffer(): an empty buffer, over the transport or set aside."""
        out = self.s.out
        ssl_free_wbio_buffer(self.s)
        out.bbio = self.messages.new_buffer()
        if push:
            out.wbio = out.bbio

    def flush_step(self) -> int:
        """SSL3_ST_CW_FLUSH, SSL3_ST_SW_FLUSH."""
        out = self.s.out
        # ``num1=BIO_ctrl(s->wbio,BIO_CTRL_INFO,0,NULL); if (num1 > 0L)`` up to 0.9.8l.
        always = self.s.profile.machine.flush_condition is FlushCondition.ALWAYS
        if always or (out.bbio is not None and out.wbio is out.bbio and out.bbio.wpending()):
            ret = self.messages.flush()
            if ret <= 0:
                return ret
        self.s.rwstate = Want.NOTHING
        self.enter(self.next_state)
        return 1

    def finish(self) -> None:
        """The clean-up of SSL_ST_OK on both sides."""
        ssl_free_wbio_buffer(self.s)
        self.messages.buffer = b""

    def complete(self) -> None:
        """The end of a whole handshake, or of one that never began: SSL_clear() was refused at its start."""
        s = self.s
        if s.hs.session is None:
            raise crash(s, "SIGSEGV", "ssl_update_cache() looks at the session that SSL_clear() took away")
        if s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE:
            s.renegotiate = 0
        s.new_session = 0
        s.hs.finish()
        s.notify(InfoCallback.HANDSHAKE_DONE, 1)

    def after_hello_request(self) -> int | After:
        """SSL3_ST_SW_HELLO_REQ_C."""
        self.enter(State.OK)
        # 0.9.6 to 0.9.6b: ``s->state=SSL_ST_OK; ret=1; goto end;``; then SSL_ST_OK is passed through.
        returns = self.s.profile.machine.after_hello_request is AfterHelloRequest.RETURNS
        return After.RETURN_1 if returns else 1

    # -- ssl3_get_message() -------------------------------------------------------------------

    def get_message(self, expected: int, limit: str) -> int:
        """ssl3_get_message(): a whole message in ``messages``; 1 or <= 0.

        ``expected`` is the type that it must have, negative for any; ``limit`` names the message that its
        length is judged by.
        """
        messages = self.messages
        if self.reuse_message:
            self.reuse_message = False
            if expected >= 0 and messages.kind != expected:
                return self._refuse_message()
            self.body = True
            return 1
        if not self.body:
            ret = self._get_header(expected, limit)
            if ret <= 0:
                return ret
        ret = messages.fill(SSL3_HM_HEADER_LENGTH + messages.length)
        if ret <= 0:
            return ret
        messages.tell_received()
        return 1

    def _get_header(self, expected: int, limit: str) -> int:
        s, messages = self.s, self.messages
        while True:
            ret = messages.fill(SSL3_HM_HEADER_LENGTH)
            if ret <= 0:
                return ret
            if s.server or messages.buffer != b"\0\0\0\0":
                break
            messages.buffer = b""  # a HelloRequest during a handshake is skipped
        if expected >= 0 and messages.buffer[0] != expected:
            return self._refuse_message()
        messages.kind = messages.buffer[0]
        length = int.from_bytes(messages.buffer[1:], "big")
        if length > s.hs.maximum_length(limit):
            fail(s, AlertDescription.ILLEGAL_PARAMETER, "SSL3_GET_MESSAGE", "EXCESSIVE_MESSAGE_SIZE")
            return -1
        messages.length = length
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
        check_session(self.s)
        try:
            process(self.messages.body())
        except HandshakeFailure as failure:
            if not self.s.generic or failure.reason in _BEFORE_SUITES:
                raise
        if self.s.generic:  # SSL_clear() gave the method back: ssl23_put_cipher_by_char(NULL, NULL)
            raise crash(self.s, "SIGSEGV", "a generic method looks the peer's suites up in a null cipher")
        self.messages.accept()
        self.body = False

    def peek_message(self, limit: str) -> int:
        """A message of any type, which may be left for the next state; 1 or <= 0."""
        return self.get_message(_ANY_MESSAGE, limit)

    def pass_over(self) -> None:
        """``skip = 1``: the state is empty, and the info callback is not told of it."""
        self.passed_over = True

    def leave_message(self) -> None:
        """``s->s3->tmp.reuse_message = 1``."""
        self.reuse_message = True
        self.body = False

    def read_finished(self, process: Callable[[bytes], None]) -> int:
        """ssl3_get_finished(): the peer's Finished, behind its ChangeCipherSpec."""
        s = self.s
        if not s.change_cipher_spec:
            s.ccs_ok = True
        ret = self.get_message(HandshakeType.FINISHED, "finished")
        if ret <= 0:
            return ret
        s.change_cipher_spec = False
        self.process(process)
        return 1
