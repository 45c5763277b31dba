from __future__ import annotations

import inspect
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import emulator
from emulator import Script, ScriptError
from emulator.profile import load_profile
from emulator.scenario.builder import SideSteps
from emulator.scenario.kinds import KINDS
from emulator.scenario.runner import Runner
from emulator.scenario.step import parse_step

TOML = '''\
title = "A retry from a buffer that has moved"   # a comment = 5
about = """
What it shows,
on two lines.
steps = 5

And why."""
profiles = ["0.9.8", "1.1.1"]
shows = ["write.after_bad_retry"]
protocol = "TLSv1.2"
steps = """
establish
client capacity 20000    # a comment

client write 40000
server deliver
client write 40000 buffer=b
"""

[client]
modes = [
    "ENABLE_PARTIAL_WRITE",
    "AUTO_RETRY",
]

[server]
options = ["NO_RENEGOTIATION"]
'''
STEPS = [
    {"do": "establish"},
    {"who": "client", "do": "capacity", "bytes": 20000},
    {"who": "client", "do": "write", "size": 40000},
    {"from": "server", "do": "deliver"},
    {"who": "client", "do": "write", "size": 40000, "buffer": "b"},
]


def complaints_of(text, name="scenario.toml"):
    with pytest.raises(ScriptError) as caught:
        Script.parse(text, name)
    return str(caught.value)


def built():
    script = Script(
        "A retry from a buffer that has moved",
        about="What it shows, on two lines. steps = 5\n\nAnd why.",
        profiles=["0.9.8", "1.1.1"],
        shows=["write.after_bad_retry"],
        protocol="TLSv1.2",
        client={"modes": ["ENABLE_PARTIAL_WRITE", "AUTO_RETRY"]},
        server={"options": ["NO_RENEGOTIATION"]},
    )
    script.establish().client.capacity(20_000).client.write(40_000)
    return script.server.deliver().client.write(40_000, buffer="b")


# -- what a file says --------------------------------------------------------------------------


def test_a_file_becomes_a_script():
    script = Script.parse(TOML)
    assert script.title == "A retry from a buffer that has moved"
    assert script.about == "What it shows, on two lines. steps = 5\n\nAnd why."
    assert (script.profiles, script.shows) == (("0.9.8", "1.1.1"), ("write.after_bad_retry",))
    assert script.world["client"] == {"modes": ["ENABLE_PARTIAL_WRITE", "AUTO_RETRY"]}
    assert [step.raw for step in script.steps] == STEPS
    assert script.name == "scenario"


def test_toml_json_and_python_say_the_same(tmp_path):
    script = built()
    assert script == Script.parse(TOML)
    assert Script.parse(script.toml()) == script
    for path, text in (("a.toml", script.toml()), ("a.json", json.dumps(script.as_json(), indent=1))):
        (tmp_path / path).write_text(text, encoding="utf-8")
        loaded = Script.load(tmp_path / path)
        assert loaded == script
        assert loaded.name == "a"


def test_steps_may_be_a_list_of_lines_and_objects():
    lines = [STEPS[0], "client capacity 20000", *STEPS[2:]]
    assert [step.raw for step in Script(steps=lines).steps] == STEPS
    assert Script.parse(json.dumps({"steps": lines}), "a.json").as_json()["steps"] == [
        *("establish", "client capacity 20000", "client write 40000", "server deliver"),
        "client write 40000 buffer=b",
    ]


def test_a_script_is_a_scenario_that_runs():
    scenario = Script.parse(
        TOML.replace("ENABLE_PARTIAL_WRITE", "RELEASE_BUFFERS"), "folder/moved.toml"
    ).scenario()
    assert (scenario.id, scenario.world.family, scenario.world.protocol) == ("moved", "script", "TLSv1.2")
    runner = Runner(load_profile("1.1.1"))
    last = runner.run(scenario)["trace"][-1]
    runner.close()
    assert last["queue"][0]["text"].endswith(":ssl3_write_pending:bad write retry")


def test_a_script_without_a_title_is_called_by_its_file():
    assert Script.parse("", "folder/moved.toml").title == "moved"


# -- what is said about a file that is none ----------------------------------------------------


