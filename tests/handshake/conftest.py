"""A client and a server whose messages go from hand to hand, without records and without a state machine."""

from __future__ import annotations

import pathlib
from functools import lru_cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import emulator
from emulator.behaviours.handshake import VersionChoice
from emulator.handshake.client import ClientHandshake
from emulator.handshake.common.certificates import Credential, load_credential
from emulator.handshake.common.config import HandshakeConfig
from emulator.handshake.common.key_exchange import AUTO_DH, SECP256R1
from emulator.handshake.common.session import SessionCache, TicketKeys
from emulator.handshake.common.state import HelloRetry
from emulator.handshake.common.suites import known_ciphersuites, suite_table
from emulator.handshake.server import ServerHandshake
from emulator.handshake.tls13.key_schedule import Epoch
from emulator.profile import load_profile

DATA = pathlib.Path(emulator.__file__).parent / "data"
LEGACY_SERVER_CONNECT = 4
TLS1_3 = 0x0304

# RFC 5280's shape around a P-256 key, made by hand: nobody here looks at the signature of a certificate.
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_NAME = bytes.fromhex("300c310a300806035504030c0141")
_VALIDITY = bytes.fromhex("301e170d3230303130313030303030305a170d3430303130313030303030305a")


def _sequence(content):
    head = (
        bytes((0x30, len(content))) if len(content) < 128 else b"\x30\x82" + len(content).to_bytes(2, "big")
    )
    return head + content


@lru_cache
def ecdsa_credential():
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    info = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    tbs = _sequence(
        b"\xa0\x03\x02\x01\x02\x02\x01\x01" + _ECDSA_WITH_SHA256 + _NAME + _VALIDITY + _NAME + info
    )
    return Credential((_sequence(tbs + _ECDSA_WITH_SHA256 + b"\x03\x02\x00\x00"),), key)


@lru_cache
def rsa_credential():
    certificate, key = (DATA / "server.pem").read_bytes(), (DATA / "server.key").read_bytes()
    return load_credential(certificate, key, trusted_key=True)


