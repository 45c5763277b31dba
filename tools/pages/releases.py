"""The page of releases: every series and what its releases changed, and the distributors' builds."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from emulator.knowledge import index, inventory
from emulator.knowledge.kinds import MISSING
from emulator.profile import load_profile
from tools.pages.spans import in_words


def histories() -> list[dict[str, Any]]:
    """List every series: its ranges of releases that behave alike, and what the first of each changed."""
    found = []
    for name, ranges in groupby(inventory.ranges(), key=lambda each: each.series):
        rows = [
            {"releases": in_words(each.names), "changes": each.changes} for each in ranges if not each.patched
        ]
        found.append({"name": name, "last": inventory.stands_for(name), "ranges": rows})
    return found


def builds() -> list[dict[str, Any]]:
    """List every distributor's build: its news, its sources, and where it differs from its release."""
    return [_build(each) for each in inventory.ranges() if each.patched]


def _build(each: inventory.Range) -> dict[str, Any]:
    (name,) = each.names
    plain, own = index.answers_of(each.patched), index.answers_of(name)
    changed = [
        {"key": key, "release": plain.get(key, MISSING), "build": own.get(key, MISSING)}
        for key in dict.fromkeys([*plain, *own])
        if plain.get(key) != own.get(key)
    ]
    sources = load_profile(name).sources
    return {"name": name, "news": each.news, "sources": sources, "release": each.patched, "changed": changed}
