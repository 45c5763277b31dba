"""What is said of errors' reasons and of SSL_get_error()'s codes covers what programs meet, and no more."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from emulator.behaviours.errors import read_table
from emulator.constants import AlertDescription, ErrorCode
from emulator.profile import load_profile
from emulator.profiles.describe import answers
from emulator.profiles.published import distributions
from emulator.profiles.vary import known_profiles
from emulator.scenario.fidelity import SUFFIX, profile_of, recordings

TRACES = Path(__file__).parents[1] / "scenario" / "traces"
RECORDINGS = recordings(str(TRACES))
QUEUED = re.compile(r'"lib":(\d+),"func":\d+,"reason":(\d+),"text":')
"""An entry of an error queue in a recording."""

FIELDS = ["meaning", "causes", "remedy", "shows"]
ALERT_OFFSET = 1000
PREFIX = "ERR_R_"


def read(name):
    return tomllib.loads(files("emulator.knowledge").joinpath("advice", name).read_text(encoding="utf-8"))


REASONS = read("reasons.toml")
CODES = read("error_codes.toml")
TABLES = [pytest.param(table, id=name) for name, table in {**REASONS, **CODES}.items()]


@cache
def profiles():
    return [*known_profiles().values(), *(load_profile(name) for name in distributions())]


@cache
def behaviours():
    return {key for profile in profiles() for key in answers(profile)}


@cache
def reason_names(profile_name):
    """Every reason of a release by library and number; of several with one number the last is printed."""
    section = load_profile(profile_name).errors
    libraries = read_table(section.libraries)
    common = read_table(section.common)
    names = {}
    for library, strings in section.strings.items():
        number = libraries[library].number
        names |= {(number, reason): name for name, (reason, _text) in common.items()}
        names |= {(number, reason): name for name, (reason, _text) in read_table(strings.reasons).items()}
    return names


def queued_reasons(path):
    """Library and reason of every entry in a recording's queues, but for errno 0, which has no name."""
    text = gzip.decompress(path.read_bytes()).decode()
    entries = {(int(lib), int(reason)) for lib, reason in QUEUED.findall(text)}
    return entries - {(2, 0)}, json.loads(text.partition("\n")[0])["openssl"]


def entry_names(profile):
    """The reasons that a profile gives to refused records and messages."""
    record = profile.record
    kinds = (record.failures, record.failures_ssl3, record.failures_explicit_iv, record.failures_stitched)
    yield from (rejection.reason.removeprefix(PREFIX) for kind in kinds for rejection in kind.values())
    for fault in filter(None, profile.handshake.failures.values()):
        yield from (reason.removeprefix(PREFIX) for _function, reason in fault.entries)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.removesuffix(SUFFIX))
def test_every_reason_in_the_queues_of_a_recording_is_explained(path):
    queued, openssl = queued_reasons(path)
    names = reason_names(profile_of(path.name.removesuffix(SUFFIX), openssl))
    assert {names[each] for each in queued} <= set(REASONS)
    assert "BAD_WRITE_RETRY" in {names[each] for each in queued}, "the entries were not found"


def test_every_reason_of_a_refused_record_or_message_is_explained():
    refused = {name for profile in profiles() for name in entry_names(profile)} - {"ALERT"}  # the alert's own
    assert refused - set(REASONS) == set()


def test_every_alert_that_a_peer_may_send_is_explained():
    newest = load_profile("3.5.4")
    names = {
        number: name for name, (number, _text) in read_table(newest.errors.strings["SSL"].reasons).items()
    }
    sent = [
        names[ALERT_OFFSET + each] for each in AlertDescription if each is not AlertDescription.CLOSE_NOTIFY
    ]
    assert [name for name in sent if name not in REASONS] == []


def test_every_explained_reason_is_one_of_some_release():
    known = {name for profile in profiles() for name in reason_names(profile.name).values()}
    assert [name for name in REASONS if name not in known] == []


def test_every_code_of_ssl_get_error_is_explained_and_no_other():
    assert list(CODES) == [f"SSL_ERROR_{code.name}" for code in ErrorCode]


@pytest.mark.parametrize("table", TABLES)
def test_an_explanation_has_every_text_and_shows_real_behaviours(table):
    assert list(table) == FIELDS
    assert all(text == text.strip() and text.endswith(".") for text in list(table.values())[:-1])
    assert set(table["shows"]) <= behaviours()
