"""The secrets of a TLS 1.3 connection, and the writers and readers made from them (tls13_enc.c)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emulator.constants import TLS1_3_VERSION
from emulator.handshake.tls13 import key_schedule
from emulator.handshake.tls13.key_schedule import Epoch
from emulator.record import make_early_data_writer, make_reader, make_writer

if TYPE_CHECKING:
    from emulator.handshake.common.state import Handshake
    from emulator.record import RecordReader, RecordWriter
    from emulator.record.suite import CipherSuite


class _Traffic:
    """The traffic secrets of one epoch, and their suite."""

    __slots__ = ("client", "server", "suite")

    def __init__(self, suite: CipherSuite, client: bytes, server: bytes) -> None:
        self.suite = suite
        self.client = client
        self.server = server


class Secrets:
    """The key schedule of one connection (RFC 8446, section 7.1).

    Each secret is derived when the last message of its transcript is made or read; ``hs.transcript`` may get
    that message before or after.  ``psk`` is the Early Secret of the PSK in use, empty without one.
    """

    __slots__ = ("_handshake", "_hs", "_master", "_read", "_traffic", "_write", "psk", "resumption_master")

    def __init__(self, hs: Handshake) -> None:
        self._hs = hs
        self.psk = b""
        self._handshake = b""
        self._master = b""
        self.resumption_master = b""
        self._traffic: dict[Epoch, _Traffic] = {}
        self._read = b""
        self._write = b""

    @property
    def suite(self) -> CipherSuite:
        """The suite that the hellos chose."""
        assert self._hs.suite is not None, "no hello has chosen a suite"
        return self._hs.suite

    @property
    def hash(self) -> str:
        """The hash of the suite, by hashlib's name."""
        return key_schedule.suite_hash(self.suite)

    def transcript_hash(self, message: bytes = b"") -> bytes:
        """Hash the messages so far, and ``message`` after them."""
        (running,) = self._hs.transcript.copies()
        running.update(message)
        return running.digest()

    # -- derivation

    def derive_early(self, suite: CipherSuite, hello: bytes) -> None:
        """Derive client_early_traffic_secret from ``psk`` and the ClientHello."""
        name = key_schedule.suite_hash(suite)
        transcript = hashlib.new(name, hello).digest()
        secret = key_schedule.derive_secret(name, self.psk, key_schedule.EARLY_TRAFFIC, transcript)
        self._traffic[Epoch.EARLY] = _Traffic(suite, secret, b"")

    def derive_handshake(self, shared: bytes, server_hello: bytes) -> None:
        """Derive the Handshake Secret and its traffic secrets; ``shared`` is empty without a key share."""
        name = self.hash
        early = self.psk if self._hs.hit else b""
        early = early or key_schedule.next_secret(name, b"", b"")
        self._handshake = key_schedule.next_secret(name, early, shared)
        labels = (key_schedule.CLIENT_HANDSHAKE, key_schedule.SERVER_HANDSHAKE)
        self._derive_traffic(Epoch.HANDSHAKE, self._handshake, labels, server_hello)

    def derive_application(self, server_finished: bytes) -> None:
        """Derive the Master Secret and the first application traffic secrets."""
        self._master = key_schedule.next_secret(self.hash, self._handshake, b"")
        labels = (key_schedule.CLIENT_APPLICATION, key_schedule.SERVER_APPLICATION)
        self._derive_traffic(Epoch.APPLICATION, self._master, labels, server_finished)

    def _derive_traffic(
        self, epoch: Epoch, secret: bytes, labels: tuple[bytes, bytes], message: bytes
    ) -> None:
        name, transcript = self.hash, self.transcript_hash(message)
        client, server = (key_schedule.derive_secret(name, secret, label, transcript) for label in labels)
        self._traffic[epoch] = _Traffic(self.suite, client, server)

    def derive_resumption(self, client_finished: bytes) -> None:
        """Derive the resumption master secret, from which the PSKs of tickets are derived."""
        transcript = self.transcript_hash(client_finished)
        self.resumption_master = key_schedule.derive_secret(
            self.hash, self._master, key_schedule.RESUMPTION_MASTER, transcript
        )

    # -- protection of records

    def writer(self, epoch: Epoch) -> RecordWriter:
        """Make the writer of an epoch (tls13_change_cipher_state()).

        EARLY can be made from the ClientHello on, HANDSHAKE from the ServerHello on, APPLICATION from the
        server's Finished on.  Alerts among early data are not protected.
        """
        traffic = self._traffic[epoch]
        self._write = traffic.server if self._hs.is_server else traffic.client
        if epoch is Epoch.EARLY:
            return make_early_data_writer(
                traffic.suite, key_schedule.traffic_keys(traffic.suite, self._write)
            )
        return self._make_writer(traffic.suite)

    def reader(self, epoch: Epoch) -> RecordReader:
        """Make the reader of an epoch; see ``writer``."""
        traffic = self._traffic[epoch]
        self._read = traffic.client if self._hs.is_server else traffic.server
        return self._make_reader(traffic.suite)

    def update_writer(self) -> RecordWriter:
        """Make the writer with the next generation of keys (tls13_update_key(s, 1))."""
        self._write = key_schedule.updated_secret(self.hash, self._write)
        return self._make_writer(self.suite)

    def update_reader(self) -> RecordReader:
        """Make the reader with the next generation of keys (tls13_update_key(s, 0))."""
        self._read = key_schedule.updated_secret(self.hash, self._read)
        return self._make_reader(self.suite)

    def _make_writer(self, suite: CipherSuite) -> RecordWriter:
        return make_writer(suite, TLS1_3_VERSION, key_schedule.traffic_keys(suite, self._write))

    def _make_reader(self, suite: CipherSuite) -> RecordReader:
        return make_reader(suite, TLS1_3_VERSION, key_schedule.traffic_keys(suite, self._read))

    # -- Finished

    def verify_data(self, *, server: bool) -> bytes:
        """Return verify_data of a Finished over the messages so far."""
        traffic = self._traffic[Epoch.HANDSHAKE]
        secret = traffic.server if server else traffic.client
        return key_schedule.finished_mac(self.hash, secret, self.transcript_hash())
