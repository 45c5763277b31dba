"""The index says what the profiles say, and commands that ask it load no profile."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from emulator.exceptions import UnknownProfile
from emulator.knowledge import index
from emulator.knowledge.known import known
from emulator.knowledge.making.citing import cited_in
from emulator.profile import list_profiles, load_profile
from emulator.profiles import histories
from emulator.profiles.describe import answers, facts
from emulator.profiles.extending import layers_of_build
from emulator.profiles.published import distributions, known_releases
from emulator.profiles.vary import known_profiles

BUILDS = distributions()


def test_its_answers_are_those_of_every_release_and_build():
    for name, profile in known_profiles().items():
        assert dict(index.answers_of(name)) == facts(profile), name
    for name in BUILDS:
        assert dict(index.answers_of(name)) == facts(load_profile(name)), name
        assert index.release_of(name) == load_profile(name).release


@pytest.mark.parametrize("release", known_releases()[::7], ids=str)
def test_its_sources_are_those_of_the_place_in_the_files(release):
    layers = histories.layers_of(release)
    for key in answers(load_profile(release.name)):
        assert index.sources_of(key, release.name) == cited_in(layers, key), key


@pytest.mark.parametrize("name", BUILDS)
def test_its_sources_for_a_build_are_those_of_the_build_s_file(name):
    layers = layers_of_build(name)
    for key in answers(load_profile(name)):
        assert index.sources_of(key, name) == cited_in(layers, key), key


def test_every_name_stands_for_the_profile_that_load_profile_loads():
    for name in list_profiles():
        assert known(name).name == load_profile(name).name


def test_other_names_are_loaded(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "1.0.1g"\nsources = ["mine"]\n[write]\nbio_zero = "success"\n')
    found = known(path)
    assert (found.name, found.release, found.sources) == ("mine", "1.0.1g", ("mine",))
    assert found.answers["write.bio_zero"] == "success"
    with pytest.raises(UnknownProfile, match="the nearest are"):
        known("1.0.1zz")


def test_it_is_what_is_computed():
    for name in index.PARTS:
        assert index.part(name) == json.loads(json.dumps(index.made(name)))


MODULES = "import json, sys; from emulator.cli import main; main({!r}); print(json.dumps(list(sys.modules)))"
HEAVY = {"cryptography", "emulator.engine", "emulator.connection", "emulator.profiles.model"}


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "1409E10F"],
        ["explain", "BAD_LENGTH"],
        ["explain", "write.bio_zero"],
        ["timeline", "write.bio_zero"],
        ["diff", "1.0.1", "1.1.1"],
        ["show", "1.0.1g"],
        ["run", "--list"],
    ],
    ids=" ".join,
)
def test_a_command_that_says_what_is_known_loads_no_profile_and_no_engine(words):
    known("1.0.1")  # what is computed once
    done = subprocess.run(
        [sys.executable, "-c", MODULES.format(words)], capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(json.loads(done.stdout.splitlines()[-1]))
