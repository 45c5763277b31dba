"""Whatever a peer sends is refused as the library did or is taken; a Python exception is a failure."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Script, load_profile
from emulator.exceptions import NotEmulated
from emulator.handshake.common.messages import HandshakeFailure
from emulator.scenario.runner import Runner

TLS10, TLS12 = 0x0301, 0x0303
WORLDS = [
    ("0.9.6-base", 0x0300, "DES-CBC3-SHA"),
    ("0.9.6m", TLS10, "EDH-RSA-DES-CBC3-SHA"),
    ("0.9.7m", TLS10, "AES128-SHA"),
    ("0.9.8zh", TLS10, "ECDHE-RSA-AES128-SHA"),
    ("1.0.0t", TLS10, "DHE-RSA-AES128-SHA"),
    ("1.0.1g", TLS12, "ECDHE-ECDSA-AES128-SHA"),
    ("1.0.1u", TLS12, "DHE-RSA-AES128-SHA"),
    ("1.0.2u", TLS12, "ECDHE-RSA-AES128-GCM-SHA256"),
    ("1.1.0l", TLS12, "ECDHE-ECDSA-AES128-SHA"),
    ("1.1.0l", TLS10, "DHE-RSA-AES128-SHA"),
    ("1.1.1w", TLS12, "ECDHE-RSA-AES128-GCM-SHA256"),
    ("1.1.1w", TLS12, "DHE-RSA-AES128-SHA"),
    ("1.1.1w", 0x0302, "AES128-SHA"),
]
MESSAGES = [
    ("client", "client_hello"),
    ("server", "server_hello"),
    ("server", "certificate"),
    ("server", "server_key_exchange"),
    ("server", "certificate_request"),
    ("server", "server_hello_done"),
    ("client", "certificate"),
    ("client", "client_key_exchange"),
    ("client", "certificate_verify"),
    ("client", "finished"),
    ("server", "new_session_ticket"),
    ("server", "finished"),
]


class Delivered(Exception):  # noqa: N818
    """The changed message was taken; how both ends go on is the state machine's affair."""


edits = st.one_of(
    st.tuples(st.just("set"), st.integers(0, 400), st.integers(0, 255)),
    st.tuples(st.just("cut"), st.integers(0, 900), st.just(0)),
    st.tuples(st.just("grow"), st.integers(0, 400), st.integers(1, 40)),
    st.tuples(st.just("drop"), st.integers(0, 400), st.integers(1, 40)),
)


def _edit(body, changes):
    body = bytearray(body)
    for kind, at, value in changes:
        if kind == "set" and body:
            body[at % len(body)] = value
        elif kind == "cut":
            del body[at:]
        elif kind == "grow":
            body[at:at] = bytes(range(value))
        elif kind == "drop":
            del body[at : at + value]
    return bytes(body)


def _attack(make_pair, world, target, change, credential, *, resumed=False):
    release, version, suite = world
    pair = make_pair(
        release, (version,), suite,
        client={"credentials": (credential,)},
        server={"request_certificate": True, "session_id_context": b"x"},
    )  # fmt: skip
    pair.client.config.session_id_context = b"x"
    if resumed:
        pair.run()

    def tamper(sender, name, body):
        if (sender, name) != target:
            return body
        receiver = pair.server if sender == "client" else pair.client
        getattr(pair.owner(receiver, name), "process_" + name)(change(body))
        raise Delivered

    failure = None
    pair.tamper = tamper
    try:
        pair.run(renegotiating=resumed)
    except HandshakeFailure as refusal:
        failure = refusal
    except NotEmulated as unknown:
        if target[1] not in {"server_key_exchange", "server_hello"}:
            raise AssertionError(target) from unknown
    except Delivered:
        pass
    if failure is not None:
        assert all(len(entry) == 2 for entry in failure.entries)
        assert failure.alert is None or 0 <= failure.alert < 256


@pytest.mark.parametrize("world", WORLDS, ids=str)
@given(st.sampled_from(MESSAGES), st.lists(edits, min_size=1, max_size=4), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_changed_message_is_taken_or_refused(make_pair, rsa_credential, world, target, changes, resumed):
    _attack(make_pair, world, target, lambda body: _edit(body, changes), rsa_credential, resumed=resumed)


@pytest.mark.parametrize("world", WORLDS, ids=str)
@given(st.sampled_from(MESSAGES), st.binary(max_size=200))
@settings(max_examples=20, deadline=None)
def test_noise_in_place_of_a_message_is_taken_or_refused(make_pair, rsa_credential, world, target, noise):
    _attack(make_pair, world, target, lambda _body: noise, rsa_credential)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_every_truncation_of_every_message_is_taken_or_refused(make_pair, rsa_credential, world):
    for target in MESSAGES:
        for length in (*range(0, 40, 3), 60, 100, 300):
            _attack(make_pair, world, target, lambda body, end=length: body[:end], rsa_credential)


@pytest.mark.parametrize("release", ["0.9.6-base", "0.9.8zh", "1.0.1u", "1.0.2u"])
@given(st.binary(min_size=11, max_size=60), st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_first_bytes_choose_a_version_or_are_refused(make_pair, release, noise, sslv2):
    pair = make_pair(release, (TLS10,), "DES-CBC3-SHA")
    if sslv2:
        noise = b"\x80" + bytes((len(noise) - 2,)) + b"\x01\x03\x01" + noise[5:]
    pair.server.begin(renegotiating=False)
    pair.client.begin(renegotiating=False)
    pair.client.construct_client_hello()
    with contextlib.suppress(HandshakeFailure):
        if pair.server.process_ssl23_client_hello(noise[:11]):
            pair.server.process_v2_client_hello(noise)
    with contextlib.suppress(HandshakeFailure):
        pair.client.process_ssl23_server_hello(noise[:7])


@given(st.binary(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_hello_in_sslv2s_format_is_taken_or_refused(make_pair, noise):
    for release in ("1.1.0l", "1.1.1w"):
        pair = make_pair(release, (TLS10, TLS12), "AES128-SHA")
        pair.server.begin(renegotiating=False)
        for body in (
            noise,
            b"\x01\x03\x01" + noise,
            b"\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f" + noise,
        ):
            with contextlib.suppress(HandshakeFailure):
                pair.server.process_v2_client_hello(b"\x80\x00" + body)


@pytest.mark.parametrize("name", [b"", b"\0", b"\0\4\0\0\5a"])
def test_a_server_name_without_its_lengths_is_refused(name):
    script = Script("A hello with a server name", protocol="TLSv1")
    extension = bytes([0, 0, 0, len(name), *name])
    body = bytes([3, 1, *range(32), 0, 0, 2, 0, 0x2F, 1, 0, 0, len(extension), *extension])
    script.client.inject(bytes([22, 3, 1, 0, len(body) + 4, 1, 0, 0, len(body), *body])).server.handshake()
    runner = Runner(load_profile("0.9.8zh"))
    answer = runner.run(script.scenario())["trace"][-1]
    runner.close()
    assert (answer["error"], answer["wire"]) == ("SSL", [[21, 769, 2]])
