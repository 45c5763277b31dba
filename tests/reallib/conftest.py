from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.reallib.live import recorded
from emulator.reallib.oracles import fetch, known

FOLDER = Path(__file__).resolve().parents[2] / ".oracles"


@pytest.fixture(scope="session")
def libraries():
    """The folder of real libraries of seven generations, brought if they aren't there; without them, fail."""
    folder = Path(os.environ.get("EMULATOR_ORACLES") or FOLDER)
    found = fetch(folder, recorded(known()))
    missing = [f"{one.library.name}: {one.why}" for one in found if one.libssl is None]
    if missing:
        pytest.fail("these tests need real libraries; " + "; ".join(missing))
    return folder
