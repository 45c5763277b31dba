"""A transcript's calls as the steps of a scenario: calls are steps, and the transport's answers are, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.api.protocols import MODES
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.contract.events import BioOperation, CallEvent

    Step = dict[str, Any]

_LONGEST = 524_288
"""The bytes of a scenario's buffer."""

_OTHER = {"client": "server", "server": "client"}
_TITLE = "A transcript"

_NO_EFFECT = frozenset(
    {
        "get_error",
        "has_pending",
        "in_init",
        "is_init_finished",
        "is_server",
        "num_renegotiations",
        "renegotiate_pending",
        "session_reused",
        "total_renegotiations",
        "version",
        "want",
    }
)
"""Calls that change nothing, beside those whose names begin with "get_"; a scenario leaves them out."""


def scenario_of(events: list[CallEvent], world: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of a script; UsageError for what it cannot say, which names the call."""
    releases = world["releases"]
    if set(releases) != set(_OTHER):
        raise UsageError("this transcript has one connection, and a scenario has a client and a server")
    if releases["client"] != releases["server"]:
        raise UsageError(
            f"the client is of {releases['client']}, the server of {releases['server']}, "
            "and a scenario runs on one release"
        )
    ended: set[str] = set()
    steps = [step for event in events for step in _steps_of(event, ended)]
    scenario = {"title": _TITLE, "profiles": [releases["client"]], "steps": steps}
    for key in ("protocol", "client", "server"):
        if world.get(key) is not None:
            scenario[key] = world[key]
    if world.get("cipher") is not None and world.get("protocol") != "TLSv1.3":
        scenario["cipher"] = world["cipher"]
    return scenario


def _steps_of(event: CallEvent, ended: set[str]) -> Iterator[Step]:
    if event.name in _NO_EFFECT or event.name.startswith("get_") or _was_refused(event):
        return
    if event.blocking:
        raise _untold(event, "its transport blocks, and the threads of both sides are no steps")
    make = _STEPS.get(event.name)
    if make is None:
        raise _untold(event, "a scenario has no step for this call")
    step = {"who": event.who, "do": "", **make(event)}
    for _, _, text in [entry for entry in event.queue_before if not entry[0]]:
        raise _untold(event, f"the queue held {text!r}, an error of no library")
    for lib, reason, _ in event.queue_before:
        yield {"who": event.who, "do": "put_error", "lib": lib, "reason": reason}
    yield from _transport_of(event, ended)
    if event.queue_before:
        step["keep_queue"] = True
    yield step


def _was_refused(event: CallEvent) -> bool:
    """Whether the emulator refused the call's arguments, so that nothing was done."""
    return event.raised is not None and not event.raised.startswith("SimulatedCrash")


def _untold(event: CallEvent, why: str) -> UsageError:
    return UsageError(f"call {event.number}, {event.who}.{event.name}(): {why}")


# -- the transport ---------------------------------------------------------------------------------


def _transport_of(event: CallEvent, ended: set[str]) -> Iterator[Step]:
    """The steps that make the transport answer the call as it did."""
    peer = _OTHER[event.who]
    if event.delivers:
        step: Step = {"from": peer, "do": "deliver"}
        yield step if event.delivers_all else {**step, "bytes": event.delivers}
    reads = [each for each in event.operations if each.op == "read" and each.ret <= 0 and not each.retry]
    for read in reads[:1]:
        if read.ret == 0 and peer not in ended:
            ended.add(peer)
            yield {"from": peer, "do": "eof"}
        elif read.ret < 0:
            yield {"who": event.who, "do": "fail_read", "errno": read.errno}
    writes = [each for each in event.operations if each.op == "write"]
    if any(write.ret != write.size for write in writes):
        yield {"who": event.who, "do": "plan", "plan": [_planned(write) for write in writes]}


def _planned(write: BioOperation) -> Any:
    if write.ret > 0:
        return write.ret
    if write.retry:
        return "zero-retry" if write.ret == 0 else "retry"
    if write.ret == 0:
        return "zero"
    return {"errno": write.errno} if write.errno else "fail"


# -- calls -----------------------------------------------------------------------------------------


def _write(event: CallEvent) -> Step:
    size = event.arguments.get("num", len(event.data))
    if size > _LONGEST:
        raise _untold(event, f"it wrote {size} bytes, and a buffer of a scenario has {_LONGEST}")
    step: Step = {"do": event.name, "size": size}
    if event.buffer != "a":
        step["buffer"] = event.buffer
    if event.data:
        step["data"] = event.data.hex()
    if event.arguments.get("written"):
        step["written_before"] = event.arguments["written"]
    return step


def _reads(event: CallEvent) -> Step:
    return {"do": event.name, "size": event.arguments["n"]}


def _plain(do: str) -> Callable[[CallEvent], Step]:
    return lambda _event: {"do": do}


def _with_number(key: str) -> Callable[[CallEvent], Step]:
    return lambda event: {"do": event.name, key: next(iter(event.arguments.values()))}


def _modes(event: CallEvent) -> Step:
    bits = next(iter(event.arguments.values()))
    names = [name for name, bit in MODES.items() if bits & bit]
    if sum(MODES[name] for name in names) != bits:
        raise _untold(event, f"{bits:#x} has a mode without a name")
    return {"do": event.name, "modes": names}


def _connect(event: CallEvent) -> Step:
    if (event.name == "connect") != (event.who == "client"):
        raise _untold(event, "the step 'connect' is SSL_connect() of a client and SSL_accept() of a server")
    return {"do": "connect"}


def _quiet(event: CallEvent) -> Step:
    if next(iter(event.arguments.values())) != 1:
        raise _untold(event, "the step 'set_quiet_shutdown' sets it to 1")
    return {"do": event.name}


def _unset_bio(event: CallEvent) -> Step:
    if event.arguments:
        raise _untold(event, "a scenario has no step for another transport")
    return {"do": "unset_bio"}


_STEPS: dict[str, Callable[[CallEvent], Step]] = {
    **dict.fromkeys(("write", "write_ex"), _write),
    **dict.fromkeys(("read", "read_ex", "peek"), _reads),
    **dict.fromkeys(("connect", "accept"), _connect),
    **dict.fromkeys(("set_mode", "clear_mode"), _modes),
    **dict.fromkeys(("set_max_send_fragment", "set_split_send_fragment"), _with_number("size")),
    **{
        name: _plain(name)
        for name in ("renegotiate", "renegotiate_abbreviated", "clear", "shutdown", "pending")
    },
    "do_handshake": _plain("handshake"),
    "key_update": _with_number("request"),
    "set_shutdown": _with_number("flags"),
    "set_quiet_shutdown": _quiet,
    "set_bio": _unset_bio,
    "close": _plain("unset_bio"),  # all that close() does
}
"""The calls that are steps of a scenario, and what makes the step of each."""
