"""``emulator profiles`` and ``show``: the list of profiles, and the answers of one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, ONLY, RELEASE
from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.text import Text

    from emulator.knowledge.inventory import Answered, Range
    from emulator.knowledge.known import Known


@command("profiles")
def profiles(*, as_json: AS_JSON = False) -> int:
    """List the profiles: every name, the releases that behave alike, and the changes of each release."""
    from emulator.knowledge import inventory

    if as_json:
        print_json(inventory.as_json())
        return 0
    out = console()
    out.print("Releases on one line behave alike; a series stands for its last release.")
    for series, ranges in groupby(inventory.ranges(), key=lambda each: each.series):
        _print_series(out, series, ranges)
    _print_others(out)
    return 0


def _print_series(out: Console, series: str, ranges: Iterable[Range]) -> None:
    from rich.text import Text

    from emulator.knowledge.inventory import stands_for
    from emulator.terminal.tables import heading, labelled

    heading(out, series, f"stands for {stands_for(series)}")
    rows = []
    for each in ranges:
        name = each.names[0] if len(each.names) == 1 else f"{each.names[0]} to {each.names[-1]}"
        news = Text("\n".join(change.says for change in each.changes))
        if each.patched:
            news.append(f" (a build of {each.patched})", style="dim")
        rows.append((name, news))
    out.print(labelled(rows, width=24))


def _print_others(out: Console) -> None:
    from emulator.knowledge import inventory
    from emulator.profiles.names import ENTRY_POINTS
    from emulator.profiles.published import aliases
    from emulator.terminal.tables import heading, labelled

    heading(out, "other names")
    rows = [(alias, f"stands for {name}") for alias, name in aliases().items()]
    rows += [(name, f"an entry point in {ENTRY_POINTS}") for name in inventory.added()]
    out.print(labelled(rows, width=24))


@command("show")
def show(release: RELEASE, only: ONLY = None, *, as_json: AS_JSON = False) -> int:
    """Show a profile: what its release changed, and each of its answers with the place in the files."""
    from emulator.knowledge import inventory
    from emulator.knowledge.known import known

    profile = known(release)
    answered = inventory.answered(profile, only or ())
    if as_json:
        print_json(inventory.details(profile, only or ()))
        return 0
    out = console()
    if not only:
        _print_identity(out, profile)
    for section, each in groupby(answered, key=lambda each: each.behaviour.section):
        _print_section(out, section, list(each), profile)
    return 0


def _print_identity(out: Console, profile: Known) -> None:
    from emulator.knowledge.index import releases
    from emulator.knowledge.inventory import lacks, range_of
    from emulator.terminal.tables import heading, labelled

    name = "" if profile.name in releases() else f"as {profile.name}"
    heading(out, f"OpenSSL {profile.release}", name)
    absent, zero = lacks(profile)
    alike = range_of(profile)
    rows = [
        *(_changed(alike) if alike else [("sources", "\n".join(profile.sources))]),
        ("not there", " ".join(absent) or "nothing"),
        ("answer 0", f"{' '.join(zero) or 'none'} (controls that it does not know)"),
    ]
    out.print(labelled(rows, width=12))


def _changed(alike: Range) -> Iterator[tuple[str, Text]]:
    """Yield rows: the releases that behave alike, and the changes of the first, with their sources."""
    from rich.text import Text

    yield "behave alike", Text(" to ".join(dict.fromkeys((alike.names[0], alike.names[-1]))))
    label = f"{alike.names[0]}:"
    for change in alike.changes:
        words = Text(change.says)
        for line in (*change.sources, change.file):
            words.append(f"\n  {line}", style="dim")
        yield label, words
        label = ""


def _print_section(out: Console, section: str, answered: list[Answered], profile: Known) -> None:
    from rich.text import Text

    from emulator.knowledge import catalogue
    from emulator.terminal.tables import heading, plain, section_words, table

    words = {each.key: each.words for each in catalogue.sections()}
    heading(out, f"[{section}]", section_words(section, words.get(section, "")))
    rows = [
        (
            Text(each.behaviour.name, style="bold"),
            each.value,
            Text(plain(each.words), style="dim"),
            Text(_place(each, profile), style="dim"),
        )
        for each in answered
    ]
    columns = ("", "answer", "which means, or what it answers", "from")
    out.print(table(columns, rows, widths=(28, 28, None, 20)))


def _place(answered: Answered, profile: Known) -> str:
    """Return the place that gives an answer: the file, and the place in the file."""
    from emulator.knowledge.kinds import Kind

    if answered.behaviour.kind is not Kind.BEHAVIOUR:
        return ""
    found = profile.sources_of(answered.behaviour.key)
    return f"{found.file} {found.place}".rstrip() if found else ""
