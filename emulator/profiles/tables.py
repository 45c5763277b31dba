"""Sections as tables of plain values, as JSON and TOML have them, and back.

:func:`from_table` reads a table that :func:`to_table` of this version wrote.  It checks keys and answers, but
not the types of numbers and texts.  :mod:`emulator.profiles.checking` checks tables and files of people.
"""

from __future__ import annotations

import functools
import sys
from enum import Enum
from operator import attrgetter
from types import NoneType, SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from emulator.behaviours.section import Section, Spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SectionT = TypeVar("SectionT", bound=Section)


class Form(NamedTuple):
    """Makes a value of what a table has for it, and back; None where the two are the same."""

    read: Callable[[Any], Any] | None = None
    show: Callable[[Any], Any] | None = None


@functools.cache
def types_of(section: type[Section]) -> dict[str, Any]:
    """Return the type of each field, ``Annotated`` included."""
    types: dict[str, Any] = {}
    for kind in reversed(section.__mro__[:-2]):  # without Section and object
        types |= _resolved(vars(kind).get("__annotations__", {}), vars(sys.modules[kind.__module__]))
    return {name: types[name] for name in section.fields}


def _resolved(annotations: dict[str, str], names: dict[str, Any]) -> dict[str, Any]:
    """Resolve annotations: most are names, which need not be compiled as ``get_type_hints`` does.

    That takes the greater part of the time in which the first profile is loaded.
    """
    plain = {field: names.get(text) or _PLAIN.get(text) for field, text in annotations.items()}
    others = SimpleNamespace(
        __annotations__={field: annotations[field] for field in plain if plain[field] is None}
    )
    return plain | get_type_hints(others, names, include_extras=True)


_PLAIN = {"bool": bool, "int": int, "str": str}


def bare(kind: Any) -> Any:
    """Return a type without the notes of ``Annotated`` and without the None of a field that may be None."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    kinds = [each for each in get_args(kind) if each is not NoneType]
    return kinds[0] if len(kinds) == 1 and NoneType in get_args(kind) else kind


def is_section(kind: Any) -> bool:
    """Whether a type is that of a section."""
    return isinstance(kind, type) and issubclass(kind, Section)


def from_table(
    kind: type[SectionT], table: Mapping[str, Any], ready: Mapping[str, Any] | None = None
) -> SectionT:
    """Make a section of a table; ``ready`` has values of fields that are made already.

    ValueError for an answer that is unknown, TypeError for a key that is missing or unknown.
    """
    values = dict(table)
    for name, read in _readers(kind):
        if name in values and not (ready and name in ready):
            values[name] = read(values[name])
    return kind(**values | dict(ready)) if ready else kind(**values)


def to_table(section: Section) -> dict[str, Any]:
    """Make a table of a section: texts, numbers, truth values, lists and tables; None is left out."""
    pairs = zip(section.fields, section.values(), strict=True)
    table = {name: value for name, value in pairs if value is not None}
    for name, show in _writers(type(section)):
        if name in table:
            table[name] = show(table[name])
    return table


@functools.cache
def _forms(kind: type[Section]) -> dict[str, Form]:
    return {name: _form(each) for name, each in types_of(kind).items()}


@functools.cache
def _readers(kind: type[Section]) -> list[tuple[str, Callable[[Any], Any]]]:
    return [(name, form.read) for name, form in _forms(kind).items() if form.read is not None]


@functools.cache
def _writers(kind: type[Section]) -> list[tuple[str, Callable[[Any], Any]]]:
    return [(name, form.show) for name, form in _forms(kind).items() if form.show is not None]


def _form(kind: Any) -> Form:
    if get_origin(kind) is Annotated:
        plain, *notes = get_args(kind)
        spelled = next((note for note in notes if isinstance(note, Spelled)), None)
        return _form(plain) if spelled is None else Form(spelled.read, spelled.show)
    kind = bare(kind)
    if is_section(kind):
        return Form(functools.partial(from_table, kind), to_table)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Form(kind, attrgetter("value"))
    if isinstance(kind, type) and issubclass(kind, tuple):  # a NamedTuple
        return Form(lambda values: kind(*values), list)
    if get_origin(kind) is tuple:
        read, show = _form(get_args(kind)[0])
        return Form(_each(tuple, read), _each(list, show))
    if get_origin(kind) is dict:
        key, value = map(_form, get_args(kind))
        return Form(_entries(key.read, value.read), _entries(key.show, value.show))
    return Form()


def _each(collect: Callable[[Any], Any], convert: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    return collect if convert is None else lambda values: collect(map(convert, values))


def _entries(
    key: Callable[[Any], Any] | None, value: Callable[[Any], Any] | None
) -> Callable[[Any], Any] | None:
    if key is None:
        return value and (lambda table: dict(zip(table, map(value, table.values()), strict=True)))
    convert = value or (lambda same: same)
    return lambda table: {key(name): convert(each) for name, each in table.items()}