@pytest.mark.parametrize(
    ("was", "instead", "complaint"),
    [
        ("client capacity", "client capacty", "13: no step is called 'capacty'; did you mean 'capacity'?"),
        ("buffer=b\n", "bufer=b\n", "17: write does not take 'bufer=b'; did you mean 'buffer'?"),
        ("[server]", "[serwer]", "26: unknown key 'serwer'; did you mean 'server'?"),
        ("title", "titel", "1: unknown key 'titel'; did you mean 'title'?"),
        ('"TLSv1.2"', '"TLS1.2"', "10: no protocol is called 'TLS1.2'; did you mean 'TLSv1.2'?"),
        ('"TLSv1.2"', '"telnet"', "10: no protocol is called 'telnet'; expected one of SSLv3, TLSv1,"),
        ('"TLSv1.2"', "12", "10: protocol: expected one of SSLv3, TLSv1, "),
        ('"TLSv1.2"', '"TLSv1.2"\nblocking = "no"', "11: blocking: expected true or false, got 'no'"),
        ('"TLSv1.2"', '"TLSv1.2"\ncipher = 5', "11: cipher: expected a string, got 5"),
        ('"TLSv1.2"', '"TLSv1.2"\nmodes = []', "11: 'modes' is of one side: expected it below [client] or "),
        ("[server]\noptions", "[[server]]\noptions", "26: server: expected a table with the keys modes, "),
        (
            "PARTIAL",
            "PARTIEL",
            "21: client.modes: no release has a mode 'ENABLE_PARTIEL_WRITE'; did you mean ",
        ),
        (
            "NO_RENEG",
            "NO_RENG",
            "27: server.options: no release has an option 'NO_RENGOTIATION'; did you mean ",
        ),
        (
            "NO_RENEGOTIATION",
            "NO_TLSV1",
            "27: server.options: no release has an option 'NO_TLSV1'; did you mean 'NO_TLSv1'?",
        ),
        ('["NO_RENEGOTIATION"]', '"NO_TICKET"', "27: server.options: expected a list of names such as "),
        ("options", "option", "27: server: unknown key 'option'; did you mean 'options'?"),
        ("options", "blocking", "27: server: no key 'blocking'; it must stand above [server]"),
        ('"0.9.8",', '"0.9.88",', "8: profiles: no profile is named '0.9.88'; the nearest are "),
        (
            "after_bad_retry",
            "after_bad_rety",
            "9: shows: no behaviour is called 'write.after_bad_rety'; did ",
        ),
        ("title = ", "title ", "1: not TOML: Expected '=' after a key in a key/value pair at column 7"),
        ('about = """', 'about = "', "2: not TOML: "),
    ],
)
def test_a_wrong_line_is_named_with_what_was_expected(was, instead, complaint):
    text = TOML.replace(was, instead, 1)
    assert text != TOML
    assert f"scenario.toml:{complaint}" in complaints_of(text)


def test_all_complaints_are_told_in_the_order_of_the_lines():
    text = TOML.replace("deliver", "delivr").replace("TLSv1.2", "TLSv7").replace("AUTO_", "AUT_")
    lines = complaints_of(text).splitlines()
    assert [line.split(":")[1] for line in lines] == ["10", "16", "21"]


def test_the_line_of_a_step_is_found_in_a_list_and_in_json():
    assert complaints_of('steps = [ # "no"\n  "establish",\n  "pomp",\n]\n').startswith(
        "scenario.toml:3: no step begins with 'pomp'; did you mean 'pump'?"
    )
    text = '{"title": "a",\n "steps": [\n "establish",\n {"do": "read",\n "who": "me", "size": 5}]}'
    assert complaints_of(text, "a.json").startswith("a.json:4: 'who' must be 'client' or 'server', not 'me'")
    assert complaints_of('{"title": "a",\n\n"steps": 5}', "a.json").startswith(
        "a.json:3: steps: expected lines"
    )
    assert complaints_of('{"title": "a",\n"a"', "a.json").startswith("a.json:2: not JSON: ")
    assert complaints_of("[]", "a.json").startswith("a.json: expected keys such as title, ")


def test_a_step_that_no_call_in_python_can_make_is_refused():
    with pytest.raises(ScriptError, match="'size' must be an integer, not '5'"):
        Script("a").client.read("5")
    with pytest.raises(ScriptError, match="did you mean 'AUTO_RETRY'"):
        Script("a").client.set_mode("AUTORETRY")
    with pytest.raises(ScriptError, match="script: no step is called 'wriet'"):
        Script("a", steps=["client wriet 5"])


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(ScriptError, match=r"a\.toml: not UTF-8"):
        Script.load(tmp_path / "a.toml")


