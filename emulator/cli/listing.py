"""The commands by name: below which title of the help each stands, its module, and its line of the help.

The help is printed from this table, so that it imports no command's module; :mod:`emulator.cli.app` imports
the module of the one command that runs.
"""

from __future__ import annotations

from typing import NamedTuple


class Listed(NamedTuple):
    """A command, or a group of commands of two words."""

    module: str
    """The module of :mod:`emulator.cli` that defines it."""
    summary: str
    """Its line in the help of all commands; the first sentence of its own help."""


PANELS = {
    "Run scenarios on several releases": {
        "demo": Listed(
            "demo", "Run one short program on several generations and show its results side by side."
        ),
        "init": Listed(
            "init", "Write a first scenario, which runs as it is and whose comments explain the syntax."
        ),
        "run": Listed(
            "run",
            "Run scenarios on several generations, show the calls side by side and mark the differences.",
        ),
        "report": Listed(
            "report",
            "Run scenarios on every series and show which releases agree: a matrix, and "
            "a page with all details.",
        ),
    },
    "What releases do, and since when": {
        "profiles": Listed(
            "profiles",
            "List the profiles: every name, the releases that behave alike, and the changes of each release.",
        ),
        "show": Listed(
            "profiles",
            "Show a profile: what its release changed, and each of its answers with the place in the files.",
        ),
        "diff": Listed(
            "diff",
            "Show what changes from RELEASE to OTHER: the behaviours, the reasons, the evidence, what to do.",
        ),
        "page": Listed(
            "page",
            "Print a release's manual pages about writing as clauses; with OTHER, what changes for a caller.",
        ),
        "timeline": Listed(
            "timeline", "Show the answers of all releases to one behaviour, and the releases that changed it."
        ),
        "explain": Listed(
            "explain",
            "Explain a behaviour, an error or a finding: releases, reason, what to do; without one list all.",
        ),
    },
    "Peers on the network": {
        "serve": Listed(
            "peers", "Run an s_server of one generation, with events such as a renegotiation or a reset."
        ),
        "connect": Listed("peers", "Run an s_client of one generation: write, read, close."),
    },
    "Real libraries": {
        "oracles": Listed(
            "oracles",
            "Real builds of libssl from Python wheels: fetch them, and verify the profiles against them.",
        ),
        "record": Listed(
            "reallib",
            "Run scenarios on a real libssl and print a trace on each line, or propose a profile.",
        ),
        "verify": Listed(
            "reallib", "Run scenarios on a real libssl and on a profile, and show where their answers differ."
        ),
        "plant": Listed(
            "plant",
            "Plant wrong answers in a profile, one at a time, and show which ones a real libssl reveals.",
        ),
    },
    "Recordings of real libraries": {
        "audit": Listed(
            "audit",
            "Hold the recorded calls of a release against its manual pages: each clause, kept or broken how "
            "often.",
        ),
        "replay": Listed(
            "traces", "Run recorded scenarios on an emulated release and print a trace on each line."
        ),
        "compare-traces": Listed(
            "traces",
            "Count the scenarios of ACTUAL that match EXPECTED, and show the first difference of the others.",
        ),
        "fidelity": Listed(
            "traces", "Replay every recording of a folder, count the matches and show the differences."
        ),
    },
}
"""The commands in the order of the help, below the titles of its panels."""


def panel_of(name: str) -> str:
    """Return the title below which a command stands in the help."""
    return next(panel for panel, commands in PANELS.items() if name in commands)


def listed() -> dict[str, Listed]:
    """Return all commands by name, in the order of the help."""
    return {name: entry for commands in PANELS.values() for name, entry in commands.items()}
