"""Every profile answers as it did, unless it was meant to change: ``tools/answers.py`` says more."""

from __future__ import annotations

import json

import pytest

from tools import answers


def test_every_profile_answers_as_it_did():
    changed = answers.stale()
    assert not changed, (
        f"other answers than before: {', '.join(changed)}. If they were meant to change, "
        "./dev refresh answers writes the digests anew; look at which lines of the file differ"
    )


def test_a_section_with_another_answer_is_named_with_its_release(monkeypatch, tmp_path):
    digests = json.loads(answers.DIGESTS.read_text(encoding="utf-8"))
    digests["hello"]["1.0.1g"] = "another"
    digests["write"]["4.0.0"] = "a release that is not there"
    del digests["tls13"]
    monkeypatch.setattr(answers, "DIGESTS", tmp_path / "digests.json")
    answers.DIGESTS.write_text(json.dumps(digests), encoding="utf-8")
    stale = answers.stale()
    assert {"[hello] of 1.0.1g", "[write] of 4.0.0", "[tls13] of 1.1.1-base"} <= {*stale}
    assert not [each for each in stale if each.startswith("[record]")]
    answers.refresh()
    assert answers.stale() == []


def test_a_release_is_named_only_where_it_changed_something():
    digests = json.loads(answers.DIGESTS.read_text(encoding="utf-8"))
    changed = {section for section, releases in digests.items() if "1.0.1g" in releases}
    assert changed == {"hello"}
    assert list(digests["functions"]) == ["0.9.6-base", "0.9.8e-fips-rhel5"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"write": {"a": 1, "b": 2}}, {"write": {"b": 2, "a": 1}}, True),
        ({"write": {"a": 1}}, {"write": {"a": 2}}, False),
        ({"ciphers": {"suites": {"1": [], "2": []}}}, {"ciphers": {"suites": {"2": [], "1": []}}}, False),
        ({"release": "1.0.1g", "write": {}}, {"release": "1.0.1h", "write": {}}, True),
    ],
)
def test_a_digest_is_that_of_the_answers(one, other, same):
    assert (answers.sections(one) == answers.sections(other)) is same
