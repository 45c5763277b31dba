"""The caller's callbacks: an exception in one waits until the call that led to it is done.

No C function can be left in its middle, so none is here: the call goes on as if the callback had returned
``default``, and ends with the exception in place of its answer.  Bindings of the C library do the same.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL

    class OfSsl(Protocol):
        """A Connection."""

        _s: SSL


P = ParamSpec("P")
C = TypeVar("C", bound="OfSsl")
R = TypeVar("R")


def guarded(s: SSL, callback: Callable[P, R] | None, default: R) -> Callable[P, R] | None:
    """Return a callback that keeps the first exception for :func:`raise_kept`; None for none."""
    if callback is None:
        return None

    @wraps(callback)
    def call(*args: P.args, **keywords: P.kwargs) -> R:
        try:
            return callback(*args, **keywords)
        except Exception as error:  # noqa: BLE001 - raised when the call is done
            s.raised = s.raised or error
            return default

    return call


def ends_with_callbacks(method: Callable[Concatenate[C, P], R]) -> Callable[Concatenate[C, P], R]:
    """Make a call of a connection that raises at its end what a callback has raised in it."""

    @wraps(method)
    def call(self: C, /, *args: P.args, **keywords: P.kwargs) -> R:
        ret = method(self, *args, **keywords)
        raise_kept(self._s)
        return ret

    return cast("Callable[Concatenate[C, P], R]", call)


def raise_kept(s: SSL) -> None:
    """Raise the exception that a callback has raised since the last call, if one has."""
    if s.raised is not None:
        error, s.raised = s.raised, None
        raise error
