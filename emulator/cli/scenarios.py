"""Which of the scenarios that come with the package shows a behaviour."""

from __future__ import annotations

import functools

from emulator import library


@functools.cache
def _showing() -> dict[str, tuple[str, ...]]:
    load, names = getattr(library, "load", None), getattr(library, "names", None)
    found: dict[str, list[str]] = {}
    if load is not None and names is not None:
        for name in names():
            for key in load(name).shows:
                found.setdefault(key, []).append(name.removeprefix("@"))
    return {key: tuple(own) for key, own in found.items()}


def showing(key: str) -> tuple[str, ...]:
    """Return the names of the scenarios that show a behaviour, without "@"."""
    return _showing().get(key, ())


def command_for(key: str, *profiles: str) -> str:
    """Return the command that shows a behaviour on these profiles; empty if no scenario shows it."""
    names = showing(key)
    if not names:
        return ""
    return f"emulator run @{names[0]}" + (f" --profile {','.join(profiles)}" if profiles else "")
