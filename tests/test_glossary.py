"""The glossary explains the words that the documentation and the help use, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator.cli.app import all_commands

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"
TERMS = re.findall(r"^### (.+)$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
GENERATED = "*Generated"
WRITTEN_BY_HAND = [
    text
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if page != GLOSSARY and GENERATED not in (text := page.read_text(encoding="utf-8"))
]
WORDS_OF_THE_HELP = {
    "behaviour",
    "generation",
    "handshake",
    "oracle",
    "plant",
    "profile",
    "record",
    "recording",
    "release",
    "replay",
    "scenario",
    "section",
    "seed",
    "series",
    "step",
    "trace",
    "verify",
}
"""Words that the help uses in a sense which a newcomer can't know."""


def uses(text, term):
    """Whether a text has a term, at the beginning of a word: "plant" in "planted"."""
    words = r"\s+".join(map(re.escape, term.split()))
    return re.search(rf"(?<![a-z]){words}", text, re.IGNORECASE)


def help_texts():
    """The help of every command, with the names and help of its arguments and options."""
    for words, command in all_commands().items():
        yield " ".join([*words, command.help or ""])
        for parameter in command.params:
            yield " ".join([getattr(parameter, "help", None) or "", *parameter.opts])


HELP = "\n".join(help_texts())


def test_no_term_is_explained_twice():
    assert len(TERMS) == len(set(TERMS)) > 40


@pytest.mark.parametrize("term", TERMS)
def test_each_term_of_the_glossary_is_used(term):
    assert uses(HELP, term) or any(uses(text, term) for text in WRITTEN_BY_HAND)


@pytest.mark.parametrize("term", TERMS)
def test_each_term_of_the_glossary_is_explained_in_a_few_lines(term):
    text = GLOSSARY.read_text(encoding="utf-8").partition(f"\n### {term}\n")[2].partition("\n#")[0]
    assert 1 <= len(text.strip().splitlines()) <= 6


@pytest.mark.parametrize("term", sorted(WORDS_OF_THE_HELP))
def test_the_words_of_the_help_are_in_the_glossary(term):
    assert uses(HELP, term)
    assert term in TERMS


def test_a_term_is_found_at_the_beginning_of_a_word_alone():
    assert uses("planted differences", "plant")
    assert uses("a pending\nwrite", "pending write")
    assert not uses("an implant", "plant")
