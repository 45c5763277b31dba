"""The error queue of a thread, and the numbers and texts of a release's errors.

One queue may hold errors of different releases, since each entry has its text.  The functions have C's
prefix: ``ERR_get_error()`` takes an error off the queue, ``Connection.get_error()`` is SSL_get_error().
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from emulator.api.arguments import instance
from emulator.behaviours.errors import ErrorPacking, FunctionField, NamedNumber, SystemText, read_table
from emulator.exceptions import EmulatorError, renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulator.behaviours.errors import ErrorBehaviours

ERR_NUM_ERRORS = 16
"""The slots of OpenSSL's ring.  One slot is always empty: the queue holds 15 errors (ERR_put_error)."""

ERR_LIB_SYS = 2
ERR_SYSTEM_FLAG = 0x80000000
ERR_LIB_OFFSET = 23
ERR_REASON_MASK = 0x7FFFFF
COMMON_PREFIX = "ERR_R_"
SYSTEM_TEXT_LENGTH = 31
STRERROR_0 = "Success"


class UnknownErrorName(EmulatorError, LookupError):  # noqa: N818 - the name tells the user the problem
    """A release has no library, function or reason of this name: a mistake in the emulator or a profile."""


class ErrorEntry(NamedTuple):
    """One error of the queue.

    ``code`` is the packed number that ERR_get_error() returns in C.  ``lib``, ``func`` and ``reason`` are its
    parts (ERR_GET_LIB() and its siblings); ``func`` is 0 from 3.0.  ``text`` is the text that
    ERR_error_string_n() of the release writes into 256 bytes.
    """

    code: int
    lib: int
    func: int
    reason: int
    text: str

    def __str__(self) -> str:
        return self.text


class ErrorQueue:
    """The errors of one thread, oldest first (ERR_get_error(3)); when full, a new one drops the oldest."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[ErrorEntry] = ()) -> None:
        self._entries: deque[ErrorEntry] = deque(maxlen=ERR_NUM_ERRORS - 1)
        for entry in entries:
            self.put(entry)

    def put(self, entry: ErrorEntry) -> None:
        """Add an error (ERR_put_error)."""
        self._entries.append(instance("entry", entry, ErrorEntry, or_none=False))

    def get(self) -> ErrorEntry | None:
        """Remove the oldest error and return it; None if there is none (ERR_get_error)."""
        return self._entries.popleft() if self._entries else None

    def peek(self) -> ErrorEntry | None:
        """Return the oldest error, None if there is none (ERR_peek_error)."""
        return self._entries[0] if self._entries else None

    def peek_last(self) -> ErrorEntry | None:
        """Return the newest error, None if there is none (ERR_peek_last_error)."""
        return self._entries[-1] if self._entries else None

    def clear(self) -> None:
        """Remove all errors (ERR_clear_error)."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[ErrorEntry]:
        return iter(self._entries)

    def __repr__(self) -> str:
        return f"ErrorQueue({list(self._entries)!r})"


class _Thread(threading.local):
    def __init__(self) -> None:
        self.queue = ErrorQueue()


_thread = _Thread()


def current() -> ErrorQueue:
    """Return the queue that this thread's calls report their errors to (ERR_get_state)."""
    return _thread.queue


def use(queue: ErrorQueue) -> ErrorQueue:
    """Make ``queue`` this thread's queue and return the one before: two peers on one thread have two."""
    previous = _thread.queue
    _thread.queue = instance("queue", queue, ErrorQueue, or_none=False)
    return previous


def ERR_put_error(entry: ErrorEntry) -> None:
    """Add an error to this thread's queue (ERR_put_error(3)); when the queue is full, the oldest is lost."""
    _thread.queue.put(entry)


def ERR_get_error() -> ErrorEntry | None:
    """Remove the oldest error of this thread's queue and return it (ERR_get_error(3)).

    None if there is none, where C returns 0.
    """
    return _thread.queue.get()


def ERR_peek_error() -> ErrorEntry | None:
    """Return the oldest error of this thread's queue, None if there is none (ERR_peek_error(3))."""
    return _thread.queue.peek()


def ERR_peek_last_error() -> ErrorEntry | None:
    """Return the newest error of this thread's queue, None if there is none (ERR_peek_last_error(3))."""
    return _thread.queue.peek_last()


def ERR_clear_error() -> None:
    """Remove all errors from this thread's queue (ERR_clear_error(3))."""
    _thread.queue.clear()


put_error = renamed(ERR_put_error, "put_error")
get_error = renamed(ERR_get_error, "get_error")
peek_error = renamed(ERR_peek_error, "peek_error")
peek_last_error = renamed(ERR_peek_last_error, "peek_last_error")
clear_error = renamed(ERR_clear_error, "clear_error")


