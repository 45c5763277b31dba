"""SSL_write() as the release's own pages have it, where they promise or permit what the code does not do.

A policy chooses among the outcomes that a page permits (choice.py); every answer that is not the library's is
among the promises of the connection (promise.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import ContentType
from emulator.engine.calls import ssl_write
from emulator.engine.manual.clauses import NUM_ZERO
from emulator.engine.manual.closed import after_failure, answers_zero_return
from emulator.engine.manual.decisions import Decisions
from emulator.engine.manual.nothing import UNDEFINED, Nothing
from emulator.engine.manual.renegotiation import Renegotiation
from emulator.engine.manual.transport import Blind
from emulator.engine.ssl import Manual

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import BIO
    from emulator.constants import ErrorCode
    from emulator.engine.manual.choice import Chooses
    from emulator.engine.manual.promise import Promises
    from emulator.engine.ssl import SSL

_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)


class ManualMode(Manual):
    """Manual mode of one connection.

    ``on_undefined`` is told of each call whose behaviour a page calls undefined; it may raise.
    """

    __slots__ = ("_decisions", "_inbox", "_nothing", "_on_undefined", "_renegotiation", "s")

    def __init__(self, s: SSL, policy: Chooses, on_undefined: Callable[[str], None]) -> None:
        self.s = s
        self._on_undefined = on_undefined
        self._decisions = Decisions(s, policy)
        self._renegotiation = Renegotiation(s, self._decisions)
        self._nothing = Nothing()
        self._inbox: object = None
        """Is true as long as bytes wait in the transport."""

    @property
    def promises(self) -> Promises:
        """The calls in which the page decided, and not the library."""
        return self._decisions.promises

    def reset(self) -> None:
        """See Manual."""
        self._renegotiation.reset()

    # -- writing ----------------------------------------------------------------------------------

    def write(self, data: object, view: bytes | memoryview, num: int) -> int:
        """See Manual."""
        s, renegotiation = self.s, self._renegotiation
        renegotiation.took_place = False
        if num <= 0 or s.in_init or s.shutdown or s.renegotiate_requested or s.out.resume_at or self._inbox:
            ret = self._write_by_the_page(data, view, num)
        else:  # as a rule nothing waits
            ret = ssl_write(s, data, view, num)
        return ret if ret > 0 else after_failure(s, self._decisions, ret)

    def _write_by_the_page(self, data: object, view: bytes | memoryview, num: int) -> int:
        s, renegotiation = self.s, self._renegotiation
        if num == 0 and self._decisions.clauses.num_zero and self._decisions.call == "write":
            return self._write_nothing(data, view)
        if s.shutdown and answers_zero_return(s, self._decisions):
            return 0
        ret = renegotiation.before_write(num)
        if ret <= 0:
            return ret
        out = s.out
        if out.resume_at:
            out.wnum, out.resume_at = out.resume_at, 0
        if renegotiation.took_place:
            # As in C the handshake comes behind the checks of SSL_write(), of which one would begin another
            # renegotiation: one that was requested during this handshake is for the next call.
            s.errno = 0
            return s.write_bytes(s, _APPLICATION_DATA, data, view, num)
        return ssl_write(s, data, view, num)

    def write_ex(self, data: object, view: bytes | memoryview, num: int) -> int:
        """See Manual."""
        self._decisions.call = "write_ex"
        try:
            return self.write(data, view, num)
        finally:
            self._decisions.call = "write"

    def _write_nothing(self, data: object, view: bytes | memoryview) -> int:
        outcome = self._nothing.choose(self.s, self._decisions)
        self._on_undefined(f"{self._decisions.page_of(NUM_ZERO)}: {UNDEFINED}")
        if outcome.ret is None:
            return ssl_write(self.s, data, view, 0)
        return self._nothing.give(self.s, outcome)

    def between_records(self, sent: int) -> int:
        """See Manual."""
        try:
            waits = bool(self._inbox)
        except BaseException:  # of a look() of the caller's: the next call goes on behind these bytes
            self.s.out.resume_at = sent
            raise
        if not waits and not self._renegotiation.took_place:
            return 1
        return self._renegotiation.between_records(sent)

    def answered(self, ret: int) -> ErrorCode | None:
        """See Manual."""
        return self._nothing.answered(self.s, ret)

    # -- reading ----------------------------------------------------------------------------------

    def peer_asks(self) -> None:
        """See Manual."""
        self._renegotiation.peer_asks()

    def keeps_data(self) -> bool:
        """See Manual."""
        return self._renegotiation.keeps_data()

    def read(self, n: int, *, peek: bool) -> int:
        """See Manual."""
        return self._renegotiation.read(n, peek=peek)

    def transport(self, rbio: BIO | None) -> None:
        """See Manual."""
        if rbio is None:
            self._inbox = None
        else:
            self._inbox = rbio.inbox() if rbio.sees() else Blind(self._renegotiation.cannot_look)
