"""The comment of each answer says in which releases it is the answer, and the profiles agree."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from emulator.behaviours.behaviour import Behaviour
from emulator.profiles import files
from emulator.profiles.describe import answers
from emulator.profiles.model import Profile
from emulator.profiles.published import last_release_of, releases_of, series_names
from emulator.profiles.tables import bare, is_section, types_of
from emulator.profiles.vary import known_profiles

SOURCES = sorted((Path(files.__file__).parents[1] / "behaviours").glob("*.py"))
NAME = r"\d\.\d(?:\.\d+)?(?:-base|[a-z]{0,2})"
LIST = rf"{NAME}(?:, {NAME})*(?: and {NAME})?"
CLAIMS = re.compile(
    rf"(?P<up_to>up to {LIST})|(?P<since>from {LIST})|(?P<only>only {LIST})|(?P<never>not {LIST})"
    rf"|(?P<span>{NAME} to {NAME})|(?P<every>in every release)|(?P<none>in no release)"
)
BETWEEN = re.compile(r", and |, but ")


def commented():
    """Every answer, as module, class and member, with the comment behind it or above it."""
    for source in SOURCES:
        lines = source.read_text(encoding="utf-8").splitlines()
        for kind in ast.parse("\n".join(lines)).body:
            if isinstance(kind, ast.ClassDef) and any(
                getattr(each, "id", "") == "Behaviour" for each in kind.bases
            ):
                for node in kind.body:
                    above, own = lines[node.lineno - 2].strip(), lines[node.end_lineno - 1]
                    comment = above[2:] if above.startswith("# ") else own.partition("  # ")[2]
                    yield source.stem, kind.name, node.targets[0].id, comment


@functools.cache
def keys_of():
    """The keys of the fields that each behaviour answers."""
    found = {}
    for name, section in types_of(Profile).items():
        if is_section(bare(section)):
            for field, kind in types_of(bare(section)).items():
                if isinstance(bare(kind), type) and issubclass(bare(kind), Behaviour):
                    module = bare(kind).__module__.rpartition(".")[2]
                    found.setdefault((module, bare(kind).__name__), []).append(
                        (f"{name}.{field}", bare(kind))
                    )
    return found


@functools.cache
def answered():
    return {name: answers(profile) for name, profile in known_profiles().items()}


def history(key, value):
    """Whether each release gives the answer, oldest first; a release without the section is left out."""
    return {name: every[key] == value for name, every in answered().items() if key in every}


def first_of(name):
    return releases_of(name)[0].name if name in series_names() else name


def last_of(name):
    return last_release_of(name).name if name in series_names() else name


def holds(claim, gives):
    """Whether one part of a comment is true of a history."""
    names = list(gives)
    match = CLAIMS.fullmatch(claim)
    assert match, f"{claim!r} says nothing that can be checked"
    mentioned = re.findall(NAME, claim)

    def begins(name):
        at = names.index(first_of(name))
        return gives[names[at]] and not (at and gives[names[at - 1]])

    def ends(name):
        at = names.index(last_of(name))
        return gives[names[at]] and not (at + 1 < len(names) and gives[names[at + 1]])

    match match.lastgroup:
        case "up_to":
            return gives[names[0]] and all(map(ends, mentioned))
        case "since":
            return all(map(begins, mentioned))
        case "only":
            return all(begins(name) and ends(name) for name in mentioned)
        case "never":
            return not any(gives[name] for name in mentioned)
        case "span":
            first, last = (names.index(one) for one in (first_of(mentioned[0]), last_of(mentioned[1])))
            return (
                begins(mentioned[0])
                and ends(mentioned[1])
                and all(gives[name] for name in names[first : last + 1])
            )
        case "every":
            return all(gives.values())
    return not any(gives.values())


@pytest.mark.parametrize(
    ("module", "kind", "member", "comment"),
    list(commented()),
    ids=lambda word: word if word.isidentifier() else "",
)
def test_an_answer_says_in_which_releases_it_is_the_answer(module, kind, member, comment):
    for key, behaviour in keys_of()[module, kind]:
        gives = history(key, behaviour[member].value)
        for claim in BETWEEN.split(comment):
            assert holds(claim, gives), f"{key} {behaviour[member].value}: {claim}"


def test_every_behaviour_is_asked_by_some_section():
    asked = {kind for found in keys_of().values() for _, kind in found}
    assert asked == set(Behaviour.__subclasses__())


@pytest.mark.parametrize(
    "wrong", ["up to 1.0.1h", "from 1.0.1g", "only 1.0.1g", "1.0.0m to 1.0.1g", "not 1.0.1g"]
)
def test_a_comment_that_is_wrong_is_noticed(wrong):
    assert not holds(wrong, history("write.retry_length_check", "none"))


def test_no_two_behaviours_have_one_name():
    names = [kind.__name__ for kind in Behaviour.__subclasses__()]
    assert sorted(names) == sorted(set(names))
