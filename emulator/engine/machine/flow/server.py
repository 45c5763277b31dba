"""A server's rules from 1.1.0 (statem_srvr.c) for SSLv3 to TLS 1.2, and for every ClientHello."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import ServerSetup
from emulator.behaviours.renegotiation import ClientInitiated, Policy, UnpatchedPeer
from emulator.constants import (
    SSL2_VERSION,
    SSL3_VERSION,
    AlertDescription,
    AlertLevel,
    HandshakeType,
    Option,
)
from emulator.engine.failure import ssl3_send_alert
from emulator.engine.machine.flow.server13 import ServerRules13
from emulator.engine.machine.flow.states import CCS_MESSAGE, Flow, Hand, Progress
from emulator.engine.machine.messages import begin_messages
from emulator.engine.sending.keys import change_writer
from emulator.handshake.common.messages import HandshakeFailure
from emulator.handshake.server import ServerHandshake

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.machine.flow.common import Statem
    from emulator.handshake.tls12.server import ServerTls12


_HELLO_TAKEN = 2
"""``s->renegotiate`` once a ClientHello was accepted (1.1.0)."""


class ServerRules:
    """The rules of a server while TLS 1.3 is not chosen."""

    __slots__ = ("hs", "messages", "s", "st", "tls13")

    is_server = True
    transition_function = "OSSL_STATEM_SERVER_READ_TRANSITION"

    def __init__(self, st: Statem) -> None:
        self.st = st
        self.s = st.s
        self.messages = st.messages
        self.hs = ServerHandshake(st.s.config)
        """The logic of this side's messages."""
        self.tls13 = ServerRules13(st, self.hs)

    @property
    def tls12(self) -> ServerTls12:
        """The logic of the messages after the hellos."""
        return self.hs.tls12

    def set_up(self) -> bool:
        """Fresh messages; 1.1.0 checks here whether it may ask this client for a renegotiation."""
        s = self.s
        if self.st.hello_request_in_flow:
            if self.st.hand_state is Hand.BEFORE or s.renegotiate:
                begin_messages(self.s)
                self.st.first_read = self.st.hand_state is Hand.BEFORE
                return self._can_serve()
            return True
        self.st.first_read = True
        if self.st.flow is not Flow.RENEGOTIATE:
            begin_messages(self.s)
            return True
        return self._may_ask()

    def _can_serve(self) -> bool:
        """tls_setup_handshake() from 1.1.1: there must be a version, and a suite for the highest one."""
        s = self.s
        if s.profile.machine.server_setup is ServerSetup.UNCHECKED:
            return True
        if self.st.lacks_versions():
            return False
        alert, reason = AlertDescription.INTERNAL_ERROR, s.profile.machine.internal_error
        if s.config.versions:
            if any(suite.min_version <= s.config.versions[-1] for suite in s.config.cipher_suites):
                return True
            alert, reason = AlertDescription.HANDSHAKE_FAILURE, "NO_CIPHERS_AVAILABLE"
        self.st.fail_message("TLS_SETUP_HANDSHAKE", reason, alert)
        return False

    def _may_ask(self) -> bool:
        """state_machine() of 1.1.0: SSL_OP_NO_RENEGOTIATION from 1.1.0h, and RFC 5746."""
        s = self.s
        if (
            s.options & Option.NO_RENEGOTIATION
            and s.profile.renegotiation.policy is Policy.NO_RENEGOTIATION_OPTION
        ):
            self.st.fail_message(
                "STATE_MACHINE", s.profile.machine.internal_error, AlertDescription.INTERNAL_ERROR
            )
            return False
        if (
            s.profile.renegotiation.unpatched_peer is UnpatchedPeer.REFUSED
            and not self.hs.peer_secure_renegotiation
            and not s.options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        ):
            self.st.fail_message(
                "STATE_MACHINE",
                "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
                AlertDescription.HANDSHAKE_FAILURE,
            )
            return False
        return True

    # -- writing ------------------------------------------------------------------------------

    def write_transition(self) -> Progress:
        """ossl_statem_server_write_transition()."""
        s = self.s
        state = self.st.hand_state
        if state is Hand.OK:
            return self._write_from_ok()
        if state is Hand.SR_CLNT_HELLO and self.st.hello_request_in_flow and self._rejected_renegotiation():
            self.st.hand_state = Hand.OK
            return Progress.CONTINUE
        following = _WRITE[state](self.hs)
        if following is None:
            return Progress.FINISHED
        self.st.hand_state = following
        if following is Hand.OK and not self.st.hello_request_in_flow:
            s.in_init = False
        return Progress.CONTINUE

    def _write_from_ok(self) -> Progress:
        if self.st.hello_request_in_flow and not self.st.request_hello:
            # an incoming ClientHello
            begin_messages(self.s)
            return Progress.FINISHED
        self.st.request_hello = False
        self.st.hand_state = Hand.SW_HELLO_REQ
        return Progress.CONTINUE

    def _rejected_renegotiation(self) -> bool:
        return self.s.renegotiate == 0 and self.hs.finished_once

    def pre_work(self) -> Progress:
        """ossl_statem_server_pre_work()."""
        if self.st.hand_state is Hand.SW_HELLO_REQ:
            self.s.shutdown = 0
        elif self.st.hand_state is Hand.OK:
            return self.st.end_handshake(complete=self._completes_handshake())
        return Progress.CONTINUE

    def _completes_handshake(self) -> bool:
        """1.1.0: ``if (!s->server || s->renegotiate == 2)``; otherwise only a HelloRequest was sent."""
        return self.st.cleans_up if self.st.hello_request_in_flow else self.s.renegotiate == _HELLO_TAKEN

    def send(self) -> int:
        """The message of ``hand_state``."""
        if self.st.hand_state is Hand.SW_CHANGE:
            return self.messages.send_change_cipher_spec()
        hashed = self.st.hand_state is not Hand.SW_HELLO_REQ
        return self.messages.send(_CONSTRUCT[self.st.hand_state](self.hs), hashed=hashed)

    def post_work(self) -> bool:
        """ossl_statem_server_post_work()."""
        state = self.st.hand_state
        if state is Hand.SW_CHANGE:
            change_writer(self.s, self.tls12.change_write())
        elif state in (Hand.SW_HELLO_REQ, Hand.SW_SRVR_DONE, Hand.SW_FINISHED):
            if self.messages.flush() <= 0:
                return False
            if state is Hand.SW_HELLO_REQ:
                begin_messages(self.s)
        return True

    # -- reading ------------------------------------------------------------------------------

    def next_read_state(self, kind: int) -> Hand | None:
        """ossl_statem_server_read_transition()."""
        follow = _READ.get(self.st.hand_state)
        if follow is None:
            return None
        return follow(self.hs).get(kind)

    def process(self) -> Progress:
        """ossl_statem_server_process_message()."""
        state = self.st.hand_state
        if state is Hand.SR_CLNT_HELLO:
            return self._process_client_hello()
        if state is Hand.SR_FINISHED:
            self.st.process_finished(self.tls12)
            return Progress.FINISHED
        hs = self.hs
        asked_in_vain = hs.certificate_requested and not hs.tls12.expects_certificate_verify
        if state is Hand.SR_KEY_EXCH and asked_in_vain and hs.version == SSL3_VERSION:
            hs.tls12.skip_client_certificate()
        _PROCESS[state](hs)(self.messages.body())
        self.messages.accept()
        return Progress.CONTINUE

    def _process_client_hello(self) -> Progress:
        s = self.s
        if self.st.hello_request_in_flow and self._rejected_renegotiation():
            if self._refuses_renegotiation():
                self.messages.buffer = b""
                ssl3_send_alert(s, AlertLevel.WARNING, AlertDescription.NO_RENEGOTIATION)
                return Progress.FINISHED
            s.renegotiate = 1
            s.new_session = 1
            self.hs.renegotiating = True
        try:
            if s.inp.rversion == SSL2_VERSION:
                self.messages.buffer = self.hs.process_v2_client_hello(
                    _with_sslv2_header(self.messages.buffer)
                )
            else:
                self.hs.process_client_hello(self.messages.body())
        except HandshakeFailure:
            s.version = self.hs.version or s.version  # the alert has the version, if that was chosen before
            raise
        if not self.tls13.take_client_hello():
            return Progress.STOP
        if not self.st.hello_request_in_flow:
            s.renegotiate = _HELLO_TAKEN
        self.messages.accept()
        return Progress.FINISHED

    def _refuses_renegotiation(self) -> bool:
        options = self.s.options
        if options & Option.NO_RENEGOTIATION:
            return True
        # From 3.0: ``(s->options & SSL_OP_ALLOW_CLIENT_RENEGOTIATION) == 0`` refuses, too.
        by_option = self.s.profile.renegotiation.client_initiated is ClientInitiated.BY_OPTION
        if by_option and not options & Option.ALLOW_CLIENT_RENEGOTIATION:
            return True
        return (
            not self.hs.peer_secure_renegotiation and not options & Option.ALLOW_UNSAFE_LEGACY_RENEGOTIATION
        )


