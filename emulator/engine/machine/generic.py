"""The generic methods to 1.0.2: ssl23_connect() and ssl23_accept(), until a version is chosen.

They write and read the transport without a record layer; the bytes that they took to find out the version
are then given to the one that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from emulator.behaviours.machine import GenericRefusal
from emulator.constants import (
    SSL2_VERSION,
    SSL3_RT_HEADER_LENGTH,
    AlertDescription,
    AlertLevel,
    ContentType,
    InfoCallback,
    Want,
)
from emulator.engine.drive import ssl_clear
from emulator.engine.failure import ssl3_send_alert
from emulator.engine.machine.common import clear_errors
from emulator.engine.machine.states import State, StatesMachine
from emulator.engine.machine.states_client import ClientStates
from emulator.engine.machine.states_server import ServerStates
from emulator.engine.notices import tell_headers
from emulator.error_queue import current
from emulator.handshake.common.messages import HandshakeFailure

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

_SERVER_HELLO_START = 7
_CLIENT_HELLO_START = 11
_SSLV2_HEADER = 2


def read_bytes(s: SSL, n: int) -> int:
    """ssl23_read_bytes(): until ``s.inp.packet`` holds ``n`` bytes; 1, or what BIO_read() answered."""
    inp = s.inp
    while len(inp.packet) < n:
        s.rwstate = Want.READING
        if inp.rbio is None:
            current().put(s.errors.entry("BIO_READ", "UNSUPPORTED_METHOD", lib="BIO"))
            return -2
        chunk = inp.rbio.read(n - len(inp.packet))
        if not chunk:
            s.errno = inp.rbio.errno
            return inp.rbio.ret
        s.rwstate = Want.NOTHING
        inp.packet += chunk
    return 1


def write_bytes(s: SSL) -> int:
    """ssl23_write_bytes(): until ``s.init_msg`` is gone; 1, or what BIO_write() answered."""
    out = s.out
    while True:
        s.rwstate = Want.WRITING
        if out.wbio is None:
            return 0
        written = out.wbio.write(s.init_msg)
        if written <= 0:
            s.errno = out.wbio.errno
            return written
        s.rwstate = Want.NOTHING
        s.init_msg = s.init_msg[written:]
        if not s.init_msg:
            return 1


class GenericMachine(StatesMachine):
    """What ssl23_connect() and ssl23_accept() share: they hand over once the version is chosen."""

    __slots__ = ("generic_state", "handed_over")

    generic_function: ClassVar[str]

    def clear(self) -> None:
        """Back to the beginning, when no version is chosen."""
        super().clear()
        self.generic_state = State.BEFORE
        self.handed_over = False

    def handshake(self) -> int:
        """ssl23_connect() or ssl23_accept() while the version is open, then the version's own."""
        return super().handshake() if self.handed_over else _generic_handshake(self.s, self)

    def in_before(self) -> bool:
        """SSL_in_before()."""
        return super().in_before() and self.generic_state is State.BEFORE

    def generic_step(self) -> int:
        """One state of the generic machine; 1 to go on."""
        raise NotImplementedError

    def start(self, state: State, *, server: bool) -> None:
        """Leave the state before the handshake."""
        s = self.s
        s.server = server
        s.notify(InfoCallback.HANDSHAKE_START, 1)
        self.begin_messages()
        self.generic_state = state
        self.loop_notice()

    def go_on(self, state: State) -> int:
        """The version is chosen: its own machine takes over, at ``state``."""
        s = self.s
        assert s.hs is not None
        s.version = s.hs.version
        self.reset_buffer(push=True)
        self.enter(state)
        hand_over(s)
        self.handed_over = True
        return super().handshake()


