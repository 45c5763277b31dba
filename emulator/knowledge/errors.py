"""Error lines as programs log them: what they say, which releases print them, and what else says the same.

An error may be asked for by its line ("error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"), with
whatever a log file puts around it, by its code ("1409F07F", "0x0A00007F"), or by its reason
("BAD_WRITE_RETRY", "SSL_R_BAD_WRITE_RETRY").  Both ways of packing codes are read as each release reads them.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.behaviours.errors import ErrorPacking, read_table
from emulator.error_queue import COMMON_PREFIX, ErrorStrings
from emulator.knowledge import advice
from emulator.knowledge.errors_seen import SeenText, Way, ordered, place_of, seen
from emulator.profiles import names
from emulator.profiles.published import distributions, known_releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.behaviours.errors import NamedNumber
    from emulator.error_queue import ErrorEntry
    from emulator.knowledge.advice import Reason
    from emulator.profiles.model import Profile

LINE = re.compile(r"error:([0-9A-Fa-f]{8})(?::([^:]*):([^:]*):([^:\n]*))?")
CODE = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{8})")
PREFIX = re.compile(r"^(?:SSL_R_|ERR_R_|BIO_R_)")
IN_BRACKETS = re.compile(r"\[SSL: ([A-Z0-9_]+)\]")
"""How Python's ssl module prints a reason."""
ERROR_CODE = "SSL_ERROR_"


@dataclass(frozen=True)
class Meaning:
    """What the parts of a code are called in a release."""

    lib: str
    """ "SSL", without ERR_LIB_."""
    function: str
    """ "SSL3_WRITE_PENDING", without SSL_F_; empty where codes have none, or none that has a name."""
    reason: str
    """ "BAD_WRITE_RETRY", or with its prefix "ERR_R_INTERNAL_ERROR"; empty where it has no name."""


@dataclass(frozen=True)
class Printed:
    """One text, and the releases that may print it."""

    text: str
    meaning: Meaning
    seen: SeenText
    unseen: tuple[str, ...] = ()
    """Releases whose tables would print this, though nothing is known to raise it there."""


@dataclass(frozen=True)
class Explained:
    """All that is known of what someone asked for."""

    asked: str
    exact: tuple[Printed, ...]
    """The line or code that was asked for, as each release prints it that knows it."""
    alike: tuple[Printed, ...]
    """Other texts with the same reason, as far as they were seen."""
    reason: str
    known: Reason | None
    """What is said of the reason."""

    @property
    def raisers(self) -> tuple[str, ...]:
        """The C functions that raise the reason, as releases name them that print functions."""
        found = (each.text.split(":")[3] for each in (*self.exact, *self.alike) if each.seen.releases)
        return tuple({name.lower(): name for name in found if name}.values())

    @property
    def way(self) -> tuple[Printed, Way] | None:
        """A scenario that makes some release print it: what was asked for, or else the same reason."""
        for each in (*self.exact, *self.alike):
            if each.seen.emulated:
                return each, min(each.seen.emulated, key=lambda way: -len(way.releases))
        return None


# -- releases ------------------------------------------------------------------------------------


class Strings:
    """The error strings of one release: texts of codes, and the names behind the numbers."""

    def __init__(self, profile: Profile) -> None:
        section = profile.errors
        self.printed = ErrorStrings(section)
        self.has_functions = section.packing is ErrorPacking.LIB_FUNC_REASON
        self._libraries = _names(read_table(section.libraries))
        self._common = _names(read_table(section.common))
        self._functions, self._reasons = {}, {}
        for lib, strings in section.strings.items():
            self._functions[lib] = _names(read_table(strings.functions))
            self._reasons[lib] = _names(read_table(strings.reasons))

    def entry(self, code: int) -> ErrorEntry:
        """Return what ERR_error_string() makes of a code."""
        if self.has_functions:
            return self.printed.numeric(code >> 24 & 0xFF, code >> 12 & 0xFFF, code & 0xFFF)
        if code & 0x80000000:
            return self.printed.numeric(2, 0, code & 0x7FFFFFFF)
        return self.printed.numeric(code >> 23 & 0xFF, 0, code & 0x7FFFFF)

    def meaning(self, code: int) -> Meaning:
        """Return the names behind a code's numbers."""
        entry = self.entry(code)
        lib = self._libraries.get(entry.lib, "")
        function = self._functions.get(lib, {}).get(entry.func, "") if self.has_functions else ""
        reason = self._reasons.get(lib, {}).get(entry.reason, "")
        common = self._common.get(entry.reason, "")
        return Meaning(lib, function, reason or (f"{COMMON_PREFIX}{common}" if common else ""))

    def reasons(self) -> set[str]:
        """Return the names of all reasons, those that libraries share with their prefix."""
        own = {name for reasons in self._reasons.values() for name in reasons.values()}
        return own | {f"{COMMON_PREFIX}{name}" for name in self._common.values()}