def _with_sslv2_header(body: bytes) -> bytes:
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def _after_server_hello(hs: ServerHandshake) -> Hand:
    if hs.hit:
        return Hand.SW_SESSION_TICKET if hs.ticket_expected else Hand.SW_CHANGE
    return Hand.SW_CERT if hs.tls12.certificate_expected else _from_key_exchange(hs)


def _from_key_exchange(hs: ServerHandshake) -> Hand:
    return Hand.SW_KEY_EXCH if hs.tls12.key_exchange_expected else _from_certificate_request(hs)


def _from_certificate_request(hs: ServerHandshake) -> Hand:
    return Hand.SW_CERT_REQ if hs.certificate_requested else Hand.SW_SRVR_DONE


def _after_finished(hs: ServerHandshake) -> Hand:
    if hs.hit:
        return Hand.OK
    return Hand.SW_SESSION_TICKET if hs.ticket_expected else Hand.SW_CHANGE


_WRITE: dict[Hand, Callable[[ServerHandshake], Hand | None]] = {
    Hand.BEFORE: lambda _hs: None,
    Hand.SW_HELLO_REQ: lambda _hs: Hand.OK,
    Hand.SR_CLNT_HELLO: lambda _hs: Hand.SW_SRVR_HELLO,
    Hand.SW_SRVR_HELLO: _after_server_hello,
    Hand.SW_CERT: _from_key_exchange,
    Hand.SW_KEY_EXCH: _from_certificate_request,
    Hand.SW_CERT_REQ: lambda _hs: Hand.SW_SRVR_DONE,
    Hand.SW_SRVR_DONE: lambda _hs: None,
    Hand.SR_FINISHED: _after_finished,
    Hand.SW_SESSION_TICKET: lambda _hs: Hand.SW_CHANGE,
    Hand.SW_CHANGE: lambda _hs: Hand.SW_FINISHED,
    Hand.SW_FINISHED: lambda hs: None if hs.hit else Hand.OK,
}
"""What is written after a state; None: it is the client's turn."""


