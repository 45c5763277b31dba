"""What a program pays before its first write, and a command before its first line, each in a new process.

Figures are CPU time, medians of several processes, taken in turn.  Modules are compiled beforehand, as in an
installed package.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.timing import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_IMPORT = 1.2
"""How many times pyOpenSSL's own import the import of Connection and Context may take."""
REAL = "import OpenSSL.SSL"


@dataclass(frozen=True)
class Statement:
    """A statement that is timed in a new interpreter, after another one."""

    name: str
    statement: str
    before: str = ""
    most: float | None = None
    """How many milliseconds it may take, if anybody has said."""


IMPORTS = (
    Statement("import emulator", "import emulator"),
    Statement("from emulator import Connection, Context", "from emulator import Connection, Context"),
    Statement("from emulator import connected_pair", "from emulator import connected_pair"),
)
CALLS = (
    Statement(
        "load_profile(), the first", "emulator.load_profile('1.0.1')", "import emulator.connection", 15
    ),
    Statement(
        "load_profile(), the next",
        "emulator.load_profile('1.1.1')",
        "import emulator.connection; emulator.load_profile('1.0.1')",
        3,
    ),
    Statement(
        "connected_pair(), the first",
        "connected_pair('1.0.1')",
        "from emulator import connected_pair, load_profile; load_profile('1.0.1')",
    ),
    Statement(
        "connected_pair(), the next",
        "connected_pair('1.0.1')",
        "from emulator import connected_pair; connected_pair('1.0.1')",
    ),
)
COMMANDS = {
    "--help": 150,
    "explain 1409E10F": 400,
    "explain write.bio_zero": 400,
    "diff 1.0.1 1.1.1": 400,
    "timeline write.bio_zero": 400,
    "show 1.0.1g": 400,
    "run @retry-moved": 400,
}
"""Commands, and how many milliseconds of CPU each may take, the interpreter's own start included."""

_TIMED = """
from time import process_time
{before}
start = process_time()
{statement}
print(process_time() - start)
"""


class Processes:
    """Starts processes that find all modules compiled."""

    def __init__(self, folder: str) -> None:
        self._environment = {
            key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
        } | {"PYTHONPYCACHEPREFIX": folder}

    def statement(self, one: Statement) -> float:
        """Return the CPU milliseconds of a statement in a new interpreter."""
        code = _TIMED.format(before=one.before, statement=one.statement)
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=self._environment
        )
        return float(done.stdout) * 1e3

    def command(self, words: str) -> float:
        """Return the CPU milliseconds of ``python -m emulator`` with these words, from start to exit."""
        with Path(os.devnull).open("wb") as nowhere:
            started = subprocess.Popen(
                [sys.executable, "-m", "emulator", *words.split()],
                stdout=nowhere,
                stderr=nowhere,
                env=self._environment,
            )
            _, status, usage = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
        if started.returncode:
            raise RuntimeError(f"emulator {words} ended with {started.returncode}")
        return (usage.ru_utime + usage.ru_stime) * 1e3


def rows(*, quick: bool) -> Iterator[Row]:
    """The table; the first round compiles, and does not count."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(folder)
        for _ in range(4 if quick else 12):
            for one in (Statement(REAL, REAL), *IMPORTS, *CALLS):
                times.setdefault(one.name, []).append(processes.statement(one))
            for words in COMMANDS:
                times.setdefault(words, []).append(processes.command(words))
    found = {name: median(each[1:]) for name, each in times.items()}
    yield from _import_rows(found)
    for one in CALLS:
        yield _row(one.name, found[one.name], one.most)
    for words, most in COMMANDS.items():
        yield _row(f"emulator {words}", found[words], most)


def _import_rows(found: dict[str, float]) -> Iterator[Row]:
    theirs = found[REAL]
    for one in IMPORTS:
        ours = found[one.name]
        target = 1 / MOST_IMPORT if "Connection" in one.name else None
        yield Row(one.name, f"{ours:.0f} ms", f"{theirs:.0f} ms", theirs / ours, target)


def _row(name: str, ours: float, most: float | None) -> Row:
    limit = "" if most is None else f"{most:.0f} ms"
    return Row(name, f"{ours:.1f} ms", "", verdict=None if most is None else ours <= most, limit=limit)
