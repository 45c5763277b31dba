"""What both sides of a TLS 1.3 handshake have in common: secrets, Finished, KeyUpdate."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import TLS1_3_VERSION, HandshakeType
from emulator.handshake.common.messages import Reader, handshake_message
from emulator.handshake.tls13 import key_schedule
from emulator.handshake.tls13.key_schedule import Epoch
from emulator.record import make_early_data_writer, make_reader, make_writer

if TYPE_CHECKING:
    from emulator.handshake.common.state import Handshake
    from emulator.record import RecordReader, RecordWriter
    from emulator.record.suite import CipherSuite

_UPDATE_NOT_REQUESTED, _UPDATE_REQUESTED = 0, 1


class Tls13:
    """Secrets and messages of one TLS 1.3 connection.

    Every secret is derived when the message that ends its transcript is made or taken, so that it doesn't
    matter when ``hs.transcript`` gets that message.
    """

    __slots__ = (
        "_read_secret",
        "_secrets",
        "_write_secret",
        "early_suite",
        "handshake_secret",
        "hs",
        "master_secret",
        "resumption_master",
        "secret",
    )

    def __init__(self, hs: Handshake) -> None:
        self.hs = hs
        self.early_suite: CipherSuite | None = None
        """The suite of the PSK that early data is protected with."""
        self.secret = b""
        """The Early Secret of the PSK in use; empty without one."""
        self.handshake_secret = b""
        self.master_secret = b""
        self.resumption_master = b""
        self._secrets: dict[Epoch, tuple[bytes, bytes]] = {}
        self._read_secret = b""
        self._write_secret = b""

    # -- facts

    @property
    def suite(self) -> CipherSuite:
        """The suite chosen."""
        assert self.hs.suite is not None
        return self.hs.suite

    @property
    def hash(self) -> str:
        """The hash of the suite, by hashlib's name."""
        return key_schedule.suite_hash(self.suite)

    def transcript_hash(self, message: bytes = b"") -> bytes:
        """The hash of the messages so far, ``message`` after them."""
        (running,) = self.hs.transcript.copies()
        running.update(message)
        return running.digest()

    # -- secrets

    def derive_early(self, suite: CipherSuite, hello: bytes) -> None:
        """client_early_traffic_secret, over the ClientHello alone; the Early Secret must be there."""
        name = key_schedule.suite_hash(suite)
        transcript = hashlib.new(name, hello).digest()
        secret = key_schedule.derive_secret(name, self.secret, key_schedule.EARLY_TRAFFIC, transcript)
        self.early_suite = suite
        self._secrets[Epoch.EARLY] = (secret, b"")

    def derive_handshake(self, shared: bytes, server_hello: bytes) -> None:
        """The Handshake Secret and its two traffic secrets; ``shared`` is empty without a key share."""
        name = self.hash
        early = self.secret if self.hs.hit else b""
        early = early or key_schedule.next_secret(name, b"", b"")
        self.handshake_secret = key_schedule.next_secret(name, early, shared)
        self._derive_pair(
            Epoch.HANDSHAKE,
            self.handshake_secret,
            (key_schedule.CLIENT_HANDSHAKE, key_schedule.SERVER_HANDSHAKE),
            self.transcript_hash(server_hello),
        )

    def _derive_application(self, server_finished: bytes) -> None:
        self.master_secret = key_schedule.next_secret(self.hash, self.handshake_secret, b"")
        self._derive_pair(
            Epoch.APPLICATION,
            self.master_secret,
            (key_schedule.CLIENT_APPLICATION, key_schedule.SERVER_APPLICATION),
            self.transcript_hash(server_finished),
        )

    def _derive_pair(
        self, epoch: Epoch, secret: bytes, labels: tuple[bytes, bytes], transcript: bytes
    ) -> None:
        client, server = (
            key_schedule.derive_secret(self.hash, secret, label, transcript) for label in labels
        )
        self._secrets[epoch] = (client, server)

    def _derive_resumption(self, client_finished: bytes) -> None:
        self.resumption_master = key_schedule.derive_secret(
            self.hash,
            self.master_secret,
            key_schedule.RESUMPTION_MASTER,
            self.transcript_hash(client_finished),
        )

    # -- protection of records

    def writer(self, epoch: Epoch) -> RecordWriter:
        """The protection of what is sent from now on (tls13_change_cipher_state()).

        EARLY once the client's hello is made; HANDSHAKE once ServerHello is made or taken; APPLICATION once
        the server's Finished is.  Alerts among early data are not protected.
        """
        self._write_secret = self._secrets[epoch][self.hs.is_server]
        suite = self._suite_of(epoch)
        if epoch is Epoch.EARLY:
            return make_early_data_writer(suite, key_schedule.traffic_keys(suite, self._write_secret))
        return self._make_writer(suite)

    def reader(self, epoch: Epoch) -> RecordReader:
        """The protection of what is received from now on; see ``writer``."""
        self._read_secret = self._secrets[epoch][not self.hs.is_server]
        return self._make_reader(self._suite_of(epoch))

    def _suite_of(self, epoch: Epoch) -> CipherSuite:
        if epoch is Epoch.EARLY:
            assert self.early_suite is not None
            return self.early_suite
        return self.suite

    def update_writer(self) -> RecordWriter:
        """The next generation of what is sent (tls13_update_key(s, 1))."""
        self._write_secret = key_schedule.updated_secret(self.hash, self._write_secret)
        return self._make_writer(self.suite)

    def update_reader(self) -> RecordReader:
        """The next generation of what is received (tls13_update_key(s, 0))."""
        self._read_secret = key_schedule.updated_secret(self.hash, self._read_secret)
        return self._make_reader(self.suite)

    def _make_writer(self, suite: CipherSuite) -> RecordWriter:
        return make_writer(suite, TLS1_3_VERSION, key_schedule.traffic_keys(suite, self._write_secret))

    def _make_reader(self, suite: CipherSuite) -> RecordReader:
        return make_reader(suite, TLS1_3_VERSION, key_schedule.traffic_keys(suite, self._read_secret))

    # -- Finished

    def _finished(self, *, server: bool) -> bytes:
        secret = self._secrets[Epoch.HANDSHAKE][server]
        return key_schedule.finished_mac(self.hash, secret, self.transcript_hash())

    def construct_finished(self) -> bytes:
        """Finished over everything before it; what follows from it is derived."""
        data = self._finished(server=self.hs.is_server)
        message = handshake_message(HandshakeType.FINISHED, data)
        self._take_finished(data, message, server=self.hs.is_server)
        return message

    def process_finished(self, body: bytes) -> None:
        """Check the peer's Finished; what follows from it is derived."""
        expected = self._finished(server=not self.hs.is_server)
        if len(body) != len(expected):
            self.hs.refuse(Fault.FINISHED_LENGTH)
        if not hmac.compare_digest(body, expected):
            self.hs.refuse(Fault.FINISHED_DIGEST)
        message = handshake_message(HandshakeType.FINISHED, body)
        self._take_finished(body, message, server=not self.hs.is_server)

    def _take_finished(self, data: bytes, message: bytes, *, server: bool) -> None:
        if server:
            self.hs.server_verify_data = data
            self._derive_application(message)
        else:
            self.hs.client_verify_data = data
            self._derive_resumption(message)

    # -- KeyUpdate

    def construct_key_update(self, *, requested: bool) -> bytes:
        """KeyUpdate; the next writer protects what follows it."""
        return handshake_message(HandshakeType.KEY_UPDATE, bytes((requested,)))

    def process_key_update(self, body: bytes) -> bool:
        """Whether the peer asks for an update of what is sent; ``update_reader`` comes next."""
        if len(body) != 1:
            self.hs.refuse(Fault.KEY_UPDATE_LENGTH)
        if body[0] not in (_UPDATE_NOT_REQUESTED, _UPDATE_REQUESTED):
            self.hs.refuse(Fault.KEY_UPDATE_VALUE)
        return body[0] == _UPDATE_REQUESTED

    # -- what both sides read alike

    def refuse_rest(self, reader: Reader, fault: Fault) -> None:
        """Refuse bytes that are left."""
        if reader.remaining:
            self.hs.refuse(fault)
