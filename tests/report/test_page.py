"""The report as a text: what is in it, and that nothing in it is taken for markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import emulator
from emulator.exceptions import UsageError
from emulator.lanes.read_json import from_json
from emulator.lanes.tap import SentRecord
from emulator.report import render, render_fragment
from emulator.report.details import MOST_BYTES, MOST_RECORDS
from emulator.report.view import whole_groups
from emulator.report.words import runs_of

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["</script>", "<!--<script>", "<img onerror=x>", "a\u2028b", "&amp;", '" onclick="', "]]>"]
    ),
)
VOID = {"meta", "wbr", "br", "input", "link", "img", "hr", "path", "circle", "use"}


class Page(HTMLParser):
    """Every element with its attributes and its own text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append((tag, self.elements[-1]))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, element in self.open:
            element[2].append(data)

    def all(self, tag, **wanted):
        return [
            (attributes, "".join(texts))
            for name, attributes, texts in self.elements
            if name == tag
            and all(value in (attributes.get(key) or "").split() for key, value in wanted.items())
        ]

    def data(self):
        (embedded,) = self.all("script", id="data")
        return json.loads(embedded[1])


@pytest.fixture
def page(made):
    """A page of the hand-made comparisons that are named, all unless any is."""
    return lambda *names, **options: Page(render([made[name] for name in names or made], **options))


def outline(page):
    """The elements and the names of their attributes: what no text may change."""
    return [(tag, sorted(attributes)) for tag, attributes, _ in page.elements]


@settings(max_examples=40, deadline=None)
@given(title=TEXTS, about=TEXTS.filter(str.strip), reason=TEXTS, name=TEXTS)
def test_no_text_is_taken_for_markup(title, about, reason, name):
    def rendered(title, about, reason, name):
        lane = {"release": name, "follow": name, "protocol": name, "cipher": None, "outcome": None}
        cell = {
            "ret": -1,
            "error": "SSL",
            "queue": [f"error:1:a:b:{reason} "],
            "group": 0,
            "want": name or "x",
        }
        row = {"index": 0, "title": title, "who": "client", "do": "write", "differs": False}
        data = {"title": title, "about": about, "source": "", "lanes": [{"name": name, **lane}]}
        return {**data, "rows": [{**row, "cells": [cell], "decided": []}]}

    mine = rendered(title, about, reason or "r", name or "n")
    plain = rendered("t", "a", "r", "n")
    for make in (render, render_fragment):
        assert outline(Page(make(mine))) == outline(Page(make(plain)))
    data = Page(render(mine)).data()["scenarios"][0]
    assert data["title"] == title
    assert data["rows"][0]["cells"][0]["queue"] == [f"error:1:a:b:{reason or 'r'} "]


def test_markup_in_every_field_stays_text(page, made):
    found = page("evil")
    assert len(found.all("script")) == 2
    assert not [tag for tag, _, _ in found.elements if tag in {"img", "iframe", "object"}]
    assert found.all("h1")[0][1] == made["evil"]["title"]
    (embedded,) = found.all("script", id="data")
    assert not set(embedded[1]) & set("<>&\u2028\u2029")


