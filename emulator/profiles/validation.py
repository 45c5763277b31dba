"""From the files of a profile to the model, and what to say about a file that doesn't fit."""

from __future__ import annotations

import difflib
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from emulator.exceptions import ProfileError
from emulator.profiles.files import Layer, Table, merge
from emulator.profiles.model import Profile
from emulator.release import Release, is_included

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails


def profile_of(layers: Sequence[Layer], name: str, release: Release | None = None) -> Profile:
    """Merge the layers and validate the result; ProfileError with every complaint if it doesn't fit.

    Without a ``release`` the profile is of the one that the file gives, or else of the last of its range.
    """
    table: Table = {}
    for layer in layers:
        merge(table, layer.table)
    table.setdefault("name", name)
    if release is not None:
        table["release"] = release.name
    try:
        _resolve(table)
        return Profile.model_validate(table)
    except ValidationError as error:
        complaints = [_complaint(layers, details) for details in error.errors(include_url=False)]
    except ValueError as error:
        complaints = [f"{layers[-1].path}: {error}"]
    raise ProfileError("\n".join(complaints))


def _resolve(table: Table) -> None:
    """Put in what follows from the release: its own full name, and which functions it has."""
    given = table.get("release", table.get("last_release"))
    if not isinstance(given, str):
        return
    release = Release(given)
    table["release"] = release.name
    for function in table.get("functions", {}).values():
        if isinstance(function, dict) and "since" in function:
            function.setdefault("present", is_included(release, map(Release, function["since"])))


def _complaint(layers: Sequence[Layer], details: ErrorDetails) -> str:
    loc = details["loc"]
    key = ".".join(str(part) for part in loc)
    path = _origin(layers, loc)
    match details["type"]:
        case "missing":
            return f"{path}: {key}: missing, expected {_expected(loc) or 'a value'}"
        case "extra_forbidden":
            return f"{path}: {key}: unknown key{_meant(loc)}"
    expected = _expected(loc) or details["msg"]
    return f"{path}: {key}: got {details['input']!r}, expected {expected}"


def _origin(layers: Sequence[Layer], loc: tuple[int | str, ...]) -> Path:
    """Return the file that set the key last; for a key that no file has, the file that was asked for."""
    return next((layer.path for layer in reversed(layers) if _holds(layer.table, loc)), layers[-1].path)


def _holds(table: Any, loc: tuple[int | str, ...]) -> bool:
    for part in loc:
        if not isinstance(table, dict):
            return True  # the position in a list: the list as a whole was replaced
        if part not in table:
            return False
        table = table[part]
    return True


def _expected(loc: tuple[int | str, ...]) -> str:
    annotation = _annotation(loc)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(repr(member.value) for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"a table with the keys {', '.join(annotation.model_fields)}"
    names: dict[Any, str] = {bool: "true or false", int: "a whole number", str: "a string"}
    return names.get(annotation, "")


def _meant(loc: tuple[int | str, ...]) -> str:
    section = _annotation(loc[:-1])
    if not (isinstance(section, type) and issubclass(section, BaseModel)):
        return ""
    known = list(section.model_fields)
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f", expected some of {', '.join(known)}"


def required(annotation: Any) -> Any:
    """Return what an optional section is declared as, without the None."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return kinds[0] if len(kinds) == 1 and type(None) in get_args(annotation) else annotation


def _annotation(loc: tuple[int | str, ...]) -> Any:
    """Return what the model declares at a dotted key; None where that is not a plain field."""
    annotation: Any = Profile
    for part in loc:
        if get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(part))
            annotation = required(field.annotation) if field is not None else None
        else:
            return None
    return annotation
