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
from emulator.profiles.published import distributions, known_releases, patched_release
from tools.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGESTS = ROOT / "tests" / "data" / "resolved-profiles.json"

ORDERED = ("ciphers.suites.", "errors.")
"""Tables in which the order of the rows is an answer."""


def digests() -> dict[str, dict[str, str]]:
    """Make the digests of each section, for the releases that answer otherwise than the one before.

    A distributor's build is named where it answers otherwise than the release it was made from.
    """
    found: dict[str, dict[str, str]] = {}
    before: dict[str, str] = {}
    for release in known_releases():
        own = sections(combined(layers_of(release)))
        _note(found, release.name, own, before)
        before = own
    for name in distributions():
        own = sections(combined(layers_of_build(name)))
        _note(found, name, own, sections(combined(layers_of(patched_release(name)))))
    return dict(sorted(found.items()))


def _note(
    found: dict[str, dict[str, str]], name: str, own: Mapping[str, str], before: Mapping[str, str]
) -> None:
    for section in {**before, **own}:
        if own.get(section) != before.get(section):
            found.setdefault(section, {})[name] = own.get(section, "")


def sections(table: Mapping[str, Any]) -> dict[str, str]:
    """Make the digest of each section of a profile's table: of its answers, not of its names."""
    answers = {key: value for key, value in table.items() if key not in {"name", "release"}}
    return {key: _digest(_canonical(value, f"{key}.")) for key, value in answers.items()}


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()[:32]


def _canonical(table: Any, prefix: str) -> Any:
    """Put the rows of a table in one order, whatever their order in the files, unless that order tells."""
    if not isinstance(table, dict):
        return table
    rows = table.items() if prefix.startswith(ORDERED) else sorted(table.items())
    return {key: _canonical(value, f"{prefix}{key}.") for key, value in rows}


def stale() -> list[str]:
    """List the sections, and the releases and builds, whose answers are others than the digests say."""
    expected, found = json.loads(DIGESTS.read_text(encoding="utf-8")), digests()
    return [
        f"[{section}] of {name}"
        for section in {**expected, **found}
        for name in {**expected.get(section, {}), **found.get(section, {})}
        if found.get(section, {}).get(name) != expected.get(section, {}).get(name)
    ]


def refresh(_only_stale: bool = False) -> None:  # noqa: FBT001, FBT002 - all parts are made alike
    """Write the digests."""
    DIGESTS.write_text(json.dumps(digests(), indent=1) + "\n", encoding="utf-8")
