"""read_state_machine() of 1.1.0 and later: a message's header, its place in the order, body and meaning."""

from __future__ import annotations

from emulator.behaviours.machine import ErrorState, ErrorStyle, HelloRequestPlace
from emulator.constants import (
    SSL2_VERSION,
    SSL3_HM_HEADER_LENGTH,
    AlertDescription,
    AlertLevel,
    ContentType,
    HandshakeType,
    Want,
)
from emulator.engine.failure import fail, ssl3_send_alert
from emulator.engine.machine.common import MESSAGE_NAMES, MachineBase
from emulator.engine.machine.flow_states import CCS_MESSAGE, Flow, Hand, Progress, Sub
from emulator.engine.receiving.opening import change_reader
from emulator.engine.receiving.read import ssl3_read_bytes


class FlowReading(MachineBase):
    """The reading half of the machine; a side's subclass knows the order of messages."""

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

    first_read: bool
    sub: Sub

    @property
    def hello_request_in_flow(self) -> bool:
        """Whether HelloRequest and unexpected ClientHellos are messages of this machine (from 1.1.1)."""
        return self.s.profile.machine.hello_request_place is HelloRequestPlace.STATE_MACHINE

    def change_read_cipher(self) -> bool:
        """ssl3_do_change_cipher_spec()."""
        s = self.s
        assert s.hs is not None
        if s.hs.session is None or not s.hs.session.master_key:
            s.put_error("SSL3_DO_CHANGE_CIPHER_SPEC", "CCS_RECEIVED_EARLY")
            return False
        change_reader(s, s.hs.tls12.change_read())
        s.hs.tls12.take_peer_finished()
        return True

    def set_error(self) -> None:
        """ossl_statem_set_error(), and the part of ossl_statem_fatal() that is about the state."""
        self.flow = Flow.ERROR
        if self.s.profile.machine.error_state is ErrorState.IN_INIT:
            self.s.in_init = True

    def in_error(self) -> bool:
        """ossl_statem_in_error()."""
        return self.flow is Flow.ERROR

    def _read(self) -> Progress:
        """read_state_machine()."""
        s = self.s
        if self.first_read:
            s.inp.first_packet = s.inp.first_packet or not s.inp.any_version_first
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
            s.inp.first_packet = s.inp.first_packet and s.inp.any_version_first
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
                if s.inp.rtype == ContentType.CHANGE_CIPHER_SPEC:
                    return self._take_ccs(s.inp.received)
                s.init_msg += s.inp.received
            skipped = self.skips_hello_requests() and s.init_msg == b"\0\0\0\0"
            if not skipped:
                break
            s.init_msg = b""
        s.message_type = s.init_msg[0]
        if s.inp.rversion == SSL2_VERSION:
            self.message_length = s.inp.rlength + SSL3_HM_HEADER_LENGTH
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
        s = self.s
        assert s.hs is not None
        if kind == HandshakeType.HELLO_REQUEST:
            return 0
        name = MESSAGE_NAMES[kind]
        if s.is_tls13 and s.profile.tls13 is not None and name in s.profile.tls13.longest_messages:
            return s.profile.tls13.longest_messages[name]
        return s.hs.maximum_length(name)

    def read_transition(self, kind: int) -> bool:
        """ossl_statem_*_read_transition(): take the state that the message leads to, or refuse it."""
        state = self.next_read_state(kind)
        if state is None:
            self._unexpected_message()
            return False
        self.hand_state = state
        self.s.out.hello_version = 0  # TLS 1.0 is for the records of a first ClientHello alone
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
        sslv2 = s.inp.rversion == SSL2_VERSION
        total = self.message_length + (0 if sslv2 else SSL3_HM_HEADER_LENGTH)
        if self.fill_message(total) <= 0:
            return False
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
        s.hs.tls12.process_finished(self.body())
        self.accept_message()
        self.cleans_up = True
