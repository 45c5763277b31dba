from __future__ import annotations

import json
import random

import pytest

import emulator
from emulator.exceptions import UnknownProfile, UsageError
from emulator.scenario.generate import generate
from emulator.scenario.runner import Runner

GENERATIONS = ["0.9.8", "1.0.1", "1.1.1", "3.0"]


def at_random(seed, count):
    return list(generate(seed, count))


def without_groups(data):
    """The cells of every lane, in order, without the numbers of their groups."""
    return [
        [None if row["cells"][lane] is None else {**row["cells"][lane], "group": 0} for row in data["rows"]]
        for lane in range(len(data["lanes"]))
    ]


def without_bytes(data):
    """The same without record bytes: some of their random parts are the system's."""
    return json.loads(json.dumps(data), object_hook=lambda each: {**each, "hex": ""})


def test_a_moved_retry_differs_where_it_is_made_and_ever_after(moved_retry):
    comparison = emulator.compare(moved_retry, ["1.0.1", "1.1.1"])
    assert [(row.title, row.differs) for row in comparison] == [
        ("establish", False),
        ("client capacity 3000", False),
        ("client write 40000", False),
        ("client write 40000 buffer=b", True),
        ("client capacity none", False),
        ("client write 40000", True),
    ]
    assert comparison.differs
    assert [cell.answer.ret for cell in comparison.rows[-1].cells] == [40000, -1]


def test_a_cell_has_what_the_call_answered_and_the_records_that_left(moved_retry):
    row = emulator.compare(moved_retry, ["1.0.1"]).as_json()["rows"][2]
    (cell,) = row["cells"]
    assert (row["who"], row["do"]) == ("client", "write")
    assert (cell["ret"], cell["error"], cell["want"], cell["in_init"]) == (
        -1,
        "WANT_WRITE",
        "WRITING",
        False,
    )
    assert [(each["type_name"], each["length"], each["complete"]) for each in cell["records"]] == [
        ("application_data", 32, True),
        ("application_data", 16416, False),
    ]
    assert sum(len(each["hex"]) for each in cell["records"]) == 2 * cell["bytes"] == 6000


def test_a_record_of_both_senders_is_seen_and_a_deliver_is_no_answer(scenario_of):
    scenario = scenario_of(
        {"do": "establish"},
        {"do": "renegotiate", "who": "server"},
        {"do": "write", "who": "client", "size": 10},
        {"do": "handshake", "who": "server"},
        {"do": "deliver", "from": "server"},
    )
    comparison = emulator.compare(scenario, ["1.0.1", "1.0.2"])
    cells = [row.cells[0] for row in comparison]
    assert {record.sender for record in cells[0].records} == {"client", "server"}
    assert [record.sender for record in cells[2].records] == ["client", "client"]
    assert [record.type_name for record in cells[3].records] == ["handshake"]
    assert comparison.rows[4].who == "server"
    assert cells[4].as_json(0)["extra"]["moved"] == cells[3].bytes


def test_what_a_blocked_call_sends_later_stands_where_it_is_sent(scenario_of):
    scenario = scenario_of(
        {"do": "establish"},
        {"do": "capacity", "who": "client", "bytes": 1000},
        {"do": "write", "who": "client", "size": 5000},
        {"do": "write", "who": "client", "size": 1},
        {"do": "pump"},
        blocking=True,
    )
    _, _, write, skipped, pump = emulator.compare(scenario, ["1.0.1"]).as_json()["rows"]
    (cell,) = write["cells"]
    assert cell["blocked"]
    assert cell["bytes"] == 1000
    assert cell["completed"]["ret"] == 5000
    assert cell["completed_after"] == pump["index"]
    assert skipped["cells"][0]["skipped"] == "side is blocked"
    sent = pump["cells"][0]["records"]
    assert sent[0]["continued"]
    assert sent[-1]["complete"]


def test_a_lane_without_the_protocol_is_over_and_makes_no_row_differ(scenario_of):
    scenario = scenario_of(
        {"do": "establish"}, {"do": "write", "who": "client", "size": 5}, protocol="TLSv1.3"
    )
    comparison = emulator.compare(scenario, ["1.0.1", "1.1.1", "3.0"])
    assert comparison.lanes[0].outcome == {"kind": "unsupported", "what": "TLSv1.3"}
    assert [row.differs for row in comparison] == [False, False]
    assert [row.groups for row in comparison] == [(None, 0, 0)] * 2
    assert comparison.differs


