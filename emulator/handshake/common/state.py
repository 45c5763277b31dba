"""The state of a handshake, and how a message is refused: alike for both sides and all versions.

Nothing here reads or writes a transport or knows the order of messages: the engine's machine calls the
methods of ClientHandshake and ServerHandshake in the order of its release.
"""

from __future__ import annotations

from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, NoReturn, ParamSpec, Protocol, TypeVar

from emulator.behaviours.handshake import ExtendedMasterSecret, HelloTime
from emulator.constants import SSL3_RANDOM_SIZE, SSL3_VERSION, Mode, Option
from emulator.handshake.common.messages import HandshakeFailure, ParseError, unpack16
from emulator.handshake.common.session import Session, new_session
from emulator.handshake.common.transcript import Transcript, transcript_hashes

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.behaviours.faults import Fault
    from emulator.behaviours.handshake import HandshakeSection
    from emulator.behaviours.hello import HelloSection
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.record.suite import CipherSuite


class HelloRetry(StrEnum):
    """Where a HelloRetryRequest stands (``s->hello_retry_request``)."""

    NONE = "none"
    PENDING = "pending"
    """The HelloRetryRequest is to be sent, or the second ClientHello is."""
    COMPLETE = "complete"


class EarlyData(StrEnum):
    """The answer to the early_data extension (``s->ext.early_data``, SSL_get_early_data_status(3))."""

    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    ACCEPTED = "accepted"


class Offer:
    """The content of the handshake's ClientHello that later messages depend on, on either side.

    ``extensions`` are the types of its extensions.  ``groups`` and ``schemes`` are supported_groups and
    signature_algorithms, None for a ClientHello without them or for a list that this version ignores.
    ``point_formats`` and ``heartbeat`` say that a server took these two extensions.
    """

    __slots__ = ("extensions", "groups", "heartbeat", "point_formats", "schemes")

    def __init__(
        self,
        extensions: frozenset[int] = frozenset(),
        groups: tuple[int, ...] | None = None,
        schemes: tuple[int, ...] | None = None,
    ) -> None:
        self.extensions = extensions
        self.groups = groups
        self.schemes = schemes
        self.point_formats = False
        self.heartbeat = False


