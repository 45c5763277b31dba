from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from emulator import compiled
from emulator.error_queue import ErrorQueue, use
from emulator.profiles import clauses, histories, published, shipped, store

# A test that is slow because the machine is busy is no failure.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

HERE = Path(__file__).resolve().parent
MARKS = {
    "real": ("reallib/*",),
    "peer": ("peers/*", "handshake/*against_a_real_library.py"),
    "browser": ("report/test_browser.py",),
    "long": (
        "audit/*",
        "cli/*",
        "comparison/*",
        "contract/test_findings.py",
        "contract/test_ledger_properties.py",
        "contract/test_transcript.py",
        "engine/test_manual*.py",
        "explaining/*",
        "handshake/*hostile*.py",
        "knowledge/*",
        "lanes/*",
        "pages/*",
        "report/*",
        "tools/*",
        "scenario/test_compare.py",
        "scenario/test_replay.py",
        "stories/*",
        "test_cli*.py",
        "test_contributing.py",
        "test_docs*.py",
        "test_library.py",
        "test_profile_tables.py",
        "test_properties*.py",
    ),
}
"""Which files have which mark; ``./dev test --quick`` leaves all of them out."""


def pytest_collection_modifyitems(items):
    """Mark tests by their files."""
    for item in items:
        path = item.path.relative_to(HERE)
        for mark, patterns in MARKS.items():
            if any(path.match(pattern) for pattern in patterns):
                item.add_marker(mark)


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


@pytest.fixture
def forget_profiles():
    """Forgets what was made of the shipped profiles, as a new process knows nothing of them."""

    def forget():
        for module in (published, histories, shipped, clauses):
            module.forget()

    return forget


@pytest.fixture
def folder(tmp_path, monkeypatch, forget_profiles):
    """A copy of the shipped profiles, in their place, that may be changed."""
    copy = tmp_path / "profiles"
    shutil.copytree(store.BUILT_IN, copy)
    monkeypatch.setattr(compiled, "BESIDE", tmp_path / "compiled")
    monkeypatch.setattr(store, "STORE", compiled.Store("profiles", store.inputs(copy)))
    monkeypatch.setattr(store, "BUILT_IN", copy)
    forget_profiles()
    yield copy
    monkeypatch.undo()
    forget_profiles()
