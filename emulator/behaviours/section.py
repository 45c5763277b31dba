"""The base of every section of a profile: a frozen record whose fields are all given, by name."""

from __future__ import annotations

import functools
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    NamedTuple,
    ParamSpec,
    Self,
    TypeVar,
    dataclass_transform,
)

from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

SectionT = TypeVar("SectionT", bound="Section")
KindT = TypeVar("KindT", bound="SectionType")
Arguments = ParamSpec("Arguments")
Made = TypeVar("Made")

_KEPT = 256
"""How many results of a function are kept."""


class Spelled(NamedTuple):
    """In ``Annotated``: a profile's file spells the value otherwise than Python has it.

    ``read`` makes the value of what the file has, and raises ValueError where it cannot; ``show`` goes back.
    """

    read: Callable[[Any], Any]
    show: Callable[[Any], Any]


class Checked(NamedTuple):
    """In ``Annotated``: not every value of the type makes sense; ``check`` raises ValueError for those."""

    check: Callable[[Any], object]

    def checked(self, value: Any) -> Any:
        """Return the value if it makes sense."""
        self.check(value)
        return value


class _Doc(NamedTuple):
    """What stands in a class behind a field: words about it, not its default."""

    words: str


def doc(words: str) -> Any:
    """Say what a field of a section holds: as ``help()`` and ``emulator explain`` print it.

    A string below the field would say the same, but ``python -OO`` drops it.
    """
    return _Doc(words)


def about(words: str) -> Callable[[KindT], KindT]:
    """Decorate a section with what it is about: its ``__doc__``, which ``python -OO`` leaves in place."""

    def decorate(section: KindT) -> KindT:
        section.__doc__ = words
        return section

    return decorate


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(doc,))
class SectionType(type):
    """Makes a section of a class: a slot for each annotated field.

    dataclasses do the same fifty times slower, which every program would wait for that imports the emulator.
    """

    fields: tuple[str, ...]
    field_words: dict[str, str]
    field_defaults: dict[str, Any]

    def __new__(cls, name: str, bases: tuple[SectionType, ...], namespace: dict[str, Any]) -> SectionType:
        """Make the class: with ``fields``, a slot for each, ``field_words`` and ``field_defaults``."""
        if bases:
            (base,) = bases
            own = namespace.get("__annotations__", {})
            given = {field: namespace.pop(field) for field in own if field in namespace}
            words = {field: value.words for field, value in given.items() if isinstance(value, _Doc)}
            defaults = {field: value for field, value in given.items() if field not in words}
            namespace |= {
                "__slots__": {field: words.get(field, "") for field in own},  # help() shows the words
                "fields": (*base.fields, *own),
                "field_words": base.field_words | words,
                "field_defaults": base.field_defaults | defaults,
            }
        return super().__new__(cls, name, bases, namespace)


class Section(metaclass=SectionType):
    """A frozen record: every field is given by its name, and no other name is taken.

    Two sections of a type are equal if all their fields are.
    """

    __slots__ = ()
    fields: ClassVar[tuple[str, ...]] = ()
    """The names of the fields, in the order of the class."""
    field_words: ClassVar[dict[str, str]] = {}
    """What is said of the fields: not of each."""
    field_defaults: ClassVar[dict[str, Any]] = {}
    """The values of the fields that need not be given."""

    def __init__(self, **values: Any) -> None:
        if values.keys() != set(self.fields):
            values = self._completed(values)
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put defaults in; TypeError for a field that is missing or unknown."""
        completed = self.field_defaults | values
        for name in (*self.fields, *completed):
            if name not in completed:
                raise TypeError(f"{type(self).__name__}: {name} is missing")
            if name not in self.fields:
                raise TypeError(f"{type(self).__name__}: {name} is unknown")
        return completed

    def values(self) -> tuple[Any, ...]:
        """Return the values of the fields in their order."""
        return tuple(object.__getattribute__(self, name) for name in self.fields)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values in some fields."""
        return type(self)(**dict(zip(self.fields, self.values(), strict=True)) | changes)

    def __setattr__(self, name: str, value: object) -> None:
        raise UsageError(
            f"{type(self).__name__} is frozen: {name} cannot be set; replace() makes a changed copy"
        )

    def __delattr__(self, name: str) -> None:
        raise UsageError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Section) or not (
            isinstance(other, type(self)) or isinstance(self, type(other))
        ):
            return NotImplemented
        return self.values() == other.values()

    def __hash__(self) -> int:
        return hash(self.values())

    def __repr__(self) -> str:
        fields = ", ".join(
            f"{name}={value!r}" for name, value in zip(self.fields, self.values(), strict=True)
        )
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), self.values())


def _made(kind: type[Section], values: tuple[Any, ...]) -> Section:
    """Undo ``Section.__reduce__``: for copy and pickle."""
    return kind(**dict(zip(kind.fields, values, strict=True)))


class _Identity:
    """A section as the key of a cache: it is found by what it is, and never compared by what it says."""

    __slots__ = ("section",)

    def __init__(self, section: Section) -> None:
        self.section = section

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.section is other.section

    def __hash__(self) -> int:
        return id(self.section)


def cached_for_section(
    make: Callable[Concatenate[SectionT, Arguments], Made],
) -> Callable[Concatenate[SectionT, Arguments], Made]:
    """Cache what a function makes of a section.

    The key is the section itself: another one is read again, even if it says the same.
    """

    @functools.lru_cache(maxsize=_KEPT)
    def kept(key: _Identity, *args: Any, **keywords: Any) -> Made:
        return make(key.section, *args, **keywords)  # type: ignore[arg-type]

    @functools.wraps(make)
    def made(section: SectionT, /, *args: Arguments.args, **keywords: Arguments.kwargs) -> Made:
        return kept(_Identity(section), *args, **keywords)  # type: ignore[arg-type]  # they must be hashable

    return made
