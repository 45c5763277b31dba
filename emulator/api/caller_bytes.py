"""The bytes that a caller passes, to be written or to be filled: objects with an address."""

from __future__ import annotations

from typing import Any

from emulator.api.arguments import INT_MAX, c_int, c_size
from emulator.buffer import Buffer, identify
from emulator.exceptions import UsageError


def view_of(data: Any) -> tuple[Any, bytes | memoryview]:
    """Return the object whose address counts, and its bytes; a Buffer stands for its memory."""
    if isinstance(data, Buffer):
        return data, data.memory
    try:
        view = data if isinstance(data, memoryview) else memoryview(data)
        return data, identify(view)[1]
    except UsageError:
        raise
    except TypeError:
        expected = "expected bytes or another contiguous buffer"
        raise UsageError(f"data: got {type(data).__name__}, {expected}") from None
    except ValueError as problem:  # of a format that has no plain bytes, or released
        raise UsageError(f"data: the {type(data).__name__} cannot be read: {problem}") from None


def caller_bytes(data: Any, num: Any, most: int) -> tuple[Any, bytes | memoryview, int]:
    """Return what a write takes: the object whose address counts, its bytes, and how many of them.

    ``most`` is the most that the C function's type of ``num`` holds: INT_MAX, or SIZE_MAX for a size_t.
    """
    data, view = (data, data) if type(data) is bytes else view_of(data)
    size = len(view)
    if num is None:
        num = size
    elif most == INT_MAX:
        num = c_int("num", num)
    else:
        num = c_size("num", num)
    if num > size:
        raise UsageError(f"num: got {num}, but the buffer holds {size} bytes")
    if num > most:
        raise UsageError(f"data: got {num} bytes, but C's int counts up to {INT_MAX}")
    return data, view, num


def writable(into: Any, n: int) -> memoryview:
    """Return the bytes of a caller's buffer that has room for ``n``; checked before anything is read."""
    try:
        view = into.memory if isinstance(into, Buffer) else memoryview(into).cast("B")
    except TypeError:
        expected = "expected a contiguous buffer that can be written"
        raise UsageError(f"into: got {type(into).__name__}, {expected}") from None
    except ValueError as problem:
        raise UsageError(f"into: the {type(into).__name__} cannot be written: {problem}") from None
    if view.readonly:
        raise UsageError(f"into: the {type(into).__name__} cannot be written")
    if n > len(view):
        raise UsageError(f"into: n is {n}, but the buffer has room for {len(view)} bytes")
    return view
