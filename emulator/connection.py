"""``SSL``: one connection, its calls named as in C without ``SSL_``, its answers C's integers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from emulator.arguments import check_size, view_of, writable
from emulator.behaviours.meta import NumZero
from emulator.bio import MemoryBIO, SocketBIO
from emulator.connection_early_data import EarlyDataCalls
from emulator.connection_settings import ConnectionSettings
from emulator.constants import SSL_KEY_UPDATE_NONE, Shutdown, Want
from emulator.context import Context
from emulator.engine import calls
from emulator.engine.calls import ssl_read, ssl_write
from emulator.engine.get_error import ssl_get_error
from emulator.engine.manual import Promise, renegotiate_before_write
from emulator.engine.sending.keys import set_padding
from emulator.exceptions import UndefinedBehaviourError, UndefinedBehaviourWarning, UsageError
from emulator.exists import exported, known_versions

if TYPE_CHECKING:
    import os

    from emulator.bio import BIO
    from emulator.constants import ErrorCode
    from emulator.engine.ssl import SSL
    from emulator.profile import Profile


class Connection(EarlyDataCalls, ConnectionSettings):
    """``SSL_new(ctx)``: behaves as the profile's release does, call by call.

    ``profile`` makes a context of its own with the other keywords of :class:`Context`; or give ``context``.
    ``sock`` is a socket to read and write, ``bio`` a BIO (or a pair of them, for reading and for writing);
    without both there are memory BIOs behind ``bio_read`` and ``bio_write``.  ``errno`` is what C's errno
    holds after the last call, ``errors_of`` this thread's queue is :func:`emulator.error_queue.current`.

    Calls return C's integers; functions with an out-parameter return ``(ret, out)``.  A call that the release
    does not export is not there (``hasattr`` is False).  Misuse that no C program could commit raises
    UsageError.
    """

    def __init__(
        self,
        profile: str | os.PathLike[str] | Profile | None = None,
        context: Context | None = None,
        sock: Any = None,
        bio: BIO | tuple[BIO | None, BIO | None] | None = None,
        **settings: Any,
    ) -> None:
        if (profile is None) == (context is None):
            raise UsageError("a Connection takes either a profile or a context")
        if context is not None and settings:
            raise UsageError(f"{', '.join(settings)}: settings of the context that is given")
        if sock is not None and bio is not None:
            raise UsageError("a Connection takes either a sock or a bio")
        self.context = context if context is not None else Context(profile, **settings)  # type: ignore[arg-type]
        self.profile = self.context.profile
        self.promises: list[Promise] = []
        """Where this connection followed the page and not the library, in order, with the page's meaning."""
        self._follows_manual = self.context.follow == "manual"
        self._min_version = self.context.min_version
        self._max_version = self.context.max_version
        self._s = self._new_ssl()
        self._set_first_bio(sock, bio)

    def _new_ssl(self) -> SSL:
        context = self.context
        s = calls.ssl_new(self.profile, context.handshake_config(), context.errors)
        s.mode = context.mode
        s.context_options = context.options
        s.quiet_shutdown = context.quiet_shutdown
        s.info_callback = context.info_callback
        s.msg_callback = context.msg_callback
        s.out.set_fragments(context.max_send_fragment, context.split_send_fragment)
        s.recv_max_early_data = context.recv_max_early_data
        set_padding(s, context.padding_callback, context.block_padding)
        s.fixed_version = context.fixed_version
        s.initial_version = known_versions(self.profile)[-1]
        s.version = s.fixed_version or s.initial_version
        return s

    def _set_first_bio(self, sock: Any, bio: BIO | tuple[BIO | None, BIO | None] | None) -> None:
        if sock is not None:
            socket_bio = SocketBIO(sock)
            self.set_bio(socket_bio, socket_bio)
        elif bio is None:
            self.set_bio(MemoryBIO(), MemoryBIO())
        elif isinstance(bio, tuple):
            self.set_bio(*bio)
        else:
            self.set_bio(bio, bio)

    # -- state --------------------------------------------------------------------------------

    @property
    def errno(self) -> int:
        """C's errno after the last call; may be set."""
        return self._s.errno

    @errno.setter
    def errno(self, value: int) -> None:
        self._s.errno = value

    def set_connect_state(self) -> None:
        """SSL_set_connect_state(3): this is a client."""
        calls.ssl_set_state(self._s, server=False)

    def set_accept_state(self) -> None:
        """SSL_set_accept_state(3): this is a server."""
        calls.ssl_set_state(self._s, server=True)

    def set_bio(self, rbio: BIO | None, wbio: BIO | None) -> None:
        """SSL_set_bio(3): the transport to read from and to write to; None for none."""
        self.rbio: BIO | None = rbio
        self.wbio: BIO | None = wbio
        calls.ssl_set_bio(self._s, rbio, wbio)

    def bio_read(self, n: int) -> bytes:
        """Take up to ``n`` bytes meant for the peer, as pyOpenSSL's bio_read(); b"" if there are none."""
        return self._memory(self.wbio, "bio_read").read(n)

    def bio_write(self, data: bytes | bytearray | memoryview) -> int:
        """Give bytes that came from the peer; how many were taken (all)."""
        return self._memory(self.rbio, "bio_write").write(data)

    def _memory(self, bio: BIO | None, call: str) -> MemoryBIO:
        if not isinstance(bio, MemoryBIO):
            raise UsageError(f"{call}() needs a connection without sock and bio")
        return bio

    # -- handshake ----------------------------------------------------------------------------

    def connect(self) -> int:
        """SSL_connect(3)."""
        return calls.ssl_connect(self._s)

    def accept(self) -> int:
        """SSL_accept(3)."""
        return calls.ssl_accept(self._s)

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
        return calls.ssl_key_update(self._s, updatetype)

    @exported
    def new_session_ticket(self) -> int:
        """SSL_new_session_ticket(3), from 3.0: 1, and the next write or handshake sends a ticket first.

        0 for a client, before the end of the handshake, and for other protocols than TLS 1.3.
        """
        return calls.ssl_new_session_ticket(self._s)

    @exported
    def get_key_update_type(self) -> int:
        """SSL_get_key_update_type(3), from 1.1.1: what SSL_key_update() asked for and is not sent; -1."""
        return SSL_KEY_UPDATE_NONE if self._s.key_update is None else self._s.key_update

    @exported
    def renegotiate_pending(self) -> int:
        """SSL_renegotiate_pending(3): 1 while one is asked for or under way."""
        return int(self._s.renegotiating())

    def in_init(self) -> bool:
        """SSL_in_init(3)."""
        return self._s.in_init

    # -- writing ------------------------------------------------------------------------------

    def write(self, data: Any, num: int | None = None) -> int:
        """SSL_write(3): the first ``num`` bytes of any contiguous buffer (all unless given); C's answer.

        A retry is recognised by the buffer's address.  Raises UsageError if ``num`` is beyond the buffer, and
        SimulatedCrash where the real library would have died.
        """
        if type(data) is bytes:
            view: bytes | memoryview = data
        else:
            data, view = view_of(data)
        if num is None:
            num = len(view)
        elif num > len(view):
            raise UsageError(f"num: got {num}, but the buffer holds {len(view)} bytes")
        s = self._s
        if self._follows_manual and (num == 0 or (s.inp.rbio is not None and s.inp.rbio.blocks())):
            return self._write_by_the_page(data, view, num)
        return ssl_write(s, data, view, num)

    def _write_by_the_page(self, data: Any, view: bytes | memoryview, num: int) -> int:
        if num == 0 and self.profile.manual.num_zero is NumZero.UNDEFINED:
            self._undefined("SSL_write() with num=0")
        before = renegotiate_before_write(self._s)
        if before.promise is not None:
            self.promises.append(before.promise)
        if before.ret is not None:
            return before.ret
        return ssl_write(self._s, data, view, num)

    def _undefined(self, what: str) -> None:
        page = f"SSL_write(3) of OpenSSL {self.profile.release}"
        message = f"{page}: the behaviour of {what} is undefined"
        self.promises.append(Promise(page, message))
        if self.context.undefined == "raise":
            raise UndefinedBehaviourError(message)
        if self.context.undefined == "warn":
            warnings.warn(message, UndefinedBehaviourWarning, stacklevel=4)

    @exported
    def write_ex(self, data: Any, num: int | None = None, *, written: int = 0) -> tuple[int, int]:
        """SSL_write_ex(3), from 1.1.1: (1 or 0, ``*written``), which a failure leaves as it was."""
        if num is not None:
            check_size(num)
        data, view = (data, data) if type(data) is bytes else view_of(data)
        if num is None:
            num = len(view)
        elif num > len(view):
            raise UsageError(f"num: got {num}, but the buffer holds {len(view)} bytes")
        ret = ssl_write(self._s, data, view, num)
        if ret > 0 or (ret == 0 and num == 0 and self._s.early_data_state not in calls.NO_WRITING):
            return 1, ret
        return 0, written

    @exported
    def sendfile(self, fd: int, offset: int, size: int, flags: int) -> int:  # noqa: ARG002 - no kernel TLS
        """SSL_sendfile(3), from 3.0: -1, for it needs a transport with kernel TLS, and none here has it."""
        return calls.ssl_sendfile(self._s)

    # -- reading ------------------------------------------------------------------------------

    def read(self, n: int, into: Any = None) -> Any:
        """SSL_read(3): ``(ret, bytes)``; with ``into``, a writable buffer that takes the bytes, ``ret``."""
        if into is not None:
            target = writable(into, n)
            return self._deliver(ssl_read(self._s, n), target)
        s = self._s
        ret = ssl_read(s, n)
        data = s.inp.received if ret > 0 else b""
        s.inp.received = b""
        return ret, data

    def peek(self, n: int, into: Any = None) -> Any:
        """SSL_peek(3): as read(), and the bytes stay."""
        target = None if into is None else writable(into, n)
        return self._deliver(ssl_read(self._s, n, peek=True), target)

    def _deliver(self, ret: int, target: memoryview | None) -> Any:
        data = self._s.inp.received if ret > 0 else b""
        self._s.inp.received = b""
        if target is None:
            return ret, data
        if data:
            target[: len(data)] = data
        return ret

    @exported
    def has_pending(self) -> int:
        """SSL_has_pending(3), from 1.1.0: 1 if bytes of the peer's wait here, processed or not."""
        return int(bool(self._s.inp.rleft or self._s.inp.packet) or self.pending() > 0)

    @exported
    def peek_ex(self, n: int) -> tuple[int, bytes]:
        """SSL_peek_ex(3), from 1.1.1: as read_ex(), and the bytes stay."""
        check_size(n)
        ret, data = self._deliver(ssl_read(self._s, n, peek=True), None)
        return int(ret > 0), data

    @exported
    def read_ex(self, n: int) -> tuple[int, bytes]:
        """SSL_read_ex(3), from 1.1.1: (1 or 0, bytes)."""
        check_size(n)
        ret, data = self._deliver(ssl_read(self._s, n), None)
        return int(ret > 0), data

    def pending(self) -> int:
        """SSL_pending(3): decrypted bytes that wait to be read."""
        return calls.ssl_pending(self._s)

    # -- answers ------------------------------------------------------------------------------

    def get_error(self, ret: int) -> ErrorCode:
        """SSL_get_error(3) of this thread's error queue and this connection's last call."""
        return ssl_get_error(self._s, ret)

    def want(self) -> Want:
        """SSL_want(3)."""
        return Want(self._s.rwstate)

    # -- shutdown -----------------------------------------------------------------------------

    def shutdown(self) -> int:
        """SSL_shutdown(3)."""
        return calls.ssl_shutdown(self._s)

    def get_shutdown(self) -> Shutdown:
        """SSL_get_shutdown(3)."""
        return Shutdown(self._s.shutdown)

    def set_shutdown(self, flags: int) -> None:
        """SSL_set_shutdown(3)."""
        self._s.shutdown = flags

    def get_quiet_shutdown(self) -> int:
        """SSL_get_quiet_shutdown(3)."""
        return int(self._s.quiet_shutdown)

    def set_quiet_shutdown(self, mode: int) -> None:
        """SSL_set_quiet_shutdown(3)."""
        self._s.quiet_shutdown = bool(mode)

    def share_process(self, other: Connection) -> None:
        """Say that the other end is in the same simulated process: a crash of one is the death of both."""
        self._s.peer, other._s.peer = other._s, self._s

    def close(self) -> None:
        """SSL_free(3), roughly: let go of the transport; no alert is sent."""
        self.set_bio(None, None)
