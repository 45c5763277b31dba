"""An s_server and an s_client of a chosen generation on real sockets."""

from emulator.peers.client import Outcome, connect
from emulator.peers.events import Event
from emulator.peers.log import Log, NothingCame
from emulator.peers.server import Server

__all__ = ["Event", "Log", "NothingCame", "Outcome", "Server", "connect"]