class Handshake:
    """The handshake state of one connection (``s->s3``, ``s->session`` and a few fields of SSL).

    ``rules`` and ``hello_rules`` are the release's sections ``[handshake]`` and ``[hello]``.
    ``version`` is 0 until a version is chosen; ``fixed_version`` is that of a method that knows one only, and
    0 for the others.  ``session`` may be assigned before ``begin`` (SSL_set_session()); afterwards it is the
    session in use.  ``hit`` says that a session is resumed.
    ``early_data_limit`` is max_early_data of the session whose keys protect early data, in bytes.
    ``client_verify_data`` and ``server_verify_data`` are those of the last handshake (RFC 5746).
    ``wants_early_data`` is set by the caller before the hello is made: SSL_write_early_data() or
    SSL_read_early_data() runs the handshake.
    """

    __slots__ = (
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
        "fixed_version",
        "hello_retry",
        "hello_rules",
        "hit",
        "new_session",
        "offer",
        "peer_secure_renegotiation",
        "renegotiating",
        "rules",
        "server_random",
        "server_verify_data",
        "session",
        "status_expected",
        "suite",
        "ticket_expected",
        "transcript",
        "version",
        "wants_early_data",
    )

    is_server = False

    def __init__(self, config: HandshakeConfig) -> None:
        self.config = config
        self.rules: HandshakeSection = config.profile.handshake
        self.hello_rules: HelloSection = config.profile.hello
        self.fixed_version = self.version = config.fixed_version or 0
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
        self.offer = Offer()

    # -- the course of a handshake

    def begin(self, *, renegotiating: bool, new_session: bool = False) -> None:
        """Start a handshake.

        ``renegotiating`` is ``s->renegotiate`` (up to 1.0.0 ``s->new_session``): SSL_renegotiate() was
        called, or this is not the first handshake.  ``new_session`` forbids to offer the session again.
        """
        self.renegotiating = renegotiating
        self.new_session = new_session
        self.hit = False
        self.certificate_requested = False
        self.status_expected = False
        self.hello_retry = HelloRetry.NONE
        self.early_data = EarlyData.NOT_SENT
        self.transcript = Transcript()
        self.offer = Offer()

    def finish(self) -> None:
        """Forget the handshake's own state, once both Finished messages are through."""
        self.renegotiating = False
        self.new_session = False
        self.finished_once = True
        self.transcript = Transcript()
        self.offer = Offer()

    def get_generic_back(self, version: int, client_version: int) -> None:  # noqa: ARG002
        """SSL_clear() gave a generic method back: ``version`` is its own, and the only one that it takes.

        ``client_version`` is ``s->client_version``, 0 where it is the same.
        """
        self.version = version

    def maximum_length(self, message: str) -> int:
        """The longest body of the message of this name (the argument ``max`` of ssl3_get_message())."""
        return self.rules.longest_messages[message]

    # -- refusing

    def failure(self, fault: Fault | None, reason: int | None = None) -> HandshakeFailure:
        """The errors and the alert with which this release answers a fault."""
        spec = self.rules.failures.get(fault) if fault else None
        assert spec is not None, f"the profile has no failure for {fault}"
        return HandshakeFailure(spec, reason=reason)

    def refuse(self, fault: Fault) -> NoReturn:
        """Refuse the message."""
        raise self.failure(fault)

    def refuse_if_checked(self, fault: Fault) -> None:
        """Refuse the message if this release has the check."""
        if self.checks(fault):
            self.refuse(fault)

    def checks(self, fault: Fault) -> bool:
        """Whether this release has the check that finds the fault."""
        return self.rules.failures.get(fault) is not None

    def read_numbers(self, data: bytes, fault: Fault) -> tuple[int, ...]:
        """A list of two-byte numbers behind its length, which must not be empty in TLS 1.3."""
        if len(data) < 4 or len(data) % 2 or int.from_bytes(data[:2], "big") != len(data) - 2:
            self.refuse(fault)
        return unpack16(data[2:])

    # -- facts

    @property
    def groups(self) -> tuple[int, ...]:
        """The named groups of this side, most preferred first (tls1_get_supported_groups())."""
        return self.hello_rules.groups if self.config.groups is None else self.config.groups

    @property
    def middlebox_compat(self) -> bool:
        """SSL_OP_ENABLE_MIDDLEBOX_COMPAT: TLS 1.3 looks like a resumption of TLS 1.2 (RFC 8446, D.4)."""
        return bool(self.config.options & Option.ENABLE_MIDDLEBOX_COMPAT)

    @property
    def knows_extended_master_secret(self) -> bool:
        """Whether this side would use the extended master secret (RFC 7627)."""
        # From 1.1.0 always; from 3.0 s->options & SSL_OP_NO_EXTENDED_MASTER_SECRET turns it off.
        rule = self.rules.extended_master_secret
        if rule is ExtendedMasterSecret.UNLESS_OPTION:
            return not self.config.options & Option.NO_EXTENDED_MASTER_SECRET
        return rule is ExtendedMasterSecret.RFC7627

    @property
    def is_ssl3(self) -> bool:
        """Whether the version is SSLv3, in which a client without a certificate sends none."""
        return self.version == SSL3_VERSION

    # -- randoms, sessions, suites

    def hello_random(self, time_mode: Mode) -> bytes:
        """The random of a hello, which begins with the time or not (ssl_fill_hello_random())."""
        config = self.config
        # Up to 1.0.1e ssl3_client_hello() writes time(NULL) first; from 1.0.1f it asks for
        # SSL_MODE_SEND_CLIENTHELLO_TIME or SSL_MODE_SEND_SERVERHELLO_TIME.
        if self.rules.hello_time is HelloTime.ALWAYS or config.mode & time_mode:
            return int(config.clock()).to_bytes(8, "big")[4:] + config.random(SSL3_RANDOM_SIZE - 4)
        return config.random(SSL3_RANDOM_SIZE)

    def fresh_session(self) -> Session:
        """ssl_get_new_session() without an id."""
        config = self.config
        session = new_session(
            self.version, self.suite, config.clock(), config.session_timeout, config.session_id_context
        )
        if self.rules.session_groups:  # s->session->kex_group, from 3.0, is in tickets even when it is 0
            session.kex_group = 0
        return session

    def note_group(self, session: Session, group: int) -> None:
        """Write the group of the key exchange into the session (``s->session->kex_group``, from 3.0)."""
        if self.rules.session_groups:
            session.kex_group = group

    def take_suite(self, suite: CipherSuite) -> None:
        """The suite is chosen: from here on the messages can be hashed."""
        self.suite = suite
        self.transcript.start(transcript_hashes(self.version, suite))


class AfterHellos:
    """The messages of one version after the hellos: what TLS 1.2 and TLS 1.3 do alike with the state."""

    __slots__ = ("hs",)

    def __init__(self, hs: Handshake) -> None:
        self.hs = hs

    @property
    def suite(self) -> CipherSuite:
        """The suite, which the hellos have chosen."""
        assert self.hs.suite is not None, "no hello has chosen a suite"
        return self.hs.suite

    @property
    def session(self) -> Session:
        """The session in use (``s->session``), which the hellos have made or taken."""
        assert self.hs.session is not None, "no hello has made a session"
        return self.hs.session

    @session.setter
    def session(self, session: Session) -> None:
        self.hs.session = session

    def failure(self, fault: Fault | None) -> HandshakeFailure:
        """See Handshake."""
        return self.hs.failure(fault)

    def refuse(self, fault: Fault) -> NoReturn:
        """See Handshake."""
        self.hs.refuse(fault)


class _Refuses(Protocol):
    def failure(self, fault: Fault | None) -> HandshakeFailure: ...


_Self = TypeVar("_Self", bound=_Refuses)
_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


def refuses_malformed(
    method: Callable[Concatenate[_Self, _Args], _Result],
) -> Callable[Concatenate[_Self, _Args], _Result]:
    """Turn the ParseError of a method that parses a message into the release's HandshakeFailure."""

    @wraps(method)
    def wrapper(self: _Self, /, *args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except ParseError as error:
            raise self.failure(error.fault) from None

    return wrapper
