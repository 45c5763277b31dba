"""KINDS: every kind of step, one row each.

A row has all facts about a kind of step: its arguments, the recorded fields, the C function, its frequency in
random scenarios, and its line in the reference of the syntax.  Checking, words, comparison, random scenarios,
the builder of :class:`emulator.Script` and the reference are derived from these rows.  A new call needs a row
here, and a line in each of the two :class:`emulator.scenario.side.Side`.

The process that has loaded a real library imports this module, which therefore must not import ``hashlib``,
``ssl`` or ``cryptography``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from emulator.scenario.values import (
    FLAG,
    HEX,
    INTEGER,
    LETTER,
    LIMIT,
    NAMES,
    NATURAL,
    PLAN,
    TEXT,
    Value,
    side,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from emulator.scenario.values import Check

BUFFER_SIZE = 524_288
"""The length of every named buffer, in bytes."""


STRANGE = 0.06
"""The probability of a strange value in a wide scenario."""


class Part(Enum):
    """The object of a step: a side, or the transport."""

    CALL = auto()
    """A call of a side, recorded in full; a blocked side skips the step."""
    SETTING = auto()
    """A setting of a side, recorded in part; a blocked side skips the step."""
    TRANSPORT = auto()
    """The transport, or both sides: the step is done even if a side is blocked."""


class Records(Enum):
    """The fields that a trace always has for a step, beside the step itself."""

    CALL = frozenset({"ret", "error", "want", "in_init"})
    """A full record; errno, the queue and other fields are added unless they are 0 or empty."""
    MODE = frozenset({"mode"})
    """The modes that the call returned."""
    ANSWER = frozenset({"ret", "queue"})
    """The return value and the error queue, even an empty one."""
    MOVED = frozenset({"moved"})
    """The number of bytes that were delivered."""
    NOTHING = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Drawn:
    """How random scenarios choose the value of an argument.

    ``choices`` are equally likely; None leaves out an argument that may be left out.  With ``most`` the value
    is a list of one to so many of them.  ``strange`` values, which no caller should give, are rare, and in
    wide scenarios only.
    """

    choices: tuple[Any, ...]
    most: int = 0
    strange: tuple[Any, ...] = ()

    def draw(self, source: random.Random, *, wide: bool = False) -> Any:
        """Choose one value."""
        if wide and self.strange and source.random() < STRANGE:
            return source.choice(self.strange)
        if not self.most:
            return source.choice(self.choices)
        return source.choices(self.choices, k=source.randint(1, self.most))


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a kind of step.

    ``shown`` stands for its value in the usage ("SIZE").  A ``named`` argument is given by name in words and
    in Python, any other by its position.  ``called`` is the name in Python, if that is another one.
    ``drawn`` is None for an argument that random scenarios do not have.
    """

    name: str
    value: Value
    shown: str = ""
    optional: bool = False
    named: bool = False
    called: str = ""
    drawn: Drawn | None = None

    @property
    def usage(self) -> str:
        """The argument as the usage of its step shows it: ``SIZE``, ``[BYTES]``, ``[buffer=NAME]``."""
        shown = self.shown
        if self.named:
            shown = f"{self.name}={shown}" if shown else self.name
        return f"[{shown}]" if self.optional else shown


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of step.

    ``side`` is the key of the step's side: "who" for the side that acts, "from" for the side that sent the
    bytes, None for a step of both sides.  ``function`` is the C function, "" if there is none.  ``says`` is
    the line of the reference, in Markdown.

    ``often`` is its frequency in random scenarios, for about 13,000 steps; ``rare`` steps are only in wide
    scenarios.  ``tls13`` False: never drawn for TLS 1.3; True: drawn for TLS 1.3 only.
    """

    name: str
    part: Part
    records: Records
    side: Literal["who", "from"] | None
    function: str = ""
    arguments: tuple[Argument, ...] = ()
    says: str
    often: int = 0
    rare: bool = False
    tls13: bool | None = None

    @cached_property
    def positional(self) -> tuple[Argument, ...]:
        """The arguments that are given by their position."""
        return tuple(argument for argument in self.arguments if not argument.named)

    @cached_property
    def named(self) -> Mapping[str, Argument]:
        """The arguments that are given by name."""
        return {argument.name: argument for argument in self.arguments if argument.named}

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """The keys that the step's JSON may have beside "do", and the check of each value."""
        checks = {argument.name: argument.value.check for argument in self.arguments}
        return checks if self.side is None else {self.side: side, **checks}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The keys that the step's JSON must have, beside "do"."""
        keys = [argument.name for argument in self.arguments if not argument.optional]
        return tuple(keys) if self.side is None else (self.side, *keys)

    @cached_property
    def usage(self) -> str:
        """The step's form in words: ``WHO write SIZE [buffer=NAME] …``."""
        words = [] if self.side is None else ["WHO"]
        return " ".join([*words, self.name, *(argument.usage for argument in self.arguments)])


