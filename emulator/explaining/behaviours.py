"""The behaviours that bear on an answer, and the releases in which they are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.contract.explanation import DecidingBehaviour, Elsewhere
from emulator.knowledge import advice, catalogue, timeline
from emulator.knowledge.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.knowledge.timeline import Span


def deciding(keys: Iterable[str], answers: Mapping[str, str]) -> tuple[DecidingBehaviour, ...]:
    """Return the behaviours of a profile, with its answers; those that the profile lacks are left out."""
    return tuple(
        DecidingBehaviour(key, answers[key], words_of(key, answers[key])) for key in keys if key in answers
    )


def words_of(key: str, answer: str) -> str:
    """Return what an answer means, or the subject of the behaviour where it has no such words."""
    return catalogue.find(key).words_of(answer) or advice.title(key)


def elsewhere(found: Iterable[DecidingBehaviour]) -> tuple[Elsewhere, ...]:
    """Return the releases whose answers to these behaviours are others, with the answers."""
    others = []
    for own in found:
        if catalogue.find(own.key).kind is not Kind.BEHAVIOUR:
            continue
        for value, spans in timeline.given(own.key).items():
            if value != own.answer:
                words = f"{own.key} = {value}: {words_of(own.key, value)}"
                others.append(Elsewhere(_releases(spans), words))
    return tuple(others)


def given(key: str) -> tuple[Elsewhere, ...]:
    """Return every answer that some release gives to a behaviour."""
    return tuple(
        Elsewhere(_releases(spans), f"{value}: {words_of(key, value)}")
        for value, spans in timeline.given(key).items()
    )


def _releases(spans: Iterable[Span]) -> str:
    return ", ".join(
        each.first if each.first == each.last else f"{each.first} to {each.last}" for each in spans
    )
