"""From the files of a profile to the model, and what to say about a file that doesn't fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from emulator.exceptions import ProfileError
from emulator.profiles import checking
from emulator.profiles.clauses import wrong_words
from emulator.profiles.layers import Layer, combined, origin
from emulator.profiles.model import Profile
from emulator.profiles.suite_rows import wrong_rows
from emulator.release import Release, is_included

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic_core import ErrorDetails

    from emulator.profiles.files import Table


# -- files ---------------------------------------------------------------------------------------


def profile_of(layers: Sequence[Layer], name: str, release: Release | None = None) -> Profile:
    """Lay the layers upon each other and validate the result; ProfileError with every complaint.

    Without a ``release`` the profile is of the one that the file gives.
    """
    table = combined(layers)
    table.setdefault("name", name)
    table["sources"] = _sources(layers)
    if release is not None:
        table["release"] = release.name
    try:
        _resolve(table)
        profile = checking.validate(Profile, table)
        complaints = [*_of_suites(layers, profile), *_of_clauses(layers, profile)]
        if not complaints:
            return profile
    except ValidationError as error:
        complaints = [_complaint(layers, details) for details in error.errors(include_url=False)]
    except ValueError as error:
        complaints = [f"{layers[-1].path}: {error}"]
    raise ProfileError("\n".join(complaints))


def _sources(layers: Sequence[Layer]) -> list[str]:
    """Return the sources of the last layer that has some, and of those beside it in the same release."""
    last = next((layer for layer in reversed(layers) if layer.sources), None)
    if last is None:
        return []
    alike = [last] if not last.release else [layer for layer in layers if layer.release == last.release]
    return list(dict.fromkeys(source for layer in alike for source in layer.sources))


def _resolve(table: Table) -> None:
    """Put in what follows from the release: its own full name, and which functions it has."""
    given = table.get("release")
    if not isinstance(given, str):
        return
    release = Release(given)
    table["release"] = release.name
    for function in table.get("functions", {}).values():
        if isinstance(function, dict) and "since" in function:
            function.setdefault("present", is_included(release, map(Release, function["since"])))


def _of_suites(layers: Sequence[Layer], profile: Profile) -> Iterator[str]:
    for number, mistake in wrong_rows(profile.ciphers.suites):
        layer = origin(layers, ("ciphers", "suites", number)) or layers[-1]
        yield f"{layer.where}: ciphers.suites.{number}: {mistake}"


def _of_clauses(layers: Sequence[Layer], profile: Profile) -> Iterator[str]:
    for topic, mistake in wrong_words(profile.manual):
        layer = origin(layers, ("manual", topic)) or layers[-1]
        yield f"{layer.where}: manual.{topic}: {mistake}"


def _complaint(layers: Sequence[Layer], details: ErrorDetails) -> str:
    loc = details["loc"]
    set_by = origin(layers, tuple(str(part) for part in loc)) or layers[-1]
    where = layers[-1].path if details["type"] == "missing" else set_by.where
    return f"{where}: {checking.key_of(details)}: {checking.mistake(Profile, details)}"
