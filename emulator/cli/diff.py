"""``emulator diff``: where two releases differ, since when, and what callers must change."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, ONLY, OTHER, RELEASE
from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from emulator.knowledge.differences import Difference, GivenAnswer

LONGEST_ANSWER = 60
BRIEFEST_ANSWER = 44


@command("diff")
def diff(
    release: RELEASE,
    other: OTHER,
    only: ONLY = None,
    *,
    brief: Annotated[bool, typer.Option("--brief", help="Print only the table.")] = False,
    as_json: AS_JSON = False,
) -> int:
    """Show what changes from RELEASE to OTHER: the behaviours, the reasons, the evidence, what to do."""
    from emulator.knowledge.differences import between
    from emulator.knowledge.known import known

    left, right = known(release), known(other)
    found = between(left, right, only or ())
    names = release, other
    if as_json:
        print_json(_as_json(names, (left.release, right.release), found))
        return 0
    out = console()
    if brief:
        _print_brief(out, names, found)
    else:
        _print_differences(out, names, found)
    _print_summary(out, names, found)
    return 0


def _as_json(names: tuple[str, str], releases: tuple[str, str], found: list[Difference]) -> dict[str, object]:
    from emulator.cli.scenarios import showing

    sides = [{"name": name, "release": release} for name, release in zip(names, releases, strict=True)]
    rows = [{**each.as_json(), "scenarios": list(showing(each.behaviour.key))} for each in found]
    return {"left": sides[0], "right": sides[1], "differences": rows, "summary": _summary(found)}


def _print_differences(out: Console, names: tuple[str, str], found: list[Difference]) -> None:
    from emulator.knowledge import catalogue
    from emulator.terminal.tables import heading, section_words

    words = {each.key: each.words for each in catalogue.sections()}
    for section, each in groupby(found, key=lambda each: each.behaviour.section):
        heading(out, f"[{section}]", section_words(section, words.get(section, "")))
        own = list(each)
        if section in words:
            for one in own:
                _print_difference(out, names, one)
        else:
            _print_names(out, names, own)


def _print_difference(out: Console, names: tuple[str, str], one: Difference) -> None:
    from rich.text import Text

    from emulator.cli.scenarios import command_for
    from emulator.terminal.tables import labelled

    key = one.behaviour.key
    out.print(Text.assemble("\n", (one.title, "bold"), (f"  {key}", "dim")))
    rows: list[tuple[str, str | Text]] = [
        (names[0], _answer(one.left)),
        (names[1], _answer(one.right)),
        ("changed", _changed(one)),
        ("why", one.advice.reason if one.advice is not None else ""),
        ("do", Text(one.caller, style="" if one.asks else "dim")),
        ("says who", _backing(names, one)),
        ("see", command_for(key, *names)),
    ]
    out.print(labelled(rows, width=max(8, *map(len, names))))


def _answer(side: GivenAnswer) -> Text:
    from rich.text import Text

    from emulator.terminal.tables import plain

    return Text.assemble((side.value, "bold"), f": {plain(side.words)}" if side.words else "")


def _changed(one: Difference) -> str:
    """Return the releases in which the answer changed, oldest first."""
    from emulator.terminal.tables import shortened

    if not one.changes:
        return "in no release between the two: a build or a file of its own answers otherwise"
    if all(len(change.after) < LONGEST_ANSWER for change in one.changes):
        return "; ".join(f"{change.release}: {change.after}" for change in one.changes)
    return "; ".join(f"{change.release}: {shortened(change.after, LONGEST_ANSWER)}" for change in one.changes)


def _backing(names: tuple[str, str], one: Difference) -> str:
    from emulator.terminal.tables import more

    lines = []
    for name, side in zip(names, (one.left, one.right), strict=True):
        if side.recorded:
            first, *others = side.recorded
            lines.append(f"{name}: {first.scenario} of {first.recording}{more(len(others), 'recording')}")
        elif side.sources is not None:
            lines.append(f"{name}: {'; '.join(side.sources.cited) or 'no source'} ({side.sources.file})")
    return "\n".join(lines)


def _print_names(out: Console, names: tuple[str, str], found: list[Difference]) -> None:
    """Print functions, modes and options: a line for each."""
    from rich.text import Text

    from emulator.terminal.tables import table

    rows = [
        (
            Text(each.behaviour.key, style="bold"),
            each.left.value,
            each.right.value,
            ", ".join(change.release for change in each.changes),
            Text(each.caller, style="" if each.asks else "dim"),
        )
        for each in found
    ]
    out.print(table(("", *names, "changed in", "do"), rows, widths=(30, 9, 9, 10)))


def _print_brief(out: Console, names: tuple[str, str], found: list[Difference]) -> None:
    from emulator.terminal.tables import shortened, table

    rows = [
        (
            each.behaviour.key,
            shortened(each.left.value, BRIEFEST_ANSWER),
            shortened(each.right.value, BRIEFEST_ANSWER),
            ", ".join(change.release for change in each.changes),
            "yes" if each.asks else "",
        )
        for each in found
    ]
    out.print(table(("", *names, "changed in", "to do"), rows, widths=(36, 23, 23, 12)))


def _summary(found: list[Difference]) -> dict[str, int]:
    from emulator.knowledge.kinds import Kind

    counts = {f"{kind}s": sum(each.behaviour.kind is kind for each in found) for kind in Kind}
    return {**counts, "ask_something": sum(each.asks for each in found)}


def _print_summary(out: Console, names: tuple[str, str], found: list[Difference]) -> None:
    from rich.text import Text

    if not found:
        out.print(Text(f"{names[0]} to {names[1]}: nothing differs.", style="bold"))
        return
    counts = _summary(found)
    kinds = [f"{counts[kind]} {kind}" for kind in ("functions", "modes", "options") if counts[kind]]
    words = []
    if counts["behaviours"]:
        differ = "behaviour differs" if counts["behaviours"] == 1 else "behaviours differ"
        ask = "asks" if counts["ask_something"] == 1 else "ask"
        words = [f"{counts['behaviours']} {differ}", f"{counts['ask_something']} {ask} something of callers"]
    words += [f"{', '.join(kinds)} came, went or changed"] if kinds else []
    out.print(Text(f"\n{names[0]} to {names[1]}: {'; '.join(words)}.", style="bold"))
