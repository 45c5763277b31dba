"""Libraries are brought by pip as a whole or not at all, out of wheels that are what they should be."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import re
import zipfile
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.exceptions import UsageError
from emulator.reallib import oracles
from emulator.reallib.oracles import FetchError, Library, chosen, fetch, known, libssl_in

TRACES = Path(__file__).resolve().parent.parent / "scenario" / "traces"
CONTENTS = {"tiny.libs/libssl-1.so.1": b"ssl", "tiny.libs/libcrypto-1.so.1": b"crypto", "tiny/code.py": b""}


def library(name, wheel):
    return Library(
        name=name,
        version="1.0.9",
        about="no library",
        protocols=("TLSv1",),
        wheel=f"{name}==1.0",
        python="3.6",
        platforms=("manylinux1_x86_64",),
        members="tiny.libs/*",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
    )


@pytest.fixture(name="shelf")
def _shelf(tmp_path, monkeypatch):
    """A folder that is all that pip knows of."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


@pytest.fixture(name="make")
def _make(shelf):
    def make(name="tiny", contents=CONTENTS):
        path = shelf / f"{name}-1.0-cp36-cp36m-manylinux1_x86_64.whl"
        about = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(path, "w") as wheel:
            for member, data in contents.items():
                wheel.writestr(member, data)
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n")
            wheel.writestr(f"{about}/RECORD", "")
        return library(name, path)

    return make


def test_the_shared_libraries_of_a_wheel_lie_side_by_side_and_stay_there(make, shelf, tmp_path):
    tiny, told = make(), []
    (first,) = fetch(tmp_path / "o", [tiny], told.append)
    assert (first.status, first.libssl) == ("fetched", tmp_path / "o" / "tiny" / "libssl-1.so.1")
    assert {path.name for path in first.libssl.parent.iterdir()} == {
        "libssl-1.so.1",
        "libcrypto-1.so.1",
        "oracle.json",
    }
    assert told == ["tiny: fetching tiny==1.0", "tiny: fetched"]
    next(shelf.glob("*.whl")).unlink()
    (second,) = fetch(tmp_path / "o", [tiny])
    assert (second.status, second.libssl) == ("kept", first.libssl)


@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_a_library_that_is_damaged_is_brought_again(make, tmp_path, damage):
    tiny = make()
    (first,) = fetch(tmp_path, [tiny])
    crypto = first.libssl.with_name("libcrypto-1.so.1")
    crypto.unlink() if damage == "missing" else crypto.write_bytes(b"else")
    with pytest.raises(FetchError, match="no intact tiny"):
        libssl_in(tmp_path, tiny)
    (again,) = fetch(tmp_path, [tiny])
    assert again.status == "fetched"
    assert crypto.read_bytes() == b"crypto"
    assert libssl_in(tmp_path, tiny) == first.libssl


def test_one_that_fails_is_named_leaves_nothing_behind_and_hinders_no_other(make, shelf, tmp_path):
    folder, tiny = tmp_path / "o", make()
    forged, absent, empty = make("forged"), make("absent"), make("empty", {"tiny.libs/libc.so": b""})
    with next(shelf.glob("forged*")).open("ab") as wheel:
        wheel.write(b"more")
    next(shelf.glob("absent*")).unlink()
    found = fetch(folder, [forged, absent, tiny, empty])
    assert [one.status for one in found] == ["failed", "failed", "fetched", "failed"]
    assert re.search(r"forged-1\.0-\S+ has the sha256 \w{64}, and should have", found[0].why)
    assert "pip could not download absent==1.0: No matching distribution" in found[1].why
    assert "has no libssl" in found[3].why
    assert {path.name for path in folder.iterdir()} == {"tiny", ".lock"}


def test_what_an_interrupted_fetch_left_is_cleared_and_what_others_put_there_is_not(make, tmp_path):
    (tmp_path / ".fetching-x").mkdir()
    (tmp_path / "tiny").mkdir()
    (found,) = fetch(tmp_path, [make()])
    assert (found.status, found.why.partition("tiny ")[2][:16]) == ("failed", "is there already")
    assert not (tmp_path / ".fetching-x").exists()
    assert (tmp_path / "tiny").exists()


def test_another_machine_and_a_python_without_pip_get_one_line(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "o"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["oracles", "fetch", str(folder)]) == 2
    assert re.fullmatch(r"oracles fetch: \S+ has no pip .*\n", capsys.readouterr().err)
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert main(["oracles", "fetch", str(folder)]) == 2
    assert re.fullmatch(
        r"oracles fetch: the libraries are for Linux on x86_64; .*arm64\n", capsys.readouterr().err
    )
    assert not folder.exists()


def test_a_misspelt_name_suggests_the_nearest():
    with pytest.raises(UsageError, match=r"did you mean 1\.0\.2q\?"):
        chosen(["1.0.2p"])
    assert [library.name for library in chosen(["3.5.4", "0.9.8e"])] == ["0.9.8e", "3.5.4"]
    assert chosen([]) == known()


def test_every_wheel_is_pinned_and_every_recording_of_a_wheel_has_its_library():
    for one in known():
        assert re.fullmatch(r"[a-z0-9-]+==[\d.]+", one.wheel)
        assert re.fullmatch(r"[0-9a-f]{64}", one.sha256)
    recorded = {path.name.removesuffix(".jsonl.gz") for path in TRACES.glob("*-wheel.jsonl.gz")}
    assert {one.recording for one in known() if one.recording} == recorded


def test_the_command_tells_what_became_of_each(make, tmp_path, monkeypatch, capsys):
    described = (make(), make("lost"))
    monkeypatch.setattr(oracles, "known", lambda: described)
    folder = str(tmp_path / "o")
    assert main(["oracles", "fetch", folder, "--only", "tiny", "--json"]) == 0
    out = capsys.readouterr()
    libssl = f"{folder}/tiny/libssl-1.so.1"
    assert json.loads(out.out) == [{"name": "tiny", "status": "fetched", "libssl": libssl, "why": None}]
    assert out.err == "tiny: fetching tiny==1.0\ntiny: fetched\n"
    (tmp_path / "shelf" / "lost-1.0-cp36-cp36m-manylinux1_x86_64.whl").write_bytes(b"")
    assert main(["oracles", "fetch", folder]) == 2
    out = capsys.readouterr()
    assert out.out.split() == ["tiny", "kept", libssl, "lost", "failed"]
    assert out.err.endswith("oracles fetch: 1 of 2 failed: lost\n")
    assert main(["oracles", "list", folder, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["libssl"]) for one in listed] == [("tiny", libssl), ("lost", None)]


def test_the_list_names_every_library_and_its_wheel(capsys):
    assert main(["oracles", "list"]) == 0
    out = capsys.readouterr().out
    assert all(one.name in out and one.wheel in out for one in known())
