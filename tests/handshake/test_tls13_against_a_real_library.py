"""TLS 1.3's messages against the real library behind Python's ssl, over memory: the judge of every secret."""

from __future__ import annotations

import contextlib
import pathlib
import ssl

import pytest

import emulator
from emulator.handshake.client import ClientHandshake
from emulator.handshake.common.config import HandshakeConfig
from emulator.handshake.common.session import SessionCache, TicketKeys
from emulator.handshake.common.state import HelloRetry
from emulator.handshake.common.suites import default_ciphersuites
from emulator.handshake.server import ServerHandshake
from emulator.handshake.tls13.key_schedule import Epoch
from emulator.profile import load_profile

DATA = pathlib.Path(emulator.__file__).parent / "data"
MIDDLEBOX_COMPAT, NO_TICKET = 0x00100000, 0x00004000
P256, P384, X25519 = 23, 24, 29
NAMES = {
    2: "server_hello",
    8: "encrypted_extensions",
    11: "certificate",
    13: "certificate_request",
    15: "certificate_verify",
    20: "finished",
}


class Wire:
    """Our end of a connection with a real one: records, and the messages in them."""

    def __init__(self, hs, real_context, **how):
        self.hs = hs
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.real = real_context.wrap_bio(self.incoming, self.outgoing, **how)
        self.writer = self.reader = None
        self._wire = self._messages = b""
        hs.begin(renegotiating=False)

    def send(self, message, kind=22):
        if self.writer is None:
            record = bytes((kind, 3, 3)) + len(message).to_bytes(2, "big") + message
        else:
            record = self.writer.seal(kind, 0x0303, message)
        self.incoming.write(record)

    def send_message(self, message):
        self.hs.transcript.update(message)
        self.send(message)

    def let_go_on(self):
        with contextlib.suppress(ssl.SSLWantReadError):
            self.real.do_handshake()

    def record(self):
        self._wire += self.outgoing.read()
        length = int.from_bytes(self._wire[3:5], "big")
        kind, fragment, self._wire = self._wire[0], self._wire[5 : 5 + length], self._wire[5 + length :]
        if kind == 20:
            return self.record()
        return self.reader.open_inner(kind, 0x0303, fragment) if self.reader is not None else (kind, fragment)

    def message(self):
        """The next handshake message, with its header."""
        while len(self._messages) < 4 or len(self._messages) < self._length():
            kind, fragment = self.record()
            assert kind == 22
            self._messages += fragment
        length = self._length()
        message, self._messages = self._messages[:length], self._messages[length:]
        return message

    def _length(self):
        return 4 + int.from_bytes(self._messages[1:4], "big")

    def take(self, owner, name=None):
        """Process the next message, and hash it."""
        message = self.message()
        name = name or NAMES[message[0]]
        getattr(owner, "process_" + name)(message[4:])
        self.hs.transcript.update(message)
        return name

    def exchange(self):
        self.send(b"from us", 23)
        assert self.real.read(100) == b"from us"
        self.real.write(b"from the real one")
        assert self.record() == (23, b"from the real one")


def config(release, **settings):
    profile = load_profile(release)
    settings.setdefault("options", MIDDLEBOX_COMPAT)
    return HandshakeConfig(
        profile=profile,
        versions=(0x0304,),
        cipher_suites=(),
        ciphersuites=default_ciphersuites(profile.ciphers),
        **settings,
    )


def real_server(*, certificates=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / "server.pem", DATA / "server.key")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if certificates:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(DATA / "server.pem")
    return context


def connect(context, release, *, session=None, **settings):
    """A client of ours with a real server; both have exchanged data, and the tickets have come."""
    hs = ClientHandshake(config(release, **settings))
    hs.session = session
    wire = Wire(hs, context, server_side=True)
    for _ in range(2):
        wire.send_message(hs.construct_client_hello())
        wire.let_go_on()
        wire.take(hs)
        if hs.hello_retry is not HelloRetry.PENDING:
            break
    wire.reader = hs.tls13.secrets.reader(Epoch.HANDSHAKE)
    while wire.take(hs.tls13) != "finished":
        pass
    wire.writer, wire.reader = (
        hs.tls13.secrets.writer(Epoch.HANDSHAKE),
        hs.tls13.secrets.reader(Epoch.APPLICATION),
    )
    if hs.certificate_requested:
        wire.send_message(hs.tls13.construct_certificate())
        wire.send_message(hs.tls13.construct_certificate_verify())
    wire.send_message(hs.tls13.construct_finished())
    wire.writer = hs.tls13.secrets.writer(Epoch.APPLICATION)
    wire.real.do_handshake()
    for _ in range(1 if hs.hit else 2):
        hs.tls13.process_new_session_ticket(wire.message()[4:])
    wire.exchange()
    return wire


