"""SSL_clear(), and SSL_connect() on an established connection: another handshake with the same object."""

from __future__ import annotations

import pytest

from emulator import connected_pair
from emulator.exceptions import SimulatedCrash
from emulator.profile import load_profile
from emulator.scenario.runner import Runner
from emulator.scenario.script import Script

TURNS = (
    "client handshake; pump; server handshake; pump; client handshake; pump; server handshake; "
    "pump; client handshake"
)
DROPPED = "establish; client clear; server clear; "


def trace(release, steps, protocol="TLSv1", cipher="AES128-SHA"):
    script = Script("clear", protocol=protocol, cipher=cipher, steps=[*steps.split("; ")])
    runner = Runner(load_profile(release))
    try:
        line = runner.run(script.scenario())
    finally:
        runner.close()
    return line.get("trace") if "crash" not in line else line["crash"]


def reasons(entry):
    return [each["text"].rpartition(":")[2] for each in entry.get("queue", ())]


def is_resumed(entries):
    """Whether the server answers the hello with ChangeCipherSpec at once."""
    answer = next(entry for entry in entries if entry["step"] == {"who": "server", "do": "handshake"})
    return 20 in [record[0] for record in answer["wire"]]


ALL = ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w", "3.0", "3.5"]


@pytest.mark.parametrize("release", ALL)
def test_a_cleared_connection_shakes_hands_again_and_carries_data(release):
    entries = trace(release, f"{DROPPED}{TURNS}; client write 5; pump; server read 10")
    assert [entries[1]["ret"], entries[2]["ret"]] == [1, 1]
    assert entries[1]["in_init"]
    assert (entries[-3]["ret"], entries[-1]["ret"]) == (5, 5)


@pytest.mark.parametrize("release", ALL)
def test_the_session_is_resumed_after_a_clean_close_and_not_without_one(release):
    close = (
        "establish; client shutdown; pump; server read 1; server shutdown; client clear; server clear; pump; "
    )
    assert is_resumed(trace(release, close + TURNS))
    assert not is_resumed(trace(release, DROPPED + TURNS))


def test_up_to_0_9_6c_the_session_is_kept_whatever_happened():
    assert is_resumed(trace("0.9.6c", DROPPED + TURNS))
    assert not is_resumed(trace("0.9.6d", DROPPED + TURNS))


@pytest.mark.parametrize("release", ALL)
def test_a_write_under_way_and_unread_data_are_forgotten(release):
    entries = trace(
        release,
        "establish; server write 5; pump; client peek 1; client capacity 0; client write 100; client clear; "
        "client pending; client capacity none; client write 3",
    )
    assert entries[7]["ret"] == 0
    assert [record[0] for record in entries[9]["wire"]] == [22]


def test_a_version_of_the_flexible_method_stays_with_the_session_up_to_1_1_0_only():
    versions = {}
    for release in ("1.1.0l", "1.1.1w"):
        client, server = connected_pair(release, protocol="TLSv1.1", follow="library")
        client.context.set_max_proto_version(0)
        client.set_max_proto_version(0)
        for side in (client, server):
            side.set_shutdown(3)
            assert side.clear() == 1
        client.do_handshake()
        versions[release] = client._s.hs.client_version
    assert versions == {"1.1.0l": 0x302, "1.1.1w": 0x303}


# -- refused ---------------------------------------------------------------------------------------

REFUSED = "establish; client write 5; pump; server renegotiate; server clear; "


@pytest.mark.parametrize("release", ALL[:-1])
def test_a_refused_call_leaves_a_connection_that_speaks_plaintext(release):
    entries = trace(release, f"{REFUSED}server write 100", cipher="AES128-SHA")
    assert (entries[4]["ret"], reasons(entries[4])) == (0, ["internal error"])
    assert entries[5]["wire"][-1] == [23, 769, 100]


def test_from_3_2_records_stay_protected():
    assert trace("3.2", f"{REFUSED}server write 100")[5]["wire"][-1][2] > 100
    assert trace("3.2", f"{REFUSED}server read 100")[5]["ret"] == 5


@pytest.mark.parametrize(
    ("release", "prefixed"), [("1.0.1-base", False), ("1.0.1a", True), ("1.0.0t", False), ("3.0", True)]
)
def test_an_empty_record_goes_ahead_of_plaintext_from_1_0_1a(release, prefixed):
    entries = trace(release, f"{REFUSED}server write 5")
    assert ([23, 769, 0] in entries[5]["wire"]) is prefixed


@pytest.mark.parametrize(
    ("protocol", "cipher", "room"),
    [("TLSv1.1", "AES128-SHA", 16), ("TLSv1.2", "AES128-GCM-SHA256", 8), ("TLSv1", "RC4-SHA", 0)],
)
def test_plaintext_has_room_for_the_iv_and_what_arrives_is_ciphertext(protocol, cipher, room):
    entries = trace("1.0.2u", f"{REFUSED}server write 5; server read 100", protocol, cipher)
    assert entries[5]["wire"][-1][2] == room + 5
    assert entries[6]["ret"] == sum(record[2] for record in entries[1]["wire"])


