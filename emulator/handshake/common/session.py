"""Sessions, which an abbreviated handshake resumes, and the server's cache and tickets."""

from __future__ import annotations

import hmac
import os
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from emulator.handshake.common import der
from emulator.handshake.common.messages import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.record.suite import CipherSuite


SESSION_ID_LENGTH = 32
_ASN1_VERSION = 1
_MOST_SESSIONS = 20480
_EXTENDED_MASTER_SECRET = 1

_TIME, _TIMEOUT, _PEER, _CONTEXT, _VERIFY_RESULT, _HOSTNAME = 1, 2, 3, 4, 5, 6
_LIFETIME_HINT, _TICKET, _FLAGS = 9, 10, 13
_AGE_ADD, _MAX_EARLY_DATA, _KEX_GROUP = 14, 15, 19


class Session:
    """SSL_SESSION: ``time`` and ``timeout`` in seconds, ``peer`` the peer's certificate in DER.

    ``session_id`` is that of ServerHello, or a digest of the ticket: a server that resumes the session
    echoes it.  ``resumable`` becomes false after a fatal alert.
    ``ticket_age_add`` (in milliseconds) and ``max_early_data`` (in bytes) are TLS 1.3's.  ``kex_group``
    is the group of the key exchange, 0 for none, None up to 1.1.1, whose sessions have no such field.
    """

    __slots__ = (
        "context",
        "extended_master_secret",
        "hostname",
        "kex_group",
        "master_key",
        "max_early_data",
        "peer",
        "resumable",
        "session_id",
        "suite_id",
        "ticket",
        "ticket_age_add",
        "ticket_lifetime_hint",
        "time",
        "timeout",
        "verify_result",
        "version",
    )

    def __init__(
        self,
        version: int,
        suite_id: int = 0,
        *,
        session_id: bytes = b"",
        master_key: bytes = b"",
        time: int = 0,
        timeout: int = 0,
        context: bytes = b"",
        peer: bytes = b"",
        verify_result: int = 0,
        hostname: bytes = b"",
        ticket: bytes = b"",
        ticket_lifetime_hint: int = 0,
        extended_master_secret: bool = False,
        ticket_age_add: int = 0,
        max_early_data: int = 0,
        kex_group: int | None = None,
        resumable: bool = True,
    ) -> None:
        self.version = version
        self.suite_id = suite_id
        self.session_id = session_id
        self.master_key = master_key
        self.time = time
        self.timeout = timeout
        self.context = context
        self.peer = peer
        self.verify_result = verify_result
        self.hostname = hostname
        self.ticket = ticket
        self.ticket_lifetime_hint = ticket_lifetime_hint
        self.extended_master_secret = extended_master_secret
        self.ticket_age_add = ticket_age_add
        self.max_early_data = max_early_data
        self.kex_group = kex_group
        self.resumable = resumable

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Session):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Leave out the master key and the ticket."""
        return (
            f"Session(version={self.version:#06x}, suite_id={self.suite_id:#06x}, "
            f"session_id={self.session_id!r}, time={self.time}, timeout={self.timeout})"
        )

    def copy(self) -> Session:
        """A second session with the same contents (ssl_session_dup())."""
        twin = object.__new__(Session)
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    def expired(self, now: float) -> bool:
        """Whether it is too old to be resumed (ssl_get_prev_session())."""
        return self.timeout < int(now) - self.time

    def to_der(self) -> bytes:
        """i2d_SSL_SESSION(): its length decides that of a ticket."""
        fields = [
            der.integer(_ASN1_VERSION),
            der.integer(self.version),
            der.octets(self.suite_id.to_bytes(2, "big")),
            der.octets(self.session_id),
            der.octets(self.master_key),
        ]
        fields += self._optional_integer(_TIME, self.time)
        fields += self._optional_integer(_TIMEOUT, self.timeout)
        if self.peer:
            fields.append(der.explicit(_PEER, self.peer))
        fields.append(der.explicit(_CONTEXT, der.octets(self.context)))
        fields += self._optional_integer(_VERIFY_RESULT, self.verify_result)
        fields += self._optional_octets(_HOSTNAME, self.hostname)
        fields += self._optional_integer(_LIFETIME_HINT, self.ticket_lifetime_hint)
        fields += self._optional_octets(_TICKET, self.ticket)
        fields += self._optional_integer(
            _FLAGS, _EXTENDED_MASTER_SECRET if self.extended_master_secret else 0
        )
        fields += self._optional_integer(_AGE_ADD, self.ticket_age_add)
        fields += self._optional_integer(_MAX_EARLY_DATA, self.max_early_data)
        if self.kex_group is not None:
            fields.append(der.explicit(_KEX_GROUP, der.integer(self.kex_group)))
        return der.element(der.SEQUENCE, b"".join(fields))

    @staticmethod
    def _optional_integer(number: int, value: int) -> list[bytes]:
        return [der.explicit(number, der.integer(value))] if value else []

    @staticmethod
    def _optional_octets(number: int, value: bytes) -> list[bytes]:
        return [der.explicit(number, der.octets(value))] if value else []

    @classmethod
    def from_der(cls, data: bytes) -> Session:
        """d2i_SSL_SESSION(); ParseError if the bytes are not of to_der()'s form."""
        start, end = der.expect(data, 0, der.SEQUENCE)
        elements = der.split(data[start:end])
        if [tag for tag, _ in elements[:5]] != [der.INTEGER, der.INTEGER] + [der.OCTET_STRING] * 3:
            raise ParseError
        (_, _), (_, version), (_, suite), (_, session_id), (_, master) = elements[:5]
        session = cls(
            int.from_bytes(version, "big"),
            int.from_bytes(suite, "big"),
            session_id=session_id,
            master_key=master,
        )
        for tag, content in elements[5:]:
            session._read_field(der.explicit_number(tag), content)
        return session

    def _read_field(self, number: int | None, content: bytes) -> None:
        if number == _PEER:
            self.peer = content
            return
        _, start, end = der.read_element(content)
        value = content[start:end]
        as_number = int.from_bytes(value, "big")
        if number == _TIME:
            self.time = as_number
        elif number == _TIMEOUT:
            self.timeout = as_number
        elif number == _CONTEXT:
            self.context = value
        elif number == _VERIFY_RESULT:
            self.verify_result = as_number
        elif number == _HOSTNAME:
            self.hostname = value
        elif number == _LIFETIME_HINT:
            self.ticket_lifetime_hint = as_number
        elif number == _TICKET:
            self.ticket = value
        elif number == _AGE_ADD:
            self.ticket_age_add = as_number
        elif number == _MAX_EARLY_DATA:
            self.max_early_data = as_number
        elif number == _KEX_GROUP:
            self.kex_group = as_number
        elif number == _FLAGS:
            self.extended_master_secret = bool(as_number & _EXTENDED_MASTER_SECRET)


