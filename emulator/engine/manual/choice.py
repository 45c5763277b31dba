"""A choice among the outcomes that a page permits, and the policies that choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from emulator.api.arguments import nearest, shown
from emulator.constants import ErrorCode
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

Moment = Literal[
    "before-the-first-byte",
    "handshake-reads",
    "after-the-handshake",
    "between-records",
    "after-the-failure",
]
"""The point of a call at which a choice comes up."""


class Outcome(NamedTuple):
    """One outcome of a choice.

    ``ret`` is the answer of the call and ``error`` its SSL_get_error(); both are None if the call goes on as
    the library's.  ``entry`` says that the call leaves an entry in the error queue, ``dead`` that the
    connection cannot be used afterwards.
    """

    name: str
    ret: int | None = None
    error: ErrorCode | None = None
    entry: bool = False
    dead: bool = False

    @property
    def answer(self) -> ErrorCode:
        """SSL_get_error(); NONE if the call goes on as the library's."""
        return ErrorCode.NONE if self.error is None else self.error


LIBRARY = Outcome("library")
"""The first outcome of every choice: the call goes on, and answers as the library."""

WANT_READ = Outcome("want-read", -1, ErrorCode.WANT_READ)
CLOSED = Outcome("closed", 0, ErrorCode.SYSCALL)
CLOSED_CLEANLY = Outcome("closed-cleanly", 0, ErrorCode.ZERO_RETURN)


class Choice(NamedTuple):
    """A point at which a page permits more than one outcome.

    ``clause`` is the id of the page's clause, ``kind`` says whether the clause permits the outcomes or calls
    the behaviour undefined.  ``call`` is the name of the call, ``moment`` the point in it, ``outcomes`` are
    the permitted outcomes, the library's first.  ``occasion`` numbers the renegotiations of a connection,
    from 1; it is 0 where the choice is about none.
    """

    clause: str
    kind: Literal["permission", "undefined"]
    call: str
    moment: Moment
    outcomes: tuple[Outcome, ...]
    occasion: int = 0


_ENDINGS = tuple(
    (ret, error, entry, dead)
    for ret in (0, -1)
    for error in ErrorCode
    if error is not ErrorCode.NONE
    for entry in (False, True)
    for dead in (False, True)
)


def _name(ret: int, error: ErrorCode, *, entry: bool, dead: bool) -> str:
    return f"{ret}/{error.name}{'/entry' * entry}{'/dead' * dead}"


ANYTHING = tuple(
    Outcome(_name(ret, error, entry=entry, dead=dead), ret, error, entry, dead)
    for ret, error, entry, dead in _ENDINGS
)
"""The outcomes of a call whose behaviour is undefined, but for the library's."""

NAMES = tuple(outcome.name for outcome in (LIBRARY, WANT_READ, CLOSED, CLOSED_CLEANLY, *ANYTHING))

Chooser: TypeAlias = "Callable[[Choice], int | str | Outcome]"
Policy: TypeAlias = "Literal['eager', 'library', 'never'] | int | Sequence[int | str | Outcome] | Chooser"
"""The argument ``policy``: a name, a seed, a schedule, or a function that chooses."""


class Chooses:
    """Chooses for one connection; this one takes the first outcome, the library's, always."""

    def choose(self, choice: Choice) -> Outcome:
        """Return one of the choice's outcomes."""
        return choice.outcomes[0]

    def settle(self, choice: Choice) -> None:
        """Hear that the library itself has answered with the second outcome of this choice."""


class Eager(Chooses):
    """Takes each permission once, at its first chance: one about renegotiations once for each of them."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def choose(self, choice: Choice) -> Outcome:
        """Return the second outcome the first time, if the clause is a permission."""
        if choice.kind == "undefined" or self._taken.get(choice.clause) == choice.occasion:
            return choice.outcomes[0]
        self.settle(choice)
        return choice.outcomes[1]

    def settle(self, choice: Choice) -> None:
        """Count the permission as taken."""
        self._taken[choice.clause] = choice.occasion


class Seeded(Chooses):
    """Takes any outcome; the same seed takes the same ones."""

    def __init__(self, seed: int) -> None:
        from random import Random  # noqa: PLC0415 - only a seed needs it

        self._random = Random(seed)  # noqa: S311 - reproducible, not secret

    def choose(self, choice: Choice) -> Outcome:
        """Return any outcome, each as often as the others in the long run."""
        return self._random.choice(choice.outcomes)


class Scheduled(Chooses):
    """Takes the outcomes of a schedule, choice after choice; behind its end the library's."""

    def __init__(self, schedule: Sequence[int | str | Outcome]) -> None:
        self._rest: Iterator[int | str | Outcome] = iter(schedule)

    def choose(self, choice: Choice) -> Outcome:
        """Return the schedule's next outcome.  Raises UsageError if the choice has no such outcome."""
        return _picked(choice, next(self._rest, 0), "policy: the schedule")


class Asked(Chooses):
    """Asks a function of the caller's."""

    def __init__(self, chooser: Chooser) -> None:
        self._chooser = chooser

    def choose(self, choice: Choice) -> Outcome:
        """Return the function's outcome.  Raises UsageError if the choice has no such outcome."""
        return _picked(choice, self._chooser(choice), "policy: the function")


def _picked(choice: Choice, pick: object, who: str) -> Outcome:
    outcomes = choice.outcomes
    if type(pick) is int and 0 <= pick < len(outcomes):
        return outcomes[pick]
    for outcome in outcomes:
        if pick in (outcome, outcome.name):
            return outcome
    names = [outcome.name for outcome in outcomes]
    few = names if len(names) <= 4 else [*names[:3], f"one of {len(names) - 3} more"]
    raise UsageError(
        f"{who} chose {shown(pick)} for {choice.clause}, expected an index below {len(outcomes)} or one of "
        f"{', '.join(few)}"
    )


_BY_NAME: dict[str, Callable[[], Chooses]] = {"eager": Eager, "library": Chooses, "never": Chooses}
_EXPECTED = (
    "expected 'eager', 'library', 'never', a seed (an int), a schedule (a list of indices and names of "
    "outcomes) or a function that chooses"
)


def policy_maker(policy: Any) -> Callable[[], Chooses]:
    """Return a function that makes a policy for one more connection.  Raises UsageError for a wrong one."""
    if isinstance(policy, str):
        if policy in _BY_NAME:
            return _BY_NAME[policy]
    elif isinstance(policy, int) and not isinstance(policy, bool):
        return lambda: Seeded(policy)
    elif isinstance(policy, Sequence) and not isinstance(policy, bytes | bytearray | memoryview):
        schedule = tuple(_checked(entry) for entry in policy)
        return lambda: Scheduled(schedule)
    elif callable(policy):
        return lambda: Asked(policy)
    raise UsageError(f"policy: got {shown(policy)}, {_EXPECTED}")


def _checked(entry: Any) -> int | str | Outcome:
    """Return an entry of a schedule.  Raises UsageError for what can be no outcome of any choice."""
    if isinstance(entry, Outcome) or entry in NAMES or (type(entry) is int and entry >= 0):
        good: int | str | Outcome = entry
        return good
    near = nearest(entry, NAMES) if isinstance(entry, str) else None
    hint = f"did you mean {near!r}?" if near else "expected an index from 0 or the name of an outcome"
    raise UsageError(f"policy: the schedule has {shown(entry)}; {hint}")
