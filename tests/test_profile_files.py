from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from emulator.exceptions import ProfileError, UnknownProfile
from emulator.profile import list_profiles, load_profile
from emulator.profiles import store
from emulator.profiles.layers import merge


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "mine.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def complaint(path: Path) -> str:
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_user_extends_a_release_by_name(write):
    profile = load_profile(write('extends = "1.0.1g"\n[build]\nassembler = false\n'))
    assert (profile.name, profile.release) == ("mine", "1.0.1g")
    assert not profile.build.assembler
    assert profile.options == load_profile("1.0.1g").options


def test_a_user_extends_a_distributors_build_by_its_name(write):
    profile = load_profile(write('extends = "1.0.1e-fips"\n[build]\nassembler = false\n'))
    assert (profile.name, profile.release) == ("mine", "1.0.1e")
    assert profile.machine == load_profile("1.0.1e-fips").machine != load_profile("1.0.1e").machine


def test_a_user_gives_the_path_as_text(write):
    assert load_profile(str(write('extends = "1.0.1"\nname = "house"\n'))).name == "house"


def test_a_user_s_file_stands_for_the_release_it_names(write):
    profile = load_profile(write('extends = "1.1.1"\nrelease = "1.1.1d"\n'))
    assert profile.release == "1.1.1d"


def test_a_user_gives_a_release_a_function_that_it_never_had(write):
    profile = load_profile(write('extends = "1.0.2"\n[functions.write_ex]\npresent = true\n'))
    assert not profile.functions["write_ex"].is_absent


def test_tables_are_merged_and_everything_else_is_replaced():
    table = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}}
    merge(table, {"a": {"c": [3]}, "d": 4, "f": {"g": 5}})
    assert table == {"a": {"b": 1, "c": [3]}, "d": 4, "f": {"g": 5}}


def test_of_several_extended_files_the_later_wins_and_the_file_itself_wins_over_all(write):
    write('extends = "1.0.2"\n[defaults]\nmode = 1\ncontext_options = 1\n', "one.toml")
    write("[defaults]\nmode = 2\n[build]\nssl2 = true\n", "two.toml")
    profile = load_profile(write('extends = ["one.toml", "two.toml"]\n[build]\nssl2 = false\n'))
    assert (profile.defaults.mode, profile.defaults.context_options, profile.build.ssl2) == (2, 1, False)


def test_a_file_that_is_extended_twice_is_merged_once(write):
    write('extends = "1.0.2"\n[defaults]\nmode = 1\n', "base.toml")
    write('extends = "base.toml"\n[defaults]\nmode = 2\n', "left.toml")
    write('extends = "base.toml"\n[build]\nssl2 = true\n', "right.toml")
    profile = load_profile(write('extends = ["left.toml", "right.toml"]\n'))
    assert (profile.defaults.mode, profile.build.ssl2) == (2, True)


def test_a_file_that_changed_is_read_again(write):
    path = write('extends = "1.0.2"\n')
    assert load_profile(path).build.assembler
    write('extends = "1.0.2"\n[build]\nassembler = false\n')
    assert not load_profile(path).build.assembler


def test_bad_toml_is_named_with_its_line(write):
    assert "line 2" in complaint(write("[build]\nassembler = maybe\n"))


def test_text_that_is_not_utf_8_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b'name = "\xff"\n')
    assert "not valid TOML" in complaint(path)


def test_a_missing_file_is_named(tmp_path):
    assert "cannot be read" in complaint(tmp_path / "absent.toml")


def test_a_path_that_is_no_toml_is_refused(tmp_path):
    assert "ends in .toml" in complaint(tmp_path)


def test_a_wrong_word_is_answered_with_the_right_ones(write):
    said = complaint(write('extends = "1.0.2"\n[manual]\nnum-zero = "undefind"\n'))
    assert "manual.num-zero: got 'undefind', expected one of 'undefined', 'error'" in said


def test_a_topic_of_the_pages_that_there_is_not_is_answered_with_the_nearest(write):
    said = complaint(write('extends = "1.0.2"\n[manual]\nnum_zero = "undefined"\n'))
    assert "mine.toml: manual.num_zero: unknown topic; did you mean 'num-zero'?" in said
    said = complaint(write('extends = "1.0.2"\n[manual]\nx = "undefined"\n'))
    assert "manual.x: unknown topic; clauses.toml has all topics" in said


