"""One short program on several generations of OpenSSL: what ``python -m emulator demo`` runs.

A situation is a function over a :class:`Stage`; every call it makes goes to an emulated connection of one
profile, and what the table shows is what that connection answered.  Nothing of it is written down here.
"""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from emulator.bio import make_scripted_bio_pair
from emulator.buffer import Buffer
from emulator.constants import PROTOCOL_NAMES, ContentType, Shutdown
from emulator.constants import SSL3_RT_HEADER_LENGTH as HEADER
from emulator.engine.manual.clauses import NUM_ZERO
from emulator.error_queue import ErrorQueue, use
from emulator.exceptions import SimulatedCrash, UndefinedBehaviourWarning
from emulator.pair import connected_pair
from emulator.scenario.wire import WireMeter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import ScriptedBIO
    from emulator.connection import Connection
    from emulator.context import Authority
    from emulator.engine.manual.promise import Promise
    from emulator.profile import Profile

DEFAULT_PROFILES = ("0.9.x", "1.0.1", "1.1.1")
"""The columns unless others are asked for: the oldest manual page's release and two series' last ones."""

EPIPE = 32
ROUNDS = 10
"""Both sides have finished a renegotiation after fewer turns than this."""

_RECORDS = {int(kind): kind.name.lower().replace("_", " ") for kind in ContentType} | {
    int(ContentType.APPLICATION_DATA): "data",
    int(ContentType.CHANGE_CIPHER_SPEC): "ccs",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call answered.

    ``ret`` is None where there was no answer, and ``error`` then says why; ``errors`` are the texts that the
    call left in the error queue, oldest first, ``records`` what the transport accepted during it, ``page``
    what the release's manual page has to say of the call, ``errno`` C's, 0 for none.
    """

    ret: int | None
    error: str
    errors: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    page: str = ""
    errno: int = 0

    @property
    def outline(self) -> tuple[object, ...]:
        """What two columns must share to count as the same: not the sizes, which the cipher suite decides."""
        return self.ret, self.error, self.errors, len(self.records), self.page, self.errno


class Stage:
    """A connected client and server of one profile, joined by a transport that the situation controls."""

    def __init__(self, profile: Profile, protocol: str, follow: Authority) -> None:
        self.profile = profile
        self.calls: list[str] = []
        self.answers: list[Answer] = []
        self.client, self.server = connected_pair(profile, protocol=protocol, follow=follow)
        self.client_bio, self.server_bio = make_scripted_bio_pair()
        # The handshake is over and nothing is on its way: the pipe may be replaced by one that takes orders.
        self.client.set_bio(self.client_bio, self.client_bio)
        self.server.set_bio(self.server_bio, self.server_bio)
        self._meter = WireMeter()
        self.client_bio.on_accept = self._meter.accept
        self._queue = ErrorQueue()
        self._server_queue = ErrorQueue()

    @property
    def suite(self) -> str:
        """The protocol and the cipher suite that the two agreed on."""
        version = PROTOCOL_NAMES[self.client.version()]
        return f"{version} {self.client.get_current_cipher()}"

    def call(self, shown: str, do: Callable[[Connection], Any]) -> None:
        """Make one call on the client and keep what it answered; ``shown`` is how the table names it."""
        self.calls.append(shown)
        self._meter.take()
        self.client.errno = 0
        previous = use(self._queue)
        try:
            self.answers.append(self._answer(do))
        finally:
            self._queue.clear()
            use(previous)

    def _answer(self, do: Callable[[Connection], Any]) -> Answer:
        client = self.client
        promises = client.promises.made
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UndefinedBehaviourWarning)  # promises has it, too
            try:
                answered = do(client)
            except AttributeError as missing:
                if "does not exist in OpenSSL" not in str(missing):
                    raise
                return Answer(None, "no such function", errors=(str(missing),))
        ret = answered[0] if isinstance(answered, tuple) else answered
        return Answer(
            int(ret),
            client.get_error(ret).name,
            tuple(entry.text for entry in self._queue),
            self._records(),
            "; ".join(_of_the_page(promise) for promise in client.promises.since(promises)),
            client.errno,
        )

    def _records(self) -> tuple[str, ...]:
        return tuple(
            f"{length} header bytes" if kind == "partial-header" else f"{_RECORDS[kind]} {length}"
            for kind, *_version, length in (
                (record[0], *record[1:]) for record in self._meter.take().get("wire", ())
            )
        )

    def crashed(self, crash: SimulatedCrash) -> None:
        """Keep that the program died in the call that is under way; nothing runs after it."""
        self.answers.append(Answer(None, crash.signal, errors=(str(crash),)))

    # -- what the rest of the world does ------------------------------------------------------

    def serve(self, do: Callable[[Connection], Any]) -> None:
        """Let the server do something that is not shown."""
        previous = use(self._server_queue)
        try:
            do(self.server)
        finally:
            self._server_queue.clear()
            use(previous)

    def deliver(self) -> int:
        """Let everything that was sent arrive; how many bytes."""
        return self.client_bio.outgoing.deliver() + self.server_bio.outgoing.deliver()

    def block(self) -> None:
        """From now on the client waits for the server, which reads whenever it does."""

        def wait(_bio: ScriptedBIO, _what: str) -> None:
            self.deliver()
            self.serve(lambda ssl: ssl.read(100))
            self.deliver()

        self.client_bio.wait = wait

    def room(self, n: int | None) -> None:
        """The pipe to the server takes ``n`` bytes; None: any number."""
        self.client_bio.outgoing.capacity = n

    def hang_up(self) -> None:
        """The server's process is gone: no more bytes come from it, and nobody takes ours."""
        self.server_bio.outgoing.ended = True


def _of_the_page(promise: Promise) -> str:
    """What the table says of an answer for which the manual page was followed."""
    if promise.clause == NUM_ZERO:
        return "undefined by the manual page"
    if promise.ret is None:
        return "renegotiated by the manual page, not by the code"
    return "the manual page's answer, not the code's"


@dataclass(frozen=True, slots=True)
class Situation:
    """A few calls that belong together: ``title`` says what happens."""

    title: str
    play: Callable[[Stage], None]


SITUATIONS: list[Situation] = []


def situation(title: str) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Add a function to the demo."""

    def add(play: Callable[[Stage], None]) -> Callable[[Stage], None]:
        SITUATIONS.append(Situation(title, play))
        return play

    return add


@situation("The pipe is full; the retry comes from a buffer that has moved")
def moved_retry(stage: Stage) -> None:
    """The most common bug: a new copy of the data for every retry."""
    data = Buffer(40_000)
    stage.room(20_000)
    stage.call("write(data) of 40000", lambda ssl: ssl.write(data))
    stage.deliver()
    stage.call("write(copy of data)", lambda ssl: ssl.write(data.moved()))
    stage.room(None)
    stage.call("write(data) again", lambda ssl: ssl.write(data))


@situation("The pipe is full; the retry is shorter")
def shorter_retry(stage: Stage) -> None:
    """Half of what was asked for the first time."""
    data = Buffer(40_000)
    stage.room(20_000)
    stage.call("write(data) of 40000", lambda ssl: ssl.write(data))
    stage.deliver()
    stage.room(None)
    stage.call("write(data, 20000)", lambda ssl: ssl.write(data, 20_000))
    stage.call("write(data) again", lambda ssl: ssl.write(data))


@situation("Partial writes: what one retry sends")
def partial_retry(stage: Stage) -> None:
    """SSL_MODE_ENABLE_PARTIAL_WRITE: one record, or two."""
    data = Buffer(60_000)
    stage.client.set_mode(stage.profile.modes["ENABLE_PARTIAL_WRITE"])
    stage.room(10_000)
    stage.call("write(data) of 60000", lambda ssl: ssl.write(data))
    stage.room(None)
    stage.call("write(data) again", lambda ssl: ssl.write(data))


@situation("Nothing to write, and less than nothing")
def nothing(stage: Stage) -> None:
    """num=0 and num=-1."""
    stage.call("write(b'')", lambda ssl: ssl.write(b""))
    stage.call("write_ex(b'')", lambda ssl: ssl.write_ex(b""))
    stage.call("write(data, -1)", lambda ssl: ssl.write(Buffer(100), -1))


@situation("A write that renegotiates")
def renegotiation(stage: Stage) -> None:
    """SSL_renegotiate() only asks; the write has to shake hands first."""
    stage.call("renegotiate()", lambda ssl: ssl.renegotiate())
    stage.call("write(b'hello')", lambda ssl: ssl.write(b"hello"))
    for _ in range(ROUNDS):
        if not stage.client.in_init():
            break
        stage.deliver()
        stage.serve(lambda ssl: ssl.read(100))
        stage.deliver()
        stage.call("write(b'hello') again", lambda ssl: ssl.write(b"hello"))


@situation("A blocking write, and the peer asks for a renegotiation")
def blocking_renegotiation(stage: Stage) -> None:
    """Page and code disagree: the code never looks, the page of 0.9.6a to 1.1.0 lets the write come back."""
    stage.serve(lambda ssl: (ssl.renegotiate(), ssl.do_handshake()))
    stage.deliver()
    stage.block()
    stage.call("write(b'hello')", lambda ssl: ssl.write(b"hello"))
    stage.call("write(b'hello') again", lambda ssl: ssl.write(b"hello"))


@situation("The peer hangs up in the middle of that renegotiation")
def end_of_file(stage: Stage) -> None:
    """The end of the transport, seen by a write."""
    stage.client.renegotiate()
    stage.call("write(b'hello')", lambda ssl: ssl.write(b"hello"))
    stage.hang_up()
    stage.call("write(b'hello') again", lambda ssl: ssl.write(b"hello"))


@situation("The peer has closed, and is gone")
def closed_by_the_peer(stage: Stage) -> None:
    """close_notify was read; a write works until the transport says EPIPE."""
    stage.serve(lambda ssl: ssl.shutdown())
    stage.deliver()
    stage.call("read(100)", lambda ssl: ssl.read(100))
    stage.call("write(b'hello')", lambda ssl: ssl.write(b"hello"))
    stage.client_bio.outgoing.plan.append({"errno": EPIPE})
    stage.call("write(b'hello'): EPIPE", lambda ssl: ssl.write(b"hello"))


@situation("A write after our own close_notify")
def closed_by_us(stage: Stage) -> None:
    """SSL_shutdown() ends writing, as long as the flag is set."""
    stage.call("shutdown()", lambda ssl: ssl.shutdown())
    stage.call("write(b'hello')", lambda ssl: ssl.write(b"hello"))
    stage.client.set_shutdown(Shutdown(0))
    stage.call("write, flag cleared", lambda ssl: ssl.write(b"hello"))


@situation("A write after a record that was damaged on its way")
def after_a_fatal_error(stage: Stage) -> None:
    """The read fails and sends a fatal alert; is the connection dead for writes?"""
    stage.serve(lambda ssl: ssl.write(b"hello"))
    stage.server_bio.outgoing.sent[HEADER] ^= 0xFF  # in the first block, so that the padding stays right
    stage.deliver()
    stage.call("read(100)", lambda ssl: ssl.read(100))
    stage.call("write(b'hello')", lambda ssl: ssl.write(b"hello"))


@dataclass(frozen=True, slots=True)
class Played:
    """A situation on every profile: ``answers[i][j]`` is what the i-th profile answered to the j-th call."""

    title: str
    calls: tuple[str, ...]
    answers: tuple[tuple[Answer, ...], ...]

    def row(self, call: int) -> tuple[Answer | None, ...]:
        """What each profile answered to one call; None where its program had died before."""
        return tuple(own[call] if call < len(own) else None for own in self.answers)


def play(situation: Situation, profile: Profile, protocol: str, follow: Authority) -> Stage:
    """Play a situation on a new connection of one profile; the stage holds what was answered."""
    stage = Stage(profile, protocol, follow)
    try:
        situation.play(stage)
    except SimulatedCrash as crash:
        stage.crashed(crash)
    return stage


def play_all(profiles: list[Profile], protocol: str, follow: Authority) -> list[Played]:
    """Play every situation on every profile."""
    played = []
    for one in SITUATIONS:
        stages = [play(one, profile, protocol, follow) for profile in profiles]
        calls = max((stage.calls for stage in stages), key=len)
        played.append(Played(one.title, tuple(calls), tuple(tuple(stage.answers) for stage in stages)))
    return played


def as_data(
    names: list[str], profiles: list[Profile], protocol: str, follow: Authority
) -> list[dict[str, Any]]:
    """All situations as plain objects: each call, and by the profile's name what it answered."""
    return [
        {
            "title": played.title,
            "calls": [
                {
                    "call": shown,
                    "answers": {
                        name: None if answer is None else asdict(answer)
                        for name, answer in zip(names, played.row(number), strict=True)
                    },
                }
                for number, shown in enumerate(played.calls)
            ],
        }
        for played in play_all(profiles, protocol, follow)
    ]