class ErrorStrings:
    """The errors of one release: makes entries for the queue from names or numbers.

    Each entry is made once.  The texts are those of a program that has loaded the strings, which up to 1.0.2
    it must do itself (SSL_load_error_strings(3)).
    """

    __slots__ = ("_by_name", "_by_number", "_common", "_hash", "_libraries", "_packs_function",
                 "_prints_function", "_tables")  # fmt: skip

    def __init__(self, section: ErrorBehaviours) -> None:
        # ERR_PACK() of err.h: from 3.0 the argument ``func`` is unused, ``lib`` is shifted by 23 bits.
        self._packs_function = section.packing is ErrorPacking.LIB_FUNC_REASON
        # ERR_error_string_n() from 3.0 passes "" as ``func``; up to 1.1.1 it calls ERR_func_error_string().
        self._prints_function = section.function_field is FunctionField.FUNCTION
        self._libraries = read_table(section.libraries)
        self._common = read_table(section.common)
        self._tables = {
            name: (read_table(strings.functions), read_table(strings.reasons))
            for name, strings in section.strings.items()
        }
        # build_SYS_str_reasons(): up to 1.1.1a ``strerror_tab[NUM_SYS_STR_REASONS][LEN_SYS_STR_REASON]``, 32
        # bytes for each text; from 1.1.1b one pool for all texts.
        self._hash = self._load_strings(cut=section.system_text is SystemText.CUT)
        self._by_name: dict[tuple[str, str, str | int], ErrorEntry] = {}
        self._by_number: dict[tuple[int, int, int], ErrorEntry] = {}

    def _load_strings(self, *, cut: bool) -> dict[tuple[int, int, int], str]:
        """Fill one hash with the texts of libraries, functions and reasons, as ERR_load_strings() does.

        The key of a library is (lib, 0, 0).  Function 0 and reason 0 are therefore printed as its name.
        """
        loaded = {(lib, 0, 0): text for lib, text in self._libraries.values() if text}
        loaded |= {(0, 0, reason): text for reason, text in self._common.values() if text}
        for name, (functions, reasons) in self._tables.items():
            lib = _find(self._libraries, name, "library")
            loaded |= {(lib, func, 0): text for func, text in functions.values() if text}
            length = SYSTEM_TEXT_LENGTH if cut and lib == ERR_LIB_SYS else None
            loaded |= {(lib, 0, reason): text[:length] for reason, text in reasons.values() if text}
        return loaded

    def entry(self, function: str, reason: str | int, lib: str = "SSL") -> ErrorEntry:
        """Return the entry for names without prefix, as ``entry("SSL3_WRITE_PENDING", "BAD_WRITE_RETRY")``.

        ``lib`` is a name of ``ERR_LIB_*``.  A reason that all libraries share has its prefix
        ("ERR_R_INTERNAL_ERROR").  A reason that C computes is a number (1000 + an alert's description, or an
        errno).  Raises UnknownErrorName if this release lacks one of the names.
        """
        key = (lib, function, reason)
        found = self._by_name.get(key)
        if found is None:
            found = self._by_name[key] = self.numeric(*self._numbers(lib, function, reason))
        return found

    def _numbers(self, lib: str, function: str, reason: str | int) -> tuple[int, int, int]:
        if lib not in self._tables:
            raise UnknownErrorName(f"this release has no strings of the library {lib!r}")
        functions, reasons = self._tables[lib]
        func = _find(functions, function, "function") if self._packs_function else 0
        if isinstance(reason, str):
            reason = self._reason(reasons, reason)
        return self._libraries[lib].number, func, reason

    def _reason(self, reasons: Mapping[str, NamedNumber], name: str) -> int:
        if name.startswith(COMMON_PREFIX):
            return _find(self._common, name.removeprefix(COMMON_PREFIX), "common reason")
        return _find(reasons, name, "reason")

    def numeric(self, lib: int, func: int, reason: int) -> ErrorEntry:
        """Return the entry that ERR_put_error(lib, func, reason) adds; each number is cut to its field."""
        key = (lib, func, reason)
        found = self._by_number.get(key)
        if found is None:
            found = self._by_number[key] = self._make(*self._cut(lib, func, reason))
        return found

    def _cut(self, lib: int, func: int, reason: int) -> tuple[int, int, int]:
        if self._packs_function:
            return lib & 0xFF, func & 0xFFF, reason & 0xFFF
        return lib & 0xFF, 0, reason & ERR_REASON_MASK

    def _make(self, lib: int, func: int, reason: int) -> ErrorEntry:
        code = self._pack(lib, func, reason)
        library = self._hash.get((lib, 0, 0)) or f"lib({lib})"
        function = (self._hash.get((lib, func, 0)) or f"func({func})") if self._prints_function else ""
        text = self._hash.get((lib, 0, reason)) or self._hash.get((0, 0, reason)) or f"reason({reason})"
        if lib == ERR_LIB_SYS and not reason and not self._packs_function:
            text = STRERROR_0  # from 3.0 openssl_strerror_r() is called when the error is printed
        return ErrorEntry(code, lib, func, reason, f"error:{code:08X}:{library}:{function}:{text}")

    def _pack(self, lib: int, func: int, reason: int) -> int:
        if self._packs_function:
            return lib << 24 | func << 12 | reason
        if lib == ERR_LIB_SYS:
            return ERR_SYSTEM_FLAG | reason
        return lib << ERR_LIB_OFFSET | reason


def _find(table: Mapping[str, NamedNumber], name: str, kind: str) -> int:
    if name not in table:
        raise UnknownErrorName(f"this release has no {kind} {name!r}")
    return table[name].number
