"""One real libssl and its libcrypto, loaded with ctypes.

What a release has is found out from what it exports, never from its version: BIO_meth_new came with the
opaque structures of 1.1.0, SSL_CTX_set_ciphersuites with TLS 1.3.  Source: ssl.h, bio.h and err.h of 0.9.6
to 3.5.
"""

from __future__ import annotations

import ctypes
import os
import re
from ctypes import c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from pathlib import Path
from typing import Any

from emulator.reallib.child.numbers import SSL_ST_INIT

MISSING = re.compile(r"([^\s:]+): cannot open shared object file")
VERSION = re.compile(r"OpenSSL (\S+)")

SIZE_P = ctypes.POINTER(c_size_t)

SSL_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "SSL_CTX_new": (c_void_p, c_void_p),
    "SSL_CTX_ctrl": (c_long, c_void_p, c_int, c_long, c_void_p),
    "SSL_CTX_set_cipher_list": (c_int, c_void_p, c_char_p),
    "SSL_CTX_use_certificate_file": (c_int, c_void_p, c_char_p, c_int),
    "SSL_CTX_use_PrivateKey_file": (c_int, c_void_p, c_char_p, c_int),
    "SSL_new": (c_void_p, c_void_p),
    "SSL_ctrl": (c_long, c_void_p, c_int, c_long, c_void_p),
    "SSL_set_bio": (None, c_void_p, c_void_p, c_void_p),
    "SSL_set_connect_state": (None, c_void_p),
    "SSL_set_accept_state": (None, c_void_p),
    "SSL_connect": (c_int, c_void_p),
    "SSL_accept": (c_int, c_void_p),
    "SSL_do_handshake": (c_int, c_void_p),
    "SSL_write": (c_int, c_void_p, c_void_p, c_int),
    "SSL_read": (c_int, c_void_p, c_void_p, c_int),
    "SSL_peek": (c_int, c_void_p, c_void_p, c_int),
    "SSL_renegotiate": (c_int, c_void_p),
    "SSL_clear": (c_int, c_void_p),
    "SSL_shutdown": (c_int, c_void_p),
    "SSL_pending": (c_int, c_void_p),
    "SSL_get_error": (c_int, c_void_p, c_int),
    "SSL_want": (c_int, c_void_p),
    "SSL_get_shutdown": (c_int, c_void_p),
    "SSL_set_shutdown": (None, c_void_p, c_int),
    "SSL_set_quiet_shutdown": (None, c_void_p, c_int),
}
"""What every release has: result first, then arguments."""

LATER_SSL_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "SSL_library_init": (c_int,),
    "SSL_load_error_strings": (None,),
    "OPENSSL_init_ssl": (c_int, ctypes.c_uint64, c_void_p),
    "TLS_method": (c_void_p,),
    "SSLv23_method": (c_void_p,),
    "SSLv3_method": (c_void_p,),
    "TLSv1_method": (c_void_p,),
    "TLSv1_2_method": (c_void_p,),
    "SSL_CTX_set_ciphersuites": (c_int, c_void_p, c_char_p),
    # The options are an unsigned long before 3.0, which is as long.
    "SSL_CTX_set_options": (ctypes.c_uint64, c_void_p, ctypes.c_uint64),
    "SSL_write_ex": (c_int, c_void_p, c_void_p, c_size_t, SIZE_P),
    "SSL_read_ex": (c_int, c_void_p, c_void_p, c_size_t, SIZE_P),
    "SSL_renegotiate_abbreviated": (c_int, c_void_p),
    "SSL_key_update": (c_int, c_void_p, c_int),
    "SSL_in_init": (c_int, c_void_p),
    "SSL_state": (c_int, c_void_p),
}
"""What came or went; a name that isn't exported is no attribute of the library."""

CRYPTO_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "BIO_new": (c_void_p, c_void_p),
    "ERR_clear_error": (None,),
    "ERR_get_error": (c_ulong,),
    "ERR_error_string_n": (None, c_ulong, c_char_p, c_size_t),
}

LATER_CRYPTO_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "SSLeay_version": (c_char_p, c_int),
    "OpenSSL_version": (c_char_p, c_int),
    "CRYPTO_THREADID_current": (None, c_void_p),
    "BIO_meth_new": (c_void_p, c_int, c_char_p),
    "BIO_meth_set_write": (c_int, c_void_p, c_void_p),
    "BIO_meth_set_read": (c_int, c_void_p, c_void_p),
    "BIO_meth_set_ctrl": (c_int, c_void_p, c_void_p),
    "BIO_set_init": (None, c_void_p, c_int),
    "BIO_set_flags": (None, c_void_p, c_int),
    "BIO_clear_flags": (None, c_void_p, c_int),
    "ERR_put_error": (None, c_int, c_int, c_int, c_char_p, c_int),
    "ERR_new": (None,),
    "ERR_set_error": (None, c_int, c_int, c_char_p),
}


