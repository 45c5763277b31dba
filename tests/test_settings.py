"""One protocol, and names instead of numbers."""

from __future__ import annotations

import pytest

from emulator import Mode, UsageError, connected_pair, load_profile
from emulator.api.protocols import bits, method_for


@pytest.mark.parametrize(
    ("profile", "protocol", "method"),
    [
        ("1.0.2u", "TLSv1", "TLSv1"),
        ("1.0.2u", "TLSv1.2", None),
        ("1.1.0l", "TLSv1", None),
        ("0.9.8zh", "SSLv3", "SSLv3"),
        ("0.9.8zh", None, None),
    ],
)
def test_old_releases_have_methods_of_their_own_for_old_protocols(profile, protocol, method):
    assert method_for(load_profile(profile), protocol) == method


def test_a_name_that_the_release_does_not_know_adds_nothing():
    modes = load_profile("0.9.8zh").modes
    assert bits(["AUTO_RETRY", "RELEASE_BUFFERS"], modes) == Mode.AUTO_RETRY
    assert bits(["AUTO_RETRY", "RELEASE_BUFFERS"], load_profile("1.0.1").modes) == 0x14


def test_a_name_that_no_release_knows_is_refused_with_those_that_there_are():
    with pytest.raises(UsageError, match=r"client: modes: got 'AUTO_RETRIES', did you mean 'AUTO_RETRY'"):
        connected_pair(profile="1.0.1", client={"modes": ["AUTO_RETRIES"]})
    with pytest.raises(UsageError, match=r"server: options: got the string 'NO_TICKET'"):
        connected_pair(profile="1.0.1", server={"options": "NO_TICKET"})
    with pytest.raises(UsageError, match=r"client: got 'mode', expected some of modes"):
        connected_pair(profile="1.0.1", client={"mode": ["AUTO_RETRY"]})


def test_a_protocol_is_named_among_those_there_are():
    with pytest.raises(UsageError, match=r"protocol: got 'TLS1.2', expected one of SSLv3, .*TLSv1\.2"):
        connected_pair(profile="1.0.1", protocol="TLS1.2")
    with pytest.raises(UsageError, match=r"1\.1\.0l does not speak TLSv1\.3"):
        connected_pair(profile="1.1.0", protocol="TLSv1.3")
    with pytest.raises(UsageError, match=r"0\.9\.8zh does not speak TLSv1\.2"):
        connected_pair(profile="0.9.8zh", protocol="TLSv1.2")


def test_modes_and_options_reach_the_side_they_are_meant_for():
    client, server = connected_pair(
        profile="1.0.1",
        client={"modes": ["ENABLE_PARTIAL_WRITE"]},
        server={"modes": 4, "options": ["NO_TICKET"]},
    )
    assert client.get_mode() == Mode.ENABLE_PARTIAL_WRITE
    assert server.get_mode() == Mode.AUTO_RETRY
    assert server.get_options() & 0x4000
    assert not client.get_options() & 0x4000
