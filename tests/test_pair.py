from __future__ import annotations

import itertools

import pytest

from emulator import Context, ErrorCode, Shutdown, UsageError, connected_pair
from emulator.constants import PROTOCOL_VERSIONS
from emulator.error_queue import current

SERIES = ["0.9.6", "0.9.7", "0.9.8", "1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.1.1"]
ALL_BUILT = ["ssl3", "weak-ciphers"]


def exchange(client, server):
    assert client.write(b"there") == 5
    assert server.read(100) == (5, b"there")
    assert server.write(b"back") == 4
    assert client.read(100) == (4, b"back")


# -- who with whom ------------------------------------------------------------------------------


@pytest.mark.parametrize("series", [*SERIES, "0.9.x", "0.9.6-base", "1.0.1-base", "1.1.1-base"])
def test_one_line_makes_a_pair_of_any_series(series):
    client, server = connected_pair(series)
    exchange(client, server)
    assert client.get_error(5) == ErrorCode.NONE


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(SERIES, 2)))
def test_releases_of_any_two_series_speak_with_each_other(one, other):
    oldest = "0.9.6" in (one, other)
    pair = connected_pair(
        one,
        server_profile=other,
        cipher="DES-CBC3-SHA" if oldest else None,
        build=ALL_BUILT if oldest else None,
        client={"options": ["LEGACY_SERVER_CONNECT"]},
    )
    exchange(*pair)
    assert pair.client.version() == pair.server.version()


PROTOCOLS = [
    *[(series, "SSLv3") for series in SERIES],
    *[(series, "TLSv1") for series in SERIES],
    *[(series, protocol) for series in SERIES[4:] for protocol in ("TLSv1.1", "TLSv1.2")],
]


@pytest.mark.parametrize(("series", "protocol"), PROTOCOLS)
def test_the_protocol_that_is_asked_for_is_spoken(series, protocol):
    pair = connected_pair(series, protocol=protocol, build=ALL_BUILT)
    assert {end.version() for end in pair} == {PROTOCOL_VERSIONS[protocol]}
    exchange(*pair)


CIPHERS = [
    *[(series, "TLSv1", "DES-CBC3-SHA") for series in SERIES],
    *[(series, "TLSv1", "RC4-SHA") for series in SERIES],
    *[(series, "TLSv1", "RC4-MD5") for series in SERIES],
    *[(series, "TLSv1", name) for series in SERIES[1:] for name in ("AES128-SHA", "AES256-SHA")],
    *[(series, "TLSv1.2", "ECDHE-RSA-AES128-SHA256") for series in SERIES[6:]],
    *[(series, "TLSv1.2", name) for series in SERIES[4:] for name in ("AES128-SHA256", "AES256-GCM-SHA384")],
    *[(series, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256") for series in SERIES[6:]],
    *[(series, "TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305") for series in SERIES[6:]],
]


@pytest.mark.parametrize(("series", "protocol", "cipher"), CIPHERS)
def test_the_cipher_that_is_asked_for_is_used(series, protocol, cipher):
    pair = connected_pair(series, protocol=protocol, cipher=cipher, build=ALL_BUILT)
    assert [end.get_current_cipher() for end in pair] == [cipher, cipher]
    pair.client.write(bytes(40000))
    read = 0
    while read < 40000:
        read += pair.server.read(20000)[0]
    exchange(*pair)


# -- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"protocol": "TLS1"}, "protocol: got 'TLS1', expected one of SSLv3, TLSv1"),
        ({"protocol": "TLSv1.2"}, r"this build of OpenSSL 1\.0\.0t does not speak TLSv1\.2"),
        ({"cipher": "AES128-GCM-SHA256"}, r"this build of OpenSSL 1\.0\.0t has no AES128-GCM-SHA256"),
        ({"delivery": "slow"}, "delivery: got 'slow', expected 'at-once' or 'manual'"),
        (
            {"client": {"mode": 1}},
            "client: got 'mode', expected some of modes, clear_modes, options, no_state",
        ),
        ({"server": {"modes": "AUTO_RETRY"}}, "server: modes: got the string 'AUTO_RETRY', expected a list"),
    ],
)
def test_a_wrong_setting_says_what_was_expected(settings, message):
    with pytest.raises(UsageError, match=message):
        connected_pair("1.0.0t", **settings)


@pytest.mark.parametrize("protocol", ["TLSv1.3", None])
@pytest.mark.parametrize("release", ["1.1.1", "1.1.1w", "3.0", "3.5"])
def test_releases_that_have_tls_1_3_speak_it_unless_told_otherwise(release, protocol):
    client, server = connected_pair(release, protocol=protocol)
    assert client.get_version() == server.get_version() == "TLSv1.3"
    assert client.write(b"there") == server.write(b"back") + 1
    assert server.read(100) == (5, b"there")
    assert client.read(100) == (4, b"back")


def test_with_a_release_that_lacks_tls_1_3_the_highest_version_is_1_2():
    client, server = connected_pair("1.1.1w", server_profile="1.1.0l")
    assert client.get_version() == server.get_version() == "TLSv1.2"