# -- the values in random scenarios -----------------------------------------------------------------

SIZES = Drawn((0, 1, 5, 100, 4096, 16383, 16384, 16385, 20000, 32768, 40000, 70000))
READ_EX_SIZES = Drawn((10, 100, 16384, 100_000))
READ_SIZES = Drawn(READ_EX_SIZES.choices, strange=(0, -1, -1000))
FRAGMENTS = Drawn((512, 2000, 16384))
MODES = Drawn(("ENABLE_PARTIAL_WRITE", "ACCEPT_MOVING_WRITE_BUFFER", "AUTO_RETRY", "RELEASE_BUFFERS"), most=1)
ANSWERS = Drawn(
    ("retry", "retry", "fail", "zero", 1, 5, 100, 17000, {"errno": 104}, {"errno": 32}),
    most=3,
)
INJECTED = Drawn(
    ("15030100020100", "15030100020228", "160301000400000000", "474554202f20", "0000000000"),
)
"""A close_notify, a fatal handshake_failure, a HelloRequest, another protocol, and zeros."""

# -- arguments ---------------------------------------------------------------------------------------

KEEP_QUEUE = Argument("keep_queue", FLAG, optional=True, named=True)
_BUFFER = Argument("buffer", TEXT, "NAME", optional=True, named=True)
_FILL = Argument("fill", LETTER, "LETTER", optional=True, named=True)
_DATA = Argument("data", HEX, "HEX", optional=True, named=True)
_OFFSET = Argument("offset", NATURAL, "BYTES", optional=True, named=True)
_WRITTEN_BEFORE = Argument("written_before", NATURAL, "BYTES", optional=True, named=True)
_MODE_NAMES = Argument("modes", NAMES, "NAME…", drawn=MODES)


def _size(value: Value, drawn: Drawn) -> Argument:
    return Argument("size", value, "SIZE", drawn=drawn)


# -- rows of one form --------------------------------------------------------------------------------


def _call(name: str, function: str, *arguments: Argument, **more: Any) -> Kind:
    return Kind(
        name=name,
        part=Part.CALL,
        records=Records.CALL,
        side="who",
        function=function,
        arguments=(*arguments, KEEP_QUEUE),
        **more,
    )


def _setting(name: str, function: str, *arguments: Argument, records: Records, **more: Any) -> Kind:
    if records is Records.ANSWER:
        arguments = (*arguments, KEEP_QUEUE)
    return Kind(
        name=name,
        part=Part.SETTING,
        records=records,
        side="who",
        function=function,
        arguments=arguments,
        **more,
    )


def _transport(name: str, side: Literal["who", "from"] | None, *arguments: Argument, **more: Any) -> Kind:
    records = more.pop("records", Records.NOTHING)
    return Kind(name=name, part=Part.TRANSPORT, records=records, side=side, arguments=arguments, **more)


# -- the table ---------------------------------------------------------------------------------------

