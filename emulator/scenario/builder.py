"""Steps as methods: ``client write 40000 buffer=b`` is ``.client.write(40_000, buffer="b")``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from emulator.scenario.model import Json

Chain = TypeVar("Chain")
Add: TypeAlias = Callable[[Json], Chain]
PlanAnswer: TypeAlias = int | str | dict[str, int]
"""A number of bytes, "retry", "zero", "zero-retry", "fail", or {"errno": number}."""


class SideSteps(Generic[Chain]):
    """The steps of one side, a method for each; every one adds its step and returns the script.

    Sizes and counts are in bytes.  What is left out of a step is what the scenario format says.
    """

    def __init__(self, who: str, add: Add[Chain]) -> None:
        self._who = who
        self._add = add

    def _call(self, do: str, *, keep_queue: bool = False, **arguments: object) -> Chain:
        """Add a step of this side; an argument that is None, or a queue that isn't kept, is left out."""
        given = {key: value for key, value in arguments.items() if value is not None}
        return self._add(
            {"who": self._who, "do": do, **given, **({"keep_queue": True} if keep_queue else {})}
        )

    def _from(self, do: str, **arguments: object) -> Chain:
        given = {key: value for key, value in arguments.items() if value is not None}
        return self._add({"from": self._who, "do": do, **given})

    # -- calls -------------------------------------------------------------------------------

    def write(
        self,
        size: int,
        *,
        buffer: str | None = None,
        fill: str | None = None,
        offset: int | None = None,
        keep_queue: bool = False,
    ) -> Chain:
        """SSL_write() of ``size`` bytes at ``offset`` of the named buffer, filled with a letter if given."""
        arguments = {"size": size, "buffer": buffer, "fill": fill, "offset": offset}
        return self._call("write", keep_queue=keep_queue, **arguments)

    def write_ex(
        self,
        size: int,
        *,
        buffer: str | None = None,
        fill: str | None = None,
        offset: int | None = None,
        written_before: int | None = None,
        keep_queue: bool = False,
    ) -> Chain:
        """SSL_write_ex(), whose ``*written`` held ``written_before``."""
        arguments = {"size": size, "buffer": buffer, "fill": fill, "offset": offset}
        return self._call("write_ex", keep_queue=keep_queue, **arguments, written_before=written_before)

    def read(self, size: int, *, keep_queue: bool = False) -> Chain:
        """SSL_read() of at most ``size`` bytes."""
        return self._call("read", keep_queue=keep_queue, size=size)

    def read_ex(self, size: int, *, keep_queue: bool = False) -> Chain:
        """SSL_read_ex() of at most ``size`` bytes."""
        return self._call("read_ex", keep_queue=keep_queue, size=size)

    def peek(self, size: int, *, keep_queue: bool = False) -> Chain:
        """SSL_peek() of at most ``size`` bytes."""
        return self._call("peek", keep_queue=keep_queue, size=size)

    def handshake(self, *, keep_queue: bool = False) -> Chain:
        """SSL_do_handshake()."""
        return self._call("handshake", keep_queue=keep_queue)

    def renegotiate(self, *, keep_queue: bool = False) -> Chain:
        """SSL_renegotiate(): the next call begins a new handshake."""
        return self._call("renegotiate", keep_queue=keep_queue)

    def renegotiate_abbreviated(self, *, keep_queue: bool = False) -> Chain:
        """SSL_renegotiate_abbreviated(): the same, resuming the session."""
        return self._call("renegotiate_abbreviated", keep_queue=keep_queue)

    def shutdown(self, *, keep_queue: bool = False) -> Chain:
        """SSL_shutdown()."""
        return self._call("shutdown", keep_queue=keep_queue)

    def pending(self, *, keep_queue: bool = False) -> Chain:
        """SSL_pending()."""
        return self._call("pending", keep_queue=keep_queue)

    def key_update(self, request: int, *, keep_queue: bool = False) -> Chain:
        """SSL_key_update(); ``request`` 1 asks the peer for new keys too, 0 does not."""
        return self._call("key_update", keep_queue=keep_queue, request=request)

    # -- settings ----------------------------------------------------------------------------

    def set_mode(self, *modes: str) -> Chain:
        """SSL_set_mode(), with names without ``SSL_MODE_``."""
        return self._call("set_mode", modes=list(modes))

    def clear_mode(self, *modes: str) -> Chain:
        """SSL_clear_mode(), with names without ``SSL_MODE_``."""
        return self._call("clear_mode", modes=list(modes))

    def get_mode(self) -> Chain:
        """SSL_get_mode()."""
        return self._call("get_mode")

    def set_max_send_fragment(self, size: int, *, keep_queue: bool = False) -> Chain:
        """SSL_set_max_send_fragment()."""
        return self._call("set_max_send_fragment", keep_queue=keep_queue, size=size)

    def set_split_send_fragment(self, size: int, *, keep_queue: bool = False) -> Chain:
        """SSL_set_split_send_fragment()."""
        return self._call("set_split_send_fragment", keep_queue=keep_queue, size=size)

    def set_shutdown(self, flags: int) -> Chain:
        """SSL_set_shutdown(): 1 sent, 2 received, 3 both."""
        return self._call("set_shutdown", flags=flags)

    def set_quiet_shutdown(self) -> Chain:
        """SSL_set_quiet_shutdown(s, 1)."""
        return self._call("set_quiet_shutdown")

    def unset_bio(self) -> Chain:
        """SSL_set_bio(s, NULL, NULL)."""
        return self._call("unset_bio")

    def put_error(self, lib: int, reason: int) -> Chain:
        """Put an unrelated error on the queue; a call clears the queue unless it has ``keep_queue``."""
        return self._call("put_error", lib=lib, reason=reason)

    # -- the transport -----------------------------------------------------------------------

    def deliver(self, count: int | None = None) -> Chain:
        """Deliver what this side has sent to the other one: so many bytes, or all of them."""
        return self._from("deliver", bytes=count)

    def capacity(self, count: int | None) -> Chain:
        """How many undelivered bytes the transport holds for this side; None: without limit."""
        return self._add({"who": self._who, "do": "capacity", "bytes": count})

    def plan(self, *answers: PlanAnswer) -> Chain:
        """What the transport answers to this side's next BIO writes, in order."""
        return self._call("plan", plan=list(answers))

    def eof(self) -> Chain:
        """End this side's direction: once all has arrived, its reader finds the end of file."""
        return self._from("eof")

    def fail_read(self, errno: int) -> Chain:
        """From now on this side's BIO reads fail with that errno."""
        return self._call("fail_read", errno=errno)

    def inject(self, data: str | bytes) -> Chain:
        """Bytes arrive that this side never sent: hexadecimal, or as they are."""
        return self._from("inject", hex=data if isinstance(data, str) else data.hex())

    def corrupt(self, at: int) -> Chain:
        """Flip the byte at that index of what this side has sent and the other has not been delivered."""
        return self._from("corrupt", at=at)

    def wake(self) -> Chain:
        """Let this side, blocked in a call, look at its transport again."""
        return self._call("wake")
