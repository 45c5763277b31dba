"""The world of a scenario: contexts and connections set up as the recorder set them up.

Methods, options and the cipher suite are those of "The world of a scenario"; what a release lacks makes a
scenario unsupported.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from emulator.behaviours.get_error import QueueOf
from emulator.bio import ScriptedBIO, make_scripted_bio_pair
from emulator.connection import Connection
from emulator.constants import Mode
from emulator.context import Context
from emulator.error_queue import ErrorQueue, use
from emulator.exceptions import EmulatorError, NotEmulated
from emulator.handshake.common.session import TicketKeys
from emulator.scenario.wire import WireMeter
from emulator.settings import bits, leave_only, method_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.context import Authority
    from emulator.profile import Profile
    from emulator.scenario.model import Side, World

MODES = {mode.name: mode.value for mode in Mode if mode.name is not None}
"""Modes were set by number, so that a release keeps bits it doesn't know (traces of 0.9.7m)."""

SUBSTITUTES = {"AES128-SHA": "DES-CBC3-SHA"}
"""0.9.6 has no AES: DES-CBC3-SHA was used wherever AES128-SHA is named."""


class Unsupported(EmulatorError):  # noqa: N818 - an answer, not a mistake
    """The release lacks the protocol or the cipher suite that the scenario is about."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} is not supported")


class Peer:
    """One side while a scenario runs: its connection and transport, its error queue, what it sent."""

    __slots__ = ("bio", "conn", "errors", "meter", "who")

    def __init__(self, who: str, context: Context, bio: ScriptedBIO) -> None:
        self.who = who
        self.bio = bio
        self.errors = ErrorQueue()
        self.meter = WireMeter()
        bio.on_accept = self.meter.accept
        self.conn = Connection(context=context, bio=bio)


class Worlds:
    """Makes the two peers of a scenario; contexts are made once for every way to set one up.

    ``follow`` is the authority of all of them: recordings follow the library.  ``make_bios`` makes the two
    ends of a transport.
    """

    def __init__(self, profile: Profile, follow: Authority = "library") -> None:
        self.profile = profile
        self.follow = follow
        self.make_bios: Callable[[], tuple[ScriptedBIO, ScriptedBIO]] = make_scripted_bio_pair
        self._contexts: dict[tuple[object, ...], Context] = {}

    def check(self, world: World, *, establishes: bool) -> None:
        """Raise Unsupported if the release lacks the protocol.

        A build without SSLv3 whose methods take any version lets a connection try, and only the handshake
        fails; that is unsupported just if the scenario begins with an established connection.
        """
        protocol = world.protocol
        if protocol not in self.profile.exists.protocols:
            raise Unsupported(protocol)
        if not self.profile.speaks(protocol) and (establishes or method_for(self.profile, protocol)):
            raise Unsupported(protocol)

    def make(self, world: World, seed: str) -> tuple[Peer, Peer]:
        """Client and server, not connected yet; raises Unsupported for a cipher that the release lacks.

        The same ``seed`` gives the same keys, so that what depends on them is the same in every run.
        """
        bios = self.make_bios()
        client = self._peer("client", world, world.client, bios[0], seed)
        server = self._peer("server", world, world.server, bios[1], seed)
        if self.profile.get_error.queue is QueueOf.PROCESS:
            server.errors = client.errors
        return client, server

    def _peer(self, who: str, world: World, side: Side, bio: ScriptedBIO, seed: str) -> Peer:
        context = self._context(who, world, side)
        context.random = random.Random(f"{who} {seed}").randbytes  # noqa: S311 - reproducible, not secret
        context.clock = _standing_clock
        context.ticket_keys = TicketKeys.generate(self.profile.handshake.ticket_key_length, context.random)
        peer = Peer(who, context, bio)
        if side.no_state:
            return peer
        previous = use(peer.errors)
        try:
            if who == "client":
                peer.conn.set_connect_state()
            else:
                peer.conn.set_accept_state()
        finally:
            use(previous)
        return peer

    def _context(self, who: str, world: World, side: Side) -> Context:
        key = (who, world.protocol, world.cipher, side.modes, side.clear_modes, side.options)
        context = self._contexts.get(key)
        if context is None:
            previous = use(ErrorQueue())
            try:
                context = self._contexts[key] = self._make_context(who, world, side)
            except NotEmulated:
                raise Unsupported(world.protocol) from None
            finally:
                use(previous)
        return context

    def _make_context(self, who: str, world: World, side: Side) -> Context:
        method = method_for(self.profile, world.protocol)
        context = Context(self.profile, method=method, follow=self.follow, undefined="ignore")
        leave_only(context, world.protocol)
        self._choose_cipher(context, world.cipher)
        options = (*side.options, "NO_COMPRESSION")
        context.set_options(bits(options, self.profile.options))
        if side.modes:
            context.set_mode(bits(side.modes, MODES))
        if side.clear_modes:
            context.clear_mode(bits(side.clear_modes, MODES))
        if context.profile.ciphers.security_levels:
            context.security_level = 0  # as in the recordings, or 3.0 would not speak TLS 1.0
        if who == "server":
            context.use_fixture()
        return context

    @staticmethod
    def _choose_cipher(context: Context, cipher: str | None) -> None:
        if cipher is None or _takes_cipher(context, cipher):
            return
        if not (cipher in SUBSTITUTES and _takes_cipher(context, SUBSTITUTES[cipher])):
            raise Unsupported(cipher)


def _standing_clock() -> float:
    """A clock that stands still, at a number of four bytes as in the recordings: a ticket holds it."""
    return 1_700_000_000.0


def _takes_cipher(context: Context, cipher: str) -> bool:
    """Whether the list can be set and is not empty: 0.9.6 takes any string."""
    return bool(context.set_cipher_list(cipher) and context.cipher_suites)