def test_only_the_mac_of_encrypt_then_mac_is_taken_off_what_arrives():
    entries = trace("1.1.1w", f"{REFUSED}server read 100", "TLSv1.1")
    assert entries[5]["ret"] == entries[1]["wire"][0][2] - 20
    damaged = trace(
        "1.1.1w", REFUSED.replace("pump", "client corrupt 40; pump", 1) + "server read 9", "TLSv1.1"
    )
    assert reasons(damaged[-1]) == ["decryption failed or bad record mac"]


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.2u", "1.1.1w"])
def test_a_new_session_protects_again(release):
    entries = trace(
        release, "establish; client renegotiate; client clear; client write 5; pump; server read 10"
    )
    (hello,) = entries[3]["wire"]
    assert hello[2] % 16 in (0, 4)  # a CBC record, its MAC inside or behind it
    assert "queue" not in entries[5]


# -- the generic method ------------------------------------------------------------------------------

GENERIC = {"protocol": "TLSv1.2", "cipher": "AES128-SHA256"}
UNDEFINED = "called a function you should not call"


def test_up_to_1_0_1_the_method_given_back_has_no_functions_for_records():
    entries = trace("1.0.1j", f"{DROPPED}client handshake; pump; server handshake", **GENERIC)
    assert reasons(entries[3]) == [UNDEFINED]
    assert entries[3]["wire"][0][0] == 22
    assert reasons(entries[5]) == [UNDEFINED, "block cipher pad is wrong", UNDEFINED, UNDEFINED]


def test_from_1_0_1k_such_a_connection_sends_nothing():
    entries = trace("1.0.1u", f"{DROPPED}client handshake; client handshake", **GENERIC)
    for entry in entries[3:]:
        assert (entry["ret"], reasons(entry), "wire" in entry) == (-1, [UNDEFINED], False)


def test_1_0_2_dies_of_the_hello():
    assert trace("1.0.2u", f"{DROPPED}client handshake; pump; server handshake", **GENERIC) == "SIGSEGV"


def test_ssl_connect_calls_the_generic_method_and_all_other_calls_the_version_s_own():
    entries = trace(
        "1.0.2u", "establish; client clear; client connect; client read 5; client connect", **GENERIC
    )
    assert entries[2]["error"] == entries[4]["error"] == "WANT_READ"
    assert reasons(entries[3]) == ["unknown state"]
    other_way_round = trace("1.0.2u", "establish; client clear; client handshake; client connect", **GENERIC)
    assert reasons(other_way_round[3]) == ["unknown state"]


@pytest.mark.parametrize(
    ("release", "goes_on"), [("1.0.1p", True), ("1.0.1q", False), ("1.0.2d", True), ("1.0.2e", False)]
)
def test_a_client_that_has_made_its_session_cannot_say_hello_again(release, goes_on):
    last = trace(release, "client handshake; client clear; client handshake", **GENERIC)[-1]
    assert reasons(last) == ([] if goes_on else ["ssl23 doing session id reuse"])


# -- SSL_connect() and SSL_accept() again --------------------------------------------------------------


@pytest.mark.parametrize("release", ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u"])
def test_up_to_1_0_2_ssl_connect_begins_anew_without_the_session(release):
    entries = trace(release, f"establish; client connect; server connect; {TURNS}; client connect")
    assert entries[1]["wire"][0][0] == 22
    assert entries[1]["wire"] == trace(release, "client connect")[0]["wire"]
    assert entries[-1]["in_init"]


@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w", "3.5"])
def test_from_1_1_0_ssl_connect_has_nothing_to_do(release):
    entries = trace(release, "establish; client connect; server connect")
    assert [(entry["ret"], "wire" in entry) for entry in entries[1:]] == [(1, False), (1, False)]


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.2u"])
def test_up_to_1_0_2_ssl_connect_after_ssl_renegotiate_looks_at_a_session_that_is_gone(release):
    assert trace(release, "establish; client renegotiate; client connect") == "SIGSEGV"


def test_a_crash_says_what_was_looked_at():
    client, _ = connected_pair("1.0.2u", follow="library")
    client.renegotiate()
    with pytest.raises(SimulatedCrash, match="the session that SSL_clear"):
        client.connect()


# -- the countermeasure, which looks at the same condition ------------------------------------------------


def test_in_1_0_1_a_stitched_cipher_has_no_empty_record_ahead():
    first = "establish; client write 1"
    assert trace("1.0.1-base", first)[1]["wire"] == [[23, 769, 32]]
    assert trace("1.0.1a", first)[1]["wire"] == [[23, 769, 32], [23, 769, 32]]
    assert len(trace("1.0.1-base", first, cipher="DES-CBC3-SHA")[1]["wire"]) == 2
