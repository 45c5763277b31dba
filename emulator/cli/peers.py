"""``emulator serve`` and ``connect``: an s_server and an s_client of a chosen generation."""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from emulator.cli.app import command
from emulator.cli.options import (
    BLOCKING,
    CERT,
    CHUNK,
    CIPHER,
    EVENT,
    FOLLOW,
    KEY,
    MESSAGES,
    MODE,
    NOTES_AS_JSON,
    OPTION,
    PROFILE,
    PROTOCOL,
    QUIET,
    STRICT_EVENTS,
)
from emulator.cli.output import FELL_SHORT
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from emulator.peers.log import Note


PATTERN = b"abcdefghijklmnopqrstuvwxyz\n"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ALWAYS_TOLD = ("listening", "failed", "ended", "expected", "never-fired")


@command("serve")
def serve(
    profile: PROFILE,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes any free port and prints it.")
    ] = 4433,
    cert: CERT = None,
    key: KEY = None,
    protocol: PROTOCOL = None,
    cipher: CIPHER = None,
    mode: MODE = None,
    option: OPTION = None,
    follow: FOLLOW = "library",
    event: EVENT = None,
    *,
    blocking: BLOCKING = False,
    echo: Annotated[bool, typer.Option("--echo", help="Send back the data that arrives (default).")] = False,
    sink: Annotated[bool, typer.Option("--sink", help="Read the data and send nothing.")] = False,
    www: Annotated[bool, typer.Option("--www", help="Answer an HTTP request with a page.")] = False,
    send: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Send this file to every client, then close; - is standard input."),
    ] = None,
    chunk: CHUNK = 16384,
    accept: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="End after N clients.", show_default=False)
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="SECONDS",
            help="End a connection after this time without traffic.",
            show_default=False,
        ),
    ] = None,
    messages: MESSAGES = False,
    strict_events: STRICT_EVENTS = False,
    as_json: NOTES_AS_JSON = False,
    quiet: QUIET = False,
) -> int:
    """Run an s_server of one generation, with events such as a renegotiation or a reset.

    The first line is "listening on HOST:PORT". The exit status is 0 after SIGINT or SIGTERM, or after the
    clients of --accept; 1 if one of these did not end cleanly, or with --strict-events if an event happened
    on no connection.

    An --event is WHAT@WHEN. WHAT is renegotiate, key-update, key-update-requested, close, reset, hang-up,
    dribble:N[:MS], pause:MS, stop-reading or resume-reading. WHEN is open (before the handshake), start
    (right after it, the default), 100B (after 100 bytes of application data), 250ms (after the handshake) or
    3r (after three records); 100B-in, 100B-out, 3r-in and 3r-out count one direction.
    """
    from emulator.peers.server import Server

    server = Server(
        profile,
        host=host,
        port=port,
        serve=_service(echo=echo, sink=sink, www=www, send=send),
        events=event or (),
        protocol=protocol,
        cipher=cipher,
        modes=mode or (),
        options=option or (),
        certificate=_contents(cert),
        key=_contents(key),
        follow=follow,
        blocking=blocking,
        chunk=chunk,
        timeout=timeout,
        accept=accept,
        messages=messages,
        listener=_teller(sys.stdout, as_json=as_json, quiet=quiet),
        keep=False,
    )
    with suppress(KeyboardInterrupt), _sigterm_interrupts(), server:
        server.wait()
    for never in server.never_fired:
        server.log.add("never-fired", event=str(never))
    failed = accept is not None and not server.all_ok
    return FELL_SHORT if failed or (strict_events and server.never_fired) else 0


