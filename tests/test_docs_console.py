"""What the documentation shows of the command line is what the commands print.

:mod:`tools.outputs` says what a ``console`` block is.  A ``shell`` block holds commands that need what a test
doesn't have (a port, a library, a download): they are only parsed.
"""

from __future__ import annotations

import re
import shlex
from itertools import takewhile

import pytest

from emulator.cli.app import all_commands
from tools import outputs
from tools.outputs import DOCS, FENCE, PAGES, TITLE, commands_of, fits, lines_of, printed_by, renewed
from tools.places import ROOT

WRITTEN_BY_HAND = [page for page in PAGES if page.parent != DOCS / "reference"]
OF_THE_SHELL = {"|", ">", "&"}


def name_of(page):
    return str(page.relative_to(ROOT))


def blocks_of(page, kind):
    """The blocks of a kind, each with the files that stand above it."""
    files = {}
    for found, info, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if title := TITLE.search(info):
            files[title[1]] = block
        if found == kind:
            yield block, dict(files)


def shell_commands_of(page):
    """The emulator's commands of a page's shell blocks."""
    for block, _files in blocks_of(page, "shell"):
        for line in lines_of(block):
            command = line.removeprefix("$ ")
            if command.startswith("emulator "):
                words = shlex.split(command, comments=True)
                yield [*takewhile(lambda word: word not in OF_THE_SHELL, words)]


WITH_COMMANDS = [page for page in PAGES if any(True for _ in blocks_of(page, "console"))]
WITH_SHELL = [page for page in PAGES if any(True for _ in shell_commands_of(page))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_the_commands_of_a_page_print_what_stands_below_them(page):
    with outputs.terminal() as folder:
        for block, files in blocks_of(page, "console"):
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8")
            for command in commands_of(block):
                printed = printed_by(command.words)
                assert fits(command.output, printed), "\n".join([command.line, *printed])


@pytest.mark.parametrize("page", WITH_SHELL, ids=name_of)
def test_commands_that_are_only_shown_have_a_right_command_line(page):
    commands = all_commands()
    for words in shell_commands_of(page):
        length = 1 if (words[1],) in commands else 2
        name, rest = tuple(words[1 : 1 + length]), words[1 + length :]
        assert name in commands, shlex.join(words)
        commands[name].make_context("emulator", rest)


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=name_of)
def test_no_command_hides_from_these_tests_in_an_indented_block(page):
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    assert re.findall(r"^ {4,}(?:\$ |emulator |python -m emulator).*", prose, re.MULTILINE) == []


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "..."], ["a", "b", "c"], True),
        (["a", "...", "c"], ["a", "b", "b", "c"], True),
        (["a", "...", "c"], ["a", "b"], False),
        (["a"], ["a", "b"], False),
        (["..."], [], False),
        (["a."], ["ab"], False),
    ],
)
def test_dots_stand_for_lines_and_all_else_for_itself(shown, printed, expected):
    assert fits(shown, printed) is expected


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        (["one", "two"], ["1", "2", "3"], ["1", "2", "3"]),
        (["begin 1", "..."], ["begin 2", "x", "y"], ["begin 2", "..."]),
        (["...", "end 1"], ["x", "y", "end 2"], ["...", "end 2"]),
        (
            ["head 1", "...", "sum: 1", "of 10", "..."],
            ["head 2", "x", "sum: 2", "new", "of 11", "y"],
            ["head 2", "...", "sum: 2", "new", "of 11", "..."],
        ),
    ],
)
def test_new_output_leaves_out_what_the_old_one_left_out(shown, printed, expected):
    assert renewed(shown, printed) == expected


PAGE = """\
About it.

```toml title="x.toml"
steps = "establish"
```

```console
$ emulator run x.toml --profile 1.0.1
{output}```
"""


def test_a_page_is_refreshed_where_its_output_is_another_and_stays_as_it_was_elsewhere():
    right = outputs.refreshed(PAGE.format(output="old\n"))
    head, command, tail = PAGE.partition("{output}")[0].partition("$ emulator run x.toml --profile 1.0.1\n")
    assert right.startswith(head + command + tail)
    assert "\n  establish           sends 10 records\n" in right
    assert outputs.refreshed(right) == right


def test_a_block_without_a_command_in_front_is_named():
    with pytest.raises(ValueError, match=r"a console block begins with a command behind '\$ '"):
        next(commands_of("output\n$ emulator run\n"))


def test_the_output_of_python_is_refreshed_too():
    page = """\
```python
number = 6 * 7
```

```python
print(number)
```

```text
41
```

```text
41
```
"""
    assert outputs.refreshed(page) == page.replace("41", "42", 1)
