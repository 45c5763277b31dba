"""The state machine from 1.1.0: statem.c, messages flowing out and in.

``flow`` is the outer machine (MSG_FLOW_*), ``hand_state`` where the handshake is.  Which message follows
which is in the tables of flow_client.py and flow_server.py; this file knows how a message is sent, read and
refused. TLS 1.3 is another pair of tables.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from emulator.behaviours.machine import ErrorState, ErrorStyle, FatalAlert, HelloRequestPlace
from emulator.constants import (
    SSL2_VERSION,
    SSL3_HM_HEADER_LENGTH,
    AlertDescription,
    AlertLevel,
    ContentType,
    HandshakeType,
    InfoCallback,
    Want,
)
from emulator.engine.clear import ssl_clear
from emulator.engine.machine.common import MESSAGE_NAMES, MachineBase, clear_errors
from emulator.engine.output import fail, ssl3_send_alert
from emulator.engine.read import ssl3_read_bytes
from emulator.handshake.failure import HandshakeFailure

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

CCS_MESSAGE = 0x101
"""SSL3_MT_CHANGE_CIPHER_SPEC: a ChangeCipherSpec counts as a message here."""


class Flow(StrEnum):
    """``st->state``."""

    UNINITED = "uninited"
    RENEGOTIATE = "renegotiate"  # 1.1.0
    WRITING = "writing"
    READING = "reading"
    FINISHED = "finished"
    ERROR = "error"


class Hand(StrEnum):
    """``st->hand_state`` without its ``TLS_ST_``."""

    BEFORE = "BEFORE"
    OK = "OK"
    CW_CLNT_HELLO = "CW_CLNT_HELLO"
    CR_SRVR_HELLO = "CR_SRVR_HELLO"
    CR_CERT = "CR_CERT"
    CR_CERT_STATUS = "CR_CERT_STATUS"
    CR_KEY_EXCH = "CR_KEY_EXCH"
    CR_CERT_REQ = "CR_CERT_REQ"
    CR_SRVR_DONE = "CR_SRVR_DONE"
    CR_SESSION_TICKET = "CR_SESSION_TICKET"
    CR_CHANGE = "CR_CHANGE"
    CR_FINISHED = "CR_FINISHED"
    CR_HELLO_REQ = "CR_HELLO_REQ"
    CW_CERT = "CW_CERT"
    CW_KEY_EXCH = "CW_KEY_EXCH"
    CW_CERT_VRFY = "CW_CERT_VRFY"
    CW_CHANGE = "CW_CHANGE"
    CW_FINISHED = "CW_FINISHED"
    SW_HELLO_REQ = "SW_HELLO_REQ"
    SR_CLNT_HELLO = "SR_CLNT_HELLO"
    SW_SRVR_HELLO = "SW_SRVR_HELLO"
    SW_CERT = "SW_CERT"
    SW_KEY_EXCH = "SW_KEY_EXCH"
    SW_CERT_REQ = "SW_CERT_REQ"
    SW_SRVR_DONE = "SW_SRVR_DONE"
    SR_CERT = "SR_CERT"
    SR_KEY_EXCH = "SR_KEY_EXCH"
    SR_CERT_VRFY = "SR_CERT_VRFY"
    SR_CHANGE = "SR_CHANGE"
    SR_FINISHED = "SR_FINISHED"
    SW_SESSION_TICKET = "SW_SESSION_TICKET"
    SW_CHANGE = "SW_CHANGE"
    SW_FINISHED = "SW_FINISHED"


class Sub(StrEnum):
    """``st->read_state`` and ``st->write_state``: where the inner machine goes on after it was blocked."""

    HEADER = "header"
    BODY = "body"
    TRANSITION = "transition"
    SEND = "send"
    POST_WORK = "post-work"


class Progress(StrEnum):
    """SUB_STATE_RETURN, and what a step decides."""

    CONTINUE = "continue"
    FINISHED = "finished"
    END_HANDSHAKE = "end-handshake"
    STOP = "stop"


class FlowMachine(MachineBase):
    """state_machine() and its two halves; a side's subclass knows the order of messages."""

    __slots__ = (
        "cleans_up",
        "first_read",
        "flow",
        "hand_state",
        "message_length",
        "request_hello",
        "sub",
    )

    transition_function = ""

    def __init__(self, s: SSL) -> None:
        super().__init__(s)
        self.clear()

    # -- the Machine protocol -----------------------------------------------------------------

    def clear(self) -> None:
        """ossl_statem_clear()."""
        self.flow = Flow.UNINITED
        self.hand_state = Hand.BEFORE
        self.sub = Sub.TRANSITION
        self.request_hello = False
        self.cleans_up = False
        self.first_read = False
        self.sending = False
        self.message_length = 0
        self.s.in_init = True

    def in_before(self) -> bool:
        """SSL_in_before()."""
        return self.hand_state is Hand.BEFORE and self.flow is Flow.UNINITED

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished()."""
        return not self.s.in_init and self.hand_state is Hand.OK

    def start_renegotiation(self) -> None:
        """ossl_statem_set_renegotiate()."""
        self.s.in_init = True
        if self.hello_request_in_flow:
            self.request_hello = True
        else:
            self.flow = Flow.RENEGOTIATE

    @property
    def hello_request_in_flow(self) -> bool:
        """Whether HelloRequest and unexpected ClientHellos are messages of this machine (from 1.1.1)."""
        return self.s.profile.machine.hello_request_place is HelloRequestPlace.STATE_MACHINE

    def unexpected_message(self) -> None:
        """A message arrived outside a handshake: back into init."""
        s = self.s
        if self.hello_request_in_flow:
            s.in_init = True
        elif self.is_init_finished():
            s.in_init = True
            s.renegotiate = 1
            s.new_session = 1

    def received_fatal_alert(self) -> None:
        """1.1.0k and later: the connection is over."""
        if self.s.profile.machine.fatal_alert is FatalAlert.ERROR_STATE:
            self.set_error()

    def set_error(self) -> None:
        """ossl_statem_set_error(), and the part of ossl_statem_fatal() that is about the state."""
        self.flow = Flow.ERROR
        if self.s.profile.machine.error_state is ErrorState.IN_INIT:
            self.s.in_init = True

    def in_error(self) -> bool:
        """ossl_statem_in_error()."""
        return self.flow is Flow.ERROR

    def application_data_allowed(self) -> bool:
        """ossl_statem_app_data_allowed()."""
        s = self.s
        if self.flow in (Flow.UNINITED, Flow.RENEGOTIATE):
            return False
        if not s.in_read_app_data or not s.total_renegotiations:
            return False
        if s.server:
            return self.hand_state in (Hand.BEFORE, Hand.SR_CLNT_HELLO)
        return self.hand_state is Hand.CW_CLNT_HELLO

    def change_read_cipher(self) -> bool:
        """ssl3_do_change_cipher_spec()."""
        s = self.s
        assert s.hs is not None
        if s.hs.session is None or not s.hs.session.master_key:
            s.put_error("SSL3_DO_CHANGE_CIPHER_SPEC", "CCS_RECEIVED_EARLY")
            return False
        s.reader = s.hs.change_read()
        s.hs.take_peer_finished()
        return True

    # -- state_machine() ----------------------------------------------------------------------

    def handshake(self) -> int:
        """state_machine(): -1, and nothing at all, in the error state."""
        s = self.s
        if self.flow is Flow.ERROR:
            return -1
        clear_errors(s)
        s.in_handshake += 1
        if (not s.in_init or self.in_before()) and not ssl_clear(s):
            # in_handshake stays up: the next write believes to be inside the handshake and sends plaintext
            return -1
        ret = self._run()
        s.in_handshake -= 1
        self.exit_notice(ret)
        return ret

    def _run(self) -> int:
        if self.flow in (Flow.UNINITED, Flow.FINISHED, Flow.RENEGOTIATE) and not self._initialise():
            return -1
        while self.flow is not Flow.FINISHED:
            writing = self.flow is Flow.WRITING
            try:
                progress = self._write() if writing else self._read()
            except HandshakeFailure as failure:
                return self._failed(failure)
            if progress is Progress.STOP:
                return -1
            if progress is Progress.END_HANDSHAKE:
                self.flow = Flow.FINISHED
            else:
                self.flow = Flow.READING if writing else Flow.WRITING
                self.sub = Sub.HEADER if writing else Sub.TRANSITION
        if not self.hello_request_in_flow:
            self.flow = Flow.UNINITED  # 1.1.0: the next handshake starts from the beginning
        return 1

    def _failed(self, failure: HandshakeFailure) -> int:
        """A message was refused."""
        s = self.s
        state_first = s.profile.machine.error_style is ErrorStyle.STATE
        if state_first:
            for function, reason in failure.entries:
                s.put_error(function, reason)
            already = self.in_error()
            self.set_error()
            if failure.alert is not None and not already:
                ssl3_send_alert(s, AlertLevel.FATAL, failure.alert)
        else:
            self.push_failure(failure)
            self.set_error()
        return -1

    def _initialise(self) -> bool:
        """The block that every handshake begins with."""
        s = self.s
        if self.flow is Flow.RENEGOTIATE:
            s.renegotiate = 1
        if self.flow is Flow.UNINITED:
            self.hand_state = Hand.BEFORE
            self.request_hello = False
        s.server = self.is_server
        s.notify(InfoCallback.HANDSHAKE_START, 1)
        s.init_msg = b""
        self.sending = False
        s.change_cipher_spec = False
        if s.bbio is None:
            self.push_buffer()
        if not self.set_up():
            return False
        self.flow = Flow.WRITING
        self.sub = Sub.TRANSITION
        return True

    is_server = False

    def set_up(self) -> bool:
        """What the side does once at the start of a handshake."""
        raise NotImplementedError

    def begin_messages(self) -> None:
        """tls_setup_handshake(): fresh hashes, fresh message logic."""
        s = self.s
        assert s.hs is not None
        s.hs.begin(renegotiating=s.renegotiating(), new_session=s.new_session != 0)

    # -- writing ------------------------------------------------------------------------------

    def _write(self) -> Progress:
        """write_state_machine()."""
        while True:
            if self.sub is Sub.TRANSITION:
                self.loop_notice()
                progress = self.write_transition()
                if progress is not Progress.CONTINUE:
                    return progress
                progress = self.pre_work()
                if progress is not Progress.CONTINUE:
                    return progress
                self.sub = Sub.SEND
            if self.sub is Sub.SEND:
                if self.send() <= 0:
                    return Progress.STOP
                self.sub = Sub.POST_WORK
            if not self.post_work():
                return Progress.STOP
            self.sub = Sub.TRANSITION

    def write_transition(self) -> Progress:
        """ossl_statem_*_write_transition(): the next message to send, if it is our turn."""
        raise NotImplementedError

    def pre_work(self) -> Progress:
        """ossl_statem_*_pre_work()."""
        raise NotImplementedError

    def send(self) -> int:
        """Make and send the message of ``hand_state``; 1, or <= 0."""
        raise NotImplementedError

    def post_work(self) -> bool:
        """ossl_statem_*_post_work(): False where it is blocked."""
        raise NotImplementedError

    def end_handshake(self) -> Progress:
        """tls_finish_handshake()."""
        s = self.s
        self.free_buffer()
        s.init_msg = b""
        s.in_init = False
        if self.completes_handshake():
            s.renegotiate = 0
            s.new_session = 0
            self.cleans_up = False
            assert s.hs is not None
            s.hs.finish()
            s.notify(InfoCallback.HANDSHAKE_DONE, 1)
        return Progress.END_HANDSHAKE

    def completes_handshake(self) -> bool:
        """Whether this is the end of a handshake, not just of a HelloRequest."""
        return self.cleans_up

    # -- reading ------------------------------------------------------------------------------

    def _read(self) -> Progress:
        """read_state_machine()."""
        s = self.s
        if self.first_read:
            s.first_packet = True
            self.first_read = False
        while True:
            if self.sub is Sub.HEADER:
                if not self._get_header():
                    return Progress.STOP
                self.loop_notice()
                if not self._transition():
                    return Progress.STOP
                self.sub = Sub.BODY
            if not self._get_body():
                return Progress.STOP
            s.first_packet = False
            progress = self._process()
            if progress is not Progress.CONTINUE:
                return progress
            self.sub = Sub.HEADER

    def _get_header(self) -> bool:
        """tls_get_message_header()."""
        s = self.s
        while True:
            while len(s.init_msg) < SSL3_HM_HEADER_LENGTH:
                ret = ssl3_read_bytes(
                    s, ContentType.HANDSHAKE, SSL3_HM_HEADER_LENGTH - len(s.init_msg), ccs=True
                )
                if ret <= 0:
                    s.rwstate = Want.READING
                    return False
                if s.rtype == ContentType.CHANGE_CIPHER_SPEC:
                    return self._take_ccs(s.received)
                s.init_msg += s.received
            skipped = self.skips_hello_requests() and s.init_msg == b"\0\0\0\0"
            if not skipped:
                break
            s.init_msg = b""
        s.message_type = s.init_msg[0]
        if s.rversion == SSL2_VERSION:
            self.message_length = s.rlength + SSL3_HM_HEADER_LENGTH
        else:
            self.message_length = int.from_bytes(s.init_msg[1:], "big")
        return True

    def skips_hello_requests(self) -> bool:
        """Whether a HelloRequest is nothing new at this point."""
        if self.s.server:
            return False
        return not self.hello_request_in_flow or self.hand_state is not Hand.OK

    def _take_ccs(self, received: bytes) -> bool:
        s = self.s
        if s.init_msg or received != b"\x01":
            fail(s, AlertDescription.UNEXPECTED_MESSAGE, "TLS_GET_MESSAGE_HEADER", "BAD_CHANGE_CIPHER_SPEC")
            return False
        s.message_type = CCS_MESSAGE
        self.message_length = 0
        return True

    def _transition(self) -> bool:
        """The message may come now, and may be so long; else the connection is over."""
        s = self.s
        kind = s.message_type
        if not self.read_transition(kind):
            return False
        if kind != CCS_MESSAGE and self.message_length > self.longest(kind):
            fail(s, AlertDescription.ILLEGAL_PARAMETER, "READ_STATE_MACHINE", "EXCESSIVE_MESSAGE_SIZE")
            return False
        return True

    def longest(self, kind: int) -> int:
        """ossl_statem_*_max_message_size()."""
        hs = self.s.hs
        assert hs is not None
        return 0 if kind == HandshakeType.HELLO_REQUEST else hs.maximum_length(MESSAGE_NAMES[kind])

    def read_transition(self, kind: int) -> bool:
        """ossl_statem_*_read_transition(): take the state that the message leads to, or refuse it."""
        state = self.next_read_state(kind)
        if state is None:
            self._unexpected_message()
            return False
        self.hand_state = state
        return True

    def next_read_state(self, kind: int) -> Hand | None:
        """Where a message of this type leads from here; None: nowhere."""
        raise NotImplementedError

    def _unexpected_message(self) -> None:
        """1.1.0 sends its alert before it pushes the error; the order shows if the alert fails."""
        s = self.s
        if s.profile.machine.error_style is ErrorStyle.STATE:
            fail(s, AlertDescription.UNEXPECTED_MESSAGE, self.transition_function, "UNEXPECTED_MESSAGE")
            return
        self.set_error()
        ssl3_send_alert(s, AlertLevel.FATAL, AlertDescription.UNEXPECTED_MESSAGE)
        s.put_error(self.transition_function, "UNEXPECTED_MESSAGE")

    def _get_body(self) -> bool:
        """tls_get_message_body()."""
        s = self.s
        if s.message_type == CCS_MESSAGE:
            return True
        sslv2 = s.rversion == SSL2_VERSION
        total = self.message_length + (0 if sslv2 else SSL3_HM_HEADER_LENGTH)
        while len(s.init_msg) < total:
            ret = ssl3_read_bytes(s, ContentType.HANDSHAKE, total - len(s.init_msg))
            if ret <= 0:
                s.rwstate = Want.READING
                return False
            s.init_msg += s.received
        if s.msg_callback is not None:
            s.msg_callback(False, s.version, ContentType.HANDSHAKE, s.init_msg)
        return True

    def _process(self) -> Progress:
        s = self.s
        if s.message_type == CCS_MESSAGE:
            return self._process_ccs()
        return self.process()

    def process(self) -> Progress:
        """ossl_statem_*_process_message(): what the message says, and whether more is to be read."""
        raise NotImplementedError

    def body(self) -> bytes:
        """The message without its header."""
        return self.s.init_msg[SSL3_HM_HEADER_LENGTH:]

    def accept_message(self) -> None:
        """The message counts for Finished, and the next one may come."""
        s = self.s
        assert s.hs is not None
        s.hs.transcript.update(s.init_msg)
        s.init_msg = b""

    def _process_ccs(self) -> Progress:
        """tls_process_change_cipher_spec()."""
        s = self.s
        s.init_msg = b""
        if s.hs is None or s.hs.suite is None:
            self.fail_message("TLS_PROCESS_CHANGE_CIPHER_SPEC", "CCS_RECEIVED_EARLY")
            return Progress.STOP
        s.change_cipher_spec = True
        if not self.change_read_cipher():
            self.fail_message(
                "TLS_PROCESS_CHANGE_CIPHER_SPEC",
                s.profile.machine.internal_error,
                AlertDescription.INTERNAL_ERROR,
            )
            return Progress.STOP
        return Progress.CONTINUE

    def fail_message(
        self, function: str, reason: str, alert: AlertDescription = AlertDescription.UNEXPECTED_MESSAGE
    ) -> None:
        """A message is refused here and not by the message logic."""
        fail(self.s, alert, function, reason)
        self.set_error()

    def process_finished(self) -> None:
        """tls_process_finished()."""
        s = self.s
        s.change_cipher_spec = False
        assert s.hs is not None
        s.hs.process_finished(self.body())
        self.accept_message()
        self.cleans_up = True
