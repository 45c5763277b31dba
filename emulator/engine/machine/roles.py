"""Which handshake machine a connection has: by the release's design, the method and the role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design
from emulator.engine.machine.flow_client import ClientFlow
from emulator.engine.machine.flow_server import ServerFlow
from emulator.engine.machine.generic import GenericClient, GenericServer
from emulator.engine.machine.states_client import ClientStates
from emulator.engine.machine.states_server import ServerStates

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL, Machine

_MACHINES: dict[tuple[Design, bool, bool], Callable[[SSL], Machine]] = {
    (Design.STATES, False, False): ClientStates,
    (Design.STATES, False, True): ServerStates,
    (Design.STATES, True, False): GenericClient,
    (Design.STATES, True, True): GenericServer,
    (Design.MESSAGE_FLOW, False, False): ClientFlow,
    (Design.MESSAGE_FLOW, False, True): ServerFlow,
}
"""By design, whether the version is still open in a generic method, and whether this is the server."""


def new_machine(s: SSL) -> Machine:
    """The machine of ``s``, whose role and method are set."""
    return _MACHINES[s.profile.machine.design, s.generic, s.server](s)
