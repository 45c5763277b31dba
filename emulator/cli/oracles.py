"""``emulator oracles``: fetches real libraries and verifies the profiles against them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli.app import group
from emulator.cli.options import AS_JSON, FOLDER, LIBRARIES, STRICT
from emulator.cli.output import FELL_SHORT, UNUSABLE, complain, console, print_json, print_lines

if TYPE_CHECKING:
    from collections.abc import Collection

    from emulator.reallib.live import Plan, Verdict
    from emulator.reallib.oracles import Fetched, Library

oracles = group("oracles")


def _names(only: list[str] | None) -> list[str]:
    return [name.strip() for names in only or () for name in names.split(",") if name.strip()]


@oracles("list")
def list_(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="Also show which of them are in this folder.", show_default=False),
    ] = None,
    *,
    as_json: AS_JSON = False,
) -> int:
    """List the libraries, with the version and the wheel of each."""
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
def fetch(folder: FOLDER, *, only: LIBRARIES = None, as_json: AS_JSON = False) -> int:
    """Fetch the libraries into a folder with pip, checked by the sha256 of each wheel."""
    from emulator.reallib.oracles import chosen

    found = _bring(folder, chosen(_names(only)))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        print_lines(f"{one.library.name:<14}{one.status:<9}{one.libssl or ''}".rstrip() for one in found)
    return 0 if _all_there(found) else UNUSABLE


def _bring(folder: Path, libraries: Collection[Library]) -> list[Fetched]:
    from emulator.reallib.oracles import fetch

    return fetch(folder, libraries, lambda line: sys.stderr.write(f"{line}\n"))


def _all_there(found: list[Fetched]) -> bool:
    failed = [one.library.name for one in found if one.status == "failed"]
    if failed:
        complain("oracles fetch", f"{len(failed)} of {len(found)} failed: {', '.join(failed)}")
    return not failed


@oracles("verify")
def verify(
    folder: FOLDER,
    *,
    only: LIBRARIES = None,
    bring: Annotated[bool, typer.Option("--fetch", help="Fetch missing libraries first.")] = False,
    traces: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder of recordings with the hand-written scenarios.")
    ] = Path("tests/scenario/traces"),
    count: Annotated[
        int,
        typer.Option("--random", min=0, metavar="N", help="The number of random scenarios for each library."),
    ] = 500,
    seed: Annotated[
        str | None,
        typer.Option(help="The seed of the random scenarios (default: a new one).", show_default=False),
    ] = None,
    require: Annotated[
        float,
        typer.Option(
            "--require-random",
            min=0,
            max=100,
            metavar="PERCENT",
            help="Exit with status 1 if a smaller share of the random scenarios matches.",
        ),
    ] = 99.0,
    strict: STRICT = False,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Append the library's trace of each difference, shrunk, to a file for each "
            "profile in this folder.",
            show_default=False,
        ),
    ] = None,
    as_json: AS_JSON = False,
) -> int:
    """Verify the profiles of these libraries, by hand-written scenarios and by new random ones."""
    from emulator.reallib.live import Plan, recorded, verify_all
    from emulator.reallib.oracles import chosen

    drawn_from = {} if seed is None else {"seed": seed}
    libraries = recorded(chosen(_names(only)))
    if bring and not _all_there(_bring(folder, libraries)):
        return UNUSABLE
    plan = Plan(folder, libraries, traces, count, strict=strict, keep=keep, **drawn_from)
    if not as_json:
        print_lines([f"seed {plan.seed}"])
        sys.stdout.flush()
    verdicts = []
    for verdict in verify_all(plan):
        verdicts.append(verdict)
        if not as_json:
            _tell(plan, verdict)
    good = all(verdict.is_good(require) for verdict in verdicts)
    if as_json:
        libraries_found = [verdict.as_json() for verdict in verdicts]
        print_json({"seed": plan.seed, "required": require, "good": good, "libraries": libraries_found})
    return 0 if good else FELL_SHORT


def _tell(plan: Plan, verdict: Verdict) -> None:
    from emulator.reallib.report import tell_scenario

    name, hand, drawn = verdict.library.name, str(verdict.hand_written), str(verdict.drawn)
    chance = verdict.hand_written.unsteady + verdict.drawn.unsteady
    more = f"by chance {chance}" if chance else ""
    print_lines([f"{name:<14}hand-written {hand:<20}random {drawn:<20}{more}".rstrip()])
    for parting in verdict.partings:
        print_lines([f"    {parting.recorded['id']}: {parting.difference}"])
        tell_scenario(parting, sys.stdout)
    if verdict.partings:
        kept = f"kept in {verdict.kept}; " if verdict.kept else ""
        again = f"--only {name} --random {plan.count} --seed {plan.seed}"
        print_lines([f"    {kept}`oracles verify` does it again with {again}"])
    sys.stdout.flush()
