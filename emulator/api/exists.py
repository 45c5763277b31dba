"""Calls that a release may lack: absent like a function it does not export, or 0 like an unknown control."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, Protocol, TypeVar, cast

from emulator.behaviours.section import cached_for_section
from emulator.constants import PROTOCOL_VERSIONS
from emulator.exceptions import NotEmulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.profile import Profile


class OfRelease(Protocol):
    """An object whose calls are those of a profile's release."""

    @property
    def profile(self) -> Profile:
        """The profile."""


P = ParamSpec("P")
Self = TypeVar("Self", bound=OfRelease)


class exported:  # noqa: N801 - used as a decorator
    """A method that stands for a C function which not every release exports.

    Where the profile's release lacks the function, the attribute does not exist; the AttributeError says
    which release added it.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        self.__doc__ = method.__doc__
        self.__name__ = method.__name__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        require(instance.profile, self.name)
        return self.method.__get__(instance, owner)


def control(method: Callable[Concatenate[Self, P], int]) -> Callable[Concatenate[Self, P], int]:
    """Make a method that stands for a macro over SSL_ctrl() or SSL_CTX_ctrl().

    A program with the macro links with every release.  One that does not know the control answers 0 and does
    nothing.
    """
    name = method.__name__

    @wraps(method)
    def call(self: Self, /, *args: P.args, **keywords: P.kwargs) -> int:
        if self.profile.functions[name].answers_zero:
            return 0
        return method(self, *args, **keywords)

    return cast("Callable[Concatenate[Self, P], int]", call)


def is_absent(profile: Profile, name: str) -> bool:
    """Whether the release does not have this function."""
    return profile.functions[name].is_absent


def require(profile: Profile, name: str) -> None:
    """Raise the AttributeError that stands for a missing symbol, if the release lacks this function."""
    function = profile.functions[name]
    if function.is_absent:
        since = " and ".join(function.since)
        raise AttributeError(
            f"{function.c_name} does not exist in OpenSSL {profile.release}: added in {since}"
        )


def not_emulated(c_name: str) -> Callable[..., NoReturn]:
    """Return the call that stands for a function of the release that is not emulated: it says so by name."""

    def call(*_args: Any, **_keywords: Any) -> NoReturn:
        raise NotEmulated(c_name)

    return call


@cached_for_section
def known_versions(profile: Profile) -> tuple[int, ...]:
    """The protocol versions that this build speaks and the emulator has, ascending."""
    return tuple(number for name, number in PROTOCOL_VERSIONS.items() if profile.speaks(name))