class GenericClient(GenericMachine, ClientStates):
    """ssl23_connect(), and ssl3_connect() once the server has answered."""

    __slots__ = ("header", "hello")

    generic_function = "SSL23_CONNECT"

    def clear(self) -> None:
        """Back to the beginning, when no version is chosen."""
        super().clear()
        self.header = b""
        self.hello = b""

    def generic_step(self) -> int:
        """One state of ssl23_connect(); 1 to go on."""
        if self.generic_state is State.BEFORE:
            self.start(State.CW_CLNT_HELLO, server=False)
        if self.generic_state is State.CW_CLNT_HELLO:
            ret = self._generic_hello()
            if ret <= 0:
                return ret
            self.generic_state = State.CR_SRVR_HELLO
            self.loop_notice()
        return self._generic_answer()

    def _generic_hello(self) -> int:
        s = self.s
        s.shutdown = 0
        if not self.sending:
            hello = self.hs.construct_client_hello()
            if self.hs.hello_is_sslv2:
                self.hello = hello[_SSLV2_HEADER:]
                s.init_msg = hello
            else:
                self.hello = hello
                s.init_msg = s.out.writer.seal(ContentType.HANDSHAKE, self.hs.hello_record_version, hello)
                self.header = s.init_msg[:SSL3_RT_HEADER_LENGTH]
            self.hs.transcript.update(self.hello)
            self.sending = True
        ret = write_bytes(s)
        if ret > 0:
            self.sending = False
            self._tell_hello()
        return ret

    def _tell_hello(self) -> None:
        """The message callback; a hello in SSLv2's format has that version and no content type."""
        s = self.s
        if s.msg_callback is not None:
            if self.hs.hello_is_sslv2:
                s.msg_callback(True, SSL2_VERSION, 0, self.hello)
            else:
                tell_headers(s, self.header, version=self.hs.client_version)
                s.msg_callback(True, self.hs.client_version, ContentType.HANDSHAKE, self.hello)
        self.hello = b""

    def _generic_answer(self) -> int:
        s = self.s
        ret = read_bytes(s, _SERVER_HELLO_START)
        if ret <= 0:
            return ret
        try:
            self.hs.process_ssl23_server_hello(s.inp.packet)
        except HandshakeFailure as failure:
            if isinstance(failure.reason, int):  # a fatal alert: the reason is made of its number
                s.notify(InfoCallback.ALERT | InfoCallback.READ, s.inp.packet[5] << 8 | s.inp.packet[6])
            raise
        return self.go_on(State.CR_SRVR_HELLO)


class GenericServer(GenericMachine, ServerStates):
    """ssl23_accept(), and ssl3_accept() once the client has said hello."""

    __slots__ = ("sslv2_hello", "sslv2_length")

    generic_function = "SSL23_ACCEPT"

    def clear(self) -> None:
        """Back to the beginning, when no version is chosen."""
        super().clear()
        self.sslv2_hello = b""
        self.sslv2_length = 0

    def generic_step(self) -> int:
        """One state of ssl23_accept(); 1 to go on."""
        s = self.s
        if self.generic_state is State.BEFORE:
            self.start(State.SR_CLNT_HELLO, server=True)
        s.shutdown = 0
        if not self.sslv2_length:
            ret = read_bytes(s, _CLIENT_HELLO_START)
            if ret <= 0:
                return ret
            self.sslv2_length = self.hs.process_ssl23_client_hello(s.inp.packet)
        if self.sslv2_length:
            return self._read_sslv2_hello()
        return self.go_on(State.SR_CLNT_HELLO)

    def _read_sslv2_hello(self) -> int:
        """A hello in SSLv2's format: read whole here, and taken by ssl3_get_client_hello()."""
        s = self.s
        ret = read_bytes(s, self.sslv2_length)
        if ret <= 0:
            return ret
        self.sslv2_hello = s.inp.packet
        s.inp.packet = b""
        if s.msg_callback is not None:
            s.msg_callback(False, SSL2_VERSION, 0, self.sslv2_hello[_SSLV2_HEADER:])
        return self.go_on(State.SR_CLNT_HELLO)

    def take_sslv2_hello(self) -> bool:
        """Whether the ClientHello came in SSLv2's format; then it is processed now."""
        if not self.sslv2_hello:
            return False
        self.hs.transcript.update(self.hs.process_v2_client_hello(self.sslv2_hello))
        self.sslv2_hello = b""
        return True


def hand_over(s: SSL) -> None:
    """The bytes that were read to learn the version become the beginning of the first record."""
    inp = s.inp
    inp.rleft = inp.packet
    inp.packet = b""
    s.generic = False


def _generic_handshake(s: SSL, machine: GenericMachine) -> int:
    clear_errors(s)
    s.in_handshake += 1
    try:
        if not s.in_init or machine.in_before():
            ssl_clear(s)
        ret = _generic_step(s, machine)
    finally:  # a callback or a transport may raise
        s.in_handshake -= 1
    # Once it reads the peer's hello the C function tells nobody of success, nor of the transport's end.
    if (ret < 0 and not machine.handed_over) or machine.generic_state is State.CW_CLNT_HELLO:
        machine.exit_notice(ret)
    return ret


def _generic_step(s: SSL, machine: GenericMachine) -> int:
    if machine.in_error():
        s.put_error(machine.generic_function, "UNKNOWN_STATE")
        return -1
    try:
        return machine.generic_step()
    except HandshakeFailure as failure:
        return _refused(s, machine, failure)


def _refused(s: SSL, machine: GenericMachine, failure: HandshakeFailure) -> int:
    """A generic method sends no alert, unless its client settles on the version of its own hello to do so."""
    machine.push_failure(failure)
    answers = s.profile.machine.generic_refusal is GenericRefusal.ALERT and not s.server
    if answers and failure.reason == "UNSUPPORTED_PROTOCOL":
        assert s.hs is not None
        s.version = s.hs.client_version
        s.generic = False
        ssl3_send_alert(s, AlertLevel.FATAL, AlertDescription.PROTOCOL_VERSION)
    return failure.ret
