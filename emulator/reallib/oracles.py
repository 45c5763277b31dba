"""Real libraries that anybody can have: shared builds of libssl out of Python wheels.

Which wheels these are stands in ``data/oracles.toml``; pip brings them, from wherever its configuration says.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.exceptions import EmulatorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from emulator.scenario.model import Json

MANIFEST = "oracle.json"
"""Beside the libraries of a folder: the wheel that they came out of, and the sha256 of each."""

HALF_DONE = ".fetching-"
"""How the folders begin that a fetch works in; they are gone when it is over."""

DOWNLOADS = 4
"""How many wheels are brought at a time."""


class FetchError(EmulatorError):
    """A library that could not be brought: which, and why."""


@dataclass(frozen=True, slots=True)
class Library:
    """One build, as ``data/oracles.toml`` describes it."""

    name: str
    """What its folder is called."""
    version: str
    """What it calls itself."""
    about: str
    protocols: tuple[str, ...]
    wheel: str
    python: str
    platforms: tuple[str, ...]
    members: str
    sha256: str
    recording: str | None = None
    """The recording that was made of this very build."""

    def as_json(self) -> Json:
        """What is said about it."""
        return {
            "name": self.name,
            "version": self.version,
            "about": self.about,
            "protocols": list(self.protocols),
            "wheel": self.wheel,
            "sha256": self.sha256,
            "recording": self.recording,
        }


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one library.

    ``status`` is fetched, kept or failed; ``libssl`` its file, ``why`` the reason of a failure.
    """

    library: Library
    status: str
    libssl: Path | None = None
    why: str | None = None

    def as_json(self) -> Json:
        """The same as a plain object."""
        libssl = None if self.libssl is None else str(self.libssl)
        return {"name": self.library.name, "status": self.status, "libssl": libssl, "why": self.why}


@cache
def known() -> tuple[Library, ...]:
    """All libraries that can be brought, oldest first."""
    data = tomllib.loads((files("emulator") / "data" / "oracles.toml").read_text(encoding="utf-8"))
    return tuple(Library(**{key: _frozen(value) for key, value in raw.items()}) for raw in data["library"])


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def chosen(names: Collection[str] | None) -> tuple[Library, ...]:
    """The libraries of these names, all if there are none; raises UsageError for a name that isn't known."""
    by_name = {library.name: library for library in known()}
    for name in names or ():
        if name not in by_name:
            nearest = difflib.get_close_matches(name, by_name, 1, 0.5)
            hint = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(by_name)}"
            raise UsageError(f"no library is named {name!r}; {hint}")
    return tuple(library for library in known() if not names or library.name in names)


def libssl_in(folder: Path, library: Library) -> Path:
    """The libssl that :func:`fetch` has put below ``folder``; raises FetchError if it isn't there, intact."""
    found = _intact(folder / library.name, library)
    if found is None:
        raise FetchError(
            f"{folder} holds no intact {library.name}; `emulator oracles fetch {folder}` brings it"
        )
    return found


def fetch(
    folder: Path, libraries: Collection[Library], tell: Callable[[str], object] = lambda _line: None
) -> list[Fetched]:
    """Bring libraries into ``folder``, each into one of its own; what became of each, in their order.

    What is there and intact stays.  A library is there as a whole or not at all, and one that cannot be
    brought hinders no other.  ``tell`` is called with lines of progress, from any thread.  Raises UsageError
    on a machine that cannot load such libraries, FetchError without pip.
    """
    _check_machine()
    if importlib.util.find_spec("pip") is None:
        raise FetchError(f"{sys.executable} has no pip to bring wheels with; `-m ensurepip` installs it")
    folder.mkdir(parents=True, exist_ok=True)

    def bring(library: Library) -> Fetched:
        try:
            return _fetched(folder, library, tell)
        except (FetchError, OSError, zipfile.BadZipFile) as error:
            tell(f"{library.name}: {error}")
            return Fetched(library, "failed", why=str(error))

    with _alone(folder), ThreadPoolExecutor(DOWNLOADS) as pool:
        return list(pool.map(bring, libraries))


def _check_machine() -> None:
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise UsageError(
            f"the libraries are for Linux on x86_64; this is {platform.system()} on {platform.machine()}"
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One fetch at a time works in a folder; what another left half done is removed."""
    import fcntl  # noqa: PLC0415 - where it is missing, so are the libraries

    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{HALF_DONE}*"):
            shutil.rmtree(left)
        yield


def _fetched(folder: Path, library: Library, tell: Callable[[str], object]) -> Fetched:
    target = folder / library.name
    if (libssl := _intact(target, library)) is not None:
        tell(f"{library.name}: is there")
        return Fetched(library, "kept", libssl)
    if target.exists() and not (target / MANIFEST).is_file():
        raise FetchError(f"{target} is there already, and no fetch has made it: move it away first")
    tell(f"{library.name}: fetching {library.wheel}")
    with tempfile.TemporaryDirectory(dir=folder, prefix=HALF_DONE) as name:
        work = Path(name)
        unpacked = _unpacked(_downloaded(work, library), library, work / "unpacked")
        if target.exists():
            target.rename(work / "damaged")
        unpacked.rename(target)
    found = _intact(target, library)
    assert found is not None
    tell(f"{library.name}: fetched")
    return Fetched(library, "fetched", found)


def _intact(folder: Path, library: Library) -> Path | None:
    """The libssl in a folder that holds all that the library's wheel had, unaltered."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if manifest["sha256"] != library.sha256:
        return None
    for name, digest in manifest["files"].items():
        file = folder / name
        if not file.is_file() or _sha256(file) != digest:
            return None
    return _libssl(folder)


def _libssl(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob("libssl*"))), None)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _downloaded(work: Path, library: Library) -> Path:
    """The library's wheel, as pip brings it, and as it should be."""
    tags = [argument for tag in library.platforms for argument in ("--platform", tag)]
    command = (
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", library.python),
        *(*tags, "--dest", str(work), library.wheel),
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pip, our own words
    wheels = list(work.glob("*.whl"))
    if done.returncode or not wheels:
        raise FetchError(f"pip could not download {library.wheel}: {_reason(done.stderr)}")
    digest = _sha256(wheels[0])
    if digest != library.sha256:
        raise FetchError(f"{wheels[0].name} has the sha256 {digest}, and should have {library.sha256}")
    return wheels[0]


def _reason(stderr: str) -> str:
    """The last thing that pip calls an error, or says at all."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it said nothing"])[-1]


def _unpacked(wheel: Path, library: Library, into: Path) -> Path:
    """The shared libraries of a wheel side by side in a new folder, with a manifest."""
    into.mkdir()
    digests = {}
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if not member.is_dir() and fnmatchcase(member.filename, library.members):
                file = into / Path(member.filename).name
                file.write_bytes(archive.read(member))
                digests[file.name] = _sha256(file)
    if _libssl(into) is None:
        raise FetchError(f"{wheel.name} has no libssl in {library.members}")
    manifest = {"wheel": wheel.name, "sha256": library.sha256, "files": digests}
    (into / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return into
