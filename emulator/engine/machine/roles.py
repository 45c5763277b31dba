"""Which handshake and which machine a connection has: by the release's design, the method and the role.

A program imports what its own connections need: a release has the machines of one design, and many programs
are clients only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL, Machine
    from emulator.handshake.client import ClientHandshake
    from emulator.handshake.server import ServerHandshake


def new_handshake(s: SSL) -> ClientHandshake | ServerHandshake:
    """The handshake of ``s``, whose role is set."""
    if s.server:
        from emulator.handshake.server import ServerHandshake  # noqa: PLC0415

        return ServerHandshake(s.config)
    from emulator.handshake.client import ClientHandshake  # noqa: PLC0415

    return ClientHandshake(s.config)


def new_machine(s: SSL) -> Machine:
    """The machine of ``s``, whose role and method are set."""
    if s.profile.machine.design is Design.MESSAGE_FLOW:
        return _message_flow(s)
    return _generic(s) if s.generic else _states(s)


def _message_flow(s: SSL) -> Machine:
    if s.server:
        from emulator.engine.machine.flow_server import ServerFlow  # noqa: PLC0415

        return ServerFlow(s)
    from emulator.engine.machine.flow_client import ClientFlow  # noqa: PLC0415

    return ClientFlow(s)


def _generic(s: SSL) -> Machine:
    """The machine of a generic method whose version is still open."""
    from emulator.engine.machine.generic import GenericClient, GenericServer  # noqa: PLC0415

    return GenericServer(s) if s.server else GenericClient(s)


def _states(s: SSL) -> Machine:
    if s.server:
        from emulator.engine.machine.states_server import ServerStates  # noqa: PLC0415

        return ServerStates(s)
    from emulator.engine.machine.states_client import ClientStates  # noqa: PLC0415

    return ClientStates(s)
