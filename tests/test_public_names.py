"""What ``import emulator`` gives, and at what price."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import emulator
from emulator import bio, error_queue

SOURCE = Path(emulator.__file__).read_text(encoding="utf-8")
FORMER = {
    "make_pair": "make_bio_pair",
    "make_scripted_pair": "make_scripted_bio_pair",
    "get_error": "ERR_get_error",
    "peek_error": "ERR_peek_error",
    "peek_last_error": "ERR_peek_last_error",
    "clear_error": "ERR_clear_error",
}


def test_every_public_name_is_there_and_known_by_that_name():
    for name in emulator.__all__:
        assert getattr(emulator, name).__name__ == name


def test_type_checkers_are_shown_the_same_names_from_the_same_modules():
    shown = {
        (node.module.removeprefix("emulator."), alias.name)
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("emulator.")
        for alias in node.names
    }
    loaded = {(module, name) for module, names in emulator._PUBLIC.items() for name in names}
    assert shown == loaded


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'connect_pair'"):
        emulator.connect_pair  # noqa: B018


def test_importing_the_package_loads_none_of_its_modules():
    program = "import emulator, sys; print([name for name in sys.modules if name.startswith('emulator.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("former", FORMER)
def test_a_former_name_still_works_and_says_the_new_one(former):
    home = bio if former.startswith("make") else error_queue
    for module in emulator, home:
        with pytest.warns(DeprecationWarning, match=rf"{former}\(\) is called {FORMER[former]}\(\) now"):
            getattr(module, former)()


def test_the_former_name_of_err_put_error_puts_an_error_too():
    entry = emulator.ErrorEntry(0x14000001, 20, 0, 1, "error 1")
    with pytest.warns(DeprecationWarning, match="ERR_put_error"):
        emulator.put_error(entry)
    assert emulator.ERR_get_error() is entry


def test_a_former_name_is_not_among_the_public_ones():
    assert not {*FORMER, "put_error"} & {*emulator.__all__, *dir(emulator)}


def test_the_distribution_has_the_version_that_the_package_says():
    assert version("openssl-emulator") == emulator.__version__
