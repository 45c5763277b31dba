"""The explanation of a connection's last call: why it answered so, what to do, who answers otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import TLS1_3_VERSION, ErrorCode, Want
from emulator.contract.call import READS, WRITES
from emulator.contract.codes import code
from emulator.contract.explanation import DecidingBehaviour, DecidingClause, Elsewhere, Explanation
from emulator.explaining import behaviours, clauses, findings, texts
from emulator.explaining.words import DONE, Words, words_for
from emulator.knowledge import errors, known
from emulator.pages.page import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.connection import Connection
    from emulator.contract.findings import Finding
    from emulator.contract.last import LastCall
    from emulator.engine.manual.promise import Promise
    from emulator.knowledge.errors import Explained

UNWATCHED = (
    "Nobody watches the calls of this connection: make it with Connection(..., findings=True), or with "
    "connected_pair(), which watches unless findings=False is given."
)
STALE = (
    "An error of an earlier call was still in the queue: SSL_get_error() looks there first, and answers SSL "
    "whatever this call did."
)
MOST_BEHAVIOURS = 3
MOST_ADVICE = 2
MOST_ELSEWHERE = 4
"""So many of each an explanation has: the nearest."""

_BESIDE_THE_CALL = frozenset(
    {"result-not-asked", "get-error-other-value", "get-error-other-thread", "get-error-late", "queue-dirty",
     "call-after-fatal", "shutdown-after-fatal", "two-threads"}
)  # fmt: skip
"""Findings about calls before this one: what generations do about them says nothing of this call."""


def explained(conn: Connection) -> Explanation:
    """Explain the last call of a connection that is watched; of another one, the state that it is in."""
    release = f"OpenSSL {conn.profile.name}"
    watch = conn._watch  # noqa: SLF001 - which has the last call
    if watch is None:
        return Explanation(f"a connection on {release}", means=_state(conn), advice=(UNWATCHED,))
    last = watch.last
    if last is None:
        means = f"It has made no call yet that reads or writes. {_state(conn)}"
        return Explanation(f"a connection on {release}", means=means)
    found = tuple(each for each in watch.findings if each.call.number == last.seen.number)
    return _Telling(conn, last, found).explanation(f"{last.seen.who}, {last.seen} on {release}")


class _Telling:
    """The facts about one call, from which its explanation is made."""

    def __init__(self, conn: Connection, last: LastCall, found: tuple[Finding, ...]) -> None:
        self.conn = conn
        self.last = last
        self.findings = found
        self.page = page_of(conn.profile)
        own = [errors.explain(entry.text) for entry in last.entries[last.stale :]]
        self.errors = [each for each in own if each is not None]
        self.words = _words(conn, last)

    def explanation(self, subject: str) -> Explanation:
        last, decided = self.last, tuple(self._behaviours())
        return Explanation(
            subject=subject,
            answer=last.seen.answer if last.raised is None else f"{type(last.raised).__name__}",
            errors=tuple(entry.text for entry in last.entries),
            means=self._means(),
            findings=self.findings,
            behaviours=decided,
            clauses=tuple(self._clauses()),
            advice=tuple(dict.fromkeys(self._advice()))[:MOST_ADVICE],
            elsewhere=tuple(self._elsewhere(decided))[:MOST_ELSEWHERE],
        )

    def _means(self) -> str:
        reasons = [each.known.meaning for each in self.errors[:1] if each.known is not None]
        stale = [STALE] if self.last.stale and self.last.seen.error is ErrorCode.SSL else []
        return " ".join([*stale, *(reasons or [self.words.means]), *map(_said_by, self.last.promises)])

    def _behaviours(self) -> Iterator[DecidingBehaviour]:
        answers = known.of_profile(self.conn.profile).answers
        keys = [key for each in self.errors if each.known is not None for key in each.known.shows]
        keys = [key for key in keys or self.words.behaviours if self._bears(key)]
        keys.sort(key=lambda key: self.last.name not in key)  # those of the call itself first
        yield from behaviours.deciding(list(dict.fromkeys(keys))[:MOST_BEHAVIOURS], answers)

    def _bears(self, key: str) -> bool:
        """Whether a behaviour can bear on this connection: those of TLS 1.3 do so on no other version."""
        return not key.startswith("tls13.") or self.conn.version() == TLS1_3_VERSION

    def _clauses(self) -> Iterator[DecidingClause]:
        named = [(each.clause, each.page) for each in self.last.promises]
        named += [(each.clause.id, each.page) for each in self.findings if each.clause is not None]
        bearing = clauses.bearing_on(self.last, self.page, blocking=self._blocking())
        named += [(each.id, self.page.cited(each)) for each in bearing]
        yield from clauses.cited(dict(reversed(named)), [name for name, _ in named])

    def _blocking(self) -> bool:
        rbio = self.conn.rbio
        return rbio is not None and rbio.blocks()

    def _advice(self) -> Iterator[str]:
        yield from (code(each.code).advice for each in self.findings)
        remedies = [each.known.remedy for each in self.errors if each.known is not None]
        yield from remedies[:1] if remedies else (self.words.remedy,)

    def _elsewhere(self, decided: tuple[DecidingBehaviour, ...]) -> Iterator[Elsewhere]:
        """What others do about a mistake of the caller's; without one, other answers and other texts."""
        codes = [each.code for each in self.findings if each.code not in _BESIDE_THE_CALL]
        for name in codes[:1]:
            yield from findings.generations(name)
        if not codes:
            yield from behaviours.elsewhere(decided)
            for error in self.errors[:1]:
                yield from _printed_elsewhere(error)


def _said_by(promise: Promise) -> str:
    """Return what the page decided in the call, in place of the library."""
    decided = "decided this answer" if promise.ret is not None else "speaks of this call"
    return f"The page {decided}: {promise.meaning}."


def _printed_elsewhere(error: Explained) -> Iterator[Elsewhere]:
    """The texts of the same error in other releases."""
    for each in error.alike:
        releases = texts.spans_of(each)
        if releases:
            yield Elsewhere(releases, f"the text is {each.text}")


def _words(conn: Connection, last: LastCall) -> Words:
    """The meaning of the answer, apart from the errors in the queue."""
    if last.raised is not None:
        return Words(str(last.raised), "No call on this connection is of use any more: make a new one.")
    error = last.seen.error
    if error is None or error is ErrorCode.NONE:
        return _words_of_success(last) if error is ErrorCode.NONE else DONE
    return words_for(last.name, error, ret=last.seen.ret, errno=conn.errno, size=last.size)


def _words_of_success(last: LastCall) -> Words:
    ret, size = last.seen.ret, last.size
    if last.name in WRITES:
        if last.name == "write" and isinstance(size, int) and ret is not None and ret < size:
            means = f"A part of the data was written: {ret} of {size} bytes."
            return Words(means, f"Write the other {size - ret} bytes by a new call.")
        means = "The library has taken all the bytes. They may not have reached the peer."
        return Words(means, "Nothing: go on.")
    if last.name in READS:
        return Words("Bytes of the peer's were read.", "Nothing: go on.")
    return Words("The call succeeded.", "Nothing: go on.")


def _state(conn: Connection) -> str:
    wants = {Want.READING: "to read", Want.WRITING: "to write"}.get(conn.want())
    waits = f"The last call wanted {wants}" if wants else "The last call waits for nothing"
    shakes = "a handshake is to be done or under way" if conn.in_init() else "no handshake is under way"
    return f"{waits}, and {shakes}."
