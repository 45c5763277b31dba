"""``emulator profiles``."""

from __future__ import annotations

from typing import Annotated

import typer

from emulator.cli.app import command, print_lines


@command("profiles")
def profiles(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RELEASE [OTHER]]", show_default=False)
    ] = None,
) -> int:
    """List the profiles; with one RELEASE say what it answers, with two where they differ."""
    from emulator.exceptions import UsageError
    from emulator.profile import load_profile
    from emulator.profiles.describe import details, differences, listing

    match [load_profile(name) for name in names or ()]:
        case []:
            lines = listing()
        case [one]:
            lines = details(one)
        case [one, other]:
            lines = differences(one, other)
        case more:
            raise UsageError(f"got {len(more)} profiles, expected two at most")
    print_lines(lines)
    return 0
