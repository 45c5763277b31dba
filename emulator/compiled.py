"""Data that is computed from files, and kept as JSON until one of them changes.

A ``Store`` names its inputs: the files that are read, and the code that computes.  ``load()`` returns what is
kept as long as they are the same, and computes it again when they are not::

    STORE = Store("profiles", [Tree("profiles", FOLDER, ".toml"), Tree("model", CODE, ".py")])
    entry = STORE.load("1.0.1g", build)

What is kept lies in ``_compiled`` beside this module.  A wheel brings it along; in a checkout it is written
when it is first needed.  Where that folder cannot be written to, one in the user's cache takes its place; if
that cannot be written to either, each process computes the data for itself.

Nothing is stale in silence.  Everything lies below the digest of all inputs' contents.  That is computed anew
when a size or a time of any input differs from those for which it was computed last, which takes some hundred
calls of ``stat()``.  Each file has a checksum; one that is damaged or cut off is written again.  A file is
written under another name and then renamed, so that processes that write the same one do not disturb each
other.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PACKAGE = Path(__file__).resolve().parent
BESIDE = PACKAGE / "_compiled"
"""Where a wheel has what was compiled with it."""

LARGE = 2_000
"""A value of an entry's top level is a part of its own from so many characters on."""

_VERSIONS_KEPT = 3
"""So many digests of the inputs have a folder: a checkout may switch between branches."""

_SETTLED = 2_000_000_000
"""Nanoseconds after which a file's time tells of every change: clocks of file systems are coarse."""


class Tree(NamedTuple):
    """Inputs: one file; or with a ``suffix`` the files whose names end so, in a folder and below it."""

    name: str
    """What the digest calls it, wherever the package lies."""
    path: Path
    suffix: str = ""

    def files(self) -> Iterator[tuple[str, os.stat_result, str]]:
        """Yield each file in the order of the names: its name, its state, its path."""
        if self.suffix:
            yield from self._below(str(self.path), self.name)
        elif self.path.exists():
            yield self.name, self.path.stat(), str(self.path)

    def _below(self, folder: str, prefix: str) -> Iterator[tuple[str, os.stat_result, str]]:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            if entry.is_dir():
                yield from self._below(entry.path, f"{prefix}/{entry.name}")
            elif entry.name.endswith(self.suffix):
                yield f"{prefix}/{entry.name}", entry.stat(), entry.path


class Entry(NamedTuple):
    """What a store keeps under one name."""

    data: dict[str, Any]
    parts: dict[str, str]
    """For each large value of the top level a name; equal values have equal names, in any entry."""