@pytest.mark.parametrize(
    ("cipher", "version"), [("TLS_AES_128_GCM_SHA256", "TLSv1.3"), ("AES128-GCM-SHA256", "TLSv1.2")]
)
def test_the_cipher_decides_whether_the_version_is_tls_1_3(cipher, version):
    client, _ = connected_pair("1.1.1w", cipher=cipher)
    assert client.get_current_cipher() == cipher
    assert client.get_version() == version


def test_a_release_without_tls_1_3_says_so():
    with pytest.raises(UsageError, match=r"1\.1\.0l does not speak TLSv1\.3"):
        connected_pair("1.1.0l", protocol="TLSv1.3")


def test_a_suite_of_older_versions_is_none_of_tls_1_3():
    with pytest.raises(
        UsageError, match=r"cipher: AES128-SHA is no suite that OpenSSL 3.0.16 has for TLSv1.3"
    ):
        connected_pair("3.0.16", protocol="TLSv1.3", cipher="AES128-SHA")


def test_a_handshake_that_fails_says_why():
    with pytest.raises(UsageError, match=r"the handshake failed: error:.*no shared cipher"):
        connected_pair("0.9.6m", server_profile="1.1.1w")


def test_making_a_pair_leaves_the_queue_alone():
    marker = Context("1.0.1u").errors.numeric(11, 0, 100)
    current().put(marker)
    connected_pair("1.0.1u", cipher="AES128-SHA")
    assert list(current()) == [marker]


# -- settings of a side -------------------------------------------------------------------------


def test_modes_and_options_are_given_by_name_or_number():
    client, server = connected_pair(
        "1.1.1w",
        client={"modes": ["ENABLE_PARTIAL_WRITE"], "clear_modes": ["AUTO_RETRY"]},
        server={"modes": 2, "options": ["NO_TICKET"]},
    )
    assert (client.get_mode(), server.get_mode()) == (1, 6)
    assert server.get_options() & 0x4000


def test_a_name_that_the_release_does_not_know_is_left_out():
    client, _ = connected_pair("0.9.6m", client={"modes": ["RELEASE_BUFFERS", "AUTO_RETRY"]})
    assert client.get_mode() == 4


def test_without_a_role_there_is_no_handshake():
    client, server = connected_pair("1.0.1u", client={"no_state": True}, follow="library")
    assert client.write(b"hello") == -1
    assert server.in_init()


def test_a_pair_may_be_left_to_shake_hands_itself():
    pair = connected_pair("1.0.1u", handshake=False, delivery="manual")
    assert pair.client.in_init()
    assert pair.client.do_handshake() == -1
    assert pair.deliver() > 0
    assert pair.server.do_handshake() == -1
    assert pair.deliver("client") == 0
    assert pair.deliver("server", 10) == 10


# -- the pipe between ---------------------------------------------------------------------------


@pytest.mark.parametrize("series", SERIES)
def test_a_bounded_pipe_asks_for_retries(series):
    client, server = connected_pair(series, capacity=1000, follow="library")
    data = bytes(5000)
    read = 0
    while (ret := client.write(data)) < 0:
        assert client.get_error(ret) == ErrorCode.WANT_WRITE
        assert server.read(1)[0] == -1
    assert ret == 5000
    while read < 5000:
        read += server.read(5000)[0]


def test_the_capacity_of_a_direction_can_change():
    pair = connected_pair("1.0.1u", capacity=0)
    data = b"hello"
    assert pair.client.write(data) == -1
    pair.set_capacity("client", None)
    assert pair.client.write(data) == 5
    assert pair.server.write(data) == -1


def test_with_manual_delivery_nothing_arrives_by_itself():
    pair = connected_pair("1.0.1u", delivery="manual")
    pair.client.write(b"hello")
    assert pair.server.read(100)[0] == -1
    assert pair.deliver("client", 5) == 5
    assert pair.server.read(100)[0] == -1
    pair.deliver()
    assert pair.server.read(100) == (5, b"hello")


# -- the pair itself ----------------------------------------------------------------------------


def test_a_pair_is_a_tuple_with_names():
    pair = connected_pair("1.0.1u")
    assert tuple(pair) == (pair.client, pair.server)
    assert len(pair) == 2


def test_leaving_the_pair_ends_the_transport_without_close_notify():
    with connected_pair("1.0.1u", follow="library") as (client, server):
        client.write(b"last")
    assert server.read(100) == (4, b"last")
    assert server.read(100) == (0, b"")
    assert server.get_error(0) == ErrorCode.SYSCALL
    assert server.get_shutdown() == Shutdown(0)


def test_the_manual_is_followed_unless_told():
    assert connected_pair("1.0.1u").client.context.follow == "manual"
    assert connected_pair("1.0.1u", follow="library").server.context.follow == "library"


def test_each_pair_is_apart_from_all_others():
    one, other = connected_pair("1.0.1u"), connected_pair("1.0.1u")
    one.client.write(b"hello")
    assert other.server.read(100)[0] == -1
    assert one.server.read(100) == (5, b"hello")
