"""The commands that tell what is known: profiles, show, diff, timeline, explain."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from emulator import library
from emulator.cli import main, scenarios
from emulator.profiles import store
from emulator.profiles.published import known_releases
from emulator.release import Release


def run(capsys, *arguments):
    assert main(list(arguments)) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return out.out


def data(capsys, *arguments):
    return json.loads(run(capsys, *arguments, "--json"))


def words(text):
    return " ".join(text.split())


def test_profiles_lists_series_ranges_and_builds(capsys):
    text = run(capsys, "profiles")
    assert "1.0.1 stands for 1.0.1u" in words(text)
    assert "1.0.2n" in text
    assert "(a build of 1.0.1e)" in words(text)
    assert "0.9.x stands for 0.9.6-base" in words(text)
    assert {each["name"] for each in data(capsys, "profiles")} > {each.name for each in known_releases()}


def test_show_says_what_a_profile_is_and_answers(capsys):
    text = words(run(capsys, "show", "1.0.2l"))
    assert text.startswith(
        "OpenSSL 1.0.2l behave alike 1.0.2l 1.0.2l: A retry of a write that is shorter than"
    )
    assert "1.0.2l ssl/s3_pkt.c ssl3_write_bytes" in text
    assert "not there SSL_write_ex" in text
    assert "1.0.2.toml in 1.0.2l" in text
    assert "retry_length_check sent-and-pending len < tot + wpend_tot" in text
    assert data(capsys, "show", "1.0.2l")["release"] == "1.0.2l"


@pytest.mark.parametrize(
    "release", ["0.9.6-base", "0.9.8m", "1.0.1c", "1.0.1g", "1.0.1h", "1.0.2u", "1.1.0f", "1.1.1a", "3.0.10"]
)
def test_show_and_the_files_agree(capsys, release):
    """What the files say is read here without the package."""
    found, plain = data(capsys, "show", release), release.removesuffix("-base")
    series = Release(release).series
    paths = [store.BUILT_IN / folder / f"{series}.toml" for folder in ("", "ciphers", "errors", "refusals")]
    stories = {str(path.relative_to(store.BUILT_IN)): tomllib.loads(path.read_text()) for path in paths}
    releases = stories[f"{series}.toml"]["releases"]
    changes = [(file, change) for file, story in stories.items() for change in story.get("change", [])]
    changes = [each for each in changes if releases.index(each[1]["in"]) <= releases.index(plain)]
    last = max([0, *(releases.index(change["in"]) for _, change in changes)])
    own = [(file, change) for file, change in changes if change["in"] == releases[last]] or [
        (f"{series}.toml", stories[f"{series}.toml"]["base"])
    ]
    assert found["first"].removesuffix("-base") == releases[last]
    assert found["changes"] == [
        {"file": file, "says": change["says"], "sources": change["sources"]} for file, change in own
    ]
    for section in found["sections"].values():
        for key, entry in section.items():
            if "question" not in entry:
                continue
            setting = [(file, f"in {change['in']}") for file, change in changes if holds(change, key)]
            based = [(file, "[base]") for file, story in stories.items() if holds(story["base"], key)]
            if entry["answer"] == "silent":  # no place names a topic on which the pages are silent
                based = based or [(f"{series}.toml", "[base]")]
            assert (entry["sources"]["file"], entry["sources"]["place"]) == (based + setting)[-1], key


def holds(table, key):
    if key in table.get("remove", []):
        return True
    for part in key.split("."):
        if part not in table:
            return False
        table = table[part]
    return True


def test_show_of_a_file_of_ones_own_names_it(capsys, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'extends = "1.0.2k"\nsources = ["patch 42"]\n[write]\nretry_length_check = "sent-and-pending"\n'
    )
    found = data(capsys, "show", str(path), "--only", "write")["sections"]["write"]
    assert found["write.retry_length_check"]["sources"] == {
        "file": str(path),
        "place": "",
        "cited": ["patch 42"],
    }
    assert found["write.bio_zero"]["sources"]["place"] == "[base]"


def test_show_keeps_to_what_was_asked(capsys):
    text = run(capsys, "show", "1.0.1", "--only", "shutdown")
    assert text.strip().startswith("[shutdown]")
    assert "[write]" not in text


def test_diff_says_what_changed_when_why_and_what_to_do(capsys):
    text = words(run(capsys, "diff", "1.0.1", "1.1.1", "--only", "write"))
    for part in (
        "What a refused retry leaves behind write.after_bad_retry",
        "1.0.1 recoverable: an entry in the error queue",
        "1.1.1 fatal: SSLfatal()",
        "changed 1.1.1-base: fatal",
        "why Up to 1.1.0 a retry with another buffer",
        "do Keep the buffer and its length",
        "says who 1.0.1: zero-length/with-write-outstanding/tls10-cbc of 1.0.1u and",
    ):
        assert part in text
    assert re.search(r"1\.0\.1 to 1\.1\.1: \d+ behaviours differ; \d+ ask something of callers\.$", text)


def test_diff_lists_what_came_and_went(capsys):
    text = words(run(capsys, "diff", "1.1.0", "1.1.1", "--only", "functions", "--only", "modes"))
    assert "SSL_write_ex absent present 1.1.1-base Use it for lengths of size_t" in text
    assert "1 modes came, went or changed." in text


def test_diff_as_a_table_and_as_data_has_the_same_behaviours(capsys):
    found = data(capsys, "diff", "1.0.2k", "1.1.1")
    brief = run(capsys, "diff", "1.0.2k", "1.1.1", "--brief")
    keys = [each["key"] for each in found["differences"]]
    assert all(key[:36] in brief for key in keys)
    assert sum(found["summary"].values()) - found["summary"]["ask_something"] == len(keys)
    first = found["differences"][0]
    assert first["left"]["answer"] != first["right"]["answer"]
    assert first["changed"]


def test_diff_of_what_does_not_differ_says_so(capsys):
    assert run(capsys, "diff", "1.0.1u", "1.0.1") == "1.0.1u to 1.0.1: nothing differs.\n"


def test_a_scenario_that_shows_a_behaviour_is_named(capsys, monkeypatch):
    monkeypatch.setattr(
        scenarios, "showing", lambda key: ("refused-retry",) * (key == "write.after_bad_retry")
    )
    text = words(run(capsys, "diff", "1.0.1", "1.1.1", "--only", "after_bad_retry"))
    assert "see emulator run @refused-retry --profile 1.0.1,1.1.1" in text
    assert "see emulator run @refused-retry when" in words(run(capsys, "explain", "after_bad_retry"))


def test_a_scenario_that_is_named_shows_the_behaviour():
    for key in ("write.after_bad_retry", "write.bio_zero"):
        assert scenarios.showing(key)
        assert all(key in library.load(name).shows for name in scenarios.showing(key))
    assert scenarios.showing("write.no_such_behaviour") == ()


def test_timeline_marks_the_release_in_which_an_answer_changed(capsys):
    text = words(run(capsys, "timeline", "retry_length_check"))
    assert "1.0.1 * 1.0.1-base to 1.0.1g none negative-length/minus-1000/tls10-cbc of 1.0.1g" in text
    assert "* 1.0.1h to 1.0.1u sent" in text
    assert "1.1.1 1.1.1-base to 1.1.1w sent-and-pending" in text
    found = data(capsys, "timeline", "retry_length_check")
    assert [each["release"] for each in found["changes"]][-1] == "1.1.0f"
    assert found["spans"][0]["recorded"] == {
        "0.9.6-base": "negative-length/minus-1000/tls10-cbc",
        "0.9.6m": "negative-length/minus-1000/tls10-cbc",
    }


def test_timeline_names_builds_that_left_their_release(capsys):
    assert "1.0.1e-fips 5 (the release: 0)" in words(run(capsys, "timeline", "read.max_warning_alerts"))


def test_timeline_of_a_function(capsys):
    assert "* 1.1.1-base to 1.1.1w present" in words(run(capsys, "timeline", "SSL_write_ex"))


def test_explain_says_who_answers_what_why_and_what_to_do(capsys):
    text = words(run(capsys, "explain", "bio_zero"))
    assert "minus-one 1.1.0c do Expect -1" in text
    assert "zero 0.9.6-base to 1.1.0b, 1.1.0d to 3.1.4" in text
    assert "why Up to 3.1 SSL_write() passes a 0 from BIO_write() on" in text
    found = data(capsys, "explain", "bio_zero")
    assert [each["answer"] for each in found["answers"]] == ["zero", "minus-one", "success"]


def test_explain_without_a_name_lists_the_behaviours(capsys):
    assert "write.after_bad_retry" in run(capsys, "explain")
    assert data(capsys, "explain")["write.after_bad_retry"] == "What a refused retry leaves behind"


def test_no_command_colours_what_is_no_terminal_and_colours_can_be_had(capsys):
    assert "\x1b" not in run(capsys, "diff", "1.0.1", "1.1.1")
    assert "\x1b[" in run(capsys, "--color", "diff", "1.0.1", "1.1.1", "--only", "write")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "9.9.9"], "no profile is named '9.9.9'"),
        (["diff", "1.0.1", "1.0.1z"], "the nearest are 1.0.1, 1.0.1u"),
        (["diff", "1.0.1", "1.1.1", "--only", "writ"], "did you mean write?"),
        (["show", "1.0.1", "--only", "shutdwn"], "did you mean shutdown?"),
        (["timeline", "after_bad_rety"], "did you mean write.after_bad_retry?"),
        (["explain", "after_bad_rety"], "write.after_bad_retry"),
        (["timeline", "nope"], "'nope' is unknown; emulator explain lists all behaviours"),
        (["page", "1.0.1", "1.1.1", "3.0"], "got 3 releases (1.0.1, 1.1.1, 3.0), expected one, or two"),
        (["page", "3.4"], "the nearest are 3.1, 3.2, 3.5,"),
        (["page", "1.2"], "the nearest are 1.1.0, 1.1.1, 3.0, 3.1"),
        (["show", "0.9"], "the nearest are 0.9.6, 0.9.7, 0.9.8"),
        (["run", "--list", "zzzz"], "no scenario is about 'zzzz'; "),
    ],
)
def test_names_that_are_unknown_are_status_2_and_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
