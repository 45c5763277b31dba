"""A client and a server joined in memory: one line to start with.

The engine is imported by the first pair that is made, not by a program that may want one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self

from emulator.api.arguments import c_size, flag, one_of, plain_bytes, shown, text
from emulator.api.protocols import bits, checked_names, checked_protocol, leave_only, method_for
from emulator.bio.pipe import PipeEnd, make_pipe
from emulator.constants import PROTOCOL_VERSIONS, TLS1_2_VERSION, Mode, Option
from emulator.exceptions import AttributeUsageError, UsageError

if TYPE_CHECKING:
    import os
    from types import TracebackType

    from emulator.connection import Connection
    from emulator.context import Authority, Context
    from emulator.contract.call import Call
    from emulator.contract.findings import Findings
    from emulator.contract.ledger import Ledger
    from emulator.contract.progress import Progress, Standstill
    from emulator.contract.transcript import Transcript
    from emulator.engine.manual.choice import Policy
    from emulator.profile import BuildOverride, Profile

    ProfileName = str | os.PathLike[str] | Profile
    Connections = tuple[Connection, Connection]
else:
    Connections = tuple

_SIDES = ("client", "server")
_SIDE_KEYS = ("modes", "clear_modes", "options", "no_state", "certificate", "key")
_MOST_ROUNDS = 20


class Pair(Connections):
    """``client, server``; also a context manager that closes both."""

    ends: tuple[PipeEnd, PipeEnd]
    _ledger: Ledger | None = None
    _findings: Findings | None = None
    _transcript: Transcript | None = None
    _progress: Progress | None = None

    def __new__(cls, connections: Connections, ends: tuple[PipeEnd, PipeEnd]) -> Self:
        """Join the connections with the ends of their pipe."""
        pair = super().__new__(cls, connections)
        pair.ends = ends
        return pair

    @property
    def ledger(self) -> Ledger:
        """The accounts of both directions: ``pair.ledger.check()`` proves that no byte is lost."""
        if self._ledger is None:
            raise AttributeUsageError(
                "this pair has no ledger: make it with connected_pair(..., ledger=True)"
            )
        return self._ledger

    @property
    def client(self) -> Connection:
        """The client's connection."""
        return self[0]

    @property
    def server(self) -> Connection:
        """The server's connection."""
        return self[1]

    @property
    def transcript(self) -> Transcript:
        """Every call of both sides, from the handshake on: ``print(pair.transcript)``."""
        if self._transcript is None:
            raise AttributeUsageError(
                "this pair has no transcript: make it with connected_pair(..., transcript=True)"
            )
        return self._transcript

    @property
    def progress(self) -> Progress:
        """Whether the calls of both sides lead anywhere: ``pair.progress.stuck()``."""
        if self._progress is None:
            raise AttributeUsageError("this pair was made without it: use connected_pair(..., progress=True)")
        return self._progress

    @property
    def findings(self) -> Findings:
        """The findings of both sides, in the order in which they were made; see :attr:`Connection.findings`.

        Raises UsageError for a pair that was made with findings=False.
        """
        if self._findings is None:
            raise AttributeUsageError("findings: this pair was made with findings=False")
        return self._findings

    def deliver(self, sender: Literal["client", "server"] | None = None, n: int | None = None) -> int:
        """Let up to ``n`` sent bytes of a side (all of both unless given) arrive; how many did.

        Only with ``delivery="manual"`` is there anything to deliver.
        """
        if sender is not None:
            one_of("sender", sender, _SIDES)
        if n is not None:
            c_size("n", n)
        moved = 0
        for end in self.ends:
            if sender in (None, end.who):
                delivered = end.outgoing.deliver(n)
                end.meeting.wake()
                moved += delivered
                if delivered and self._progress is not None:
                    self._progress.moved()
                if delivered and self._transcript is not None:
                    self._transcript.note(f"{delivered} bytes of the {end.who} arrive")
        return moved

    def set_capacity(self, sender: Literal["client", "server"], capacity: int | None) -> None:
        """Change how many bytes of ``sender`` may be on the way; None: any number."""
        end = self.ends[_SIDES.index(one_of("sender", sender, _SIDES))]
        _check_capacity(capacity)
        end.outgoing.capacity = capacity
        end.meeting.wake()
        if self._progress is not None:
            self._progress.moved()
        if self._transcript is not None:
            room = "any number of" if capacity is None else str(capacity)
            self._transcript.note(f"the {sender} may have {room} bytes on the way")

    def close(self) -> None:
        """Close both ends of the pipe; the connections see the end of it, without close_notify.

        With ``strict`` raises FindingError if a caller has left something undone.
        """
        self._close(judges=True)

    def _close(self, *, judges: bool) -> None:
        for end in self.ends:
            end.close()
        if self._findings is not None:
            from emulator.contract.watch import end_all  # noqa: PLC0415 - see above

            end_all(self, raises=judges)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse copy and pickle, as its connections do."""
        raise UsageError("a pair cannot be copied or pickled: make another one")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(judges=error is None)


def connected_pair(
    profile: ProfileName,
    *,
    server_profile: ProfileName | None = None,
    protocol: str | None = None,
    cipher: str | None = None,
    blocking: bool = False,
    capacity: int | None = None,
    delivery: Literal["at-once", "manual"] = "at-once",
    client: Mapping[str, Any] | None = None,
    server: Mapping[str, Any] | None = None,
    handshake: bool = True,
    block_timeout: float = 5.0,
    follow: Authority = "manual",
    policy: Policy | None = None,
    undefined: Literal["warn", "raise", "ignore"] = "warn",
    build: BuildOverride | None = None,
    ledger: bool = True,
    findings: bool = True,
    strict: bool = False,
    transcript: bool | int = False,
    progress: bool = True,
    spin_limit: int | None = None,
) -> Pair:
    """A client and a server of ``profile`` (the server of ``server_profile``) that have shaken hands.

    ``protocol`` ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3") and ``cipher`` (OpenSSL's name) are the
    only ones that both enable; unless given the releases choose.  With a cipher, or a protocol below TLS 1.2,
    the security level is 0.  The client has not read the tickets of TLS 1.3 then, as after SSL_connect().
    ``capacity`` bounds the bytes on the way in each
    direction.  With ``delivery="manual"`` nothing arrives before ``pair.deliver()``.  ``client`` and
    ``server`` hold settings of a side: ``modes``, ``clear_modes``, ``options`` (names without ``SSL_MODE_``
    and ``SSL_OP_``, or a number), ``no_state``, ``certificate`` and ``key`` (PEM bytes; the server has a
    built-in RSA certificate).  A blocking pair works across two threads; Deadlock is
    raised where both ends wait for ever, or one does with no other thread to help within ``block_timeout``
    seconds.  With ``ledger`` the pair has accounts of the bytes of both sides, which cost little:
    ``pair.ledger``.

    ``pair.findings`` holds the calls of both sides that broke a duty of their release's page, unless
    ``findings`` is False; with ``strict``, which needs them, the first one raises FindingError.

    ``pair.progress`` finds calls that lead nowhere, unless ``progress`` is False; with ``spin_limit`` the
    n-th call in a row without progress raises NoProgress.

    With ``transcript`` every call is written down, or the last so many: ``pair.transcript``.

    Raises UsageError for a protocol, cipher or setting that a release lacks, and if the handshake fails.
    """
    if delivery not in ("at-once", "manual"):
        raise UsageError(f"delivery: got {shown(delivery)}, expected 'at-once' or 'manual'")
    protocol = checked_protocol(protocol)
    if cipher is not None:
        text("cipher", cipher)
    _check_capacity(capacity)
    if not isinstance(block_timeout, int | float) or not block_timeout >= 0:
        raise UsageError(f"block_timeout: got {shown(block_timeout)}, expected seconds")
    shakes, blocks = flag("handshake", handshake), flag("blocking", blocking)
    accounts, moves = flag("ledger", ledger), flag("progress", progress) or spin_limit is not None
    if spin_limit is not None and c_size("spin_limit", spin_limit) == 0:
        raise UsageError("spin_limit: got 0, expected a number of calls, or None for no limit")
    watches = flag("findings", findings)
    if flag("strict", strict) and not watches:
        raise UsageError("strict: strict=True needs findings, and findings=False was passed")
    given = {"client": _check_settings("client", client), "server": _check_settings("server", server)}
    from emulator.context import Context  # noqa: PLC0415 - see above
    from emulator.profile import load_profile  # noqa: PLC0415

    ends = make_pipe(None, at_once=delivery == "at-once", timeout=block_timeout)
    sides = []
    for who, name, end in (
        ("client", profile, ends[0]),
        ("server", server_profile if server_profile is not None else profile, ends[1]),
    ):
        method = method_for(load_profile(name, build=build), protocol)
        context = Context(name, method=method, follow=follow, policy=policy, undefined=undefined, build=build)
        sides.append(_side(who, context, protocol, cipher, given[who], end))
    sides[0].share_process(sides[1])
    pair = Pair((sides[0], sides[1]), ends)
    if transcript is not False:
        from emulator.contract.transcript import transcript_of  # noqa: PLC0415 - see above

        pair._transcript = transcript_of(dict(zip(_SIDES, pair, strict=True)), transcript)  # noqa: SLF001
    if shakes and not any(settings.get("no_state") for settings in given.values()):
        _shake_hands(pair)
    for end in ends:
        end.outgoing.capacity = capacity
        end.blocking = blocks
    _listen(pair, watches=watches, strict=strict, accounts=accounts, moves=moves, spin_limit=spin_limit)
    return pair


def _listen(
    pair: Pair, *, watches: bool, strict: bool, accounts: bool, moves: bool, spin_limit: int | None
) -> None:
    """Let findings, a ledger and progress hear of the calls of a pair from now on."""
    if watches:  # ahead of the ledger, which does not hear then of calls that are refused
        from emulator.contract.watch import watch_all  # noqa: PLC0415 - see above

        pair._findings = watch_all(pair, strict=strict)  # noqa: SLF001
    if accounts:
        from emulator.contract.ledger import Ledger  # noqa: PLC0415 - see above

        pair._ledger = Ledger(*pair)  # noqa: SLF001
    if moves:
        from emulator.contract.progress import Progress  # noqa: PLC0415 - see above

        pair._progress = Progress(*pair, limit=spin_limit)  # noqa: SLF001
        if watches:
            pair._progress.on_spin = _suspect_spin  # noqa: SLF001


def _suspect_spin(standstill: Standstill, call: Call) -> None:
    """Tell the findings of the side whose calls lead nowhere."""
    watch = call.conn.__dict__.get("_watch")
    if watch is not None:
        watch.suspect_spin(standstill, call)


def _check_capacity(capacity: int | None) -> None:
    if capacity is not None:
        c_size("capacity", capacity)


def _side(
    who: str,
    context: Context,
    protocol: str | None,
    cipher: str | None,
    settings: Mapping[str, Any],
    end: PipeEnd,
) -> Connection:
    from emulator.connection import Connection  # noqa: PLC0415 - see above

    profile = context.profile
    if protocol is not None:
        if not profile.speaks(protocol):
            raise UsageError(f"protocol: this build of OpenSSL {profile.release} does not speak {protocol}")
        leave_only(context, protocol)
        if PROTOCOL_VERSIONS.get(protocol, 0) < TLS1_2_VERSION:
            context.security_level = 0  # on a higher one releases from 3.0 on do not speak it
    if cipher is not None and not (protocol in (None, "TLSv1.3") and _choose_ciphersuite(context, cipher)):
        if protocol == "TLSv1.3":
            raise UsageError(
                f"cipher: {cipher} is no suite that OpenSSL {profile.release} has for {protocol}"
            )
        _choose_cipher(context, cipher, older_only=protocol is None)
    _set_bits(who, context, settings)
    if "certificate" in settings:
        context.use_certificate(settings["certificate"], settings["key"])
    elif who == "server":
        context.use_fixture()
    connection = Connection(context=context, bio=end)
    if not settings.get("no_state"):
        connection.set_connect_state() if who == "client" else connection.set_accept_state()
    return connection


def _set_bits(who: str, context: Context, settings: Mapping[str, Any]) -> None:
    profile = context.profile
    given = {}
    for key in ("options", "modes", "clear_modes"):
        kind, known = (Option, profile.options) if key == "options" else (Mode, profile.modes)
        given[key] = bits(checked_names(settings.get(key, ()), kind, known, f"{who}: {key}"), known)
    context.set_options(given["options"])
    context.set_mode(given["modes"])
    context.clear_mode(given["clear_modes"])


def _check_settings(who: str, settings: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if settings is None:
        return {}
    if not isinstance(settings, Mapping):
        raise UsageError(
            f"{who}: got {shown(settings)}, expected a dict with some of {', '.join(_SIDE_KEYS)}"
        )
    wrong = [key for key in settings if key not in _SIDE_KEYS]
    if wrong:
        raise UsageError(f"{who}: got {wrong[0]!r}, expected some of {', '.join(_SIDE_KEYS)}")
    if ("certificate" in settings) != ("key" in settings):
        raise UsageError(f"{who}: 'certificate' and 'key' come together, both as PEM bytes")
    for key in ("certificate", "key"):
        plain_bytes(f"{who}: {key}", settings.get(key, b""), "bytes in PEM")
    flag(f"{who}: no_state", settings.get("no_state", False))
    return settings


def _choose_ciphersuite(context: Context, cipher: str) -> bool:
    """Leave one suite of TLS 1.3, which has a list of its own; False: it is no such suite."""
    from emulator.handshake.common.suites import known_ciphersuites  # noqa: PLC0415 - see above

    if cipher not in known_ciphersuites(context.profile.ciphers):
        return False
    context.set_ciphersuites(cipher)
    leave_only(context, "TLSv1.3")
    return True


def _choose_cipher(context: Context, cipher: str, *, older_only: bool) -> None:
    """Leave one suite; those of TLS 1.3 would remain, so the pair does without that version."""
    from emulator.error_queue import ErrorQueue, use  # noqa: PLC0415 - see above

    if older_only:
        context.set_max_proto_version(TLS1_2_VERSION)
    previous = use(ErrorQueue())
    try:
        string = f"{cipher}:@SECLEVEL=0" if context.profile.ciphers.security_levels else cipher
        if not context.set_cipher_list(string) or not context.cipher_suites:
            raise UsageError(f"cipher: this build of OpenSSL {context.profile.release} has no {cipher}")
    finally:
        use(previous)


def _shake_hands(pair: Pair) -> None:
    """Both sides in turn until both are done; each on an error queue of its own."""
    from emulator.error_queue import ErrorQueue, use  # noqa: PLC0415 - see above

    queues = ErrorQueue(), ErrorQueue()
    done = [False, False]
    for _ in range(_MOST_ROUNDS):
        for side, connection in enumerate(pair):
            if not done[side]:
                previous = use(queues[side])
                try:
                    done[side] = connection.do_handshake() == 1
                finally:
                    use(previous)
            pair.deliver()
        if all(done):
            return
    errors = "; ".join(str(entry) for queue in queues for entry in queue)
    raise UsageError(f"the handshake failed: {errors or 'the two sides wait for each other'}")
