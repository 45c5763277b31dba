"""The histories of the series: what their files say, which releases come out of them, and what is refused."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.behaviours.hello import Padding
from emulator.exceptions import ProfileError
from emulator.profile import load_profile
from emulator.profiles import histories, published, store
from emulator.profiles.layers import combined, parts_of
from emulator.profiles.published import (
    aliases,
    known_releases,
    last_release_of,
    neighbours_of,
    releases_of,
    resolve_release,
    series_names,
)
from emulator.release import Release

COMPLETE = ("0.9.6", "0.9.7", "0.9.8", "1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "3.0")
STORIES = [
    path
    for path in store.BUILT_IN.rglob("*.toml")
    if path.parent.name != "distributions" and path.name != "clauses.toml"
]


# -- which releases there are --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "last"),
    [
        ("0.9.6", "0.9.6m"),
        ("0.9.7", "0.9.7m"),
        ("0.9.8", "0.9.8zh"),
        ("1.0.0", "1.0.0t"),
        ("1.0.1", "1.0.1u"),
        ("1.0.2", "1.0.2u"),
        ("1.1.0", "1.1.0l"),
        ("1.1.1", "1.1.1w"),
        ("3.0", "3.0.16"),
        ("3.1", "3.1.4"),
        ("3.2", "3.2.0"),
        ("3.5", "3.5.4"),
    ],
)
def test_a_series_stands_for_its_last_known_release(series, last):
    assert resolve_release(series) == last_release_of(series) == releases_of(series)[-1] == Release(last)
    assert resolve_release(last) == Release(last)


def test_the_series_are_listed_oldest_first():
    assert series_names()[0] == "0.9.6"
    assert list(known_releases()) == sorted(set(known_releases()))


def test_every_letter_up_to_the_last_is_there():
    assert [str(release) for release in releases_of("0.9.8")][-9:] == [
        *("0.9.8y", "0.9.8za", "0.9.8zb", "0.9.8zc", "0.9.8zd", "0.9.8ze", "0.9.8zf", "0.9.8zg", "0.9.8zh"),
    ]
    assert len(releases_of("1.0.1")) == 1 + len("abcdefghijklmnopqrstu")


def test_a_base_release_is_asked_for_by_its_full_name():
    assert resolve_release("1.0.1-base") == Release("1.0.1") == releases_of("1.0.1")[0]
    assert resolve_release("1.0.1-base") != resolve_release("1.0.1")
    assert resolve_release("3.0.0") == releases_of("3.0")[0]


def test_the_release_of_the_oldest_manual_page_has_a_name_of_its_own():
    assert resolve_release("0.9.x") == Release("0.9.6-base")
    assert dict(aliases()) == {"0.9.x": "0.9.6-base"}


@pytest.mark.parametrize(
    "name", ["1.0.1v", "0.9.8zi", "1.0.3", "0.9.5a", "3.0.17", "3.4.0", "3.4", "3.0.1a", "openssl", "1.0.1z"]
)
def test_what_is_unknown_or_was_never_published_stands_for_nothing(name):
    assert resolve_release(name) is None


@pytest.mark.parametrize(
    ("unknown", "near"),
    [
        ("0.9.8zi", ["0.9.8zh", "0.9.8zg", "1.0.0"]),
        ("3.4.0", ["3.2.0", "3.1.4", "3.5.4"]),
        ("4.0.0", ["3.5.4", "3.2.0"]),
    ],
)
def test_the_neighbours_of_an_unknown_release_are_known(unknown, near):
    assert [str(release) for release in neighbours_of(Release(unknown))] == near


# -- what the files say --------------------------------------------------------------------------


@pytest.mark.parametrize("series", COMPLETE)
def test_the_early_series_are_complete_so_that_two_of_them_can_be_compared_side_by_side(series):
    for path in (store.BUILT_IN / f"{series}.toml", *(store.BUILT_IN.glob(f"*/{series}.toml"))):
        assert isinstance(tomllib.loads(path.read_text(encoding="utf-8"))["base"], dict), path


def test_every_table_of_a_folder_belongs_to_a_series_and_every_file_is_read():
    read = {layer.path for release in known_releases() for layer in histories.layers_of(release)}
    assert sorted(STORIES) == sorted(read)


@given(st.sampled_from(known_releases()))
def test_a_release_is_its_series_base_and_the_changes_up_to_it(release):
    layers = [layer for layer in histories.layers_of(release) if layer.release]
    assert all(Release(layer.release) <= release for layer in layers)
    assert layers == sorted(layers, key=lambda layer: Release(layer.release))
    assert histories.since(release) <= release
    if histories.since(release) != release:
        assert histories.changes_in(release) == ()


@pytest.mark.parametrize("release", known_releases(), ids=str)
def test_every_change_says_what_it_means_and_where_it_is_from(release):
    for layer in histories.changes_in(release):
        assert layer.sources, layer.where
        if layer.place != histories.BASE or layer.path.parent == store.BUILT_IN:
            assert layer.says.endswith((".", ")")), layer.where
            assert layer.says == " ".join(layer.says.split()), layer.where


@pytest.mark.parametrize("release", known_releases(), ids=str)
def test_every_key_that_a_change_sets_is_set_to_something_else(release):
    layers = histories.layers_of(release)
    own = [layer for layer in histories.changes_in(release) if layer.place != histories.BASE]
    before = combined(layers[: len(layers) - len(own)])
    for layer in own:
        for key, value in leaves(layer.table):
            assert at(before, key) != value, f"{layer.where}: {'.'.join(key)} is so already"


def leaves(table, key=()):
    for name, value in table.items():
        if isinstance(value, dict) and "reason" not in value:  # a refused record's row counts as a whole
            yield from leaves(value, (*key, name))
        else:
            yield (*key, name), value


def at(table, key):
    for name in key:
        table = table.get(name, {})
    return table


def test_what_1_0_1g_changed_is_one_place_of_one_file():
    (change,) = histories.changes_in(Release("1.0.1g"))
    assert change.path == store.BUILT_IN / "1.0.1.toml"
    assert change.place == "in 1.0.1g"
    assert set(change.table) == {"hello"}
    assert load_profile("1.0.1f").hello.padding is Padding.NEVER
    assert load_profile("1.0.1g").hello.padding is Padding.ALWAYS


def test_a_release_that_changed_nothing_answers_as_the_one_before():
    assert histories.changes_in(Release("1.0.1c")) == ()
    assert histories.since(Release("1.0.1c")) == Release("1.0.1b")
    assert load_profile("1.0.1c").sources == load_profile("1.0.1b").sources != ()


def test_a_later_series_goes_on_from_a_release_of_an_older_one():
    own = [layer.release for layer in histories.layers_of(Release("3.2.0")) if layer.release]
    assert own[0] == "3.0.0"
    assert "3.0.10" not in own  # 3.1 goes on from 3.0.9
    assert own[-1] == "3.2.0"


# -- what is refused -----------------------------------------------------------------------------


def replaced(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name}: {old!r} occurs {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def complaint():
    with pytest.raises(ProfileError) as caught:
        histories.histories()
    return str(caught.value)


def test_a_release_is_added_by_its_name_alone(folder):
    replaced(folder / "1.0.1.toml", '"1.0.1t", "1.0.1u",', '"1.0.1t", "1.0.1u", "1.0.1v",')
    assert load_profile("1.0.1").release == "1.0.1v"
    assert load_profile("1.0.1v").hello == load_profile("1.0.1u").hello


def test_a_change_is_added_behind_the_last(folder):
    path = folder / "1.0.1.toml"
    path.write_text(
        path.read_text(encoding="utf-8")
        + '\n[[change]]\nin = "1.0.1u"\nsays = "So."\nsources = ["mine"]\nwrite.bio_zero = "success"\n',
        encoding="utf-8",
    )
    assert load_profile("1.0.1u").write.bio_zero == "success"
    assert load_profile("1.0.1t").write.bio_zero == "zero"


def test_a_series_is_added_as_one_file(folder):
    (folder / "3.6.toml").write_text('releases = ["3.6.0"]\nbase = "3.5.4"\n', encoding="utf-8")
    assert load_profile("3.6").write == load_profile("3.5.4").write
    assert published.series_names()[-1] == "3.6"


G = 'in = "1.0.1g"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (G, 'in = "1.0.1z"', "1.0.1.toml: in: got '1.0.1z', expected"),
        (G, "in = 3", "1.0.1.toml: in: got 3, expected a name"),
        (G, 'in = "1.0.2a"', "1.0.1.toml: in: got '1.0.2a', expected one of its releases"),
        (G, 'in = "1.0.1a"', "1.0.1.toml: in 1.0.1a: expected before the changes in 1.0.1f"),
        ('says = "Hellos of 256 to 511 bytes are padded to 512 bytes."', "", "in 1.0.1g: says: missing"),
        (
            'says = "Hellos of 256 to 511 bytes are padded to 512 bytes."',
            "says = 3",
            "in 1.0.1g: says: got 3, expected a sentence",
        ),
        ("releases = [", "relases = [", "relases: unknown key; did you mean 'releases'?"),
        ('"1.0.1t", "1.0.1u",', '"1.0.1u", "1.0.1t",', "releases: expected each once, oldest first"),
        ('"1.0.1t", "1.0.1u",', '"1.0.1t", "1.0.1u", "1.0.2",', "releases: 1.0.2 is no release of 1.0.1"),
        ('"1.0.1t", "1.0.1u",', '"1.0.1t", "1.0.1u", "new",', "releases: got 'new', expected a name"),
    ],
)
def test_a_history_that_makes_no_sense_is_refused_with_file_and_place(folder, old, new, said):
    replaced(folder / "1.0.1.toml", old, new)
    assert said in complaint()


@pytest.mark.parametrize("base", ["3.3.0", "3.5.4", "3.1", "1.1.1", "x"])
def test_a_base_is_a_release_of_an_older_series_by_its_own_name(folder, base):
    replaced(folder / "3.2.toml", 'base = "3.1.4"', f'base = "{base}"')
    assert f"3.2.toml: base: got {base!r}, expected" in complaint()


@pytest.mark.parametrize("name", ["1.0.1g.toml", "1.0.1-new.toml", "3.0.0.toml"])
def test_a_file_that_is_named_by_no_series_is_refused(folder, name):
    (folder / name).write_text("", encoding="utf-8")
    assert f"{name}: expected a file named by its series" in complaint()


def test_a_history_has_a_base(folder):
    replaced(folder / "3.2.toml", 'base = "3.1.4"', "")
    assert "3.2.toml: base: got None, expected a name such as" in complaint()


@pytest.mark.parametrize("base", ['base = "1.0.0t"\n', "base = 3\n", ""])
def test_the_tables_of_a_complete_history_are_complete(folder, base):
    (folder / "errors" / "1.0.1.toml").write_text(base, encoding="utf-8")
    assert "errors/1.0.1.toml: base: got" in complaint()


def test_the_tables_of_a_history_that_goes_on_have_no_base(folder):
    (folder / "errors" / "3.1.toml").write_text("[base.errors]\n", encoding="utf-8")
    assert "errors/3.1.toml: base: unknown key; expected some of change" in complaint()


@pytest.mark.parametrize("alias", ["1.0.1", "0.9.6z", "x"])
def test_another_name_is_one_for_a_release_of_the_series(folder, alias):
    replaced(folder / "0.9.6.toml", '"0.9.x" = "0.9.6-base"', f'"0.9.x" = "{alias}"')
    assert "0.9.6.toml: aliases: got" in complaint()


def test_only_the_series_that_is_asked_for_is_read(folder):
    (folder / "1.0.2.toml").write_text("nonsense", encoding="utf-8")
    assert histories.layers_of(Release("3.1.0"))
    with pytest.raises(ProfileError, match="not valid TOML"):
        histories.layers_of(Release("1.0.2a"))


def test_changes_are_tables(folder):
    (folder / "ciphers" / "3.5.toml").write_text("change = 3\n", encoding="utf-8")
    assert "ciphers/3.5.toml: change: got 3, expected [[change]]" in complaint()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('hello.padding = "sometimes"', "in 1.0.1g: hello.padding: got 'sometimes', expected one of"),
        ('hello.paddin = "always"', "in 1.0.1g: hello.paddin: unknown key; did you mean 'padding'?"),
        (
            'remove = ["hello.paddin"]',
            "in 1.0.1g: remove: 'hello.paddin' is not there; did you mean 'hello.padding'?",
        ),
        ('remove = ["shutdown"]', "shutdown: missing, expected a table"),
        ('sort = ["hello"]', "in 1.0.1g: sort: got 'hello', expected tables whose keys are numbers"),
        ('sort = ["write.bio_zero"]', "in 1.0.1g: sort: got 'write.bio_zero', expected tables"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_with_file_release_and_key(folder, line, said):
    replaced(folder / "1.0.1.toml", 'hello.padding = "always"', line)
    with pytest.raises(ProfileError) as caught:
        load_profile("1.0.1g")
    assert str(folder / "1.0.1.toml") in str(caught.value)
    assert said in str(caught.value)


def test_a_dotted_key_has_quoted_parts():
    assert parts_of('errors.common."1.0.1a"') == ("errors", "common", "1.0.1a")
    assert parts_of("hello") == ("hello",)
