"""``emulator profiles`` and ``show``: which profiles there are, and what one of them says."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, ONLY, RELEASE
from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from emulator.knowledge.inventory import Answered, Range
    from emulator.profiles.model import Profile


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
        news = Text(each.news)
        if each.patched:
            news.append(f" (a build of {each.patched})", style="dim")
        rows.append((name, news))
    out.print(labelled(rows, width=24))


def _print_others(out: Console) -> None:
    from emulator.knowledge import inventory
    from emulator.profiles.names import ENTRY_POINTS
    from emulator.terminal.tables import heading, labelled

    heading(out, "other names")
    rows = [(alias, f"stands for {name}") for alias, name in inventory.aliases().items()]
    rows += [(name, f"an entry point in {ENTRY_POINTS}") for name in inventory.added()]
    out.print(labelled(rows, width=24))


@command("show")
def show(release: RELEASE, only: ONLY = None, *, as_json: AS_JSON = False) -> int:
    """Show a profile: its release, its protocols and modes, and its answer to every behaviour."""
    from emulator.knowledge import inventory
    from emulator.profile import load_profile

    profile = load_profile(release)
    answered = inventory.answered(profile, only or ())
    if as_json:
        print_json(inventory.details(profile, only or ()))
        return 0
    out = console()
    if not only:
        _print_identity(out, profile)
    for section, each in groupby(answered, key=lambda each: each.behaviour.section):
        _print_section(out, section, list(each))
    return 0


def _print_identity(out: Console, profile: Profile) -> None:
    from emulator.profiles.describe import lacks
    from emulator.profiles.vary import known_profiles
    from emulator.terminal.tables import heading, labelled

    name = "" if profile.name in known_profiles() else f"as {profile.name}"
    heading(out, f"OpenSSL {profile.release}", name)
    absent, zero = lacks(profile)
    alike = dict.fromkeys((profile.first_release, profile.last_release))
    rows = [
        ("behave alike", " to ".join(alike)),
        ("not there", " ".join(absent) or "nothing"),
        ("answer 0", f"{' '.join(zero) or 'none'} (controls that it does not know)"),
        ("sources", "\n".join(profile.sources)),
    ]
    out.print(labelled(rows, width=12))


def _print_section(out: Console, section: str, answered: list[Answered]) -> None:
    from rich.text import Text

    from emulator.knowledge import catalogue
    from emulator.terminal.tables import heading, plain, section_words, table

    words = {each.key: each.words for each in catalogue.sections()}
    heading(out, f"[{section}]", section_words(section, words.get(section, "")))
    rows = [
        (Text(each.behaviour.name, style="bold"), each.value, Text(plain(each.words), style="dim"))
        for each in answered
    ]
    out.print(table(("", "answer", "which means, or what it answers"), rows, widths=(28, 28)))
