"""The loop of ssl3_connect() and ssl3_accept(): state after state, until one stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from emulator.behaviours.read import EarlyChangeCipherSpec
from emulator.behaviours.renegotiation import Policy
from emulator.engine.clear import ssl_clear
from emulator.engine.machine.messages import clear_errors, exit_notice, loop_notice, push_failure
from emulator.engine.machine.states.common import After, State, States
from emulator.engine.receiving.opening import change_reader
from emulator.engine.ssl import SSL, Machine
from emulator.handshake.common.messages import HandshakeFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.handshake.common.state import Handshake
    from emulator.handshake.tls12.state import Tls12

_FINISHED = (State.CR_FINISHED, State.SR_FINISHED)


class Side(Protocol):
    """The states of a client or of a server."""

    @property
    def hs(self) -> Handshake:
        """The logic of this side's messages."""

    @property
    def tls12(self) -> Tls12:
        """The logic of those after the hellos."""

    @property
    def unknown_state_function(self) -> str:
        """The function that names an unknown state."""

    def perform(self, state: State) -> int | After | None:
        """The state's function: more than 0 to go on, else the handshake's answer; None: no such state."""

    def application_data_allowed(self) -> bool:
        """Whether a read that renegotiates may meet application data here."""


SideT = TypeVar("SideT", bound=Side)


class Predecessor(Protocol):
    """The machine of a generic method, which chose the version and handed over.

    SSL_clear() may give that method back; SSL_connect() calls this machine then, and all other calls still
    the version's own.  Neither knows the other's states.
    """

    state: State

    def handshake(self) -> int:
        """ssl23_connect() or ssl23_accept()."""

    def begin_again(self) -> None:
        """Back to the beginning."""


class StatesMachine(Machine, Generic[SideT]):
    """ssl3_connect() or ssl3_accept() at work on one connection, over the states of its side."""

    __slots__ = ("_make_side", "predecessor", "s", "side", "st")

    def __init__(self, s: SSL, make_side: Callable[[States], SideT]) -> None:
        self.s = s
        self.st = States(s)
        self.predecessor: Predecessor | None = None
        self._make_side = make_side
        self.clear()

    # -- the Machine protocol -----------------------------------------------------------------

    def clear(self) -> None:
        """Back to ``SSL_ST_BEFORE``; of the messages only the session stays."""
        self.st.clear()
        if self.predecessor is not None:
            self.predecessor.begin_again()
        self.side: SideT = self._make_side(self.st)
        self.s.take_messages(self.side.hs)

    def in_before(self) -> bool:
        """SSL_in_before()."""
        return self.st.state is State.BEFORE and not self._is_elsewhere()

    def follows_generic(self) -> bool:
        """Whether ssl23_connect() or ssl23_accept() handed over."""
        return self.predecessor is not None

    def _is_elsewhere(self) -> bool:
        """Whether ``s->state`` is one of a generic method's own states."""
        return self.predecessor is not None and self.predecessor.state is not State.BEFORE

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished()."""
        return self.st.state is State.OK

    def start_renegotiation(self) -> None:
        """``s->state = SSL_ST_RENEGOTIATE``."""
        self.st.enter(State.RENEGOTIATE)

    def unexpected_message(self) -> None:
        """A handshake starts over because the peer says something."""
        st = self.st
        if st.state is State.OK and self.s.profile.renegotiation.policy is not Policy.BANNED:
            st.enter(State.START)
            st.mark_renegotiation()

    def set_error(self) -> None:
        """``s->state = SSL_ST_ERR``."""
        self.st.enter(State.ERR)

    def in_error(self) -> bool:
        """Whether the state is SSL_ST_ERR."""
        return self.st.state is State.ERR

    def application_data_allowed(self) -> bool:
        """Whether a read that renegotiates may meet application data here."""
        return self.side.application_data_allowed()

    def change_read_cipher(self) -> bool:
        """ssl3_do_change_cipher_spec(); up to 1.0.1g keys without a master secret, too (CVE-2014-0224)."""
        s, session = self.s, self.s.hs.session
        careless = s.profile.read.early_change_cipher_spec is EarlyChangeCipherSpec.ANY_TIME
        if session is None or not (session.master_key or careless):
            s.put_error("SSL3_DO_CHANGE_CIPHER_SPEC", "CCS_RECEIVED_EARLY")
            return False
        change_reader(s, self.side.tls12.change_read())
        self.side.tls12.take_peer_finished()
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
        exit_notice(s, ret)
        return ret

    def connect_or_accept(self) -> int:
        """``s->method->ssl_connect`` or ``ssl_accept``: the generic one where SSL_clear() gave that back."""
        if self.s.generic and self.predecessor is not None:
            return self.predecessor.handshake()
        return self.handshake()

    def _run(self) -> int:
        st = self.st
        while True:
            before = st.state
            try:
                ret = None if self._is_elsewhere() else self.side.perform(before)
            except HandshakeFailure as failure:
                return self._failed(failure)
            if ret is None:
                self.s.put_error(self.side.unknown_state_function, "UNKNOWN_STATE")
                return -1
            if ret is After.RETURN_1:
                return 1
            if ret <= 0:
                return ret
            if st.state is not before and not st.reuse_message and not st.passed_over:
                loop_notice(self.s)
            st.passed_over = False

    def _failed(self, failure: HandshakeFailure) -> int:
        """A message was refused: the state stays for another call, or is lost for ever."""
        push_failure(self.s, failure)
        if self.st.state in _FINISHED:
            return 0  # ssl3_get_finished() answers 0 and never touches the state
        self.st.lose_state()
        return failure.ret
