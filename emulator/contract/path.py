"""The path of calls: from the caller past the listeners to the connection, and back.

A connection that nobody listens to has no path: it is of its own class, and its calls cost nothing more.
:func:`listen` makes it one of a subclass whose public calls go along the path.
"""

from __future__ import annotations

import functools
import itertools
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.api.exists import exported
from emulator.bio.filter import FilterBIO
from emulator.contract.call import Call, Listener, state_of, thread_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from emulator.api.connection_settings import ConnectionSettings
    from emulator.bio import BIO
    from emulator.bio.base import Data
    from emulator.engine.ssl import SSL

T = TypeVar("T")

_NOT_HEARD = frozenset({"explain", "share_process"})
"""Public methods that are no calls of a library or a transport."""


class CallPath:
    """The listeners of one connection, and the calls under way on it, by thread.

    ``clock`` numbers the calls; connections that share it have their calls in one order.
    """

    __slots__ = (
        "_hears_state",
        "_listeners",
        "_nested",
        "_records",
        "_refusing",
        "_transport",
        "clock",
        "conn",
        "under_way",
        "who",
    )

    def __init__(self, conn: ConnectionSettings, who: str, clock: Iterator[int] | None = None) -> None:
        self.conn = conn
        self.who = who
        self.clock = clock if clock is not None else itertools.count(1)
        self.under_way: dict[int, Call] = {}
        self._listeners: tuple[Listener, ...] = ()
        self._hears_state = False
        self._transport: tuple[Listener, ...] = ()
        self._records: tuple[Listener, ...] = ()
        self._nested: tuple[Listener, ...] = ()
        self._refusing: tuple[Listener, ...] = ()
        """The listeners that have a part before a call."""

    @property
    def hears_transport(self) -> bool:
        """Whether a listener asks for what passes to and from the transport."""
        return bool(self._transport)

    def add(self, listener: Listener) -> None:
        """Let a listener hear of the calls from now on."""
        self._settle((*self._listeners, listener))

    def listener_of(self, kind: type[T]) -> T | None:
        """Return the listener of a class, or None if there is none."""
        return next((each for each in self._listeners if isinstance(each, kind)), None)

    def remove(self, listener: Listener) -> None:
        """Let a listener hear of no further call."""
        self._settle(tuple(each for each in self._listeners if each is not listener))

    def _settle(self, listeners: tuple[Listener, ...]) -> None:
        self._listeners = listeners
        self._hears_state = any(each.hears_state for each in listeners)
        self._transport = tuple(each for each in listeners if each.hears_transport)
        self._records = tuple(each for each in listeners if each.hears_records)
        self._nested = tuple(each for each in listeners if each.hears_nested)
        self._refusing = tuple(each for each in listeners if type(each).before is not Listener.before)
        s = self.conn._s  # noqa: SLF001
        s.out.on_record = self.made if self._records else None
        s.inp.on_record = self.opened if self._records else None

    def call(self, name: str, method: Callable[..., Any], /, *args: Any, **keywords: Any) -> Any:
        """Make a call, and tell the listeners before and after it."""
        thread = thread_number()
        under_way = self.under_way
        if thread in under_way:
            return self._call_within(under_way[thread], name, method, args, keywords)
        call = Call(next(self.clock), self.who, self.conn, name, args, keywords, thread)
        if self._hears_state:
            call.taken = state_of(self.conn._s)  # noqa: SLF001 - the state of the connection that is listened to
        listeners = self._listeners
        under_way[thread] = call
        try:
            for listener in self._refusing:
                listener.before(call)
            return self._make(call, method, listeners)
        finally:
            del under_way[thread]

    def _call_within(
        self,
        outer: Call,
        name: str,
        method: Callable[..., Any],
        args: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Any:
        """Make a call that another one leads to; a call that a listener makes is nobody's."""
        if not outer.at_work or not self._nested:
            return method(*args, **keywords)
        call = Call(next(self.clock), self.who, self.conn, name, args, keywords, outer.thread, within=outer)
        self.under_way[outer.thread] = call
        try:
            return self._make(call, method, self._nested)
        finally:
            self.under_way[outer.thread] = outer

    def _make(self, call: Call, method: Callable[..., Any], listeners: Iterable[Listener]) -> Any:
        call.at_work = True
        try:
            answered = method(*call.args, **call.keywords)
        except BaseException as error:
            call.raised = error
            self._tell_after(call, listeners)
            raise
        call.answer(answered)
        self._tell_after(call, listeners)
        return answered

    def _tell_after(self, call: Call, listeners: Iterable[Listener]) -> None:
        """Tell every listener of a call that was made, even if one of them raises; then raise that."""
        call.is_made, call.at_work = True, False
        if self._hears_state:
            call.after = state_of(self.conn._s)  # noqa: SLF001
        rest = iter(listeners)
        try:
            for listener in rest:
                listener.after(call)
        except Exception:
            self._tell_after(call, rest)
            raise

    def tapped(self, rbio: BIO | None, wbio: BIO | None) -> tuple[BIO | None, BIO | None]:
        """Return the transports for the engine: with the path before them, if a listener asks for it."""
        if not self._transport:
            return rbio, wbio
        heard = None if rbio is None else HeardBIO(rbio, self)
        if wbio is None or wbio is rbio:
            return heard, None if wbio is None else heard
        return heard, HeardBIO(wbio, self)

    def sent(self, data: bytes | memoryview, ret: int, bio: BIO) -> None:
        """Tell the listeners of a BIO_write()."""
        call = self.under_way.get(thread_number())
        for listener in self._transport:
            listener.sent(call, data, ret, bio)

    def received(self, size: int, data: bytes, ret: int, bio: BIO) -> None:
        """Tell the listeners of a BIO_read()."""
        call = self.under_way.get(thread_number())
        for listener in self._transport:
            listener.received(call, size, data, ret, bio)

    def made(self, kind: int, content: bytes | memoryview, wire: bytes) -> None:
        """Tell the listeners of records that were made."""
        call = self.under_way.get(thread_number())
        for listener in self._records:
            listener.made(call, kind, content, wire)

    def opened(self, kind: int, content: bytes | None) -> None:
        """Tell the listeners of a record that was opened or refused."""
        call = self.under_way.get(thread_number())
        for listener in self._records:
            listener.opened(call, kind, content)


class HeardBIO(FilterBIO):
    """Tells a path of everything that passes between the engine and the caller's BIO."""

    __slots__ = ("_path",)

    def __init__(self, next_bio: BIO, path: CallPath) -> None:
        super().__init__(next_bio)
        self._path = path

    def write(self, data: Data) -> int:
        """BIO_write() to the caller's BIO."""
        ret = self.next_bio.write(data)
        self._path.sent(data, ret, self.next_bio)  # type: ignore[arg-type]  # the engine passes no bytearray
        return ret

    def read(self, n: int) -> bytes:
        """BIO_read() from the caller's BIO."""
        data = self.next_bio.read(n)
        self._path.received(n, data, len(data) or self.next_bio.ret, self.next_bio)
        return data


def _heard(name: str, found: Any) -> Any:
    """Return a method for a class of heard connections: it goes along the path of its connection."""

    @functools.wraps(found)
    def call(self: Any, *args: Any, **keywords: Any) -> Any:
        path: CallPath = self._path
        return path.call(name, found.__get__(self), *args, **keywords)

    return call


class _HeardCall:
    """The same of a call that only some releases export."""

    def __init__(self, name: str, found: Any) -> None:
        self.name = name
        self.found = found
        self.__doc__ = found.__doc__

    def __get__(self, conn: Any, owner: type | None = None) -> Any:
        if conn is None:
            return self.found.__get__(None, owner)
        method = self.found.__get__(conn, owner)  # AttributeError where the release lacks the function
        path: CallPath = conn._path  # noqa: SLF001
        heard = functools.wraps(method)(functools.partial(path.call, self.name, method))
        if _first_of(type(conn), self.name) is self:  # not where a caller's class has a method of its own
            conn.__dict__[self.name] = heard  # found there from now on, and not made for every call
        return heard


def _first_of(kind: type, name: str) -> Any:
    return next(vars(base)[name] for base in kind.__mro__ if name in vars(base))


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == __name__.partition(".")[0]


@functools.cache
def heard_class(kind: Any) -> Any:
    """Return a class like ``kind``, under its name, whose public calls go along the path.

    A method of a caller's class is no call of the library, even if it has the name of one: those that it
    makes through super() are heard.  So the class that hears stands between the caller's and the library's.
    """
    ours = next(base for base in kind.__mro__ if _is_ours(base))
    bases: tuple[Any, ...] = (kind,)
    calls: dict[str, Any] = {}
    if ours is kind:
        calls = _heard_calls(kind)
    else:
        bases = (kind, heard_class(ours))
    names = {name: getattr(kind, name) for name in ("__qualname__", "__module__", "__doc__")}
    return type(kind)(kind.__name__, bases, {**names, **calls}, closed=kind._closed)  # noqa: SLF001


def _heard_calls(kind: Any) -> dict[str, Any]:
    calls: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        for name, found in vars(base).items():
            if not name.startswith("_") and name not in _NOT_HEARD:
                calls.pop(name, None)
                if isinstance(found, FunctionType):
                    calls[name] = _heard(name, found)
                elif isinstance(found, exported):
                    calls[name] = _HeardCall(name, found)
    return calls


def listen(
    conn: ConnectionSettings,
    listener: Listener,
    *,
    who: str = "connection",
    clock: Iterator[int] | None = None,
) -> CallPath:
    """Let a listener hear of the calls of a connection from now on; of its transport, if it asks for that."""
    path = path_of(conn, who, clock)
    heard = path.hears_transport
    path.add(listener)
    if path.hears_transport and not heard:
        _tap(conn._s, path)  # noqa: SLF001
    return path


def _tap(s: SSL, path: CallPath) -> None:
    """Put the path before the transports that the engine has now."""
    rbio, out = s.inp.rbio, s.out
    buffered = out.bbio is not None and out.wbio is out.bbio
    wbio = out.bbio.next_bio if buffered and out.bbio is not None else out.wbio
    s.inp.rbio, wbio = path.tapped(rbio, wbio)
    if buffered and out.bbio is not None:
        out.bbio.next_bio = wbio
    else:
        out.wbio = wbio


def path_of(
    conn: ConnectionSettings, who: str = "connection", clock: Iterator[int] | None = None
) -> CallPath:
    """Return the path of a connection's calls; a new one, with these names, if it has none yet."""
    path: CallPath | None = conn.__dict__.get("_path")
    if path is None:
        path = conn.__dict__["_path"] = CallPath(conn, who, clock)
        kind: Any = type(conn)
        conn.__class__ = heard_class(kind)
    return path
