"""How a caller of a release leaves one protocol enabled, and what names stand for.

Before 1.1.0 SSLv3 and TLSv1 are made with a method of their own, other protocols by turning the rest of
SSLv23_method() off; from 1.1.0 on by bounds on TLS_method().
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emulator.api.arguments import c_bits, nearest, one_of, shown, text
from emulator.api.exists import known_versions
from emulator.constants import (
    PROTOCOL_NAMES,
    PROTOCOL_VERSIONS,
    SSL3_VERSION,
    TLS1_1_VERSION,
    TLS1_2_VERSION,
    TLS1_VERSION,
    Mode,
    Option,
)
from emulator.exceptions import NotEmulated, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.api.common_settings import CommonSettings
    from emulator.profile import Profile

FIXED_VERSIONS = {
    "SSLv3": SSL3_VERSION,
    "TLSv1": TLS1_VERSION,
    "TLSv1_1": TLS1_1_VERSION,
    "TLSv1_2": TLS1_2_VERSION,
}
"""The methods that know one version only, and which."""

_FLEXIBLE_METHODS = ("TLS", "SSLv23")
_NOT_EMULATED_METHODS = ("SSLv2", "DTLS", "DTLSv1", "DTLSv1_2", "QUIC")
FIXED_METHODS = {"SSLv3": "SSLv3", "TLSv1": "TLSv1"}
"""Protocols for which a caller before 1.1.0 takes a method of their own, and the name of that method."""

MODES = {mode.name: mode.value for mode in Mode if mode.name is not None}
"""Modes by name.  Callers set them by number, so that a release keeps those that it does not know.

Source: traces of 0.9.7m."""

OFF_SWITCHES = {
    "SSLv3": "NO_SSLv3",
    "TLSv1": "NO_TLSv1",
    "TLSv1.1": "NO_TLSv1_1",
    "TLSv1.2": "NO_TLSv1_2",
    "TLSv1.3": "NO_TLSv1_3",
}
"""Protocols by the names used here, and the options that turn them off."""


def chosen_method(profile: Profile, method: str | None) -> str:
    """Return the method's name without ``_method``; None: the release's own that chooses a version.

    "TLSv1.2" means "TLSv1_2".  Raises UsageError for a method that the release lacks, NotEmulated for SSLv2,
    DTLS and QUIC.
    """
    known = profile.exists.methods
    if method is None:
        return next(name for name in _FLEXIBLE_METHODS if name in known)
    name = text("method", method).replace(".", "_")
    if name in _NOT_EMULATED_METHODS:
        raise NotEmulated(f"{name}_method")
    if name not in known:
        choices = ", ".join(name for name in known if name not in _NOT_EMULATED_METHODS)
        raise UsageError(f"OpenSSL {profile.release} has no {name}_method; it has {choices}")
    version = FIXED_VERSIONS.get(name)
    if version and version not in known_versions(profile):
        protocol = PROTOCOL_NAMES[version]
        raise UsageError(f"this build of OpenSSL {profile.release} does not speak {protocol}")
    return name


def checked_protocol(protocol: str | None) -> str | None:
    """Return a protocol's name, or None for none; "TLSv1_2" means "TLSv1.2".  UsageError for another name."""
    if protocol is None:
        return None
    if isinstance(protocol, str) and protocol.startswith("TLSv1_"):
        protocol = protocol.replace("_", ".")
    return one_of("protocol", protocol, OFF_SWITCHES)


def method_for(profile: Profile, protocol: str | None) -> str | None:
    """The method that a caller takes for a protocol; None: the release's own that chooses a version."""
    if protocol is None or "TLS" in profile.exists.methods:
        return None
    return FIXED_METHODS.get(protocol)


def leave_only(context: CommonSettings, protocol: str) -> None:
    """Enable one protocol in a context; one whose method knows one version only has no other."""
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


def checked_names(
    names: Iterable[str] | int, kind: type[Mode | Option], known: Mapping[str, int], key: str
) -> tuple[str, ...] | int:
    """Return the names, each of which some release has; UsageError for others.  ``key`` is where they are."""
    if isinstance(names, int):
        return c_bits(key, names)
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        what = f"the string {names!r}" if isinstance(names, str) else shown(names)
        raise UsageError(f"{key}: got {what}, expected a list of names or a number")
    names = tuple(names)
    for name in names:
        if not isinstance(name, str) or (name not in known and name not in kind.__members__):
            near = nearest(str(name).upper(), {*known, *kind.__members__})
            meant = f"did you mean {near!r}?" if near else f"expected some of {', '.join(sorted(known))}"
            raise UsageError(f"{key}: got {shown(name)}, {meant}")
    return names
