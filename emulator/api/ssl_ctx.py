"""``SSL_CTX``: the settings that SSL_new() copies into a connection."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from emulator.api.exists import known_versions
from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH
from emulator.engine import calls
from emulator.engine.callbacks import guarded
from emulator.engine.sending.keys import set_padding
from emulator.engine.sending.padding import RecordPadding

if TYPE_CHECKING:
    from emulator.engine.sending.padding import PaddingCallback
    from emulator.engine.ssl import SSL, InfoCallback, MessageCallback
    from emulator.error_queue import ErrorStrings
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.profile import Profile


class SendingDefaults:
    """The settings of :class:`emulator.engine.sending.state.Sending` that connections start with."""

    __slots__ = ("max_send_fragment", "record_padding", "split_send_fragment")

    def __init__(self) -> None:
        self.set_fragments(SSL3_RT_MAX_PLAIN_LENGTH, SSL3_RT_MAX_PLAIN_LENGTH)
        self.record_padding: RecordPadding | None = None

    def set_fragments(self, longest: int, split: int) -> None:
        """SSL_CTRL_SET_MAX_SEND_FRAGMENT and SSL_CTRL_SET_SPLIT_SEND_FRAGMENT."""
        self.max_send_fragment, self.split_send_fragment = longest, split


class SslCtx:
    """The fields of an SSL_CTX, named as in :class:`emulator.engine.ssl.SSL` where an SSL has them, too."""

    __slots__ = ("config", "errors", "fixed_version", "info_callback", "mode", "msg_callback", "options",
                 "out", "profile", "quiet_shutdown", "recv_max_early_data")  # fmt: skip

    def __init__(
        self, profile: Profile, config: HandshakeConfig, errors: ErrorStrings, fixed_version: int
    ) -> None:
        self.profile = profile
        self.config = config
        self.errors = errors
        self.fixed_version = fixed_version
        self.mode = config.mode
        self.options = config.options
        self.out = SendingDefaults()
        self.info_callback: InfoCallback | None = None
        self.msg_callback: MessageCallback | None = None
        self.quiet_shutdown = 0
        self.recv_max_early_data = SSL3_RT_MAX_PLAIN_LENGTH

    def new_ssl(self) -> SSL:
        """SSL_new(): a connection with a copy of these settings."""
        s = calls.ssl_new(self.profile, copy(self.config), self.errors)
        s.mode = self.mode
        s.context_options = self.options
        s.quiet_shutdown = self.quiet_shutdown
        s.info_callback = guarded(s, self.info_callback, None)
        s.msg_callback = guarded(s, self.msg_callback, None)
        _guard_config(s)
        s.out.set_fragments(self.out.max_send_fragment, self.out.split_send_fragment)
        s.recv_max_early_data = self.recv_max_early_data
        padding = self.out.record_padding
        if padding is not None:
            set_padding(s, guarded(s, padding.callback, 0), padding.block)
        s.fixed_version = self.fixed_version
        s.initial_version = known_versions(self.profile)[-1]
        s.version = s.fixed_version or s.initial_version
        return s


def _guard_config(s: SSL) -> None:
    config = s.config
    config.verify = guarded(s, config.verify, default=False)
    config.psk_use_session = guarded(s, config.psk_use_session, None)
    config.psk_find_session = guarded(s, config.psk_find_session, None)


def set_record_padding(s: SSL | SslCtx, callback: PaddingCallback | None, block: int) -> None:
    """How records of TLS 1.3 are padded from now on, on a connection or on those that are made later."""
    if isinstance(s, SslCtx):
        s.out.record_padding = RecordPadding(s.out, callback, block)
    else:
        set_padding(s, callback, block)
