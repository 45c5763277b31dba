"""Our own exceptions: misuse of the emulator, a simulated crash, or something that is not emulated.

What the emulated library answers is a result (a return value, SSL_get_error, the error queue), never one of
these.
"""

from __future__ import annotations

import sys
import warnings
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST_NAME = 80
"""Of a longer name a message shows the beginning."""


class EmulatorError(Exception):
    """Base of every exception that this package raises on its own account."""


class UsageError(EmulatorError, ValueError):
    """A call to the emulator that no C program could have made, or that C leaves to chance."""


class AttributeUsageError(AttributeError, UsageError):
    """An attribute of a Context or Connection that does not exist or cannot be set; names the nearest."""


class ScriptError(UsageError):
    """A scenario's file, or a step of it, that is none: says whose, on which line, and what was expected.

    ``complaints`` are all that were found, each with its line, counted from 1, or None where there is none.
    """

    def __init__(self, name: str, complaints: Sequence[tuple[int | None, str]]) -> None:
        self.name = name
        self.complaints = tuple(complaints)
        places = [(name if line is None else f"{name}:{line}", what) for line, what in self.complaints]
        super().__init__("\n".join(f"{place}: {what}" for place, what in places))


class NotEmulated(EmulatorError, NotImplementedError):  # noqa: N818 - named for what it says to the user
    """A feature of the real library that this emulator knows by name and does not emulate."""

    def __init__(self, feature: str, detail: str = "") -> None:
        self.feature = feature
        super().__init__(f"{feature} is not emulated" + (f": {detail}" if detail else ""))


class ProfileError(EmulatorError):
    """A profile file that cannot be used: says which file, which line or key, and what was expected."""


class TableError(ProfileError, ValueError, TypeError):
    """A table that is no profile: says which keys, and what was expected.

    It is a ValueError and a TypeError too, which ``Profile.from_table()`` raised up to 0.1.
    """


class UnknownProfile(ProfileError, LookupError):  # noqa: N818 - named for what it says to the user
    """No profile has this name; the message lists the nearest ones."""

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        self.name = name
        self.nearest = tuple(nearest)
        hint = f"; the nearest are {', '.join(self.nearest)}" if self.nearest else ""
        shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
        super().__init__(f"no profile is named {shown!r}{hint}")


class LedgerError(EmulatorError):
    """Bytes that a caller was told are written were lost, doubled, reordered or changed; others were added.

    ``code`` is the stable name of the kind of loss, ``sender`` ("client" or "server") whose bytes they are,
    ``offset`` the position of the first wrong one.  ``expected`` and ``found`` are up to 16 bytes from there.
    ``loss`` has all that is known, such as the calls.
    """

    def __init__(self, loss: Any) -> None:
        self.loss = loss
        self.code: str = loss.code
        self.sender: str = loss.sender
        self.offset: int = loss.offset
        self.expected: bytes = loss.expected
        self.found: bytes = loss.found
        super().__init__(str(loss))


class NoProgress(EmulatorError):  # noqa: N818 - named for what it says to the user
    """So many calls in a row moved no byte and changed nothing, as ``spin_limit`` of a pair says.

    ``call`` is the last of them (its number, side and name), ``count`` their number, ``waits_for`` "read",
    "write" or "", ``advice`` what the caller should do instead.  ``standstill`` has all of that.
    """

    def __init__(self, standstill: Any) -> None:
        self.standstill = standstill
        self.call = standstill.call
        self.count: int = standstill.count
        self.waits_for: str = standstill.waits_for.get(standstill.call.who, "")
        self.advice: str = standstill.advice
        super().__init__(str(standstill))


class Deadlock(EmulatorError):  # noqa: N818 - named for what it says to the user
    """Both ends of a blocking pair wait for ever, or one does on a single thread."""


class SimulatedCrash(EmulatorError):  # noqa: N818 - named for what it says to the user
    """The real library would have died here: an over-read that ran into unmapped memory.

    ``signal`` is the name of the signal, ``behaviour`` what led to it, ``over_read`` how many bytes
    beyond the caller's buffer had been read.  Both ends of the connection are unusable afterwards.
    """

    def __init__(self, signal: str, behaviour: str, over_read: int) -> None:
        self.signal = signal
        self.behaviour = behaviour
        self.over_read = over_read
        super().__init__(f"{signal}: {behaviour}, {over_read} bytes over-read")


class UndefinedBehaviourWarning(UserWarning):
    """The manual page of this release calls what was just done undefined."""


class UndefinedBehaviourError(UsageError, UndefinedBehaviourWarning):
    """The same with ``undefined="raise"``: the call was not made."""


def outside() -> int:
    """Return the ``stacklevel`` with which a warning names the caller of this package, however deep it is."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001 - as the module warnings does
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    return level


_PACKAGE = __name__.partition(".")[0]


def renamed(function: Callable[P, R], former: str) -> Callable[P, R]:
    """Return ``function`` for the module to keep under its former name, until the next release but one.

    A call does the same and gives a DeprecationWarning with the new name.
    """

    @wraps(function)
    def call(*args: P.args, **keywords: P.kwargs) -> R:
        warnings.warn(f"{former}() is called {function.__name__}() now", DeprecationWarning, stacklevel=2)
        return function(*args, **keywords)

    return call
