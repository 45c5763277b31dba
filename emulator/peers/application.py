"""What a program does with a connection: echo, swallow, send, answer a request, ask and hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.connection import Connection

_KEPT = 1 << 20


class Application:
    """Swallows what comes and says nothing: ``--sink``.

    ``outgoing`` is what is still to be sent, ``finished`` says that the connection may be closed once it is.
    ``data`` is what has been received; of much the first mebibyte unless ``keep`` is set.
    """

    finished = False
    satisfied = True
    """Whether the peer did what was expected of it."""

    def __init__(self, *, keep: bool = False) -> None:
        self.outgoing = bytearray()
        self.data = bytearray()
        self._keep = keep

    def start(self, connection: Connection) -> None:
        """The first handshake is over."""

    def received(self, data: bytes) -> None:
        """Something has come."""
        if self._keep or len(self.data) < _KEPT:
            self.data += data

    def sent_all(self) -> None:
        """Nothing is left to be sent."""


class Echo(Application):
    """Sends back what comes."""

    def received(self, data: bytes) -> None:
        """Back it goes."""
        super().received(data)
        self.outgoing += data


class Send(Application):
    """Sends the same bytes to everybody, then closes."""

    def __init__(self, data: bytes, *, keep: bool = False) -> None:
        super().__init__(keep=keep)
        self._data = data

    def start(self, connection: Connection) -> None:  # noqa: ARG002 - it is the same for all
        """All of it is to go out."""
        self.outgoing += self._data
        self.finished = True


class Www(Application):
    """Answers an HTTP request with a page about the connection, then closes, as ``s_server -www`` does."""

    def start(self, connection: Connection) -> None:
        """Whose page it will be."""
        self._connection = connection

    def received(self, data: bytes) -> None:
        """Answer once the request's head is complete."""
        super().received(data)
        if self.finished or (b"\r\n\r\n" not in self.data and b"\n\n" not in self.data):
            return
        page = self._page().encode()
        head = f"HTTP/1.0 200 ok\r\nContent-type: text/plain\r\nContent-Length: {len(page)}\r\n\r\n"
        self.outgoing += head.encode() + page
        self.finished = True

    def _page(self) -> str:
        connection = self._connection
        request = bytes(self.data).partition(b"\n")[0].decode("latin-1").strip()
        return (
            f"OpenSSL {connection.profile.release}\n{connection.get_version()}"
            f" {connection.get_current_cipher()}\n{request}\n"
        )


class Ask(Application):
    """Sends bytes and hears the answer: what ``connect`` does.

    It is finished once all is sent and ``expect`` has come, unless ``until_close``: then the peer closes.
    """

    def __init__(
        self,
        data: bytes,
        *,
        expect: bytes = b"",
        until_close: bool = False,
        output: Callable[[bytes], None] | None = None,
    ) -> None:
        super().__init__(keep=True)
        self._output = output
        self._data = data
        self._expect = expect
        self._until_close = until_close
        self._all_sent = False

    def start(self, connection: Connection) -> None:  # noqa: ARG002 - the data is what it is
        """All of it is to go out."""
        self.outgoing += self._data
        self._all_sent = not self._data

    def received(self, data: bytes) -> None:
        """Hand it on at once."""
        super().received(data)
        if self._output is not None:
            self._output(data)

    def sent_all(self) -> None:
        """From now on it only listens."""
        self._all_sent = True

    @property
    def satisfied(self) -> bool:  # type: ignore[override]
        """Whether what was expected has come."""
        return self._expect in self.data

    @property
    def finished(self) -> bool:  # type: ignore[override]
        """Whether nothing more is to be said or heard."""
        return self._all_sent and self.satisfied and not self._until_close