_ROWS = (
    _call(
        "write",
        "SSL_write",
        *(_size(INTEGER, SIZES), _BUFFER, _FILL, _DATA, _OFFSET),
        says="`SSL_write` from the buffer `NAME`, by default `a`. Each name is a buffer of 524,288 bytes, "
        "whose address does not change. Its first `SIZE` bytes are filled before the call, with 0 to 255 "
        "repeatedly or with a letter, and then its first bytes with `data`. The write begins at `offset`. "
        "`SIZE` may be negative",
        often=6600,
    ),
    _call(
        "write_ex",
        "SSL_write_ex",
        *(_size(NATURAL, SIZES), _BUFFER, _FILL, _DATA, _OFFSET, _WRITTEN_BEFORE),
        says="`SSL_write_ex`; `written_before` is the value of `*written` before the call, by default 0",
    ),
    _call(
        "read",
        "SSL_read",
        _size(INTEGER, READ_SIZES),
        says="`SSL_read` of at most `SIZE` bytes; `SIZE` may be negative",
        often=1390,
    ),
    _call(
        "read_ex",
        "SSL_read_ex",
        _size(NATURAL, READ_EX_SIZES),
        says="`SSL_read_ex` of at most `SIZE` bytes",
        often=200,
        rare=True,
    ),
    _call(
        "peek",
        "SSL_peek",
        _size(INTEGER, READ_SIZES),
        says="`SSL_peek` of at most `SIZE` bytes; `SIZE` may be negative",
        often=200,
        rare=True,
    ),
    _call("handshake", "SSL_do_handshake", says="`SSL_do_handshake`", often=250),
    _call(
        "connect",
        "SSL_connect",
        says="`SSL_connect` of the client, `SSL_accept` of the server",
        often=100,
        rare=True,
    ),
    _call(
        "renegotiate",
        "SSL_renegotiate",
        says="`SSL_renegotiate`: the next call begins a new handshake",
        often=520,
        tls13=False,
    ),
    _call(
        "renegotiate_abbreviated",
        "SSL_renegotiate_abbreviated",
        says="`SSL_renegotiate_abbreviated`: the next call begins a handshake that resumes the session",
        often=100,
        rare=True,
    ),
    _call(
        "key_update",
        "SSL_key_update",
        Argument("request", INTEGER, "0|1", drawn=Drawn((0, 1))),
        says="`SSL_key_update`; 1 also requests new keys of the peer",
        often=520,
        tls13=True,
    ),
    _call(
        "clear",
        "SSL_clear",
        says="`SSL_clear`: resets the connection to its state before the first handshake, with its session",
        often=100,
        rare=True,
    ),
    _call("shutdown", "SSL_shutdown", says="`SSL_shutdown`", often=210),
    _call("pending", "SSL_pending", says="`SSL_pending`", often=102),
    _setting(
        "set_max_send_fragment",
        "SSL_set_max_send_fragment",
        _size(INTEGER, FRAGMENTS),
        records=Records.ANSWER,
        says="`SSL_set_max_send_fragment`",
        often=116,
    ),
    _setting(
        "set_split_send_fragment",
        "SSL_set_split_send_fragment",
        _size(INTEGER, FRAGMENTS),
        records=Records.ANSWER,
        says="`SSL_set_split_send_fragment`",
        often=60,
        rare=True,
    ),
    _setting(
        "set_mode",
        "SSL_set_mode",
        _MODE_NAMES,
        records=Records.MODE,
        says="`SSL_set_mode`, with names as in `modes`",
        often=140,
    ),
    _setting(
        "clear_mode",
        "SSL_clear_mode",
        _MODE_NAMES,
        records=Records.MODE,
        says="`SSL_clear_mode`, with names as in `modes`",
        often=100,
        rare=True,
    ),
    _setting("get_mode", "SSL_get_mode", records=Records.MODE, says="`SSL_get_mode`", often=30, rare=True),
    _setting(
        "set_shutdown",
        "SSL_set_shutdown",
        Argument("flags", INTEGER, "FLAGS", drawn=Drawn((0, 1, 2, 3))),
        records=Records.NOTHING,
        says="`SSL_set_shutdown`: 1 sent, 2 received, 3 both",
        often=100,
        rare=True,
    ),
    _setting(
        "set_quiet_shutdown",
        "SSL_set_quiet_shutdown",
        records=Records.NOTHING,
        says="`SSL_set_quiet_shutdown(s, 1)`",
        often=50,
        rare=True,
    ),
    _setting(
        "unset_bio",
        "SSL_set_bio",
        records=Records.NOTHING,
        says="`SSL_set_bio(s, NULL, NULL)`",
        often=20,
        rare=True,
    ),
    _setting(
        "put_error",
        "ERR_put_error",
        Argument("lib", NATURAL, "LIB", drawn=Drawn((20,))),
        Argument("reason", NATURAL, "REASON", drawn=Drawn((193,))),
        records=Records.NOTHING,
        says="puts an unrelated error, by its numbers, on the side's queue, where a call with `keep_queue` "
        "finds it",
        often=129,
    ),
    _transport(
        "establish",
        None,
        says="does the whole handshake of both sides, with all bytes delivered; then each side peeks once "
        "for a byte. Never blocks",
    ),
    _transport(
        "pump",
        None,
        says="delivers all bytes in both directions and wakes blocked sides, until no more bytes move",
        often=840,
    ),
    _transport(
        "deliver",
        "from",
        Argument(
            *("bytes", NATURAL, "BYTES"),
            optional=True,
            called="count",
            drawn=Drawn((None, None, 5, 50, 1000)),
        ),
        records=Records.MOVED,
        says="delivers bytes that `WHO` has sent to the other side: all, or `BYTES` of them",
        often=1330,
    ),
    _transport(
        "capacity",
        "who",
        Argument(
            *("bytes", LIMIT, "BYTES|none"), called="count", drawn=Drawn((None, None, 0, 10, 1000, 20000))
        ),
        says="sets the number of bytes of `WHO` that the transport can hold until they are delivered; "
        "`none`: no limit. A write to a full transport returns a retry, or blocks",
        often=900,
    ),
    _transport(
        "plan",
        "who",
        Argument("plan", PLAN, "ANSWER…", called="answers", drawn=ANSWERS),
        says="sets the results of the next BIO writes of `WHO`, in order: a number (accept at most so many "
        "bytes, whatever the capacity), `retry` (-1 with the retry flag), `zero` (0 without the flag), "
        "`zero-retry` (0 with it), `fail` (-1 without it), `errno=104` (-1 without it, and that errno)",
        often=680,
    ),
    _transport(
        "eof",
        "from",
        says="ends the direction from `WHO`: once its peer has read all bytes, it finds the end of file",
        often=136,
    ),
    _transport(
        "fail_read",
        "who",
        Argument("errno", NATURAL, "ERRNO", drawn=Drawn((104,))),
        says="lets all later BIO reads of `WHO` return -1 with that errno",
        often=100,
        rare=True,
    ),
    _transport(
        "inject",
        "from",
        Argument("hex", HEX, "HEX", called="data", drawn=INJECTED),
        says="delivers these bytes as if `WHO` had sent them",
        often=150,
        rare=True,
    ),
    _transport(
        "corrupt",
        "from",
        Argument("at", NATURAL, "AT", drawn=Drawn((0, 1, 4, 10, 30))),
        says="inverts the byte at that index of the bytes that `WHO` has sent and that are not delivered yet",
        often=150,
        rare=True,
    ),
    _transport(
        "wake",
        "who",
        says="lets a side that is blocked in a call try its transport again",
        often=100,
        rare=True,
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ROWS}
"""Every kind of step, by its name."""

WRITES = frozenset({"write", "write_ex"})
"""Kinds that write out of a named buffer, which is filled before the call."""
