"""What each generation does about a caller's mistake: ``emulator/data/findings.json``.

A code of a finding names a scenario of the library and the steps that show the answer.  The scenario is
replayed on the last release of each series, which follows its library.  Where no scenario can say the
mistake, the caller who is the code's example runs, and the answer is that of the call that earned the
finding.
"""

from __future__ import annotations

import functools
import json
import zlib
from typing import TYPE_CHECKING, Any

import emulator
from emulator import library
from emulator.contract.call import Listener
from emulator.contract.codes import ANSWERS, codes, forget_answers
from emulator.contract.findings import text_of
from emulator.contract.path import path_of
from emulator.error_queue import ErrorQueue, use
from emulator.exceptions import SimulatedCrash
from emulator.pair import connected_pair
from emulator.profile import list_series, load_profile
from emulator.scenario.runner import Runner
from emulator.scenario.script import Script
from emulator.scenario.words import step_words

if TYPE_CHECKING:
    from emulator.contract.call import Call
    from emulator.contract.codes import Code
    from emulator.pair import Pair
    from emulator.scenario.step import Json

LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""The bytes with which a step may fill its data."""


def answers() -> dict[str, dict[str, str]]:
    """Return the answers of all series by code."""
    made: dict[str, dict[str, str]] = {name: {} for name, known in codes().items() if _has_answers(known)}
    for series in list_series():
        runner = Runner(load_profile(series))
        for name, found in made.items():
            known = codes()[name]
            found[series] = _by_scenario(known, runner) if known.scenario else _by_caller(known, series)
        runner.close()
    return made


def _has_answers(known: Code) -> bool:
    """Whether a release has an answer at all; the note of the code says why not."""
    return bool(known.scenario or not known.note)


# -- scenarios ------------------------------------------------------------------------------------


def _by_scenario(known: Code, runner: Runner) -> str:
    script = library.load(known.scenario)
    line = runner.run(script.scenario())
    if "unsupported" in line:
        line = runner.run(_older(script).scenario())
    trace = line["trace"]
    words = [_entry_in_words(trace[number - 1]) for number in known.steps if number <= len(trace)]
    crash = [f"the process dies of {line['crash']}"] if "crash" in line else []
    return "; ".join([*filter(None, words), *crash])


def _older(script: Script) -> Script:
    """Return a scenario over TLS 1.0, for releases that lack its protocol."""
    keys = {key: value for key, value in script.as_json().items() if key not in {"protocol", "cipher"}}
    return Script(**keys)


def _entry_in_words(entry: Json) -> str:
    if "ret" not in entry:
        return ""
    error = "" if entry["error"] == "NONE" else f" {entry['error']}"
    reasons = [text.rpartition(":")[2] for text in _texts(entry)]
    more = ", ".join([*_contents(entry), *reasons])
    return f"{step_words(entry['step'])}: {entry['ret']}{error}" + (f" ({more})" if more else "")


def _texts(entry: Json) -> list[str]:
    return [error["text"] for error in entry.get("queue", ())]


def _contents(entry: Json) -> list[str]:
    """Say with which letter the bytes that were read are filled, if it is one."""
    data = entry.get("data")
    if not data or not data["len"]:
        return []
    filled = [letter for letter in LETTERS if zlib.crc32(letter.encode() * data["len"]) == data["crc32"]]
    return [f"all {letter}" for letter in filled]


# -- callers --------------------------------------------------------------------------------------


class _Log(Listener):
    def __init__(self) -> None:
        self.calls: list[Call] = []

    def after(self, call: Call) -> None:
        self.calls.append(call)


def _by_caller(known: Code, series: str) -> str:
    log, made = _Log(), []

    def heard_pair(*args: Any, **keywords: Any) -> Pair:
        pair = connected_pair(*args, **{"follow": "library", **keywords})
        made.append(pair)
        for conn in pair:
            path_of(conn).add(log)
        return pair

    run_example(known.wrong, series, connected_pair=heard_pair)
    (found,) = [each for pair in made for each in pair.findings if each.code == known.name]
    (call,) = [each for each in log.calls if each.number == found.call.number]
    return f"{text_of(call)}: {getattr(call.answered, 'name', call.answered)}"


def run_example(text: str, release: str, **names: Any) -> None:
    """Run a caller of a code as the page of findings has it; ``names`` take the place of public names."""
    from contextlib import suppress  # noqa: PLC0415 - what the page imports
    from threading import Thread  # noqa: PLC0415

    public = {name: getattr(emulator, name) for name in emulator.__all__}
    previous = use(ErrorQueue())
    try:
        exec(text, {**public, "suppress": suppress, "Thread": Thread, "release": release, **names})  # noqa: S102
    except SimulatedCrash:
        pass
    finally:
        use(previous)


# -- the file -------------------------------------------------------------------------------------


@functools.cache
def text() -> str:
    """Return what the file is to hold."""
    return json.dumps({"answers": answers()}, indent=1) + "\n"


def stale() -> list[str]:
    """List the file, if releases answer otherwise."""
    current = ANSWERS.read_text(encoding="utf-8") if ANSWERS.exists() else ""
    return [] if current == text() else [ANSWERS.name]


def refresh(_only_stale: bool) -> None:  # noqa: FBT001 - as every part of tools.refresh
    """Write the file."""
    ANSWERS.write_text(text(), encoding="utf-8")
    forget_answers()