def test_a_page_loads_nothing_and_its_policy_allows_only_its_own_style_and_script(page):
    found = page()
    (policy,) = [each["content"] for each, _ in found.all("meta") if each.get("http-equiv")]
    assert "default-src 'none'" in policy
    code = [text for attributes, text in found.all("script") if "type" not in attributes]
    for (text,), directive in ((code, "script-src"), ([text for _, text in found.all("style")], "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    for tag, attributes, _ in found.elements:
        assert not {"src", "style", "srcset"} & set(attributes), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "a" or attributes["href"].startswith("#")
    assert "url(" not in found.all("style")[0][1]
    assert "@import" not in found.all("style")[0][1]


def test_every_element_is_closed_and_every_id_is_there_once(page):
    found = page()
    assert not found.open
    ids = [attributes["id"] for _, attributes, _ in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"][1:] for attributes, _ in found.all("a")]
    assert set(links) <= set(ids)


def test_a_release_is_a_column_and_a_step_is_a_row(page):
    found = page("moved")
    heads = [text.split()[0] for _, text in found.all("th", role="columnheader")]
    assert heads == ["step", "1.0.0", "1.0.1", "1.1.0", "0.9.8"]
    rows = [text for _, text in found.all("th", role="rowheader")]
    assert [row.lstrip("01234").rstrip("≠") for row in rows][:3] == [
        "client capacity 3000",
        "client write 40000",
        "client write 40000 buffer=b",
    ]
    assert [row.endswith("≠") for row in rows] == [False, False, True, True, False]


def test_a_cell_shows_answer_reason_state_and_records(page):
    cells = {attributes["id"]: (attributes, text) for attributes, text in page("moved").all("td")}
    _, text = cells["s0-2-2"]
    assert all(word in text for word in ("-1 SSL", "bad write retry", "in init", "data 300", "alert 2", "B"))
    assert "server sends alert 2" in " ".join(text.split())
    assert "want WRITING" in cells["s0-1-0"][1]
    assert "16,408, begun" in cells["s0-1-0"][1]
    assert "12 \N{MULTIPLICATION SIGN} data 300" in cells["s0-3-0"][1]
    assert "shutdown sent, received" in cells["s0-3-2"][1]
    assert "manual" in cells["s0-2-0"][1]
    assert "manual" not in cells["s0-2-1"][1]


def test_cells_of_two_groups_that_would_look_the_same_say_on_what_they_part(page, made):
    row = made["moved"]["rows"][2]
    row["cells"][2] = {**row["cells"][0], "group": 1}
    row["cells"][2]["queue"] = [
        row["cells"][0]["queue"][0].replace("SSL3_WRITE_PENDING", "ssl3_write_pending")
    ]
    cells = {attributes["id"]: text for attributes, text in Page(render(made["moved"])).all("td")}
    assert "ssl3_write_pending" in cells["s0-2-2"]
    assert "SSL3_WRITE_PENDING" in cells["s0-2-0"]
    assert "1409F07F" not in cells["s0-2-0"]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("s0-0-0", "blocks, then 5 NONE"),
        ("s0-1-0", "skipped: side is blocked"),
        ("s0-1-1", "no such function"),
        ("s0-2-1", "crashes: SIGSEGV"),
        ("s0-3-1", ""),
    ],
)
def test_what_is_no_answer_is_said_in_words(page, cell, words):
    (found,) = page("ends").all("td", id=cell)
    assert found[1].replace("1.0.1", "").replace("0.9.8", "").strip("AB").replace("no answer", "") == words


def test_a_side_is_drawn_as_blocked_until_its_call_returns(page):
    found = page("ends")
    rails = [found.all("td", id=f"s0-{row}-0")[0][0]["class"].split() for row in range(4)]
    assert ["c-blocked" in classes for classes in rails] == [True, True, False, False]


def test_lanes_that_are_over_say_why_in_their_head(page):
    (head,) = [text for _, text in page("moved").all("th", role="columnheader") if "0.9.8" in text]
    assert "has no TLSv1.2" in head
    assert all("over" in page("moved").all("td", id=f"s0-{row}-3")[0][0]["class"].split() for row in range(5))


def test_records_and_their_bytes_are_cut_and_the_rest_is_counted(page):
    data = page("moved").data()
    cell = data["scenarios"][0]["rows"][3]["cells"][0]
    assert len(cell["records"]) == MOST_RECORDS
    assert cell["more"] == 12 - MOST_RECORDS
    record = data["records"][cell["records"][0]]
    assert len(record["hex"]) == 2 * MOST_BYTES
    assert record["bytes"] == 305


def test_an_alert_that_is_not_encrypted_is_read(page):
    notes = [record["note"] for record in page("moved").data()["records"] if record["type"] == "alert"]
    assert notes == ["fatal alert: handshake_failure"]


def test_one_comparison_has_no_matrix_and_several_begin_with_one(page):
    assert not page("moved").all("table", **{"class": "matrix"})
    found = page("moved", "ends")
    assert len(found.all("table", **{"class": "matrix"})) == 1
    heads = [text for _, text in found.all("th", role="columnheader")][:5]
    assert heads == ["scenario", "1.0.0", "1.0.1", "1.1.0", "0.9.8"]


def test_the_matrix_says_the_telling_answer_of_each_release(page):
    marks = [text for _, text in page("moved", "alike").all("td") if text][:4]
    assert [" ".join(mark.split()) for mark in marks] == [
        "A 40000",
        "A 40000",
        "B -1 SYSCALL",
        "C has no TLSv1.2",
    ]


def comparison_of(groups):
    """A comparison of which only the groups of its cells are known: for each row one for each lane."""
    lanes = [{"name": f"r{index}", "release": "x", "follow": "library"} for index, _ in enumerate(groups[0])]
    rows = [
        {"index": index, "title": "write", "cells": [{"ret": 1, "group": group} for group in row]}
        for index, row in enumerate(groups)
    ]
    return {"title": "groups", "lanes": lanes, "rows": rows}


@settings(max_examples=60)
@given(
    st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 2), min_size=n, max_size=n), min_size=1)
    )
)
def test_a_letter_of_the_matrix_is_shared_by_exactly_the_lanes_that_agree_in_every_row(groups):
    letters = [group.letter for group in whole_groups(from_json(comparison_of(groups)))]
    columns = list(zip(*groups, strict=True))
    for one, own in zip(letters, columns, strict=True):
        for other, its in zip(letters, columns, strict=True):
            assert (one == other) == (own == its)


