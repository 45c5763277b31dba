"""``emulator demo``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, FOLLOW
from emulator.cli.output import print_json


@command("demo")
def demo(
    profile: Annotated[
        list[str] | None,
        typer.Option(metavar="RELEASE", help="A release to run; may be repeated.", show_default=False),
    ] = None,
    protocol: Annotated[str, typer.Option(help="The protocol of every pair.")] = "TLSv1",
    follow: FOLLOW = "manual",
    *,
    as_json: AS_JSON = False,
) -> int:
    """Run one short program on several generations and show its results side by side."""
    from emulator.demo.play import DEFAULT_PROFILES, as_data
    from emulator.demo.table import show
    from emulator.profile import load_profile

    names = list(profile or DEFAULT_PROFILES)
    profiles = [load_profile(name) for name in names]
    if as_json:
        print_json(as_data(names, profiles, protocol, follow))
    else:
        show(names, profiles, protocol, follow, sys.stdout)
    return 0
