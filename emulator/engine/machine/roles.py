"""Which handshake machine a connection has: by the release's design, the method and the role.

A program imports what its own connections need: a release has the machines of one design, and many programs
are clients only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL, Machine


def new_machine(s: SSL) -> Machine:
    """The machine of ``s``, whose role and method are set; the handshake's messages come with it."""
    if s.profile.machine.design is Design.MESSAGE_FLOW:
        return _message_flow(s)
    return _generic(s) if s.generic else _states(s)


def _message_flow(s: SSL) -> Machine:
    from emulator.engine.machine.flow.loop import FlowMachine  # noqa: PLC0415

    if s.server:
        from emulator.engine.machine.flow.server import ServerRules  # noqa: PLC0415

        return FlowMachine(s, ServerRules)
    from emulator.engine.machine.flow.client import ClientRules  # noqa: PLC0415

    return FlowMachine(s, ClientRules)


def _generic(s: SSL) -> Machine:
    """The machine of a generic method whose version is still open."""
    from emulator.engine.machine.states.generic import GenericClient, GenericServer  # noqa: PLC0415

    return GenericServer(s) if s.server else GenericClient(s)


def _states(s: SSL) -> Machine:
    from emulator.engine.machine.states.loop import StatesMachine  # noqa: PLC0415

    if s.server:
        from emulator.engine.machine.states.server import ServerStates  # noqa: PLC0415

        return StatesMachine(s, ServerStates)
    from emulator.engine.machine.states.client import ClientStates  # noqa: PLC0415

    return StatesMachine(s, ClientStates)
