"""Sections of tables that people give: checked by pydantic, with a sentence for each mistake."""

from __future__ import annotations

import difflib
import functools
import operator
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, create_model

from emulator.behaviours.section import Checked, Section, Spelled
from emulator.exceptions import TableError
from emulator.profiles.files import shown
from emulator.profiles.tables import bare, is_section, types_of

if TYPE_CHECKING:
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


# -- mistakes ------------------------------------------------------------------------------------


def section_of(kind: type[SectionT], table: Any) -> SectionT:
    """Make a section of a table; TableError with everything that is wrong with it, each by its key."""
    try:
        return validate(kind, table)
    except ValidationError as error:
        found = error.errors(include_url=False)
    except (ValueError, RecursionError) as error:
        raise TableError(str(error)) from None
    raise TableError("\n".join(f"{key_of(each)}: {mistake(kind, each)}" for each in found))


def key_of(details: ErrorDetails) -> str:
    """Return the dotted key at which pydantic found a mistake; "table" for the whole table."""
    return ".".join(str(part) for part in details["loc"]) or "table"


def mistake(kind: type[Section], details: ErrorDetails) -> str:
    """Say what is wrong at a key, and what was expected."""
    loc = details["loc"]
    match details["type"]:
        case "missing":
            return f"missing, expected {_expected(kind, loc) or 'a value'}"
        case "extra_forbidden":
            return f"unknown key{_meant(kind, loc)}"
        case "value_error":
            return f"got {shown(details['input'])}: {details['ctx']['error']}"
    return f"got {shown(details['input'])}, expected {_expected(kind, loc) or details['msg']}"


def _expected(kind: type[Section], loc: tuple[int | str, ...]) -> str:
    annotation = _annotation(kind, loc)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(repr(member.value) for member in annotation)
    if get_origin(annotation) is dict:
        return "a table"
    if is_section(annotation):
        return f"a table with the keys {', '.join(annotation.fields)}"
    names: dict[Any, str] = {bool: "true or false", int: "a whole number", str: "a string"}
    return names.get(annotation, "")


def _meant(kind: type[Section], loc: tuple[int | str, ...]) -> str:
    section = _annotation(kind, loc[:-1])
    if not is_section(section):
        return ""
    known = list(section.fields)
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f", expected some of {', '.join(known)}"


def _annotation(kind: type[Section], loc: tuple[int | str, ...]) -> Any:
    """Return the type that a section declares at a dotted key; None if that is not a plain field."""
    annotation: Any = kind
    for part in loc:
        if get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
        elif is_section(annotation):
            annotation = types_of(annotation).get(str(part))
        else:
            return None
        annotation = bare(annotation)
    return annotation
