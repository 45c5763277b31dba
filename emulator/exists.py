"""Calls that a release may lack: absent like an unexported symbol, or answering 0 like an unknown control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.behaviours.section import cached_for_section
from emulator.constants import PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.profile import Profile


class exported:  # noqa: N801 - used as a decorator
    """A method that stands for a C function which not every release exports.

    Where the profile's release lacks it, the attribute does not exist, and the AttributeError says since when
    there is one.
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


def answers_zero(profile: Profile, name: str) -> bool:
    """Whether the call is a macro over SSL_ctrl() that this release doesn't know."""
    return profile.functions[name].answers_zero


@cached_for_section
def known_versions(profile: Profile) -> tuple[int, ...]:
    """The protocol versions that this build speaks and that are emulated, ascending."""
    return tuple(number for name, number in PROTOCOL_VERSIONS.items() if profile.speaks(name))
