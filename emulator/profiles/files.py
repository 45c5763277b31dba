"""Reading a profile's file, with one clear error for whatever is wrong with it."""

from __future__ import annotations

import functools
import reprlib
import tomllib
from typing import TYPE_CHECKING, Any, TypeAlias

from emulator.exceptions import ProfileError

if TYPE_CHECKING:
    from pathlib import Path

Table: TypeAlias = dict[str, Any]

DEEPEST = 16
"""How deep tables and lists of a file may be nested; the shipped ones need six."""

_INTEGERS = range(-(2**63), 2**63)
"""The whole numbers that TOML has."""

_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = 80
_shortened.maxlong = 40


def shown(value: object) -> str:
    """Return a value as a message shows it: shortened if it is long."""
    return _shortened.repr(value)


def parse(path: Path) -> Table:
    """Parse a TOML file, once as long as it doesn't change; ProfileError says its path and line."""
    try:
        stat = path.stat()
        return _parse(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the path
        raise ProfileError(f"{shown(str(path))}: cannot be read: {error}") from error


@functools.lru_cache(maxsize=512)
def _parse(path: Path, _mtime: int, _size: int) -> Table:
    return parse_text(path, path.read_bytes())


def parse_text(path: Path, text: str | bytes) -> Table:
    """Parse the text of a TOML file; ``path`` is what messages call it."""
    try:
        table = tomllib.loads(text if isinstance(text, str) else text.decode())
    except RecursionError as error:
        raise ProfileError(f"{path}: not valid TOML: nested too deep") from error
    except ValueError as error:  # bad TOML, bad UTF-8, an integer of thousands of digits
        raise ProfileError(f"{path}: not valid TOML: {error}") from error
    _check_values(path, table)
    return table


def _check_values(path: Path, table: Table) -> None:
    """Refuse what tomllib accepts and later code could not bear: deep nesting, integers beyond 64 bits."""
    waiting: list[tuple[str, object, int]] = [("", table, 0)]
    while waiting:
        key, value, depth = waiting.pop()
        if depth > DEEPEST:
            raise ProfileError(f"{path}: {_start(key)}: nested deeper than {DEEPEST} tables and lists")
        if isinstance(value, dict):
            waiting += [(f"{key}.{name}" if key else name, each, depth + 1) for name, each in value.items()]
        elif isinstance(value, list):
            waiting += [(key, each, depth + 1) for each in value]
        elif isinstance(value, int) and value not in _INTEGERS:
            raise ProfileError(f"{path}: {key}: got {shown(value)}, expected a whole number of 64 bits")


def _start(key: str) -> str:
    return key if len(key) <= 80 else f"{key[:80]}..."
