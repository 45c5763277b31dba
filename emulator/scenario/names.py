"""Names in a scenario that some release must know: an option, a release, a behaviour.

A scenario that names one which none knows would silently do something else, so that it is refused with the
nearest name.
"""

from __future__ import annotations

import functools
import os

from emulator.api.protocols import OFF_SWITCHES
from emulator.constants import Mode, Option
from emulator.exceptions import UsageError
from emulator.profiles import names, published
from emulator.profiles.keys import behaviour_keys
from emulator.profiles.vary import known_profiles
from emulator.scenario.values import nearest

_AS_IN_C = {switch.upper(): switch for switch in OFF_SWITCHES.values()}
"""Options that Python's names spell otherwise than OpenSSL's."""


@functools.cache
def known_options() -> frozenset[str]:
    """Every option of any release, without ``SSL_OP_``; slow, as it loads all profiles."""
    return frozenset[str]().union(*(profile.options for profile in known_profiles().values()))


def check_mode(name: str) -> None:
    """Raise UsageError for a mode that no release has."""
    if name not in Mode.__members__:
        raise UsageError(f"no release has a mode {name!r}{nearest(name, Mode.__members__)}")


def check_option(name: str) -> None:
    """Raise UsageError for an option that no release has."""
    if name in Option.__members__ and name not in _AS_IN_C and name != "NO_SSLV2":
        return
    if name not in known_options():
        raise UsageError(f"no release has an option {name!r}{nearest(name, known_options())}")


def check_profile(name: str) -> None:
    """Raise UsageError for a release that has no profile; a file of one's own is taken for granted."""
    is_path = "\0" not in name and (name.endswith(".toml") or os.sep in name)
    if is_path or published.full_name(name) or name in names.known_names():  # entry points take a while
        return
    near = names.nearest(name)
    raise UsageError(f"no profile is named {name!r}; the nearest are {', '.join(near)}")


def check_behaviour(key: str) -> None:
    """Raise UsageError for a key that no profile has."""
    if key not in behaviour_keys():
        raise UsageError(f"no behaviour is called {key!r}{nearest(key, behaviour_keys())}")
