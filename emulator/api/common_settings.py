"""Settings that an SSL_CTX and an SSL have alike: ``SSL_CTX_set_...()`` and ``SSL_set_...()``."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from emulator.api.arguments import c_bits, c_int, c_long, c_size, c_uint32, callback, plain_bytes, text
from emulator.api.attributes import KnownAttributes
from emulator.api.exists import control, exported, known_versions, require
from emulator.api.ssl_ctx import SslCtx, set_record_padding
from emulator.behaviours.handshake import EcdheServer
from emulator.behaviours.tls13 import UnknownCiphersuite
from emulator.constants import (
    PROTOCOL_VERSIONS,
    SSL3_VERSION,
    TLS1_1_VERSION,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
    Mode,
    Option,
)
from emulator.engine.callbacks import guarded
from emulator.engine.sending.padding import is_block_size
from emulator.error_queue import current
from emulator.exceptions import NotEmulated
from emulator.handshake.common.certificates import Credential, load_credential
from emulator.handshake.common.cipher_string import CipherSelection, cipher_list
from emulator.handshake.common.key_exchange import CURVE_GROUPS, load_dh_parameters
from emulator.handshake.common.security_level import allows_dh, allows_version
from emulator.handshake.common.suites import known_ciphersuites
from emulator.handshake.tls13.key_share import X448, X25519MLKEM768

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.sending.padding import PaddingCallback
    from emulator.engine.ssl import SSL, InfoCallback, MessageCallback
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.common.session import Session
    from emulator.profile import Profile

P = ParamSpec("P")
R = TypeVar("R")

SMALLEST_FRAGMENT = 512
LARGEST_FRAGMENT = 16384
MOST_PIPELINES = 32
"""SSL_MAX_PIPELINES."""

GROUP_NAMES = {
    "P-256": 23,
    "prime256v1": 23,
    "P-384": 24,
    "secp384r1": 24,
    "P-521": 25,
    "secp521r1": 25,
    "X25519": 29,
    "X448": X448,
    "X25519MLKEM768": X25519MLKEM768,
}
"""The names that SSL_set1_groups_list() has for the groups that are emulated."""

_TUPLE_SYNTAX = frozenset("*?-/")
_OFF_SWITCHES = {
    SSL3_VERSION: Option.NO_SSLV3,
    TLS1_VERSION: Option.NO_TLSV1,
    TLS1_1_VERSION: Option.NO_TLSV1_1,
    TLS1_2_VERSION: Option.NO_TLSV1_2,
    TLS1_3_VERSION: Option.NO_TLSV1_3,
}


@lru_cache(maxsize=1)
def fixture_credential() -> Credential:
    """The built-in certificate and key."""
    from pathlib import Path  # noqa: PLC0415 - nothing else of a Context needs files

    data = Path(__file__).resolve().parents[1] / "data"
    return load_credential(
        (data / "server.pem").read_bytes(), (data / "server.key").read_bytes(), trusted_key=True
    )


class CommonSettings(KnownAttributes):
    """The calls that C has twice: with the prefix ``SSL_CTX_`` for a Context, ``SSL_`` for a Connection.

    An argument of a wrong type, or a number that C's type cannot hold, is a UsageError.
    """

    _prefix = "SSL"
    """The prefix of the functions' names in C."""

    _s: SSL | SslCtx
    _method: str
    """The method of the SSL_CTX."""

    def __getattr__(self, name: str) -> Any:
        """Say why an attribute is not there: the release lacks the call, or no release has it."""
        if isinstance(getattr(type(self), name, None), exported):
            require(self.profile, name)
        return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        """Name the attributes, without the calls that the release lacks."""
        functions = self.profile.functions
        return [
            name for name in object.__dir__(self) if name not in functions or not functions[name].is_absent
        ]

    @property
    def profile(self) -> Profile:
        """The profile of the release whose calls these are."""
        return self._s.profile

    @property
    def fixed_version(self) -> int:
        """The version of a method that knows one only, as on the wire, else 0."""
        return self._s.fixed_version if self._config.fixed_method else 0

    @property
    def _config(self) -> HandshakeConfig:
        return self._s.config

    # -- modes and options --------------------------------------------------------------------

    def set_mode(self, mode: int) -> int:
        """SSL_set_mode(3): adds bits (``Mode``), and answers all that are set then.

        Raises NotEmulated for SSL_MODE_ASYNC, which changes what every call does.
        """
        added = c_bits("mode", mode)
        if added & Mode.ASYNC:
            raise NotEmulated("SSL_MODE_ASYNC")
        return self._take_mode(self._s.mode | added)

    @control
    def clear_mode(self, mode: int) -> int:
        """SSL_clear_mode(3), a control from 0.9.8m: takes bits away, and answers those that are left."""
        return self._take_mode(self._s.mode & ~c_bits("mode", mode))

    def get_mode(self) -> int:
        """SSL_get_mode(3)."""
        return self._s.mode

    def _take_mode(self, mode: int) -> int:
        self._s.mode = self._config.mode = mode
        return self._s.mode

    def set_options(self, options: int) -> int:
        """SSL_set_options(3): adds bits (``Option``), and answers all that are set then."""
        return self._take_options(self._s.options | c_bits("options", options))

    @control
    def clear_options(self, options: int) -> int:
        """SSL_clear_options(3), a control from 0.9.8m: takes bits away, and answers those that are left."""
        return self._take_options(self._s.options & ~c_bits("options", options))

    def get_options(self) -> int:
        """SSL_get_options(3)."""
        return self._s.options

    def _take_options(self, options: int) -> int:
        self._s.options = self._config.options = options
        self._settle_versions()
        return self._s.options

    # -- protocol versions --------------------------------------------------------------------

    @control
    def set_min_proto_version(self, version: int) -> int:
        """SSL_set_min_proto_version(3), a control from 1.1.0: ``version`` as on the wire, 0 for no bound.

        1, or 0 for a version that the release does not know.
        """
        return self._set_bounds(version, self._config.max_version, version)

    @control
    def set_max_proto_version(self, version: int) -> int:
        """SSL_set_max_proto_version(3), a control from 1.1.0: ``version`` as on the wire, 0 for no bound.

        1, or 0 for a version that the release does not know.
        """
        return self._set_bounds(self._config.min_version, version, version)

    @control
    def get_min_proto_version(self) -> int:
        """SSL_get_min_proto_version(3), a control from 1.1.0g: the bound, 0 for none."""
        return self._config.min_version

    @control
    def get_max_proto_version(self) -> int:
        """SSL_get_max_proto_version(3), a control from 1.1.0g: the bound, 0 for none."""
        return self._config.max_version

    def _set_bounds(self, low: int, high: int, new: int) -> int:
        """Take the bounds if the release knows the version.

        A version that only this build lacks is taken: the handshake then finds no protocol.
        """
        names = self.profile.exists.protocols
        if c_int("version", new) not in (0, *(PROTOCOL_VERSIONS.get(name) for name in names)):
            return 0
        self._config.min_version, self._config.max_version = low, high
        self._settle_versions()
        return 1

    def _settle_versions(self) -> None:
        """Find the versions that bounds, options and the security level leave, ascending."""
        config, profile = self._config, self.profile
        if config.fixed_method:
            return
        leveled = profile.ciphers.security_levels
        config.versions = tuple(
            version
            for version in known_versions(profile)
            if version >= config.min_version
            and (not config.max_version or version <= config.max_version)
            and not config.options & _OFF_SWITCHES[version]
            and (not leveled or allows_version(config.security_level, version, profile.hello.version_levels))
        )

    # -- the sizes of records -----------------------------------------------------------------

    @control
    def set_max_send_fragment(self, size: int) -> int:
        """SSL_set_max_send_fragment(3), a control from 1.0.0: the most bytes of data in a record.

        1, or 0 for a size outside 512 to 16384.
        """
        if not SMALLEST_FRAGMENT <= c_long("size", size) <= LARGEST_FRAGMENT:
            return 0
        self._s.out.set_fragments(size, min(self._s.out.split_send_fragment, size))
        return 1

    @control
    def set_split_send_fragment(self, size: int) -> int:
        """SSL_set_split_send_fragment(3), a control from 1.1.0: a write is cut into records of so many bytes.

        1, or 0 for 0 and for more than set_max_send_fragment() allows.
        """
        if not 0 < c_long("size", size) <= self._s.out.max_send_fragment:
            return 0
        self._s.out.set_fragments(self._s.out.max_send_fragment, size)
        return 1

    @control
    def set_max_pipelines(self, count: int) -> int:
        """SSL_set_max_pipelines(3), a control from 1.1.0: how many records may be made at once; 1.

        0 for a number outside 1 to 32.  Raises NotEmulated for more than 1: the connection would then read
        ahead.
        """
        if not 1 <= c_long("count", count) <= MOST_PIPELINES:
            return 0
        if count > 1:
            raise NotEmulated(f"{self._prefix}_set_max_pipelines() of more than 1")
        return 1

    @exported
    def set_record_padding_callback(self, callback: PaddingCallback | None) -> None:
        """SSL_set_record_padding_callback(3), from 1.1.1: (content_type, length) to bytes of padding."""
        padding = self._s.out.record_padding
        set_record_padding(self._s, self._guarded(callback, 0), padding.block if padding is not None else 0)

    @exported
    def set_block_padding(self, block_size: int) -> int:
        """SSL_set_block_padding(3), from 1.1.1: pad records to a multiple of so many bytes; 0 and 1: do not.

        1, or 0 for more than 16384.
        """
        if not is_block_size(c_size("block_size", block_size)):
            return 0
        padding = self._s.out.record_padding
        set_record_padding(self._s, padding.callback if padding is not None else None, block_size)
        return 1

    # -- cipher suites and groups -------------------------------------------------------------

    def set_cipher_list(self, string: str) -> int:
        """SSL_set_cipher_list(3): the suites up to TLS 1.2; 1, or 0 with an error in the queue."""
        config = self._config
        selection = self._selected(text("string", string))
        for function, reason in selection.errors:
            self._put_error(function, reason)
        if selection.security_level is not None:
            config.security_level = selection.security_level
        if selection.replaces:
            config.cipher_suites = selection.suites
        self._settle_versions()  # a @SECLEVEL may leave other versions
        return int(selection.ok)

    def _selected(self, string: str) -> CipherSelection:
        """What the release makes of a cipher string."""
        build = self.profile.build
        return cipher_list(
            self.profile.ciphers,
            string,
            ssl2=build.ssl2 and self._method == "SSLv23",
            weak=build.weak_ciphers,
            caller=f"{self._prefix}_SET_CIPHER_LIST",
        )

    @exported
    def set_ciphersuites(self, string: str) -> int:
        """SSL_set_ciphersuites(3), from 1.1.1: TLS 1.3's suites joined by ":"; 1, or 0 with an error."""
        known = known_ciphersuites(self.profile.ciphers)
        names = [name.strip() for name in text("string", string).split(":") if string]
        unknown = [name for name in names if name not in known]
        tls13 = self.profile.tls13
        assert tls13 is not None
        if unknown and tls13.unknown_ciphersuite is UnknownCiphersuite.REFUSED:
            self._put_error("CIPHERSUITE_CB", "NO_CIPHER_MATCH")
            return 0
        self._config.ciphersuites = tuple(known[name] for name in names if name in known)
        return 1

    @control
    def set1_groups_list(self, names: str) -> int:
        """SSL_set1_groups_list(3), a control from 1.1.1: groups joined by ":", preferred first; 1, or 0.

        Raises NotEmulated for a group that is not emulated, and for the signs that 3.5 knows besides names.
        """
        if _TUPLE_SYNTAX & set(text("names", names).replace("P-", "")):
            raise NotEmulated(f"{self._prefix}_set1_groups_list() with signs besides names", names)
        found: list[int] = []
        for name in (part.strip() for part in names.split(":")):
            group = GROUP_NAMES.get(name)
            if group is None:
                raise NotEmulated(f"the group {name!r}")
            if group in found or group not in self.profile.hello.groups:
                return 0
            found.append(group)
        self._config.groups = tuple(found)
        return 1

    # -- certificates and a server's ephemeral keys -------------------------------------------

    def use_certificate(
        self, certificate_pem: bytes, key_pem: bytes, *, password: bytes | None = None
    ) -> int:
        """SSL_use_certificate(3) and SSL_use_PrivateKey(3) in one: a chain and its key in PEM; 1.

        They replace those of the same kind of key.  Raises UsageError where there is no certificate or the
        key is not its key, NotEmulated for keys other than RSA and EC.
        """
        chain, key = _pem("certificate_pem", certificate_pem), _pem("key_pem", key_pem)
        secret = None if password is None else plain_bytes("password", password)
        return self._use_credential(load_credential(chain, key, password=secret))

    def use_fixture(self) -> int:
        """Use the built-in certificate and key: RSA, 2048 bits, public and trusted by nobody; 1."""
        return self._use_credential(fixture_credential())

    def _use_credential(self, credential: Credential) -> int:
        config = self._config
        others = tuple(one for one in config.credentials if one.kind is not credential.kind)
        config.credentials = (*others, credential)
        return 1

    def set_tmp_dh(self, parameters_pem: bytes) -> int:
        """SSL_set_tmp_dh(3): the group of a server's DHE suites, in PEM; 1.

        Raises UsageError where there are no parameters, and NotEmulated for a group below the security level,
        which releases from 1.1.0 on refuse.
        """
        parameters = load_dh_parameters(_pem("parameters_pem", parameters_pem))
        config = self._config
        if self.profile.ciphers.security_levels and not allows_dh(config.security_level, parameters.bits):
            raise NotEmulated(f"{self._prefix}_set_tmp_dh() of a group below the security level")
        config.dh_parameters = parameters
        return 1

    @control
    def set_dh_auto(self, onoff: int) -> int:
        """SSL_set_dh_auto(3), a control from 1.1.0: with 1, DHE suites need no parameters; answers 1."""
        self._config.dh_auto = bool(c_int("onoff", onoff))
        return 1

    @control
    def set_tmp_ecdh(self, curve: str) -> int:
        """SSL_set_tmp_ecdh(3), a control from 0.9.8: the one curve of a server's ECDHE suites; 1.

        ``curve`` is "prime256v1" (or "secp256r1"), "secp384r1" or "secp521r1"; NotEmulated for another.
        """
        group = CURVE_GROUPS.get("secp256r1" if text("curve", curve) == "prime256v1" else curve)
        if group is None:
            raise NotEmulated(f"the curve {curve}")
        self._config.ecdh_group = group
        return 1

    @control
    def set_ecdh_auto(self, onoff: int) -> int:
        """SSL_set_ecdh_auto(3), a control from 1.0.2: with 1, a server takes any curve of the client; 1.

        From 1.1.0 on a server always does, and the call answers 1 if ``onoff`` is not 0, else 0.
        """
        self._config.ecdh_auto = bool(c_int("onoff", onoff))
        always = self.profile.handshake.ecdhe_server is EcdheServer.NOTHING
        return int(self._config.ecdh_auto) if always else 1

    # -- sessions and early data --------------------------------------------------------------

    @exported
    def set_num_tickets(self, count: int) -> int:
        """SSL_set_num_tickets(3), from 1.1.1: tickets that a server sends after a full handshake; 1."""
        self._config.num_tickets = c_size("count", count)
        return 1

    @exported
    def get_num_tickets(self) -> int:
        """SSL_get_num_tickets(3), from 1.1.1."""
        return self._config.num_tickets

    @exported
    def set_psk_use_session_callback(
        self, callback: Callable[[], tuple[bytes, Session] | None] | None
    ) -> None:
        """SSL_set_psk_use_session_callback(3), from 1.1.1: a client's identity and session, None for none."""
        self._config.psk_use_session = self._guarded(callback, None)

    @exported
    def set_psk_find_session_callback(self, callback: Callable[[bytes], Session | None] | None) -> None:
        """SSL_set_psk_find_session_callback(3), from 1.1.1: identity to session, None for an unknown one."""
        self._config.psk_find_session = self._guarded(callback, None)

    @exported
    def set_max_early_data(self, most: int) -> int:
        """SSL_set_max_early_data(3), from 1.1.1: the most bytes of early data that tickets allow; 1."""
        self._config.max_early_data = c_uint32("most", most)
        return 1

    @exported
    def get_max_early_data(self) -> int:
        """SSL_get_max_early_data(3), from 1.1.1."""
        return self._config.max_early_data

    @exported
    def set_recv_max_early_data(self, most: int) -> int:
        """SSL_set_recv_max_early_data(3), from 1.1.1: the most bytes that a server takes or skips; 1."""
        self._s.recv_max_early_data = c_uint32("most", most)
        return 1

    @exported
    def get_recv_max_early_data(self) -> int:
        """SSL_get_recv_max_early_data(3), from 1.1.1."""
        return self._s.recv_max_early_data

    # -- callbacks and shutdown ---------------------------------------------------------------

    def set_info_callback(self, callback: InfoCallback | None) -> None:
        """SSL_set_info_callback(3): called with (where, ret)."""
        self._s.info_callback = self._guarded(callback, None)

    @exported
    def set_msg_callback(self, callback: MessageCallback | None) -> None:
        """SSL_set_msg_callback(3), from 0.9.7: called with (write_p, version, content_type, message)."""
        self._s.msg_callback = self._guarded(callback, None)

    def set_quiet_shutdown(self, mode: int) -> None:
        """SSL_set_quiet_shutdown(3): 1 makes SSL_shutdown() send nothing and wait for nothing."""
        self._s.quiet_shutdown = c_int("mode", mode)

    def get_quiet_shutdown(self) -> int:
        """SSL_get_quiet_shutdown(3)."""
        return self._s.quiet_shutdown

    def _guarded(self, function: Callable[P, R] | None, default: R) -> Callable[P, R] | None:
        """Check a callback; if one of a connection raises, the call goes on with ``default``."""
        checked = callback("callback", function)
        if isinstance(self._s, SslCtx):
            return checked
        return guarded(self._s, checked, default)

    # -- errors -------------------------------------------------------------------------------

    def _put_error(self, function: str, reason: str) -> None:
        current().put(self._s.errors.entry(function, reason))


def _pem(name: str, value: bytes) -> bytes:
    return plain_bytes(name, value, "bytes in PEM")
