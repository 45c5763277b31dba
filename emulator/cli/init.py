"""``emulator init``: a scenario to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from emulator.cli.app import command
from emulator.cli.options import AS_JSON
from emulator.cli.output import print_json


@command("init")
def init(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The file to write, or - to print it.")
    ] = "scenario.toml",
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    as_json: AS_JSON = False,
) -> int:
    """Write a first scenario, which runs as it is and whose comments explain the syntax."""
    from importlib import resources

    from emulator.exceptions import UsageError
    from emulator.scenario.script import Script

    text = resources.files("emulator").joinpath("data", "scenario.toml").read_text(encoding="utf-8")
    if file == "-":
        if as_json:
            print_json(Script.parse(text).as_json())
        else:
            sys.stdout.write(text)
        return 0
    if not file.endswith(".toml"):
        raise UsageError(f"{file}: expected a name that ends in .toml, as what is written is TOML")
    try:
        with Path(file).open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise UsageError(f"{file} is there already; --force writes over it") from None
    if as_json:
        print_json({"written": file})
    else:
        sys.stdout.write(f"{file} is written; run it: emulator run {file}\n")
    return 0
