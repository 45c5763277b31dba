"""How a release numbers and prints its errors: the [errors] section of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Checked, Section, about, doc

if TYPE_CHECKING:
    from collections.abc import Mapping


@question("Which fields does ERR_PACK() put into the 32 bits of an error code?")
class ErrorPacking(Behaviour):
    LIB_FUNC_REASON = "lib-func-reason", "8, 12 and 12 bits"
    LIB_REASON = "lib-reason", "8 and 23 bits, and a flag that marks an errno: from 3.0 on"


@question("What does ERR_error_string_n() print between the library and the reason?")
class FunctionField(Behaviour):
    FUNCTION = "function", "the function's name, the library's for function 0"
    EMPTY = "empty", "nothing: from 3.0 on"


@question("How much of strerror()'s text does an error of the system library have?")
class SystemText(Behaviour):
    CUT = "31-characters", "build_SYS_str_reasons() copies into char[32]"
    WHOLE = "whole", "from 1.1.1b on"


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


@about("The [errors] section: the packing of error codes and what ERR_error_string_n() prints.")
class ErrorBehaviours(Section):
    packing: ErrorPacking
    function_field: FunctionField
    system_text: SystemText
    libraries: StringTable = doc("``ERR_LIB_*``.")
    common: StringTable = doc("``ERR_R_*``, the reasons that every library shares.")
    strings: dict[str, LibraryStrings] = doc(
        "Functions and reasons under their library's name in ``ERR_LIB_*``: SSL, BIO, SYS."
    )