def new_session(version: int, suite: CipherSuite | None, now: float, timeout: int, context: bytes) -> Session:
    """A fresh session (ssl_get_new_session()) without an id."""
    return Session(
        version, suite.id & 0xFFFF if suite else 0, time=int(now), timeout=timeout, context=context
    )


class SessionCache:
    """The internal cache of an SSL_CTX (SSL_CTX_set_session_cache_mode(3)); a full one loses its oldest."""

    __slots__ = ("_sessions", "size")

    def __init__(self, size: int = _MOST_SESSIONS) -> None:
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self.size = size

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, session: Session) -> None:
        """SSL_CTX_add_session()."""
        self._sessions[session.session_id] = session
        while len(self._sessions) > self.size:
            self._sessions.popitem(last=False)

    def get(self, session_id: bytes) -> Session | None:
        """The session with this id."""
        return self._sessions.get(session_id)

    def remove(self, session: Session) -> None:
        """SSL_CTX_remove_session(), which sets ``not_resumable`` too."""
        session.resumable = False
        self._sessions.pop(session.session_id, None)


_NAME_LENGTH = 16
_IV_LENGTH = 16
_MAC_LENGTH = 32
_BLOCK = 16


class TicketKeys(NamedTuple):
    """The keys of an SSL_CTX (SSL_CTX_set_tlsext_ticket_keys()), random for each context.

    AES and HMAC keys have 16 bytes up to 1.0.2 and 32 from 1.1.0.
    """

    name: bytes
    mac_key: bytes
    cipher_key: bytes

    def __repr__(self) -> str:
        return f"TicketKeys(name={self.name!r})"  # the keys themselves are nobody's to read

    @classmethod
    def generate(cls, key_length: int, random: Callable[[int], bytes] = os.urandom) -> TicketKeys:
        """Fresh keys, each of ``key_length`` bytes."""
        return cls(random(_NAME_LENGTH), random(key_length), random(key_length))

    def seal(self, session: Session, random: Callable[[int], bytes] = os.urandom) -> bytes:
        """The ticket for a session (RFC 5077, section 4)."""
        plain = session.to_der()
        pad = _BLOCK - len(plain) % _BLOCK
        iv = random(_IV_LENGTH)
        encryptor = Cipher(algorithms.AES(self.cipher_key), modes.CBC(iv)).encryptor()
        sealed = self.name + iv + encryptor.update(plain + bytes((pad,)) * pad)
        return sealed + hmac.digest(self.mac_key, sealed, "sha256")

    def open(self, ticket: bytes) -> Session | None:
        """The session of a ticket, None if these keys did not make it (tls_decrypt_ticket())."""
        if len(ticket) <= _NAME_LENGTH + _IV_LENGTH + _MAC_LENGTH or ticket[:_NAME_LENGTH] != self.name:
            return None
        sealed, mac = ticket[:-_MAC_LENGTH], ticket[-_MAC_LENGTH:]
        if not hmac.compare_digest(hmac.digest(self.mac_key, sealed, "sha256"), mac):
            return None
        return self._decrypt(sealed)

    def _decrypt(self, sealed: bytes) -> Session | None:
        iv, data = sealed[_NAME_LENGTH : _NAME_LENGTH + _IV_LENGTH], sealed[_NAME_LENGTH + _IV_LENGTH :]
        if len(data) % _BLOCK:
            return None
        plain = Cipher(algorithms.AES(self.cipher_key), modes.CBC(iv)).decryptor().update(data)
        try:
            return Session.from_der(plain[: len(plain) - plain[-1]])
        except ParseError:
            return None
