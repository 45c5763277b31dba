"""The rules of a side, as the two state machines use them (statem_clnt.c, statem_srvr.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from emulator.engine.machine.flow.common13 import Rules13
    from emulator.engine.machine.flow.states import Hand, Progress
    from emulator.handshake.common.state import Handshake
    from emulator.handshake.tls12.state import Tls12


class Rules(Protocol):
    """The order of messages of one side, up to TLS 1.2 or in TLS 1.3, and the work between them."""

    def write_transition(self) -> Progress:
        """ossl_statem_*_write_transition(): the next message to send, if it is our turn."""

    def pre_work(self) -> Progress:
        """ossl_statem_*_pre_work()."""

    def send(self) -> int:
        """Make and send the message of ``hand_state``; 1, or <= 0."""

    def post_work(self) -> bool:
        """ossl_statem_*_post_work(): False where it is blocked."""

    def next_read_state(self, kind: int) -> Hand | None:
        """ossl_statem_*_read_transition(): where a message of this type leads from here; None: nowhere."""

    def process(self) -> Progress:
        """ossl_statem_*_process_message(): the meaning of the message, and whether another is to be read."""


class Side(Rules, Protocol):
    """A client or a server: its rules up to TLS 1.2, and those of TLS 1.3 beside them."""

    @property
    def hs(self) -> Handshake:
        """The logic of this side's messages."""

    @property
    def tls12(self) -> Tls12:
        """The logic of those after the hellos, up to TLS 1.2."""

    @property
    def tls13(self) -> Rules13:
        """The rules once TLS 1.3 is chosen."""

    @property
    def is_server(self) -> bool:
        """``s->server`` during a handshake of this machine."""

    @property
    def transition_function(self) -> str:
        """The function that an unexpected message's error names."""

    def set_up(self) -> bool:
        """The work at the start of a handshake; False if it fails."""
