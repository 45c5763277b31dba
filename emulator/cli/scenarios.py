"""The scenarios of the package that show a behaviour."""

from __future__ import annotations

import functools

OTHERS = 4
"""How many scenarios of a behaviour are named."""


@functools.cache
def _showing() -> dict[str, tuple[str, ...]]:
    from emulator.library import listing

    found: dict[str, list[tuple[int, int, int, str]]] = {}
    for name, listed in listing().items():
        for place, key in enumerate(listed.shows):
            alike = set(name.split("-")) & set(key.rpartition(".")[2].split("_"))
            found.setdefault(key, []).append((-len(alike), place, len(listed.shows), name))
    return {key: tuple(name for *_, name in sorted(own)) for key, own in found.items()}


def showing(key: str) -> tuple[str, ...]:
    """Return the names of the scenarios that show a behaviour, without "@"; the best ones come first."""
    return _showing().get(key, ())


def command_for(key: str, *profiles: str) -> str:
    """Return the command that shows a behaviour on these profiles, and other scenarios; or nothing."""
    names = showing(key)
    if not names:
        return ""
    columns = f" --profile {','.join(profiles)}" if profiles else ""
    others = ", ".join(f"@{name}" for name in names[1:OTHERS])
    return f"emulator run @{names[0]}{columns}" + (f" (also {others})" if others else "")
