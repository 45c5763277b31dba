"""A named behaviour: a question on which releases differ, and its closed set of answers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

BehaviourT = TypeVar("BehaviourT", bound="type[Behaviour]")


class Behaviour(StrEnum):
    """The base of all behaviours; the members are the answers.

    A member is written as the word that a profile's file has for it and, where the word says too little, its
    meaning: the C condition or function, and the release.  ``emulator explain`` prints questions and
    meanings.  So they are data: ``python -OO`` drops docstrings, and comments are in no .pyc file.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Make an answer of its word, which is its value, and of its meaning."""
        answer = str.__new__(cls, value)
        answer._value_ = value
        answer.meaning = meaning
        return answer


def question(text: str) -> Callable[[BehaviourT], BehaviourT]:
    """Decorate a behaviour with the question that its members answer: its ``__doc__``."""

    def decorate(behaviour: BehaviourT) -> BehaviourT:
        behaviour.__doc__ = text
        return behaviour

    return decorate
