"""How a caller of a release leaves one protocol enabled, and what names stand for.

Before 1.1.0 SSLv3 and TLSv1 are made with a method of their own, other protocols by turning the rest of
SSLv23_method() off; from 1.1.0 on by bounds on TLS_method().
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from emulator.constants import PROTOCOL_VERSIONS, Mode, Option
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.context import Context
    from emulator.profile import Profile

FIXED_METHODS = {"SSLv3": "SSLv3", "TLSv1": "TLSv1"}
OFF_SWITCHES = {
    "SSLv3": "NO_SSLv3",
    "TLSv1": "NO_TLSv1",
    "TLSv1.1": "NO_TLSv1_1",
    "TLSv1.2": "NO_TLSv1_2",
    "TLSv1.3": "NO_TLSv1_3",
}
"""Protocols by the names used here, and the options that turn them off."""


MODES = {mode.name: mode.value for mode in Mode if mode.name is not None}
"""Modes by name.  Callers set them by number, so that a release keeps those that it does not know.

Source: traces of 0.9.7m."""


def method_for(profile: Profile, protocol: str | None) -> str | None:
    """The method that a caller takes for a protocol; None: the release's flexible one."""
    if protocol is None or "TLS" in profile.exists.methods:
        return None
    return FIXED_METHODS.get(protocol)


def leave_only(context: Context, protocol: str) -> None:
    """Enable one protocol in a flexible context; one with a method of its own has no other."""
    if context.fixed_version:
        return
    if "TLS" in context.profile.exists.methods:
        version = PROTOCOL_VERSIONS[protocol]
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        return
    others = [switch for name, switch in OFF_SWITCHES.items() if name != protocol]
    context.set_options(bits([*others, "NO_SSLv2"], context.profile.options))


def bits(names: Iterable[str] | int, known: Mapping[str, int]) -> int:
    """Add up the numbers behind names without ``SSL_MODE_`` or ``SSL_OP_``; a number stands for itself.

    A name that this release doesn't know adds nothing, as code that is compiled for it leaves it out.
    """
    if isinstance(names, int):
        return int(names)
    total = 0
    for name in names:
        total |= known.get(name, 0)
    return total


def check_names(
    names: Iterable[str] | int, kind: type[Mode | Option], known: Mapping[str, int], key: str
) -> None:
    """Raise UsageError for what is no list of names, or a name that no release knows; ``key``: where."""
    if isinstance(names, str):
        raise UsageError(f"{key}: got the string {names!r}, expected a list of names or a number")
    if isinstance(names, int):
        return
    for name in names:
        if name not in known and name not in kind.__members__:
            near = difflib.get_close_matches(str(name).upper(), {*known, *kind.__members__}, 1)
            meant = f"did you mean {near[0]!r}?" if near else f"expected some of {', '.join(sorted(known))}"
            raise UsageError(f"{key}: got {name!r}, {meant}")
