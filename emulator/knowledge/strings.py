"""The error strings of a release: texts of codes, and the names behind their numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from emulator.behaviours.errors import ErrorPacking, read_table
from emulator.error_queue import (
    COMMON_PREFIX,
    ERR_LIB_OFFSET,
    ERR_LIB_SYS,
    ERR_REASON_MASK,
    ERR_SYSTEM_FLAG,
    ErrorStrings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.behaviours.errors import ErrorBehaviours, NamedNumber
    from emulator.error_queue import ErrorEntry


LINE = re.compile(r"error:([0-9A-Fa-f]{8})(?::([^:]*):([^:]*):([^:\n]*))?")
"""An error as ERR_error_string() prints it, or its beginning up to the code."""


class Meaning(NamedTuple):
    """The names of the parts of a code in a release."""

    lib: str
    """ "SSL", without ERR_LIB_."""
    function: str
    """ "SSL3_WRITE_PENDING", without SSL_F_; empty where codes have none, or none that has a name."""
    reason: str
    """ "BAD_WRITE_RETRY", or with its prefix "ERR_R_INTERNAL_ERROR"; empty where it has no name."""


def numbers_of(code: int, *, has_functions: bool) -> tuple[int, int, int]:
    """Take a code apart as a release does: library, function (0 if its codes have none) and reason."""
    if has_functions:
        return code >> 24 & 0xFF, code >> 12 & 0xFFF, code & 0xFFF
    if code & ERR_SYSTEM_FLAG:
        return ERR_LIB_SYS, 0, code & ~ERR_SYSTEM_FLAG
    return code >> ERR_LIB_OFFSET & 0xFF, 0, code & ERR_REASON_MASK


class Strings:
    """The error strings of one release: texts of codes, and the names behind the numbers."""

    def __init__(self, section: ErrorBehaviours) -> None:
        self.printed = ErrorStrings(section)
        self.has_functions = section.packing is ErrorPacking.LIB_FUNC_REASON
        self._libraries = _names(read_table(section.libraries))
        self._common = _names(read_table(section.common))
        self._functions, self._reasons = {}, {}
        for lib, strings in section.strings.items():
            self._functions[lib] = _names(read_table(strings.functions))
            self._reasons[lib] = _names(read_table(strings.reasons))

    def entry(self, code: int) -> ErrorEntry:
        """Return the entry with the text that ERR_error_string() prints for a code."""
        return self.printed.numeric(*numbers_of(code, has_functions=self.has_functions))

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
