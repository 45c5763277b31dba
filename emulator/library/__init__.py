"""The scenarios that come with the package, one file each: ``@retry-moved`` is ``retry-moved.toml``."""

from __future__ import annotations

from emulator.library.store import find, listing, load, names, not_shown, read_any, scenarios_in, showing

__all__ = ["find", "listing", "load", "names", "not_shown", "read_any", "scenarios_in", "showing"]
