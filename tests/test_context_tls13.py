"""The settings that came with TLS 1.3, of a context and of a connection."""

from __future__ import annotations

import pytest

from emulator.connection import Connection
from emulator.context import Context
from emulator.error_queue import current
from emulator.exceptions import NotEmulated
from emulator.handshake.common.session import Session

X25519, P256, P384 = 29, 23, 24


@pytest.fixture(name="context")
def context_fixture():
    return Context("1.1.1w", follow="library")


def names(suites):
    return [suite.name for suite in suites]


def test_a_new_context_has_the_default_ciphersuites(context):
    assert names(context._s.config.ciphersuites) == [
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_GCM_SHA256",
    ]
    assert Context("1.1.0l").ciphersuites == ()


def test_the_ciphersuites_are_apart_from_the_cipher_list(context):
    assert context.set_cipher_list("AES128-SHA") == 1
    assert len(context._s.config.ciphersuites) == 3
    assert context.set_ciphersuites("TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256") == 1
    assert names(context.cipher_suites) == ["AES128-SHA"]
    assert names(context._s.config.ciphersuites) == [
        "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_GCM_SHA256",
    ]


def test_no_ciphersuites_at_all_can_be_asked_for(context):
    assert context.set_ciphersuites("") == 1
    assert context.ciphersuites == ()


def test_an_unknown_ciphersuite_leaves_the_list_as_it_was(context):
    assert context.set_ciphersuites("TLS_AES_128_GCM_SHA256:AES128-SHA") == 0
    assert str(current().get()).endswith("ciphersuite_cb:no cipher match")
    assert len(context.ciphersuites) == 3


def test_groups_are_listed_in_their_order(context):
    assert context.set1_groups_list("P-384:X25519") == 1
    connection = Connection(context=context)
    assert connection._s.config.groups == (P384, X25519)
    assert connection.set1_groups_list("prime256v1") == 1
    assert connection._s.config.groups == (P256,)
    assert context._s.config.groups == (P384, X25519)


@pytest.mark.parametrize("listed", ["P-256:prime256v1", "X25519MLKEM768"])
def test_groups_that_are_named_twice_or_unknown_are_refused(context, listed):
    assert context.set1_groups_list(listed) == 0
    assert context._s.config.groups is None


@pytest.mark.parametrize("listed", ["brainpoolP256r1", "?X25519:P-256", "*P-256/X25519"])
def test_groups_that_cannot_be_used_here_are_said_to_be(context, listed):
    with pytest.raises(NotEmulated):
        context.set1_groups_list(listed)


def test_groups_are_no_control_of_older_releases():
    assert Context("1.1.0l").set1_groups_list("P-256") == 0


def test_the_number_of_tickets_is_two_unless_another_is_asked_for(context):
    assert context.get_num_tickets() == 2
    connection = Connection(context=context)
    assert connection.set_num_tickets(0) == 1
    assert (connection.get_num_tickets(), context.get_num_tickets()) == (0, 2)
    with pytest.raises(AttributeError):
        Context("1.1.0l").get_num_tickets()


def test_psk_callbacks_reach_the_handshake(context):
    session = Session(0x0304, 0x1301, master_key=bytes(32))
    context.set_psk_use_session_callback(lambda: (b"who", session))
    context.set_psk_find_session_callback({b"who": session}.get)
    config = context._s.config
    assert config.psk_use_session() == (b"who", session)
    assert config.psk_find_session(b"who") is session


@pytest.mark.parametrize("release", ["3.0.12", "3.2.0", "3.5.4"])
def test_an_unknown_ciphersuite_is_skipped_from_3_0_on(release):
    context = Context(release, follow="library")
    assert context.set_ciphersuites("AES128-SHA:TLS_AES_128_GCM_SHA256") == 1
    assert names(context.ciphersuites) == ["TLS_AES_128_GCM_SHA256"]
