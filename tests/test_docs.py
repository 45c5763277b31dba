"""The documentation is true: its code runs, its links lead somewhere, its generated pages are up to date."""

from __future__ import annotations

import inspect
import re

import pytest

import emulator
from emulator import exceptions
from emulator.cli.app import all_commands
from emulator.pair import connected_pair
from emulator.profiles.published import known_releases
from emulator.release import Release
from tools import reference
from tools.outputs import DOCS, FENCE, PAGES, printed_in, python_blocks
from tools.places import ROOT

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*?)(?: \{ #([\w.-]+) \})?$", re.MULTILINE)


def name_of(page):
    return str(page.relative_to(ROOT))


def anchors_of(page):
    for title, given in HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        yield given or re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


WITH_CODE = [page for page in PAGES if any(python_blocks(page.read_text(encoding="utf-8")))]


def test_the_readme_and_the_tutorial_have_code():
    assert {ROOT / "README.md", DOCS / "tutorial.md"} <= set(WITH_CODE)


def test_the_readme_starts_with_two_commands_and_the_default_authority():
    screen = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    assert re.findall(r"^    (\./\S+ \w+)", screen, re.MULTILINE) == ["./dev demo", "./dev test"]
    assert '`follow="manual"` by default' in screen
    assert inspect.signature(connected_pair).parameters["follow"].default == "manual"
    assert len(screen.splitlines()) < 50


def test_the_readme_counts_the_releases_to_1_1_1w():
    count = sum(release < Release("3.0.0") for release in known_releases())
    assert f"{count} of them" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_runs_and_prints_what_stands_below_it(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for code, output in python_blocks(page.read_text(encoding="utf-8")):
        printed = printed_in(namespace, code)
        if output is not None:
            assert printed == output["block"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{name_of(page)}: {link}"
        if anchor:
            assert anchor in set(anchors_of(file)), f"{name_of(page)}: {link}"


def test_the_generated_reference_is_up_to_date():
    assert reference.stale() == [], "run ./dev refresh"


def test_every_page_is_in_the_navigation():
    listed = re.findall(r"[\w./-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def test_every_public_name_is_documented():
    text = (DOCS / "reference" / "python-api.md").read_text(encoding="utf-8")
    named = {path.rpartition(".")[2] for path in re.findall(r"^::: (\S+)", text, re.MULTILINE)}
    assert "exceptions" in named
    assert set(emulator.__all__) - set(vars(exceptions)) <= named


def test_every_command_and_option_is_documented():
    text = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    for words, command in all_commands().items():
        name = " ".join(words)
        section = text.partition(f"## {name}\n")[2].partition("\n## ")[0]
        assert section, name
        for parameter in command.params:
            for option in () if getattr(parameter, "hidden", False) else parameter.opts:
                if option.startswith("--"):
                    assert f"`{option}" in section, f"{name}: {option}"
