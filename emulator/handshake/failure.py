"""How the logic of a message says that the release would have refused it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.behaviours.faults import Fault, FaultSpec


class HandshakeFailure(Exception):  # noqa: N818 - a result of the emulated library, not an error of ours
    """A handshake message cannot be made or was refused: what the release pushes, and the alert it sends.

    ``entries`` are the errors in the order they are pushed, each a function and a reason without
    their prefixes; a reason is an int where it has no name (1000 + alert).  ``alert`` is the
    description of the fatal alert, None where the release sends none.  ``ret`` is what the C
    function returns, which SSL_do_handshake() hands on to 1.0.2.
    """

    def __init__(self, spec: FaultSpec, *, reason: int | None = None, ret: int = -1) -> None:
        self.entries: tuple[tuple[str, str | int], ...] = spec.entries
        if reason is not None:
            self.entries = (*spec.entries[:-1], (spec.entries[-1][0], reason))
        self.alert = spec.alert
        self.ret = ret
        super().__init__(", ".join(f"{function}:{why}" for function, why in self.entries))

    @property
    def function(self) -> str:
        """The function of the last error pushed, or an empty string when nothing is pushed."""
        return self.entries[-1][0] if self.entries else ""

    @property
    def reason(self) -> str | int:
        """The reason of the last error pushed, or an empty string when nothing is pushed."""
        return self.entries[-1][1] if self.entries else ""


class ParseError(Exception):
    """A message is shorter or longer than its lengths say; ``fault`` is what the release calls it."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault
        super().__init__(fault)
