from __future__ import annotations

import pytest
from hypothesis import settings

from emulator.error_queue import ErrorQueue, use

# A test that is slow because the machine is busy is no failure.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    """No test sees how wide or how colourful the terminal is that it was started from."""
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _own_queue():
    """Each test has an error queue of its own, as a thread has: none sees the errors of another."""
    previous = use(ErrorQueue())
    yield
    use(previous)
