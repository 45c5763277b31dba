"""A real libssl that answers scenarios: the processes that have it loaded, seen from outside.

A library is loaded in a process of its own, because another one of the same name may already be in ours.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Self

from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from emulator.scenario.model import Json, Scenario

CHILD = Path(__file__).parent / "child"

ENVIRONMENT = {"OPENSSL_CONF": os.devnull, "LC_ALL": "C"}
"""No settings of the machine's, and strerror() in English."""

PERTURBED = {"MALLOC_PERTURB_": "165"}
"""glibc fills what it hands out: what a library reads without having written it then differs."""

ESTABLISHED = [{"do": "establish"}]
"""What is tried where a line of a trace has no steps."""


class OracleError(EmulatorError):
    """A library that cannot be loaded, or that gave no answer: which, and why."""


class _Process:
    """One process with the library; scenarios go in and answers come out, one at a time."""

    def __init__(self, path: str, environment: Mapping[str, str]) -> None:
        self._path = path
        self._process = subprocess.Popen(  # noqa: S603 - our own module, the library that the caller named
            [sys.executable, "-I", "-S", str(CHILD), path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ENVIRONMENT, **environment},
        )
        try:
            self.greeting = self._receive()
        except OracleError:
            self.close()
            raise

    def ask(self, line: Json) -> Json:
        """What the library answers to one scenario."""
        self.tell(line)
        return self._receive()

    def tell(self, line: Json) -> None:
        """Send one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")
        self._process.stdin.flush()

    def _receive(self) -> Json:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OracleError(f"{self._path}: the process that loads it ended ({self._process.wait()})")
        answer: Json = json.loads(line)
        if "error" in answer:
            raise OracleError(answer["error"])
        return answer

    def close(self) -> None:
        """End the process."""
        with self._process as process:
            process.kill()


class Told:
    """A scenario that is told to a library step by step.

    ``line`` is what the library has answered so far, as a line of a trace; ``is_over`` whether it has died,
    or lacks what the scenario is about.
    """

    def __init__(self, process: _Process, line: Json) -> None:
        self.line: Json = {**line, "trace": []}
        self.is_over = True
        self._process = process
        self._head = line
        self._steps: list[Json] = []
        self._ask({"id": line["id"], "scenario": line["scenario"]})

    def take(self, step: Json) -> Json:
        """Tell the next step, unless it is over; the line so far."""
        if self.is_over:
            return self.line
        self._steps.append(step)
        self._ask(step)
        return self.line

    def _ask(self, request: Json) -> None:
        self.is_over = True  # unless there is an answer, and it is a trace
        answer = self._process.ask(request)
        self.is_over = "trace" not in answer
        if "crash" in answer:
            answer = {**answer, "trace": [{"step": step} for step in self._steps]}
        self.line = {**self._head, **answer}

    def end(self) -> None:
        """No more steps come."""
        if not self.is_over:
            self._process.ask({})
            self.is_over = True


class Oracle:
    """One real libssl, in ``processes`` processes; as a context manager it ends them.

    ``path`` is the file of a shared libssl.  ``version`` is what the library calls itself ("1.0.2q",
    "1.0.1e-fips"), ``build`` what it lacks, as a line of a trace says it.  Raises OracleError.
    """

    def __init__(
        self, path: str, *, processes: int | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        count = processes or min(os.cpu_count() or 1, 4)
        self._all: list[_Process] = []
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        try:
            for _ in range(count):
                self._all.append(_Process(path, environment or {}))
        except OracleError:
            self.close()
            raise
        self.version: str = self._all[0].greeting["version"]
        self.build: list[str] = self._all[0].greeting["build"]

    def settle(self, options: Mapping[str, int]) -> None:
        """Tell which options the release knows, by name, and their bits; before the first :meth:`run`."""
        data = files("emulator") / "data"
        with as_file(data / "server.pem") as certificate, as_file(data / "server.key") as key:
            settings = {"certificate": str(certificate), "key": str(key), "options": dict(options)}
        for process in self._all:
            process.tell(settings)
            self._idle.put(process)

    def run(self, scenarios: Iterable[Scenario]) -> Iterator[Json]:
        """What the library answers, as lines of a trace, in the order of the scenarios."""
        with ThreadPoolExecutor(len(self._all)) as pool:
            yield from pool.map(self._run, scenarios)

    def _run(self, scenario: Scenario) -> Json:
        steps = ESTABLISHED if scenario.steps is None else [step.raw for step in scenario.steps]
        process = self._idle.get()
        try:
            answer = process.ask({"id": scenario.id, "scenario": scenario.raw["scenario"], "steps": steps})
        finally:
            self._idle.put(process)
        if scenario.steps is None and "trace" in answer:
            answer["trace"] = []
        return {**self._head(scenario), **answer}

    @contextmanager
    def told(self, scenario: Scenario) -> Iterator[Told]:
        """Run a scenario whose steps are told one by one."""
        process = self._idle.get()
        try:
            told = Told(process, self._head(scenario))
            try:
                yield told
            finally:
                told.end()
        finally:
            self._idle.put(process)

    def _head(self, scenario: Scenario) -> Json:
        return {
            "id": scenario.id,
            "openssl": self.version,
            "build": self.build,
            "scenario": scenario.raw["scenario"],
        }

    def close(self) -> None:
        """End the processes."""
        for process in self._all:
            process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
