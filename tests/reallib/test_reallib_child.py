"""The process that loads a real library has no OpenSSL of Python's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import emulator.reallib

CHILD = Path(emulator.reallib.__file__).parent / "child"
FORBIDDEN = {"cryptography", "hashlib", "_hashlib", "ssl", "_ssl", "hmac", "random", "secrets", "pydantic"}
"""What loads a libcrypto or a libssl, of which a library of the same name would then be a part."""

IMPORT_ALL = """
import sys
from pathlib import Path
from types import ModuleType

child = Path(sys.argv[1])
stand_in = ModuleType("emulator")
stand_in.__path__ = [str(child.parents[1])]
sys.modules["emulator"] = stand_in
for path in sorted(child.glob("[!_]*.py")):
    __import__(f"emulator.reallib.child.{path.stem}")
print(*sys.modules)
"""


def loaded(more=""):
    command = [sys.executable, "-I", "-S", "-c", more + IMPORT_ALL, str(CHILD)]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_the_child_imports_nothing_that_loads_openssl():
    modules = loaded()
    assert {f"emulator.reallib.child.{path.stem}" for path in CHILD.glob("[!_]*.py")} <= modules
    assert "emulator.scenario.stage" in modules
    assert not FORBIDDEN & modules


def test_a_forbidden_import_is_seen():
    assert {"_hashlib", "ssl", "_ssl"} <= FORBIDDEN & loaded("import hashlib, ssl\n")
