"""Error lines: which releases print them is true, and what people paste is understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.cli import main
from emulator.error_queue import ErrorStrings
from emulator.exceptions import ProfileError
from emulator.knowledge import errors, errors_seen
from emulator.knowledge.errors_seen import Seen, SeenText, Way, seen
from emulator.knowledge.strings import LINE, Strings
from emulator.profile import load_profile
from emulator.scenario.compare import read_traces
from tools.errors_seen import as_text, put_together, raised, replayed

SAMPLE = (
    "0.9.6d",
    "0.9.8n",
    "0.9.8e-fips-rhel5",
    "1.0.1e-fips",
    "1.0.2l",
    "1.1.0g",
    "1.1.1c",
    "3.0.9",
    "3.5.4",
)
RETRY = "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"
TRACES = Path(__file__).resolve().parent.parent / "scenario" / "traces"


def shown_by(found):
    return {text for line in found for _, text in raised(line)}


@pytest.mark.parametrize("name", SAMPLE)
def test_a_release_prints_what_it_is_said_to_print_and_nothing_else(name):
    profile = load_profile(name)
    scenarios = [seen().script(id_).scenario() for id_ in seen().scenarios]
    found = list(replayed(profile, scenarios))
    assert not [line for line in found if "failed" in line]
    said = {text for text, shown in seen().texts.items() if name in shown.releases}
    assert shown_by(found) == said
    by_id = {line["id"]: line for line in found}
    for text, shown in seen().texts.items():
        for way in shown.emulated:
            if name in way.releases:
                assert (way.step, text) in list(raised(by_id[way.scenario]))


@pytest.mark.parametrize("recording", ["0.9.8zh", "1.0.2q-wheel", "3.5.4-wheel"])
def test_a_recorded_library_printed_what_it_is_said_to_have_printed(recording):
    lines = {line["id"]: line for line in read_traces(str(TRACES / f"{recording}.jsonl.gz"))}
    recorded = {text for line in lines.values() for _, text in raised(line)}
    said = {
        text: shown.recorded[recording] for text, shown in seen().texts.items() if recording in shown.recorded
    }
    assert recorded == set(said)
    for text, (id_, step) in said.items():
        assert (step, text) in list(raised(lines[id_]))


def test_every_text_that_was_seen_is_in_the_tables_of_the_releases_that_print_it():
    for text, shown in seen().texts.items():
        code = int(LINE.match(text)[1], 16)
        for name in shown.releases[:: max(len(shown.releases) // 3, 1)]:
            assert errors.strings_for(code)[name].entry(code).text == text


codes = st.one_of(
    st.integers(0, 2**32 - 1),
    st.builds(
        lambda lib, func, reason: lib << 24 | func << 12 | reason,
        *(st.integers(0, most) for most in (50, 700, 600)),
    ),
    st.builds(lambda lib, reason: lib << 23 | reason, st.integers(0, 50), st.integers(0, 1200)),
    st.sampled_from([int(LINE.match(text)[1], 16) for text in seen().texts]),
)


@settings(max_examples=25)
@given(st.sampled_from([*SAMPLE, "1.1.0l", "1.0.2u", "0.9.7m"]), st.lists(codes, min_size=20, max_size=40))
def test_a_code_means_what_it_means_by_all_strings_of_the_release(name, asked):
    whole = Strings(load_profile(name).errors)
    for code in asked:
        of_code = errors.strings_for(code)[name]
        assert of_code.entry(code) == whole.entry(code)
        assert of_code.meaning(code) == whole.meaning(code)


@pytest.mark.parametrize(
    "asked",
    [
        RETRY,
        f"140735:{RETRY}:s3_pkt.c:1080:",
        f"2026-01-01 12:00 [error] SSL_write() failed ({RETRY})"[:-1],
        "error:1409f07f:SSL routines:SSL3_WRITE_PENDING:bad write retry",
    ],
)
def test_a_line_is_understood_with_whatever_a_log_puts_around_it(asked):
    found = errors.explain(asked)
    assert [each.text for each in found.exact] == [RETRY]
    assert found.reason == "BAD_WRITE_RETRY"
    assert (found.exact[0].meaning.lib, found.exact[0].meaning.function) == ("SSL", "SSL3_WRITE_PENDING")
    assert errors_seen.ranges(found.exact[0].seen.releases)[0] == ("0.9.6-base", "1.0.1u")
    assert found.raisers[0].lower() == "ssl3_write_pending"


@pytest.mark.parametrize("asked", ["1409F07F", "0x1409F07F", "error:1409F07F"])
def test_a_code_is_read_as_every_release_prints_it(asked):
    texts = [each.text for each in errors.explain(asked).exact]
    assert texts == [RETRY, RETRY.replace("SSL3_WRITE_PENDING", "ssl3_write_pending")]


def test_a_code_of_3_0_has_no_function_and_a_line_may_name_one_all_the_same():
    line = "error:0A00007F:SSL routines:ssl3_write_pending:bad write retry:ssl/record/rec_layer_s3.c:1080:"
    for asked in ("0A00007F", line, "error:0A00007F:SSL routines::bad write retry"):
        (found,) = errors.explain(asked).exact
        assert found.text == "error:0A00007F:SSL routines::bad write retry"
        assert found.meaning.function == ""


@pytest.mark.parametrize(
    "asked",
    [
        "BAD_WRITE_RETRY",
        "SSL_R_BAD_WRITE_RETRY",
        "bad write retry",
        "[SSL: BAD_WRITE_RETRY] bad write (_ssl.c:1)",
    ],
)
def test_a_reason_is_known_by_its_name(asked):
    found = errors.explain(asked)
    assert found.exact == ()
    assert RETRY in [each.text for each in found.alike]
    assert found.known.remedy


def test_a_prefix_tells_reasons_of_one_name_apart():
    everything = {each.text for each in errors.explain("INTERNAL_ERROR").alike}
    shared = {each.text for each in errors.explain("ERR_R_INTERNAL_ERROR").alike}
    assert shared < everything


def test_releases_whose_tables_alone_have_a_line_are_told_apart():
    found = errors.explain("error:1409E10F:SSL routines:SSL3_WRITE_BYTES:bad length").exact[0]
    assert errors_seen.ranges(found.seen.releases) == [
        ("0.9.8za", "0.9.8zh"), ("1.0.0m", "1.0.0t"), ("1.0.1h", "1.0.1u"),
    ]  # fmt: skip
    assert "1.0.1g" in found.unseen
    strings = ErrorStrings(load_profile("1.0.1g").errors)
    assert strings.entry("SSL3_WRITE_BYTES", "BAD_LENGTH").text == found.text


def test_a_line_that_no_release_prints_gets_those_with_its_code():
    found = errors.explain("error:1409F07F:SSL routines:SSL3_WRITE_BYTES:bad write retry")
    assert found.exact == ()
    assert RETRY in [each.text for each in found.alike]


@pytest.mark.parametrize("asked", ["write.bio_zero", "no such thing", "DEADBEEF", "error:"])
def test_what_is_no_error_is_none(asked):
    assert errors.explain(asked) is None


@pytest.mark.parametrize("asked", ["SSL_ERROR_SYSCALL", "SYSCALL", "ssl_error_syscall"])
def test_the_answers_of_ssl_get_error_are_explained(asked):
    name, known = errors.of_error_code(asked)
    assert name == "SSL_ERROR_SYSCALL"
    assert known.meaning


def test_what_was_seen_is_kept_as_it_was():
    shown = SeenText(
        {"1.0.1g": ("x", 2)}, (Way("x", 2, "ssl3 weak-ciphers", ("1.0.1-base", "1.0.1a", "1.0.1e-fips")),)
    )
    kept = Seen({"x": {"protocol": "TLSv1", "steps": ["establish"]}}, {"error:X": shown})
    assert put_together({}, {}, {}).texts == {}
    text = as_text(kept)
    assert json.loads(text)["texts"]["error:X"]["emulated"][0][3] == [
        ["1.0.1-base", "1.0.1a"], ["1.0.1e-fips", "1.0.1e-fips"],
    ]  # fmt: skip


def test_a_file_that_holds_nothing_of_the_kind_is_named(tmp_path):
    data = tmp_path / "errors-seen.json"
    data.write_text("[]", encoding="utf-8")
    with pytest.raises(ProfileError, match=r"errors-seen\.json: cannot be read"):
        Seen.load(data)


def test_what_is_written_is_read_again(tmp_path):
    data = tmp_path / "errors-seen.json"
    data.write_text(as_text(seen()), encoding="utf-8")
    assert Seen.load(data) == seen()
    assert as_text(seen()) == errors_seen.DATA.read_text(encoding="utf-8")


def test_a_scenario_that_puts_an_error_there_itself_shows_none():
    entry = {"step": {"do": "write", "who": "client", "size": 1}, "queue": [{"text": RETRY}]}
    assert list(raised({"trace": [entry]})) == [(0, RETRY)]
    put = {"step": {"do": "put_error", "who": "client", "lib": 20, "reason": 193}}
    assert list(raised({"trace": [put, entry]})) == []


def run(capsys, *arguments):
    assert main(["explain", *arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_command_says_who_prints_a_line_why_and_how_to_see_it(capsys):
    text = run(capsys, RETRY)
    for part in (
        f"{RETRY} code ERR_LIB_SSL, SSL_F_SSL3_WRITE_PENDING, SSL_R_BAD_WRITE_RETRY",
        "recorded printed by the real 0.9.6-base,",
        "emulated 0.9.6-base to 1.0.1u, 0.9.8e-fips-rhel5, 1.0.1e-fips",
        "the same reason, in other words",
        "error:0A00007F:SSL routines::bad write retry",
        "do Repeat the call with the same buffer and length",
        "A scenario that shows it, in 0.9.6-base to 1.0.1u",
    ):
        assert part in text


def test_the_command_tells_tables_from_what_is_raised(capsys):
    text = run(capsys, "1409E10F")
    assert "tables 0.9.6-base to 0.9.8y, 1.0.0-base to 1.0.0l" in text
    assert "nothing known raises it there" in text


def test_a_reason_that_a_release_has_no_name_for_is_said_to_be_an_alert(capsys):
    text = run(capsys, "error:1409445B:SSL routines:SSL3_READ_BYTES:reason(1115)")
    assert "a reason without a name: from 1000 on the number is that of an alert" in text
    assert "1.0.1e-fips" in text
    assert "in other words" not in text


def test_the_command_prints_the_same_as_json(capsys):
    assert main(["explain", RETRY, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["exact"][0]["emulated"][0] == ["0.9.6-base", "1.0.1u"]
    assert found["scenario"]["steps"]
    assert main(["explain", "WANT_READ", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "SSL_ERROR_WANT_READ"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("BAD_WRITE_RETYR", "did you mean BAD_WRITE_RETRY?"),
        ("SSL_ERROR_SYSCAL", "SSL_ERROR_SYSCALL"),
        ("after_bad_rety", "write.after_bad_retry"),
        ("qqqqqqq", "'qqqqqqq' is no behaviour, no finding, and no error that any release prints"),
    ],
)
def test_what_is_misspelt_gets_the_nearest(asked, message, capsys):
    assert main(["explain", asked]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
