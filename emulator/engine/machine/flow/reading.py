"""read_state_machine(): a message's header, its place in the order, its body and its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import ErrorStyle
from emulator.constants import (
    SSL2_VERSION,
    SSL3_HM_HEADER_LENGTH,
    AlertDescription,
    AlertLevel,
    ContentType,
    HandshakeType,
    Want,
)
from emulator.engine.failure import check_session, fail, ssl3_send_alert
from emulator.engine.machine.flow.states import CCS_MESSAGE, Hand, Progress, Sub
from emulator.engine.machine.messages import MESSAGE_NAMES, loop_notice
from emulator.engine.receiving.opening import change_reader
from emulator.engine.receiving.read import ssl3_read_bytes

if TYPE_CHECKING:
    from emulator.engine.machine.flow.common import Statem
    from emulator.engine.machine.flow.rules import Rules, Side


def rules_of(st: Statem, side: Side) -> Rules:
    """The rules of the version: those of TLS 1.3 once that is chosen."""
    return side.tls13 if st.s.is_tls13 else side


def read_messages(st: Statem, side: Side) -> Progress:
    """read_state_machine(): FINISHED once it is this side's turn to write."""
    inp = st.s.inp
    if st.first_read:
        inp.first_packet = inp.first_packet or not inp.any_version_first
        st.first_read = False
    while True:
        if st.sub is Sub.HEADER:
            if not _get_header(st):
                return Progress.STOP
            loop_notice(st.s)
            if not _transition(st, side):
                return Progress.STOP
            st.sub = Sub.BODY
        if not _get_body(st):
            return Progress.STOP
        inp.first_packet = inp.first_packet and inp.any_version_first
        progress = _process(st, side)
        if progress is not Progress.CONTINUE:
            return progress
        st.sub = Sub.HEADER


# -- the header ---------------------------------------------------------------------------------


def _get_header(st: Statem) -> bool:
    """tls_get_message_header()."""
    s, messages = st.s, st.messages
    while True:
        while len(messages.buffer) < SSL3_HM_HEADER_LENGTH:
            missing = SSL3_HM_HEADER_LENGTH - len(messages.buffer)
            ret = ssl3_read_bytes(s, ContentType.HANDSHAKE, missing, ccs=True)
            if ret <= 0:
                s.rwstate = Want.READING
                return False
            if s.inp.rtype == ContentType.CHANGE_CIPHER_SPEC:
                return _take_change_cipher_spec(st, s.inp.received)
            messages.buffer += s.inp.received
        skipped = _skips_hello_requests(st) and messages.buffer == b"\0\0\0\0"
        if not skipped:
            break
        messages.buffer = b""
    messages.kind = messages.buffer[0]
    if s.inp.rversion == SSL2_VERSION:
        messages.length = s.inp.rlength + SSL3_HM_HEADER_LENGTH
    else:
        messages.length = int.from_bytes(messages.buffer[1:], "big")
    return True


def _skips_hello_requests(st: Statem) -> bool:
    """Whether a HelloRequest is dropped at this point."""
    if st.s.server:
        return False
    return not st.hello_request_in_flow or st.hand_state is not Hand.OK


def _take_change_cipher_spec(st: Statem, received: bytes) -> bool:
    messages = st.messages
    if messages.buffer or received != b"\x01":
        fail(st.s, AlertDescription.UNEXPECTED_MESSAGE, "TLS_GET_MESSAGE_HEADER", "BAD_CHANGE_CIPHER_SPEC")
        return False
    messages.kind = CCS_MESSAGE
    messages.length = 0
    return True


# -- its place ----------------------------------------------------------------------------------


def _transition(st: Statem, side: Side) -> bool:
    """Whether the message may come now, and be so long; else the connection is over."""
    s, messages = st.s, st.messages
    state = rules_of(st, side).next_read_state(messages.kind)
    if state is None:
        _refuse_message(st, side.transition_function)
        return False
    st.hand_state = state
    s.out.hello_version = 0  # TLS 1.0 is for the records of a first ClientHello alone
    if messages.kind != CCS_MESSAGE and messages.length > _longest(st):
        fail(s, AlertDescription.ILLEGAL_PARAMETER, "READ_STATE_MACHINE", "EXCESSIVE_MESSAGE_SIZE")
        return False
    return True


def _longest(st: Statem) -> int:
    """ossl_statem_*_max_message_size()."""
    s, kind = st.s, st.messages.kind
    if kind == HandshakeType.HELLO_REQUEST:
        return 0
    name = MESSAGE_NAMES[kind]
    if s.is_tls13 and s.profile.tls13 is not None and name in s.profile.tls13.longest_messages:
        return s.profile.tls13.longest_messages[name]
    return s.hs.maximum_length(name)


def _refuse_message(st: Statem, function: str) -> None:
    """1.1.0 sends its alert before it pushes the error; the order shows if the alert fails."""
    s = st.s
    if s.profile.machine.error_style is ErrorStyle.STATE:
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, function, "UNEXPECTED_MESSAGE")
        return
    st.set_error()
    ssl3_send_alert(s, AlertLevel.FATAL, AlertDescription.UNEXPECTED_MESSAGE)
    s.put_error(function, "UNEXPECTED_MESSAGE")


# -- its body and its meaning -------------------------------------------------------------------


def _get_body(st: Statem) -> bool:
    """tls_get_message_body()."""
    messages = st.messages
    if messages.kind == CCS_MESSAGE:
        return True
    sslv2 = st.s.inp.rversion == SSL2_VERSION
    if messages.fill(messages.length + (0 if sslv2 else SSL3_HM_HEADER_LENGTH)) <= 0:
        return False
    messages.tell_received()
    return True


def _process(st: Statem, side: Side) -> Progress:
    check_session(st.s)
    if st.messages.kind == CCS_MESSAGE:
        return _process_change_cipher_spec(st, side)
    if st.hand_state is Hand.SR_CLNT_HELLO:
        return side.process()  # in TLS 1.3, too: after a HelloRetryRequest
    return rules_of(st, side).process()


def _process_change_cipher_spec(st: Statem, side: Side) -> Progress:
    """tls_process_change_cipher_spec()."""
    s = st.s
    st.messages.buffer = b""
    if s.hs.suite is None:
        st.fail_message("TLS_PROCESS_CHANGE_CIPHER_SPEC", "CCS_RECEIVED_EARLY")
        return Progress.STOP
    s.change_cipher_spec = True
    if not change_read_cipher(st, side):
        st.fail_message(
            "TLS_PROCESS_CHANGE_CIPHER_SPEC",
            s.profile.machine.internal_error,
            AlertDescription.INTERNAL_ERROR,
        )
        return Progress.STOP
    return Progress.CONTINUE


def change_read_cipher(st: Statem, side: Side) -> bool:
    """ssl3_do_change_cipher_spec()."""
    s, session = st.s, st.s.hs.session
    if session is None or not session.master_key:
        s.put_error("SSL3_DO_CHANGE_CIPHER_SPEC", "CCS_RECEIVED_EARLY")
        return False
    change_reader(s, side.tls12.change_read())
    side.tls12.take_peer_finished()
    return True
