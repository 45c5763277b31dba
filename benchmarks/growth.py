"""How the cost of a write grows with its size: nanoseconds a byte, which should not rise."""

from __future__ import annotations

from os import urandom
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.subjects import Emulated, Real
from benchmarks.transfer import CBC, CBC_1_0, GCM, PROFILES

if TYPE_CHECKING:
    from benchmarks.subjects import Suite

KIB = 1 << 10
SIZES = (
    KIB,
    4 * KIB,
    16 * KIB,
    64 * KIB,
    256 * KIB,
    KIB * KIB,
    4 * KIB * KIB,
    16 * KIB * KIB,
    64 * KIB * KIB,
)
_DRAIN = 1 << 28


def nanoseconds_a_byte(subject: Emulated | Real, size: int, rounds: int) -> float:
    """The median of several rounds; small writes are repeated in each."""
    client, _server = subject.shake_hands()
    write = client.sendall if isinstance(subject, Real) else client.write  # its send() stops after a record
    data = urandom(size)
    number = max(1, 256 * KIB // size)
    seconds = []
    for _ in range(rounds + 1):
        start = perf_counter()
        for _ in range(number):
            write(data)
        seconds.append((perf_counter() - start) / number)
        client.bio_read(_DRAIN)
    return median(seconds[1:]) / size * 1e9


def print_growth(*, quick: bool) -> None:
    """A column for every size."""
    sizes = SIZES[:-1] if quick else SIZES
    subjects: list[tuple[str, Suite, Emulated | Real]] = []
    for suite in (GCM, CBC, CBC_1_0):
        subjects += [(f"{suite!s:25}  {name}", suite, Emulated(name, suite)) for name in PROFILES]
        subjects.append((f"{suite!s:25}  pyOpenSSL", suite, Real(suite)))
    print("\nOne write of so many bytes: nanoseconds a byte")
    print(f"  {'':40}" + "".join(f"{_name(size):>9}" for size in sizes))
    for label, _, subject in subjects:
        costs = [nanoseconds_a_byte(subject, size, 3 if quick else 5) for size in sizes]
        print(f"  {label:40}" + "".join(f"{cost:9.2f}" for cost in costs))


def _name(size: int) -> str:
    return f"{size // KIB} KiB" if size < KIB * KIB else f"{size // KIB // KIB} MiB"