def test_the_columns_of_scenarios_with_other_lanes_are_in_the_order_of_their_numbers(make):
    pages = [make([[0, 0]]), make([[0, 1, 1]])]
    for lane, name in zip(pages[0]["lanes"], ("1.0.10", "1.0.9"), strict=True):
        lane["name"] = name
    heads = [text for _, text in Page(render(pages)).all("th", role="columnheader")][1:6]
    assert heads == ["1.0.9", "1.0.10", "r0", "r1", "r2"]


@given(st.lists(st.sampled_from(["client", "server"]), max_size=40), st.data())
def test_runs_of_records_keep_every_record_in_order(senders, draw):
    lengths = [draw.draw(st.sampled_from([None, 5, 16384])) for _ in senders]
    headers = [b"\x17\x03\x03" + (b"" if length is None else length.to_bytes(2, "big")) for length in lengths]
    records = [
        SentRecord(sender, header, header, complete=True, continued=False)
        for sender, header in zip(senders, headers, strict=True)
    ]
    runs = runs_of(records)
    assert sum(run.count for run in runs) == len(records)
    assert [run.sender for run in runs for _ in range(run.count)] == senders
    assert all((one.words, one.sender) != (two.words, two.sender) for one, two in pairwise(runs))


def test_behaviours_link_to_the_documentation_where_its_address_is_given(made):
    data = Page(render(made["moved"], docs="https://docs.example/")).data()
    assert data["docs"] == "https://docs.example"
    assert Page(render(made["moved"])).data()["docs"] is None


def test_only_behaviours_that_the_reference_has_are_said_to_be_there(page):
    assert page("moved").data()["documented"] == ["write.after_bad_retry"]
    assert page("evil").data()["documented"] == []


def test_a_behaviour_that_decided_twice_between_two_lanes_is_told_once(made):
    row = made["moved"]["rows"][2]
    row["decided"] *= 3
    decided = Page(render(made["moved"])).data()["scenarios"][0]["rows"][2]["decided"]
    assert decided == [
        {"left": 0, "right": 2, "behaviours": [["write.after_bad_retry", "recoverable", "fatal"]]}
    ]


def test_the_title_is_the_scenario_s_unless_another_is_given(page):
    assert page("moved").all("title")[0][1] == "A retry from a moved buffer"
    assert page("moved", title="Mine <").all("h1")[0][1] == "Mine <"


def test_nothing_to_render_is_an_error():
    with pytest.raises(UsageError, match="at least one"):
        render([])


# -- from JSON ------------------------------------------------------------------------------------

SCENARIOS = ("@retry-moved", "@client-hello", "@blocking-renegotiation", "@write-ex-zero", "@bio-zero")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_of_a_comparison_is_the_page_of_its_json(name):
    compared = emulator.compare(name, ["0.9.8", "1.0.1", "1.1.1"], follow="both")
    assert render(compared) == render(json.loads(json.dumps(compared.as_json(why=False))))


def test_decided_behaviours_are_shown_once_they_are_found_and_stand_in_the_json():
    compared = emulator.compare("@retry-moved", ["1.0.1", "1.1.1"])
    before = render(compared)
    compared.decide()
    assert "write.after_bad_retry" not in before
    assert "write.after_bad_retry" in render(compared)
    assert render(compared) == render(compared.as_json()) == compared.to_html()


def test_a_title_of_one_s_own_is_that_of_the_page():
    compared = emulator.compare(lambda client, server: client.write(b"x"), "1.0.1")
    assert "<title>Mine</title>" in compared.to_html(title="Mine")


@pytest.mark.parametrize(
    ("data", "said"),
    [({"title": "x"}, "KeyError: 'lanes'"), ({"title": "x", "lanes": [3], "rows": []}, "AttributeError")],
)
def test_json_that_is_no_comparison_is_an_error_that_says_what_was_expected(data, said):
    with pytest.raises(UsageError, match="expected a comparison as Comparison") as raised:
        render(data)
    assert said in str(raised.value)


# -- for a notebook ------------------------------------------------------------------------------


def test_a_fragment_has_no_script_and_styles_nothing_but_itself(made):
    for data in made.values():
        found = Page(render_fragment(data))
        assert not found.open
        assert not found.all("script")
        assert found.elements[0][1] == {"class": "emulator-comparison"}
        (style,) = (text for _, text in found.all("style"))
        selectors = re.findall(r"([^{}]+)\{[^}]*\}", style)
        each = [part.strip() for selector in selectors for part in selector.split(",")]
        assert each
        assert all(selector.startswith(".emulator-comparison") for selector in each)


def test_a_fragment_shows_the_answers_and_what_decided(made):
    text = Page(render_fragment(made["moved"])).all("div")[0][1]
    for words in ("A retry from a moved buffer", "bad write retry", "write.after_bad_retry", "-1 WANT_WRITE"):
        assert words in text
