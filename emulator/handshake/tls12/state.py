"""What both sides of SSLv3 to TLS 1.2 do alike after the hellos: master secret, keys, Finished."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common.messages import handshake_message
from emulator.handshake.common.state import Handshake
from emulator.handshake.tls12 import key_schedule
from emulator.record import key_block_length, make_reader, make_writer, split_key_block

if TYPE_CHECKING:
    from emulator.record import DirectionKeys, RecordReader, RecordWriter


class Tls12(Handshake):
    """Keys and Finished messages."""

    __slots__ = ()

    # -- keys

    def _take_premaster(self, premaster: bytes, client_key_exchange: bytes) -> None:
        """Make the master secret; ``client_key_exchange`` is the last message of RFC 7627's session hash."""
        suite, session = self.suite, self.session
        assert suite is not None
        assert session is not None
        if self.extended_master_secret:
            running = self.transcript.copies()
            for hash_ in running:
                hash_.update(client_key_exchange)
            digest = b"".join(hash_.digest() for hash_ in running)
            session.master_key = key_schedule.extended_master_secret(self.version, suite, premaster, digest)
        else:
            session.master_key = key_schedule.master_secret(
                self.version, suite, premaster, self.client_random, self.server_random
            )
        session.extended_master_secret = self.extended_master_secret

    def _direction_keys(self, *, server_writes: bool) -> DirectionKeys:
        """Keys of one direction (tls1_setup_key_block())."""
        assert self.suite is not None
        assert self.session is not None
        if self.tmp.keys is None:
            length = key_block_length(self.suite)
            block = key_schedule.key_block(
                self.version,
                self.suite,
                self.session.master_key,
                self.client_random,
                self.server_random,
                length,
            )
            self.tmp.keys = split_key_block(self.suite, block)
        return self.tmp.keys[server_writes]

    def change_write(self) -> RecordWriter:
        """The protection of what is sent from now on: call it when ChangeCipherSpec goes out."""
        assert self.suite is not None
        keys = self._direction_keys(server_writes=self.is_server)
        return make_writer(self.suite, self.version, keys, encrypt_then_mac=self.encrypt_then_mac)

    def change_read(self) -> RecordReader:
        """The protection of what is received from now on: call it when ChangeCipherSpec comes in."""
        assert self.suite is not None
        keys = self._direction_keys(server_writes=not self.is_server)
        return make_reader(self.suite, self.version, keys, encrypt_then_mac=self.encrypt_then_mac)

    # -- Finished

    def _verify_data(self, *, server: bool) -> bytes:
        assert self.suite is not None
        assert self.session is not None
        master = self.session.master_key
        return key_schedule.finished(self.version, self.suite, master, self.transcript, server=server)

    def _keep_verify_data(self, data: bytes, *, server: bool) -> None:
        if server:
            self.server_verify_data = data
        else:
            self.client_verify_data = data

    def construct_finished(self) -> bytes:
        """Finished over everything before it."""
        data = self._verify_data(server=self.is_server)
        self._keep_verify_data(data, server=self.is_server)
        return handshake_message(HandshakeType.FINISHED, data)

    def take_peer_finished(self) -> None:
        """ssl3_take_mac(): when the peer's ChangeCipherSpec arrives, work out the Finished it must send."""
        self.tmp.expected_finished = self._verify_data(server=not self.is_server)

    def process_finished(self, body: bytes) -> None:
        """Check the peer's Finished."""
        expected = self.tmp.expected_finished
        if not expected:
            self.refuse(Fault.FINISHED_EARLY)
        if len(body) != len(expected):
            self.refuse(Fault.FINISHED_LENGTH)
        if not hmac.compare_digest(body, expected):
            self.refuse(Fault.FINISHED_DIGEST)
        self._keep_verify_data(body, server=not self.is_server)

    # -- what is signed

    def _signed_parameters(self, parameters: bytes) -> bytes:
        """What ServerKeyExchange signs (RFC 5246, section 7.4.3)."""
        return self.client_random + self.server_random + parameters
