"""``emulator page``: the manual pages of a release as clauses, and the changes to those of another one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli import completion
from emulator.cli.app import command
from emulator.cli.options import AS_JSON, RELEASE
from emulator.cli.output import console, print_json
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.text import Text

    from emulator.pages.moves import Move
    from emulator.pages.page import Page
    from emulator.profiles.clauses import Clause

WIDEST_KIND = 10
_MOST = 2
"""So many releases can be compared."""


@command("page")
def page(
    release: RELEASE,
    others: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="OTHER",
            help="The release to which a caller moves.",
            autocompletion=completion.releases,
            show_default=False,
        ),
    ] = None,
    *,
    as_json: AS_JSON = False,
) -> int:
    """Print a release's manual pages about writing as clauses; with OTHER, what changes for a caller."""
    from emulator.pages.page import page_of
    from emulator.profile import load_profile

    names = [release, *(others or ())]
    if len(names) > _MOST:
        raise UsageError(f"got {len(names)} releases ({', '.join(names)}), expected one, or two to compare")
    pages = [page_of(load_profile(name)) for name in names]
    if as_json:
        print_json(_as_json(pages))
    elif not others:
        _print_page(console(), pages[0])
    else:
        _print_moves(console(), pages[0], pages[1])
    return 0


def _as_json(pages: list[Page]) -> dict[str, object]:
    from emulator.pages.moves import moves

    if len(pages) == 1:
        return {
            "release": pages[0].release,
            "clauses": [clause.as_json() for clause in pages[0].clauses],
        }
    before, after = pages
    return {
        "before": before.release,
        "after": after.release,
        "moves": [move.as_json() for move in moves(before, after)],
    }


def _print_page(out: Console, found: Page) -> None:
    from rich.text import Text

    from emulator.terminal.tables import heading, labelled

    for name, clauses in groupby(found.clauses, key=lambda clause: clause.page):
        heading(out, name, f"of OpenSSL {found.release}")
        out.print(labelled([(_kind(clause), _said(clause)) for clause in clauses], width=WIDEST_KIND))
    out.print(Text(f"\n{len(found.clauses)} clauses", style="dim"))


def _kind(clause: Clause) -> str:
    return "may" if clause.to == "caller" else str(clause.kind)


def _said(clause: Clause) -> Text:
    from rich.text import Text

    return Text.assemble(clause.says, (f"  {clause.id}", "dim"))


def _print_moves(out: Console, before: Page, after: Page) -> None:
    from rich.text import Text

    from emulator.pages.moves import TITLES, moves
    from emulator.terminal.tables import heading

    found = moves(before, after)
    out.print(
        Text(f"A caller who moves from OpenSSL {before.release} to {after.release}, by the manual pages:")
    )
    for effect, own in groupby(found, key=lambda move: move.effect):
        heading(out, TITLES[effect])
        _print_list(out, own, (before.release, after.release))
    if not found:
        out.print(Text("nothing changes"))


def _print_list(out: Console, found: Iterable[Move], releases: tuple[str, str]) -> None:
    from emulator.terminal.tables import labelled

    width = max(WIDEST_KIND, *map(len, releases))
    for move in found:
        own, other = releases if move.clause is move.before else reversed(releases)
        rows: list[tuple[str, str | Text]] = [(own, _said(move.clause))]
        if move.other is not None:
            rows.append((other, move.other.says))
        out.print(labelled(rows, width=width))
