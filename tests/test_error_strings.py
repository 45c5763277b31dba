"""What the errors of each release are numbered and printed as, against texts recorded from real libraries."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import pytest

from emulator.behaviours.errors import ErrorBehaviours, NamedNumber, read_table
from emulator.error_queue import ErrorQueue, ErrorStrings, UnknownErrorName
from emulator.profile import load_profile
from emulator.profiles.checking import validate
from emulator.profiles.published import distributions, known_releases
from emulator.profiles.tables import from_table, to_table
from emulator.release import Release

RECORDED = tomllib.loads((Path(__file__).parent / "data" / "recorded_errors.toml").read_text())


def section(release: str) -> ErrorBehaviours:
    return load_profile(release if release in distributions() else Release(release).name).errors


@functools.cache
def strings(release: str) -> ErrorStrings:
    return ErrorStrings(section(release))


@pytest.mark.parametrize("text", RECORDED)
def test_recorded_texts_are_reproduced(text):
    code = int(text.split(":")[1], 16)
    numbers = code >> 24, code >> 12 & 0xFFF, code & 0xFFF
    for release in RECORDED[text]:
        entry = strings(release).numeric(*numbers)
        assert (release, entry.text) == (release, text)
        assert (entry.code, entry.lib, entry.func, entry.reason) == (code, *numbers)


@pytest.mark.parametrize("release", known_releases(), ids=str)
def test_every_release_has_readable_strings(release):
    entry = strings(str(release)).entry("SSL_WRITE", "PROTOCOL_IS_SHUTDOWN")
    assert entry.text == (
        "error:0A0000CF:SSL routines::protocol is shutdown"
        if release >= Release("3.0.0")
        else "error:140D00CF:SSL routines:SSL_write:protocol is shutdown"
    )


@pytest.mark.parametrize(
    ("release", "text"),
    [
        ("0.9.6", "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"),
        ("1.0.1u", "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"),
        ("1.0.2", "error:1409F07F:SSL routines:ssl3_write_pending:bad write retry"),
        ("1.1.1w", "error:1409F07F:SSL routines:ssl3_write_pending:bad write retry"),
    ],
)
def test_functions_are_lower_case_from_1_0_2(release, text):
    assert strings(release).entry("SSL3_WRITE_PENDING", "BAD_WRITE_RETRY").text == text


@pytest.mark.parametrize(
    ("release", "reason"), [("0.9.8l", 318), ("0.9.8m", 319), ("1.0.0", 339), ("1.1.1w", 339)]
)
def test_no_renegotiation_was_renumbered(release, reason):
    assert strings(release).entry("SSL3_READ_BYTES", "NO_RENEGOTIATION").reason == reason


def test_internal_error_was_a_reason_of_the_ssl_library_before_it_was_common():
    assert strings("0.9.6m").entry("SSL_CLEAR", "INTERNAL_ERROR").code == 0x140A409D
    assert strings("0.9.7").entry("SSL_CLEAR", "ERR_R_INTERNAL_ERROR").code == 0x140A4044
    with pytest.raises(UnknownErrorName, match="common reason 'INTERNAL_ERROR'"):
        strings("0.9.6m").entry("SSL_CLEAR", "ERR_R_INTERNAL_ERROR")


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((20, 4000, 4001), "error:14FA0FA1:SSL routines:func(4000):reason(4001)"),
        ((99, 1, 2000), "error:630017D0:lib(99):func(1):reason(2000)"),
        ((20, 0, 0), "error:14000000:SSL routines:SSL routines:SSL routines"),
        ((99, 0, 0), "error:63000000:lib(99):func(0):reason(0)"),
        ((99, 0, 68), "error:63000044:lib(99):func(0):internal error"),
        ((0x114, 0, 0x10C1), "error:140000C1:SSL routines:SSL routines:no shared cipher"),
    ],
)
def test_numbers_without_a_text_are_printed_as_err_error_string_n_does(numbers, text):
    assert strings("1.0.1g").numeric(*numbers).text == text


def test_a_common_reason_is_printed_by_any_library():
    assert strings("1.1.1w").entry("BIO_NEW", "ERR_R_MALLOC_FAILURE", "BIO").text == (
        "error:2006C041:BIO routines:BIO_new:malloc failure"
    )


@pytest.mark.parametrize(
    ("release", "text"),
    [("1.1.1w", "sslv3 alert handshake failure"), ("3.1.4", "sslv3 alert handshake failure"),
     ("3.2.0", "ssl/tls alert handshake failure"), ("3.5.4", "ssl/tls alert handshake failure")],
)  # fmt: skip
def test_alerts_are_those_of_ssl_and_tls_from_3_2_on(release, text):
    entry = strings(release).entry("SSL3_READ_BYTES", 1000 + 40)
    assert entry.text.rpartition(":")[2] == text


@pytest.mark.parametrize(("release", "reason"), [("3.0.0", 0xC0103), ("3.5.4", 0xC0103), ("1.1.1w", 68)])
def test_common_reasons_have_flags_from_3_0_on(release, reason):
    entry = strings(release).entry("SSL_CLEAR", "ERR_R_INTERNAL_ERROR")
    assert (entry.reason, entry.text.rpartition(":")[2]) == (reason, "internal error")


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((2, 0, 32), "error:80000020:system library::Broken pipe"),
        ((2, 0, 0), "error:80000000:system library::Success"),
        ((2, 0, 131), "error:80000083:system library::State not recoverable"),
        ((2, 0, 200), "error:800000C8:system library::reason(200)"),
        ((20, 0, 0), "error:0A000000:SSL routines::SSL routines"),
        ((20, 77, 4001), "error:0A000FA1:SSL routines::reason(4001)"),
        ((20, 0, 0xC0101), "error:0A0C0101:SSL routines::called a function you should not call"),
        ((99, 0, 7), "error:31800007:lib(99)::reason(7)"),
        ((0, 0, 0), "error:00000000:lib(0)::reason(0)"),
    ],
)
@pytest.mark.parametrize("release", ["3.0.16", "3.5.4"])
def test_errors_without_functions_are_printed_as_by_real_libraries(release, numbers, text):
    assert strings(release).numeric(*numbers).text == text


@pytest.mark.parametrize(
    ("release", "text"),
    [
        ("1.0.2u", "error:02002054:system library:connect:Invalid or incomplete multibyte"),
        ("1.1.1a", "error:02002054:system library:connect:Invalid or incomplete multibyte"),
        ("1.1.1b", "error:02002054:system library:connect:Invalid or incomplete multibyte or wide character"),
    ],
)
def test_texts_of_errno_were_cut_until_1_1_1b(release, text):
    assert strings(release).entry("CONNECT", "EILSEQ", "SYS").text == text


def test_a_broken_pair_has_the_code_of_the_bio_library():
    assert strings("1.0.1g").entry("BIO_WRITE", "UNSUPPORTED_METHOD", "BIO").code == 0x20071079
    assert strings("1.0.1g").entry("BIO_WRITE", "BROKEN_PIPE", "BIO").text == (
        "error:2007107C:BIO routines:BIO_write:broken pipe"
    )


def test_a_reason_may_be_a_number_that_the_c_computed():
    alert = strings("1.0.1g").entry("SSL3_READ_BYTES", 1000 + 40)
    assert alert == strings("1.0.1g").entry("SSL3_READ_BYTES", "SSLV3_ALERT_HANDSHAKE_FAILURE")
    assert strings("1.0.1g").entry("SSL3_READ_BYTES", 1000 + 99).text.endswith(":reason(1099)")


def test_an_entry_is_made_once():
    table = strings("1.1.0l")
    assert table.entry("SSL_WRITE", "UNINITIALIZED") is table.entry("SSL_WRITE", "UNINITIALIZED")
    assert table.numeric(20, 208, 276) is table.entry("SSL_WRITE", "UNINITIALIZED")


def test_a_reason_of_another_release_is_unknown():
    assert strings("1.1.1e").entry("SSL3_READ_N", "UNEXPECTED_EOF_WHILE_READING").code == 0x14095126
    with pytest.raises(UnknownErrorName, match="no reason 'UNEXPECTED_EOF_WHILE_READING'"):
        strings("1.1.1f").entry("SSL3_READ_N", "UNEXPECTED_EOF_WHILE_READING")


def test_unknown_functions_and_libraries_are_named():
    with pytest.raises(UnknownErrorName, match="no function 'NO_SUCH'"):
        strings("1.0.1g").entry("NO_SUCH", "BAD_LENGTH")
    with pytest.raises(UnknownErrorName, match="library 'RSA'"):
        strings("1.0.1g").entry("SSL_WRITE", "BAD_LENGTH", "RSA")


def test_errors_of_two_releases_stand_in_one_queue():
    old = strings("0.9.8l").entry("SSL3_READ_BYTES", "NO_RENEGOTIATION")
    new = strings("1.1.1w").entry("SSL3_READ_BYTES", "NO_RENEGOTIATION")
    assert [entry.text.split(":")[1] for entry in ErrorQueue([old, new])] == ["1409413E", "14094153"]


@pytest.fixture(scope="module")
def without_functions():
    """Strings of the form that 3.0 gave them: its include/openssl/err.h, and texts recorded from 3.0.12."""
    ssl = {"3.0": "127 BAD_WRITE_RETRY bad write retry\n"}
    return ErrorStrings(
        from_table(
            ErrorBehaviours,
            {
                "packing": "lib-reason",
                "function_field": "empty",
                "system_text": "whole",
                "libraries": {"3.0": "2 SYS system library\n20 SSL SSL routines\n"},
                "common": {"3.0": "786691 INTERNAL_ERROR internal error\n"},
                "strings": {
                    "SSL": {"functions": {}, "reasons": ssl},
                    "SYS": {
                        "functions": {},
                        "reasons": {"linux": "104 ECONNRESET Connection reset by peer\n"},
                    },
                },
            },
        )
    )


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("SSL3_WRITE_PENDING", "BAD_WRITE_RETRY"), "error:0A00007F:SSL routines::bad write retry"),
        (("SSL_CLEAR", "ERR_R_INTERNAL_ERROR"), "error:0A0C0103:SSL routines::internal error"),
        (("CONNECT", "ECONNRESET", "SYS"), "error:80000068:system library::Connection reset by peer"),
    ],
)
def test_from_3_0_an_error_has_no_function(without_functions, names, text):
    entry = without_functions.entry(*names)
    assert (entry.text, entry.func) == (text, 0)


def test_later_blocks_change_and_drop_what_earlier_ones_say():
    blocks = {"a": "1 FIRST one\n2 SECOND two\n", "b": "-FIRST\n3 SECOND three\n4 THIRD\n"}
    assert read_table(blocks) == {"SECOND": NamedNumber(3, "three"), "THIRD": NamedNumber(4, "")}


@pytest.mark.parametrize(
    ("line", "message"),
    [("one FIRST x", "NUMBER NAME TEXT"), ("1", "NUMBER NAME TEXT"), ("-FIRST", "no earlier line has it")],
)
def test_a_table_that_cannot_be_read_is_refused(line, message):
    table = to_table(section("1.0.1g")) | {"common": {"mine": line}}
    with pytest.raises(ValueError, match=message):
        validate(ErrorBehaviours, table)