class Store:
    """Entries that are computed from the same inputs."""

    def __init__(self, name: str, inputs: Sequence[Tree]) -> None:
        self.name = name
        self._inputs = inputs
        self._digest = ""
        self._parts: dict[str, Any] = {}

    def load(self, entry: str, build: Callable[[], dict[str, Any]]) -> Entry:
        """Return an entry: what is kept, or else what ``build`` computes, which is then kept.

        ``build`` returns what JSON can hold, as JSON gives it back: texts for keys, lists for tuples.
        """
        digest = self.digest()
        for folder in self._folders():
            found = self._read(folder / digest, entry)
            if found is not None:
                return found
        made = _parted(build())
        for folder in self._folders():
            if self._write(folder, digest, entry, made):
                break
        return Entry(json.loads(json.dumps(made.data)), made.parts)

    def compile_into(self, folder: Path, entries: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Write entries for a wheel, whose ``_compiled`` the folder is to be; OSError if that fails."""
        target = folder / self.name / self.digest()
        for entry, data in entries:
            _keep(target, entry, _parted(data))

    def forget(self) -> None:
        """Look at the inputs again when the next entry is loaded."""
        self._digest = ""
        self._parts.clear()

    # -- inputs ----------------------------------------------------------------------------------

    def digest(self) -> str:
        """Return the digest of the contents of all inputs, once in a process."""
        if not self._digest:
            files = [file for tree in self._inputs for file in tree.files()]
            state = [[name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns] for name, stat, _ in files]
            self._digest = self._digest_of(state) or self._computed(files, state)
        return self._digest

    def _digest_of(self, state: list[list[Any]]) -> str:
        """Return the digest that was computed when all inputs were in this state; nothing if none was."""
        for folder in self._folders():
            stamp = _checked(folder / "stamp.json")
            if isinstance(stamp, dict) and stamp.get("state") == state:
                return str(stamp.get("digest", ""))
        return ""

    def _computed(self, files: list[tuple[str, os.stat_result, str]], state: list[list[Any]]) -> str:
        import hashlib  # noqa: PLC0415 - not needed where the inputs are as they were

        found = hashlib.sha256()
        for name, _, path in files:
            content = Path(path).read_bytes()
            found.update(f"{name}\0{len(content)}\0".encode() + content)
        digest = found.hexdigest()[:32]
        # A file that was written just now may be written again without another time.
        if all(stat.st_mtime_ns < time.time_ns() - _SETTLED for _, stat, _ in files):
            self._stamp(state, digest)
        return digest

    def _stamp(self, state: list[list[Any]], digest: str) -> None:
        stamp = {"state": state, "digest": digest}
        for folder in self._folders():
            if _written(folder / "stamp.json", stamp):
                break

    # -- files -----------------------------------------------------------------------------------

    def _folders(self) -> Iterator[Path]:
        """Where entries may lie: beside the package, then in the user's cache."""
        yield BESIDE / self.name
        cache = user_cache()
        if cache is not None:
            yield cache / self.name

    def _read(self, folder: Path, entry: str) -> Entry | None:
        kept = _checked(folder / f"{entry}.json")
        if not isinstance(kept, dict) or not isinstance(kept.get("data"), dict):
            return None
        data, parts = kept["data"], kept.get("parts", {})
        for key, name in parts.items():
            if name not in self._parts:
                part = _checked(folder / "parts" / f"{name}.json")
                if not isinstance(part, dict) or "value" not in part:
                    return None
                self._parts[name] = part["value"]
            data[key] = self._parts[name]
        return Entry(data, parts)

    def _write(self, folder: Path, digest: str, entry: str, made: Entry) -> bool:
        try:
            _remove_old(folder, digest)
            _keep(folder / digest, entry, made)
        except OSError:
            return False
        return True


def user_cache() -> Path | None:
    """Return the folder of the user's cache for this copy of the package; None if there is no home."""
    try:
        if sys.platform == "win32":
            root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            root = Path.home() / "Library" / "Caches"
        else:
            root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return root / "openssl-emulator" / f"{zlib.crc32(str(PACKAGE).encode()):08x}"


def _parted(data: dict[str, Any]) -> Entry:
    """Name the large values of the top level by what they are."""
    import hashlib  # noqa: PLC0415 - only where something is computed

    parts = {}
    for key, value in data.items():
        text = json.dumps(value)
        if len(text) >= LARGE:
            parts[key] = f"{key}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return Entry(data, parts)


def _keep(folder: Path, entry: str, made: Entry) -> None:
    """Write an entry and its parts; OSError if that fails."""
    small = {key: value for key, value in made.data.items() if key not in made.parts}
    for key, name in made.parts.items():
        _put(folder / "parts" / f"{name}.json", {"value": made.data[key]})
    _put(folder / f"{entry}.json", {"data": small, "parts": made.parts})


def _remove_old(folder: Path, digest: str) -> None:
    """Remove what was kept for inputs that are long gone."""
    if (folder / digest).exists():
        return
    import shutil  # noqa: PLC0415 - only where the inputs have changed

    (folder / digest).mkdir(parents=True, exist_ok=True)
    found = sorted(
        (path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime_ns
    )
    for path in found[:-_VERSIONS_KEPT]:
        if path.name != digest:
            shutil.rmtree(path, ignore_errors=True)


def _checked(path: Path) -> Any:
    """Return what a file holds; None if there is none, or if it is not whole."""
    try:
        head, _, text = path.read_bytes().partition(b"\n")
        return json.loads(text) if int(head, 16) == zlib.crc32(text) else None
    except (OSError, ValueError):
        return None


def _put(path: Path, data: Any) -> None:
    """Write a file with its checksum, whole or not at all."""
    text = json.dumps(data, separators=(",", ":")).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{id(text):x}")
    try:
        temporary.write_bytes(b"%08x\n%b" % (zlib.crc32(text), text))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _written(path: Path, data: Any) -> bool:
    try:
        _put(path, data)
    except OSError:
        return False
    return True