class Pair:
    """Both ends; ``tamper(sender, name, body)`` may change what arrives, ``log`` keeps what was sent."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.log = []
        self.tamper = None

    @staticmethod
    def owner(end, name):
        """The part of a side's handshake that makes or takes a message."""
        if name.endswith("_hello"):
            return end
        return end.tls13 if end.version == TLS1_3 else end.tls12

    @staticmethod
    def chooses_by_first_record(end):
        """Whether the peer's first bytes go to ssl23_get_client_hello() or ssl23_get_server_hello()."""
        return end.rules.version_choice is VersionChoice.FIRST_RECORD and not end.version

    def _deliver(self, sender, name, message, process):
        self.log.append((sender, name, len(message)))
        body = message[4:]
        if self.tamper is not None:
            body = self.tamper(sender, name, body)
        process(body)

    def _send(self, sender, name, process=None):
        one, other = (self.client, self.server) if sender == "client" else (self.server, self.client)
        message = getattr(self.owner(one, name), "construct_" + name)()
        one.transcript.update(message)
        self._deliver(sender, name, message, getattr(self.owner(other, name), "process_" + name))
        other.transcript.update(message)

    def _change_cipher_spec(self, writer, reader):
        sealed = writer.tls12.change_write().seal(22, writer.version, b"0123456789")
        opened = reader.tls12.change_read().open(22, reader.version, sealed[5:])
        assert opened == b"0123456789"
        reader.tls12.take_peer_finished()

    def run(self, *, renegotiating=False, new_session=False):
        client, server = self.client, self.server
        self.log = []
        client.begin(renegotiating=renegotiating, new_session=new_session)
        server.begin(renegotiating=renegotiating, new_session=new_session)
        self._client_hello()
        self._server_hello()
        if client.hello_retry is HelloRetry.PENDING:
            self._client_hello()
            self._server_hello()
        if client.version == TLS1_3:
            self._tls13()
        elif client.hit:
            self._abbreviated()
        else:
            self._full()
        client.finish()
        server.finish()
        return self

    def _client_hello(self):
        client, server = self.client, self.server
        message = client.construct_client_hello()
        if client.hello_is_sslv2:
            self.log.append(("client", "client_hello", len(message)))
            assert server.process_ssl23_client_hello(message[:11]) == len(message)
            server.transcript.update(server.process_v2_client_hello(message))
            client.transcript.update(message[2:])
            return
        if self.chooses_by_first_record(server):
            record = (
                b"\x16" + client.hello_record_version.to_bytes(2, "big") + len(message).to_bytes(2, "big")
            )
            assert server.process_ssl23_client_hello((record + message)[:11]) == 0
        client.transcript.update(message)
        self._deliver("client", "client_hello", message, server.process_client_hello)
        server.transcript.update(message)

    def _server_hello(self):
        client, server = self.client, self.server
        message = server.construct_server_hello()
        server.transcript.update(message)
        if self.chooses_by_first_record(client):
            record = b"\x16" + server.version.to_bytes(2, "big") + len(message).to_bytes(2, "big")
            client.process_ssl23_server_hello((record + message)[:7])
        self._deliver("server", "server_hello", message, client.process_server_hello)
        client.transcript.update(message)

    def _full(self):
        client, server = self.client, self.server
        if server.tls12.certificate_expected:
            self._send("server", "certificate")
        if server.tls12.key_exchange_expected:
            self._send("server", "server_key_exchange")
        else:
            client.tls12.skip_server_key_exchange()
        if server.certificate_requested:
            self._send("server", "certificate_request")
        self._send("server", "server_hello_done")
        if client.tls12.sends_no_certificate_alert:
            server.tls12.skip_client_certificate()
        elif client.certificate_requested:
            self._send("client", "certificate")
        self._send("client", "client_key_exchange")
        assert server.tls12.expects_certificate_verify == client.tls12.sends_certificate_verify
        if client.tls12.sends_certificate_verify:
            self._send("client", "certificate_verify")
        self._change_cipher_spec(client, server)
        self._send("client", "finished")
        self._ticket_and_finished()

    def _abbreviated(self):
        self._ticket_and_finished()
        self._change_cipher_spec(self.client, self.server)
        self._send("client", "finished")

    def check_epoch(self, writing, reading, epoch):
        """What one end writes in an epoch the other can read."""
        self.check_keys(writing.tls13.secrets.writer(epoch), reading.tls13.secrets.reader(epoch))

    def check_keys(self, writer, reader):
        """What one of them writes the other can read."""
        sealed = writer.seal(22, 0x0303, b"0123456789")
        inner = reader.open_inner(sealed[0], 0x0303, sealed[5:])
        assert inner == (22, b"0123456789")

    def _tls13(self):
        client, server = self.client, self.server
        self.check_keys(
            server.tls13.secrets.writer(Epoch.HANDSHAKE), client.tls13.secrets.reader(Epoch.HANDSHAKE)
        )
        self._send("server", "encrypted_extensions")
        if server.certificate_requested:
            self._send("server", "certificate_request")
        assert server.hit == client.hit
        if not server.hit:
            self._send("server", "certificate")
            self._send("server", "certificate_verify")
        self._send("server", "finished")
        self.check_keys(
            server.tls13.secrets.writer(Epoch.APPLICATION), client.tls13.secrets.reader(Epoch.APPLICATION)
        )
        self.check_keys(
            client.tls13.secrets.writer(Epoch.HANDSHAKE), server.tls13.secrets.reader(Epoch.HANDSHAKE)
        )
        assert client.certificate_requested == server.certificate_requested
        if client.certificate_requested:
            self._send("client", "certificate")
            assert server.tls13.expects_certificate_verify == client.tls13.sends_certificate_verify
            if client.tls13.sends_certificate_verify:
                self._send("client", "certificate_verify")
        self._send("client", "finished")
        self.check_keys(
            client.tls13.secrets.writer(Epoch.APPLICATION), server.tls13.secrets.reader(Epoch.APPLICATION)
        )

    def _ticket_and_finished(self):
        if self.server.ticket_expected:
            assert self.client.ticket_expected
            self._send("server", "new_session_ticket")
        self._change_cipher_spec(self.server, self.client)
        self._send("server", "finished")


def make_config(profile, versions, suites, *, legacy_method=False, **settings):
    settings.setdefault("options", LEGACY_SERVER_CONNECT)
    tls13 = known_ciphersuites(profile.ciphers)
    settings.setdefault("ciphersuites", tuple(tls13[name] for name in suites if name in tls13))
    valid = {suite.name: suite for suite in reversed(suite_table(profile.ciphers).by_id.values())}
    known = (valid.get(name) for name in suites)
    return HandshakeConfig(
        profile=profile,
        versions=versions,
        cipher_suites=tuple(suite for suite in known if suite is not None and suite.name not in tls13),
        fixed_method=legacy_method,
        **settings,
    )


def make_pair(release, versions, *suites, legacy_method=False, client=None, server=None):
    profile = load_profile(release)
    server = {
        "credentials": (rsa_credential(), ecdsa_credential()),
        "session_cache": SessionCache(),
        "ticket_keys": TicketKeys.generate(profile.handshake.ticket_key_length),
        "dh_parameters": AUTO_DH,
        "ecdh_group": SECP256R1,
        **(server or {}),
    }
    return Pair(
        ClientHandshake(
            make_config(profile, versions, suites, legacy_method=legacy_method, **(client or {}))
        ),
        ServerHandshake(make_config(profile, versions, suites, legacy_method=legacy_method, **server)),
    )


@pytest.fixture(name="make_pair", scope="session")
def make_pair_fixture():
    return make_pair


@pytest.fixture(name="rsa_credential", scope="session")
def rsa_credential_fixture():
    return rsa_credential()


@pytest.fixture(name="ecdsa_credential", scope="session")
def ecdsa_credential_fixture():
    return ecdsa_credential()
