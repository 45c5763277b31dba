"""From the files of a profile to the model, and what to say about a file that doesn't fit."""

from __future__ import annotations

import difflib
import functools
import operator
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, create_model

from emulator.behaviours.section import Checked, Section, Spelled
from emulator.exceptions import ProfileError
from emulator.profiles.clauses import wrong_words
from emulator.profiles.files import Table, shown
from emulator.profiles.layers import Layer, combined, origin
from emulator.profiles.model import Profile
from emulator.profiles.suite_rows import wrong_rows
from emulator.profiles.tables import bare, is_section, types_of
from emulator.release import Release, is_included

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic_core import ErrorDetails

SectionT = TypeVar("SectionT", bound=Section)


# -- pydantic's models of the sections -----------------------------------------------------------


class _Model(BaseModel):
    """The base of the models: each is made of a section."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    section: ClassVar[type[Section]]


def validate(kind: type[SectionT], table: Any) -> SectionT:
    """Make a section of a table of a file; pydantic's ValidationError lists everything that is wrong."""
    section: SectionT = _plain(_model_of(kind).model_validate(table))
    return section


@functools.cache
def _model_of(kind: type[Section]) -> type[_Model]:
    fields: dict[str, Any] = {
        name: (_for_pydantic(each), kind.field_defaults.get(name, ...))
        for name, each in types_of(kind).items()
    }
    model = create_model(kind.__name__, __base__=_Model, **fields)
    model.section = kind
    return model


def _for_pydantic(kind: Any) -> Any:
    """Put models in the place of sections, and pydantic's validators in the place of our notes."""
    match kind:
        case Spelled():
            return BeforeValidator(kind.read)
        case Checked():
            return AfterValidator(kind.checked)
    if is_section(kind):
        return _model_of(kind)
    parts = tuple(map(_for_pydantic, get_args(kind)))
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return functools.reduce(operator.or_, parts)
    return kind if origin is None else origin[parts]


def _plain(value: Any) -> Any:
    """Make sections of models, wherever they stand."""
    if isinstance(value, _Model):
        return value.section(**{name: _plain(each) for name, each in value})
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return tuple(map(_plain, value)) if type(value) is tuple else value


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
        profile = validate(Profile, table)
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
    key = ".".join(str(part) for part in loc)
    set_by = origin(layers, tuple(str(part) for part in loc)) or layers[-1]
    match details["type"]:
        case "missing":
            return f"{layers[-1].path}: {key}: missing, expected {_expected(loc) or 'a value'}"
        case "extra_forbidden":
            return f"{set_by.where}: {key}: unknown key{_meant(loc)}"
    expected = _expected(loc) or details["msg"]
    return f"{set_by.where}: {key}: got {shown(details['input'])}, expected {expected}"


def _expected(loc: tuple[int | str, ...]) -> str:
    annotation = _annotation(loc)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(repr(member.value) for member in annotation)
    if get_origin(annotation) is dict:
        return "a table"
    if is_section(annotation):
        return f"a table with the keys {', '.join(annotation.fields)}"
    names: dict[Any, str] = {bool: "true or false", int: "a whole number", str: "a string"}
    return names.get(annotation, "")


def _meant(loc: tuple[int | str, ...]) -> str:
    section = _annotation(loc[:-1])
    if not is_section(section):
        return ""
    known = list(section.fields)
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f", expected some of {', '.join(known)}"


def _annotation(loc: tuple[int | str, ...]) -> Any:
    """Return what the model declares at a dotted key; None where that is not a plain field."""
    annotation: Any = Profile
    for part in loc:
        if get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
        elif is_section(annotation):
            annotation = types_of(annotation).get(str(part))
        else:
            return None
        annotation = bare(annotation)
    return annotation
