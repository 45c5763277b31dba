"""The address of a caller's bytes, by which OpenSSL recognises a buffer.

A retry of SSL_write() must pass the address of the first attempt (``s->s3->wpend_buf``).  The emulator
compares the addresses of the objects that are passed.  A :class:`Buffer` is an object whose address the
caller controls.
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
"""The distance from id() to the first byte of a bytes object: the object's size without the trailing NUL."""


class Buffer:
    """Bytes at an address that does not change as long as the object lives, even if the bytes do.

    ``Buffer(n)`` has n zero bytes, ``Buffer(b"...")`` a copy of these bytes.  ``memory`` is a view of them.
    """

    __slots__ = ("address", "memory")

    def __init__(self, size: int | bytes | bytearray | memoryview) -> None:
        if isinstance(size, int):
            start = _zeroes(c_size("size", size))
        else:
            start = bytearray(plain_bytes("size", size, "a number of bytes, or bytes"))
        self.memory = memoryview(start)
        """The bytes, writable.  As this view exists, the bytes cannot be resized and do not move."""
        self.address: int = _address_in_memory(self.memory)

    def __len__(self) -> int:
        return len(self.memory)

    def __bytes__(self) -> bytes:
        return bytes(self.memory)

    def __repr__(self) -> str:
        return f"<Buffer of {len(self)} bytes at {self.address:#x}>"

    def view(self, offset: int = 0, size: int | None = None) -> memoryview:
        """Return ``size`` bytes (default: the rest) from ``offset``; their address is base + offset."""
        start = c_size("offset", offset)
        return self.memory[start : None if size is None else start + c_size("size", size)]

    def moved(self) -> Buffer:
        """Return a Buffer of equal bytes at another address, as after a reallocation."""
        return Buffer(self.memory)


def _zeroes(size: int) -> bytearray:
    try:
        return bytearray(size)
    except (MemoryError, OverflowError):
        raise UsageError(f"size: there is no memory for {size} bytes") from None


def identify(data: object) -> tuple[int, bytes | memoryview]:
    """Return the address and the bytes of ``data``: a :class:`Buffer`, or an object with a contiguous buffer.

    The address is valid as long as ``data`` lives and is not resized.  As long as the view exists, ``data``
    cannot be resized.
    """
    if type(data) is bytes:
        return id(data) + _BYTES_HEADER, data
    if isinstance(data, Buffer):
        return data.address, data.memory
    view = memoryview(data) if not isinstance(data, memoryview) else data  # type: ignore[arg-type]
    if not view.c_contiguous:
        raise UsageError(f"data: got a buffer of shape {view.shape} with gaps, expected contiguous bytes")
    if view.ndim != 1 or view.itemsize != 1:
        view = view.cast("B")
    return _address_in_memory(view), view


def _address_in_memory(view: memoryview) -> int:
    """Return the address in ``Py_buffer``, as ctypes knows the address of writable buffers only."""
    import ctypes  # noqa: PLC0415 - writes from bytes objects do not need it

    if view and not view.readonly:
        return ctypes.addressof(ctypes.c_char.from_buffer(view))
    info = _py_buffer()()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(info), 0)
    address: int = info.buf or 0
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(info))
    return address


@functools.cache
def _py_buffer() -> Any:
    """``Py_buffer`` of CPython's C API; only the first member is used."""
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
