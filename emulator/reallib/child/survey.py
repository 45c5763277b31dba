"""What a library is asked directly: what it exports, what a new context holds, how its errors are printed."""

from __future__ import annotations

import json
import sys
from ctypes import c_int, c_ulong, c_void_p
from typing import TYPE_CHECKING, Any

from emulator.bio.scripted import make_scripted_bio_pair
from emulator.reallib.child.bio import BioMaker
from emulator.reallib.child.library import Library, NoLibrary
from emulator.reallib.child.numbers import (
    SSL_CTRL_CLEAR_MODE,
    SSL_CTRL_CLEAR_OPTIONS,
    SSL_CTRL_MODE,
    SSL_CTRL_OPTIONS,
    SSL_CTRL_SET_MAX_PIPELINES,
    SSL_CTRL_SET_MAX_PROTO_VERSION,
    SSL_CTRL_SET_MAX_SEND_FRAGMENT,
    SSL_CTRL_SET_MIN_PROTO_VERSION,
    SSL_CTRL_SET_SPLIT_SEND_FRAGMENT,
    SSL_OP_NO_COMPRESSION,
)
from emulator.reallib.child.world import set_options

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Json = dict[str, Any]

ERR_LIB_SSL = 20
NUMBERS = range(1, 1200)
"""Functions and reasons that are asked for; no release has one beyond."""

SETTERS = {
    "set_max_send_fragment": (SSL_CTRL_SET_MAX_SEND_FRAGMENT, 512),
    "set_split_send_fragment": (SSL_CTRL_SET_SPLIT_SEND_FRAGMENT, 512),
    "set_max_pipelines": (SSL_CTRL_SET_MAX_PIPELINES, 1),
    "set_min_proto_version": (SSL_CTRL_SET_MIN_PROTO_VERSION, 0),
    "set_max_proto_version": (SSL_CTRL_SET_MAX_PROTO_VERSION, 0),
}
"""Controls that answer 1 to such an argument, and 0 where they aren't known."""

CLEARERS = {
    "clear_mode": (SSL_CTRL_CLEAR_MODE, SSL_CTRL_MODE),
    "clear_options": (SSL_CTRL_CLEAR_OPTIONS, SSL_CTRL_OPTIONS),
}
"""Controls that take back what another control has set."""

CALLER_SET = 0x1
"""A mode and an option (ENABLE_PARTIAL_WRITE, MICROSOFT_SESS_ID_BUG) that no new context has in all releases
of interest; where one has it, it is still there to be taken back."""


def main(arguments: Sequence[str]) -> int:
    """Print one line of JSON about the library that ``arguments`` name; standard input names functions."""
    try:
        library = Library(arguments[0])
    except NoLibrary as error:
        answer: Json = {"error": str(error)}
    else:
        answer = _survey(library, json.loads(sys.stdin.read()))
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _survey(library: Library, functions: Collection[str]) -> Json:
    return {
        "version": library.version,
        "exported": [name for name in functions if hasattr(library.handle, name)],
        "controls": _controls(library),
        "build": _build(library),
        "defaults": _defaults(library),
        "errors": _errors(library),
        "hello": _client_hello(library),
    }


def _method(library: Library) -> int:
    return int(library.TLS_method() if library.has_bounds else library.SSLv23_method())


def _context(library: Library) -> int:
    return int(library.SSL_CTX_new(_method(library)))


def _controls(library: Library) -> dict[str, bool]:
    known = {}
    for name, (number, argument) in SETTERS.items():
        known[name] = library.SSL_CTX_ctrl(_context(library), number, argument, None) == 1
    for name, (number, setter) in CLEARERS.items():
        if not hasattr(library.handle, f"SSL_{name}"):
            context = _context(library)
            library.SSL_CTX_ctrl(context, setter, CALLER_SET, None)
            library.SSL_CTX_ctrl(context, number, CALLER_SET, None)
            known[name] = not library.SSL_CTX_ctrl(context, setter, 0, None) & CALLER_SET
    library.ERR_clear_error()
    return known


def _build(library: Library) -> dict[str, bool]:
    """What was configured, as far as it shows without a handshake."""
    if library.has_bounds:
        context = _context(library)
        weak = library.SSL_CTX_set_cipher_list(context, b"RC4-SHA:@SECLEVEL=0") == 1
        library.ERR_clear_error()
        return {"ssl3": library.has("SSLv3_method"), "weak_ciphers": weak}
    return {name: _has_method(library, f"SSLv{name[-1]}_method") for name in ("ssl2", "ssl3")}


def _has_method(library: Library, name: str) -> bool:
    """Whether a method is there: one that was left out isn't exported, or answers NULL."""
    method = getattr(library.handle, name, None)
    if method is None:
        return False
    method.restype = c_void_p
    return bool(method())


def _defaults(library: Library) -> dict[str, int]:
    context = _context(library)
    defaults = {"mode": int(library.SSL_CTX_ctrl(context, SSL_CTRL_MODE, 0, None))}
    options = getattr(library.handle, "SSL_CTX_get_options", None)
    if options is None:
        defaults["context_options"] = int(library.SSL_CTX_ctrl(context, SSL_CTRL_OPTIONS, 0, None))
    else:
        options.restype, options.argtypes = c_ulong, (c_void_p,)
        defaults["context_options"] = int(options(context))
    level = getattr(library.handle, "SSL_CTX_get_security_level", None)
    if level is not None:
        level.restype, level.argtypes = c_int, (c_void_p,)
        defaults["security_level"] = int(level(context))
    return defaults


def _errors(library: Library) -> Json:
    """What is printed for every function and reason of libssl."""
    return {
        "functions": [library.error_text(_packed(library, number, 0)) for number in NUMBERS],
        "reasons": [library.error_text(_packed(library, 0, number)) for number in NUMBERS],
    }


def _packed(library: Library, function: int, reason: int) -> int:
    """ERR_PACK(): who still exports ERR_put_error() has functions in its codes."""
    if library.has("ERR_put_error"):
        return ERR_LIB_SSL << 24 | function << 12 | reason
    return ERR_LIB_SSL << 23 | reason


def _client_hello(library: Library) -> str:
    """The first record of a client that has chosen nothing but to do without compression, in hexadecimal."""
    near, _far = make_scripted_bio_pair()
    context = _context(library)
    set_options(library, context, SSL_OP_NO_COMPRESSION)
    ssl = library.SSL_new(context)
    bio = BioMaker(library).make(near)
    library.SSL_set_bio(ssl, bio, bio)
    library.SSL_set_connect_state(ssl)
    library.SSL_do_handshake(ssl)
    library.ERR_clear_error()
    return bytes(near.outgoing.sent).hex()
