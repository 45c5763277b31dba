"""Full handshakes of two new connections over memory BIOs, both ends of the same library."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.subjects import Emulated, Real, Suite
from benchmarks.timing import Row, interleaved, microseconds, ratio_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.timing import Batch

TARGET = 0.4
SUITES = (
    Suite("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDSA"),
    Suite("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"),
    Suite("TLSv1.2", "AES128-GCM-SHA256"),
    Suite("TLSv1", "AES128-SHA"),
)
PROFILES = ("1.0.1", "1.1.1")


def handshakes(subject: Emulated | Real) -> Batch:
    """Handshakes, one after the other."""

    def batch(number: int) -> float:
        start = perf_counter()
        for _ in range(number):
            subject.shake_hands()
        return perf_counter() - start

    return batch


def rows(*, quick: bool) -> Iterator[Row]:
    """The table of all kinds of keys and exchanges."""
    for suite in SUITES:
        batches = {"real": handshakes(Real(suite))}
        for profile in PROFILES:
            batches[profile] = handshakes(Emulated(profile, suite))
        seconds = interleaved(batches, 10, 7 if quick else 21)
        theirs = seconds.pop("real")
        for profile, ours in seconds.items():
            key = "P-256" if suite.key == "ECDSA" else "RSA-2048"
            label = f"{suite!s:37}  {key:8}  {profile}"
            yield Row(label, microseconds(ours), microseconds(theirs), ratio_of(ours, theirs), TARGET)
