"""Python's arguments in C's terms.

Each is checked before the call does anything, and a wrong one is a UsageError that names it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from operator import index
from typing import Any, TypeVar

from emulator.exceptions import UsageError

T = TypeVar("T")
W = TypeVar("W", bound=str)

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
SIZE_MAX = 2**64 - 1
_SHOWN = 40
"""How many characters of a string a message shows."""
_MOST_BITS = 128
"""How long a number a message shows."""


def shown(value: object) -> str:
    """Show a wrong value in a message: itself if it is short, else what it is."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "an integer of many digits"
    if isinstance(value, str | bytes | bytearray):
        return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}..."
    if value is None or isinstance(value, int | float | type):
        return repr(value)
    kind = type(value).__name__
    return f"an {kind}" if kind[0] in "AEIOUaeiou" else f"a {kind}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is the most like this one, if one is."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a wrong name needs it

    return next(iter(get_close_matches(name, tuple(known), 1)), None)


# -- numbers --------------------------------------------------------------------------------------


def _integer(name: str, value: Any, least: int, most: int, kind: str) -> int:
    try:
        number = index(value)
    except TypeError:
        raise UsageError(f"{name}: got {shown(value)}, expected an integer") from None
    if not least <= number <= most:
        raise UsageError(f"{name}: got {shown(number)}, but {kind}")
    return number


def c_int(name: str, value: Any) -> int:
    """Check an argument that is an ``int`` in C."""
    return _integer(name, value, INT_MIN, INT_MAX, "C's int holds 32 bits")


def c_long(name: str, value: Any) -> int:
    """Check an argument that is a ``long`` in C, of 64 bits as on most Unix systems."""
    return _integer(name, value, -(2**63), 2**63 - 1, "C's long holds 64 bits")


def c_uint32(name: str, value: Any) -> int:
    """Check an argument that is a ``uint32_t`` in C."""
    return _integer(name, value, 0, 2**32 - 1, "uint32_t holds 32 bits and is never negative")


def c_bits(name: str, value: Any) -> int:
    """Check an argument that is a set of bits, 64 at most: modes and options."""
    return _integer(name, value, 0, 2**64 - 1, "the bits are a number from 0 to 2**64 - 1")


def c_size(name: str, value: Any) -> int:
    """Check an argument that is a ``size_t`` in C."""
    return _integer(name, value, 0, SIZE_MAX, "size_t holds 64 bits and is never negative")


# -- strings and the rest -------------------------------------------------------------------------


def text(name: str, value: Any) -> str:
    """Check an argument that is a string in C: a str that UTF-8 can encode, without a NUL."""
    if not isinstance(value, str):
        raise UsageError(f"{name}: got {shown(value)}, expected a str")
    if "\0" in value:
        raise UsageError(f"{name}: a C string ends at a NUL, and there is one in {shown(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{name}: {shown(value)} cannot be encoded in UTF-8") from None
    return value


def plain_text(name: str, value: Any) -> str:
    """Check an argument that is any str."""
    if not isinstance(value, str):
        raise UsageError(f"{name}: got {shown(value)}, expected a str")
    return value


def path_name(name: str, value: Any) -> str:
    """Check an argument that is the path of a file: a str, or an os.PathLike of one; return the str."""
    try:
        path = os.fspath(value)
    except TypeError:
        path = None
    if not isinstance(path, str):
        raise UsageError(f"{name}: got {shown(value)}, expected the path of a file")
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise UsageError(f"{name}: {shown(path)} cannot be the path of a file") from None
    return path


def listed(name: str, value: Any, of: str) -> list[Any]:
    """Check an argument that is a list or another iterable, but no string; return a list of its items."""
    if isinstance(value, str | bytes | bytearray | Mapping) or not isinstance(value, Iterable):
        raise UsageError(f"{name}: got {shown(value)}, expected a list of {of}")
    return list(value)


def plain_bytes(name: str, value: Any, expected: str = "bytes") -> bytes:
    """Check an argument that is bytes, a bytearray or a memoryview, and copy it."""
    if isinstance(value, bytes | bytearray | memoryview):
        try:
            return bytes(value)
        except ValueError as problem:  # it is released
            raise UsageError(f"{name}: the memoryview cannot be read: {problem}") from None
    raise UsageError(f"{name}: got {shown(value)}, expected {expected}")


def one_of(name: str, value: W, words: Iterable[str]) -> W:
    """Check an argument that is one of a few words."""
    words = tuple(words)
    if not isinstance(value, str) or value not in words:
        near = nearest(value, words) if isinstance(value, str) else None
        hint = f"; did you mean {near!r}?" if near else ""
        raise UsageError(f"{name}: got {shown(value)}, expected one of {', '.join(words)}{hint}")
    return value


def callback(name: str, value: T) -> T:
    """Check an argument that is a function, or None for none."""
    if value is not None and not callable(value):
        raise UsageError(f"{name}: got {shown(value)}, expected a function or None")
    return value


def function(name: str, value: T) -> T:
    """Check an argument that is a function."""
    if not callable(value):
        raise UsageError(f"{name}: got {shown(value)}, expected a function")
    return value


def flag(name: str, value: Any) -> bool:
    """Check an argument that is True or False; C's 1 and 0 do as well."""
    if not isinstance(value, int):
        raise UsageError(f"{name}: got {shown(value)}, expected True or False")
    return bool(value)


def instance(name: str, value: T, kind: type, *, or_none: bool = True) -> T:
    """Check that an argument is a ``kind``, or, if that is allowed, None."""
    if (value is None and or_none) or isinstance(value, kind):
        return value
    expected = f"a {kind.__name__}" + (" or None" if or_none else "")
    raise UsageError(f"{name}: got {shown(value)}, expected {expected}")
