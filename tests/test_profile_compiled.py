"""The shipped profiles as they are compiled: the same as their files say, quick to load, never stale."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emulator import compiled
from emulator.profile import list_profiles, load_profile
from emulator.profiles import building, histories, published, store

SAMPLE = ["0.9.6-base", "0.9.8zh", "1.0.1g", "1.0.1e-fips", "1.1.1w", "3.5.4"]
PACKAGE = Path(compiled.__file__).parent


@pytest.mark.parametrize("name", SAMPLE)
def test_a_compiled_profile_is_what_its_files_say(name):
    assert load_profile(name) == building.built(name)
    assert load_profile(name).name == name


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_shipped_profile_is_loaded_without_pydantic_and_without_reading_toml():
    """Both take many times longer than the profile does."""
    for name in ("1.0.1g", "1.1.1"):
        load_profile(name)  # compiles it where that was not done
    code = """
import sys
from emulator.profile import load_profile
load_profile("1.0.1g"), load_profile("1.1.1")
print(sorted({"pydantic", "tomllib", "importlib.metadata", "hashlib", "difflib"} & {*sys.modules}))
"""
    assert run(code).strip() in ("[]", "['hashlib']")  # that one while the files are young


def test_all_code_that_takes_part_in_making_a_profile_is_an_input():
    code = """
import sys
from emulator.profiles import building
building.built("1.1.1w"), building.built("1.0.1e-fips")
print("\\n".join(module.__file__ for name, module in sys.modules.items() if name.startswith("emulator.")))
"""
    inputs = {Path(path) for tree in store.inputs(store.BUILT_IN) for _, _, path in tree.files()}
    used = {Path(line) for line in run(code).split()}
    assert PACKAGE / "profiles" / "validation.py" in used
    assert used <= inputs


def test_every_profile_file_is_an_input():
    inputs = {Path(path) for tree in store.inputs(store.BUILT_IN) for _, _, path in tree.files()}
    assert {*store.BUILT_IN.rglob("*.toml")} <= inputs


def test_an_edited_file_is_compiled_again(folder, forget_profiles):
    assert load_profile("1.0.1g").write.bio_zero == "zero"
    path = folder / "1.0.1.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('bio_zero = "zero"', 'bio_zero = "success"', 1), encoding="utf-8")
    forget_profiles()
    assert load_profile("1.0.1g").write.bio_zero == "success"


def test_a_profile_is_read_from_what_was_compiled(folder, monkeypatch, forget_profiles):
    load_profile("1.0.1g")
    forget_profiles()
    for name in ("history", "histories"):
        monkeypatch.setattr(histories, name, None)  # whoever read the files would fail
    assert load_profile("1.0.1g").release == "1.0.1g"


def test_a_wheel_has_every_profile(folder, tmp_path, monkeypatch, forget_profiles):
    monkeypatch.setattr(published, "known_releases", lambda: published.releases_of("1.0.0"))
    building.compile_into(tmp_path / "wheel")
    monkeypatch.undo()
    monkeypatch.setattr(compiled, "BESIDE", tmp_path / "wheel")
    monkeypatch.setattr(store, "STORE", compiled.Store("profiles", store.inputs(folder)))
    forget_profiles()
    monkeypatch.setattr(building, "built", None)
    assert list_profiles()[:2] == ["0.9.x", "0.9.6"]
    for name in (*(release.name for release in published.releases_of("1.0.0")), *published.distributions()):
        assert load_profile(name).name == name


def test_releases_share_what_is_the_same_in_them():
    assert load_profile("1.0.1b").errors is load_profile("1.0.1c").errors
    assert load_profile("1.0.1b").write == load_profile("1.0.1c").write
