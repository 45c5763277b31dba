"""A finding: a call of the caller's that broke a duty of its release's manual page, or left the defined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, overload

from emulator.api.arguments import shown
from emulator.buffer import Buffer
from emulator.contract.codes import Kind, alike, answers_of, code
from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from emulator.constants import ErrorCode
    from emulator.contract.call import Call
    from emulator.profiles.clauses import Clause

MOST_FINDINGS = 1000
"""So many findings a connection or a pair holds: the first ones.  Further ones are counted."""


@dataclass(frozen=True, slots=True)
class CallSeen:
    """A call as a finding tells of it.

    ``number`` counts the calls of a connection, or of both sides of a pair, from 1.  ``who`` is "client",
    "server" or "connection".  ``text`` is the call in short, such as "write(16384)".  ``thread`` is a
    number for its thread alone: threads are counted from 1.  ``ret`` is the return value and ``error``
    SSL_get_error() after it; both are None of a call that was not made when the finding was, and where there
    is none.
    """

    number: int
    who: str
    text: str
    thread: int
    ret: int | None = None
    error: ErrorCode | None = None

    def __str__(self) -> str:
        return f"call {self.number}, {self.text}"

    @property
    def answer(self) -> str:
        """The answer in words, such as "-1 WANT_WRITE"."""
        return f"{self.ret}" if self.error is None else f"{self.ret} {self.error.name}"


def seen(call: Call) -> CallSeen:
    """Return what a finding keeps of a call: without the caller's bytes, and the connection."""
    return CallSeen(call.number, call.who, text_of(call), call.thread, call.ret, call.error)


def text_of(call: Call) -> str:
    """Return a call in short, "write(16384)": of bytes the length."""
    if call.writes:
        return f"{call.name}({_size(call)})"
    given = [*map(_short, call.args), *(f"{name}={_short(value)}" for name, value in call.keywords.items())]
    return f"{call.name}({', '.join(given)})"


def _size(call: Call) -> str:
    try:
        return shown(call.size)
    except (EmulatorError, TypeError, ValueError):  # the call will say that these are no bytes
        return "?"


def _short(value: object) -> str:
    if isinstance(value, IntEnum | IntFlag):
        return value.name or str(int(value))
    if isinstance(value, bytes | bytearray | Buffer):
        return f"{len(value)} bytes"
    return shown(value)


class Generations(tuple[tuple[str, str], ...]):
    """Pairs of a series and its answer, oldest first; ``print()`` shows series that answer alike as one."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(f"{series}: {words}" for series, words in alike(self))


@dataclass(frozen=True, slots=True)
class Finding:
    """A call by which a caller broke a duty or advice of its release's page, or left the defined.

    ``code`` is a stable name, which the page of findings explains: "retry-other-content".  ``kind`` says how
    grave the finding is: "duty", "undefined", "advice" or "suspicion".  ``call`` is the call itself, and
    ``earlier`` the call that the finding refers to, None if there is none.  ``clause`` is the clause of the
    release's page, None where no page has one, and ``page`` the page with its release: "SSL_write(3) of
    OpenSSL 1.0.1u".  ``says`` is a sentence: what was done, and what was expected.
    """

    code: str
    kind: Kind
    call: CallSeen
    says: str
    earlier: CallSeen | None = None
    clause: Clause | None = None
    page: str = ""

    @property
    def who(self) -> str:
        """The side whose caller did it: "client", "server" or "connection"."""
        return self.call.who

    @property
    def title(self) -> str:
        """The finding's code in words."""
        return code(self.code).title

    @property
    def advice(self) -> str:
        """What to do instead."""
        return code(self.code).advice

    @property
    def generations(self) -> Generations:
        """What the last release of each series does about such a call: pairs of a series and its answer."""
        return Generations(answers_of(self.code))

    def __str__(self) -> str:
        cited = f" ({self.clause.id}: {self.clause.says} {self.page})" if self.clause is not None else ""
        return f"{self.code}: {self.who}, {self.call}: {self.says}{cited}"


class FindingError(EmulatorError):
    """With ``strict=True``: the caller broke a duty, or left the defined; ``finding`` says how.

    The call was not made, unless only its answer showed it.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


class Findings(Sequence[Finding]):
    """The findings of a connection or a pair, in the order in which they were made; at most 1000."""

    __slots__ = ("_found", "dropped")

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self.dropped = 0
        """How many further findings there were."""

    def add(self, finding: Finding) -> None:
        """Add a finding; count it only, if there are too many already."""
        if len(self._found) < MOST_FINDINGS:
            self._found.append(finding)
        else:
            self.dropped += 1

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the findings, in order."""
        return tuple(found.code for found in self._found)

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> list[Finding]: ...
    def __getitem__(self, place: int | slice) -> Finding | list[Finding]:
        return self._found[place]

    def __len__(self) -> int:
        return len(self._found)

    def __eq__(self, other: object) -> bool:
        """Equal to a sequence of the same findings."""
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        more = f", {self.dropped} dropped" if self.dropped else ""
        return f"<Findings: {', '.join(self.codes) or 'none'}{more}>"

    def __str__(self) -> str:
        lines = [str(found) for found in self._found] or ["no findings"]
        return "\n".join([*lines, f"... and {self.dropped} more"] if self.dropped else lines)
