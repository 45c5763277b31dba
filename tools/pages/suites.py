"""The page of cipher suites."""

from __future__ import annotations

from typing import Any

from emulator.constants import TLS1_3_VERSION
from emulator.handshake.common.suites import collected
from emulator.knowledge import index, inventory
from emulator.profile import load_profile
from emulator.profiles.describe import in_words


def suites() -> list[dict[str, str]]:
    """List every cipher suite, whether it is emulated, and in which series' last releases it is."""
    rows: dict[int, dict[str, Any]] = {}
    for series in index.series():
        ciphers = load_profile(inventory.stands_for(series)).ciphers
        for suite in (listed.suite for listed in collected(ciphers, ssl2=False, weak=True)):
            row = rows.setdefault(suite.id, {"suite": suite, "series": []})
            row["series"].append(series)
    return [
        {
            "id": f"0x{number:04X}",
            "name": row["suite"].name,
            "algorithms": " ".join(
                str(part)
                for part in (row["suite"].kx, row["suite"].auth, row["suite"].cipher, row["suite"].mac)
            ),
            "emulated": in_words(row["suite"].emulated and row["suite"].min_version != TLS1_3_VERSION),
            "series": ", ".join(row["series"]),
        }
        for number, row in sorted(rows.items())
    ]
