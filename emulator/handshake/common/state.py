"""The state of a handshake, and how a message is refused: alike for both sides and all versions.

No I/O happens here and no order of messages is kept: the engine's state machine calls the methods
of ClientHandshake and ServerHandshake in the order that its release has.
"""

from __future__ import annotations

from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, NoReturn, ParamSpec, TypeVar

from emulator.behaviours.handshake import ExtendedMasterSecret, HelloTime
from emulator.constants import SSL3_RANDOM_SIZE, SSL3_VERSION, Mode, Option
from emulator.handshake.common.messages import HandshakeFailure, ParseError, unpack16
from emulator.handshake.common.session import Session, new_session
from emulator.handshake.common.transcript import Transcript, transcript_hashes
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.behaviours.faults import Fault
    from emulator.behaviours.handshake import HandshakeSection
    from emulator.behaviours.hello import HelloSection
    from emulator.handshake.common.certificates import Credential
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.common.key_exchange import DhKey, EcdhKey, Point
    from emulator.handshake.common.signatures import PublicKey
    from emulator.record import DirectionKeys
    from emulator.record.suite import CipherSuite

_Self = TypeVar("_Self", bound="Handshake")
_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")

EPHEMERAL = frozenset({KeyExchange.DHE, KeyExchange.ECDHE})


