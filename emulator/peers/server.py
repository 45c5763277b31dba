"""A server of a chosen generation on a real socket; each client has a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from emulator.connection import Connection
from emulator.exceptions import UsageError
from emulator.peers.application import Application, Echo, Send, Www
from emulator.peers.context import make_context
from emulator.peers.events import events_of
from emulator.peers.exchange import CHUNK, Exchange
from emulator.peers.log import PATIENCE, Log
from emulator.peers.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from emulator.peers.context import ProfileName, Settings
    from emulator.peers.events import Event
    from emulator.peers.exchange import Ended
    from emulator.peers.log import Note

LOOPBACK = "127.0.0.1"
_SERVICES: dict[str, Callable[..., Application]] = {"echo": Echo, "sink": Application, "www": Www}


class Server:
    """An ``s_server`` of ``profile``'s release; as a context manager it listens within the block.

    ``port`` 0 lets the system choose: :attr:`port` then is the real one.  ``serve`` says what it does with a
    client: "echo", "sink", "www" (answers an HTTP request), or bytes to send to everybody before it closes.
    ``events`` are texts such as ``"renegotiate@100B-in"``, and happen on every connection.  ``blocking`` is
    what its connections see of their sockets; ``timeout`` ends a connection on which nothing passed for so
    many seconds, ``accept`` the server after so many clients.  ``listener`` is called with each note of
    :attr:`log`, one at a time, on the thread that it happened on; without ``keep`` it is all that is told, so
    that a server may run for long.  The settings are those of :class:`emulator.peers.context.Settings`.

    Raises UsageError for what the release does not have, and OSError where it cannot listen.
    """

    def __init__(
        self,
        profile: ProfileName,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        serve: Literal["echo", "sink", "www"] | bytes = "echo",
        events: Iterable[str | Event] = (),
        blocking: bool = False,
        chunk: int = CHUNK,
        timeout: float | None = None,
        accept: int | None = None,
        messages: bool = False,
        listener: Callable[[Note], None] | None = None,
        keep: bool = True,
        **settings: Unpack[Settings],
    ) -> None:
        self._context = make_context(profile, "server", settings)
        self._serve = _checked(serve)
        self.events = events_of(events, self._context.profile)
        self._blocking, self._chunk, self._timeout = blocking, chunk, timeout
        self._accept = accept
        self._messages = messages
        if messages:
            Exchange.check_messages(self._context.profile)
        self.log = Log(listener, keep=keep)
        self.connections: list[Ended] = []
        """How the connections ended that are over, in that order."""
        self.all_ok = True
        """Whether all connections that are over ended as they should."""
        self._fired: set[Event] = set()
        self._keep = keep
        self._acceptor: threading.Thread | None = None
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None
        self._over = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self._address = host, port
        self._socket: socket.socket | None = None

    # -- its life -----------------------------------------------------------------------------

    def start(self) -> Self:
        """Listen, on a thread of its own."""
        try:
            self._socket = _listen(*self._address)
        except OSError:
            self._wake.close()
            self._waker.close()
            raise
        self.log.add("listening", host=self.host, port=self.port, release=self._context.profile.release)
        self._acceptor = self._start(self._take_clients)
        return self

    def close(self) -> None:
        """Stop listening, say goodbye to every client, and wait until all threads have ended."""
        self._waker.close()
        if self._acceptor is not None:
            self._acceptor.join()
        for thread in self._threads:
            thread.join()
        if self._socket is not None:
            self._socket.close()
        self._wake.close()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until ``accept`` clients have come and gone, or ``timeout`` seconds: whether they have."""
        return self._over.wait(timeout)

    def wait_for_end(self, number: int = 1, timeout: float = PATIENCE) -> Ended:
        """Wait until so many connections are over; how the last of them ended.  NothingCame after a time."""
        self.log.wait_for("ended", count=number, timeout=timeout)
        return self.connections[number - 1]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- facts --------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._name()[1])

    @property
    def host(self) -> str:
        """The address on which it listens."""
        return str(self._name()[0])

    def _name(self) -> tuple[Any, ...]:
        if self._socket is None:
            raise UsageError("the server does not listen yet: use it as a context manager, or start() it")
        name: tuple[Any, ...] = self._socket.getsockname()
        return name

    @property
    def never_fired(self) -> tuple[Event, ...]:
        """The events that happened on no connection that is over."""
        return tuple(event for event in self.events if event not in self._fired)

    # -- threads ------------------------------------------------------------------------------

    def _start(self, target: Callable[..., None], *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=self._guard, args=(target, *arguments), daemon=True)
        thread.start()
        return thread

    def _guard(self, target: Callable[..., None], *arguments: Any) -> None:
        """What goes wrong on a thread is raised by close()."""
        try:
            target(*arguments)
        except BaseException as error:  # noqa: BLE001 - see above
            self._failure = error

    def _take_clients(self) -> None:
        assert self._socket is not None
        taken = 0
        with contextlib.suppress(StopIteration):
            while self._accept is None or taken < self._accept:
                sock, address = self._next_client(self._socket)
                taken += 1
                alive = [thread for thread in self._threads if thread.is_alive()]
                self._threads = [*alive, self._start(self._serve_client, taken, sock, address)]
        if taken == self._accept:
            for thread in self._threads:
                thread.join()
            self._over.set()

    def _next_client(self, listener: socket.socket) -> tuple[socket.socket, Any]:
        """Wait for a client; StopIteration once the server is being closed."""
        import selectors  # noqa: PLC0415

        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            selector.register(listener, selectors.EVENT_READ)
            while True:
                if any(key.fileobj is self._wake for key, _ in selector.select()):
                    raise StopIteration
                with contextlib.suppress(OSError):  # a client that has gone again
                    return listener.accept()

    def _serve_client(self, number: int, sock: socket.socket, address: Any) -> None:
        self.log.add("connected", connection=number, peer=f"{address[0]}:{address[1]}")
        transport = Transport(sock, blocking=self._blocking, timeout=self._timeout, wake=self._wake)
        connection = Connection(context=self._context, bio=transport)
        connection.set_accept_state()
        exchange = Exchange(
            connection,
            transport,
            self._application(),
            self.events,
            self.log,
            server=True,
            number=number,
            chunk=self._chunk,
            messages=self._messages,
        )
        ended = exchange.run()
        self._fired.update(ended.fired)
        self.all_ok &= ended.ok
        if self._keep:
            self.connections.append(ended)
        self.log.add("ended", connection=number, **ended.facts())

    def _application(self) -> Application:
        if isinstance(self._serve, bytes):
            return Send(self._serve)
        return _SERVICES[self._serve]()


def _checked(serve: str | bytes) -> str | bytes:
    if isinstance(serve, str) and serve not in _SERVICES:
        raise UsageError(f"serve: got {serve!r}, expected one of {', '.join(_SERVICES)}, or bytes")
    return serve


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=64)
    listener.setblocking(False)
    return listener
