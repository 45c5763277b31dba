"""Records of a connection that has keys but no session: after an SSL_clear() that was refused.

Up to 3.1 do_ssl3_write(), ssl3_get_record() and tls1_enc() protect records only ``if (s->session != NULL)``.
Once a new handshake has made a session, they use the old keys again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.record.base import HEADER, RecordReader, RecordWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.record.base import Fragment


class SessionlessWriter(RecordWriter):
    """Writes the content unprotected, behind zeros in place of the IV or nonce, and without a MAC.

    ``clear``: the writer counts as NullWriter does, so that no empty fragment precedes a record.
    """

    __slots__ = ("_clear", "_has_session", "_protected")

    def __init__(self, protected: RecordWriter, has_session: Callable[[], bool], *, clear: bool) -> None:
        self._protected = protected
        self._has_session = has_session
        self._clear = clear

    @property
    def is_null(self) -> bool:  # type: ignore[override]  # of the other writers it is a constant
        """See RecordWriter."""
        return self._clear and not self._has_session()

    def with_keys(self) -> RecordWriter:
        """See RecordWriter: multiblock uses the keys even without a session."""
        return self._protected

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        if self._has_session():
            return self._protected.seal(content_type, wire_version, fragment)
        room = bytes(self._protected.explicit_iv_size)
        return HEADER(content_type, wire_version, len(room) + len(fragment)) + room + fragment


class SessionlessReader(RecordReader):
    """Reads fragments without decryption; the MAC of encrypt-then-MAC is checked and removed."""

    __slots__ = ("_has_session", "_protected")

    def __init__(self, protected: RecordReader, has_session: Callable[[], bool]) -> None:
        self._protected = protected
        self._has_session = has_session

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader."""
        if self._has_session():
            return self._protected.open(content_type, wire_version, fragment)
        return self._protected.authenticate(content_type, wire_version, fragment)