# -- the words in Python -----------------------------------------------------------------------


def test_every_kind_is_a_method_with_the_arguments_of_its_words():
    for kind in KINDS.values():
        method = getattr(SideSteps if kind.side else Script, kind.name)
        parameters = list(inspect.signature(method).parameters.values())[1:]
        assert [each.name for each in parameters] == [
            argument.called or argument.name for argument in kind.arguments
        ]
        by_name = {each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY}
        assert by_name == {*kind.named}
        assert inspect.getdoc(method)


def test_a_method_says_how_it_is_called():
    steps = Script().client
    assert str(inspect.signature(steps.write)) == (
        "(size, *, buffer=None, fill=None, data=None, offset=None, keep_queue=None)"
    )
    assert str(inspect.signature(steps.plan)) == "(*answers)"
    assert inspect.getdoc(steps.shutdown) == "``WHO shutdown [keep_queue]``: ``SSL_shutdown``."
    with pytest.raises(TypeError, match="missing a required argument: 'size'"):
        steps.write()
    with pytest.raises(AttributeError, match="no step of a side is called 'wriet'; did you mean 'write'"):
        steps.wriet(5)


def test_what_is_none_or_false_is_left_out_of_a_step():
    script = Script().client.write(5, buffer=None, keep_queue=False).client.deliver(None)
    assert [step.raw for step in script.steps] == [
        {"who": "client", "do": "write", "size": 5},
        {"from": "client", "do": "deliver"},
    ]
    assert Script().client.capacity(None).steps[0].raw["bytes"] is None


def test_injected_bytes_may_be_given_as_they_are():
    first, second = Script().client.inject(b"\x15\x03").client.inject("1503").steps
    assert first.raw == second.raw == {"from": "client", "do": "inject", "hex": "1503"}


def test_every_method_adds_the_step_of_its_name(drawn):
    @settings(deadline=None)
    @given(drawn.steps)
    def adds(step):
        arguments = {key: value for key, value in step.items() if key not in {"do", "who", "from"}}
        renamed = {"bytes": "count", "hex": "data"}
        listed = arguments.pop("modes", None) or arguments.pop("plan", None) or []
        arguments.pop("plan", None)
        script = Script("a")
        side = step.get("who") or step.get("from")
        chain = getattr(getattr(script, side) if side else script, step["do"])
        chain(*listed, **{renamed.get(key, key): value for key, value in arguments.items()})
        assert [each.raw for each in script.steps] == [step]

    adds()


# -- whatever is written -----------------------------------------------------------------------


def test_any_script_comes_back_from_its_toml_and_its_json(drawn):
    @settings(deadline=None)
    @given(
        drawn.worlds,
        st.lists(drawn.steps, max_size=5),
        st.text(max_size=30),
        st.text(max_size=30) | st.lists(st.text("ab \"'\\\n\t-", max_size=60)).map("\n\n".join),
        st.lists(st.sampled_from(["0.9.8", "1.0.1", "1.0.1-base", "1.0.1u", "mine.toml"])),
    )
    def comes_back(world, steps, title, about, profiles):
        script = Script(f"a {title}", about=about, profiles=profiles, **world, steps=steps)
        assert Script.parse(script.toml(), "b.toml") == script
        assert Script.parse(json.dumps(script.as_json()), "b.json") == script
        assert [step.raw for step in script.steps] == [parse_step(step).raw for step in steps]

    comes_back()


JUNK = st.text(max_size=60) | st.lists(
    st.sampled_from(
        [
            *TOML.splitlines(),
            "steps = [",
            '"""',
            "'''",
            "client = 5",
            "[client]",
            "\r",
            '{"steps":',
            "[{}]}",
            "\\",
        ]
    ),
    max_size=9,
).map("\n".join)


@settings(deadline=None)
@given(
    JUNK
    | st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner)).map(json.dumps)
)
def test_any_text_is_a_script_or_a_script_error(text):
    for name in ("a.toml", "a.json"):
        try:
            script = Script.parse(text, name)
        except ScriptError as error:
            lines = [line for line, _ in error.complaints if line is not None]
            assert {*lines} <= {*range(1, text.count("\n") + 2)}
        else:
            assert Script.parse(script.toml(), name.replace("json", "toml")) == script


def test_the_public_name_is_the_class():
    assert emulator.Script is Script
