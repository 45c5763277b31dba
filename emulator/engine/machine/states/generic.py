"""The generic methods up to 1.0.2: ssl23_connect() and ssl23_accept(), until a version is chosen.

They write to the transport and read it without a record layer; the bytes that they read to learn the version
then go to the machine of that version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from emulator.behaviours.machine import GenericRefusal, GenericSession
from emulator.constants import (
    SSL2_VERSION,
    SSL3_RT_HEADER_LENGTH,
    AlertDescription,
    AlertLevel,
    ContentType,
    InfoCallback,
    Want,
)
from emulator.engine.clear import forget_keys, ssl_clear
from emulator.engine.failure import ssl3_send_alert
from emulator.engine.machine.messages import (
    Messages,
    begin_messages,
    clear_errors,
    exit_notice,
    loop_notice,
    push_failure,
)
from emulator.engine.machine.states.client import ClientStates
from emulator.engine.machine.states.common import State
from emulator.engine.machine.states.loop import StatesMachine
from emulator.engine.machine.states.server import ServerStates
from emulator.engine.notices import tell_headers
from emulator.engine.ssl import Machine
from emulator.error_queue import current
from emulator.handshake.common.messages import HandshakeFailure

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL
    from emulator.handshake.common.session import Session

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


def write_bytes(s: SSL, messages: Messages) -> int:
    """ssl23_write_bytes(): until the message is gone; 1, or what BIO_write() answered."""
    out = s.out
    while True:
        s.rwstate = Want.WRITING
        if out.wbio is None:
            return 0
        written = out.wbio.write(messages.buffer)
        if written <= 0:
            s.errno = out.wbio.errno
            return written
        s.rwstate = Want.NOTHING
        messages.buffer = messages.buffer[written:]
        if not messages.buffer:
            return 1


class GenericMachine(Machine):
    """ssl23_connect() or ssl23_accept(): the machine until the version is chosen, whose own then takes over.

    ``own`` is that machine, ``state`` where this one is.
    """

    __slots__ = ("own", "s", "state")

    function: ClassVar[str]
    """The function that errors name."""

    def __init__(self, s: SSL, own: StatesMachine[ClientStates] | StatesMachine[ServerStates]) -> None:
        self.s = s
        self.own = own
        self.state = State.BEFORE

    def step(self) -> int:
        """The states from the present one on; 1, or what the handshake answers."""
        raise NotImplementedError

    # -- the Machine protocol -----------------------------------------------------------------

    def clear(self) -> None:
        """Back to the beginning."""
        self.own.clear()
        self.begin_again()

    def begin_again(self) -> None:
        """Back to the beginning, of this machine alone."""
        self.state = State.BEFORE

    def in_before(self) -> bool:
        """SSL_in_before()."""
        return self.own.in_before() and self.state is State.BEFORE

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished(): never before a version is chosen."""
        return False

    def set_error(self) -> None:
        """Into the error state, for ever."""
        self.own.set_error()

    def in_error(self) -> bool:
        """Whether the error state was reached."""
        return self.own.in_error()

    def handshake(self) -> int:
        """ssl23_connect() or ssl23_accept(), and the version's own once it is chosen."""
        s = self.s
        clear_errors(s)
        s.in_handshake += 1
        try:
            if not s.in_init or self.in_before():
                ssl_clear(s)
            ret = self._try_step()
        finally:  # a callback or a transport may raise
            s.in_handshake -= 1
        # Once it reads the peer's hello the C function tells nobody of success, nor of the transport's end.
        if (ret < 0 and (s.generic or s.machine is self)) or self.state is State.CW_CLNT_HELLO:
            exit_notice(s, ret)
        return ret

    def _try_step(self) -> int:
        if self.own.st.state is not State.BEFORE:  # in error, or the version's own handshake is under way
            self.s.put_error(self.function, "UNKNOWN_STATE")
            return -1
        try:
            return self.step()
        except HandshakeFailure as failure:
            return self._refused(failure)

    # -- what both sides share ----------------------------------------------------------------

    def start(self, state: State, *, server: bool) -> None:
        """Leave the state before the handshake."""
        s = self.s
        if s.machine is self.own:  # SSL_clear() gave the method back: the version is open again
            self.own.clear()
            forget_keys(s)
        s.server = server
        s.notify(InfoCallback.HANDSHAKE_START, 1)
        begin_messages(s)
        self.state = state
        loop_notice(s)

    def hand_over(self, state: State) -> int:
        """The version is chosen: its own machine takes over, at ``state``.

        The bytes that were read to learn the version become the beginning of the first record.
        """
        s = self.s
        s.version = s.hs.version
        self.own.st.reset_buffer(push=True)
        self.own.st.enter(state)
        s.inp.rleft = s.inp.packet
        s.inp.packet = b""
        s.generic = False
        s.machine = self.own
        self.state = State.BEFORE
        self.own.predecessor = self
        return self.own.handshake()

    def _refused(self, failure: HandshakeFailure) -> int:
        """No alert is sent, but by a client that settles on the version of its own hello to do so."""
        s = self.s
        push_failure(s, failure)
        # From 1.0.2m ssl23_get_server_hello() sends SSL_AD_PROTOCOL_VERSION by the method of its own version.
        answers = s.profile.machine.generic_refusal is GenericRefusal.ALERT and not s.server
        if answers and failure.reason == "UNSUPPORTED_PROTOCOL":
            s.version = s.hs.client_version
            s.generic = False
            ssl3_send_alert(s, AlertLevel.FATAL, AlertDescription.PROTOCOL_VERSION)
        return failure.ret


