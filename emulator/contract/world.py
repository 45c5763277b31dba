"""The world of a transcript, in a scenario's words: releases, protocol, suite, settings of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.protocols import MODES, OFF_SWITCHES, bits
from emulator.constants import PROTOCOL_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.api.connection_settings import ConnectionSettings
    from emulator.engine.ssl import SSL

_OF_EVERY_WORLD = (*OFF_SWITCHES.values(), "NO_SSLv2", "NO_COMPRESSION")
"""The options that a scenario's world sets by itself."""


def world_of(
    sides: Mapping[str, ConnectionSettings],
    starts: Mapping[str, Mapping[str, Any]],
    spoken: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the world of connections.

    ``starts`` has their settings before the first call was heard, ``spoken`` what agreed() said after the
    first handshake; it is empty if none was done.
    """
    world: dict[str, Any] = {"releases": {who: conn.profile.name for who, conn in sides.items()}, **spoken}
    for who, conn in sides.items():
        for key, value in agreed(conn._s).items():  # noqa: SLF001
            world.setdefault(key, value)
        settings = _settings(conn, starts[who])
        if settings:
            world[who] = settings
    return world


def agreed(s: SSL) -> dict[str, Any]:
    """Return the protocol and the suite of a connection as they are now."""
    found = {"protocol": PROTOCOL_NAMES.get(s.version)}
    return found if s.hs.suite is None else {**found, "cipher": s.hs.suite.name}


def _settings(conn: ConnectionSettings, start: Mapping[str, Any]) -> dict[str, Any]:
    default = conn.profile.defaults.mode
    mode, options = start["mode"], start["options"]
    every_world = bits(_OF_EVERY_WORLD, conn.profile.options)
    found = {
        "modes": [name for name, bit in MODES.items() if mode & bit and not default & bit],
        "clear_modes": [name for name, bit in MODES.items() if default & bit and not mode & bit],
        "options": [
            name
            for name, bit in conn.profile.options.items()
            if bit and options & bit == bit and conn.profile.defaults.context_options & bit != bit
            if not bit & (bit - 1) and not bit & every_world
        ],
        "no_state": start["no_state"],
    }
    return {key: value for key, value in found.items() if value}
