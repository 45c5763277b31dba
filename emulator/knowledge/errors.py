"""Error lines as programs log them: their meaning, the releases that print them, lines of the same reason.

An error may be asked for by its line ("error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"), with
whatever a log file puts around it, by its code ("1409F07F", "0x0A00007F"), or by its reason
("BAD_WRITE_RETRY", "SSL_R_BAD_WRITE_RETRY").  Both ways of packing codes are read as each release reads them.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.behaviours.errors import (
    ErrorBehaviours,
    ErrorPacking,
    FunctionField,
    LibraryStrings,
    SystemText,
)
from emulator.constants import ErrorCode
from emulator.error_queue import COMMON_PREFIX
from emulator.knowledge import advice
from emulator.knowledge.errors_seen import SeenText, Way, ordered, place_of, seen
from emulator.knowledge.index import part
from emulator.knowledge.strings import LINE, Meaning, Strings, numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.knowledge.texts import Reason

CODE = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{8})")
PREFIX = re.compile(r"^(?:SSL_R_|ERR_R_|BIO_R_)")
IN_BRACKETS = re.compile(r"\[SSL: ([A-Z0-9_]+)\]")
"""How Python's ssl module prints a reason."""
ERROR_CODE = "SSL_ERROR_"


@dataclass(frozen=True)
class Printed:
    """One text, and the releases that may print it."""

    text: str
    meaning: Meaning
    seen: SeenText
    unseen: tuple[str, ...] = ()
    """Releases whose tables have this text, but in which no known scenario raises the error."""


@dataclass(frozen=True)
class Explained:
    """All facts about an error that a user asked for."""

    asked: str
    exact: tuple[Printed, ...]
    """The line or code that the user gave, as each release prints it."""
    alike: tuple[Printed, ...]
    """Other texts with the same reason that some release prints."""
    reason: str
    known: Reason | None
    """The advice about the reason."""

    @property
    def raisers(self) -> tuple[str, ...]:
        """The C functions that raise the reason, as releases name them that print functions."""
        found = (each.text.split(":")[3] for each in (*self.exact, *self.alike) if each.seen.releases)
        return tuple({name.lower(): name for name in found if name}.values())

    @property
    def way(self) -> tuple[Printed, Way] | None:
        """A scenario that makes a release print the line that the user gave, or else the same reason."""
        for each in (*self.exact, *self.alike):
            if each.seen.emulated:
                return each, min(each.seen.emulated, key=lambda way: -len(way.releases))
        return None


# -- releases ------------------------------------------------------------------------------------


@functools.cache
def strings_for(code: int) -> Mapping[str, Strings]:
    """Return the strings of every release and build for a code; equal ones are shared."""
    data = part("errors")
    found: dict[str, Strings] = {}
    for number, each in enumerate(data["sets"]):
        strings = Strings(_section(number, each, code))
        found |= dict.fromkeys(each["names"], strings)
    return found


def _section(number: int, head: dict[str, Any], code: int) -> ErrorBehaviours:
    """Return the rows of a set of strings that a code needs: its library, function and reason."""
    packing = ErrorPacking(head["packing"])
    lib, func, reason = numbers_of(code, has_functions=packing is ErrorPacking.LIB_FUNC_REASON)
    libraries = _blocks(number, "libraries", lib)
    names = [block.split(" ")[1] for block in libraries.values()]
    return ErrorBehaviours(
        packing=packing,
        function_field=FunctionField(head["function_field"]),
        system_text=SystemText(head["system_text"]),
        libraries=libraries,
        common=_blocks(number, "common", reason),
        strings={
            name: LibraryStrings(
                functions=_blocks(number, f"{name} functions", func),
                reasons=_blocks(number, f"{name} reasons", reason),
            )
            for name in names
        },
    )


def _blocks(number: int, table: str, wanted: int) -> dict[str, str]:
    """Return the rows of one number in a table of a set, as a profile has them."""
    rows = part("errors")["rows"].get(table, {}).get(str(wanted), ())
    for name, text, spans in rows:
        if any(first <= number <= last for first, last in spans):
            return {table: f"{wanted} {name} {text}"}
    return {}


# -- asking --------------------------------------------------------------------------------------


def explain(asked: str) -> Explained | None:
    """Explain an error given as a line, a code or a reason; None if it is no error."""
    line = LINE.search(asked)
    bare = CODE.fullmatch(asked.strip())
    if line is not None:
        return _of_code(asked, int(line[1], 16), _wanted(line))
    if bare is not None:
        return _of_code(asked, int(bare[1], 16), "")
    return _of_name(asked)