def accept(context, release, *, session=None, old=None, **settings):
    """A server of ours with a real client."""
    settings = {"session_cache": SessionCache(), "ticket_keys": TicketKeys.generate(32), **settings}
    if old is not None:
        settings["ticket_keys"] = old.hs.config.ticket_keys
        settings["session_cache"] = old.hs.config.session_cache
    hs = ServerHandshake(config(release, **settings))
    wire = Wire(hs, context, session=session)
    for _ in range(2):
        wire.let_go_on()
        wire.take(hs, "client_hello")
        wire.send_message(hs.construct_server_hello())
        if hs.hello_retry is not HelloRetry.PENDING:
            break
    wire.writer, wire.reader = (
        hs.tls13.secrets.writer(Epoch.HANDSHAKE),
        hs.tls13.secrets.reader(Epoch.HANDSHAKE),
    )
    wire.send_message(hs.tls13.construct_encrypted_extensions())
    if hs.certificate_requested:
        wire.send_message(hs.tls13.construct_certificate_request())
    if not hs.hit:
        wire.send_message(hs.tls13.construct_certificate())
        wire.send_message(hs.tls13.construct_certificate_verify())
    wire.send_message(hs.tls13.construct_finished())
    wire.writer = hs.tls13.secrets.writer(Epoch.APPLICATION)
    wire.let_go_on()
    while wire.take(hs.tls13) != "finished":
        pass
    wire.reader = hs.tls13.secrets.reader(Epoch.APPLICATION)
    while hs.tls13.tickets_left():
        wire.send(hs.tls13.construct_new_session_ticket())
    wire.exchange()
    return wire


@pytest.fixture(name="real_client")
def real_client_fixture():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize("release", ["1.1.1", "1.1.1w", "3.0.12", "3.2.0", "3.5.4"])
def test_a_client_connects_and_resumes(release):
    context = real_server()
    first = connect(context, release)
    assert not first.real.session_reused
    again = connect(context, release, session=first.hs.session)
    assert again.hs.hit
    assert again.real.session_reused


@pytest.mark.parametrize("group", [P256, P384, 25, X25519, 30])
def test_a_client_has_shares_for_every_curve(group):
    connect(real_server(), "1.1.1w", groups=(group,))


def test_a_client_answers_a_hello_retry_request():
    context = real_server()
    context.set_ecdh_curve("prime256v1")
    first = connect(context, "1.1.1w")
    assert first.hs.hello_retry is HelloRetry.COMPLETE
    assert connect(context, "1.1.1w", session=first.hs.session).hs.hit


def test_a_client_shows_its_certificate(rsa_credential):
    wire = connect(real_server(certificates=True), "1.1.1w", credentials=(rsa_credential,))
    assert wire.real.getpeercert(binary_form=True) == rsa_credential.chain[0]


@pytest.mark.parametrize("options", [0, NO_TICKET])
@pytest.mark.parametrize("release", ["1.1.1", "1.1.1w", "3.0.12", "3.2.0", "3.5.4"])
def test_a_server_accepts_and_resumes(real_client, rsa_credential, release, options):
    settings = {"credentials": (rsa_credential,), "options": MIDDLEBOX_COMPAT | options}
    first = accept(real_client, release, **settings)
    again = accept(real_client, release, session=first.real.session, old=first, **settings)
    assert again.hs.hit
    assert again.real.session_reused


def test_a_server_asks_for_another_group(real_client, rsa_credential):
    settings = {"credentials": (rsa_credential,), "groups": (P384,)}
    first = accept(real_client, "1.1.1w", **settings)
    assert first.hs.hello_retry is HelloRetry.COMPLETE
    assert accept(real_client, "1.1.1w", session=first.real.session, old=first, **settings).hs.hit


def test_a_server_signs_with_ecdsa(real_client, ecdsa_credential):
    assert accept(real_client, "1.1.1w", credentials=(ecdsa_credential,)).real.version() == "TLSv1.3"


def test_a_server_takes_a_clients_certificate(real_client, rsa_credential):
    real_client.load_cert_chain(DATA / "server.pem", DATA / "server.key")
    server = {"credentials": (rsa_credential,), "request_certificate": True, "require_certificate": True}
    assert accept(real_client, "1.1.1w", **server).hs.session.peer == rsa_credential.chain[0]


def test_keys_are_updated_in_both_directions(real_client, rsa_credential):
    wire = accept(real_client, "1.1.1w", credentials=(rsa_credential,))
    for _ in range(3):
        wire.send(wire.hs.tls13.construct_key_update(requested=True))
        wire.writer = wire.hs.tls13.secrets.update_writer()
        wire.send(b"under new keys", 23)
        assert wire.real.read(100) == b"under new keys"
        wire.real.write(b"under new keys too")
        assert not wire.hs.tls13.process_key_update(wire.message()[4:])
        wire.reader = wire.hs.tls13.secrets.update_reader()
        assert wire.record() == (23, b"under new keys too")
