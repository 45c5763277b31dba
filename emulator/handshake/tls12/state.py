"""Master secret, keys and Finished of both sides, in SSLv3 to TLS 1.2."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common.messages import handshake_message
from emulator.handshake.common.state import AfterHellos
from emulator.handshake.tls12 import key_schedule
from emulator.record import key_block_length, make_reader, make_writer, split_key_block
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from emulator.handshake.common.state import Handshake
    from emulator.record import DirectionKeys, RecordReader, RecordWriter

EPHEMERAL = frozenset({KeyExchange.DHE, KeyExchange.ECDHE})


class Tls12(AfterHellos):
    """The expected messages, the keys, and Finished.

    The engine makes a new object when a handshake begins or ends.  A ChangeCipherSpec that arrives ahead of
    the next hellos (CVE-2014-0224) then derives new keys for the suite of the last hellos.
    """

    __slots__ = ("_expected_finished", "_keys")

    def __init__(self, hs: Handshake) -> None:
        super().__init__(hs)
        self._expected_finished = b""
        self._keys: tuple[DirectionKeys, DirectionKeys] | None = None

    # -- which messages there are

    @property
    def certificate_expected(self) -> bool:
        """Whether a server's Certificate is part of this handshake."""
        return not self.hs.hit and self.suite.auth is not Authentication.NULL

    @property
    def key_exchange_expected(self) -> bool:
        """Whether ServerKeyExchange is part of this handshake."""
        return not self.hs.hit and self.suite.kx in EPHEMERAL

    # -- keys

    def take_premaster(self, premaster: bytes, client_key_exchange: bytes) -> None:
        """Derive the master secret; ``client_key_exchange`` is the last message of the session hash."""
        hs, suite, session = self.hs, self.suite, self.session
        if hs.extended_master_secret:
            running = hs.transcript.copies()
            for hash_ in running:
                hash_.update(client_key_exchange)
            digest = b"".join(hash_.digest() for hash_ in running)
            session.master_key = key_schedule.extended_master_secret(hs.version, suite, premaster, digest)
        else:
            session.master_key = key_schedule.master_secret(
                hs.version, suite, premaster, hs.client_random, hs.server_random
            )
        session.extended_master_secret = hs.extended_master_secret

    def _direction_keys(self, *, server_writes: bool) -> DirectionKeys:
        """Return the keys of one direction (tls1_setup_key_block())."""
        if self._keys is None:
            hs, suite = self.hs, self.suite
            length = key_block_length(suite)
            block = key_schedule.key_block(
                hs.version, suite, self.session.master_key, hs.client_random, hs.server_random, length
            )
            self._keys = split_key_block(suite, block)
        return self._keys[server_writes]

    def change_write(self) -> RecordWriter:
        """Make the writer of all records after this side's ChangeCipherSpec."""
        hs = self.hs
        keys = self._direction_keys(server_writes=hs.is_server)
        return make_writer(self.suite, hs.version, keys, encrypt_then_mac=hs.encrypt_then_mac)

    def change_read(self) -> RecordReader:
        """Make the reader of all records after the peer's ChangeCipherSpec."""
        hs = self.hs
        keys = self._direction_keys(server_writes=not hs.is_server)
        return make_reader(self.suite, hs.version, keys, encrypt_then_mac=hs.encrypt_then_mac)

    # -- Finished

    def _verify_data(self, *, server: bool) -> bytes:
        hs = self.hs
        return key_schedule.finished(
            hs.version, self.suite, self.session.master_key, hs.transcript, server=server
        )

    def _keep_verify_data(self, data: bytes, *, server: bool) -> None:
        if server:
            self.hs.server_verify_data = data
        else:
            self.hs.client_verify_data = data

    def construct_finished(self) -> bytes:
        """Make Finished, over all messages before it."""
        server = self.hs.is_server
        data = self._verify_data(server=server)
        self._keep_verify_data(data, server=server)
        return handshake_message(HandshakeType.FINISHED, data)

    def take_peer_finished(self) -> None:
        """ssl3_take_mac(): at the peer's ChangeCipherSpec, compute the Finished that must follow."""
        self._expected_finished = self._verify_data(server=not self.hs.is_server)

    def process_finished(self, body: bytes) -> None:
        """Check the peer's Finished."""
        expected = self._expected_finished
        if not expected:
            self.refuse(Fault.FINISHED_EARLY)
        if len(body) != len(expected):
            self.refuse(Fault.FINISHED_LENGTH)
        if not hmac.compare_digest(body, expected):
            self.refuse(Fault.FINISHED_DIGEST)
        self._keep_verify_data(body, server=not self.hs.is_server)

    # -- signatures

    def signed_parameters(self, parameters: bytes) -> bytes:
        """Return the bytes that ServerKeyExchange signs (RFC 5246, section 7.4.3)."""
        return self.hs.client_random + self.hs.server_random + parameters
