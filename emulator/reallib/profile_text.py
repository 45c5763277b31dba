"""A proposed profile as the text of a TOML file, with the reason of each answer as a comment."""

from __future__ import annotations

import json
import textwrap
from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from emulator.profiles.describe import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.reallib.climb import Found
    from emulator.reallib.proposal import Proposal
    from emulator.reallib.survey import Fact

SCENARIOS_NAMED = 4
"""So many scenarios are named for one answer."""

DIFFERENCES_NAMED = 20
WIDTH = 108
STRINGS = "errors.strings."
HEXADECIMAL = {"defaults.context_options": 8, "hello.signature_algorithms": 4}
"""Numbers that are read in hexadecimal, and how many digits they have."""


def proposed_text(proposal: Proposal) -> str:
    """Write the file."""
    lines = [*_head(proposal), *_identity(proposal), *_tables(proposal), *_what_differs(proposal)]
    return "\n".join(lines) + "\n"


def _head(proposal: Proposal) -> Iterator[str]:
    name = proposal.nearest.name
    shares = f"{proposal.matched} of {proposal.total} recorded scenarios match"
    if proposal.changes_nothing and not proposal.differences:
        says = f"{proposal.version} answers as {name} does: nothing has to be changed."
    else:
        says = f"{proposal.version}: proposed from what the library answered, beginning with {name}."
        shares += f"; {proposal.matched_before} match {name}"
    yield f"# {shares}."
    yield f"extends = {_text(proposal.extends)}"
    yield f"says = {_text(says)}"


def _identity(proposal: Proposal) -> Iterator[str]:
    yield "sources = ["
    yield from (f"    {_text(source)}," for source in _sources(proposal))
    yield "]"


def _sources(proposal: Proposal) -> Iterator[str]:
    """What the file rests on, each question once."""
    for question in dict.fromkeys(fact.question for fact in proposal.facts):
        yield f"asked of {proposal.version}: {question}"
    drawn = f", drawn from the seeds {', '.join(proposal.seeds)}" if proposal.seeds else ""
    yield f"recorded of {proposal.version}: {proposal.total} scenarios{drawn}"


def _tables(proposal: Proposal) -> Iterator[str]:
    """The tables in the order of their names in the model, each with what was asked, then what was found."""
    tables: dict[str, list[str]] = defaultdict(list)
    for fact in proposal.facts:
        table, key, value = _entry(proposal, fact)
        tables[table] += [f"# {line}" for line in _wrapped(f"asked: {fact.question}")] + [f"{key} = {value}"]
    for found in proposal.found:
        table, _, key = found.key.rpartition(".")
        tables[table] += [*_reason(found), f"{key} = {_toml(found.value, found.key)}"]
    for table, lines in tables.items():
        yield from ("", f"[{table}]", *lines)


def _entry(proposal: Proposal, fact: Fact) -> tuple[str, str, str]:
    """The table, the key and the value of what the library said."""
    if fact.key.startswith(STRINGS):
        block = "\n".join(fact.value)
        return fact.key, _text(_block_name(proposal, fact)), f"'''\n{block}\n'''"
    table, _, key = fact.key.rpartition(".")
    return table, key, _toml(fact.value, fact.key)


def _block_name(proposal: Proposal, fact: Fact) -> str:
    """A name for the lines of a table of errors that no file has used for its own."""
    library, kind = fact.key.removeprefix(STRINGS).split(".")
    used = getattr(proposal.nearest.errors.strings[library], kind)
    name = proposal.version
    while name in used:
        name += "+"
    return name


def _reason(found: Found) -> Iterator[str]:
    named = ", ".join(found.scenarios[:SCENARIOS_NAMED])
    more = len(found.scenarios) - SCENARIOS_NAMED
    rest = f" and {more} more" if more > 0 else ""
    yield from (f"# {line}" for line in _wrapped(f"asked for by {named}{rest}"))
    for changes in found.alike:
        words = ", ".join(f"{key} = {in_words(value)}" for key, value in changes)
        yield from (f"# {line}" for line in _wrapped(f"would do as well: {words}"))


def _what_differs(proposal: Proposal) -> Iterator[str]:
    """What the proposal doesn't explain, as comments at the end."""
    if not proposal.differences and not proposal.remarks:
        return
    yield from ("", "# What still differs:")
    for remark in proposal.remarks:
        yield from _item(remark)
    for name, difference in proposal.differences[:DIFFERENCES_NAMED]:
        yield from _item(f"{name}: {difference}")
    more = len(proposal.differences) - DIFFERENCES_NAMED
    if more > 0:
        yield f"#   and {more} more scenarios"


def _item(text: str) -> Iterator[str]:
    for number, line in enumerate(_wrapped(text)):
        yield f"#   {'  ' if number else ''}{line}"


def _wrapped(text: str) -> Iterable[str]:
    """A text in lines; a comment must not break off, nor hold what TOML forbids in one."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return textwrap.wrap(printable, WIDTH, break_long_words=False, break_on_hyphens=False)


def _toml(value: Any, key: str = "") -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(_toml(each, key) for each in value)}]"
    if isinstance(value, int) and not isinstance(value, bool) and key in HEXADECIMAL:
        return f"0x{value:0{HEXADECIMAL[key]}x}"
    return _text(value)


def _text(value: Any) -> str:
    # JSON's strings are TOML's, but for one control character that TOML wants escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
