"""OpenSSL's write path, call by call, as a chosen generation of OpenSSL behaved.

The names below are loaded when they are first used, so that importing the package costs little.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.bio import (
        BIO,
        BufferBIO,
        MemoryBIO,
        PairBIO,
        ScriptedBIO,
        SocketBIO,
        make_pair,
        make_scripted_pair,
    )
    from emulator.buffer import Buffer
    from emulator.comparison import Comparison
    from emulator.comparison.compare import compare
    from emulator.connection import Connection
    from emulator.constants import ErrorCode, Mode, Option, Shutdown, Want
    from emulator.context import Context
    from emulator.engine.manual import Promise
    from emulator.error_queue import (
        ErrorEntry,
        ErrorQueue,
        clear_error,
        get_error,
        peek_error,
        peek_last_error,
        put_error,
    )
    from emulator.exceptions import (
        Deadlock,
        EmulatorError,
        NotEmulated,
        ProfileError,
        ScriptError,
        SimulatedCrash,
        UndefinedBehaviourError,
        UndefinedBehaviourWarning,
        UnknownProfile,
        UsageError,
    )
    from emulator.pair import Pair, connected_pair
    from emulator.profile import Profile, list_profiles, load_profile
    from emulator.scenario.script import Script

_HOME = {
    "BIO": "bio",
    "BufferBIO": "bio",
    "MemoryBIO": "bio",
    "PairBIO": "bio",
    "ScriptedBIO": "bio",
    "SocketBIO": "bio",
    "make_pair": "bio",
    "make_scripted_pair": "bio",
    "Buffer": "buffer",
    "Comparison": "comparison",
    "compare": "comparison",
    "Connection": "connection",
    "Context": "context",
    "ErrorCode": "constants",
    "Mode": "constants",
    "Option": "constants",
    "Shutdown": "constants",
    "Want": "constants",
    "ErrorEntry": "error_queue",
    "ErrorQueue": "error_queue",
    "clear_error": "error_queue",
    "get_error": "error_queue",
    "peek_error": "error_queue",
    "peek_last_error": "error_queue",
    "put_error": "error_queue",
    "Deadlock": "exceptions",
    "EmulatorError": "exceptions",
    "NotEmulated": "exceptions",
    "ProfileError": "exceptions",
    "ScriptError": "exceptions",
    "SimulatedCrash": "exceptions",
    "UndefinedBehaviourError": "exceptions",
    "UndefinedBehaviourWarning": "exceptions",
    "UnknownProfile": "exceptions",
    "UsageError": "exceptions",
    "Pair": "pair",
    "connected_pair": "pair",
    "Profile": "profile",
    "Promise": "engine.manual",
    "list_profiles": "profile",
    "load_profile": "profile",
    "Script": "scenario.script",
}

__all__ = [
    "BIO",
    "Buffer",
    "BufferBIO",
    "Comparison",
    "Connection",
    "Context",
    "Deadlock",
    "EmulatorError",
    "ErrorCode",
    "ErrorEntry",
    "ErrorQueue",
    "MemoryBIO",
    "Mode",
    "NotEmulated",
    "Option",
    "Pair",
    "PairBIO",
    "Profile",
    "ProfileError",
    "Promise",
    "Script",
    "ScriptError",
    "ScriptedBIO",
    "Shutdown",
    "SimulatedCrash",
    "SocketBIO",
    "UndefinedBehaviourError",
    "UndefinedBehaviourWarning",
    "UnknownProfile",
    "UsageError",
    "Want",
    "clear_error",
    "compare",
    "connected_pair",
    "get_error",
    "list_profiles",
    "load_profile",
    "make_pair",
    "make_scripted_pair",
    "peek_error",
    "peek_last_error",
    "put_error",
]


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'emulator' has no attribute {name!r}")
    value = getattr(import_module(f"emulator.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
