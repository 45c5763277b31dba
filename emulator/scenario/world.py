"""The world of a scenario: contexts and connections set up as the recorder set them up.

Methods, options and the cipher suite are those of "The world of a scenario"; what a release lacks makes a
scenario unsupported.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from emulator.api.exists import is_absent
from emulator.api.protocols import MODES, bits, leave_only, method_for
from emulator.behaviours.get_error import QueueOf
from emulator.connection import Connection
from emulator.context import Context
from emulator.error_queue import ErrorQueue, use
from emulator.exceptions import NotEmulated
from emulator.handshake.common.session import TicketKeys
from emulator.scenario.budget import make_bios
from emulator.scenario.emulated import EmulatedSide
from emulator.scenario.kinds import KINDS, Part
from emulator.scenario.side import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import ScriptedBIO
    from emulator.context import Authority
    from emulator.profile import Profile
    from emulator.scenario.model import SideSettings, World
    from emulator.scenario.threads import SideThread

SUBSTITUTES = {"AES128-SHA": "DES-CBC3-SHA"}
"""0.9.6 has no AES: DES-CBC3-SHA was used wherever AES128-SHA is named."""


class Worlds:
    """Makes the two sides of a scenario; contexts are made once for every way to set one up.

    ``follow`` is the authority of all of them: recordings follow the library.  ``thread_of`` gives the thread
    of a side's blocking calls.
    """

    def __init__(self, profile: Profile, follow: Authority, thread_of: Callable[[str], SideThread]) -> None:
        self.profile = profile
        self.follow = follow
        self._thread_of = thread_of
        self._lacking = lacking(profile)
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

    def make(self, world: World, seed: str, most_calls: int | None = None) -> dict[str, EmulatedSide]:
        """Client and server, not connected yet; raises Unsupported for a cipher that the release lacks.

        The same ``seed`` gives the same keys, so that what depends on them is the same in every run.  After
        ``most_calls`` calls the transport raises EndlessError.
        """
        client_bio, server_bio = make_bios(most_calls)
        sides = {
            "client": self._side("client", world, world.client, client_bio, seed),
            "server": self._side("server", world, world.server, server_bio, seed),
        }
        if self.profile.get_error.queue is QueueOf.PROCESS:
            sides["server"].errors = sides["client"].errors
        return sides

    def _side(
        self, who: str, world: World, settings: SideSettings, bio: ScriptedBIO, seed: str
    ) -> EmulatedSide:
        context = self._context(who, world, settings)
        context.random = random.Random(f"{who} {seed}").randbytes  # noqa: S311 - reproducible, not secret
        context.clock = _standing_clock
        context.ticket_keys = TicketKeys.generate(self.profile.handshake.ticket_key_length, context.random)
        conn = Connection(context=context, bio=bio)
        side = EmulatedSide(who, conn, bio, self._lacking, self._thread_of)
        if not settings.no_state:
            side.run(conn.set_connect_state if who == "client" else conn.set_accept_state)
        return side

    def _context(self, who: str, world: World, settings: SideSettings) -> Context:
        key = (who, world.protocol, world.cipher, settings.modes, settings.clear_modes, settings.options)
        context = self._contexts.get(key)
        if context is None:
            previous = use(ErrorQueue())
            try:
                context = self._contexts[key] = self._make_context(who, world, settings)
            except NotEmulated:
                raise Unsupported(world.protocol) from None
            finally:
                use(previous)
        return context

    def _make_context(self, who: str, world: World, settings: SideSettings) -> Context:
        method = method_for(self.profile, world.protocol)
        context = Context(self.profile, method=method, follow=self.follow, undefined="ignore")
        leave_only(context, world.protocol)
        self._choose_cipher(context, world.cipher)
        options = (*settings.options, "NO_COMPRESSION")
        context.set_options(bits(options, self.profile.options))
        if settings.modes:
            context.set_mode(bits(settings.modes, MODES))
        if settings.clear_modes:
            context.clear_mode(bits(settings.clear_modes, MODES))
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


def lacking(profile: Profile) -> frozenset[str]:
    """The kinds of calls whose function the release does not have."""
    return frozenset(
        kind.name
        for kind in KINDS.values()
        if kind.part is Part.CALL and is_absent(profile, kind.function.removeprefix("SSL_"))
    )
