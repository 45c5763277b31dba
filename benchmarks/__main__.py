"""Measure the emulator against pyOpenSSL, which calls the real library: ``python -m benchmarks``.

Both are measured in turn within one run, medians of several rounds.  Only ratios mean something: absolute
figures move by half with what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks import growth, handshakes, memory, records, replays, startup, transfer, watched
from benchmarks.timing import Row, print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _table(title: str, rows: Callable[..., Iterable[Row]]) -> Callable[..., None]:
    def run(*, quick: bool) -> None:
        print_table(title, list(rows(quick=quick)))

    return run


SECTIONS = {
    "transfer": _table("Records: one call for each, over memory BIOs", transfer.rows),
    "watched": _table("Records while findings or a ledger listen", watched.rows),
    "handshakes": _table("Full handshakes, both ends", handshakes.rows),
    "startup": _table("Start-up: CPU time in new processes, medians", startup.rows),
    "memory": _table("Memory of a pair that has sent 16 KiB both ways (100 KiB allowed)", memory.rows),
    "replays": _table("Recorded scenarios replayed (300 a second wanted)", replays.rows),
    "growth": growth.print_growth,
    "records": records.print_records,
}


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a minute, and less certain")
    parser.add_argument(
        "--only", action="append", choices=list(SECTIONS), metavar="SECTION", help=", ".join(SECTIONS)
    )
    options = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("cryptography", "pyOpenSSL", "pydantic"))
    print(
        f"Python {platform.python_version()}, {packages}; load {os.getloadavg()[0]:.1f} of {os.cpu_count()}"
    )
    for name in options.only or SECTIONS:
        SECTIONS[name](quick=options.quick)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