def test_a_crash_ends_its_lane_at_the_call(scenario_of):
    scenario = scenario_of(
        {"do": "establish"},
        {"do": "write", "who": "client", "size": -1000},
        {"do": "write", "who": "client", "size": 3},
        {"do": "pending", "who": "client"},
    )
    comparison = emulator.compare(scenario, ["1.0.1g", "1.0.1u"])
    dead, alive = (lane.outcome for lane in comparison.lanes)
    assert (dead["kind"], dead["signal"]) == ("crash", "SIGSEGV")
    assert alive is None
    assert [row.differs for row in comparison] == [False, True, False, False]
    assert comparison.rows[1].cells[0].answer.extra == {"crash": "SIGSEGV"}
    assert comparison.rows[2].cells[0] is None


def test_both_authorities_give_two_lanes_and_the_manual_is_quoted(scenario_of):
    scenario = scenario_of(
        {"do": "establish"},
        {"do": "renegotiate", "who": "server"},
        {"do": "handshake", "who": "server"},
        {"do": "deliver", "from": "server"},
        {"do": "write", "who": "client", "size": 5},
        {"do": "read", "who": "server", "size": 100},
        {"do": "pump"},
        blocking=True,
    )
    comparison = emulator.compare(scenario, ["1.0.1"], follow="both")
    assert [lane.follow for lane in comparison.lanes] == ["library", "manual"]
    library, manual = comparison.rows[4].cells
    assert comparison.rows[4].parts
    assert not comparison.differs  # which compares lanes of one authority
    assert library.promise is None
    assert library.answer.ret == 5
    assert (manual.answer.ret, manual.answer.error) == (-1, "WANT_READ")
    assert "WANT_READ" in manual.promise
    (word,) = [word for word in manual.manual if word.key == "manual.blocking-early-return"]
    assert "WANT_READ" in word.words
    assert word.page == "SSL_write(3) of OpenSSL 1.0.1u"


@pytest.mark.parametrize(("release", "words"), [("1.0.1", "undefined"), ("1.1.1", "returns an error")])
def test_the_page_is_quoted_on_num_zero(release, words, scenario_of):
    scenario = scenario_of({"do": "establish"}, {"do": "write", "who": "client", "size": 0})
    (cell,) = emulator.compare(scenario, [release], follow="manual").rows[1].cells
    (word,) = cell.manual
    assert word.key == "manual.num-zero"
    assert words in word.words
    assert word.question.startswith("SSL_write(3): What does SSL_write() do with num=0?")


def test_the_oldest_page_is_silent_on_num_zero(scenario_of):
    scenario = scenario_of({"do": "establish"}, {"do": "write", "who": "client", "size": 0})
    assert emulator.compare(scenario, ["0.9.x"]).rows[1].cells[0].manual == ()


def test_the_manual_has_a_lane_where_its_page_decides_an_answer_and_else_none(scenario_of):
    steps = [{"do": "establish"}, {"do": "write", "who": "client", "size": 5}]
    asked = [
        {"do": "renegotiate", "who": "server"},
        {"do": "handshake", "who": "server"},
        {"do": "deliver", "from": "server"},
        {"do": "write", "who": "client", "size": 5},
        {"do": "read", "who": "server", "size": 100},
        {"do": "pump"},
    ]
    plain = emulator.compare(scenario_of(*steps, blocking=True), ["1.0.1", "1.1.1"])
    assert [(lane.name, lane.follow) for lane in plain.lanes] == [("1.0.1", "library"), ("1.1.1", "library")]
    parted = emulator.compare(scenario_of(steps[0], *asked, blocking=True), ["1.0.1", "1.1.1"])
    assert [(lane.name, lane.follow) for lane in parted.lanes] == [
        ("1.0.1", "library"),
        ("1.0.1", "manual"),
        ("1.1.1", "library"),
        ("1.1.1", "manual"),
    ]
    assert "by the library" in str(parted)
    assert "by the manual" in str(parted)
    assert "by the" not in str(plain)


def test_a_lane_of_the_manual_that_decides_nothing_answers_as_the_library():
    for scenario in at_random("authorities", 12):
        comparison = emulator.compare(scenario, GENERATIONS, follow="both")
        pairs = zip(comparison.lanes[::2], comparison.lanes[1::2], strict=True)
        for library, manual in pairs:
            if not manual.was_promised():
                answers = [[entry.cell.answer for entry in lane.entries] for lane in (library, manual)]
                assert answers[0] == answers[1], scenario.raw


