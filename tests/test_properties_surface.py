"""Whatever a public call is given: only our own exceptions come out, and a call that refuses does nothing."""

from __future__ import annotations

import inspect
import math
from decimal import Decimal
from functools import cache

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import emulator
from emulator import (
    Buffer,
    BufferBIO,
    Connection,
    Context,
    EmulatorError,
    ErrorQueue,
    MemoryBIO,
    Mode,
    UsageError,
    connected_pair,
    load_profile,
    make_bio_pair,
    make_scripted_bio_pair,
)
from emulator.error_queue import current

RELEASES = ["0.9.6", "0.9.8", "1.0.1", "1.1.0", "1.1.1", "3.5.4"]

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=2000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def released():
    view = memoryview(b"gone")
    view.release()
    return view


def nothing(*_):
    return None


VALUES = [
    None, True, 0, 1, -1, 5, 16385, 2**31 - 1, 2**31, -(2**31) - 1, 2**63, 2**64, -(2**64), 10**5000, 1.5,
    math.nan, math.inf, 1j, Decimal(1), "", "x", "ALL", "1.0.1", "TLSv1.2", "client", "\0", "\ud800",
    "x" * 300, b"", b"x", b"\0", bytearray(b"x"), memoryview(b"x"), memoryview(b"abcd")[::2],
    memoryview(bytearray(8)).cast("H"), [], [1], (), (None, None), {}, {"modes": 5}, set(), object(), int,
    nothing, Mode.AUTO_RETRY, ValueError(), Buffer(3), released(), ...,
]  # fmt: skip
TOO_LARGE = 2**31 - 1
"""More bytes than a test should ask the machine for."""

arguments = st.integers(0, len(VALUES) - 1)
"""Numbers of values, since what fails is then printed shortly."""

SUBJECTS = {
    "connection": lambda release: connected(release).client,
    "new connection": Connection,
    "context": Context,
    "pair": connected_pair,
    "profile": load_profile,
    "memory": lambda _: MemoryBIO(b"bytes"),
    "bio pair": lambda _: make_bio_pair(10)[0],
    "scripted": lambda _: make_scripted_bio_pair(10)[0],
    "buffering": lambda _: BufferBIO(MemoryBIO()),
    "buffer": lambda _: Buffer(5),
    "error queue": lambda _: ErrorQueue(),
    "package": lambda _: emulator,
}
PLAIN_DATA = ("count", "index", "from_table", "fields")
"""What a pair has of a tuple and a profile of a record: Python's own."""
FUNCTIONS = [
    name
    for name in emulator.__all__
    if inspect.isfunction(getattr(emulator, name)) and name not in ("compare", "list_profiles")
] + ["Buffer", "BufferBIO", "Connection", "Context", "MemoryBIO", "SocketBIO"]


@cache
def connected(release):
    return connected_pair(release, follow="library")


LISTENERS = {"findings", "ledger", "transcript", "progress"}
"""What a connection or a pair may be made without; whoever looks for it then is told how to have it."""


@cache
def names_of(kind):
    """The public names of a subject; those of the package are listed."""
    subject = SUBJECTS[kind]("3.5.4")
    if subject is emulator:
        return FUNCTIONS
    unknown = {*PLAIN_DATA, *LISTENERS}
    return [name for name in dir(subject) if not name.startswith("_") and name not in unknown]


def drawn(draw, parameters):
    """Arguments for a call: those without a default, and some of the others."""
    by_place, by_name = [], {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.default is not parameter.empty and draw(st.booleans()):
            continue
        value = VALUES[draw(arguments)]
        if parameter.name == "size" and isinstance(value, int) and value >= TOO_LARGE:
            value = -1
        if parameter.kind is parameter.POSITIONAL_ONLY:
            by_place.append(value)
        else:
            by_name[parameter.name] = value
    return by_place, by_name


def attempted(draw, subject, name):
    """Call or set what the name stands for; whether it was refused."""
    found = getattr(subject, name)
    try:
        if callable(found) and name not in ("clock", "random"):
            by_place, by_name = drawn(draw, inspect.signature(found).parameters.values())
            note(f"{name}{by_place} {list(by_name)}")
            found(*by_place, **by_name)
        elif isinstance(subject, Connection | Context):
            setattr(subject, name, VALUES[draw(arguments)])
    except EmulatorError as error:
        note(type(error).__name__)
        return isinstance(error, UsageError)
    return False


def works_on(subject, pair):
    """The subject does what it is for, after a call that was refused."""
    if subject is pair.client:
        assert subject.write(b"hello") == 5
        assert pair.server.read(10) == (5, b"hello")
    elif isinstance(subject, Context):
        assert Connection(context=subject).connect() == -1
    elif isinstance(subject, Connection):
        assert subject.connect() == -1
        assert subject.bio_read(1 << 16)


@thorough
@given(st.data(), st.sampled_from(RELEASES), st.sampled_from(sorted(SUBJECTS)))
def test_only_our_own_exceptions_come_out_and_what_refuses_does_nothing(data, release, kind):
    subject, pair = SUBJECTS[kind](release), connected(release)
    name = data.draw(st.sampled_from(names_of(kind)))
    if not hasattr(subject, name):
        assert subject.profile.functions[name].is_absent
        return
    refused = attempted(data.draw, subject, name)
    if refused:
        works_on(subject, pair)
    elif subject is pair.client:
        connected.cache_clear()
    current().clear()
