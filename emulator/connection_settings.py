"""Settings of one connection and the facts that it tells of itself: ``SSL_set_*`` and ``SSL_get_*``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from emulator.constants import PROTOCOL_VERSIONS
from emulator.context import Context, emulated_mode
from emulator.engine.sending.keys import set_padding
from emulator.engine.sending.padding import is_block_size
from emulator.exceptions import NotEmulated, UsageError
from emulator.exists import answers_zero, exported, require
from emulator.handshake.common.certificates import load_credential
from emulator.handshake.tls13.settings import Settings, Tls13Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL
    from emulator.error_queue import ErrorStrings
    from emulator.handshake.common.certificates import Credential
    from emulator.handshake.common.session import Session
    from emulator.profile import Profile

_SMALLEST_FRAGMENT = 512
_LARGEST_FRAGMENT = 16384
_LONGEST_NAME = 255
"""TLSEXT_MAXLEN_host_name."""


class ConnectionSettings(Tls13Settings):
    """What can be set on an ``SSL`` or asked of it without any byte being sent or read."""

    context: Context
    profile: Profile
    _s: SSL
    _min_version: int
    _max_version: int

    def __getattr__(self, name: str) -> Any:
        """A call that has no method here: absent in this release, unknown to SSL_ctrl(), or not emulated."""
        profile = self.__dict__.get("profile")
        function = profile.functions.get(name) if profile is not None else None
        if profile is None or function is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        require(profile, name)
        return _always_zero if function.answers_zero else _not_emulated(function.c_name)

    def _tls13_settings(self) -> tuple[Settings, ErrorStrings]:
        return self._s.config, self.context.errors

    # -- settings -----------------------------------------------------------------------------

    def set_mode(self, mode: int) -> int:
        """SSL_set_mode(3): adds bits, returns all."""
        self._s.mode |= emulated_mode(mode)
        self._s.config.mode = self._s.mode
        return self._s.mode

    def clear_mode(self, mode: int) -> int:
        """SSL_clear_mode(3): 0 and nothing before 0.9.8m."""
        if answers_zero(self.profile, "clear_mode"):
            return 0
        self._s.mode &= ~mode
        self._s.config.mode = self._s.mode
        return self._s.mode

    def get_mode(self) -> int:
        """SSL_get_mode(3)."""
        return self._s.mode

    def set_options(self, options: int) -> int:
        """SSL_set_options(3): adds bits, returns all."""
        return self._take_options(self._s.options | options)

    def clear_options(self, options: int) -> int:
        """SSL_clear_options(3): 0 and nothing before 0.9.8m."""
        if answers_zero(self.profile, "clear_options"):
            return 0
        return self._take_options(self._s.options & ~options)

    def get_options(self) -> int:
        """SSL_get_options(3)."""
        return self._s.options

    def _take_options(self, options: int) -> int:
        self._s.options = options
        config = self._s.config
        config.options = options
        bounds = self._min_version, self._max_version
        config.versions = self.context.versions(options, *bounds, config.security_level)
        return options

    def set_min_proto_version(self, version: int) -> int:
        """SSL_set_min_proto_version(3), a control from 1.1.0: 1, or 0."""
        return self._set_bounds("set_min_proto_version", version, self._max_version)

    def set_max_proto_version(self, version: int) -> int:
        """SSL_set_max_proto_version(3), a control from 1.1.0: 1, or 0."""
        return self._set_bounds("set_max_proto_version", self._min_version, version)

    def _set_bounds(self, call: str, low: int, high: int) -> int:
        if not self.context.takes_bound(call, low if call == "set_min_proto_version" else high):
            return 0
        self._min_version, self._max_version = low, high
        self._take_options(self._s.options)
        return 1

    def get_min_proto_version(self) -> int:
        """SSL_get_min_proto_version(3), a control from 1.1.0g: the bound, 0 for none."""
        return 0 if answers_zero(self.profile, "get_min_proto_version") else self._min_version

    def get_max_proto_version(self) -> int:
        """SSL_get_max_proto_version(3), a control from 1.1.0g: the bound, 0 for none."""
        return 0 if answers_zero(self.profile, "get_max_proto_version") else self._max_version

    def set_max_send_fragment(self, size: int) -> int:
        """SSL_set_max_send_fragment(3), a control from 1.0.0: 1, or 0 for a size outside 512 to 16384."""
        if answers_zero(self.profile, "set_max_send_fragment") or not _is_fragment(size):
            return 0
        self._s.out.set_fragments(size, min(self._s.out.split_send_fragment, size))
        return 1

    def set_split_send_fragment(self, size: int) -> int:
        """SSL_set_split_send_fragment(3), a control from 1.1.0: 1, or 0 for a size it may not have."""
        if answers_zero(self.profile, "set_split_send_fragment"):
            return 0
        if not 0 < size <= self._s.out.max_send_fragment:
            return 0
        self._s.out.set_fragments(self._s.out.max_send_fragment, size)
        return 1

    @exported
    def set_record_padding_callback(self, callback: Callable[[int, int], int] | None) -> None:
        """SSL_set_record_padding_callback(3), from 1.1.1: (content_type, length) to bytes of padding."""
        padding = self._s.out.record_padding
        set_padding(self._s, callback, padding.block if padding is not None else 0)

    @exported
    def set_block_padding(self, block_size: int) -> int:
        """SSL_set_block_padding(3), from 1.1.1: pad to a multiple of it, 0 and 1 turn it off; 1, or 0."""
        if not is_block_size(block_size):
            return 0
        padding = self._s.out.record_padding
        set_padding(self._s, padding.callback if padding is not None else None, block_size)
        return 1

    def set_cipher_list(self, string: str) -> int:
        """SSL_set_cipher_list(3): 1, or 0 with an error in the queue."""
        ret = self.context.choose_ciphers(string, self._s.config, caller="SSL_SET_CIPHER_LIST")
        self._take_options(self._s.options)  # a @SECLEVEL may leave other versions
        return ret

    def use_certificate(
        self, certificate_pem: bytes, key_pem: bytes, *, password: bytes | None = None
    ) -> int:
        """SSL_use_certificate(3) and SSL_use_PrivateKey(3) in one: PEM bytes; 1."""
        return self.use_credential(load_credential(certificate_pem, key_pem, password=password))

    def use_credential(self, credential: Credential) -> int:
        """Use a certificate that is loaded already."""
        config = self._s.config
        others = tuple(one for one in config.credentials if one.kind is not credential.kind)
        config.credentials = (*others, credential)
        return 1

    def get_session(self) -> Session | None:
        """SSL_get1_session(3): the session in use, for set_session() of another connection, if any."""
        hs = self._s.hs
        return hs.session.copy() if hs is not None and hs.session is not None else None

    def set_session(self, session: Session | None) -> int:
        """SSL_set_session(3): the session to offer; 1.  Call it after set_connect_state()."""
        if self._s.hs is None:
            raise UsageError("set_session() comes after set_connect_state()")
        self._s.hs.session = session
        return 1

    def set_tlsext_host_name(self, name: str | None) -> int:
        """SSL_set_tlsext_host_name(3), a control from 0.9.8j: the server_name of the hello, None for none.

        1, or 0 with an error in the queue for a name of more than 255 bytes.  Raises NotEmulated for an
        empty one, which some releases take.
        """
        if answers_zero(self.profile, "set_tlsext_host_name"):
            return 0
        if name == "":
            raise NotEmulated("SSL_set_tlsext_host_name() of an empty name")
        if name is not None and len(name.encode()) > _LONGEST_NAME:
            self._s.put_error("SSL3_CTRL", "SSL3_EXT_INVALID_SERVERNAME")
            return 0
        self._s.config.hostname = name
        return 1

    def set_info_callback(self, callback: Callable[[int, int], None] | None) -> None:
        """SSL_set_info_callback(3): (where, ret)."""
        self._s.info_callback = callback

    @exported
    def set_msg_callback(self, callback: Callable[[bool, int, int, bytes], None] | None) -> None:
        """SSL_set_msg_callback(3), from 0.9.7: (write_p, version, content_type, message)."""
        self._s.msg_callback = callback

    # -- facts --------------------------------------------------------------------------------

    def version(self) -> int:
        """SSL_version(3): the protocol version in use, as on the wire."""
        return self._s.version

    def get_version(self) -> str:
        """SSL_get_version(3): the same by name, "TLSv1.2" for one."""
        names = {number: name for name, number in PROTOCOL_VERSIONS.items()}
        return names.get(self._s.version, "unknown")

    def get_current_cipher(self) -> str | None:
        """SSL_get_cipher_name(3): the suite in use by its OpenSSL name, None before there is one."""
        hs = self._s.hs
        return hs.suite.name if hs is not None and hs.suite is not None else None

    @property
    def encrypts_then_macs(self) -> bool:
        """Whether what this side sends has its MAC over the ciphertext (RFC 7366); libssl doesn't tell."""
        return self._s.out.writer.encrypt_then_mac

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished(3): a handshake is complete and none is under way."""
        return self._s.machine is not None and self._s.machine.is_init_finished()

    @exported
    def is_server(self) -> int:
        """SSL_is_server(3), from 1.0.2: 1 or 0."""
        return int(self._s.server)

    def get_secure_renegotiation_support(self) -> int:
        """SSL_get_secure_renegotiation_support(3), a control from 0.9.8m: whether the peer has RFC 5746."""
        if answers_zero(self.profile, "get_secure_renegotiation_support"):
            return 0
        return int(self._s.hs is not None and self._s.hs.peer_secure_renegotiation)

    def total_renegotiations(self) -> int:
        """SSL_total_renegotiations(3): how many were started."""
        return self._s.total_renegotiations

    def session_reused(self) -> bool:
        """SSL_session_reused(3)."""
        return self._s.hs is not None and self._s.hs.hit


def _is_fragment(size: int) -> bool:
    return _SMALLEST_FRAGMENT <= size <= _LARGEST_FRAGMENT


def _always_zero(*_args: Any) -> int:
    return 0


def _not_emulated(c_name: str) -> Callable[..., NoReturn]:
    def call(*_args: Any, **_keywords: Any) -> NoReturn:
        raise NotEmulated(c_name)

    return call
