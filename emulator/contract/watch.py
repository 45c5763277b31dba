"""The listener that holds a caller to the duties of its release's page, and collects the findings.

Each public call is judged before it is made, by the calls before it.  A write is the usual call: when nothing
is open and nothing is wrong, it passes a few conditions.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.api.arguments import INT_MAX, shown
from emulator.constants import ErrorCode, Mode, Shutdown
from emulator.contract.call import IO_CALLS, WRITES, Listener
from emulator.contract.codes import Kind, code
from emulator.contract.findings import CallSeen, Finding, FindingError, Findings, seen, text_of
from emulator.contract.last import LastCall
from emulator.contract.path import listen
from emulator.contract.rest import Rest
from emulator.contract.retries import Blocked, difference, other_content
from emulator.engine.calls import ssl_pending
from emulator.error_queue import current
from emulator.exceptions import EmulatorError, UsageError
from emulator.pages.page import page_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.api.connection_settings import ConnectionSettings
    from emulator.contract.call import Call
    from emulator.contract.path import CallPath
    from emulator.contract.progress import Standstill
    from emulator.engine.manual.promise import Promises
    from emulator.engine.ssl import SSL
    from emulator.error_queue import ErrorEntry

_WANTS = frozenset({ErrorCode.WANT_READ, ErrorCode.WANT_WRITE})
_FATAL = frozenset({ErrorCode.SSL, ErrorCode.SYSCALL})
_LOOKS = frozenset({"want", "pending", "has_pending", "in_init", "version", "renegotiate_pending",
                    "num_renegotiations", "total_renegotiations"})  # fmt: skip
"""Calls that look at a connection and change nothing, beside those whose names begin with get_ or is_."""
_STARTS_ANEW = frozenset({"clear", "set_connect_state", "set_accept_state"})
_RAISES = frozenset({Kind.DUTY, Kind.UNDEFINED})
"""Findings that raise FindingError at once with ``strict``."""


_Last = tuple[int, str, str, Any, int, int, ErrorCode | None]
"""Of an I/O call: number, side, name, number of bytes, thread, result and error, without the bytes."""


@dataclass(slots=True)
class Company:
    """What the watches of a pair share."""

    findings: Findings
    left: CallSeen | None = None
    """The last call that left an entry in the error queue."""


class Watch(Listener):
    """Watches the caller of one connection.

    ``findings`` are those of this connection; ``company`` has those of the pair that it belongs to.  With
    ``strict`` the first duty that is broken, and the first undefined call, raises FindingError; suspicions
    do that at the end.
    """

    hears_state = False

    def __init__(self, conn: ConnectionSettings, company: Company | None = None, *, strict: bool) -> None:
        self.findings = Findings()
        self.strict = strict
        self.path: CallPath | None = None
        """The path of the connection's calls, which knows the calls under way."""
        self._company = company if company is not None else Company(Findings())
        self._page = page_of(conn.profile)
        self._size = 0
        """The bytes that the write under way offers."""
        self._queued = 0
        """The errors in the queue before the call under way."""
        self._last: _Last | None = None
        """The last I/O call that was made."""
        self._entries: tuple[ErrorEntry, ...] = ()
        """The error queue at the end of the last I/O call that failed."""
        self._stale = 0
        """How many of these entries were there before that call."""
        self._other: LastCall | None = None
        """A later call, which is no I/O call and failed, or did not return."""
        self._promises: Promises = conn.promises
        self._promised = 0
        """How many promises the pages had made before the last I/O call."""
        self._queue: tuple[ErrorEntry, ...] = ()
        """The error queue as it was when it was found dirty last."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._settled = True
        """Whether nothing of the following is open."""
        self._blocked: Blocked | None = None
        """A write that is to be repeated."""
        self._rest: Rest | None = None
        """What a partial write has left."""
        self._unasked: CallSeen | None = None
        """A call whose result nobody has asked SSL_get_error() about."""
        self._failed: CallSeen | None = None
        """The call that ended with a fatal error."""
        self._told_failed = False
        """Whether there was a finding about a call after it."""
        self._between: CallSeen | None = None
        """A call since the last I/O call, which SSL_get_error() ought to have preceded."""
        self._window = 0
        """Bytes of the blocked write that had left before the call under way."""
        self._differs = False
        """Whether the write under way is not the one that is to be repeated."""
        self._refused = False
        """Whether ``strict`` has kept the last write from being made."""

    def _settle(self) -> None:
        self._settled = (
            self._blocked is None and self._rest is None and self._unasked is None and self._failed is None
        )

    # -- the calls --------------------------------------------------------------------------------

    def before(self, call: Call) -> None:
        """Judge a call that is about to be made."""
        name = call.name
        if self.path is not None and len(self.path.under_way) > 1:
            self._tell_two_threads(call, self.path)
        self._queued = len(current())
        if name not in IO_CALLS:
            self._before_other(call)
            return
        if self._promises:
            self._promised = self._promises.made
        if self._queued or self._queue:
            self._look_at_queue(call)
        if not self._settled:
            self._before_unsettled(call)
        if name in WRITES:
            self._before_write(call)
        elif name == "shutdown":
            self._before_shutdown(call)

    def after(self, call: Call) -> None:
        """Keep what the next calls are judged by."""
        ret = call.ret
        if call.name not in IO_CALLS:
            self._after_other(call)
        elif ret is None:
            self._after_raised(call)
        else:
            size = self._size if call.name in WRITES else call.args[0] if call.args else None
            self._last = call.number, call.who, call.name, size, call.thread, ret, call.error
            self._between = self._other = None
            if ret <= 0 or not self._settled or (call.count < self._size and call.writes):
                self._after_unsettled(call, ret)

    def end(self) -> list[FindingError]:
        """Judge what is open when the connection, or the pair, is closed; what to raise with ``strict``."""
        found = list(self._left_open())
        self._begin_anew()
        for each in found:
            self._take(each)
        return [FindingError(each) for each in found] if self.strict else []

    @property
    def last(self) -> LastCall | None:
        """The last call that read, wrote or failed; None before the first."""
        if self._other is not None or self._last is None:
            return self._other
        _number, _who, name, size, _thread, ret, _error = self._last
        entries, stale = (self._entries, self._stale) if ret <= 0 else ((), 0)
        promises = tuple(self._promises.since(self._promised))
        return LastCall(_seen_again(self._last), name, size, entries, stale, promises)

    # -- findings ---------------------------------------------------------------------------------

    def _tell(self, name: str, call: Call, says: str, earlier: CallSeen | None = None) -> None:
        """Collect a finding about a call; raises FindingError with ``strict``."""
        found = self._find(name, seen(call), says, earlier)
        if found is None:
            return
        self._take(found)
        if self.strict and found.kind in _RAISES:
            self._refused = self._refused or (call.writes and not call.is_made)
            raise FindingError(found)

    def suspect_spin(self, standstill: Standstill, call: Call) -> None:
        """Collect the suspicion that a write which wants to read is repeated without waiting for that."""
        if call.writes and call.error is ErrorCode.WANT_READ:
            says = f"{standstill.count} calls in a row moved no byte; the write waits for bytes of the peer"
            found = self._find("write-spins", seen(call), says)
            if found is not None:
                self._take(found)

    def _find(self, name: str, call: CallSeen, says: str, earlier: CallSeen | None = None) -> Finding | None:
        """Make a finding, if the page of this release has a clause for it or it is one everywhere."""
        known = code(name)
        about_writes = name != "result-not-asked" or earlier is None or _is_write(earlier)
        for identifier in known.clauses if about_writes else ():
            clause = self._page.clause(identifier.partition(".")[0])
            if clause is not None and clause.id == identifier:
                kind = known.kind if known.kind is Kind.SUSPICION else Kind(clause.kind)
                return Finding(name, kind, call, says, earlier, clause, self._page.cited(clause))
        return Finding(name, known.kind, call, says, earlier) if known.everywhere else None

    def _take(self, found: Finding) -> None:
        self.findings.add(found)
        self._company.findings.add(found)

    # -- before any I/O call ------------------------------------------------------------------------

    def _tell_two_threads(self, call: Call, path: CallPath) -> None:
        others = [each for each in tuple(path.under_way.values()) if each.thread != call.thread]
        if others:
            says = f"another thread is in {text_of(others[0])} of this connection"
            self._tell(
                "two-threads", call, f"{says}; one thread at a time uses a connection", seen(others[0])
            )

    def _look_at_queue(self, call: Call) -> None:
        entries = tuple(current())
        new, self._queue = entries != self._queue, entries
        if entries and new:
            more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
            says = (
                f"the error queue of this thread has {entries[0].text}{more}, and must be empty before a call"
            )
            self._tell("queue-dirty", call, says, self._company.left)

    def _before_unsettled(self, call: Call) -> None:
        unasked, failed, blocked = self._unasked, self._failed, self._blocked
        if unasked is not None:
            self._unasked = None
            self._settle()
            says = (
                f"{unasked.text} answered {unasked.ret}, and nobody called SSL_get_error() before this call"
            )
            self._tell("result-not-asked", call, says, unasked)
        if failed is not None and not self._told_failed:
            self._told_failed = True
            name = "shutdown-after-error" if call.name == "shutdown" else "call-after-fatal"
            says = f"{failed.text} answered {failed.answer}; nothing more is called after a fatal error"
            self._tell(name, call, says, failed)
        wants_to_write = blocked is not None and blocked.call.error is ErrorCode.WANT_WRITE
        if blocked is None or not wants_to_write or call.name in WRITES or call.name == "shutdown":
            return
        if not ssl_pending(call.conn._s):  # noqa: SLF001 - a read of decrypted bytes does no I/O
            self._tell("io-between-tries", call, f"{_due(blocked)} before any other call", blocked.call)

    # -- before a write ---------------------------------------------------------------------------

    def _before_write(self, call: Call) -> None:
        args, s = call.args, call.conn._s  # noqa: SLF001 - every write comes here
        if len(args) == 1 and type(args[0]) is bytes and not call.keywords:
            size = len(args[0])
        else:
            try:
                size, most = call.size, len(call.view)
            except (EmulatorError, TypeError, ValueError):
                return  # so will the call itself
            if most < size <= INT_MAX:
                return
        self._size = size
        if not 0 < size <= INT_MAX:
            self._before_odd_size(call, size)
        if s.machine is None:
            self._before_stateless(call)
        if s.shutdown & Shutdown.SENT:
            self._tell("write-when-shut-down", call, "SSL_shutdown() has closed the direction of the writes")
        if not self._settled and size >= 0:
            self._before_next_write(call, size)

    def _before_odd_size(self, call: Call, size: int) -> None:
        if call.name != "write":
            return  # the num of the others is a size_t, and may be 0
        if size > INT_MAX:
            self._tell("write-too-long", call, f"num is {shown(size)}; an int holds at most {INT_MAX}")
        elif size:
            self._tell("write-negative", call, f"num is {shown(size)}, and a length is not negative")
        else:
            self._tell("write-zero", call, "num is 0, and a write has at least one byte")

    def _before_stateless(self, call: Call) -> None:
        clause = self._page.clause("state-required")
        if clause is not None and (clause.id == "state-required.always" or not _is_fixed(call.conn)):
            self._tell("write-without-state", call, "neither a connect nor an accept state was set before")

    def _before_next_write(self, call: Call, size: int) -> None:
        blocked, rest = self._blocked, self._rest
        if blocked is not None:
            self._window = call.conn._s.out.wnum  # noqa: SLF001 - the engine knows how much has left
            differs = difference(blocked, call, size, self._window, whole=self.strict)
            self._differs = differs is not None
            if differs is not None:
                self._tell(differs[0], call, f"{_due(blocked)} {differs[1]}", blocked.call)
        elif rest is not None and size and not rest.continued_by(call.view, size):
            self._rest = None
            self._settle()
            says = (
                f"{rest.call.text} has written {rest.call.ret} bytes; this write does not begin with the rest"
            )
            self._tell("partial-rest-missing", call, says, rest.call)

    # -- before other calls -------------------------------------------------------------------------

    def _before_shutdown(self, call: Call) -> None:
        s, blocked = call.conn._s, self._blocked  # noqa: SLF001 - which handshake it is in
        if blocked is not None:
            says = f"{_due(blocked)} before the connection is shut down"
            self._tell("shutdown-with-pending-write", call, says, blocked.call)
        elif not call.before.failed and _shakes_hands(s):
            self._tell("shutdown-in-handshake", call, "a handshake is under way")

    def _before_other(self, call: Call) -> None:
        if call.name == "get_error":
            self._before_get_error(call)
        elif call.name == "set_mode" and self._blocked is not None:
            mode = call.args[0] if call.args else call.keywords.get("mode", 0)
            if isinstance(mode, int) and mode & ~call.before.mode & Mode.ENABLE_PARTIAL_WRITE:
                says = f"{_due(self._blocked)} before SSL_MODE_ENABLE_PARTIAL_WRITE is set"
                self._tell("mode-in-mid-write", call, says, self._blocked.call)

    def _before_get_error(self, call: Call) -> None:
        last, between = self._last, self._between
        self._unasked = self._between = None
        self._settle()
        if last is None:
            return
        thread, ret = last[4:6]
        earlier = _seen_again(last)
        value = call.args[0] if call.args else call.keywords.get("ret")
        if isinstance(value, int) and value != ret:
            says = f"the value must be the result of the last call: {earlier.text} answered {ret}"
            self._tell("get-error-other-value", call, says, earlier)
        if ret > 0:
            return
        if call.thread != thread:
            says = f"{earlier.text} was called by another thread, and its errors are in that thread's queue"
            self._tell("get-error-other-thread", call, says, earlier)
        if between is not None:
            says = f"{between.text} came between {earlier.text} and this question"
            self._tell("get-error-late", call, says, earlier)
        elif call.thread == thread and tuple(current()) != self._entries:
            says = f"the error queue was changed between {earlier.text} and this question: {self._changes()}"
            self._tell("get-error-late", call, says, earlier)

    def _changes(self) -> str:
        had, has = len(self._entries), len(current())
        return "it has other entries" if had == has else f"entries before: {had}, now: {has}"

    # -- after a call -----------------------------------------------------------------------------

    def _after_other(self, call: Call) -> None:
        name = call.name
        if name == "get_error" or name in _LOOKS or name.startswith(("get_", "is_")):
            return
        if isinstance(call.raised, UsageError):
            return  # no call was made
        if name in _STARTS_ANEW:
            self._start_anew(call)
        elif name == "close":
            for error in self.end():
                raise error
        else:
            self._between = self._between if self._between is not None else seen(call)
            if call.ret is not None and call.ret <= 0:
                self._other = LastCall(seen(call), name, None, tuple(current()), self._queued)

    def _start_anew(self, call: Call) -> None:
        blocked, refused = self._blocked, self._refused
        self._begin_anew()
        if blocked is not None and not refused:
            self._take_if(self._never_repeated(blocked, f"{call.name}() put the connection back"))

    def _take_if(self, found: Finding | None) -> None:
        if found is not None:
            self._take(found)

    def _after_raised(self, call: Call) -> None:
        """Forget everything after a crash or a deadlock; a UsageError means that no call was made."""
        if not isinstance(call.raised, UsageError):
            self._last = None
            self._other = LastCall(seen(call), call.name, raised=call.raised)
            self._begin_anew()

    def _after_unsettled(self, call: Call, ret: int) -> None:
        blocked, differed = self._blocked, self._differs
        if ret <= 0:
            self._entries, self._stale = tuple(current()), self._queued
        if len(current()) > self._queued:
            self._company.left = seen(call)
        if call.writes:
            self._after_write(call, ret)
        elif call.name == "shutdown":
            self._blocked = None
        if ret <= 0 and not (
            call.name == "shutdown" and ret == 0
        ):  # 0: it is not finished, which is no error
            self._unasked = seen(call)
            if call.error not in _WANTS:
                self._after_failure(call)
        self._settle()
        if call.writes and blocked is not None and not differed:
            self._look_behind(call, blocked)

    def _after_write(self, call: Call, ret: int) -> None:
        if ret > 0:
            self._blocked = None
            if self._rest is not None:
                self._rest = self._rest.after(call)
            elif call.count < self._size:
                self._rest = Rest(call)
        elif call.error in _WANTS and self._size > 0:
            if self._blocked is None or self._differs:
                self._blocked = Blocked(call, self._size)
            else:
                self._blocked.call = seen(call)
        self._differs = self._refused = False

    def _after_failure(self, call: Call) -> None:
        """A fatal error, or the peer's close_notify: a write that is open now is not the caller's fault."""
        if call.error in _FATAL and not (call.writes and self._size == 0):
            self._failed, self._told_failed = seen(call), False
        out = call.conn._s.out  # noqa: SLF001
        unfinished = out.wnum + out.wpend_tot + out.resume_at
        if not unfinished or call.error is ErrorCode.ZERO_RETURN:
            self._blocked = None
        self._rest = None

    def _look_behind(self, call: Call, blocked: Blocked) -> None:
        """Compare the bytes that the call has sent and that were not compared before it."""
        if self._size != blocked.size or blocked.repeated_by(call):
            return
        now = self._size if call.ret is not None and call.ret > 0 else call.conn._s.out.wnum  # noqa: SLF001
        if blocked.slipped(call.view, self._window, now):
            name, how = other_content(moved=blocked.moved_to(call.data))
            self._tell(name, call, f"{_due(blocked)} {how}", blocked.call)

    # -- the end ----------------------------------------------------------------------------------

    def _left_open(self) -> Iterator[Finding]:
        blocked, rest = self._blocked, self._rest
        if self._failed is not None or self._refused:
            return
        found = []
        if blocked is not None:
            found.append(self._never_repeated(blocked, "the connection was closed"))
        elif rest is not None:
            says = f"it has written {rest.call.ret} bytes, and the rest never came"
            found.append(self._find("partial-rest-missing", rest.call, says))
        yield from (each for each in found if each is not None)

    def _never_repeated(self, blocked: Blocked, why: str) -> Finding | None:
        says = f"it answered {blocked.call.answer}, and was not repeated before {why}"
        return self._find("write-never-repeated", blocked.call, says)


def _seen_again(last: _Last) -> CallSeen:
    number, who, name, size, thread, ret, error = last
    return CallSeen(number, who, f"{name}({'' if size is None else size})", thread, ret, error)


def _is_write(call: CallSeen) -> bool:
    return call.text.partition("(")[0] in WRITES


def _shakes_hands(s: SSL) -> bool:
    """Whether a handshake is under way; TLS 1.3 has messages, and no handshake, after the first one."""
    begun = s.machine is not None and s.in_init and not s.machine.in_before()
    return begun and (s.first_handshake or not s.is_tls13)


def _due(blocked: Blocked) -> str:
    return f"{blocked.call.text} answered {blocked.call.answer} and must be repeated"


def _is_fixed(conn: ConnectionSettings) -> bool:
    """Whether the method knows one version only, and so is not generic."""
    return bool(conn._s.config.fixed_method)  # noqa: SLF001


def watch(
    conn: ConnectionSettings,
    who: str = "connection",
    clock: Iterator[int] | None = None,
    company: Company | None = None,
    *,
    strict: bool = False,
) -> Watch:
    """Watch the caller of a connection from now on."""
    found = Watch(conn, company, strict=strict)
    found.path = listen(conn, found, who=who, clock=clock)
    conn.__dict__["_watch"] = found
    return found


def watch_all(pair: Iterable[ConnectionSettings], *, strict: bool) -> Findings:
    """Watch the callers of a client and a server, whose calls are numbered as one."""
    company, clock = Company(Findings()), itertools.count(1)
    for who, conn in zip(("client", "server"), pair, strict=True):
        watch(conn, who, clock, company, strict=strict)
    return company.findings


def end_all(pair: Iterable[Any], *, raises: bool) -> None:
    """Judge what the callers have left open; FindingError with ``strict``, if ``raises``."""
    found = [error for conn in pair for error in conn._watch.end()]  # noqa: SLF001
    if raises and found:
        raise found[0]