def _wanted(line: re.Match[str]) -> str:
    """Return the text of a printed line; empty if the line ends after the code."""
    return "" if line[2] is None else f"error:{line[1].upper()}:{line[2]}:{line[3]}:{line[4].strip()}"


def _of_code(asked: str, code: int, wanted: str) -> Explained | None:
    by_text: dict[str, list[str]] = {}
    for name, strings in strings_for(code).items():
        by_text.setdefault(strings.entry(code).text, []).append(name)
    texts = [text for text in by_text if wanted in {"", text} or text == _without_function(wanted)]
    exact = [_printed(text, by_text[text], code) for text in texts]
    exact = [each for each in exact if (each.meaning.lib and each.meaning.reason) or each.seen.releases]
    if not exact:
        return _nothing_prints(asked, code, by_text)
    reason = next((each.meaning.reason for each in _likeliest(exact)), "")
    return _explained(asked, tuple(_likeliest(exact)), (reason,))


def _likeliest(printed: Iterable[Printed]) -> list[Printed]:
    return sorted(printed, key=lambda each: (not each.seen.recorded, not each.seen.releases))


def _without_function(text: str) -> str:
    """Return a line as ERR_error_string() prints it from 3.0: ERR_print_errors() still names the function."""
    error, code, lib, _function, reason = text.split(":", 4) if text.count(":") >= 4 else ("",) * 5
    return f"{error}:{code}:{lib}::{reason}"


def _nothing_prints(asked: str, code: int, by_text: dict[str, list[str]]) -> Explained | None:
    """For a line that no release prints, return the lines with the same code."""
    known = [_printed(text, own, code) for text, own in by_text.items()]
    known = [each for each in known if each.meaning.lib and each.meaning.reason]
    if not known:
        return None
    reason = _likeliest(known)[0].meaning.reason
    found = _explained(asked, (), (reason,))
    texts = {each.text for each in known}
    return Explained(
        asked, (), (*known, *(each for each in found.alike if each.text not in texts)), reason, found.known
    )


def _printed(text: str, releases: Iterable[str], code: int) -> Printed:
    own = tuple(releases)
    shown = seen().texts.get(text, SeenText())
    unseen = ordered(set(own) - set(shown.releases))
    return Printed(text, strings_for(code)[own[0]].meaning(code), shown, unseen)


@functools.cache
def seen_by_reason() -> dict[str, tuple[Printed, ...]]:
    """Return every text that an emulated release prints, by the name of its reason."""
    found: dict[str, list[Printed]] = {}
    for text, names in part("errors")["meanings"].items():
        meaning = Meaning(*names)
        found.setdefault(meaning.reason, []).append(Printed(text, meaning, seen().texts[text]))
    return {
        name: tuple(sorted(texts, key=lambda each: place_of(each.seen.releases[0])))
        for name, texts in found.items()
    }


def _explained(asked: str, exact: tuple[Printed, ...], reasons: tuple[str, ...]) -> Explained:
    texts = {each.text for each in exact}
    same = (each for reason in filter(None, reasons) for each in seen_by_reason().get(reason, ()))
    alike = tuple(each for each in same if each.text not in texts)
    return Explained(asked, exact, alike, reasons[0], of_reason(reasons[0]))


def of_reason(name: str) -> Reason | None:
    """Return the advice about a reason, with any prefix; None if there is none."""
    return advice.reasons().get(PREFIX.sub("", name))


@functools.cache
def reason_names() -> frozenset[str]:
    """Return the names of all reasons that a release has, and of those that have advice."""
    return frozenset([*part("errors")["reasons"], *advice.reasons()])


def _of_name(asked: str) -> Explained | None:
    bracketed = IN_BRACKETS.search(asked)
    name = (bracketed[1] if bracketed else asked.strip()).upper().replace(" ", "_").replace("-", "_")
    plain = PREFIX.sub("", name)
    own = [plain] if name.startswith("SSL_R_") else [plain, f"{COMMON_PREFIX}{plain}"]
    own = [f"{COMMON_PREFIX}{plain}"] if name.startswith(COMMON_PREFIX) else own
    reasons = tuple(each for each in own if each in reason_names())
    return _explained(asked, (), reasons) if reasons else None


_BY_NUMBER = {str(int(each)): each.name for each in ErrorCode}


def of_error_code(asked: str) -> tuple[str, Reason] | None:
    """Return an answer of SSL_get_error() ("SSL_ERROR_SYSCALL", "WANT_READ", "5") and its advice; or None."""
    name = asked.strip().upper()
    name = _BY_NUMBER.get(name, name)
    name = name if name.startswith(ERROR_CODE) else f"{ERROR_CODE}{name}"
    found = advice.error_codes().get(name)
    return None if found is None else (name, found)
