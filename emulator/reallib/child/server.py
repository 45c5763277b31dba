"""The loop of the process that loads the library: scenarios in, traces out, one JSON object a line.

Every scenario runs in a fork of its own, which the library enters as it was when it had just been
initialized: none finds what another left behind, and one that crashes takes nothing with it.  One that comes
without steps gets them afterwards, one a line.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Any

from emulator.reallib.child.library import Library, NoLibrary
from emulator.reallib.child.world import Settings, Worlds
from emulator.scenario.model import parse_world
from emulator.scenario.side import Unsupported
from emulator.scenario.stage import Stage
from emulator.scenario.step import parse_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.reallib.child.side import LibrarySide
    from emulator.scenario.step import Json

TIMEOUT = 60.0
"""Seconds that one scenario may take; a library that is still busy then is killed: a crash by SIGKILL."""

UNUSABLE = 2


def main(arguments: Sequence[str]) -> int:
    """Load the libssl that ``arguments`` name and serve the scenarios that come on standard input.

    First it says what the library is; the first line that it reads are :class:`Settings`.
    """
    try:
        library = Library(arguments[0])
    except NoLibrary as error:
        _say({"error": str(error)})
        return UNUSABLE
    _say({"version": library.version, "build": _build(library)})
    worlds = Worlds(library, Settings(json.loads(sys.stdin.readline() or "{}")))
    # What is fetched and seeded for a first context is there in every fork.
    plain = parse_world({})
    worlds.context("server", plain, plain.server)
    for line in sys.stdin:
        scenario = json.loads(line)
        if "steps" in scenario:
            _say(_in_a_fork(worlds, scenario))
        else:
            _tell(worlds, scenario)
    return 0


def _say(line: Json) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _build(library: Library) -> list[str]:
    """What a build may lack, where the library's age lets one ask: SSLv3 and the weak ciphers."""
    if not library.has_bounds:
        return []
    context = library.SSL_CTX_new(library.TLS_method())
    weak = library.SSL_CTX_set_cipher_list(context, b"RC4-SHA:@SECLEVEL=0") == 1
    library.ERR_clear_error()
    return [
        "ssl3" if library.has("SSLv3_method") else "no-ssl3",
        "weak-ciphers" if weak else "no-weak-ciphers",
    ]


def _in_a_fork(worlds: Worlds, scenario: Json) -> Json:
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(read_end)
        _answer(worlds, scenario, write_end)
    os.close(write_end)
    answer = _read_all(read_end, child)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return {"crash": name, "trace": [{"step": step} for step in scenario["steps"]]}
    answered: Json = json.loads(answer) if answer else {"error": f"{scenario['id']}: no answer"}
    return answered


def _tell(worlds: Worlds, scenario: Json) -> None:
    """Let a fork take the steps that come, one a line; say in its stead that it died."""
    child = os.fork()
    if not child:
        _take_steps(worlds, scenario)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        _say({"crash": signal.Signals(os.WTERMSIG(status)).name})


def _take_steps(worlds: Worlds, scenario: Json) -> Any:
    """Answer every step with the trace so far; end this process after the line that has none."""
    try:
        stage = _stage(worlds, scenario)
        trace: list[Json] = []
        _say({"trace": trace})
        while request := json.loads(sys.stdin.readline() or "{}"):
            signal.alarm(int(TIMEOUT))
            trace.append(stage.take(parse_step(request)))
            signal.alarm(0)
            _say({"trace": trace})
        _say({})
    except Unsupported as error:
        _say({"unsupported": error.what})
    except Exception as error:  # noqa: BLE001 - this process has nobody else to tell
        _say({"error": f"{scenario['id']}: {type(error).__name__}: {error}"})
    os._exit(0)


def _stage(worlds: Worlds, scenario: Json) -> Stage[LibrarySide]:
    """The scenario before its first step; raises Unsupported."""
    world = parse_world(scenario["scenario"])
    return Stage(worlds.make(world), blocking=world.blocking, requires=world.protocol)


def _read_all(descriptor: int, child: int) -> bytes:
    """Read to the end; the child is killed if it takes too long."""
    pieces = []
    while True:
        if not select.select([descriptor], [], [], TIMEOUT)[0]:
            os.kill(child, signal.SIGKILL)
            break
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            break
        pieces.append(piece)
    os.close(descriptor)
    return b"".join(pieces)


def _answer(worlds: Worlds, scenario: Json, descriptor: int) -> Any:
    """Run the scenario, write what was recorded, and end this process as it is."""
    try:
        steps = [parse_step(raw) for raw in scenario["steps"]]
        answer: Json = {"trace": _stage(worlds, scenario).trace(steps)}
    except Unsupported as error:
        answer = {"unsupported": error.what}
    except Exception as error:  # noqa: BLE001 - this process has nobody else to tell
        answer = {"error": f"{scenario['id']}: {type(error).__name__}: {error}"}
    data = json.dumps(answer).encode()
    while data:
        data = data[os.write(descriptor, data) :]
    os._exit(0)
