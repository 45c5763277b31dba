"""Bring up to date what the repository holds and a program makes: ``./dev refresh [PART...] [--check]``.

The pages of the reference are made anew in seconds.  The other parts take minutes, since they replay
recordings or ask real libraries; they are made when they are named, or with ``--stale`` when they are out of
date.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools import answers, audit, errors_seen, evidence, fidelity, findings, outputs, planted, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


@dataclass(frozen=True)
class Part:
    """What one program makes.

    ``stale`` lists in words what of it is out of date, as far as that can be told in a second or two;
    ``refresh`` makes it; if its argument is true, only what is out of date.
    """

    makes: str
    takes: str
    stale: Callable[[], list[str]]
    refresh: Callable[[bool], object]
    is_campaign: bool = False
    """Whether it takes too long to be due with every change: a check names it, and does not fail."""


PARTS = {
    "answers": Part(
        "tests/data/resolved-profiles.json: digests of what every release answers",
        "seconds",
        answers.stale,
        answers.refresh,
    ),
    "findings": Part(
        "emulator/data/findings.json: what the generations do about a caller's mistakes",
        "seconds",
        findings.stale,
        findings.refresh,
    ),
    "fidelity": Part(
        "tools/data/fidelity.json: all recordings, replayed", "two minutes", fidelity.stale, fidelity.refresh
    ),
    "audit": Part(
        "emulator/data/audit.json: every recorded call against the manual pages of its release",
        "five minutes",
        audit.stale,
        audit.refresh,
    ),
    "errors-seen": Part(
        "emulator/data/errors-seen.json: which release prints which error",
        "two minutes",
        errors_seen.stale,
        errors_seen.refresh,
    ),
    "evidence": Part(
        "emulator/data/evidence.json: which recorded scenario shows which behaviour",
        "an hour, or a minute for each new behaviour",
        evidence.stale,
        evidence.refresh,
        is_campaign=True,
    ),
    "planted": Part(
        "tools/data/planted.json: which wrong answers real libraries give away",
        "twenty minutes, and the libraries of `./dev verify`",
        planted.stale,
        planted.refresh,
        is_campaign=True,
    ),
    "pages": Part("docs/reference/", "seconds", reference.stale, reference.refresh),
    "outputs": Part(
        "the output below commands and Python in the documentation",
        "a minute",
        outputs.stale,
        outputs.refresh,
    ),
}
"""In the order in which they are made: the pages and their output last, as they show the others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what is asked for, or tell what is out of date; return the exit status."""
    options = _parsed(arguments)
    if options.check:
        complaints = dict(_complaints(PARTS))
        sys.stderr.writelines(complaints.values())
        return int(any(not PARTS[name].is_campaign for name in complaints))
    wanted = {*PARTS} if "all" in options.parts else {*options.parts, "pages"}
    for name, part in PARTS.items():
        only_stale = options.stale and name not in options.parts
        if name in wanted or (only_stale and part.stale()):
            sys.stderr.write(f"{part.makes} (takes {part.takes})\n")
            part.refresh(only_stale)
    sys.stderr.writelines(complaint for _name, complaint in _complaints(PARTS))
    return 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev refresh",
        description="Bring up to date what the repository holds and a program makes.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:<12} {part.makes} (takes {part.takes})" for name, part in PARTS.items()),
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="only pages unless given; or all")
    parser.add_argument("--stale", action="store_true", help="also make what else is out of date")
    parser.add_argument(
        "--check",
        action="store_true",
        help="make nothing; status 1 if any but a campaign (evidence, planted) is out of date",
    )
    options = parser.parse_args(arguments)
    for name in options.parts:
        if name not in {*PARTS, "all"}:
            parser.error(f"no part is called {name!r}; expected some of {', '.join(PARTS)}, all")
    return options


def _complaints(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Make a line for each part that is out of date: what of it, and the command that makes it."""
    for name in names:
        stale = PARTS[name].stale()
        if stale:
            command = "./dev refresh" if name == "pages" else "./dev refresh --stale"
            listed = "; ".join(stale)
            yield name, f"{name}: out of date: {listed}; run {command} (takes {PARTS[name].takes})\n"


if __name__ == "__main__":
    sys.exit(main())
