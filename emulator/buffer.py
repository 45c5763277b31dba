"""Where a caller's bytes lie: in C a buffer is its address, and so it is here.

A retried SSL_write() is recognised by the address that it is given (``s->s3->wpend_buf``), so the address of
every object that can be written from is asked for, and :class:`Buffer` is an object whose address the
caller chooses to keep or to change.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from emulator.api.arguments import c_size, plain_bytes
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from typing import TypeAlias

    from typing_extensions import Buffer as Exporter

    Bytes: TypeAlias = "Buffer | Exporter"
    """An object with bytes at an address: a Buffer, or one that exports a contiguous buffer."""

_BYTES_HEADER = bytes.__basicsize__ - 1
"""How far behind id() the first byte of a bytes object lies: its size without the trailing NUL."""


class Buffer:
    """Bytes at an address that stays the same as long as the object lives, whatever is written into it.

    ``size`` zero bytes, or a copy of ``size`` if that is bytes.  ``memory`` gives access to them.
    """

    __slots__ = ("address", "memory")

    def __init__(self, size: int | bytes | bytearray | memoryview) -> None:
        if isinstance(size, int):
            start = _zeroes(c_size("size", size))
        else:
            start = bytearray(plain_bytes("size", size, "a number of bytes, or bytes"))
        self.memory = memoryview(start)
        """The bytes, writable; since the view is held, they cannot be resized and do not move."""
        self.address: int = _address_in_memory(self.memory)

    def __len__(self) -> int:
        return len(self.memory)

    def __bytes__(self) -> bytes:
        return bytes(self.memory)

    def __repr__(self) -> str:
        return f"<Buffer of {len(self)} bytes at {self.address:#x}>"

    def view(self, offset: int = 0, size: int | None = None) -> memoryview:
        """``size`` bytes (all that follow unless given) from ``offset``; their address is base + offset."""
        start = c_size("offset", offset)
        return self.memory[start : None if size is None else start + c_size("size", size)]

    def moved(self) -> Buffer:
        """Equal bytes at another address: what a caller has who reallocated."""
        return Buffer(self.memory)


def _zeroes(size: int) -> bytearray:
    try:
        return bytearray(size)
    except (MemoryError, OverflowError):
        raise UsageError(f"size: there is no memory for {size} bytes") from None


def identify(data: object) -> tuple[int, bytes | memoryview]:
    """Address and bytes of ``data``: any object with a contiguous buffer, or a :class:`Buffer`.

    The address is only meaningful as long as ``data`` lives and is not resized.  The view is an export of
    ``data``; who keeps it keeps ``data`` from being resized.
    """
    if type(data) is bytes:
        return id(data) + _BYTES_HEADER, data
    if isinstance(data, Buffer):
        return data.address, data.memory
    view = memoryview(data) if not isinstance(data, memoryview) else data  # type: ignore[arg-type]
    if not view.c_contiguous:
        raise UsageError("only a contiguous buffer can be written from")
    if view.ndim != 1 or view.itemsize != 1:
        view = view.cast("B")
    return _address_in_memory(view), view


def _address_in_memory(view: memoryview) -> int:
    """Ask the buffer protocol where the bytes are: ctypes gives only writable ones an address."""
    import ctypes  # noqa: PLC0415 - who writes bytes objects does without

    if view and not view.readonly:
        return ctypes.addressof(ctypes.c_char.from_buffer(view))
    info = _py_buffer()()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(info), 0)
    address: int = info.buf or 0
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(info))
    return address


@functools.cache
def _py_buffer() -> Any:
    """``Py_buffer`` of CPython's C API, of which only the first member is looked at."""
    import ctypes  # noqa: PLC0415

    members = {
        "buf": ctypes.c_void_p,
        "obj": ctypes.c_void_p,
        "len": ctypes.c_ssize_t,
        "itemsize": ctypes.c_ssize_t,
        "readonly": ctypes.c_int,
        "ndim": ctypes.c_int,
        "format": ctypes.c_char_p,
        "shape": ctypes.c_void_p,
        "strides": ctypes.c_void_p,
        "suboffsets": ctypes.c_void_p,
        "internal": ctypes.c_void_p,
    }
    return type("Py_buffer", (ctypes.Structure,), {"_fields_": tuple(members.items())})
