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
            "demo", "Run one short program on several generations and show side by side what it sees."
        ),
        "init": Listed(
            "init", "Write a scenario to start from, which runs as it is and whose comments teach the syntax."
        ),
        "run": Listed(
            "run", "Run scenarios on several generations and show the calls side by side, differences marked."
        ),
        "report": Listed(
            "report",
            "Run scenarios on every series, and tell which releases agree: a matrix, and a page with all "
            "details.",
        ),
    },
    "What releases answer, and since when": {
        "profiles": Listed(
            "profiles",
            "List the profiles: every name, which releases behave alike, and what is new in each range.",
        ),
        "show": Listed(
            "profiles", "Say what a profile is, what it has, and what it answers to every question."
        ),
        "diff": Listed(
            "diff",
            "Say what changes from RELEASE to OTHER: each answer, since when, why, who says so, and what to "
            "do.",
        ),
        "timeline": Listed(
            "timeline", "Say what every release answers to one question, and in which it changed."
        ),
        "explain": Listed(
            "explain",
            "Say what is known of a behaviour or an error: who, why, says who, what to do; without one list "
            "them.",
        ),
    },
    "Peers on the network": {
        "serve": Listed("peers", "Be an s_server of one generation, with events that happen to its clients."),
        "connect": Listed("peers", "Be an s_client of one generation: write, read, close."),
    },
    "Real libraries": {
        "oracles": Listed(
            "oracles", "Real builds of libssl, out of Python wheels: bring them, verify the profiles by them."
        ),
        "record": Listed(
            "reallib",
            "Run scenarios on a real libssl and print one trace a line, or propose a profile of what they "
            "tell.",
        ),
        "verify": Listed(
            "reallib", "Run scenarios on a real libssl and on a profile, and tell where the two part."
        ),
        "plant": Listed(
            "plant",
            "Change one behaviour of a profile after the other, and tell which changes a real libssl gives "
            "away.",
        ),
    },
    "Recordings of real libraries": {
        "replay": Listed(
            "traces", "Run recorded scenarios on an emulated release and print one trace a line."
        ),
        "compare-traces": Listed(
            "traces", "Tell how many scenarios of ACTUAL match EXPECTED, and where the others first differ."
        ),
        "fidelity": Listed(
            "traces", "Replay every recording of a folder, and tell how much of it matches and what doesn't."
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
