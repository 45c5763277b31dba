from __future__ import annotations

import pytest

from emulator import Connection, Context, Mode, NotEmulated, Option, UnknownProfile, UsageError
from emulator.constants import TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION, TLS1_VERSION
from emulator.error_queue import current

# -- methods ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "method"),
    [("0.9.6-base", "SSLv23"), ("1.0.2u", "SSLv23"), ("1.1.0-base", "TLS"), ("1.1.1w", "TLS")],
)
def test_unless_told_the_release_chooses_its_flexible_method(release, method):
    assert Context(release).method == method


@pytest.mark.parametrize(
    ("release", "method", "version"),
    [
        ("0.9.6-base", "SSLv3", 0x300),
        ("0.9.6-base", "TLSv1", 0x301),
        ("1.0.1-base", "TLSv1_1", 0x302),
        ("1.0.1-base", "TLSv1_2", 0x303),
        ("1.1.1w", "TLSv1_2", 0x303),
    ],
)
def test_a_method_of_one_version_speaks_that_version(release, method, version):
    context = Context(release, method=method)
    assert context.fixed_version == version
    assert Connection(context=context).version() == version


@pytest.mark.parametrize(
    ("release", "method"),
    [
        ("0.9.6-base", "TLS"),
        ("1.0.0t", "TLSv1_1"),
        ("1.0.0t", "TLSv1_2"),
        ("1.0.2u", "TLS"),
        ("1.1.1w", "TLSv1_3"),
        ("1.0.1u", "nonsense"),
    ],
)
def test_a_method_that_the_release_lacks_is_refused_with_those_it_has(release, method):
    with pytest.raises(UsageError, match=f"has no {method}_method; it has .*SSLv3"):
        Context(release, method=method)


@pytest.mark.parametrize("method", ["SSLv2", "DTLSv1", "DTLS", "DTLSv1_2", "QUIC"])
def test_other_protocols_are_not_emulated_and_say_so(method):
    with pytest.raises(NotEmulated, match=f"{method}_method is not emulated"):
        Context("1.0.2u", method=method)


def test_a_version_that_the_build_lacks_is_refused():
    with pytest.raises(UsageError, match="does not speak SSLv3"):
        Context("1.1.1w", method="SSLv3")
    assert Context("1.1.1w", method="SSLv3", build=["ssl3"]).fixed_version == 0x300


# -- words --------------------------------------------------------------------------------------


def test_an_unknown_profile_says_which_are_near():
    with pytest.raises(UnknownProfile, match=r"1\.0\.1u"):
        Context("1.0.1v")


@pytest.mark.parametrize("setting", ["follow", "undefined"])
def test_a_setting_of_another_word_says_what_was_expected(setting):
    with pytest.raises(UsageError, match=f"{setting}: got 'nobody', expected one of"):
        Context("1.0.1u", **{setting: "nobody"})


def test_the_manual_is_followed_unless_told():
    assert Context("1.0.1u").follow == "manual"


# -- modes and options --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "mode"),
    [("0.9.6-base", 0), ("1.0.2u", 0), ("1.1.0l", 0), ("1.1.1-base", Mode.AUTO_RETRY), ("1.1.1w", 4)],
)
def test_auto_retry_is_the_default_from_1_1_1(release, mode):
    assert Context(release).get_mode() == mode


@pytest.mark.parametrize("release", ["0.9.6-base", "0.9.8l", "0.9.8m", "1.1.1w"])
def test_modes_add_up(release):
    context = Context(release)
    before = context.get_mode()
    assert context.set_mode(Mode.ENABLE_PARTIAL_WRITE) == before | 1
    assert context.set_mode(Mode.ACCEPT_MOVING_WRITE_BUFFER) == before | 3


@pytest.mark.parametrize(
    ("release", "answer"), [("0.9.6-base", 0), ("0.9.8l", 0), ("0.9.8m", 2), ("1.0.0-base", 2), ("1.0.2u", 2)]
)
def test_modes_can_be_cleared_from_0_9_8m(release, answer):
    context = Context(release)
    context.set_mode(3)
    assert context.clear_mode(1) == answer
    assert context.get_mode() == (answer or 3)


