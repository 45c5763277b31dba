"""Data that is computed from files is kept, and never stale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import compiled
from emulator.compiled import Store, Tree

LONG = ["a large value"] * 300
OLD = 1_600_000_000


@pytest.fixture(autouse=True)
def _kept(tmp_path, monkeypatch):
    """What is kept by a test lies in folders of its own."""
    monkeypatch.setattr(compiled, "BESIDE", tmp_path / "beside")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def inputs(tmp_path):
    """Some files that data are computed of, written long ago."""
    folder = tmp_path / "inputs"
    for name, text in (("a.toml", "a"), ("below/b.toml", "b"), ("other.txt", "of no account")):
        write(folder / name, text)
    return folder


def write(path, text, *, when=OLD):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (when, when))


class Builder:
    """Computes the data, and counts how often."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def __call__(self):
        self.count += 1
        texts = sorted(path.read_text() for path in self.folder.rglob("*.toml"))
        return {"texts": texts, "large": LONG, "pairs": [[1, "one"]]}


@pytest.fixture
def build(inputs):
    return Builder(inputs)


def store(inputs):
    """A store as a new process has it: it has looked at nothing yet."""
    return Store("data", [Tree("inputs", inputs, ".toml"), Tree("one", inputs / "one.py")])


def load(inputs, build):
    return store(inputs).load("entry", build).data


def kept_files(folder=None):
    return sorted(path for path in (folder or compiled.BESIDE).rglob("*") if path.is_file())


def test_what_is_kept_is_not_computed_again(inputs, build):
    first = load(inputs, build)
    assert load(inputs, build) == first == {"texts": ["a", "b"], "large": LONG, "pairs": [[1, "one"]]}
    assert build.count == 1


def test_what_is_computed_is_as_it_will_be_read(inputs):
    entry = store(inputs).load("entry", lambda: {"pair": (1, 2), "large": tuple(LONG)})
    assert entry.data == {"pair": [1, 2], "large": LONG}


def test_what_is_kept_is_json_with_a_checksum(inputs, build):
    load(inputs, build)
    for path in kept_files():
        checksum, text = path.read_bytes().split(b"\n", 1)
        assert len(checksum) == 8
        assert isinstance(json.loads(text), dict)


def changed(inputs):
    write(inputs / "a.toml", "changed")


def changed_in_secret(inputs):
    """The same length, and the old time."""
    write(inputs / "a.toml", "z")


def added(inputs):
    write(inputs / "below" / "c.toml", "c")


def removed(inputs):
    (inputs / "a.toml").unlink()


def renamed(inputs):
    (inputs / "a.toml").rename(inputs / "z.toml")


def one_added(inputs):
    write(inputs / "one.py", "a module")


@pytest.mark.parametrize("change", [changed, changed_in_secret, added, removed, renamed, one_added])
def test_any_change_of_an_input_is_noticed(inputs, build, change):
    load(inputs, build)
    load(inputs, build)
    change(inputs)
    assert load(inputs, build) == Builder(inputs)()
    assert build.count == 2


def test_files_of_other_names_are_no_inputs(inputs, build):
    load(inputs, build)
    write(inputs / "other.txt", "changed")
    load(inputs, build)
    assert build.count == 1


def test_an_input_that_was_only_touched_is_read_but_nothing_is_computed(inputs, build):
    load(inputs, build)
    os.utime(inputs / "a.toml", (OLD + 5, OLD + 5))
    load(inputs, build)
    assert build.count == 1


def test_a_store_looks_at_its_inputs_once_until_it_forgets(inputs, build):
    one = store(inputs)
    one.load("entry", build)
    changed(inputs)
    one.load("entry", build)
    assert build.count == 1
    one.forget()
    assert one.load("entry", build).data["texts"] == ["b", "changed"]


def test_times_of_files_that_were_written_just_now_are_not_trusted(inputs, build):
    (inputs / "a.toml").touch()
    load(inputs, build)
    assert not (compiled.BESIDE / "data" / "stamp.json").exists()
    os.utime(inputs / "a.toml", (OLD, OLD))
    load(inputs, build)
    assert (compiled.BESIDE / "data" / "stamp.json").exists()
    assert build.count == 1


def test_the_digest_does_not_depend_on_where_the_inputs_lie(inputs, tmp_path):
    before = store(inputs).digest()
    assert store(inputs.rename(tmp_path / "elsewhere")).digest() == before


def test_contents_of_old_inputs_are_removed(inputs, build):
    for number in range(6):
        write(inputs / "a.toml", str(number))
        load(inputs, build)
    folders = [path for path in (compiled.BESIDE / "data").iterdir() if path.is_dir()]
    assert 1 < len(folders) <= 3
    write(inputs / "a.toml", "4")
    load(inputs, build)
    assert build.count == 6  # a checkout may go back