def _names(table: Mapping[str, NamedNumber]) -> dict[int, str]:
    """Return the names by their numbers: of several names the one that is printed."""
    return {number: name for name, (number, _text) in table.items()}


@functools.cache
def _strings_by_file() -> dict[str, Strings]:
    """Return the strings of every release and build by its name; those that have the same share them."""
    made: dict[object, Strings] = {}
    found = {}
    for name in (*(release.name for release in known_releases()), *distributions()):
        profile = names.find(name)
        blocks = tuple(
            (lib, *strings.functions.values(), *strings.reasons.values())
            for lib, strings in profile.errors.strings.items()
        )
        common = (*profile.errors.libraries.values(), *profile.errors.common.values())
        key = (profile.errors.packing, profile.errors.system_text, common, blocks)
        if key not in made:
            made[key] = Strings(profile)
        found[name] = made[key]
    return found


def strings_of(name: str) -> Strings:
    """Return the error strings of a release or build by its own name."""
    return _strings_by_file()[name]


# -- asking --------------------------------------------------------------------------------------


def explain(asked: str) -> Explained | None:
    """Return what is known of an error that is given as a line, a code or a reason; None if it is none."""
    line = LINE.search(asked)
    bare = CODE.fullmatch(asked.strip())
    if line is not None:
        return _of_code(asked, int(line[1], 16), _wanted(line))
    if bare is not None:
        return _of_code(asked, int(bare[1], 16), "")
    return _of_name(asked)


def _wanted(line: re.Match[str]) -> str:
    """Return the text that was printed; empty if the line ends behind the code."""
    return "" if line[2] is None else f"error:{line[1].upper()}:{line[2]}:{line[3]}:{line[4].strip()}"


def _of_code(asked: str, code: int, wanted: str) -> Explained | None:
    by_text: dict[str, list[str]] = {}
    for name, strings in _strings_by_file().items():
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
    """Return the nearest there is to a line that no release prints: those with the same code."""
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
    return Printed(text, strings_of(own[0]).meaning(code), shown, unseen)


@functools.cache
def seen_by_reason() -> dict[str, tuple[Printed, ...]]:
    """Return every text that was seen, by the name of its reason."""
    found: dict[str, list[Printed]] = {}
    for text, shown in seen().texts.items():
        line = LINE.match(text)
        if line is not None and shown.releases:
            meaning = strings_of(shown.releases[0]).meaning(int(line[1], 16))
            found.setdefault(meaning.reason, []).append(Printed(text, meaning, shown))
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
    """Return what is said of a reason, whatever its prefix; None if nobody has said anything."""
    return advice.reasons().get(PREFIX.sub("", name))


@functools.cache
def reason_names() -> frozenset[str]:
    """Return the names of all reasons that some release has, and of those that something is said of."""
    own = {name for strings in set(_strings_by_file().values()) for name in strings.reasons()}
    return frozenset(own | set(advice.reasons()))


def _of_name(asked: str) -> Explained | None:
    bracketed = IN_BRACKETS.search(asked)
    name = (bracketed[1] if bracketed else asked.strip()).upper().replace(" ", "_").replace("-", "_")
    plain = PREFIX.sub("", name)
    own = [plain] if name.startswith("SSL_R_") else [plain, f"{COMMON_PREFIX}{plain}"]
    own = [f"{COMMON_PREFIX}{plain}"] if name.startswith(COMMON_PREFIX) else own
    reasons = tuple(each for each in own if each in reason_names())
    return _explained(asked, (), reasons) if reasons else None


def of_error_code(asked: str) -> tuple[str, Reason] | None:
    """Return what is said of an answer of SSL_get_error() ("SSL_ERROR_SYSCALL", "WANT_READ"); or None."""
    name = asked.strip().upper()
    name = name if name.startswith(ERROR_CODE) else f"{ERROR_CODE}{name}"
    found = advice.error_codes().get(name)
    return None if found is None else (name, found)
