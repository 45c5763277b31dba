from __future__ import annotations

import pytest

from emulator.behaviours.machine import FatalAlert
from emulator.behaviours.meta import FunctionKind
from emulator.constants import ErrorCode, Mode, Want
from emulator.exceptions import UnknownProfile, UsageError
from emulator.profile import list_profiles, load_profile
from emulator.profiles.published import distributions, known_releases, patched_release, series_names

SERIES = series_names()


@pytest.mark.parametrize("release", known_releases(), ids=str)
def test_every_release_has_a_complete_profile(release):
    profile = load_profile(release.name)
    assert profile.name == profile.release == release.name
    assert profile.sources


@pytest.mark.parametrize("name", distributions())
def test_a_distributors_build_is_called_by_its_own_name_and_stands_for_the_release_it_was_made_from(name):
    profile = load_profile(name)
    assert profile.name == name
    assert profile.release == patched_release(name).name == name.partition("-")[0]
    assert profile.sources != load_profile(profile.release).sources
    assert load_profile(name) is profile


def test_a_distributors_build_is_listed_behind_its_release_and_changes_nothing_of_it():
    listed = list_profiles()
    assert listed[listed.index("1.0.1e") + 1] == "1.0.1e-fips"
    assert load_profile("1.0.1e").machine.fatal_alert is FatalAlert.UNNOTICED
    assert load_profile("1.0.1e-fips").machine.fatal_alert is FatalAlert.ERROR_STATE


def test_a_series_loads_its_last_letter_release():
    assert load_profile("1.0.1").release == "1.0.1u"
    assert load_profile("1.0.1") is load_profile("1.0.1u")


def test_a_profile_knows_its_release_although_that_changed_nothing():
    profile = load_profile("0.9.6k")
    assert (profile.release, profile.sources) == ("0.9.6k", load_profile("0.9.6f").sources)


def test_the_oldest_manual_page_belongs_to_a_base_release():
    assert load_profile("0.9.x").release == "0.9.6-base"


def test_a_profile_is_given_back():
    profile = load_profile("1.1.0f")
    assert load_profile(profile) is profile


@pytest.mark.parametrize("name", [3, None, b"1.0.1"])
def test_a_name_is_text_or_a_path(name):
    with pytest.raises(UsageError, match="expected the name of a profile, a path or a Profile"):
        load_profile(name)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("1.0.1z", "1.0.1u"),
        ("1.0.1\0", "1.0.1"),
        ("1.0.1v", "1.0.1u"),
        ("0.9.5", "0.9.6-base"),
        ("1.0.1-bas", "1.0.1-base"),
        ("3.7", "3.5.4"),
        ("3.0.16x", "3.0.16"),
        ("3.4.0", "3.5.4"),
        ("3.4", "3.2.0"),
        ("0.9.8e-wheel", "0.9.8e-fips-rhel5"),
        ("1.0.1e-rhel6", "1.0.1e-fips"),
        ("1.0.2q-wheel", "1.0.2q"),
        ("3.5.4-wheel", "3.5.4"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name, near):
    with pytest.raises(UnknownProfile, match="no profile is named") as caught:
        load_profile(name)
    assert near in caught.value.nearest
    assert near in str(caught.value)


def test_every_listed_name_loads_and_is_listed_once():
    listed = list_profiles()
    assert len(listed) == len(set(listed)) >= len(SERIES) + len(known_releases())
    assert all(load_profile(name) for name in listed)


def test_a_profile_cannot_be_changed():
    profile = load_profile("1.1.1")
    with pytest.raises(ValueError, match="frozen"):
        profile.defaults.mode = 0


def test_the_build_is_overridden_by_words_or_by_fields():
    plain = load_profile("1.1.0f")
    other = load_profile("1.1.0f", build=["no-asm", "ssl3", "weak-ciphers"])
    assert (plain.build.assembler, plain.build.ssl3, plain.build.weak_ciphers) == (True, False, False)
    assert (other.build.assembler, other.build.ssl3, other.build.weak_ciphers) == (False, True, True)
    assert load_profile("1.1.0f", build={"ssl3": True}).build.ssl3
    assert load_profile("1.1.0f", build=[]) is plain


def test_a_build_overrides_a_profile_that_is_given():
    assert not load_profile(load_profile("1.0.2"), build="no-asm").build.assembler


@pytest.mark.parametrize("build", [["no-such-thing"], {"assembly": False}, "asm no-ssl3"])
def test_an_unknown_word_of_a_build_is_refused_with_the_known_ones(build):
    with pytest.raises(UsageError, match=r"is unknown; expected some of a"):
        load_profile("1.0.2", build=build)


def test_sslv3_is_spoken_only_where_the_build_has_it():
    assert load_profile("1.0.2").speaks("SSLv3")
    assert not load_profile("1.1.0").speaks("SSLv3")
    assert load_profile("1.1.0", build=["ssl3"]).speaks("SSLv3")
    assert not load_profile("1.0.0").speaks("TLSv1.2")


def test_a_function_that_was_not_exported_is_absent_and_an_unknown_control_answers_zero():
    functions = load_profile("1.0.1").functions
    assert functions["write_ex"].is_absent
    assert functions["write_ex"].since == ("1.1.1",)
    assert functions["set_split_send_fragment"].answers_zero
    assert not functions["renegotiate_abbreviated"].is_absent
    assert load_profile("1.0.0").functions["renegotiate_abbreviated"].is_absent
    assert not load_profile("1.1.1").functions["write_ex"].is_absent


