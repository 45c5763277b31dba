"""Read the texts of ``advice/*.toml`` for the index."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from emulator.exceptions import ProfileError
from emulator.knowledge.texts import HEAVIEST, Advice, Entry, NameAdvice, Reason

FOLDER = Path(__file__).resolve().parent.parent / "advice"
REASONS = "reasons"
ERROR_CODES = "error_codes"
NAMES = "functions"
"""Functions, modes and options."""

EntryT = TypeVar("EntryT", bound=Entry)


def advice() -> dict[str, Any]:
    """Return all texts as plain data: on behaviours by key, on names in C, on reasons, on error codes."""
    sections = sorted(
        path for path in FOLDER.glob("*.toml") if path.stem not in (REASONS, ERROR_CODES, NAMES)
    )
    return {
        "behaviours": {
            f"{path.stem}.{name}": asdict(entry)
            for path in sections
            for name, entry in read(path, Advice).items()
        },
        "reasons": _plain(REASONS, Reason),
        "error_codes": _plain(ERROR_CODES, Reason),
        "names": _plain(NAMES, NameAdvice),
    }


def _plain(file: str, kind: type[Entry]) -> dict[str, Any]:
    return {name: asdict(entry) for name, entry in read(FOLDER / f"{file}.toml", kind).items()}


def read(path: Path, entry: type[EntryT]) -> dict[str, EntryT]:
    """Read a file of texts; ProfileError names the file, the key and what is wrong with it."""
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileError(f"{path}: cannot be read: {error}") from error
    adapter, found = TypeAdapter(entry), {}
    for name, table in tables.items():
        try:
            found[name] = adapter.validate_python(_joined(table))
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in (name, *first["loc"]))
            raise ProfileError(f"{path}: {key}: {first['msg']}") from error
        weight = getattr(found[name], "weight", 0)
        if not 0 <= weight <= HEAVIEST:
            raise ProfileError(f"{path}: {name}.weight: got {weight}, expected 0 to {HEAVIEST}")
    return found


def _joined(value: Any) -> Any:
    """Return the texts of a table without their line breaks."""
    if isinstance(value, dict):
        return {key: _joined(each) for key, each in value.items()}
    return " ".join(value.split()) if isinstance(value, str) else value