def test_equal_large_values_are_kept_once(inputs):
    one = store(inputs)
    first = one.load("one", lambda: {"large": LONG, "small": 1})
    second = one.load("two", lambda: {"large": LONG, "small": 2})
    assert first.parts == second.parts != {}
    assert len(kept_files(compiled.BESIDE / "data" / one.digest() / "parts")) == 1
    again = store(inputs)
    assert again.load("one", None).data["large"] is again.load("two", None).data["large"]


# -- damage --------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_that_is_damaged_or_cut_off_is_made_again(inputs, build, data):
    expected = load(inputs, build)
    path = data.draw(st.sampled_from(kept_files()))
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    path.write_bytes(data.draw(st.sampled_from([content[:place], b"", flipped])))
    assert load(inputs, build) == expected
    count = build.count
    assert load(inputs, build) == expected
    assert build.count == count


@pytest.mark.parametrize("held", ["[]", "3", '{"data": 3}', '{"parts": {}}', "nonsense"])
def test_a_file_of_another_form_is_made_again(inputs, build, held):
    load(inputs, build)
    (path,) = [path for path in kept_files() if path.name == "entry.json"]
    text = held.encode()
    path.write_bytes(b"%08x\n%b" % (compiled.zlib.crc32(text), text))
    assert load(inputs, build)["texts"] == ["a", "b"]
    assert build.count == 2


def test_a_part_that_is_gone_is_made_again(inputs, build):
    load(inputs, build)
    (part,) = [path for path in kept_files() if path.parent.name == "parts"]
    part.unlink()
    assert load(inputs, build)["large"] == LONG
    assert part.exists()


# -- where ---------------------------------------------------------------------------------------


def test_where_the_package_cannot_be_written_to_the_users_cache_takes_its_place(
    inputs, build, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(compiled, "BESIDE", tmp_path / "file" / "beside")
    load(inputs, build)
    assert load(inputs, build)["texts"] == ["a", "b"]
    assert build.count == 1
    assert kept_files(tmp_path / "cache" / "openssl-emulator")


def test_where_nothing_can_be_written_everything_is_computed(inputs, build, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(compiled, "BESIDE", tmp_path / "file" / "beside")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    assert load(inputs, build)["texts"] == load(inputs, build)["texts"] == ["a", "b"]
    assert build.count == 2


def test_without_a_home_there_is_no_cache(monkeypatch):
    def homeless():
        raise RuntimeError

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert compiled.user_cache() is None


@pytest.mark.parametrize(
    ("platform", "variable", "path"),
    [
        ("win32", "LOCALAPPDATA", "local"),
        ("darwin", "HOME", "home/Library/Caches"),
        ("linux", "XDG_CACHE_HOME", "xdg"),
    ],
)
def test_the_cache_lies_where_the_system_has_it(monkeypatch, tmp_path, platform, variable, path):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path / path.partition("/")[0]))
    assert compiled.user_cache().parent == tmp_path / path / "openssl-emulator"


def test_two_copies_of_the_package_have_caches_of_their_own(monkeypatch, tmp_path):
    before = compiled.user_cache()
    monkeypatch.setattr(compiled, "PACKAGE", tmp_path)
    assert compiled.user_cache() != before


def test_a_wheel_has_what_was_compiled_with_it(inputs, tmp_path, monkeypatch):
    one = store(inputs)
    one.compile_into(tmp_path / "wheel", [("entry", {"large": LONG}), ("other", {"x": 1})])
    monkeypatch.setattr(compiled, "BESIDE", tmp_path / "wheel")
    assert store(inputs).load("entry", None).data == {"large": LONG}
    assert store(inputs).load("other", None).data == {"x": 1}


# -- at once -------------------------------------------------------------------------------------


def test_threads_that_compute_at_once_do_not_disturb_each_other(inputs):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load(inputs, Builder(inputs)), range(24)))
    assert all(each == found[0] for each in found)
    assert not [path for path in kept_files() if path.name.startswith(".")]


def test_processes_that_compute_at_once_do_not_disturb_each_other(inputs):
    code = f"""
import json
from pathlib import Path
from emulator import compiled
compiled.BESIDE = Path({str(compiled.BESIDE)!r})
for number in range(40):
    store = compiled.Store("data", [compiled.Tree("inputs", Path({str(inputs)!r}), ".toml")])
    data = store.load(f"entry{{number % 4}}", lambda: {{"large": ["x" * 40_000], "number": number % 4}}).data
    assert data == {{"large": ["x" * 40_000], "number": number % 4}}, data
"""
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert not [path for path in kept_files() if path.name.startswith(".")]
