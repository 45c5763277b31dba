"""Both sides of a scenario on the real library: contexts, connections, transports.

Source: "The world of a scenario": methods, options and the cipher suite are chosen as they were for the
recorded traces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.api.protocols import FIXED_METHODS, MODES, bits
from emulator.bio.scripted import make_scripted_bio_pair
from emulator.constants import PROTOCOL_VERSIONS
from emulator.reallib.child.bio import BioMaker
from emulator.reallib.child.numbers import (
    SSL_CTRL_CLEAR_MODE,
    SSL_CTRL_MODE,
    SSL_CTRL_OPTIONS,
    SSL_CTRL_SET_MAX_PROTO_VERSION,
    SSL_CTRL_SET_MIN_PROTO_VERSION,
    SSL_FILETYPE_PEM,
    SSL_OP_NO_COMPRESSION,
    SSL_OP_NO_VERSION,
)
from emulator.reallib.child.side import LibrarySide
from emulator.scenario.side import Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.bio.scripted import ScriptedBIO
    from emulator.reallib.child.library import Library
    from emulator.scenario.model import SideSettings, World
    from emulator.scenario.step import Json


class Settings:
    """What is the same for all scenarios: the server's certificate and key, and the options by name.

    ``options`` are the names that the release knows, with their bits; any other adds nothing.
    """

    def __init__(self, raw: Json) -> None:
        self.certificate = str(raw.get("certificate", "")).encode()
        self.key = str(raw.get("key", "")).encode()
        self.options: dict[str, int] = dict(raw.get("options", {}))


class Worlds:
    """Makes the sides of one scenario after the other."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library = library
        self.settings = settings
        self._bios = BioMaker(library)

    def make(self, world: World) -> dict[str, LibrarySide]:
        """Client and server, not connected yet; raises Unsupported."""
        client_bio, server_bio = make_scripted_bio_pair()
        return {
            "client": self._side("client", world, world.client, client_bio),
            "server": self._side("server", world, world.server, server_bio),
        }

    def _side(self, who: str, world: World, settings: SideSettings, transport: ScriptedBIO) -> LibrarySide:
        library = self.library
        ssl = library.SSL_new(self.context(who, world, settings))
        bio = self._bios.make(transport)
        library.SSL_set_bio(ssl, bio, bio)
        if not settings.no_state:
            if who == "client":
                library.SSL_set_connect_state(ssl)
            else:
                library.SSL_set_accept_state(ssl)
        return LibrarySide(who, library, ssl, transport)

    def context(self, who: str, world: World, settings: SideSettings) -> int:
        """A context for one side of such a world; raises Unsupported."""
        library = self.library
        context = library.SSL_CTX_new(self._method(world.protocol))
        if not context:
            raise Unsupported(world.protocol)
        self._leave_only(context, world.protocol)
        self._choose_cipher(context, world.cipher)
        self._set_options(context, self._options(settings.options))
        library.SSL_CTX_ctrl(context, SSL_CTRL_MODE, bits(settings.modes, MODES), None)
        if settings.clear_modes:
            library.SSL_CTX_ctrl(context, SSL_CTRL_CLEAR_MODE, bits(settings.clear_modes, MODES), None)
        if who == "server":
            self._load_certificate(context)
        library.ERR_clear_error()
        return int(context)

    def _method(self, protocol: str) -> int:
        library = self.library
        if protocol == "TLSv1.3" and not library.has("SSL_CTX_set_ciphersuites"):
            raise Unsupported(protocol)
        if library.has_bounds:
            return int(library.TLS_method())
        if protocol in ("TLSv1.1", "TLSv1.2") and not library.has("TLSv1_2_method"):
            raise Unsupported(protocol)
        name = f"{FIXED_METHODS.get(protocol, 'SSLv23')}_method"
        if not library.has(name):
            raise Unsupported(protocol)
        return int(getattr(library, name)())

    def _leave_only(self, context: int, protocol: str) -> None:
        """Enable this protocol alone.

        A version that the library was built without may be refused here; the handshake then finds none.
        """
        library = self.library
        if library.has_bounds:
            version = PROTOCOL_VERSIONS[protocol]
            library.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, version, None)
            library.SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, version, None)
        elif protocol not in FIXED_METHODS:
            others = [bit for name, bit in SSL_OP_NO_VERSION.items() if name != protocol]
            self._set_options(context, sum(others))

    def _choose_cipher(self, context: int, cipher: str | None) -> None:
        level = ":@SECLEVEL=0" if self.library.has_bounds else ""
        text = (cipher or "DEFAULT") + level
        if not self.library.SSL_CTX_set_cipher_list(context, text.encode()) and cipher is not None:
            raise Unsupported(cipher)

    def _options(self, names: Iterable[str]) -> int:
        options = bits(names, self.settings.options)
        # Known from 1.0.0 on, which also brought thread ids of a new kind.
        if self.library.has_bounds or self.library.has("CRYPTO_THREADID_current"):
            options |= SSL_OP_NO_COMPRESSION
        return options

    def _set_options(self, context: int, options: int) -> None:
        set_options(self.library, context, options)

    def _load_certificate(self, context: int) -> None:
        library, settings = self.library, self.settings
        certificate = library.SSL_CTX_use_certificate_file(context, settings.certificate, SSL_FILETYPE_PEM)
        key = library.SSL_CTX_use_PrivateKey_file(context, settings.key, SSL_FILETYPE_PEM)
        if certificate != 1 or key != 1:
            raise RuntimeError(f"the certificate is refused: {library.error_text(library.ERR_get_error())}")


def set_options(library: Library, context: int, options: int) -> None:
    """SSL_CTX_set_options(), a macro over SSL_CTX_ctrl() before 1.1.0."""
    if library.has("SSL_CTX_set_options"):
        library.SSL_CTX_set_options(context, options)
    else:
        library.SSL_CTX_ctrl(context, SSL_CTRL_OPTIONS, options, None)
