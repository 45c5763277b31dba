"""What both generations of state machines share: sending a message, buffering, and the end of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import UnsentMessage
from emulator.bio import BufferBIO
from emulator.constants import (
    AlertDescription,
    AlertLevel,
    ContentType,
    HandshakeType,
    InfoCallback,
    Want,
)
from emulator.engine.failure import fail, ssl3_send_alert
from emulator.engine.receiving.read import ssl3_read_bytes
from emulator.engine.sending.keys import change_writer
from emulator.error_queue import current

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


class MachineBase:
    """A machine at work on one connection; ``sending`` says that ``s.init_msg`` is made and on its way."""

    __slots__ = ("s", "sending")

    def __init__(self, s: SSL) -> None:
        self.s = s
        self.sending = False

    def skips_early_data(self) -> bool:
        """ossl_statem_skip_early_data(): never, but for a server of TLS 1.3."""
        return False

    def check_finish_init(self, *, sending: bool | None) -> None:
        """ossl_statem_check_finish_init(): nothing where there is no early data."""

    # -- sending ------------------------------------------------------------------------------

    def send_message(self, construct: Callable[[], bytes], *, hashed: bool = True) -> int:
        """Make a message once and write it until it is gone (ssl3_do_write()); 1, or <= 0.

        ``hashed``: it counts for Finished, as all messages but HelloRequest do.
        """
        s = self.s
        if not self.sending:
            s.init_msg = construct()
            self.sending = True
        message = s.init_msg
        ret = s.write_bytes(s, ContentType.HANDSHAKE, message, message, len(message))
        if ret <= 0:
            return -1 if ret < 0 else self._unsent(hashed=hashed)
        if hashed and s.hs is not None:
            s.hs.transcript.update(message)
        return self._sent(ContentType.HANDSHAKE)

    def _unsent(self, *, hashed: bool) -> int:
        """The transport took nothing of a message: 0, to try again, or an error and -1."""
        s = self.s
        if (
            s.profile.machine.unsent_message is UnsentMessage.REFUSED_UNHASHED
            and (hashed or not s.is_tls13)  # HelloRequest goes through ssl3_finish_mac(), too
            and s.hs is not None
            and not s.hs.transcript.is_hashing
        ):
            fail(s, AlertDescription.INTERNAL_ERROR, "SSL3_FINISH_MAC", s.profile.machine.internal_error)
            return -1
        return 0

    def send_change_cipher_spec(self) -> int:
        """Write ChangeCipherSpec; 1, or <= 0."""
        s = self.s
        if not self.sending:
            s.init_msg = CHANGE_CIPHER_SPEC
            self.sending = True
        ret = s.write_bytes(s, ContentType.CHANGE_CIPHER_SPEC, s.init_msg, s.init_msg, 1)
        if ret <= 0:
            return -1 if ret < 0 else 0
        return self._sent(ContentType.CHANGE_CIPHER_SPEC)

    def _sent(self, content_type: ContentType) -> int:
        s = self.s
        if s.msg_callback is not None:
            s.msg_callback(True, s.version, content_type, s.init_msg)
        s.init_msg = b""
        self.sending = False
        return 1

    def flush(self) -> int:
        """BIO_flush() of the handshake's buffer; -1 where the transport stops."""
        s = self.s
        s.rwstate = Want.WRITING
        if s.out.wbio is None or s.out.wbio.flush() <= 0:
            if s.out.wbio is not None:
                s.errno = s.out.wbio.errno
            return -1
        s.rwstate = Want.NOTHING
        return 1

    # -- keys ---------------------------------------------------------------------------------

    def change_write_cipher(self) -> None:
        """change_cipher_state() for what is sent from now on."""
        s = self.s
        assert s.hs is not None
        change_writer(s, s.hs.tls12.change_write())

    # -- messages -----------------------------------------------------------------------------

    def fill_message(self, total: int) -> int:
        """Read until ``s.init_msg`` has ``total`` bytes; 1, or what the read that stopped answered."""
        s = self.s
        while len(s.init_msg) < total:
            ret = ssl3_read_bytes(s, ContentType.HANDSHAKE, total - len(s.init_msg))
            if ret <= 0:
                s.rwstate = Want.READING
                return ret
            s.init_msg += s.inp.received
        return 1

    # -- buffering ----------------------------------------------------------------------------

    def new_buffer(self) -> BufferBIO:
        """BIO_f_buffer() as the release has it."""
        rules = self.s.profile.machine
        buffer = BufferBIO(
            self.s.out.wbio, rules.handshake_buffer_size, misplaces=rules.handshake_buffer_misplaces
        )
        buffer.on_error = self.s.out.wbio.on_error if self.s.out.wbio is not None else None
        return buffer

    def push_buffer(self) -> None:
        """Put the buffering BIO over the transport, if it is not there yet."""
        s = self.s
        if s.out.bbio is None:
            s.out.bbio = self.new_buffer()
        s.out.wbio = s.out.bbio

    # -- failures -----------------------------------------------------------------------------

    def push_failure(self, failure: HandshakeFailure) -> None:
        """The entries of a refused message, and its alert."""
        s = self.s
        for function, reason in failure.entries:
            s.put_error(function, reason)
        if failure.alert is not None:
            ssl3_send_alert(s, AlertLevel.FATAL, failure.alert)

    # -- callbacks ----------------------------------------------------------------------------

    def loop_notice(self) -> None:
        """The info callback between two states."""
        s = self.s
        if s.info_callback is not None:
            side = InfoCallback.ACCEPT if s.server else InfoCallback.CONNECT
            s.notify(side | InfoCallback.LOOP, 1)

    def exit_notice(self, ret: int) -> None:
        """The info callback on the way out."""
        s = self.s
        if s.info_callback is not None:
            side = InfoCallback.ACCEPT if s.server else InfoCallback.CONNECT
            s.notify(side | InfoCallback.EXIT, ret)


def clear_errors(s: SSL) -> None:
    """ERR_clear_error() and clear_sys_error(), as every handshake function begins."""
    current().clear()
    s.errno = 0
