"""The words for behaviours and their answers: the catalogue's, and some for tables that it does not list."""

from __future__ import annotations

import functools

from emulator.knowledge import catalogue
from emulator.profiles.describe import in_words

TABLES = {
    "errors.strings": "What are errors called, and by which numbers?",
    "functions": "Which functions are there?",
}
"""Questions for tables, by the beginning of their keys."""


@functools.cache
def _catalogued() -> dict[str, catalogue.CatalogueEntry]:
    return {each.key: each for each in (*catalogue.behaviours(), *catalogue.exists())}


def question_of(key: str) -> str:
    """Return the question that a behaviour answers."""
    known = _catalogued().get(key)
    if known is not None:
        return known.question
    return next((words for begin, words in TABLES.items() if key.startswith(begin)), f"What is in {key}?")


def words_of(key: str, value: object) -> str:
    """Return the meaning of an answer; the answer itself if it needs no more words."""
    answer = in_words(value)
    known = _catalogued().get(key)
    return (known.words_of(answer) if known is not None else "") or answer
