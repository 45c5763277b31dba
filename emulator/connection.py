"""``SSL``: one connection, its calls named as in C without ``SSL_``, its answers C's integers."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, overload

from emulator.api.arguments import (
    INT_MAX,
    INT_MIN,
    SIZE_MAX,
    c_bits,
    c_int,
    c_long,
    c_size,
    flag,
    instance,
    nearest,
)
from emulator.api.caller_bytes import caller_bytes, view_of, writable
from emulator.api.early_data import EarlyDataCalls
from emulator.api.exists import exported
from emulator.bio import BIO, MemoryBIO, SocketBIO
from emulator.constants import SSL_KEY_UPDATE_NONE, Shutdown, Want
from emulator.context import Context
from emulator.engine import calls
from emulator.engine.callbacks import ends_with_callbacks, raise_kept
from emulator.engine.calls import ssl_read, ssl_write
from emulator.engine.clear import ssl_clear
from emulator.engine.get_error import ssl_get_error
from emulator.engine.manual.mode import ManualMode
from emulator.engine.manual.promise import Promises
from emulator.exceptions import (
    AttributeUsageError,
    UndefinedBehaviourError,
    UndefinedBehaviourWarning,
    UsageError,
    outside,
)

if TYPE_CHECKING:
    import os

    from emulator.bio.socket import SocketLike
    from emulator.buffer import Bytes
    from emulator.constants import ErrorCode
    from emulator.contract.explanation import Explanation
    from emulator.contract.findings import Findings
    from emulator.contract.path import CallPath
    from emulator.contract.transcript import Transcript
    from emulator.contract.watch import Watch
    from emulator.profile import Profile


NOT_WATCHED = (
    "findings: this connection does not watch its caller; make it with Connection(..., findings=True), "
    "or with connected_pair(), which watches unless findings=False is given"
)

NOT_WRITTEN_DOWN = (
    "transcript: the calls of this connection are not written down; make it with "
    "Connection(..., transcript=True) or connected_pair(..., transcript=True)"
)

_SETTINGS = ("method", "follow", "policy", "undefined", "build")
"""The keywords of a Context that a Connection takes, too."""


class Connection(EarlyDataCalls, closed=True):
    """``SSL_new(ctx)``: behaves as the profile's release does, call by call.

    ``profile`` makes a context of its own with the other keywords of :class:`Context`; or give ``context``.
    ``sock`` is a socket to read and write, ``bio`` a BIO (or a pair of them, for reading and for writing);
    without both there are memory BIOs behind ``bio_read`` and ``bio_write``.  ``errno`` is what C's errno
    holds after the last call, ``errors_of`` this thread's queue is :func:`emulator.error_queue.current`.

    With ``findings`` the connection watches its caller, and ``conn.findings`` holds the calls that broke a
    duty of the release's page; with ``strict`` the first one raises FindingError.  With ``transcript``
    (True, or how many calls to keep) ``conn.transcript`` has every call.

    Calls return C's integers; functions with an out-parameter return ``(ret, out)``.  A call that the release
    does not export is not there (``hasattr`` is False).  Misuse that no C program could commit raises
    UsageError.
    """

    _path: CallPath | None = None
    """The listeners of this connection's calls; None: nobody listens."""
    _transcript: Transcript | None = None
    """Where the calls are written down; None: nowhere."""
    _watch: Watch | None = None
    """The listener that collects findings; None: nobody watches the caller."""

    def __init__(
        self,
        profile: str | os.PathLike[str] | Profile | None = None,
        context: Context | None = None,
        sock: SocketLike | None = None,
        bio: BIO | tuple[BIO | None, BIO | None] | None = None,
        *,
        findings: bool = False,
        strict: bool = False,
        transcript: bool | int = False,
        **settings: Any,
    ) -> None:
        if (profile is None) == (context is None):
            raise UsageError("a Connection takes either a profile or a context")
        if sock is not None and bio is not None:
            raise UsageError("a Connection takes either a sock or a bio")
        transport = _transport(sock, bio)
        self._context = _context(profile, context, settings)
        self._method = self._context.method
        self._promises = Promises()
        self._s = self._context._new_ssl()  # noqa: SLF001 - SSL_new() copies what the SSL_CTX holds
        policy = self._context._new_policy()  # noqa: SLF001
        if policy is not None:
            manual = self._s.manual = ManualMode(self._s, policy, partial(_undefined, self._context))
            self._promises = manual.promises
        self.set_bio(*transport)
        if flag("findings", findings) | flag("strict", strict):
            from emulator.contract.watch import watch  # noqa: PLC0415 - only where it is asked for

            watch(self, strict=strict)
        if transcript is not False:
            from emulator.contract.transcript import transcript_of  # noqa: PLC0415 - as above

            transcript_of({"connection": self}, transcript)

    # -- state --------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """The context that the connection was made with (SSL_get_SSL_CTX(3))."""
        return self._context

    @property
    def promises(self) -> Promises:
        """Where this connection followed the page and not the library, in order: the newest 1000.

        ``promises.dropped`` is the number of older ones that are gone.
        """
        return self._promises

    @property
    def findings(self) -> Findings:
        """The calls so far that broke a duty or advice of the release's page, or left the defined.

        Raises UsageError if nobody watches the caller.
        """
        if self._watch is None:
            raise AttributeUsageError(NOT_WATCHED)
        return self._watch.findings

    @property
    def transcript(self) -> Transcript:
        """Every call on this connection, with its answer and what it did.

        Raises UsageError if the calls are not written down.
        """
        if self._transcript is None:
            raise AttributeUsageError(NOT_WRITTEN_DOWN)
        return self._transcript

    @property
    def errno(self) -> int:
        """C's errno after the last call; may be set."""
        return self._s.errno

    @errno.setter
    def errno(self, value: int) -> None:
        self._s.errno = c_int("errno", value)

    @property
    def rbio(self) -> BIO | None:
        """The transport that is read from (SSL_get_rbio(3))."""
        return self._rbio

    @property
    def wbio(self) -> BIO | None:
        """The transport that is written to; a handshake's buffer over it is passed over."""
        return self._wbio

    def set_connect_state(self) -> None:
        """SSL_set_connect_state(3): this is a client."""
        calls.ssl_set_state(self._s, server=False)

    def set_accept_state(self) -> None:
        """SSL_set_accept_state(3): this is a server."""
        calls.ssl_set_state(self._s, server=True)

    def set_bio(self, rbio: BIO | None, wbio: BIO | None) -> None:
        """SSL_set_bio(3): the transport to read from and to write to; None for none."""
        self._rbio = instance("rbio", rbio, BIO)
        self._wbio = instance("wbio", wbio, BIO)
        if self._path is not None:
            rbio, wbio = self._path.tapped(rbio, wbio)
        calls.ssl_set_bio(self._s, rbio, wbio)

    def bio_read(self, n: int) -> bytes:
        """Take up to ``n`` bytes meant for the peer, as pyOpenSSL's bio_read(); b"" if there are none."""
        return _memory(self._wbio, "bio_read").read(c_int("n", n))

    def bio_write(self, data: Bytes) -> int:
        """Give bytes that came from the peer, as pyOpenSSL's bio_write(); how many were taken (all)."""
        return _memory(self._rbio, "bio_write").write(view_of(data)[1])

    # -- handshake ----------------------------------------------------------------------------

    @ends_with_callbacks
    def connect(self) -> int:
        """SSL_connect(3)."""
        return calls.ssl_connect(self._s)

    @ends_with_callbacks
    def accept(self) -> int:
        """SSL_accept(3)."""
        return calls.ssl_accept(self._s)

    @ends_with_callbacks
    def clear(self) -> int:
        """SSL_clear(3): back to the beginning, for another connection; 1, or 0 with an error in the queue."""
        calls.check_alive(self._s)
        return int(ssl_clear(self._s))

    @ends_with_callbacks
    def do_handshake(self) -> int:
        """SSL_do_handshake(3)."""
        return calls.ssl_do_handshake(self._s)

    def renegotiate(self) -> int:
        """SSL_renegotiate(3): the next read, write or handshake starts it."""
        return calls.ssl_renegotiate(self._s)

    @exported
    def renegotiate_abbreviated(self) -> int:
        """SSL_renegotiate_abbreviated(3), from 1.0.1: the session may be resumed."""
        return calls.ssl_renegotiate(self._s, abbreviated=True)

    @exported
    def key_update(self, updatetype: int) -> int:
        """SSL_key_update(3), from 1.1.1: new keys for sending (0), and for the peer's sending, too (1).

        1, or 0 with an error in the queue; the KeyUpdate itself is sent by the next write or handshake.
        """
        return calls.ssl_key_update(self._s, c_int("updatetype", updatetype))

    @exported
    def new_session_ticket(self) -> int:
        """SSL_new_session_ticket(3), from 3.0: 1, and the next write or handshake sends a ticket first.

        0 for a client, before the end of the handshake, and for other protocols than TLS 1.3.
        """
        return calls.ssl_new_session_ticket(self._s)

    @exported
    def get_key_update_type(self) -> int:
        """SSL_get_key_update_type(3), from 1.1.1: the type of the KeyUpdate to be sent, -1 for none."""
        return SSL_KEY_UPDATE_NONE if self._s.key_update is None else self._s.key_update

    @exported
    def renegotiate_pending(self) -> bool:
        """SSL_renegotiate_pending(3), from 0.9.7: whether one was requested or is under way."""
        return self._s.renegotiating()

    def in_init(self) -> bool:
        """SSL_in_init(3): whether a handshake is still to be done or under way."""
        return self._s.in_init

    # -- writing ------------------------------------------------------------------------------

    def write(self, data: Bytes, num: int | None = None) -> int:
        """SSL_write(3): write ``num`` bytes of a buffer, all unless given; how many were written, or <= 0.

        A retry is recognised by the buffer's address.  Raises UsageError if ``num`` is beyond the buffer or
        C's int, and SimulatedCrash where the real library would have died.
        """
        if type(data) is bytes and num is None:
            view: bytes | memoryview = data
            num = len(data)
            if num > INT_MAX:
                caller_bytes(data, num, INT_MAX)
        else:
            data, view, num = caller_bytes(data, num, INT_MAX)
        s = self._s
        manual = s.manual
        if manual is None or s.is_tls13:  # noqa: SIM108 - the plain way first
            ret = ssl_write(s, data, view, num)
        else:
            ret = manual.write(data, view, num)
        if s.raised is not None:
            raise_kept(s)
        return ret

    @exported
    @ends_with_callbacks
    def write_ex(self, data: Bytes, num: int | None = None, *, written: int = 0) -> tuple[int, int]:
        """SSL_write_ex(3), from 1.1.1: (1 or 0, ``*written``); a failure leaves ``written`` as it was."""
        c_size("written", written)
        data, view, num = caller_bytes(data, num, SIZE_MAX)
        return self._write_ex(data, view, num, written)

    @exported
    @ends_with_callbacks
    def write_ex2(
        self, data: Bytes, num: int | None = None, flags: int = 0, *, written: int = 0
    ) -> tuple[int, int]:
        """SSL_write_ex2(3), from 3.3: as write_ex(); ``flags`` other than 0 are for QUIC alone, an error."""
        c_size("written", written)
        data, view, num = caller_bytes(data, num, SIZE_MAX)
        if c_bits("flags", flags):
            calls.ssl_refuse_flags(self._s)
            return 0, written
        return self._write_ex(data, view, num, written)

    def _write_ex(self, data: Bytes, view: bytes | memoryview, num: int, written: int) -> tuple[int, int]:
        s, manual = self._s, self._s.manual
        if manual is None or s.is_tls13:
            ret = ssl_write(s, data, view, num)
        else:
            ret = manual.write_ex(data, view, num)
        if ret > 0 or (ret == 0 and num == 0 and s.early_data_state not in calls.NO_WRITING):
            return 1, ret
        return 0, written

    @exported
    def sendfile(self, fd: int, offset: int, size: int, flags: int) -> int:
        """SSL_sendfile(3), from 3.0: -1: it needs a transport with kernel TLS, and none here has it."""
        c_int("fd", fd), c_long("offset", offset), c_size("size", size), c_int("flags", flags)
        return calls.ssl_sendfile(self._s)

    # -- reading ------------------------------------------------------------------------------

    @overload
    def read(self, n: int, into: None = None) -> tuple[int, bytes]: ...
    @overload
    def read(self, n: int, into: Bytes) -> int: ...
    def read(self, n: int, into: Bytes | None = None) -> tuple[int, bytes] | int:
        """SSL_read(3): ``(ret, bytes)``; with ``into``, a writable buffer that takes the bytes, ``ret``.

        ``ret`` is how many bytes were read, at most ``n``, or <= 0.
        """
        if type(n) is not int or not INT_MIN <= n <= INT_MAX:
            n = c_int("n", n)
        if into is not None:
            ret = self._fill(writable(into, n), n)
            raise_kept(self._s)
            return ret
        s = self._s
        ret = ssl_read(s, n)
        data = s.inp.received if ret > 0 else b""
        s.inp.received = b""
        if s.raised is not None:
            raise_kept(s)
        return ret, data

    @overload
    def peek(self, n: int, into: None = None) -> tuple[int, bytes]: ...
    @overload
    def peek(self, n: int, into: Bytes) -> int: ...
    def peek(self, n: int, into: Bytes | None = None) -> tuple[int, bytes] | int:
        """SSL_peek(3): as read(), and the bytes stay."""
        n = c_int("n", n)
        if into is None:
            answer: tuple[int, bytes] | int = self._received(ssl_read(self._s, n, peek=True))
        else:
            answer = self._fill(writable(into, n), n, peek=True)
        raise_kept(self._s)
        return answer

    def _received(self, ret: int) -> tuple[int, bytes]:
        data = self._s.inp.received if ret > 0 else b""
        self._s.inp.received = b""
        return ret, data

    def _fill(self, target: memoryview, n: int, *, peek: bool = False) -> int:
        ret, data = self._received(ssl_read(self._s, n, peek=peek))
        if data:
            target[: len(data)] = data
        return ret

    @exported
    def has_pending(self) -> bool:
        """SSL_has_pending(3), from 1.1.0: whether bytes of the peer's wait here, processed or not."""
        s = self._s
        return bool(s.inp.rleft or s.inp.packet) or self.pending() > 0

    @exported
    @ends_with_callbacks
    def peek_ex(self, n: int) -> tuple[int, bytes]:
        """SSL_peek_ex(3), from 1.1.1: as read_ex(), and the bytes stay."""
        ret, data = self._received(ssl_read(self._s, c_size("n", n), peek=True))
        return int(ret > 0), data

    @exported
    @ends_with_callbacks
    def read_ex(self, n: int) -> tuple[int, bytes]:
        """SSL_read_ex(3), from 1.1.1: (1 or 0, up to ``n`` bytes)."""
        ret, data = self._received(ssl_read(self._s, c_size("n", n)))
        return int(ret > 0), data

    def pending(self) -> int:
        """SSL_pending(3): decrypted bytes that wait to be read."""
        return calls.ssl_pending(self._s)

    # -- answers ------------------------------------------------------------------------------

    def get_error(self, ret: int) -> ErrorCode:
        """SSL_get_error(3): why the last call answered ``ret``; this thread's error queue counts, too."""
        return ssl_get_error(self._s, c_int("ret", ret))

    def want(self) -> Want:
        """SSL_want(3): what the last call waits for."""
        return Want(self._s.rwstate)

    # -- shutdown -----------------------------------------------------------------------------

    @ends_with_callbacks
    def shutdown(self) -> int:
        """SSL_shutdown(3): 1 once both sides have sent close_notify, 0 after ours alone, -1 on an error."""
        return calls.ssl_shutdown(self._s)

    def get_shutdown(self) -> Shutdown:
        """SSL_get_shutdown(3): which close_notify alerts were sent and received."""
        return Shutdown(self._s.shutdown)

    def set_shutdown(self, flags: int) -> None:
        """SSL_set_shutdown(3): take close_notify alerts (``Shutdown``) for sent and received."""
        self._s.shutdown = c_int("flags", flags)

    def explain(self) -> Explanation:
        """Explain the last call: what decided its answer, what to do now, and which releases differ.

        Of a connection that nobody watches the state is explained, and how to have it watched.
        """
        from emulator.contract.explanation import ask  # noqa: PLC0415 - as for findings

        return ask(self)

    def share_process(self, other: Connection) -> None:
        """Say that the other end is in the same simulated process: a crash of one is the death of both."""
        instance("other", other, Connection, or_none=False)
        self._s.peer, other._s.peer = other._s, self._s

    def close(self) -> None:
        """SSL_free(3), roughly: let go of the transport; no alert is sent."""
        self.set_bio(None, None)


