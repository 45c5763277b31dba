"""Records of a connection that has keys and no session any more: SSL_clear() was refused.

Up to 3.1 do_ssl3_write(), ssl3_get_record() and tls1_enc() protect records only ``if (s->session != NULL)``.
As soon as a new handshake has made a session, the old keys count again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.record.base import HEADER, RecordReader, RecordWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.record.base import Fragment


class SessionlessWriter(RecordWriter):
    """Sends the content in the clear, behind room for the IV or nonce, and without a MAC.

    ``clear``: no empty fragment is sent ahead, as there is none before a record without protection.
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
        """See RecordWriter: several records at once are made with the keys all the same."""
        return self._protected

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        if self._has_session():
            return self._protected.seal(content_type, wire_version, fragment)
        room = bytes(self._protected.explicit_iv_size)
        return HEADER(content_type, wire_version, len(room) + len(fragment)) + room + fragment


class SessionlessReader(RecordReader):
    """Takes fragments as they came; only the MAC of encrypt-then-MAC is checked and cut off."""

    __slots__ = ("_has_session", "_protected")

    def __init__(self, protected: RecordReader, has_session: Callable[[], bool]) -> None:
        self._protected = protected
        self._has_session = has_session

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:
        """See RecordReader."""
        if self._has_session():
            return self._protected.open(content_type, wire_version, fragment)
        return self._protected.authenticate(content_type, wire_version, fragment)
