"""Attributes of Context and Connection: a misspelt one is an error that names the nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from emulator.api.arguments import nearest, shown
from emulator.exceptions import AttributeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from emulator.handshake.common.config import HandshakeConfig

    class Configured(Protocol):
        """An object with a HandshakeConfig."""

        @property
        def _config(self) -> HandshakeConfig: ...


T = TypeVar("T")


class KnownAttributes:
    """Objects that refuse attributes which their class does not have.

    An object of a subclass may have attributes of its own, as in Python: only a class that is declared with
    ``closed=True`` is closed.
    """

    _closed = False

    def __init_subclass__(cls, *, closed: bool = False) -> None:
        cls._closed = closed

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = getattr(type(self), name, None)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)  # which has just said why this object lacks it: once more
        raise AttributeUsageError(unknown(type(self), name))

    def __setattr__(self, name: str, value: Any) -> None:
        if self._closed and not name.startswith("_"):
            _check_target(type(self), name, value)
        object.__setattr__(self, name, value)


def _check_target(owner: type, name: str, value: Any) -> None:
    """Refuse an attribute that is not there or cannot be set, and a value in the place of a call."""
    found = getattr(owner, name, None)
    if found is None:
        raise AttributeUsageError(unknown(owner, name))
    if isinstance(found, property):
        if found.fset is None:
            raise AttributeUsageError(f"{name}: it can be read, but not set")
    elif not hasattr(found, "__set__") and not callable(value):
        raise AttributeUsageError(f"{name}: got {shown(value)}, but {name}() is a call")


def unknown(owner: type, name: str) -> str:
    """Say that a class has no such attribute, and which it has that is the most like it."""
    near = nearest(name, (known for known in dir(owner) if not known.startswith("_")))
    hint = f"; did you mean {near!r}?" if near else ""
    return f"{owner.__name__!r} object has no attribute {name!r}{hint}"


class configured(Generic[T]):  # noqa: N801 - stands in a class body like property
    """An attribute that handshakes read in their configuration; ``check`` checks a new value by its name."""

    def __init__(self, check: Callable[[str, T], T]) -> None:
        self.check = check

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Configured, owner: type) -> T: ...
    def __get__(self, instance: Configured | None, owner: type) -> Self | T:
        if instance is None:
            return self
        found: T = getattr(instance._config, self.name)  # noqa: SLF001 - its own owner's
        return found

    def __set__(self, instance: Configured, value: T) -> None:
        setattr(instance._config, self.name, self.check(self.name, value))  # noqa: SLF001 - its own owner's
