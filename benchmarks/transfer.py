"""Sending and receiving records: one call for one record, over memory BIOs."""

from __future__ import annotations

from os import urandom
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from benchmarks.subjects import Emulated, Real, Suite, calls
from benchmarks.timing import Row, interleaved, microseconds, ratio_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.timing import Batch

SMALL = 64
FULL = 16384
GCM = Suite("TLSv1.2", "AES128-GCM-SHA256")
GCM_1_3 = Suite("TLSv1.3", "TLS_AES_128_GCM_SHA256")
CBC = Suite("TLSv1.2", "AES128-SHA")
CBC_1_0 = Suite("TLSv1", "AES128-SHA")
TARGETS = {
    (GCM_1_3, FULL): 0.85,  # its content is copied once more, to put the type behind it
    (GCM_1_3, SMALL): 0.6,
    (GCM, FULL): 1.0,
    (CBC, FULL): 0.5,
    (CBC_1_0, FULL): 0.5,
    (GCM, SMALL): 0.6,
    (CBC, SMALL): 0.6,
    (CBC_1_0, SMALL): 0.4,
}
"""What a sender has to reach, as a share of pyOpenSSL's speed; receivers have no target of their own."""

PROFILES = ("1.0.1", "1.1.1")
"""One release of each generation of the write loop and of the state machine."""

FOLLOW: tuple[Literal["library", "manual"], ...] = ("library", "manual")

BURST = 8
"""Writes before the BIO is emptied."""

_DRAIN = 1 << 18


def sender(subject: Emulated | Real, size: int) -> Batch:
    """Writes of ``size`` bytes alone: what they left in the BIO is taken out when the clock stands."""
    client, server = subject.shake_hands()
    write, _ = calls(client)
    data = urandom(size)

    def batch(number: int, _peer: object = server) -> float:  # the peer lives as long as the batch
        seconds = 0.0
        for _ in range(number // BURST):
            start = perf_counter()
            for _ in range(BURST):
                write(data)
            seconds += perf_counter() - start
            client.bio_read(_DRAIN)
        return seconds

    return batch


def sender_that_passes_on(subject: Emulated | Real, size: int) -> Batch:
    """Writes of ``size`` bytes, each record taken out of the BIO at once (write and bio_read are timed).

    The real library copies a record into its BIO and out again; here it is handed over.
    """
    client, server = subject.shake_hands()
    write, _ = calls(client)
    data = urandom(size)

    def batch(number: int, _peer: object = server) -> float:
        take = client.bio_read
        start = perf_counter()
        for _ in range(number):
            write(data)
            take(_DRAIN)
        return perf_counter() - start

    return batch


def receiver(subject: Emulated | Real, size: int) -> Batch:
    """Reads of ``size`` bytes, each after its record was put into the BIO (bio_write and read are timed)."""
    client, server = subject.shake_hands()
    write, _ = calls(client)
    _, read = calls(server)
    data = urandom(size)

    def batch(number: int) -> float:
        records = []
        for _ in range(number):
            write(data)
            records.append(client.bio_read(_DRAIN))
        feed = server.bio_write
        start = perf_counter()
        for record in records:
            feed(record)
            read(size)
        return perf_counter() - start

    return batch


def rows(*, quick: bool) -> Iterator[Row]:
    """The table of all suites, sizes, releases and authorities."""
    rounds = 7 if quick else 21
    for direction, make in (("write", sender), ("send", sender_that_passes_on), ("receive", receiver)):
        for size in (FULL, SMALL):
            number = 64 if size == FULL else 1000
            for suite in (GCM_1_3, GCM, CBC, CBC_1_0):
                batches = {"real": make(Real(suite), size)}
                for profile in PROFILES[1:] if suite is GCM_1_3 else PROFILES:
                    for follow in FOLLOW:
                        batches[f"{profile} {follow}"] = make(Emulated(profile, suite, follow), size)
                seconds = interleaved(batches, number, rounds)
                theirs = seconds.pop("real")
                target = TARGETS[suite, size] if direction != "receive" else None
                for name, ours in seconds.items():
                    label = f"{direction} {size:5} B  {suite!s:25}  {name}"
                    yield Row(label, microseconds(ours), microseconds(theirs), ratio_of(ours, theirs), target)