def _after_server_done(hs: ServerHandshake) -> dict[int, Hand]:
    if not hs.certificate_requested:
        return {HandshakeType.CLIENT_KEY_EXCHANGE: Hand.SR_KEY_EXCH}
    following: dict[int, Hand] = {HandshakeType.CERTIFICATE: Hand.SR_CERT}
    if hs.version == SSL3_VERSION:
        following[HandshakeType.CLIENT_KEY_EXCHANGE] = Hand.SR_KEY_EXCH
    return following


def _after_client_key_exchange(hs: ServerHandshake) -> dict[int, Hand]:
    if hs.tls12.expects_certificate_verify:
        return {HandshakeType.CERTIFICATE_VERIFY: Hand.SR_CERT_VRFY}
    return {CCS_MESSAGE: Hand.SR_CHANGE}


_READ: dict[Hand, Callable[[ServerHandshake], dict[int, Hand]]] = {
    Hand.BEFORE: lambda _hs: {HandshakeType.CLIENT_HELLO: Hand.SR_CLNT_HELLO},
    Hand.OK: lambda _hs: {HandshakeType.CLIENT_HELLO: Hand.SR_CLNT_HELLO},
    Hand.SW_SRVR_DONE: _after_server_done,
    Hand.SR_CERT: lambda _hs: {HandshakeType.CLIENT_KEY_EXCHANGE: Hand.SR_KEY_EXCH},
    Hand.SR_KEY_EXCH: _after_client_key_exchange,
    Hand.SR_CERT_VRFY: lambda _hs: {CCS_MESSAGE: Hand.SR_CHANGE},
    Hand.SR_CHANGE: lambda _hs: {HandshakeType.FINISHED: Hand.SR_FINISHED},
    Hand.SW_FINISHED: lambda _hs: {CCS_MESSAGE: Hand.SR_CHANGE},
}
"""``[state][message] -> state``; a message that is not there is unexpected."""

_CONSTRUCT: dict[Hand, Callable[[ServerHandshake], Callable[[], bytes]]] = {
    Hand.SW_HELLO_REQ: lambda hs: hs.construct_hello_request,
    Hand.SW_SRVR_HELLO: lambda hs: hs.construct_server_hello,
    Hand.SW_CERT: lambda hs: hs.tls12.construct_certificate,
    Hand.SW_KEY_EXCH: lambda hs: hs.tls12.construct_server_key_exchange,
    Hand.SW_CERT_REQ: lambda hs: hs.tls12.construct_certificate_request,
    Hand.SW_SRVR_DONE: lambda hs: hs.tls12.construct_server_hello_done,
    Hand.SW_SESSION_TICKET: lambda hs: hs.tls12.construct_new_session_ticket,
    Hand.SW_FINISHED: lambda hs: hs.tls12.construct_finished,
}

_PROCESS: dict[Hand, Callable[[ServerHandshake], Callable[[bytes], None]]] = {
    Hand.SR_CERT: lambda hs: hs.tls12.process_certificate,
    Hand.SR_KEY_EXCH: lambda hs: hs.tls12.process_client_key_exchange,
    Hand.SR_CERT_VRFY: lambda hs: hs.tls12.process_certificate_verify,
}
