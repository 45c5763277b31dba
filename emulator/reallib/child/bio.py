"""The custom BIO of a scenario: a table of functions around a scripted transport.

Before 1.1.0 a BIO and its method are structures that the caller fills in (bio.h); from 1.1.0 on there are
BIO_meth_new() and functions for the flags.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_int, c_long, c_void_p
from typing import TYPE_CHECKING, Any

from emulator.reallib.child.numbers import (
    BIO_CTRL_EOF,
    BIO_CTRL_FLUSH,
    BIO_RETRY_FLAGS,
    BIO_TYPE_SOURCE_SINK,
)

if TYPE_CHECKING:
    from emulator.bio.scripted import ScriptedBIO
    from emulator.reallib.child.library import Library

# The callbacks' own errno is what the library finds in errno afterwards.
TRANSFER = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, use_errno=True)
CTRL = ctypes.CFUNCTYPE(c_long, c_void_p, c_int, c_long, c_void_p, use_errno=True)
LIFE = ctypes.CFUNCTYPE(c_int, c_void_p, use_errno=True)


class BioMethod(ctypes.Structure):
    """``BIO_METHOD`` before 1.1.0."""

    _fields_ = (
        ("type", c_int),
        ("name", c_char_p),
        ("bwrite", TRANSFER),
        ("bread", TRANSFER),
        ("bputs", c_void_p),
        ("bgets", c_void_p),
        ("ctrl", CTRL),
        ("create", LIFE),
        ("destroy", LIFE),
        ("callback_ctrl", c_void_p),
    )


class BioStruct(ctypes.Structure):
    """The first members of ``BIO`` before 1.1.0."""

    _fields_ = (
        ("method", c_void_p),
        ("callback", c_void_p),
        ("cb_arg", c_void_p),
        ("init", c_int),
        ("shutdown", c_int),
        ("flags", c_int),
    )


class BioMaker:
    """Makes the library's BIOs; one method serves them all, and knows each by its address."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._transports: dict[int, ScriptedBIO] = {}
        self._callbacks = (TRANSFER(self._write), TRANSFER(self._read), CTRL(self._ctrl), LIFE(_succeed))
        self._opaque = library.has("BIO_meth_new")
        self._struct = BioMethod()
        self._method = self._make_method()

    def make(self, transport: ScriptedBIO) -> int:
        """A new BIO whose answers are those of ``transport``; its address."""
        bio = int(self._library.BIO_new(self._method))
        if self._opaque:
            self._library.BIO_set_init(bio, 1)
        else:
            BioStruct.from_address(bio).init = 1
        self._transports[bio] = transport
        return bio

    def _make_method(self) -> Any:
        write, read, ctrl, succeed = self._callbacks
        if not self._opaque:
            self._struct = BioMethod(
                type=BIO_TYPE_SOURCE_SINK | 100,
                name=b"scenario",
                bwrite=write,
                bread=read,
                ctrl=ctrl,
                create=succeed,
                destroy=succeed,
            )
            return ctypes.addressof(self._struct)
        library = self._library
        method = library.BIO_meth_new(BIO_TYPE_SOURCE_SINK | 100, b"scenario")
        library.BIO_meth_set_write(method, ctypes.cast(write, c_void_p))
        library.BIO_meth_set_read(method, ctypes.cast(read, c_void_p))
        library.BIO_meth_set_ctrl(method, ctypes.cast(ctrl, c_void_p))
        return method

    def _set_flags(self, bio: int, flags: int) -> None:
        if self._opaque:
            self._library.BIO_clear_flags(bio, BIO_RETRY_FLAGS)
            self._library.BIO_set_flags(bio, flags)
            return
        struct = BioStruct.from_address(bio)
        struct.flags = (struct.flags & ~BIO_RETRY_FLAGS) | flags

    def _write(self, bio: int, address: int | None, count: int) -> int:
        transport = self._transports[bio]
        self._set_flags(bio, 0)
        # string_at() would answer something for NULL, where a transport of C reads and dies.
        data = bytearray(count)
        ctypes.memmove((ctypes.c_char * count).from_buffer(data), address or 0, count)
        ret = transport.write(data)
        self._finish(bio, transport)
        return ret

    def _read(self, bio: int, address: int, count: int) -> int:
        transport = self._transports[bio]
        self._set_flags(bio, 0)
        data = transport.read(count)
        ctypes.memmove(address, data, len(data))
        self._finish(bio, transport)
        return transport.ret

    def _finish(self, bio: int, transport: ScriptedBIO) -> None:
        self._set_flags(bio, transport.flags)
        if transport.errno:
            ctypes.set_errno(transport.errno)

    def _ctrl(self, bio: int, command: int, _number: int, _pointer: int) -> int:
        if command == BIO_CTRL_FLUSH:
            return 1
        if command == BIO_CTRL_EOF:
            return int(self._transports[bio].eof())
        return 0


def _succeed(_bio: int) -> int:
    return 1