@pytest.mark.parametrize(
    ("release", "known"), [("0.9.7m", False), ("0.9.8l", False), ("0.9.8m", True), ("1.1.1w", True)]
)
def test_options_can_be_cleared_from_0_9_8m(release, known):
    context = Context(release)
    before = context.get_options()
    context.set_options(Option.NO_TLSV1)
    assert context.clear_options(Option.NO_TLSV1) == (before if known else 0)
    assert context.get_options() == (before if known else before | Option.NO_TLSV1)


def test_the_async_mode_is_not_emulated():
    with pytest.raises(NotEmulated, match="SSL_MODE_ASYNC"):
        Context("1.1.0l").set_mode(Mode.ASYNC)
    with pytest.raises(NotEmulated, match="SSL_MODE_ASYNC"):
        Connection("1.1.0l").set_mode(Mode.ASYNC)


@pytest.mark.parametrize(
    ("release", "options"),
    [
        ("0.9.6m", 0),
        ("0.9.8zh", 4),
        ("1.0.1g", 4),
        ("1.0.1r", 4),
        ("1.0.1s", 0x1000004),
        ("1.0.2f", 4),
        ("1.0.2g", 0x1000004),
        ("1.1.0l", 0x20004),
        ("1.1.1w", 0x120004),
    ],
)
def test_a_fresh_context_has_its_releases_options(release, options):
    assert Context(release).get_options() == options


# -- versions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("release", "ret"), [("1.0.2u", 0), ("1.1.0-base", 1), ("1.1.1w", 1)])
def test_bounds_of_versions_are_a_control_from_1_1_0(release, ret):
    context = Context(release)
    assert context.set_min_proto_version(TLS1_VERSION) == ret
    assert context.set_max_proto_version(TLS1_1_VERSION) == ret


def test_a_version_that_does_not_exist_is_no_bound():
    assert Context("1.1.1w").set_max_proto_version(0x0399) == 0
    assert Context("1.1.0l").set_max_proto_version(TLS1_3_VERSION) == 0


def test_options_and_bounds_leave_the_versions_between():
    context = Context("1.1.1w")
    context.set_min_proto_version(TLS1_VERSION)
    context.set_options(Option.NO_TLSV1_1)
    assert context._s.config.versions == (TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION)
    context.set_min_proto_version(TLS1_3_VERSION)
    assert context._s.config.versions == (TLS1_3_VERSION,)


# -- ciphers ------------------------------------------------------------------------------------


def test_in_0_9_6_a_cipher_string_that_matches_nothing_succeeds():
    context = Context("0.9.6m")
    assert context.set_cipher_list("NONSENSE") == 1
    assert context.cipher_suites == ()


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.2u", "1.1.1w"])
def test_a_cipher_string_that_matches_nothing_answers_0_and_says_so(release):
    context = Context(release)
    before = context.cipher_suites
    assert context.set_cipher_list("NONSENSE") == 0
    assert [entry.text.rpartition(":")[2] for entry in current()] == ["no cipher match"]
    assert context.cipher_suites in (before, ())


def test_a_cipher_string_chooses_and_orders():
    context = Context("1.0.2u")
    assert context.set_cipher_list("AES256-SHA:AES128-SHA") == 1
    assert [suite.name for suite in context.cipher_suites] == ["AES256-SHA", "AES128-SHA"]


# -- calls that came later ----------------------------------------------------------------------


def test_the_message_callback_does_not_exist_in_0_9_6():
    with pytest.raises(
        AttributeError, match=r"SSL_set_msg_callback does not exist in OpenSSL 0\.9\.6m: added in 0\.9\.7"
    ):
        Context("0.9.6m").set_msg_callback(None)
    assert not hasattr(Context("0.9.6m"), "set_msg_callback")
    assert hasattr(Context("0.9.7-base"), "set_msg_callback")


def test_connections_start_with_what_the_context_holds():
    context = Context("1.0.2u")
    context.set_mode(3)
    context.set_options(Option.NO_TICKET)
    connection = Connection(context=context)
    assert connection.get_mode() == 3
    assert connection.get_options() & Option.NO_TICKET


def test_what_a_connection_sets_stays_its_own():
    context = Context("1.0.2u")
    one, other = Connection(context=context), Connection(context=context)
    one.set_mode(1)
    one.set_options(Option.NO_TICKET)
    one.set_cipher_list("AES128-SHA")
    assert other.get_mode() == 0
    assert not other.get_options() & Option.NO_TICKET
    assert other._s.config.cipher_suites == context.cipher_suites
