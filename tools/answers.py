"""A digest of the answers of every release and build: ``./dev refresh answers``.

A history is edited at one place, and the edit changes every later release of its series.  A test compares the
digests and names the releases that changed; where a profile was mended on purpose, they are made anew, and
their diff shows which releases were touched.  The first digests were made while each range of releases had a
file of its own, so that the histories were proved to say the same.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from emulator.profiles.extending import layers_of_build
from emulator.profiles.histories import layers_of
from emulator.profiles.layers import combined
from emulator.profiles.published import distributions, known_releases
from tools.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGESTS = ROOT / "tests" / "data" / "resolved-profiles.json"

ORDERED = ("ciphers.suites.", "errors.")
"""Tables in which the order of the rows is an answer."""


def digests() -> dict[str, str]:
    """Make the digest of every release and distributor's build, by its name."""
    tables = {release.name: combined(layers_of(release)) for release in known_releases()}
    tables |= {name: combined(layers_of_build(name)) for name in distributions()}
    return {name: digest(table) for name, table in tables.items()}


def digest(table: Mapping[str, Any]) -> str:
    """Make the digest of a profile's table: of its answers, not of its names."""
    answers = {key: value for key, value in table.items() if key not in {"name", "release"}}
    return hashlib.sha256(json.dumps(_canonical(answers, "")).encode()).hexdigest()


def _canonical(table: Any, prefix: str) -> Any:
    """Put the rows of a table in one order, whatever their order in the files, unless that order tells."""
    if not isinstance(table, dict):
        return table
    rows = table.items() if prefix.startswith(ORDERED) else sorted(table.items())
    return {key: _canonical(value, f"{prefix}{key}.") for key, value in rows}


def stale() -> list[str]:
    """List the releases and builds whose answers are others than the digests say."""
    expected = json.loads(DIGESTS.read_text(encoding="utf-8"))
    found = digests()
    return [name for name in {**expected, **found} if found.get(name) != expected.get(name)]


def refresh(_only_stale: bool = False) -> None:  # noqa: FBT001, FBT002 - all parts are made alike
    """Write the digests."""
    DIGESTS.write_text(json.dumps(digests(), indent=0) + "\n", encoding="utf-8")
