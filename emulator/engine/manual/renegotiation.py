"""Renegotiations during a write, as SSL_write(3) has them and the code has not.

All pages promise that a renegotiation which the peer asks for is performed during the write.  The code never
looks at what the peer has sent unless a handshake is under way (ssl3_write_bytes(), s3_pkt.c).  The pages of
0.9.6a to 1.1.0 permit the write to answer WANT_READ while a renegotiation takes place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import ContentType, ErrorCode, Mode, Want
from emulator.engine.drive import drive_handshake, ssl3_renegotiate_check
from emulator.engine.get_error import ssl_get_error
from emulator.engine.manual.choice import WANT_READ
from emulator.engine.manual.clauses import EARLY_RETURN, MODE_EARLY_RETURN, RENEGOTIATION
from emulator.engine.manual.transport import AskingBIO
from emulator.engine.manual.waiting import handshake_waits, may_be_performed
from emulator.engine.receiving.read import read_handshake_record
from emulator.engine.receiving.record import ssl3_get_record
from emulator.engine.receiving.state import HEADER
from emulator.engine.receiving.steps import ask_to_read_again, discard

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import BIO
    from emulator.engine.manual.choice import Moment
    from emulator.engine.manual.decisions import Decisions
    from emulator.engine.ssl import SSL

PERFORMED = "a renegotiation that the peer asks for is performed during the write"
UNFINISHED = f"{PERFORMED}: the write waits for the peer's part of it"
FAILED = f"{PERFORMED}: it failed"
GIVEN_UP = f"{PERFORMED}: the call was given up"
CANNOT_LOOK = (
    f"{PERFORMED}, but the write cannot look into this transport, and leaves its bytes to SSL_read(): define "
    "look()"
)
INTERRUPTED = "a renegotiation takes place: the write may return WANT_READ; repeat the call"
INTERRUPTED_BLOCKING = (
    "the BIO is blocking and a renegotiation takes place: without SSL_MODE_AUTO_RETRY the write may return "
    "WANT_READ; repeat the call"
)


class Renegotiation:
    """The renegotiation that goes on, and the application data that a write has read on its way.

    ``took_place``: a part of a renegotiation took place in this call.
    """

    __slots__ = (
        "_before",
        "_begun",
        "_decisions",
        "_driving",
        "_interrupted",
        "_occasion",
        "_peer_asked",
        "s",
        "took_place",
    )

    def __init__(self, s: SSL, decisions: Decisions) -> None:
        self.s = s
        self._decisions = decisions
        self._occasion = 0
        """The number of the renegotiation that goes on, or of the last one."""
        self.reset()

    def reset(self) -> None:
        """SSL_clear(): nothing of the former connection counts any more."""
        self.took_place = False
        self._before: tuple[bytes, bytes] | None = None
        """The handshake before the renegotiation that goes on; None: none does."""
        self._peer_asked = False
        """The peer has asked for it."""
        self._begun = False
        """A write has begun it, or has gone on with it where the library would have failed."""
        self._driving = False
        self._interrupted = False

    # -- before the write, and between its records ------------------------------------------------

    def before_write(self, num: int) -> int:
        """Renegotiate if either side has asked for it: 1: the write of ``num`` bytes goes on."""
        s, out = self.s, self.s.out
        if num < 0 or num < out.resume_at or out.wpend_tot or out.wnum or not self._possible():
            return 1
        self._close()
        ret = 1
        if s.in_init or (s.renegotiate_requested and ssl3_renegotiate_check(s)):
            ret = self._drive()
        return self._perform_and_interrupt("after-the-handshake") if ret > 0 else ret

    def between_records(self, sent: int) -> int:
        """1: the write goes on with its next record; else its answer.  ``sent``: its bytes that have left."""
        if not self._possible() or self.s.in_init:
            return 1
        self._close()
        self.s.out.resume_at = sent  # if the call does not come back
        ret = self._perform_and_interrupt("between-records")
        if ret > 0:
            self.s.out.resume_at = 0
        return ret

    def _perform_and_interrupt(self, moment: Moment) -> int:
        ret = self._perform()
        if ret > 0 and self.took_place and self._may_interrupt(moment):
            ret = ask_to_read_again(self.s)
            self.s.errno = 0
            self._promise_want_read(ret)
        self._close()
        return ret

    def _possible(self) -> bool:
        """Whether a handshake is a renegotiation, of TLS 1.2 or before, on a connection that is in order."""
        s = self.s
        return (
            not s.is_tls13
            and s.machine is not None
            and s.crash is None
            and not s.generic
            and not s.in_handshake
            and not s.shutdown
            and not s.machine.in_error()
            and s.inp.rbio is not None
            and self._is_no_first_handshake()
        )

    def _is_no_first_handshake(self) -> bool:
        """Whether the first handshake is over: up to its Finished messages it is no renegotiation."""
        renegotiates = self._before is not None or self.s.total_renegotiations
        return all(self._last()) and bool(renegotiates or not self.s.in_init)

    def cannot_look(self) -> bool:
        """Say that the transport cannot be looked at, if that may hide a renegotiation; False: it may not."""
        hides = self._decisions.clauses.renegotiation and self._possible()
        if hides:
            self._decisions.promise(RENEGOTIATION, CANNOT_LOOK)
        return hides

    # -- which renegotiation ------------------------------------------------------------------------

    def _last(self) -> tuple[bytes, bytes]:
        """The verify_data of both sides: they differ from one handshake to the next."""
        return self.s.hs.client_verify_data, self.s.hs.server_verify_data

    def _open(self) -> None:
        if self._before is None:
            self._before = self._last()
            self._occasion += 1

    def _close(self) -> None:
        """A renegotiation is over once both sides have sent Finished; after a HelloRequest it goes on."""
        if self._before not in (None, self._last()) and not self.s.in_init:
            self._before = None
            self._peer_asked = self._begun = False

    def peer_asks(self) -> None:
        """A message of the peer's begins a renegotiation."""
        if self._possible():
            self._open()
            self._peer_asked = True

    # -- the handshake ------------------------------------------------------------------------------

    def _drive(self) -> int:
        """Go on with a renegotiation that this side, or an earlier call, has begun: 1: the write goes on."""
        s, before = self.s, self._last()
        ret = self._run(lambda: drive_handshake(s, "SSL3_WRITE_BYTES"))
        if ret <= 0:
            self._stopped(ret)
        elif self._begun and self._last() != before:
            self._decisions.promise(RENEGOTIATION, PERFORMED)
        return ret

    def _perform(self) -> int:
        """Perform a renegotiation that the peer asks for: 1: the write goes on; else its answer."""
        s, rbio = self.s, self.s.inp.rbio
        assert rbio is not None
        promised = self._decisions.clauses.renegotiation
        if not promised or s.in_init or not handshake_waits(s, rbio) or not may_be_performed(s):
            return 1
        self._begun = True
        before = self._last()
        ret = self._run(lambda: self._take_records(rbio, before))
        if self._last() != before and not s.in_init:
            self._decisions.promise(RENEGOTIATION, PERFORMED)
            return 1
        if ret <= 0:
            self._stopped(ret)
        return ret

    def _take_records(self, rbio: BIO, before: tuple[bytes, bytes]) -> int:
        """Take record after record until the handshake is done: 1, or the answer that stopped it."""
        ret = 1
        while ret > 0 and self._last() == before and handshake_waits(self.s, rbio):
            ret = self._take_data_in_front()
            if ret > 0:
                ret = read_handshake_record(self.s)
        return ret

    def _take_data_in_front(self) -> int:
        """Keep the application data in front of a handshake record: 1, or the answer of a failed read."""
        inp = self.s.inp
        while True:
            if inp.rread:
                ret = ssl3_get_record(self.s)
                if ret <= 0:
                    return ret
            if inp.rtype != ContentType.APPLICATION_DATA:
                return 1
            self._keep()

    def _keep(self) -> None:
        """Keep the application data at hand for SSL_read()."""
        inp = self.s.inp
        if inp.rlength:
            self.s.inp.kept.append(inp.rdata[inp.roff : inp.roff + inp.rlength])
        discard(self.s)
        inp.rstate = HEADER

    def keeps_data(self) -> bool:
        """Keep the application data at hand, if a write renegotiates and the peer may still send data."""
        if not self._driving or not self._peer_asked:
            return False
        inp = self.s.inp
        reads_data, inp.in_read_app_data = inp.in_read_app_data, 1  # as if SSL_read() renegotiated
        allowed = self.s.running().application_data_allowed()
        inp.in_read_app_data = reads_data
        if allowed:
            self._begun = True
            self._keep()
        return allowed

    def _run(self, handshake: Callable[[], int]) -> int:
        """Run a part of a handshake in which each read is a choice: 1, or the answer that stopped it."""
        inp = self.s.inp
        assert inp.rbio is not None
        self._open()
        asking = AskingBIO(inp.rbio, self._interrupts)
        inp.rbio = asking
        self._driving = self.took_place = True
        self._interrupted = False
        try:
            return handshake()
        except BaseException:  # of a transport that gives up waiting, or of a function that chooses
            if self._begun:
                self._decisions.promise(RENEGOTIATION, GIVEN_UP)
            raise
        finally:
            self._driving = False
            if inp.rbio is asking:  # a callback may have set another one
                inp.rbio = asking.next_bio

    def _stopped(self, ret: int) -> None:
        """A renegotiation has stopped before its end, and the write answers so."""
        error = ssl_get_error(self.s, ret)
        if self._interrupted:
            self._promise_want_read(ret)
            return
        if self._begun:
            waits = error in (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)
            self._decisions.promise(RENEGOTIATION, UNFINISHED if waits else FAILED, ret, error)
        if error is ErrorCode.WANT_READ:
            clause, occasion = self._clause(), self._occasion
            self._decisions.policy.settle(
                self._decisions.choice(clause, "handshake-reads", WANT_READ, occasion)
            )

    # -- WANT_READ ----------------------------------------------------------------------------------

    def _interrupts(self) -> bool:
        """Whether the handshake's next read answers that the call must be repeated."""
        if not self.s.in_handshake:
            return False
        self._interrupted = self._may_interrupt("handshake-reads")
        return self._interrupted

    def _may_interrupt(self, moment: Moment) -> bool:
        """Whether the page permits WANT_READ now, and the policy takes it.

        Over a BIO that does not block only while bytes wait in it: a caller who waits for bytes must go on.
        """
        rbio = self.s.inp.rbio
        if rbio is None or not (rbio.blocks() or rbio.look(1)):
            return False
        clauses, clause = self._decisions.clauses, self._clause()
        if clause == EARLY_RETURN:
            permitted = clauses.early_return and not self.s.mode & Mode.AUTO_RETRY
        else:
            permitted = clauses.mode_early_return
        return permitted and self._decisions.permits(clause, moment, WANT_READ, self._occasion)

    def _clause(self) -> str:
        """The clause about WANT_READ: SSL_write(3)'s is about blocking transports alone."""
        rbio = self.s.inp.rbio
        return EARLY_RETURN if rbio is not None and rbio.blocks() else MODE_EARLY_RETURN

    def _promise_want_read(self, ret: int) -> None:
        clause = self._clause()
        meaning = INTERRUPTED_BLOCKING if clause == EARLY_RETURN else INTERRUPTED
        self._decisions.promise(clause, meaning, ret, ErrorCode.WANT_READ)

    # -- the data that was kept -----------------------------------------------------------------------

    def read(self, n: int, *, peek: bool) -> int:
        """SSL_read() and SSL_peek() of data that a write has kept: C's answer."""
        s = self.s
        s.errno = 0
        s.rwstate = Want.NOTHING
        if n <= 0:
            return n
        piece = self.s.inp.kept.popleft()
        s.inp.received = piece[:n]
        if peek or n < len(piece):
            self.s.inp.kept.appendleft(piece if peek else piece[n:])
        return len(s.inp.received)
