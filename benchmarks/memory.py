"""What a connected pair weighs, each kind in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.timing import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = 100
"""KiB a pair."""

_PAIRS = {
    "connected_pair('{profile}')": """
from emulator import connected_pair
def pair():
    client, server = pair = connected_pair("{profile}")
    client.write(data), server.read(20000), server.write(data), client.read(20000)
    return pair
""",
    "pyOpenSSL over memory BIOs": """
from benchmarks.subjects import Real, Suite
real = Real(Suite("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"))
def pair():
    client, server = pair = real.shake_hands()
    client.send(data), server.bio_write(client.bio_read(20000)), server.recv(20000)
    server.send(data), client.bio_write(server.bio_read(20000)), client.recv(20000)
    return pair
""",
}
_MEASURE = """
import gc, os, tracemalloc
data = bytes(16384)
{make}
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
kept = [pair() for _ in range(20)]
gc.collect()
if {traced}:
    tracemalloc.start()
before = tracemalloc.get_traced_memory()[0] if {traced} else resident()
kept += [pair() for _ in range({count})]
gc.collect()
after = tracemalloc.get_traced_memory()[0] if {traced} else resident()
print((after - before) / {count} / 1024)
"""


def kibibytes(make: str, count: int, *, traced: bool) -> float:
    """KiB that a pair adds to the process, or to what Python has allocated (``traced``)."""
    code = _MEASURE.format(make=make, count=count, traced=traced)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def rows(*, quick: bool) -> Iterator[Row]:
    """The table: pairs that have each sent and read 16 KiB both ways."""
    count = 200 if quick else 1000
    theirs = kibibytes(_PAIRS["pyOpenSSL over memory BIOs"], count, traced=False)
    for profile in ("1.0.1", "1.1.1"):
        make = _PAIRS["connected_pair('{profile}')"].replace("{profile}", profile)
        for name, traced in (("resident", False), ("tracemalloc", True)):
            ours = kibibytes(make, count, traced=traced)
            real = f"{theirs:.1f} KiB" if not traced else ""
            label = f"connected_pair('{profile}'), {name}"
            yield Row(label, f"{ours:.1f} KiB", real, None, None, ours <= TARGET)
