"""How much of what was recorded of real libraries the emulated ones answer, recording by recording."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.exceptions import EmulatorError, UsageError
from emulator.profile import load_profile
from emulator.profiles import published
from emulator.scenario.compare import RANDOM_FAMILY, Outcome, compare_lines, read_traces
from emulator.scenario.model import ScenarioError, parse_line
from emulator.scenario.runner import Runners

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.scenario.model import Json

SUFFIX = ".jsonl.gz"
BINARY = "-wheel"
"""What a recording's name ends in if its library came as a binary, not built from the release's tag."""


_ROW = "{:<14} {:<18} {:>14} {:>14} {:>14} {:>12}"


@dataclass(slots=True)
class Count:
    """How many scenarios were asked, how many match, and how many with the sizes of handshake records."""

    total: int = 0
    matched: int = 0
    strict: int = 0

    def add(self, other: Count) -> None:
        """Count those of another in."""
        self.total += other.total
        self.matched += other.matched
        self.strict += other.strict

    @property
    def whole(self) -> bool:
        """Whether every one matches, with the sizes of handshake records."""
        return self.total == self.strict


@dataclass(slots=True)
class Verdict:
    """What became of one recording."""

    recording: str
    """The name of its file: the release, and "-wheel" if the library came as a binary."""
    openssl: str
    """What the library calls itself."""
    profile: str
    """Whom the scenarios were replayed on."""
    build: list[str]
    unsupported: int = 0
    """Scenarios that neither the library nor the profile supports: no part of any count."""
    families: dict[str, Count] = field(default_factory=dict)
    protocols: dict[str, Count] = field(default_factory=dict)
    differences: dict[str, list[str]] = field(default_factory=dict)
    """The first difference in words, and the ids of the scenarios that differ so."""
    strict_differences: dict[str, list[str]] = field(default_factory=dict)
    """The same of scenarios that differ in the sizes of handshake records alone."""

    def count(self, *, random: bool | None = None) -> Count:
        """Sum the families: all, the random one, or those written by hand."""
        sum_ = Count()
        for family, count in self.families.items():
            if random is None or random == (family == RANDOM_FAMILY):
                sum_.add(count)
        return sum_

    def as_json(self) -> Json:
        """Return it as a plain object."""
        return asdict(self)


def verdict_of(line: Json) -> Verdict:
    """Return the verdict that ``as_json`` made an object of."""
    counts = {
        name: {key: Count(**count) for key, count in line[name].items()} for name in ("families", "protocols")
    }
    return Verdict(**{**line, **counts})


def recordings(folder: str) -> list[Path]:
    """List the recordings in a folder, oldest release first; UsageError if there are none."""
    paths = sorted(Path(folder).glob(f"*{SUFFIX}"))
    if not paths:
        raise UsageError(f"{folder} holds no recordings (*{SUFFIX})")
    return paths


def profile_of(name: str, openssl: str) -> str:
    """Return the name of the profile that a recording is replayed on.

    A distributor's build is called by what the library calls itself; everything else by the recording's name,
    because the library says "0.9.6" where the base release is meant.
    """
    return openssl if openssl in published.distributions() else name.removesuffix(BINARY)


def judge(path: Path) -> Verdict:
    """Replay one recording and compare."""
    expected = read_traces(str(path))
    name = path.name.removesuffix(SUFFIX)
    first = expected[0]
    verdict = Verdict(
        name, first["openssl"], profile_of(name, first["openssl"]), list(first.get("build", ()))
    )
    reasons: dict[str, str] = {}
    actual = list(replayed(verdict.profile, expected, reasons))
    loose = compare_lines(expected, actual)
    strict = compare_lines(expected, actual, strict=True)
    verdict.unsupported = loose.unsupported
    protocols = {line["id"]: line["scenario"].get("protocol", "TLSv1") for line in expected}
    for one, exact in zip(loose.outcomes, strict.outcomes, strict=True):
        count = Count(1, one.difference is None, exact.difference is None)
        verdict.families.setdefault(one.family, Count()).add(count)
        verdict.protocols.setdefault(protocols[one.id], Count()).add(count)
        _note(verdict, one, exact, reasons)
    return verdict


def _note(verdict: Verdict, one: Outcome, exact: Outcome, reasons: dict[str, str]) -> None:
    """Keep why a scenario differs."""
    if one.difference is not None:
        verdict.differences.setdefault(reasons.get(one.id, one.difference), []).append(one.id)
    elif exact.difference is not None:
        verdict.strict_differences.setdefault(exact.difference, []).append(one.id)


def replayed(profile: str, lines: Iterable[Json], reasons: dict[str, str] | None = None) -> Iterator[Json]:
    """Replay recorded lines on a profile; a scenario that breaks off has steps without answers.

    ``reasons`` gets why, by the scenario's id.
    """
    with Runners(load_profile(profile)) as runners:
        for line in lines:
            try:
                yield json.loads(json.dumps(runners.run(parse_line(line))))
            except ScenarioError:
                raise
            except Exception as error:  # noqa: BLE001 - a mistake in one scenario must not hide the others
                if reasons is not None:
                    reasons[line["id"]] = f"{type(error).__name__}: {error}"
                bare = [{"step": entry["step"]} for entry in line.get("trace", ())]
                yield {"id": line["id"], "scenario": line["scenario"], "trace": bare}


def judge_all(paths: Iterable[Path]) -> list[Verdict]:
    """Judge several recordings, on as many processors as there are."""
    with pool() as processes:
        return list(processes.map(judge, paths))


def pool() -> ProcessPoolExecutor:
    """Processes that ``judge`` can be run in."""
    # Not forked: a fork copies the threads' locks, and not the threads.
    return ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn"))


def table(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """What the command prints: a line for each recording, and behind them what doesn't match."""
    found = list(verdicts)
    yield _ROW.format("recording", "profile", "hand-written", "random", "strict", "unsupported")
    for one in found:
        hand, random, total = one.count(random=False), one.count(random=True), one.count()
        yield _ROW.format(
            one.recording,
            one.profile,
            f"{hand.matched}/{hand.total}",
            f"{random.matched}/{random.total}",
            f"{total.strict}/{total.total}",
            one.unsupported,
        )
    for one in found:
        for kind, differences in (("", one.differences), ("strict: ", one.strict_differences)):
            for reason, ids in differences.items():
                yield f"{one.recording}: {ids[0]}{_others(ids)}: {kind}{reason}"


def _others(ids: list[str]) -> str:
    return f" and {len(ids) - 1} more" if len(ids) > 1 else ""


def as_text(verdicts: Iterable[Verdict]) -> str:
    """The verdicts as JSON, as ``tools/data/fidelity.json`` has them."""
    return json.dumps([one.as_json() for one in verdicts], indent=1) + "\n"


def read_verdicts(path: Path) -> list[Verdict]:
    """Read verdicts as ``as_text`` wrote them; FidelityError for a file that is none."""
    try:
        lines: list[Any] = json.loads(path.read_text(encoding="utf-8"))
        return [verdict_of(line) for line in lines]
    except (ValueError, TypeError, KeyError) as error:
        raise FidelityError(f"{path}: no list of verdicts: {error}") from error


class FidelityError(EmulatorError):
    """A file of verdicts that cannot be read."""
