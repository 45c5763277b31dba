"""Sending while somebody listens: with findings, with a ledger, and with both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.subjects import Emulated, Real
from benchmarks.timing import Row, interleaved, microseconds, ratio_of
from benchmarks.transfer import FULL, GCM, PROFILES, sender
from emulator.contract.ledger import Ledger
from emulator.contract.watch import watch_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator import Connection

TARGET = 0.4
"""What a sender of 16 KiB has to reach with findings and ledger, as a share of pyOpenSSL's speed."""


class Watched(Emulated):
    """The emulator with listeners on both sides."""

    findings = ledger = True

    def shake_hands(self) -> tuple[Connection, Connection]:
        """A full handshake between two new connections, whose calls are listened to from then on."""
        client, server = super().shake_hands()
        if self.findings:
            watch_all((client, server), strict=False)
        if self.ledger:
            Ledger(client, server)
        return client, server


class WithFindings(Watched):
    """With findings alone."""

    ledger = False


class WithLedger(Watched):
    """With a ledger alone."""

    findings = False


KINDS = {"findings": WithFindings, "ledger": WithLedger, "findings and ledger": Watched}


def rows(*, quick: bool) -> Iterator[Row]:
    """One row for each release and kind of listener."""
    batches = {"real": sender(Real(GCM), FULL)}
    for profile in PROFILES:
        for name, kind in KINDS.items():
            batches[f"{profile} {name}"] = sender(kind(profile, GCM), FULL)
    seconds = interleaved(batches, 64, 7 if quick else 21)
    theirs = seconds.pop("real")
    for name, ours in seconds.items():
        label = f"write {FULL:5} B  {GCM!s:25}  {name}"
        yield Row(label, microseconds(ours), microseconds(theirs), ratio_of(ours, theirs), TARGET)
