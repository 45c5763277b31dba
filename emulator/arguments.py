"""Python's arguments in C's terms: buffers with addresses, sizes that are never negative."""

from __future__ import annotations

from typing import Any

from emulator.buffer import Buffer, identify
from emulator.exceptions import UsageError


def view_of(data: Any) -> tuple[Any, bytes | memoryview]:
    """The object whose address counts, and its bytes; a Buffer stands for its memory."""
    if isinstance(data, Buffer):
        return data, data.memory
    if not isinstance(data, memoryview):
        try:
            view = memoryview(data)
        except TypeError:
            raise UsageError(
                f"data: got {type(data).__name__}, expected bytes or another contiguous buffer"
            ) from None
    else:
        view = data
    return data, identify(view)[1]


def check_size(num: int) -> None:
    """What no C program could pass where the function takes a size_t."""
    if num < 0:
        raise UsageError(f"num: got {num}, but size_t is never negative")


def writable(into: Any, n: int) -> memoryview:
    """The bytes of a buffer that has room for ``n``; found out before anything is read."""
    try:
        view = memoryview(into).cast("B")
    except TypeError:
        raise UsageError(
            f"into: got {type(into).__name__}, expected a contiguous buffer that can be written"
        ) from None
    if view.readonly:
        raise UsageError(f"into: the {type(into).__name__} cannot be written")
    if n > len(view):
        raise UsageError(f"into: {n} bytes were asked for, but the buffer has room for {len(view)}")
    return view
