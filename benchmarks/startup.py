"""What a program pays before its first write: imports and the first profile, each in a new interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from benchmarks.timing import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = "import OpenSSL.SSL"
CASES = (
    ("import emulator", "", "import emulator"),
    ("from emulator import connected_pair", "", "from emulator import connected_pair"),
    ("  ... Connection, Context", "", "from emulator import Connection, Context"),
    ("then load_profile('1.0.1')", "import emulator.connection", "emulator.load_profile('1.0.1')"),
    (
        "then connected_pair('1.0.1'), the first",
        "from emulator import connected_pair, load_profile; load_profile('1.0.1')",
        "connected_pair('1.0.1')",
    ),
    (
        "then connected_pair('1.0.1'), the second",
        "from emulator import connected_pair; connected_pair('1.0.1')",
        "connected_pair('1.0.1')",
    ),
)
_TIMED = """
from time import perf_counter
{setup}
start = perf_counter()
{statement}
print(perf_counter() - start)
"""


_BYTECODE = tempfile.TemporaryDirectory()


def _environment() -> dict[str, str]:
    """As an installed package has it: modules are compiled once, not by every interpreter."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": _BYTECODE.name}


def fresh(setup: str, statement: str) -> float:
    """Seconds that a statement takes in a new interpreter, after the setup."""
    code = _TIMED.format(setup=setup, statement=statement)
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=_environment()
    )
    return float(done.stdout)


def rows(*, quick: bool) -> Iterator[Row]:
    """The table; the best of several interpreters, taken in turn."""
    times: dict[str, list[float]] = {}
    for _ in range(5 if quick else 15):
        times.setdefault(REAL, []).append(fresh("", REAL))
        for name, setup, statement in CASES:
            times.setdefault(name, []).append(fresh(setup, statement))
    theirs = min(times[REAL])
    for name, _, statement in CASES:
        ours = min(times[name])
        if "import" in statement:
            yield Row(name, f"{ours * 1e3:.1f} ms", f"{theirs * 1e3:.1f} ms", theirs / ours, 1.0)
        else:
            yield Row(name, f"{ours * 1e3:.1f} ms", "")