class NoLibrary(Exception):  # noqa: N818 - an answer to whoever named the file
    """The file is no libssl that can be driven: why."""


class Library:
    """The functions of one libssl and its libcrypto, as attributes under their own names.

    A function that the library lacks is no attribute: ``has`` asks.
    """

    def __init__(self, path: str) -> None:
        libssl = self.handle = _load(path)
        # dlsym on a library's handle searches what it depends on as well: its own libcrypto.
        self._bind(libssl, SSL_FUNCTIONS | CRYPTO_FUNCTIONS, path)
        self._bind(libssl, LATER_SSL_FUNCTIONS | LATER_CRYPTO_FUNCTIONS, None)
        self._initialize()
        self.version = self._version()

    def _bind(self, libssl: ctypes.CDLL, functions: dict[str, tuple[Any, ...]], path: str | None) -> None:
        for name, (result, *arguments) in functions.items():
            try:
                function = getattr(libssl, name)
            except AttributeError:
                if path is not None:
                    raise NoLibrary(f"{path} does not export {name}: is it a shared libssl?") from None
                continue
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"this library has no {name}")

    def has(self, name: str) -> bool:
        """Whether the library exports this function."""
        return name in self.__dict__

    def _initialize(self) -> None:
        if self.has("OPENSSL_init_ssl"):
            self.OPENSSL_init_ssl(0, None)
            return
        self.SSL_library_init()
        self.SSL_load_error_strings()

    def _version(self) -> str:
        text = (self.OpenSSL_version if self.has("OpenSSL_version") else self.SSLeay_version)(0).decode()
        match = VERSION.match(text)
        if match is None:
            raise NoLibrary(f"{text!r} is no version of OpenSSL")
        return match[1]

    @property
    def has_bounds(self) -> bool:
        """Whether versions are bounded by a lowest and a highest one (1.1.0), rather than turned off."""
        return self.has("TLS_method")

    def in_init(self, ssl: int) -> bool:
        """SSL_in_init(), a macro about SSL_state() before 1.1.0."""
        if self.has("SSL_in_init"):
            return bool(self.SSL_in_init(ssl))
        return bool(self.SSL_state(ssl) & SSL_ST_INIT)

    def put_error(self, lib: int, reason: int) -> None:
        """Push an error of function 0, by ERR_put_error() or what took its place in 3.0."""
        if self.has("ERR_put_error"):
            self.ERR_put_error(lib, 0, reason, b"", 0)
        else:
            self.ERR_new()
            self.ERR_set_error(lib, reason, None)

    def drain_errors(self) -> list[int]:
        """Take all codes off this thread's queue, oldest first."""
        codes = []
        while code := self.ERR_get_error():
            codes.append(code)
        return codes

    def error_text(self, code: int) -> str:
        """ERR_error_string_n() with room enough."""
        buffer = ctypes.create_string_buffer(512)
        self.ERR_error_string_n(code, buffer, len(buffer))
        return buffer.value.decode("ascii", "replace")


def _load(path: str) -> ctypes.CDLL:
    """Load the library with its own neighbours first, as a wheel lays them side by side."""
    mode = os.RTLD_LAZY | os.RTLD_LOCAL
    if "/" not in path:
        return _load_of_the_system(path, mode)
    if not Path(path).is_file():
        raise NoLibrary(f"no file {path}")
    loaded: set[str] = set()

    def load(file: Path) -> ctypes.CDLL:
        while True:
            try:
                return ctypes.CDLL(str(file), mode=mode, use_errno=True)
            except OSError as error:
                neighbour = MISSING.search(str(error))
                if neighbour is None or neighbour[1] in loaded or not (file.parent / neighbour[1]).is_file():
                    raise NoLibrary(f"{path} cannot be loaded: {error}") from None
                loaded.add(neighbour[1])
                load(file.parent / neighbour[1])

    _load_own_libcrypto(Path(path), load)
    return load(Path(path))


def _load_of_the_system(name: str, mode: int) -> ctypes.CDLL:
    """Load what the loader finds by this name, as ctypes.util.find_library() gives it."""
    try:
        return ctypes.CDLL(name, mode=mode, use_errno=True)
    except OSError as error:
        raise NoLibrary(f"{name} cannot be loaded: {error}") from None


def _load_own_libcrypto(path: Path, load: Any) -> None:
    """Load the neighbour that this libssl names, lest the system's libcrypto of the same name serve it."""
    needed = re.findall(rb"libcrypto[\w.-]*\.so[\w.]*", path.read_bytes())
    for name in dict.fromkeys(needed):
        neighbour = path.parent / name.decode()
        if neighbour.is_file():
            load(neighbour)
