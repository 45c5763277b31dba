"""``emulator oracles``: real libraries that anybody can have, and all profiles verified against them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli.app import AS_JSON, UNUSABLE, complain, console, group, print_json, print_lines

if TYPE_CHECKING:
    from emulator.reallib.oracles import Library

oracles = group(
    "oracles", "Real builds of libssl, out of Python wheels: bring them, verify the profiles by them."
)

FOLDER = Annotated[Path, typer.Argument(metavar="DIR", help="Where the libraries are, a folder for each.")]
ONLY = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="These only, by comma; may be repeated. All of them unless given.",
        show_default=False,
    ),
]


def _names(only: list[str] | None) -> list[str]:
    return [name.strip() for names in only or () for name in names.split(",") if name.strip()]


@oracles("list")
def list_(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="Say which of them are here, too.", show_default=False),
    ] = None,
    *,
    as_json: AS_JSON = False,
) -> int:
    """List the libraries: what each is, and the wheel that it comes out of."""
    from emulator.reallib.oracles import known

    there = {library.name: _where(folder, library) for library in known()} if folder else {}
    if as_json:
        print_json(
            [library.as_json() | ({"libssl": there[library.name]} if folder else {}) for library in known()]
        )
        return 0
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("name", "calls itself", "wheel", "what it is", *(("there",) if folder else ())):
        table.add_column(title, overflow="fold")
    for library in known():
        here = (("yes" if there[library.name] else "no"),) if folder else ()
        table.add_row(library.name, library.version, library.wheel, library.about, *here)
    console().print(table)
    return 0


def _where(folder: Path, library: Library) -> str | None:
    from emulator.reallib.oracles import FetchError, libssl_in

    try:
        return str(libssl_in(folder, library))
    except FetchError:
        return None


@oracles("fetch")
def fetch(folder: FOLDER, *, only: ONLY = None, as_json: AS_JSON = False) -> int:
    """Bring the libraries into a folder with pip, each checked by its wheel's sha256; what is there stays."""
    from emulator.reallib.oracles import chosen
    from emulator.reallib.oracles import fetch as bring

    found = bring(folder, chosen(_names(only)), lambda line: sys.stderr.write(f"{line}\n"))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        print_lines(f"{one.library.name:<14}{one.status:<9}{one.libssl or ''}".rstrip() for one in found)
    failed = [one.library.name for one in found if one.status == "failed"]
    if failed:
        complain("oracles fetch", f"{len(failed)} of {len(found)} failed: {', '.join(failed)}")
    return UNUSABLE if failed else 0
