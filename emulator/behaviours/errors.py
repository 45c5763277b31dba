"""How a release numbers and prints its errors: the [errors] section of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Checked, Section, about, doc

if TYPE_CHECKING:
    from collections.abc import Mapping


@question("Which fields does ERR_PACK() put into the 32 bits of an error code?")
class ErrorPacking(Behaviour):
    # up to 1.1.1
    LIB_FUNC_REASON = "lib-func-reason", "library, function and reason, in 8, 12 and 12 bits"
    # from 3.0
    LIB_REASON = "lib-reason", "library and reason, in 8 and 23 bits; an errno has the top bit set"


@question("What does ERR_error_string_n() print between the library and the reason?")
class FunctionField(Behaviour):
    FUNCTION = "function", "the name of the function, or that of the library for function 0"  # up to 1.1.1
    EMPTY = "empty", "nothing"  # from 3.0


@question("How much of the text of strerror() does an error of the system library print?")
class SystemText(Behaviour):
    CUT = "31-characters", "31 characters: build_SYS_str_reasons() copies it into char[32]"  # up to 1.1.1a
    WHOLE = "whole", "all of it"  # from 1.1.1b


class NamedNumber(NamedTuple):
    """A number and the text it is printed as (empty: the library has none for it)."""

    number: int
    text: str


def read_table(blocks: Mapping[str, str]) -> dict[str, NamedNumber]:
    """Read a table of error strings: name to number and text.

    A table is given in blocks, one for each profile fragment that added to it, in order.  A line is
    ``NUMBER NAME TEXT``, or ``-NAME`` where a release dropped a name.  Of several names with one
    number the last is printed, as in OpenSSL, where ERR_load_strings() replaces what it finds.
    """
    table: dict[str, NamedNumber] = {}
    for line in (line for block in blocks.values() for line in block.splitlines()):
        if line.startswith("-"):
            _drop(table, line[1:])
            continue
        number, _, rest = line.partition(" ")
        name, _, text = rest.partition(" ")
        if not (number.isdecimal() and name.isidentifier()):
            raise ValueError(f"expected NUMBER NAME TEXT, not {line!r}")
        table.pop(name, None)
        table[name] = NamedNumber(int(number), text)
    return table


def _drop(table: dict[str, NamedNumber], name: str) -> None:
    if name not in table:
        raise ValueError(f"{name!r} is dropped, but no earlier line has it")
    del table[name]


StringTable = Annotated[dict[str, str], Checked(read_table)]
"""Blocks of lines as read_table() reads them.

A line of text for each of some 900 strings, not a key: that keeps the loading of a profile short.
"""


class LibraryStrings(Section):
    """The names and numbers of one library's functions and reasons (``SSL_F_*``, ``SSL_R_*``)."""

    functions: StringTable
    reasons: StringTable


@about("``[errors]``: how error codes are packed, and what ERR_error_string_n() prints.")
class ErrorBehaviours(Section):
    packing: ErrorPacking
    function_field: FunctionField
    system_text: SystemText
    libraries: StringTable = doc("``ERR_LIB_*``.")
    common: StringTable = doc("``ERR_R_*``, the reasons that all libraries share.")
    strings: dict[str, LibraryStrings] = doc(
        "Functions and reasons, under the name of their library in ``ERR_LIB_*``: SSL, BIO, SYS."
    )
