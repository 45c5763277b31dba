"""The page of the command line: every command with its arguments and options."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import typer.main

from emulator.cli.app import all_commands, app
from emulator.knowledge.kinds import one_line


def commands() -> list[dict[str, Any]]:
    """List every command, in the order of the help; those of a group by both words."""
    return [_page(" ".join(words), command) for words, command in all_commands().items()]


def global_options() -> list[dict[str, str]]:
    """List the options that may stand before every command."""
    return [_row(each) for each in typer.main.get_command(app).params if each.name != "help"]


def _page(name: str, command: Any) -> dict[str, Any]:
    """Return one command: its usage, its help, its arguments and options."""
    parameters = [each for each in command.params if each.name != "help" and not getattr(each, "hidden", 0)]
    rows = [_row(each) for each in parameters]
    required = [
        row["name"]
        for row, each in zip(rows, parameters, strict=True)
        if each.required and each.param_type_name == "option"
    ]
    arguments = [
        (row["name"] if each.required else f"[{row['name']}]") + ("" if each.nargs == 1 else "...")
        for row, each in zip(rows, parameters, strict=True)
        if each.param_type_name == "argument"
    ]
    usage = " ".join([name, *required, "[OPTIONS]", *arguments])
    return {"name": name, "usage": usage, "help": inspect.cleandoc(command.help or ""), "parameters": rows}


def _row(parameter: Any) -> dict[str, str]:
    """Return how an argument or option is written, and what it means."""
    if parameter.param_type_name == "argument":
        return {"name": parameter.metavar or parameter.name.upper(), "help": parameter.help or ""}
    name = " / ".join([*parameter.opts, *parameter.secondary_opts])
    value = "" if parameter.is_flag else f" {parameter.metavar or _value(parameter)}"
    words = one_line(parameter.help)
    if parameter.multiple and "repeated" not in words:
        words += " May be repeated."
    if parameter.default not in (None, False, ()) and parameter.show_default:
        words += f" Default: `{parameter.default}`."
    return {"name": f"{name}{value}", "help": words}


def _value(parameter: Any) -> str:
    """Return what a value may be: one of some words, or of which kind."""
    annotation = parameter.type_descriptor.annotation
    choices = [str(choice) for choice in get_args(annotation) if isinstance(choice, str)]
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    return "|".join(choices) if choices else "N" if int in kinds else "TEXT"
