"""Manual mode under random policies, scripts, releases and transports.

An answer that differs from the library's comes from a clause of the release's page, and is in the promises;
no byte is lost, doubled or reordered, whatever is chosen; the same choices give the same run.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator import (
    BIO,
    BufferBIO,
    Connection,
    Context,
    ErrorCode,
    ErrorQueue,
    Mode,
    Option,
    load_profile,
    make_bio_pair,
    make_scripted_bio_pair,
)
from emulator.api.protocols import leave_only, method_for
from emulator.error_queue import use
from emulator.pages.page import page_of

RELEASES = [
    *("0.9.6c", "0.9.6m", "0.9.7a", "0.9.7m", "0.9.8k", "0.9.8l", "0.9.8zh", "1.0.0t", "1.0.1c", "1.0.1u"),
    *("1.0.2a", "1.0.2j", "1.0.2u", "1.1.0c", "1.1.0l", "1.1.1a", "1.1.1w", "3.0.16", "3.2.0", "3.5.4"),
]
KINDS = ["memory", "bio pair", "small bio pair", "scripted", "tight", "own", "buffered", "socket", "blocking"]
SIDES = ("client", "server")

WAITS = (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)
PERMISSIONS = {
    "blocking-early-return.want-read-while-renegotiating",
    "mode-early-return.want-read",
    "closed-connection.zero",
    "clean-close.zero-return",
}


class Stuck(Exception):  # noqa: N818 - no error of the emulator's
    """A blocking call waits for a peer that has nothing to say."""


class Own(BIO):
    """A BIO of a caller's own, which has neither blocks() nor look()."""

    def __init__(self, end):
        super().__init__()
        self.end = end

    def write(self, data):
        ret = self.end.write(data)
        self.flags, self.errno = self.end.flags, self.end.errno
        return ret

    def read(self, n):
        data = self.end.read(n)
        self.flags, self.errno, self.ret = self.end.flags, self.end.errno, self.end.ret
        return data


@dataclass
class Side:
    """One connection, what its caller has written, and what was read from it."""

    connection: Connection
    errors: ErrorQueue = field(default_factory=ErrorQueue)
    unfinished: bytes | None = None
    offered: bytearray = field(default_factory=bytearray)
    accepted: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)
    writes: int = 0
    failed: bool = False
    gave_up: bool = False


