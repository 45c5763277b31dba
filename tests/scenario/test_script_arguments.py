"""Arguments of wrong types and forms to Script, and paths that are none: our own exceptions alone."""

from __future__ import annotations

import contextlib
import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Script, ScriptError, UsageError, compare
from emulator.scenario.script import JSON_SUFFIX
from emulator.scenario.script_checks import KEYS as FILE_KEYS

KEYS = (*FILE_KEYS, "name")
ODD = [
    5,
    1.5,
    b"bytes",
    object(),
    [1],
    {1: 2},
    {"modes": {1}},
    {"modes": [threading.Lock()]},
    [[]],
    "\ud800",
    "a\0b",
    (each for each in "ab"),
]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


class Path(os.PathLike):
    """A path that is given by ``__fspath__()``."""

    def __init__(self, value):
        self.value = value

    def __fspath__(self):
        return self.value


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
def test_an_odd_argument_makes_a_script_or_is_refused_by_name(key, value):
    refused = None
    try:
        script = Script(**{key: value})
    except ScriptError as error:
        refused = str(error)
    if refused is None:
        assert Script(**script.as_json()) == script
    else:
        assert ("step" if key == "steps" else key) in refused


@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=4))
@settings(deadline=None)
def test_any_arguments_make_a_script_or_are_refused(arguments):
    with contextlib.suppress(ScriptError):
        script = Script(**arguments)
        assert Script(**script.as_json()) == script


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"profiles": "1.0.1"}, "script: profiles: expected a list of names such as [\"NAME\"], got '1.0.1'"),
        ({"shows": 5}, 'script: shows: expected a list of names such as ["NAME"], got 5'),
        ({"steps": 5}, "script: steps: expected lines of steps in one string, or a list of them, got 5"),
        ({"name": 5}, "script: name: expected a string, got 5"),
        (
            {"client": {1: 2}},
            "script: client: unknown key 1; expected some of modes, clear_modes, options, no_state",
        ),
    ],
)
def test_a_wrong_argument_is_named_with_what_was_expected(arguments, complaint):
    with pytest.raises(ScriptError) as refused:
        Script(**arguments)
    assert str(refused.value) == complaint


def test_a_script_keeps_its_settings_when_the_caller_changes_theirs():
    client = {"modes": ["AUTO_RETRY"]}
    script = Script(client=client)
    client["modes"].append("RELEASE_BUFFERS")
    assert script.world["client"] == {"modes": ["AUTO_RETRY"]}


@pytest.mark.parametrize("value", [5, None, b"", [1], 1.5])
@pytest.mark.parametrize("call", [Script.parse, lambda value: Script.parse("", value), Script.load])
def test_a_text_or_path_of_another_type_is_refused(call, value):
    with pytest.raises(UsageError, match=r"expected (a str|the path of a file)"):
        call(value)


@pytest.mark.parametrize("path", [Path(b"/"), Path(5), "\ud800.toml"])
@pytest.mark.parametrize("call", [Script.load, compare])
def test_what_cannot_be_a_path_is_refused(call, path):
    with pytest.raises(UsageError, match="path of a file"):
        call(path)


@pytest.mark.parametrize("suffix", ["", ".toml", JSON_SUFFIX, ".jsonl", ".jsonl.gz"])
def test_a_folder_or_a_missing_file_cannot_be_compared(tmp_path, suffix):
    folder = tmp_path / f"folder{suffix}"
    folder.mkdir()
    for path, reason in ((folder, "Is a directory"), (tmp_path / f"none{suffix}", "No such file")):
        with pytest.raises(UsageError, match=reason) as refused:
            compare(path)
        assert str(path) in str(refused.value)


def test_a_file_that_is_not_packed_cannot_be_compared(tmp_path):
    path = tmp_path / "traces.jsonl.gz"
    path.write_bytes(b"plain")
    with pytest.raises(UsageError, match="Not a gzipped file"):
        compare(path)


@pytest.mark.parametrize("path", ["x" * 5000, "a\0b"])
def test_a_name_that_no_file_can_have_cannot_be_compared(path):
    with pytest.raises(UsageError):
        compare(path)


@pytest.mark.parametrize("profiles", [5, b"1.0.1", {"1.0.1": 1}, 1.5])
def test_profiles_to_compare_are_a_list(profiles):
    with pytest.raises(UsageError, match=r"profiles: got .*, expected a list of profiles or their names"):
        compare("@retry-moved", profiles)
