"""The stories of the cookbook: each page's own code, and the releases that they are told on."""

from __future__ import annotations

import functools
import types

import pytest

from emulator.knowledge import index
from tools.outputs import DOCS, printed_in, python_blocks

COOKBOOK = DOCS / "cookbook"

SERIES = {name: releases[-1] for name, releases in index.series().items()}
"""The last release of each series, by the series' name."""
ALL = tuple(SERIES.values())


def since(series):
    """Return the last releases of a series and of all later ones."""
    return ALL[tuple(SERIES).index(series) :]


def before(series):
    """Return the last releases of the series before one."""
    return ALL[: tuple(SERIES).index(series)]


on_all = pytest.mark.parametrize("release", ALL)


def on(*releases):
    return pytest.mark.parametrize("release", releases)


@functools.cache
def story(name):
    """Return the names of a page of the cookbook; its code is run once, in order."""
    namespace = {"__name__": "__main__"}
    for code, _ in python_blocks((COOKBOOK / f"{name}.md").read_text(encoding="utf-8")):
        printed_in(namespace, code)
    return types.SimpleNamespace(**namespace)
