"""Arguments and options that several commands share, and those of a group of commands.

typer reads them out of the commands' annotations, so that modules import them at run time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from emulator.cli import completion

# -- of all commands -----------------------------------------------------------------------------

AS_JSON = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]

# -- releases and what they answer ---------------------------------------------------------------

PROFILE = Annotated[
    str,
    typer.Option(
        "--profile", metavar="RELEASE", help="The release to emulate.", autocompletion=completion.releases
    ),
]
FOLLOW = Annotated[
    Literal["manual", "library"],
    typer.Option("--follow", help="What to follow where a release's manual page and its code disagree."),
]
RELEASE = Annotated[
    str,
    typer.Argument(
        metavar="RELEASE",
        help="A profile's name: 1.0.1, 1.0.1g, 3.0.",
        autocompletion=completion.releases,
    ),
]
OTHER = Annotated[
    str,
    typer.Argument(metavar="OTHER", help="The release to compare with.", autocompletion=completion.releases),
]
BEHAVIOUR = Annotated[
    str,
    typer.Argument(
        metavar="BEHAVIOUR",
        help="A behaviour with or without its section (write.bio_zero), a function, a mode or an option.",
        autocompletion=completion.behaviours,
    ),
]
BEHAVIOUR_OR_ERROR = Annotated[
    str | None,
    typer.Argument(
        metavar="BEHAVIOUR|ERROR|FINDING",
        help="A behaviour (write.bio_zero), an error (its line, code 1409E10F, reason BAD_LENGTH), "
        "a finding's code (retry-moved), a clause (num-zero.undefined) or a loss (abandoned).",
        autocompletion=completion.behaviours_and_findings,
        show_default=False,
    ),
]
ONLY = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Only this section (write), behaviour (write.bio_zero), function, mode or "
        "option; may be repeated.",
        show_default=False,
        autocompletion=completion.sections_and_behaviours,
    ),
]

# -- comparisons ---------------------------------------------------------------------------------

FOLLOW_BOTH = Annotated[
    Literal["library", "manual", "both"] | None,
    typer.Option(
        "--follow",
        help="Whom to follow where a release's manual page and its code disagree (default: the library, and "
        "beside it the manual where the page decides an answer).",
        show_default=False,
    ),
]

# -- recordings and real libraries ---------------------------------------------------------------

SCENARIOS = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="Scenarios: .toml, .json, .jsonl, .jsonl.gz, @name, or - for standard input."
    ),
]
RECORDED = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE",
        help="Scenarios: .toml, .json, .jsonl, .jsonl.gz, @name, or - for standard input, read unless "
        "--random or --as-profile is given.",
        show_default=False,
    ),
]
STRICT = Annotated[bool, typer.Option("--strict", help="The lengths of handshake records must match too.")]
REQUIRE = Annotated[
    float,
    typer.Option(min=0, max=100, metavar="PERCENT", help="Exit with status 1 if a smaller share matches."),
]
LIBSSL = Annotated[
    str,
    typer.Option(
        "--libssl",
        metavar="PATH",
        help="A real, shared libssl: its file, or the name of the system's own (libssl.so.3).",
    ),
]
FOLDER = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of the libraries, with a folder for each.")
]
LIBRARIES = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="NAME",
        help="Only these libraries, separated by commas; may be repeated.",
        autocompletion=completion.libraries,
        show_default=False,
    ),
]

# -- peers ---------------------------------------------------------------------------------------

EVENT = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT@WHEN",
        help="An event of this side; may be repeated.",
        show_default=False,
    ),
]
PROTOCOL = Annotated[
    str | None, typer.Option(help="The only protocol to enable, such as TLSv1.2.", show_default=False)
]
CIPHER = Annotated[
    str | None,
    typer.Option(help="A cipher string, or TLS 1.3 suites separated by colons.", show_default=False),
]
MODE = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="An SSL_MODE_ without its prefix; may be repeated.", show_default=False
    ),
]
OPTION = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="An SSL_OP_ without its prefix; may be repeated.", show_default=False),
]
CERT = Annotated[
    str | None, typer.Option(metavar="FILE", help="A certificate chain in PEM.", show_default=False)
]
KEY = Annotated[str | None, typer.Option(metavar="FILE", help="Its key in PEM.", show_default=False)]
BLOCKING = Annotated[bool, typer.Option("--blocking/--nonblocking", help="Whether the sockets block.")]
CHUNK = Annotated[int, typer.Option(min=1, metavar="BYTES", help="The size of an SSL_write().")]
MESSAGES = Annotated[bool, typer.Option("--msg", help="Print every handshake message too.")]
STRICT_EVENTS = Annotated[
    bool, typer.Option("--strict-events", help="Exit with status 1 if an event did not happen.")
]
NOTES_AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON, an object on each line.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="Print only how it ended.")]
