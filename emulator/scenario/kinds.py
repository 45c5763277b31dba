"""KINDS: every kind of step, one row each.

All that is said of a kind of step is said here: its arguments, how it is recorded, the C function, how often
random scenarios have it, and its line in the reference of the syntax.  Checking, words, comparison, random
scenarios, the builder of :class:`emulator.Script` and the reference are derived from these rows.  A new call
is a row here, and a line in each of the two :class:`emulator.scenario.side.Side`.

This module is imported by the process that has loaded a real library: nothing here may import ``hashlib``,
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
"""Length of every named buffer, in bytes."""


STRANGE = 0.06
"""How often a wide scenario has a strange value."""


class Part(Enum):
    """What a step acts on."""

    CALL = auto()
    """A call of a side, recorded in full; a blocked side skips the step."""
    SETTING = auto()
    """A setting of a side, of which little is recorded; a blocked side skips the step."""
    TRANSPORT = auto()
    """The transport, or both sides: the step is taken even where a side is blocked."""


class Records(Enum):
    """What a trace has of a step, beside the step itself; the fields that are always written."""

    CALL = frozenset({"ret", "error", "want", "in_init"})
    """All that is recorded of a call; errno, the queue and others are left out where they say nothing."""
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

    ``shown`` stands for its value in the usage ("SIZE"); ``named`` ones are given by name in words and in
    Python, all others by their position.  ``called`` is the name in Python where it is another one.
    ``drawn`` is None for an argument that random scenarios do not give.
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

    ``side`` is the key of the side that the step is about: "who" for the side that acts, "from" for the side
    whose bytes are meant, None where it is about both.  ``function`` is the C function, "" if there is none.
    ``says`` is the line of the reference, in Markdown.

    ``often`` is how often random scenarios have it, in about 13,000 steps; ``rare`` steps are only in wide
    scenarios.  ``tls13`` False: not drawn for TLS 1.3, True: drawn for nothing else.
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
        """How the step is written in words: ``WHO write SIZE [buffer=NAME] …``."""
        words = [] if self.side is None else ["WHO"]
        return " ".join([*words, self.name, *(argument.usage for argument in self.arguments)])


# -- what random scenarios choose from --------------------------------------------------------------

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
        *(_size(INTEGER, SIZES), _BUFFER, _FILL, _OFFSET),
        says="`SSL_write`. A side has as many buffers as there are names, `a` unless said; each is 524,288 "
        "bytes long and keeps its address. Its first `SIZE` bytes are filled before the call: with 0 to 255 "
        "over and over, or with a letter. `offset` is where the write begins. `SIZE` may be negative",
        often=6600,
    ),
    _call(
        "write_ex",
        "SSL_write_ex",
        *(_size(NATURAL, SIZES), _BUFFER, _FILL, _OFFSET, _WRITTEN_BEFORE),
        says="`SSL_write_ex`; `written_before` is what `*written` held, 0 unless said",
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
        says="`SSL_renegotiate_abbreviated`: the same, resuming the session",
        often=100,
        rare=True,
    ),
    _call(
        "key_update",
        "SSL_key_update",
        Argument("request", INTEGER, "0|1", drawn=Drawn((0, 1))),
        says="`SSL_key_update`; 1 asks the peer for new keys too",
        often=520,
        tls13=True,
    ),
    _call(
        "clear",
        "SSL_clear",
        says="`SSL_clear`: the connection is as it was before its first handshake, and keeps its session",
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
        says="puts an unrelated error on the side's queue, by its numbers; a call with `keep_queue` finds it",
        often=129,
    ),
    _transport(
        "establish",
        None,
        says="both sides shake hands to the end, everything delivered; then each peeks once for a byte. "
        "Never blocks",
    ),
    _transport(
        "pump",
        None,
        says="delivers everything both ways and wakes blocked sides, until nothing moves",
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
        says="delivers what `WHO` has sent to the other side: all of it, or so many bytes",
        often=1330,
    ),
    _transport(
        "capacity",
        "who",
        Argument(
            *("bytes", LIMIT, "BYTES|none"), called="count", drawn=Drawn((None, None, 0, 10, 1000, 20000))
        ),
        says="how many bytes of `WHO` the transport holds until they are delivered; `none`: no limit. What "
        "doesn't fit is a retry, or blocks",
        often=900,
    ),
    _transport(
        "plan",
        "who",
        Argument("plan", PLAN, "ANSWER…", called="answers", drawn=ANSWERS),
        says="what the next BIO writes of `WHO` answer, in order: a number (take at most so many bytes, "
        "whatever the capacity), `retry` (-1 with retry), `zero` (0 without), `zero-retry` (0 with), `fail` "
        "(-1 without), `errno=104` (-1 without, and that errno)",
        often=680,
    ),
    _transport(
        "eof",
        "from",
        says="nothing more comes from `WHO`: when all has been read, its peer finds the end of file",
        often=136,
    ),
    _transport(
        "fail_read",
        "who",
        Argument("errno", NATURAL, "ERRNO", drawn=Drawn((104,))),
        says="from now on the BIO reads of `WHO` answer -1 with that errno",
        often=100,
        rare=True,
    ),
    _transport(
        "inject",
        "from",
        Argument("hex", HEX, "HEX", called="data", drawn=INJECTED),
        says="these bytes arrive as if `WHO` had sent them",
        often=150,
        rare=True,
    ),
    _transport(
        "corrupt",
        "from",
        Argument("at", NATURAL, "AT", drawn=Drawn((0, 1, 4, 10, 30))),
        says="flips the byte at that index of what `WHO` has sent and what hasn't been delivered",
        often=150,
        rare=True,
    ),
    _transport(
        "wake",
        "who",
        says="lets a side that is blocked in a call look at its transport again",
        often=100,
        rare=True,
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ROWS}
"""Every kind of step, by its name."""

WRITES = frozenset({"write", "write_ex"})
"""Kinds that write out of a named buffer, which is filled before the call."""