@command("connect")
def connect(
    address: Annotated[str, typer.Argument(metavar="HOST:PORT", help="The server; [::1]:4433 for IPv6.")],
    profile: PROFILE,
    servername: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The server name to send in the hello.", show_default=False),
    ] = None,
    cert: CERT = None,
    key: KEY = None,
    protocol: PROTOCOL = None,
    cipher: CIPHER = None,
    mode: MODE = None,
    option: OPTION = None,
    follow: FOLLOW = "library",
    event: EVENT = None,
    *,
    blocking: BLOCKING = True,
    input_file: Annotated[
        str | None,
        typer.Option(
            "--input", metavar="FILE", help="Write this file; - is standard input.", show_default=False
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--bytes", min=0, metavar="N", help="Write this number of letters.", show_default=False),
    ] = None,
    chunk: CHUNK = 16384,
    expect: Annotated[
        str, typer.Option(metavar="TEXT", help="Read until this text has come.", show_default=False)
    ] = "",
    read_until_close: Annotated[
        bool, typer.Option("--read-until-close", help="Read until the server closes.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="Give up after this time without traffic.")
    ] = 30.0,
    messages: MESSAGES = False,
    strict_events: STRICT_EVENTS = False,
    as_json: NOTES_AS_JSON = False,
    quiet: QUIET = False,
) -> int:
    """Run an s_client of one generation: write, read, close.

    The server's data goes to standard output, the log to standard error; with --json the log goes to
    standard output, without the data. The exit status is 0 if the exchange ended cleanly and the text of
    --expect came; 1 if not, if nobody listens there, or with --strict-events if an event did not happen.

    An --event is WHAT@WHEN. WHAT is renegotiate, key-update, key-update-requested, close, reset, hang-up,
    dribble:N[:MS], pause:MS, stop-reading or resume-reading. WHEN is open (before the handshake), start
    (right after it, the default), 100B (after 100 bytes of application data), 250ms (after the handshake) or
    3r (after three records); 100B-in, 100B-out, 3r-in and 3r-out count one direction.
    """
    from emulator.peers.client import connect as connect_to

    host, port = _host_and_port(address)
    if input_file is not None and size is not None:
        raise UsageError("--input and --bytes: expected one of them")
    outcome = connect_to(
        host,
        port,
        profile=profile,
        data=bytes(islice(cycle(PATTERN), size)) if size is not None else _contents(input_file) or b"",
        chunk=chunk,
        expect=expect.encode(),
        read_until_close=read_until_close,
        events=event or (),
        servername=servername,
        protocol=protocol,
        cipher=cipher,
        modes=mode or (),
        options=option or (),
        certificate=_contents(cert),
        key=_contents(key),
        follow=follow,
        blocking=blocking,
        timeout=timeout,
        messages=messages,
        listener=_teller(sys.stdout if as_json else sys.stderr, as_json=as_json, quiet=quiet),
        output=None if as_json else _print_bytes,
    )
    for never in outcome.never_fired:
        outcome.log.add("never-fired", event=str(never))
    return 0 if outcome.ok and not (strict_events and outcome.never_fired) else FELL_SHORT


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"got {address!r}, expected HOST:PORT with a port from 1 to 65535")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _contents(file: str | None) -> bytes | None:
    if file is None:
        return None
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _service(
    *, echo: bool, sink: bool, www: bool, send: str | None
) -> Literal["echo", "sink", "www"] | bytes:
    if echo + sink + www + (send is not None) > 1:
        raise UsageError("--echo, --sink, --www and --send: expected one of them")
    if send is not None:
        return _contents(send) or b""
    return "sink" if sink else "www" if www else "echo"


def _print_bytes(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _teller(file: TextIO, *, as_json: bool, quiet: bool) -> Callable[[Note], None]:
    """Return a function that prints a note at once, so that a script can wait for it."""
    from emulator.peers.log import as_text

    def tell(note: Note) -> None:
        if not quiet or note["what"] in _ALWAYS_TOLD:
            file.write((json.dumps(note, ensure_ascii=False) if as_json else as_text(note)) + "\n")
            file.flush()

    return tell


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Inside the block SIGTERM raises KeyboardInterrupt, as SIGINT does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = [(number, signal.signal(number, signal.default_int_handler)) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in previous:
            signal.signal(number, handler)
