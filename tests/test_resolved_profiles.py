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


def test_a_release_with_another_answer_is_named(monkeypatch, tmp_path):
    digests = json.loads(answers.DIGESTS.read_text(encoding="utf-8"))
    digests["1.0.1g"] = digests["1.0.1f"]
    digests["4.0.0"] = digests.pop("3.5.4")
    monkeypatch.setattr(answers, "DIGESTS", tmp_path / "digests.json")
    answers.DIGESTS.write_text(json.dumps(digests), encoding="utf-8")
    assert answers.stale() == ["1.0.1g", "4.0.0", "3.5.4"]
    answers.refresh()
    assert answers.stale() == []


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
    assert (answers.digest(one) == answers.digest(other)) is same