class GenericClient(GenericMachine):
    """ssl23_connect(), and ssl3_connect() once the server has answered."""

    __slots__ = ("_client", "_header", "_hello", "_made_session")

    function = "SSL23_CONNECT"

    def __init__(self, s: SSL) -> None:
        self._client = StatesMachine(s, ClientStates)
        super().__init__(s, self._client)
        self._header = b""
        self._hello = b""
        self._made_session: Session | None = None
        """The session that the hello made, until a version is chosen; not one that SSL_set_session() set."""

    def clear(self) -> None:
        """Back to the beginning; without a session where C has not made one yet."""
        super().clear()
        late = self.s.profile.machine.generic_session is GenericSession.SERVER_HELLO
        if late and self._has_made_session():
            self.s.hs.session = None

    def _has_made_session(self) -> bool:
        return self._made_session is not None and self.s.hs.session is self._made_session

    def step(self) -> int:
        """The states of ssl23_connect()."""
        if self.state is State.BEFORE:
            if self._has_made_session():
                self.s.put_error(self.function, "SSL23_DOING_SESSION_ID_REUSE")
                return -1
            self.start(State.CW_CLNT_HELLO, server=False)
        if self.state is State.CW_CLNT_HELLO:
            ret = self._send_hello()
            if ret <= 0:
                return ret
            self.state = State.CR_SRVR_HELLO
            loop_notice(self.s)
        return self._read_answer()

    def _send_hello(self) -> int:
        s, hs, messages = self.s, self._client.side.hs, self.own.st.messages
        s.shutdown = 0
        if not messages.sending:
            before = hs.session
            hello = hs.construct_client_hello()
            if hs.session is not before:
                self._made_session = hs.session
            if hs.hello_is_sslv2:
                self._hello = hello[_SSLV2_HEADER:]
                messages.buffer = hello
            else:
                self._hello = hello
                messages.buffer = s.out.writer.seal(ContentType.HANDSHAKE, hs.hello_record_version, hello)
                if s.out.on_record is not None:
                    s.out.on_record(ContentType.HANDSHAKE, hello, messages.buffer)
                self._header = messages.buffer[:SSL3_RT_HEADER_LENGTH]
            hs.transcript.update(self._hello)
            messages.sending = True
        ret = write_bytes(s, messages)
        if ret > 0:
            messages.sending = False
            self._tell_hello()
        return ret

    def _tell_hello(self) -> None:
        """The message callback; a hello in SSLv2's format has that version and no content type."""
        s, hs = self.s, self._client.side.hs
        if s.msg_callback is not None:
            if hs.hello_is_sslv2:
                s.msg_callback(True, SSL2_VERSION, 0, self._hello)
            else:
                tell_headers(s, self._header, version=hs.client_version)
                s.msg_callback(True, hs.client_version, ContentType.HANDSHAKE, self._hello)
        self._hello = b""

    def _read_answer(self) -> int:
        s = self.s
        ret = read_bytes(s, _SERVER_HELLO_START)
        if ret <= 0:
            return ret
        packet = s.inp.packet
        try:
            self._client.side.hs.process_ssl23_server_hello(packet)
        except HandshakeFailure as failure:
            if isinstance(failure.reason, int):  # a fatal alert: the reason is made of its number
                s.notify(InfoCallback.ALERT | InfoCallback.READ, packet[5] << 8 | packet[6])
            raise
        self._made_session = None
        return self.hand_over(State.CR_SRVR_HELLO)


class GenericServer(GenericMachine):
    """ssl23_accept(), and ssl3_accept() once the client has said hello."""

    __slots__ = ("_server", "_sslv2_length")

    function = "SSL23_ACCEPT"

    def __init__(self, s: SSL) -> None:
        self._server = StatesMachine(s, ServerStates)
        super().__init__(s, self._server)
        self._sslv2_length = 0

    def begin_again(self) -> None:
        """Back to the beginning, of this machine alone."""
        super().begin_again()
        self._sslv2_length = 0

    def step(self) -> int:
        """The states of ssl23_accept()."""
        s = self.s
        if self.state is State.BEFORE:
            self.start(State.SR_CLNT_HELLO, server=True)
        s.shutdown = 0
        if not self._sslv2_length:
            ret = read_bytes(s, _CLIENT_HELLO_START)
            if ret <= 0:
                return ret
            self._sslv2_length = self._server.side.hs.process_ssl23_client_hello(s.inp.packet)
        if self._sslv2_length:
            return self._read_sslv2_hello()
        return self.hand_over(State.SR_CLNT_HELLO)

    def _read_sslv2_hello(self) -> int:
        """A hello in SSLv2's format: read whole here, and taken by ssl3_get_client_hello()."""
        s = self.s
        ret = read_bytes(s, self._sslv2_length)
        if ret <= 0:
            return ret
        hello = self._server.side.sslv2_hello = s.inp.packet
        s.inp.packet = b""
        if s.msg_callback is not None:
            s.msg_callback(False, SSL2_VERSION, 0, hello[_SSLV2_HEADER:])
        return self.hand_over(State.SR_CLNT_HELLO)
