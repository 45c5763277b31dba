"""One handshake message at a time, out and in, as both designs have it (s3_both.c, statem_lib.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import UnsentMessage
from emulator.bio import BufferBIO
from emulator.constants import (
    SSL3_HM_HEADER_LENGTH,
    AlertDescription,
    AlertLevel,
    ContentType,
    HandshakeType,
    InfoCallback,
    Want,
)
from emulator.engine.failure import fail, ssl3_send_alert
from emulator.engine.notices import tell_message
from emulator.engine.receiving.read import ssl3_read_bytes
from emulator.error_queue import current
from emulator.record.base import UnsealedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL
    from emulator.handshake.common.messages import HandshakeFailure

MESSAGE_NAMES: dict[int, str] = {
    HandshakeType.CLIENT_HELLO: "client_hello",
    HandshakeType.SERVER_HELLO: "server_hello",
    HandshakeType.NEW_SESSION_TICKET: "new_session_ticket",
    HandshakeType.CERTIFICATE: "certificate",
    HandshakeType.SERVER_KEY_EXCHANGE: "server_key_exchange",
    HandshakeType.CERTIFICATE_REQUEST: "certificate_request",
    HandshakeType.SERVER_HELLO_DONE: "server_hello_done",
    HandshakeType.CERTIFICATE_VERIFY: "certificate_verify",
    HandshakeType.CLIENT_KEY_EXCHANGE: "client_key_exchange",
    HandshakeType.FINISHED: "finished",
    HandshakeType.CERTIFICATE_STATUS: "certificate_status",
    HandshakeType.END_OF_EARLY_DATA: "end_of_early_data",
    HandshakeType.ENCRYPTED_EXTENSIONS: "encrypted_extensions",
    HandshakeType.KEY_UPDATE: "key_update",
}
"""Handshake types and what the handshake logic calls their messages."""

CHANGE_CIPHER_SPEC = b"\x01"


class Messages:
    """``s->init_buf``: the message that is being sent, or the part of one that has come in.

    ``buffer`` holds it with its header.  ``kind`` and ``length`` are the type and the body's length that the
    header read last named.  ``sending`` says that a message is made and not gone yet.
    """

    __slots__ = ("buffer", "kind", "length", "s", "sending")

    def __init__(self, s: SSL) -> None:
        self.s = s
        self.clear()

    def clear(self) -> None:
        """Neither a message nor a part of one."""
        self.buffer = b""
        self.sending = False
        self.kind = -1
        self.length = 0

    # -- out ----------------------------------------------------------------------------------

    def send(self, construct: Callable[[], bytes], *, hashed: bool = True) -> int:
        """Make a message once and write it until it is gone (ssl3_do_write()); 1, or <= 0.

        ``hashed``: it counts for Finished, as all messages but HelloRequest do.
        """
        s = self.s
        if not self.sending:
            self.buffer = construct()
            self.sending = True
        message = self.buffer
        try:
            ret = s.write_bytes(s, ContentType.HANDSHAKE, message, message, len(message))
        except UnsealedError:
            ret = -1
        if ret <= 0:
            return -1 if ret < 0 else self._unsent(hashed=hashed)
        if hashed:
            s.hs.transcript.update(message)
        return self._sent(ContentType.HANDSHAKE)

    def _unsent(self, *, hashed: bool) -> int:
        """The transport took nothing of a message: 0, to try again, or an error and -1."""
        s = self.s
        # ssl3_finish_mac() of 0 bytes: ``ret = BIO_write(s->s3->handshake_buffer, ...); if (ret <= 0 ...``
        # is fatal in 1.1.1, 3.0.0 to 3.0.9, 3.1.0 and 3.1.1.
        if (
            s.profile.machine.unsent_message is UnsentMessage.REFUSED_UNHASHED
            and (hashed or not s.is_tls13)  # HelloRequest goes through ssl3_finish_mac(), too
            and not s.hs.transcript.is_hashing
        ):
            fail(s, AlertDescription.INTERNAL_ERROR, "SSL3_FINISH_MAC", s.profile.machine.internal_error)
            return -1
        return 0

    def send_change_cipher_spec(self) -> int:
        """Write ChangeCipherSpec; 1, or <= 0."""
        s = self.s
        if not self.sending:
            self.buffer = CHANGE_CIPHER_SPEC
            self.sending = True
        ret = s.write_bytes(s, ContentType.CHANGE_CIPHER_SPEC, self.buffer, self.buffer, 1)
        if ret <= 0:
            return -1 if ret < 0 else 0
        return self._sent(ContentType.CHANGE_CIPHER_SPEC)

    def _sent(self, content_type: ContentType) -> int:
        tell_message(self.s, content_type, self.buffer, sent=True)
        self.buffer = b""
        self.sending = False
        return 1

    def flush(self) -> int:
        """BIO_flush() of the handshake's buffer; -1 where the transport stops."""
        s = self.s
        s.rwstate = Want.WRITING
        wbio = s.out.wbio
        if wbio is None or wbio.flush() <= 0:
            if wbio is not None:
                s.errno = wbio.errno
            return -1
        s.rwstate = Want.NOTHING
        return 1

    # -- in -----------------------------------------------------------------------------------

    def fill(self, total: int) -> int:
        """Read until ``buffer`` has ``total`` bytes; 1, or what the read that stopped answered."""
        s = self.s
        while len(self.buffer) < total:
            ret = ssl3_read_bytes(s, ContentType.HANDSHAKE, total - len(self.buffer))
            if ret <= 0:
                s.rwstate = Want.READING
                return ret
            self.buffer += s.inp.received
        return 1

    def tell_received(self) -> None:
        """Tell the message callback of a message that is complete."""
        tell_message(self.s, ContentType.HANDSHAKE, self.buffer)

    def body(self) -> bytes:
        """The message without its header."""
        return self.buffer[SSL3_HM_HEADER_LENGTH:]

    def accept(self) -> None:
        """The message counts for Finished, and the next one may come."""
        self.s.hs.transcript.update(self.buffer)
        self.buffer = b""

    # -- the buffering BIO --------------------------------------------------------------------

    def new_buffer(self) -> BufferBIO:
        """BIO_f_buffer() as the release has it."""
        out, rules = self.s.out, self.s.profile.machine
        buffer = BufferBIO(out.wbio, rules.handshake_buffer_size, misplaces=rules.handshake_buffer_misplaces)
        buffer.on_error = out.wbio.on_error if out.wbio is not None else None
        return buffer

    def push_buffer(self) -> None:
        """Put the buffering BIO over the transport, if it is not there yet."""
        out = self.s.out
        if out.bbio is None:
            out.bbio = self.new_buffer()
        out.wbio = out.bbio


# -- the beginning and the end of handshake functions --------------------------------------------


def clear_errors(s: SSL) -> None:
    """ERR_clear_error() and clear_sys_error(), as every handshake function begins."""
    current().clear()
    s.errno = 0


def begin_messages(s: SSL) -> None:
    """tls_setup_handshake(), and its like before: fresh hashes, fresh message logic."""
    s.hs.begin(renegotiating=s.renegotiating(), new_session=s.new_session != 0)


def push_failure(s: SSL, failure: HandshakeFailure) -> None:
    """The entries of a refused message, and its alert."""
    for function, reason in failure.entries:
        s.put_error(function, reason)
    if failure.alert is not None:
        ssl3_send_alert(s, AlertLevel.FATAL, failure.alert)


def loop_notice(s: SSL) -> None:
    """The info callback between two states."""
    if s.info_callback is not None:
        s.notify(_side(s) | InfoCallback.LOOP, 1)


def exit_notice(s: SSL, ret: int) -> None:
    """The info callback on the way out."""
    if s.info_callback is not None:
        s.notify(_side(s) | InfoCallback.EXIT, ret)


def _side(s: SSL) -> int:
    return InfoCallback.ACCEPT if s.server else InfoCallback.CONNECT
