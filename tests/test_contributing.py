"""The recipes of CONTRIBUTING.md suffice: each is followed in a copy of the tree, step by step.

A block of a recipe with a title is an edit of the file, or files, in the title: a ``diff``, in which ``@@``
separates two places; or the whole content of a new file.  A block with ``append`` is added at the end of the
file.  The lines of ``shell`` blocks are commands.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "CONTRIBUTING.md"
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "site", "dist", "build")

FENCE = re.compile(r'^```(\w+)(?: (title|append)="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
COMMANDS = {
    "emulator": [sys.executable, "-m", "emulator"],
    "python": [sys.executable],
    "./dev refresh": [sys.executable, "-m", "tools.refresh"],
    "./dev test": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
}
TAKES_MINUTES = {"python -m tools.evidence": "it replays every recording; tests/tools has its tests"}


@dataclass(frozen=True)
class Block:
    """A block of a recipe."""

    kind: str
    how: str
    files: list[str]
    text: str


def recipe(title):
    """The blocks of a recipe, in order."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n### {title}\n")[2]
    section = re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0] if "\n##" in section else section
    return [Block(kind, how, files.split(), text) for kind, how, files, text in FENCE.findall(section)]


def edited(text, diff):
    """A file's text after a diff, each place of which stands in it once; AssertionError otherwise."""
    for place in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        lines = place.splitlines(keepends=True)
        assert all(line[0] in " +-" for line in lines), place
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(old) == 1, f"{text.count(old)} times in the file:\n{old}"
        text = text.replace(old, new)
    return text


class Copy:
    """A copy of the tree, in which a recipe is followed; ``printed`` is what each command printed."""

    def __init__(self, folder):
        self.folder = folder
        self.printed = {}
        shutil.copytree(ROOT, folder, ignore=LEFT_BEHIND)

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def follow(self, blocks):
        for block in blocks:
            if block.kind == "shell":
                for line in block.text.splitlines():
                    self.run(line)
            else:
                for name in block.files:
                    self.edit(name, block)
        return self

    def edit(self, name, block):
        path = self.folder / name
        if block.kind == "diff":
            path.write_text(edited(self.text(name), block.text), encoding="utf-8")
        elif block.how == "append":
            path.write_text(self.text(name) + block.text, encoding="utf-8")
        else:
            assert not path.exists(), f"{name} is no new file"
            path.write_text(block.text, encoding="utf-8")

    def run(self, line):
        if any(line.startswith(slow) for slow in TAKES_MINUTES):
            return
        first = next(words for words in COMMANDS if line.startswith(f"{words} ") or line == words)
        command = [*COMMANDS[first], *shlex.split(line.removeprefix(first))]
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "COLUMNS": "110", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout}{ran.stderr}"
        self.printed[line] = ran.stdout


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path / "tree")


@pytest.mark.timeout(600)
def test_add_a_release(copy):
    copy.follow(recipe("Add a release"))
    assert "write.negative_length" in copy.printed["emulator diff 3.0.16 3.0.99"]
    assert "write-bytes" in copy.printed["emulator show 3.0.99 --only write"]
    copy.run("emulator profiles --json")
    assert "3.0.99" in copy.printed["emulator profiles --json"]
    assert "3.0.99" in copy.text("docs/reference/releases.md")
    assert "3.0 (3.0.99)" in copy.text("docs/tutorial.md")


@pytest.mark.timeout(600)
def test_add_a_behaviour(copy):
    copy.follow(recipe("Add a behaviour"))
    explained = copy.printed["emulator explain write.long_write"]
    assert "Does SSL_write() refuse more than 256 KiB in one call?" in explained
    assert "emulator run @write-long" in explained
    assert "refused" in copy.printed["emulator diff 1.1.0 1.1.1 --only write.long_write"]
    assert "write.long_write" in copy.text("docs/reference/behaviours.md")


@pytest.mark.timeout(600)
def test_add_a_call(copy):
    copy.follow(recipe("Add a call"))
    assert "no such function" in copy.printed["emulator run has-pending.toml"]
    line = "emulator record --libssl libssl.so.3 --profile 3.0 has-pending.toml"
    calls = [call for call in json.loads(copy.printed[line])["trace"] if call["step"]["do"] == "has_pending"]
    assert [call["ret"] for call in calls] == [0, 1]
    assert "`WHO has_pending [keep_queue]`" in copy.text("docs/reference/scenario-syntax.md")


def test_the_recipe_for_a_call_names_the_folders_of_traces_that_are_there():
    section = PAGE.read_text(encoding="utf-8").partition("\n### Add a call\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(tests/reallib/\w+)/`", section))
    assert named == {"tests/reallib/calls", "tests/reallib/found"}
    assert all(list((ROOT / folder).glob("*.jsonl*")) for folder in named)


def folders_in(path):
    return {each.name for each in path.iterdir() if each.is_dir() and not each.name.startswith((".", "_"))}


def test_the_table_has_a_line_for_every_folder_and_for_no_other():
    table = PAGE.read_text(encoding="utf-8").partition("\n| folder | contents |\n")[2].partition("\n\n")[0]
    listed = {name for row in table.splitlines() for name in re.findall(r"`([\w/]+)/`", row.split("|")[1])}
    expected = folders_in(ROOT) - {"site", "dist", "build", "emulator"}
    expected |= {f"emulator/{name}" for name in folders_in(ROOT / "emulator")}
    assert listed == expected


@pytest.mark.parametrize(
    ("text", "diff", "expected"),
    [
        ("a\nb\n", " a\n+new\n", "a\nnew\nb\n"),
        ("a\nb\n", "-a\n+c\n@@\n b\n+d\n", "c\nb\nd\n"),
        ("a\n\nb\n", " a\n \n+new\n", "a\n\nnew\nb\n"),
    ],
)
def test_a_diff_is_applied_at_its_place(text, diff, expected):
    assert edited(text, diff) == expected


@pytest.mark.parametrize(("text", "diff"), [("a\na\n", " a\n+b\n"), ("a\n", " c\n+b\n"), ("a\n", "a\n")])
def test_a_diff_without_a_place_of_its_own_is_refused(text, diff):
    with pytest.raises(AssertionError):
        edited(text, diff)
