"""Where things are in a checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
"""The pages that are generated; some of them are written by hand."""
TEMPLATES = ROOT / "tools" / "templates"
DATA = ROOT / "tools" / "data"
"""What the pages show and the package does not need."""
TRACES = ROOT / "tests" / "scenario" / "traces"
"""Recordings of real libraries."""
POINTED = ROOT / "tests" / "reallib" / "pointed.jsonl"
"""Scenarios that were written to tell one answer from another."""
ORACLES = ROOT / ".oracles"
"""Real libraries, unless $EMULATOR_ORACLES names another folder."""
