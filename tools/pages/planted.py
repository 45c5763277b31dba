"""What the page of planted differences says: out of ``planted.json`` and ``unseen.toml``."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.scenario.words import step_words
from tools.places import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Unseen:
    """Why an answer cannot be told from the one that is right."""

    planted: tuple[str, ...]
    why: str


def unseen() -> dict[str, tuple[Unseen, ...]]:
    """The reasons by behaviour."""
    table = tomllib.loads((DATA / "unseen.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": tuple(Unseen(tuple(each["planted"]), each["why"]) for each in reasons)
        for section, behaviours in table.items()
        for name, reasons in behaviours.items()
    }


def libraries() -> list[dict[str, Any]]:
    """What every library gave away, oldest first."""
    found: list[dict[str, Any]] = json.loads((DATA / "planted.json").read_text(encoding="utf-8"))
    return found


def why(key: str, planted: str) -> str:
    """Why a planted answer cannot be seen; empty if nobody has said."""
    return next((each.why for each in unseen().get(key, ()) if planted in each.planted), "")


def page() -> dict[str, Any]:
    """What the template is filled with."""
    every = libraries()
    keys = list(dict.fromkeys(one["key"] for library in every for one in library["planted"]))
    return {
        "libraries": [
            {
                "name": library["library"],
                "scenarios": library["scenarios"],
                "seen": sum(one["recorded"] is not None for one in library["planted"]),
                "planted": len(library["planted"]),
            }
            for library in every
        ],
        "behaviours": [_behaviour(key, every) for key in keys],
    }


def _behaviour(key: str, every: list[dict[str, Any]]) -> dict[str, Any]:
    """One behaviour: which library gives what away, the shortest scenario, what is not seen and why."""
    shown = [
        (library["library"], one) for library in every for one in library["planted"] if one["key"] == key
    ]
    seen = [(name, one) for name, one in shown if one["recorded"] is not None]
    smallest = min(seen, key=lambda pair: len(pair[1]["recorded"]["trace"]), default=None)
    return {
        "key": key,
        "name": key.partition(".")[2],
        "cells": [_cell(library["library"], shown) for library in every],
        "example": None if smallest is None else _example(*smallest),
        "unseen": list(_unseen(key, shown)),
    }


def _cell(library: str, shown: list[tuple[str, dict[str, Any]]]) -> str:
    own = [one for name, one in shown if name == library]
    return f"{sum(one['recorded'] is not None for one in own)} of {len(own)}" if own else ""


def _example(library: str, one: dict[str, Any]) -> dict[str, Any]:
    world = {key: value for key, value in one["recorded"]["scenario"].items() if key != "family"}
    return {
        "library": library,
        "answer": one["answer"],
        "planted": one["planted"],
        "difference": one["difference"],
        "world": json.dumps(world),
        "steps": [step_words(entry["step"]) for entry in one["recorded"]["trace"]],
    }


def _unseen(key: str, shown: list[tuple[str, dict[str, Any]]]) -> Iterator[dict[str, str]]:
    """Answers that some library cannot give away, those of one reason together."""
    by_reason: dict[str, dict[str, dict[str, None]]] = {}
    for name, one in shown:
        if one["recorded"] is None:
            found = by_reason.setdefault(why(key, one["planted"]), {})
            found.setdefault(one["planted"], {})[name] = None
    for reason, answers in by_reason.items():
        for planted, names in answers.items():
            yield {"planted": planted, "libraries": ", ".join(names), "why": reason}