def test_lengths_do_not_count_where_the_suites_are_not_the_same(scenario_of):
    scenario = scenario_of({"do": "establish"}, {"do": "write", "who": "client", "size": 5})
    comparison = emulator.compare(scenario, ["0.9.6", "0.9.7"])
    assert {lane.protection.cipher for lane in comparison.lanes} == {"DES-CBC3-SHA", "AES128-SHA"}
    assert not comparison.differs


@pytest.mark.parametrize("release", GENERATIONS)
def test_the_same_profile_twice_never_differs(release):
    for scenario in at_random(f"twice {release}", 12):
        comparison = emulator.compare(scenario, [release, release])
        assert not comparison.differs, scenario.raw


def test_the_order_of_the_lanes_permutes_the_cells_only():
    source = random.Random("order")
    for scenario in at_random("order", 10):
        names = source.sample(GENERATIONS, len(GENERATIONS))
        back = [names.index(name) for name in GENERATIONS]
        one = emulator.compare(scenario, GENERATIONS, follow="library")
        other = emulator.compare(scenario, names, follow="library")
        assert [row.differs for row in one] == [row.differs for row in other]
        cells = without_groups(without_bytes(other.as_json(why=False)))
        assert without_groups(without_bytes(one.as_json(why=False))) == [cells[place] for place in back]


def test_the_cells_are_what_a_replay_records():
    for scenario in at_random("replayed", 12):
        runner = Runner(emulator.load_profile("1.0.1", scenario.build or None))
        line = runner.run(scenario)
        runner.close()
        comparison = emulator.compare(scenario, ["1.0.1"])
        if "unsupported" in line or "crash" in line:
            assert comparison.lanes[0].outcome is not None
            continue
        for entry, row in zip(line["trace"], comparison, strict=True):
            cell = row.cells[0]
            assert entry.get("ret") == cell.answer.ret
            assert entry.get("bytes", 0) in (cell.bytes, 0)


def test_the_data_are_json_and_the_same_whenever_they_are_asked_for(moved_retry):
    comparison = emulator.compare(moved_retry, GENERATIONS)
    data = comparison.as_json(why=False)
    assert json.loads(json.dumps(data)) == data == comparison.as_json(why=False)
    assert len(comparison) == len(data["rows"])
    again = emulator.compare(moved_retry, GENERATIONS).as_json(why=False)
    assert without_bytes(again) == without_bytes(data)


def test_without_profiles_there_is_a_lane_for_each_series(scenario_of):
    comparison = emulator.compare(scenario_of({"do": "establish"}))
    assert [lane.name for lane in comparison.lanes][:3] == ["0.9.6", "0.9.7", "0.9.8"]
    assert len(comparison.lanes) == len(emulator.profile.list_series())


def test_a_build_can_be_asked_for(scenario_of):
    scenario = scenario_of({"do": "establish"}, protocol="SSLv3")
    assert emulator.compare(scenario, "1.1.1").lanes[0].outcome["kind"] == "unsupported"
    assert emulator.compare(scenario, "1.1.1", build=["ssl3"]).lanes[0].outcome is None


def test_what_is_none_is_said(moved_retry):
    with pytest.raises(UsageError, match="a path, '@name' or a callable, not int"):
        emulator.compare(7, ["1.0.1"])
    with pytest.raises(UsageError, match="follow: got 'me', expected one of library, manual, both"):
        emulator.compare(moved_retry, ["1.0.1"], follow="me")
    with pytest.raises(UsageError, match="profiles: got none"):
        emulator.compare(moved_retry, [])
    with pytest.raises(UnknownProfile, match=r"1\.0\.1"):
        emulator.compare(moved_retry, ["1.0.1zz"])


def test_a_path_and_a_name_of_the_package_stand_for_a_scenario(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('title = "Own"\nabout = "Words."\nprofiles = ["1.0.1"]\nsteps = "establish"\n')
    own = emulator.compare(path)
    assert (own.title, own.about, own.source) == ("Own", "Words.", str(path))
    assert [lane.name for lane in own.lanes] == ["1.0.1"]
    shipped = emulator.compare("@retry-moved", ["1.1.0", "1.1.1"])
    assert shipped.source == "@retry-moved"
    assert shipped.differs


def test_a_file_of_several_scenarios_is_none(tmp_path):
    path = tmp_path / "two.jsonl"
    line = json.dumps({"id": "x", "scenario": {}, "trace": [{"step": {"do": "establish"}}]})
    path.write_text(f"{line}\n{line}\n")
    with pytest.raises(UsageError, match="holds 2 scenarios, expected one"):
        emulator.compare(path)
