"""Every behaviour has a name, a question and answers, and is found by what people call it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.exceptions import UsageError
from emulator.knowledge import catalogue
from emulator.knowledge.catalogue import Kind
from emulator.knowledge.near import nearest
from emulator.profiles.describe import facts
from emulator.profiles.vary import known_profiles

EVERY = (*catalogue.behaviours(), *catalogue.exists())


def test_it_holds_what_the_profiles_answer_and_nothing_else():
    given_ = {key for profile in known_profiles().values() for key in facts(profile)}
    assert {each.key for each in EVERY} == given_
    assert len(EVERY) == len(given_)


def test_every_answer_of_every_release_is_one_that_the_catalogue_knows():
    for profile in known_profiles().values():
        found = facts(profile)
        for behaviour in EVERY:
            if behaviour.answers and behaviour.key in found:
                assert found[behaviour.key] in behaviour.answers, (profile.name, behaviour.key)


def test_every_behaviour_has_a_question():
    assert all(behaviour.question for behaviour in EVERY)


def test_the_words_are_those_of_the_behaviours():
    found = catalogue.find("write.after_bad_retry")
    assert found.question.startswith("What does a refused retry")
    assert found.words_of("recoverable") == "an entry in the error queue; a correct retry still works"
    record_layer = catalogue.find("write.record_layer")
    assert record_layer.words_of("do-ssl3-write").startswith("do_ssl3_write() and ssl3_write_pending()")
    assert catalogue.find("read.max_warning_alerts").question
    assert not catalogue.find("read.max_warning_alerts").answers


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("write.after_bad_retry", "write.after_bad_retry"),
        ("after_bad_retry", "write.after_bad_retry"),
        ("After-Bad-Retry", "write.after_bad_retry"),
        ("release_buffers", "write.release_buffers"),
        ("SSL_write_ex", "SSL_write_ex"),
        ("SSL_write_ex()", "SSL_write_ex"),
        ("ssl_mode_release_buffers", "SSL_MODE_RELEASE_BUFFERS"),
        ("auto_retry", "SSL_MODE_AUTO_RETRY"),
        ("NO_TICKET", "SSL_OP_NO_TICKET"),
    ],
)
def test_a_behaviour_is_found_by_what_people_call_it(name, key):
    assert catalogue.find(name).key == key


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("negative_length", "'negative_length' may be write.negative_length or read.negative_length"),
        ("after_bad_rety", "did you mean write.after_bad_retry?"),
        ("writ.bio_zero", "did you mean write.bio_zero?"),
        ("SSL_MODE_RELEASE_BUFFER", "did you mean SSL_MODE_RELEASE_BUFFERS?"),
        ("SSL_writ_ex", "the nearest are SSL_write_ex,"),
    ],
)
def test_a_name_that_is_no_behaviour_s_gets_the_nearest(name, message):
    with pytest.raises(UsageError, match=r".*") as raised:
        catalogue.find(name)
    assert message in str(raised.value)


def test_what_resembles_nothing_gets_the_way_to_the_list():
    with pytest.raises(UsageError, match=r"'qqq' is unknown; emulator explain lists all behaviours$"):
        catalogue.find("qqq")


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([each for each in EVERY if len(each.name) > 8]), st.data())
def test_a_name_with_one_letter_left_out_suggests_the_name(behaviour, data):
    at = data.draw(st.integers(0, len(behaviour.name) - 1))
    name = behaviour.name[:at] + behaviour.name[at + 1 :]
    assert behaviour.key in nearest(name, [each.key for each in EVERY], limit=len(EVERY))


@pytest.mark.parametrize(
    ("key", "kind", "section"),
    [
        ("write.bio_zero", Kind.BEHAVIOUR, "write"),
        ("SSL_write_ex", Kind.FUNCTION, "functions"),
        ("SSL_MODE_AUTO_RETRY", Kind.MODE, "modes"),
        ("SSL_OP_NO_TICKET", Kind.OPTION, "options"),
    ],
)
def test_functions_modes_and_options_are_found_beside_behaviours(key, kind, section):
    found = catalogue.find(key)
    assert (found.kind, found.section) == (kind, section)