def test_a_file_may_make_the_pages_silent_about_a_topic(write):
    profile = load_profile(write('extends = "1.0.2"\nremove = ["manual.num-zero"]\n'))
    assert "num-zero" not in profile.manual


def test_a_wrong_type_is_answered_with_the_right_one(write):
    said = complaint(write('extends = "1.0.2"\nbuild = 3\n[defaults]\nmode = "none"\n'))
    assert "build: got 3, expected a table with the keys assembler, ssl2, ssl3, weak_ciphers" in said
    assert "defaults.mode: got 'none', expected a whole number" in said


def test_an_unknown_key_is_answered_with_the_one_that_was_meant(write):
    said = complaint(write('extends = "1.0.2"\n[build]\nassembly = false\n'))
    assert "build.assembly: unknown key; did you mean 'assembler'?" in said


def test_an_unknown_section_is_refused(write):
    assert "nonsense: unknown key, expected some of" in complaint(write('extends = "1.0.2"\n[nonsense]\n'))


def test_every_missing_key_is_listed(write):
    said = complaint(write("[build]\nssl2 = false\n"))
    assert "build.assembler: missing, expected true or false" in said
    assert "release: missing, expected a string" in said
    assert "manual: missing, expected a table" in said


def test_a_complaint_names_the_file_that_set_the_key(write):
    base = write('extends = "1.0.2"\n[defaults]\nmode = "none"\n', "base.toml")
    with pytest.raises(ProfileError, match=r"defaults\.mode") as caught:
        load_profile(write('extends = "base.toml"\n'))
    assert str(caught.value).startswith(str(base))


def test_a_release_that_is_none_is_refused(write):
    assert "no release's name" in complaint(write('extends = "1.0.2"\nrelease = "1.0.2zz"\n'))


@pytest.mark.parametrize("extends", ["3", '[["a"]]', '["1.0.1", 2]'])
def test_extends_is_a_file_or_a_list_of_files(write, extends):
    assert "extends: got" in complaint(write(f"extends = {extends}\n"))


def test_extending_an_unknown_release_is_refused(write):
    assert "extends: got '1.0.1z', expected" in complaint(write('extends = "1.0.1z"\n'))


def test_files_that_extend_each_other_are_refused(write):
    write('extends = "mine.toml"\n', "other.toml")
    assert "mine.toml -> other.toml -> mine.toml" in complaint(write('extends = "other.toml"\n'))


class EntryPoint:
    value = "house_profiles:give"

    def __init__(self, name, given):
        self.name = name
        self.given = given

    def load(self):
        return self.given


@pytest.fixture
def add_entry_point(monkeypatch):
    added = []
    monkeypatch.setattr(
        metadata, "entry_points", lambda *, group: added if group == "emulator.profiles" else []
    )
    return lambda name, given: added.append(EntryPoint(name, given))


def test_an_entry_point_gives_a_file(write, add_entry_point):
    add_entry_point("house", write('extends = "1.0.2k"\n'))
    assert load_profile("house").release == "1.0.2k"
    assert list_profiles()[-1] == "house"


def test_an_entry_point_gives_a_folder_of_files(write, add_entry_point):
    folder = str(write('extends = "1.0.2k"\n', "house-k.toml").parent)
    write('extends = "1.0.2u"\n', "house-u.toml")
    add_entry_point("ignored", folder)
    assert load_profile("house-u").release == "1.0.2u"
    assert list_profiles()[-2:] == ["house-k", "house-u"]


def test_an_entry_point_gives_a_profile(add_entry_point):
    add_entry_point("house", load_profile("1.1.1d"))
    assert load_profile("house") is load_profile("1.1.1d")


def test_an_entry_point_that_gives_anything_else_is_refused(add_entry_point):
    add_entry_point("house", 3)
    with pytest.raises(ProfileError, match="got int, expected a Profile"):
        load_profile("house")


def test_an_added_name_is_among_the_nearest(write, add_entry_point):
    add_entry_point("house-of-1.0.2k", write('extends = "1.0.2k"\n'))
    with pytest.raises(UnknownProfile, match=r"house-of-1\.0\.2k"):
        load_profile("house-of-1.0.2")


def test_the_profiles_come_with_the_package():
    assert store.BUILT_IN.is_dir()
    assert Path(store.__file__).parents[1] in (store.BUILT_IN.parent, store.BUILT_IN.parent / "emulator")