def _undefined(context: Context, message: str) -> None:
    """A page calls the behaviour of a call undefined; no method, so that a Connection is in no cycle."""
    if context.undefined == "raise":
        raise UndefinedBehaviourError(message)
    if context.undefined == "warn":
        warnings.warn(message, UndefinedBehaviourWarning, stacklevel=outside())


def _context(
    profile: str | os.PathLike[str] | Profile | None, context: Context | None, settings: dict[str, Any]
) -> Context:
    if context is None:
        wrong = [name for name in settings if name not in _SETTINGS]
        if wrong:
            near = nearest(wrong[0], _SETTINGS)
            hint = f"did you mean {near!r}?" if near else f"expected some of {', '.join(_SETTINGS)}"
            raise UsageError(f"{wrong[0]}: a Connection has no such setting; {hint}")
        assert profile is not None
        return Context(profile, **settings)
    if settings:
        raise UsageError(f"{', '.join(settings)}: settings of the context that is given")
    return instance("context", context, Context)


def _transport(
    sock: SocketLike | None, bio: BIO | tuple[BIO | None, BIO | None] | None
) -> tuple[BIO | None, BIO | None]:
    """The BIOs to read from and to write to."""
    if sock is not None:
        socket_bio = SocketBIO(sock)
        return socket_bio, socket_bio
    if bio is None:
        return MemoryBIO(), MemoryBIO()
    if not isinstance(bio, tuple):
        return instance("bio", bio, BIO), bio
    if len(bio) != 2:
        raise UsageError(
            f"bio: got a tuple of {len(bio)}, expected a BIO, or one to read from and one to write to"
        )
    return bio


def _memory(bio: BIO | None, call: str) -> MemoryBIO:
    if not isinstance(bio, MemoryBIO):
        raise UsageError(f"{call}() needs a connection without sock and bio")
    return bio
