"""What a server's DHE and ECDHE suites need before they can be chosen, release by release."""

from __future__ import annotations

import base64

import pytest

from emulator import Connection, Context, ERR_get_error, NotEmulated, UsageError, make_scripted_bio_pair
from emulator.constants import TLS1_2_VERSION
from emulator.handshake.common import der
from emulator.handshake.common.key_exchange import AUTO_DH


def pem(p=AUTO_DH.p, g=AUTO_DH.g):
    body = base64.encodebytes(der.element(der.SEQUENCE, der.integer(p) + der.integer(g)))
    return b"-----BEGIN DH PARAMETERS-----\n" + body + b"-----END DH PARAMETERS-----\n"


def agreed(profile, suite, **settings):
    """The suite that a client which offers just one gets; None if the handshake fails."""
    context = Context(profile)
    context.use_fixture()
    context.set_cipher_list(suite)  # 0.9.8 has elliptic curves only for those who ask for them
    for call, value in settings.items():
        getattr(context, call)(value)
    near, far = make_scripted_bio_pair()
    context.set_max_proto_version(TLS1_2_VERSION)  # no suite of TLS 1.3 has anything to do with it
    client, server = Connection(profile, bio=near), Connection(context=context, bio=far)
    client.set_connect_state()
    server.set_accept_state()
    client.set_cipher_list(suite)
    for _ in range(4):
        done = client.do_handshake()
        near.outgoing.deliver()
        server.do_handshake()
        far.outgoing.deliver()
    return client.get_current_cipher() if done == 1 else None


@pytest.mark.parametrize(
    ("profile", "suite"),
    [("0.9.6", "EDH-RSA-DES-CBC3-SHA"), ("0.9.8", "DHE-RSA-AES128-SHA"), ("1.1.1", "DHE-RSA-AES128-SHA")],
)
def test_a_server_has_dhe_suites_once_it_has_parameters(profile, suite):
    assert agreed(profile, suite) is None
    assert agreed(profile, suite, set_tmp_dh=pem()) == suite


@pytest.mark.parametrize("profile", ["0.9.8", "1.0.1", "1.0.2"])
def test_a_server_has_ecdhe_suites_once_it_has_a_curve(profile):
    suite = "ECDHE-RSA-AES128-SHA"
    assert agreed(profile, suite) is None
    assert agreed(profile, suite, set_tmp_ecdh="prime256v1") == suite


def test_the_curve_may_be_left_to_the_release_from_1_0_2():
    suite = "ECDHE-RSA-AES128-SHA"
    assert agreed("1.0.2", suite, set_ecdh_auto=1) == suite
    assert agreed("1.0.1", suite, set_ecdh_auto=1) is None
    assert agreed("1.1.0", suite) == suite


def test_the_parameters_may_be_left_to_the_release_from_1_1_0():
    suite = "DHE-RSA-AES128-SHA"
    assert agreed("1.1.0", suite, set_dh_auto=1) == suite
    assert agreed("1.0.2", suite, set_dh_auto=1) is None


@pytest.mark.parametrize(
    ("profile", "call", "value", "ret"),
    [
        ("0.9.6", "set_tmp_dh", pem(), 1),
        ("0.9.7", "set_tmp_ecdh", "secp384r1", 0),
        ("0.9.8", "set_tmp_ecdh", "secp384r1", 1),
        ("1.0.1", "set_ecdh_auto", 1, 0),
        ("1.0.2", "set_ecdh_auto", 0, 1),
        ("1.1.0", "set_ecdh_auto", 0, 0),
        ("1.1.0", "set_ecdh_auto", 1, 1),
        ("1.0.2", "set_dh_auto", 1, 0),
        ("1.1.0", "set_dh_auto", 1, 1),
    ],
)
def test_a_setting_that_a_release_does_not_know_answers_0(profile, call, value, ret):
    assert getattr(Context(profile), call)(value) == ret
    assert ERR_get_error() is None


@pytest.mark.parametrize(
    "parameters",
    [
        b"",
        pem()[:60] + b"-----END DH PARAMETERS-----",
        b"-----BEGIN DH PARAMETERS-----\nAA==\n-----END DH PARAMETERS-----",
    ],
)
def test_what_are_no_parameters_is_misuse(parameters):
    with pytest.raises(UsageError, match="DH PARAMETERS"):
        Context("1.0.1").set_tmp_dh(parameters)


def test_what_a_release_would_refuse_or_has_and_we_have_not_is_named():
    with pytest.raises(NotEmulated, match="below the security level"):
        Context("1.1.0").set_tmp_dh(pem(p=(1 << 511) + 111))
    assert Context("1.0.2").set_tmp_dh(pem(p=(1 << 511) + 111)) == 1
    with pytest.raises(NotEmulated, match="sect571r1"):
        Context("1.0.1").set_tmp_ecdh("sect571r1")