def refuses_malformed(
    method: Callable[Concatenate[_Self, _Args], _Result],
) -> Callable[Concatenate[_Self, _Args], _Result]:
    """Let a method that parses a message end in HandshakeFailure where the lengths don't add up."""

    @wraps(method)
    def wrapper(self: _Self, /, *args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except ParseError as error:
            raise self.failure(error.fault) from None

    return wrapper


class HelloRetry(StrEnum):
    """Where a HelloRetryRequest stands (``s->hello_retry_request``)."""

    NONE = "none"
    PENDING = "pending"
    """It is to be sent, or the second ClientHello is."""
    COMPLETE = "complete"


class EarlyData(StrEnum):
    """What became of the early_data extension (``s->ext.early_data``, SSL_get_early_data_status(3))."""

    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    ACCEPTED = "accepted"


class Scratch:
    """What is needed during one handshake alone."""

    __slots__ = (
        "certificate_schemes",
        "client_groups",
        "client_schemes",
        "credential",
        "dh_key",
        "ecdh_key",
        "expected_finished",
        "extensions",
        "heartbeat",
        "keys",
        "known_point_formats",
        "offered_extensions",
        "peer_key",
        "peer_point",
        "peer_public",
        "retry_group",
    )

    def __init__(self) -> None:
        self.certificate_schemes: tuple[int, ...] | None = None
        self.client_groups: tuple[int, ...] | None = None
        self.client_schemes: tuple[int, ...] | None = None
        self.credential: Credential | None = None
        self.dh_key: DhKey | None = None
        self.ecdh_key: EcdhKey | None = None
        self.expected_finished = b""
        self.extensions: dict[int, bytes] = {}
        self.heartbeat = False
        self.keys: tuple[DirectionKeys, DirectionKeys] | None = None
        self.known_point_formats = False
        self.offered_extensions: frozenset[int] = frozenset()
        self.peer_key: PublicKey | None = None
        self.peer_point: Point | None = None
        self.peer_public = 0
        self.retry_group = 0


class Handshake:
    """The handshake state of one connection (``s->s3``, ``s->session`` and a few fields of SSL).

    ``version`` is 0 until it is chosen.  ``session`` may be assigned before ``begin`` (SSL_set_session());
    afterwards it is the session in use.  ``hit`` says that the handshake is an abbreviated one.
    ``early_data_limit`` is max_early_data of the session that early data is protected with, in bytes.
    ``client_verify_data`` and ``server_verify_data`` are those of the last handshake (RFC 5746).
    ``hello_retry`` is where a HelloRetryRequest stands and ``early_data`` what became of early data.
    ``wants_early_data`` is for the caller to set before the hello is made: SSL_write_early_data() or
    SSL_read_early_data() drives it.
    """

    __slots__ = (
        "_failures",
        "certificate_requested",
        "client_random",
        "client_verify_data",
        "client_version",
        "config",
        "early_data",
        "early_data_limit",
        "encrypt_then_mac",
        "extended_master_secret",
        "finished_once",
        "hello",
        "hello_retry",
        "hit",
        "new_session",
        "peer_secure_renegotiation",
        "renegotiating",
        "section",
        "server_random",
        "server_verify_data",
        "session",
        "status_expected",
        "suite",
        "ticket_expected",
        "tmp",
        "transcript",
        "version",
        "wants_early_data",
    )

    is_server = False

    def __init__(self, config: HandshakeConfig) -> None:
        self.config = config
        self.section: HandshakeSection = config.profile.handshake
        self.hello: HelloSection = config.profile.hello
        self._failures = self.section.failures
        self.version = config.fixed_version or 0
        self.client_version = 0
        self.suite: CipherSuite | None = None
        self.session: Session | None = None
        self.hit = False
        self.new_session = False
        self.renegotiating = False
        self.finished_once = False
        self.peer_secure_renegotiation = False
        self.client_verify_data = b""
        self.server_verify_data = b""
        self.client_random = b""
        self.server_random = b""
        self.encrypt_then_mac = False
        self.extended_master_secret = False
        self.certificate_requested = False
        self.ticket_expected = False
        self.status_expected = False
        self.hello_retry = HelloRetry.NONE
        self.early_data = EarlyData.NOT_SENT
        self.early_data_limit = 0
        self.wants_early_data = False
        self.transcript = Transcript()
        self.tmp = Scratch()

    # -- the course of a handshake

    def begin(self, *, renegotiating: bool, new_session: bool = False) -> None:
        """Start a handshake.

        ``renegotiating`` is ``s->renegotiate`` (to 1.0.0 ``s->new_session``): it was asked for by
        SSL_renegotiate() or isn't the first.  ``new_session`` forbids to offer the session again.
        """
        self.renegotiating = renegotiating
        self.new_session = new_session
        self.hit = False
        self.certificate_requested = False
        self.status_expected = False
        self.hello_retry = HelloRetry.NONE
        self.early_data = EarlyData.NOT_SENT
        self.transcript = Transcript()
        self.tmp = Scratch()

    def finish(self) -> None:
        """Forget what only the handshake needed, once both Finished messages are through."""
        self.renegotiating = False
        self.new_session = False
        self.finished_once = True
        self.transcript = Transcript()
        self.tmp = Scratch()

    def maximum_length(self, message: str) -> int:
        """The longest body that the message of this name may have, as ssl3_get_message() is told."""
        return self.section.longest_messages[message]

    # -- refusing

    def failure(self, fault: Fault | None, reason: int | None = None) -> HandshakeFailure:
        """The failure that this release makes of a fault."""
        spec = self._failures.get(fault) if fault else None
        assert spec is not None, f"the profile has no failure for {fault}"
        return HandshakeFailure(spec, reason=reason)

    def refuse(self, fault: Fault) -> NoReturn:
        """Refuse the message."""
        raise self.failure(fault)

    def refuse_if_known(self, fault: Fault) -> None:
        """Refuse the message, if this release looks at that at all."""
        if self.looks_at(fault):
            self.refuse(fault)

    def looks_at(self, fault: Fault) -> bool:
        """Whether this release makes such a check at all."""
        return self._failures.get(fault) is not None

    def read_numbers(self, data: bytes, fault: Fault) -> tuple[int, ...]:
        """A list of two-byte numbers behind its length, which TLS 1.3 does not want empty."""
        if len(data) < 4 or len(data) % 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
            self.refuse(fault)
        return unpack16(data[2:])

    # -- groups

    @property
    def groups(self) -> tuple[int, ...]:
        """The named groups of this side, most preferred first (tls1_get_supported_groups())."""
        return self.hello.groups if self.config.groups is None else self.config.groups

    @property
    def key_share_groups(self) -> tuple[int, ...]:
        """The groups that a ClientHello has key shares for; none: the first of the list."""
        return self.hello.key_share_groups if self.config.groups is None else ()

    # -- facts about the suite

    def _chosen_suite(self) -> CipherSuite:
        assert self.suite is not None
        return self.suite

    @property
    def certificate_expected(self) -> bool:
        """Whether a server's Certificate is part of this handshake."""
        return not self.hit and self.suite is not None and self.suite.auth is not Authentication.NULL

    @property
    def ephemeral(self) -> bool:
        """Whether ServerKeyExchange is part of this handshake."""
        return not self.hit and self.suite is not None and self.suite.kx in EPHEMERAL

    @property
    def middlebox_compat(self) -> bool:
        """SSL_OP_ENABLE_MIDDLEBOX_COMPAT: TLS 1.3 looks like a resumption of TLS 1.2 (RFC 8446, D.4)."""
        return bool(self.config.options & Option.ENABLE_MIDDLEBOX_COMPAT)

    # -- randoms and sessions

    def hello_random(self, time_mode: Mode) -> bytes:
        """The random of a hello: ssl_fillhello_random() from 1.0.1f on."""
        config = self.config
        if self.section.hello_time is HelloTime.ALWAYS or config.mode & time_mode:
            return int(config.clock()).to_bytes(8, "big")[4:] + config.random(SSL3_RANDOM_SIZE - 4)
        return config.random(SSL3_RANDOM_SIZE)

    def fresh_session(self) -> Session:
        """ssl_get_new_session() without an id."""
        config = self.config
        session = new_session(
            self.version, self.suite, config.clock(), config.session_timeout, config.session_id_context
        )
        if self.section.session_groups:
            session.kex_group = 0
        return session

    def note_group(self, group: int) -> None:
        """Let the session name the group of its key exchange, where this release's sessions do."""
        if self.session is not None and self.section.session_groups:
            self.session.kex_group = group

    @property
    def knows_extended_master_secret(self) -> bool:
        """Whether this side would use the extended master secret (RFC 7627)."""
        rule = self.section.extended_master_secret
        if rule is ExtendedMasterSecret.UNLESS_OPTION:
            return not self.config.options & Option.NO_EXTENDED_MASTER_SECRET
        return rule is ExtendedMasterSecret.RFC7627

    def take_suite(self, suite: CipherSuite) -> None:
        """The suite is chosen: from here on the messages can be hashed."""
        self.suite = suite
        self.transcript.start(transcript_hashes(self.version, suite))

    @property
    def is_ssl3(self) -> bool:
        """Whether this is SSLv3, which has no extensions and other ideas of empty certificates."""
        return self.version == SSL3_VERSION