class World:
    """A client and a server that keep what the pages ask of callers; ``log`` has every answer."""

    def __init__(self, release, kind, *, auto_retry, partial, protocol, **settings):
        self.kind = kind
        self.bios = self._transport()
        protocol = protocol if load_profile(release).speaks(protocol) else "TLSv1"
        settings = {"method": method_for(load_profile(release), protocol), "undefined": "ignore", **settings}
        contexts = [Context(release, **settings) for _ in range(2)]
        for context in contexts:
            context.security_level = 0
            leave_only(context, protocol)
            if protocol != "TLSv1.3":
                context.set_cipher_list(
                    "AES128-SHA:DES-CBC3-SHA:@SECLEVEL=0" if protocol == "TLSv1.2" else "ALL"
                )
            (context.set_mode if auto_retry else context.clear_mode)(Mode.AUTO_RETRY)
            (context.set_mode if partial else context.clear_mode)(Mode.ENABLE_PARTIAL_WRITE)
            if "ALLOW_CLIENT_RENEGOTIATION" in context.profile.options:
                context.set_options(Option.ALLOW_CLIENT_RENEGOTIATION)
        contexts[1].use_fixture()
        self.sides = [self._side(*ends) for ends in zip(contexts, self.bios, strict=True)]
        self.sides[0].connection.set_connect_state()
        self.sides[1].connection.set_accept_state()
        self.log = []
        self.promised = []
        self._shake_hands()
        if kind == "blocking":
            self.bios[0].wait = self._wait

    def close(self):
        if self.kind == "socket":
            for sock in self.bios:
                sock.close()

    def _transport(self):
        match self.kind:
            case "memory":
                return None, None
            case "bio pair" | "own" | "buffered":
                # A BIO that is read ahead of has room again, so the peer's writes must not depend on that.
                one, other = make_bio_pair(1 << 22 if self.kind == "own" else 1 << 16)
                wraps = {"own": Own, "buffered": BufferBIO}.get(self.kind, lambda bio: bio)
                return wraps(one), other
            case "small bio pair":
                return make_bio_pair(700)
            case "tight":
                return make_scripted_bio_pair(900, 900)
            case "socket":
                pair = socket.socketpair()
                for sock in pair:
                    sock.setblocking(False)
                return pair
            case _:
                return make_scripted_bio_pair()

    def _side(self, context, end):
        if self.kind == "socket":
            return Side(Connection(context=context, sock=end))
        return Side(Connection(context=context, bio=end))

    def _shake_hands(self):
        done = [False, False]
        for _ in range(100):
            for number, side in enumerate(self.sides):
                done[number] = done[number] or self._quietly(side, side.connection.do_handshake) == 1
                self.move()
            if all(done):
                return
        raise AssertionError("no handshake")

    def _quietly(self, side, call):
        side.errors.clear()
        previous = use(side.errors)
        try:
            return call()
        finally:
            use(previous)

    def move(self):
        """Let what was sent arrive."""
        if self.kind == "memory":
            one, other = (side.connection for side in self.sides)
            other.bio_write(one.bio_read(1 << 20))
            one.bio_write(other.bio_read(1 << 20))
        elif self.kind in ("scripted", "tight", "blocking"):
            for bio in self.bios:
                bio.outgoing.deliver()
        elif self.kind == "buffered":
            self.bios[0].flush()

    def _wait(self, bio, what):
        """The client waits: the server reads."""
        self.move()
        self._read(self.sides[1])
        self.move()
        if what == "read" and not bio.incoming.arrived:
            raise Stuck

    # -- what the callers do --------------------------------------------------------------------

    def do(self, number, action, size):
        """One step; the log gets its answer and how many promises there are."""
        side = self.sides[number]
        try:
            ret, error = getattr(self, f"_{action}")(side, size)
        except Stuck:
            ret, error = "stuck", None
        self.log.append((number, action, ret, error))
        self.promised.append(sum(each.connection.promises.made for each in self.sides))
        if ret != "stuck":
            self.move()
        return ret != "stuck"

    def _answer(self, side, call):
        connection = side.connection

        def make():
            ret = call()
            return ret, connection.get_error(ret)

        ret, error = self._quietly(side, make)
        side.failed = side.failed or (ret <= 0 and error in (ErrorCode.SSL, ErrorCode.SYSCALL))
        return ret, error

    def _write(self, side, size):
        if side.gave_up:  # a caller whose write has failed for good writes nothing else
            return 0, None
        data = side.unfinished
        if data is None:
            side.writes += 1
            data = bytes((side.writes + 31 * i) % 251 for i in range(size))
            side.offered += data
        side.unfinished = data
        ret, error = self._answer(side, lambda: side.connection.write(data))
        if ret > 0:
            side.accepted += data[:ret]
        side.gave_up = ret <= 0 and error in (ErrorCode.SSL, ErrorCode.SYSCALL)
        if error not in WAITS:
            side.unfinished = data[ret:] or None if ret > 0 else None  # a partial write
        if error is ErrorCode.ZERO_RETURN:  # nothing was written
            del side.offered[-len(data) :]
        return ret, error

    def _nothing(self, side, _size):
        if side.unfinished is not None:
            return self._write(side, 0)
        ret, error = self._answer(side, lambda: side.connection.write(b""))
        return ret, error

    def _read(self, side, _size=0):
        data = bytearray()

        def read():
            ret, piece = side.connection.read(1 << 14)
            data.extend(piece)
            return ret

        answer = self._answer(side, read)
        side.received += data
        return answer

    def _ask(self, side, _size):
        """A server sends its HelloRequest, a client its hello; not amid a write."""
        if side.unfinished is not None or side.connection.in_init():
            return 0, None
        if self._quietly(side, side.connection.renegotiate) != 1:
            return 0, None
        if side is self.sides[0] and self.kind == "blocking":
            return 1, None  # the next write does it
        ret, error = self._answer(side, side.connection.do_handshake)
        return ret, error

    def _hang_up(self, side, _size):
        """The end of the transport, without a close_notify."""
        if self.kind not in ("scripted", "tight", "blocking"):
            return 0, None
        self.bios[self.sides.index(side)].outgoing.ended = True
        return 1, None

    def _shutdown(self, side, _size):
        if side.unfinished is not None or side.connection.in_init():
            return 0, None
        return self._answer(side, side.connection.shutdown)

    def settle(self):
        """Both sides go on until nothing changes any more."""
        quiet = 0
        for _ in range(400):
            before = [len(side.received) for side in self.sides]
            for number, side in enumerate(self.sides):
                if side.unfinished is not None and not self.do(number, "write", 0):
                    return
                if number == 0 and self.kind == "blocking":
                    arrived = self.bios[0].incoming.arrived
                    if not arrived and not side.connection.pending():
                        continue
                if not self.do(number, "read", 0):
                    return
            changed = [len(side.received) for side in self.sides] != before
            quiet = 0 if changed or any(side.unfinished for side in self.sides) else quiet + 1
            if quiet == 3:
                return

    def dead(self):
        """Whether an end has failed, was shut down, waits for ever, or answered as only the undefined may."""
        stuck = any(ret == "stuck" for _, _, ret, _ in self.log)
        ended = any(action == "hang_up" for _, action, *_ in self.log)
        promises = [promise for each in self.promises() for promise in each]
        undefined = any(
            promise.clause == "num-zero.undefined" and promise.ret is not None for promise in promises
        )
        return (
            stuck
            or ended
            or undefined
            or any(side.failed or side.connection.get_shutdown() for side in self.sides)
        )

    def promises(self):
        return [tuple(side.connection.promises) for side in self.sides]


STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["write", "write", "write", "read", "read", "ask", "nothing", "shutdown", "hang_up"]),
        st.sampled_from([1, 5, 100, 1000, 20000, 50000]),
    ),
    max_size=12,
)
POLICIES = st.one_of(
    st.sampled_from(["eager", "library", "never"]),
    st.integers(0, 1 << 16),
    st.lists(st.sampled_from([0, 1, 1]), max_size=12),
)
WORLDS = st.fixed_dictionaries(
    {
        "release": st.sampled_from(RELEASES),
        "kind": st.sampled_from(KINDS),
        "protocol": st.sampled_from(["TLSv1", "TLSv1", "SSLv3", "TLSv1.2", "TLSv1.3"]),
        "auto_retry": st.booleans(),
        "partial": st.booleans(),
    }
)


def run(world, steps, **settings):
    made = World(**world, **settings)
    try:
        for step in steps:
            if not made.do(*step):
                break
        else:
            made.settle()
    finally:
        made.close()
    return made


@settings(deadline=None, max_examples=250)
@given(WORLDS, STEPS, POLICIES)
def test_an_answer_that_is_not_the_librarys_is_permitted_by_a_clause_and_recorded(world, steps, policy):
    by_the_page = run(world, steps, policy=policy)
    by_the_library = run(world, steps, follow="library")
    page = page_of(load_profile(world["release"]))
    for promise in (promise for promises in by_the_page.promises() for promise in promises):
        assert page.has(promise.clause), promise
        assert promise.page == page.cited(page.clause(promise.clause.partition(".")[0]))
    answers = zip(by_the_page.log, by_the_library.log, by_the_page.promised, strict=False)
    for number, (ours, theirs, promised) in enumerate(answers):
        if promised:
            break
        assert ours == theirs, f"step {number} differs, and nothing was promised"
    if not any(by_the_page.promised):
        assert by_the_page.log == by_the_library.log


@settings(deadline=None, max_examples=250)
@given(WORLDS, STEPS, POLICIES)
@example(
    {"release": "0.9.6c", "kind": "scripted", "protocol": "TLSv1", "auto_retry": False, "partial": False},
    [(0, "ask", 1), (1, "hang_up", 1), (0, "write", 1), (1, "write", 1), (0, "write", 1)],
    0,
)
def test_no_byte_is_lost_doubled_or_reordered(world, steps, policy):
    made = run(world, steps, policy=policy)
    shut_down = {number for number, action, *_ in made.log if action == "shutdown"}
    for reader, (here, there) in ((1, made.sides), (0, made.sides[::-1])):
        if reader not in shut_down:  # SSL_shutdown() drops what it reads
            assert here.offered.startswith(there.received)
        if not made.dead():
            assert there.received == here.accepted


@settings(deadline=None, max_examples=100)
@given(WORLDS, STEPS, POLICIES)
def test_the_same_policy_gives_the_same_run(world, steps, policy):
    first, second = (run(world, steps, policy=policy) for _ in range(2))
    assert first.log == second.log
    assert first.promises() == second.promises()


@settings(deadline=None, max_examples=100)
@given(WORLDS, STEPS, st.sampled_from(["library", "never"]))
def test_who_never_takes_a_permission_has_none_in_the_promises(world, steps, policy):
    made = run(world, steps, policy=policy)
    for promise in (promise for promises in made.promises() for promise in promises):
        assert promise.clause not in PERMISSIONS
        assert promise.clause != "num-zero.undefined" or promise.ret is None
