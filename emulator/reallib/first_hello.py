"""What a client's first record says, and what a profile's client says in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.bio.memory import MemoryBIO
from emulator.connection import Connection
from emulator.constants import Option
from emulator.context import Context
from emulator.handshake.common.messages import Reader, unpack16

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.profile import Profile

SUPPORTED_GROUPS, POINT_FORMATS, SIGNATURE_ALGORITHMS = 10, 11, 13
HANDSHAKE = 0x16
GENERIC_METHODS = ("TLS", "SSLv23")
MOST_BYTES = 1 << 15

ANSWERS = {
    "hello.groups": "groups",
    "hello.point_formats": "point_formats",
    "hello.signature_algorithms": "signature_algorithms",
}
"""Keys of a profile that hold a list as a hello has it, and the field of :class:`Hello`."""


@dataclass(frozen=True, slots=True)
class Hello:
    """One ClientHello; ``extensions`` by their numbers, in the order in which they were sent."""

    record_version: int = 0
    version: int = 0
    suites: tuple[int, ...] = ()
    extensions: dict[int, bytes] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[int, ...]:
        """supported_groups."""
        return unpack16(self.extensions.get(SUPPORTED_GROUPS, b"")[2:])

    @property
    def point_formats(self) -> tuple[int, ...]:
        """ec_point_formats."""
        return tuple(self.extensions.get(POINT_FORMATS, b"")[1:])

    @property
    def signature_algorithms(self) -> tuple[int, ...]:
        """signature_algorithms."""
        return unpack16(self.extensions.get(SIGNATURE_ALGORITHMS, b"")[2:])


def read_hello(record: bytes) -> Hello | None:
    """Read the record; None for one of SSLv2's format, or for what is no whole ClientHello."""
    try:
        return _read(Reader(record))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it says nothing that can be compared
        return None


def _read(reader: Reader) -> Hello | None:
    if reader.number(1) != HANDSHAKE:
        return None
    record_version = reader.number(2)
    reader.number(2)  # the record's length
    reader.number(1)  # client_hello
    body = Reader(reader.vector(3))
    version = body.number(2)
    body.take(32)
    body.vector(1)
    suites = unpack16(body.vector(2))
    body.vector(1)
    extensions = {}
    rest = Reader(body.vector(2) if body.remaining else b"")
    while rest.remaining:
        number = rest.number(2)
        extensions[number] = rest.vector(2)
    return Hello(record_version, version, suites, extensions)


def hello_of(profile: Profile) -> bytes:
    """The first record of a client of the profile that has chosen nothing but to do without compression."""
    method = next(name for name in GENERIC_METHODS if name in profile.exists.methods)
    context = Context(profile, method=method)
    context.set_options(Option.NO_COMPRESSION)
    out = MemoryBIO()
    connection = Connection(context=context)
    connection.set_bio(MemoryBIO(), out)
    connection.set_connect_state()
    connection.do_handshake()
    return bytes(out.read(MOST_BYTES))


def lists_that_differ(theirs: Hello, ours: Hello, profile: Profile) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Keys whose list the library sends otherwise, where the profile sends its list as it is."""
    for key, name in ANSWERS.items():
        own = getattr(profile.hello, key.partition(".")[2])
        if getattr(theirs, name) != getattr(ours, name) == own and getattr(theirs, name):
            yield key, getattr(theirs, name)


def remarks(theirs: Hello, ours: Hello) -> Iterator[str]:
    """What else the two hellos differ in, in words."""
    for what, one, other in (
        ("record's version", theirs.record_version, ours.record_version),
        ("version", theirs.version, ours.version),
    ):
        if one != other:
            yield f"the ClientHello's {what} is 0x{one:04x}, not 0x{other:04x}"
    yield from _order("cipher suites", theirs.suites, ours.suites)
    yield from _order("extensions", tuple(theirs.extensions), tuple(ours.extensions))


def _order(what: str, theirs: tuple[int, ...], ours: tuple[int, ...]) -> Iterator[str]:
    lacks = [number for number in ours if number not in theirs]
    has = [number for number in theirs if number not in ours]
    if lacks:
        yield f"the ClientHello's {what} lack {_numbers(lacks)}"
    if has:
        yield f"the ClientHello's {what} have {_numbers(has)} besides"
    if theirs != ours and not lacks and not has:
        yield f"the ClientHello's {what} have another order: {_numbers(theirs)}"


def _numbers(numbers: list[int] | tuple[int, ...]) -> str:
    return " ".join(f"0x{number:04X}" for number in numbers)