@pytest.mark.parametrize("function", load_profile("0.9.6-base").functions)
def test_what_a_release_added_stays(function):
    found = [load_profile(series).functions[function].present for series in SERIES]
    assert found == sorted(found)
    assert found[-1]


def test_controls_that_clear_came_with_the_backport_of_rfc_5746():
    clear_mode = [load_profile(name).functions["clear_mode"] for name in ("0.9.8l", "0.9.8m", "1.0.0-base")]
    assert [each.answers_zero for each in clear_mode] == [True, False, False]
    assert clear_mode[0].kind is FunctionKind.CONTROL


def test_modes_have_the_numbers_of_our_enum():
    for release in known_releases():
        assert {Mode[name].value: name for name in load_profile(release.name).modes} == {
            number: name for name, number in load_profile(release.name).modes.items()
        }


def test_error_codes_are_those_of_ssl_h():
    for release in known_releases():
        codes = [ErrorCode[name].value for name in load_profile(release.name).exists.error_codes]
        assert codes == list(range(len(codes)))
    assert len(load_profile("0.9.6").exists.error_codes) == 8
    assert len(load_profile("1.1.1").exists.error_codes) == 12
    assert load_profile("3.0").exists.error_codes[12] == "WANT_RETRY_VERIFY"


def test_what_a_connection_may_want_is_numbered_as_in_ssl_h():
    for release in known_releases():
        wants = [Want[name].value for name in load_profile(release.name).exists.wants]
        assert wants == list(range(1, len(wants) + 1))
    assert [load_profile(name).exists.wants[-1] for name in ("1.0.2", "1.1.0", "1.1.1", "3.0")] == [
        "X509_LOOKUP", "ASYNC_NO_JOBS", "CLIENT_HELLO_CB", "RETRY_VERIFY",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "release", [series for series in SERIES if series not in ("0.9.6", "0.9.7", "0.9.8", "1.0.0")]
)
def test_every_want_of_a_release_is_looked_at_by_its_get_error(release):
    exists, order = load_profile(release).exists, load_profile(release).get_error.order
    assert len(order) == len(exists.wants) + 1  # not NOTHING; the queue and the close_notify besides


@pytest.mark.parametrize(
    ("release", "value"),
    [
        ("0.9.6m", 0x000FFFFF),
        ("0.9.7m", 0x00000FFF),
        ("0.9.8zh", 0x00000FFF),
        ("1.0.0t", 0x80000FFF),
        ("1.0.1u", 0x80000BFF),
        ("1.0.2u", 0x80000BFF),
        ("1.1.0e", 0x80000BFF),
        ("1.1.0f", 0x80000854),
        ("1.1.1w", 0x80000854),
        ("3.0.0", 0x80000850),
        ("3.2.0", 0x80000850),
    ],
)
def test_ssl_op_all_is_what_ssl_h_says(release, value):
    assert load_profile(release).options["ALL"] == value


@pytest.mark.parametrize(
    ("release", "options", "mode"),
    [
        ("0.9.6m", 0, 0),
        ("0.9.7m", 0, 0),
        ("0.9.8zh", 0x4, 0),
        ("1.0.0t", 0x4, 0),
        ("1.0.1g", 0x4, 0),
        ("1.0.1r", 0x4, 0),
        ("1.0.1s", 0x1000004, 0),
        ("1.0.2f", 0x4, 0),
        ("1.0.2g", 0x1000004, 0),
        ("1.1.0l", 0x20004, 0),
        ("1.1.1w", 0x120004, 4),
        ("3.0.12", 0x120000, 4),
        ("3.2.0", 0x120000, 4),
    ],
)
def test_a_fresh_context_has_the_options_and_modes_that_were_measured(release, options, mode):
    defaults = load_profile(release).defaults
    assert (defaults.context_options, defaults.mode) == (options, mode)


def test_option_numbers_changed_their_meaning():
    old, new = load_profile("1.0.0").options, load_profile("1.0.1").options
    assert old["PKCS1_CHECK_1"] == new["NO_TLSv1_2"] == 0x08000000
    assert new["PKCS1_CHECK_1"] == 0
    assert load_profile("1.0.1a").options["NO_TLSv1_1"] == 0x400
    assert load_profile("1.0.1b").options["NO_TLSv1_1"] == 0x10000000
    assert load_profile("0.9.8y").options["MSIE_SSLV2_RSA_PADDING"] == 0x40
    assert load_profile("0.9.8za").options["SAFARI_ECDHE_ECDSA_BUG"] == 0x40


def test_options_have_64_bits_from_3_2_on():
    assert max(load_profile("3.0").options.values()) < 1 << 32
    assert load_profile("3.2").options["ENABLE_KTLS_TX_ZEROCOPY_SENDFILE"] == 1 << 34


@pytest.mark.parametrize(
    ("release", "misplaces"),
    [
        ("0.9.6-base", True),
        ("0.9.7m", True),
        ("0.9.8r", True),
        ("0.9.8s", False),
        ("1.0.0e", True),
        ("1.0.0f", False),
        ("1.0.1-base", False),
    ],
)
def test_the_buffer_of_a_handshake_was_mended_in_two_series_at_once(release, misplaces):
    assert load_profile(release).machine.handshake_buffer_misplaces is misplaces


def test_equal_profiles_are_equal_keys():
    one, two = load_profile("1.0.2", build=["no-asm"]), load_profile("1.0.2", build=["no-asm"])
    assert one is not two
    assert {one: 1}[two] == 1
    assert one != load_profile("1.0.2")
