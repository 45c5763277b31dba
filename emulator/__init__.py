"""OpenSSL's write path, call by call, as a chosen generation of OpenSSL behaved.

The names of ``__all__`` are loaded when they are first used, so that importing the package costs little.

The modules stand in five groups:

API: connection, context, pair, buffer, bio, error_queue, constants, exceptions, profile; api has their parts.
Contract: contract.
Engine: engine, handshake, record.
Data: profiles, pages, behaviours, release, compiled, data, library, knowledge, audit.
Tools: scenario, explaining, lanes, comparison, report, peers, reallib, cli, demo, terminal.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.bio import BIO as BIO
    from emulator.bio import BufferBIO as BufferBIO
    from emulator.bio import MemoryBIO as MemoryBIO
    from emulator.bio import PairBIO as PairBIO
    from emulator.bio import ScriptedBIO as ScriptedBIO
    from emulator.bio import SocketBIO as SocketBIO
    from emulator.bio import make_bio_pair as make_bio_pair
    from emulator.bio import make_scripted_bio_pair as make_scripted_bio_pair
    from emulator.buffer import Buffer as Buffer
    from emulator.comparison import Comparison as Comparison
    from emulator.comparison.compare import compare as compare
    from emulator.connection import Connection as Connection
    from emulator.constants import ErrorCode as ErrorCode
    from emulator.constants import Mode as Mode
    from emulator.constants import Option as Option
    from emulator.constants import Shutdown as Shutdown
    from emulator.constants import Want as Want
    from emulator.context import Context as Context
    from emulator.contract.explanation import Explanation as Explanation
    from emulator.contract.findings import Finding as Finding
    from emulator.contract.findings import FindingError as FindingError
    from emulator.contract.findings import Findings as Findings
    from emulator.contract.ledger import Ledger as Ledger
    from emulator.contract.losses import Loss as Loss
    from emulator.contract.progress import Progress as Progress
    from emulator.contract.transcript import Transcript as Transcript
    from emulator.engine.early_data.calls import ReadEarlyData as ReadEarlyData
    from emulator.engine.manual.choice import Choice as Choice
    from emulator.engine.manual.choice import Outcome as Outcome
    from emulator.engine.manual.promise import Promise as Promise
    from emulator.error_queue import ERR_clear_error as ERR_clear_error
    from emulator.error_queue import ERR_get_error as ERR_get_error
    from emulator.error_queue import ERR_peek_error as ERR_peek_error
    from emulator.error_queue import ERR_peek_last_error as ERR_peek_last_error
    from emulator.error_queue import ERR_put_error as ERR_put_error
    from emulator.error_queue import ErrorEntry as ErrorEntry
    from emulator.error_queue import ErrorQueue as ErrorQueue
    from emulator.exceptions import Deadlock as Deadlock
    from emulator.exceptions import EmulatorError as EmulatorError
    from emulator.exceptions import LedgerError as LedgerError
    from emulator.exceptions import NoProgress as NoProgress
    from emulator.exceptions import NotEmulated as NotEmulated
    from emulator.exceptions import ProfileError as ProfileError
    from emulator.exceptions import ScriptError as ScriptError
    from emulator.exceptions import SimulatedCrash as SimulatedCrash
    from emulator.exceptions import UndefinedBehaviourError as UndefinedBehaviourError
    from emulator.exceptions import UndefinedBehaviourWarning as UndefinedBehaviourWarning
    from emulator.exceptions import UnknownProfile as UnknownProfile
    from emulator.exceptions import UsageError as UsageError
    from emulator.explaining.about import explain as explain
    from emulator.handshake.common.session import Session as Session
    from emulator.pair import Pair as Pair
    from emulator.pair import connected_pair as connected_pair
    from emulator.profile import Profile as Profile
    from emulator.profile import list_profiles as list_profiles
    from emulator.profile import load_profile as load_profile
    from emulator.scenario.script import Script as Script

__version__ = "0.2.0.dev0"
"""The version of the distribution ``openssl-emulator``; pyproject.toml reads it here."""

_PUBLIC = {
    "bio": (
        "BIO",
        "BufferBIO",
        "MemoryBIO",
        "PairBIO",
        "ScriptedBIO",
        "SocketBIO",
        "make_bio_pair",
        "make_scripted_bio_pair",
    ),
    "buffer": ("Buffer",),
    "comparison": ("Comparison",),
    "comparison.compare": ("compare",),
    "connection": ("Connection",),
    "constants": ("ErrorCode", "Mode", "Option", "Shutdown", "Want"),
    "context": ("Context",),
    "contract.explanation": ("Explanation",),
    "contract.findings": ("Finding", "FindingError", "Findings"),
    "contract.ledger": ("Ledger",),
    "contract.losses": ("Loss",),
    "contract.progress": ("Progress",),
    "contract.transcript": ("Transcript",),
    "engine.early_data.calls": ("ReadEarlyData",),
    "engine.manual.choice": ("Choice", "Outcome"),
    "engine.manual.promise": ("Promise",),
    "error_queue": (
        "ERR_clear_error",
        "ERR_get_error",
        "ERR_peek_error",
        "ERR_peek_last_error",
        "ERR_put_error",
        "ErrorEntry",
        "ErrorQueue",
    ),
    "exceptions": (
        "Deadlock",
        "EmulatorError",
        "LedgerError",
        "NoProgress",
        "NotEmulated",
        "ProfileError",
        "ScriptError",
        "SimulatedCrash",
        "UndefinedBehaviourError",
        "UndefinedBehaviourWarning",
        "UnknownProfile",
        "UsageError",
    ),
    "explaining.about": ("explain",),
    "handshake.common.session": ("Session",),
    "pair": ("Pair", "connected_pair"),
    "profile": ("Profile", "list_profiles", "load_profile"),
    "scenario.script": ("Script",),
}
"""The public names by the module that has each: the one list.  A test holds the imports above to it."""

_FORMER = {
    "bio": ("make_pair", "make_scripted_pair"),
    "error_queue": ("clear_error", "get_error", "peek_error", "peek_last_error", "put_error"),
}
"""Names that were changed after 0.1; they go with the release after the next."""

_HOME = {name: module for table in (_PUBLIC, _FORMER) for module, names in table.items() for name in names}

__all__ = sorted(name for names in _PUBLIC.values() for name in names)  # noqa: PLE0605 - one list


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first used."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'emulator' has no attribute {name!r}")
    value = getattr(import_module(f"emulator.{home}"), name)
    if name in __all__:
        globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
