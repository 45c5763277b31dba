"""Whatever a peer sends, the answer is one of the emulated library: never an exception, never a hang."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Connection, ErrorCode, NotEmulated, SimulatedCrash, Want, connected_pair

RELEASES = ["0.9.6-base", "0.9.6m", "0.9.7m", "0.9.8l", "0.9.8zh", "1.0.0t", "1.0.1g", "1.0.1u", "1.0.2k",
            "1.0.2u", "1.1.0e", "1.1.0l", "1.1.1-base", "1.1.1e", "1.1.1w"]  # fmt: skip
MOST_FLIGHTS = 12

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

releases = st.sampled_from(RELEASES)
payloads = st.binary(max_size=60)


def record(kind, version, payload):
    return bytes((kind,)) + version.to_bytes(2, "big") + len(payload).to_bytes(2, "big") + payload


def handshake_message(kind, body):
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


versions = st.sampled_from([0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x0002, 0x0404]) | st.integers(0, 0xFFFF)
handshake_types = st.sampled_from([0, 1, 2, 4, 11, 12, 13, 14, 15, 16, 20, 22]) | st.integers(0, 255)
messages = st.builds(handshake_message, handshake_types, payloads)
alerts = st.builds(bytes, st.tuples(st.integers(0, 3), st.integers(0, 130)))
contents = payloads | messages | alerts | st.builds(bytes.join, st.just(b""), st.lists(messages, max_size=4))
kinds = st.sampled_from([20, 21, 22, 23, 24]) | st.integers(0, 255)
records = st.builds(record, kinds, versions, contents)
sslv2_records = st.builds(
    lambda body: bytes((0x80 | len(body) >> 8, len(body) & 0xFF)) + b"\x01" + body, payloads
)
bytes_from_a_peer = st.lists(records | sslv2_records | payloads, min_size=1, max_size=6).map(b"".join)

CALLS = {
    "read": lambda c: c.read(100)[0],
    "peek": lambda c: c.peek(100)[0],
    "read nothing": lambda c: c.read(0)[0],
    "write": lambda c: c.write(b"hello"),
    "do_handshake": lambda c: c.do_handshake(),
    "shutdown": lambda c: c.shutdown(),
    "renegotiate": lambda c: c.renegotiate(),
    "pending": lambda c: c.pending(),
}
calls = st.lists(st.sampled_from(sorted(CALLS)), min_size=1, max_size=8)


class Stopped(Exception):  # noqa: N818
    """The process died or met what isn't emulated: both are documented answers of the emulator."""


def answer_of(connection, name):
    try:
        ret = CALLS[name](connection)
    except (SimulatedCrash, NotEmulated) as stop:
        raise Stopped from stop
    assert type(ret) is int
    assert connection.get_error(ret) in ErrorCode
    assert connection.want() in Want
    assert 0 <= connection.get_shutdown() <= 3
    return ret


def ask(connection, names):
    """Call what is named; whatever it answers."""
    try:
        for name in names:
            answer_of(connection, name)
    except Stopped:
        return


@thorough
@given(releases, st.booleans(), bytes_from_a_peer, calls)
def test_anything_in_place_of_a_first_flight_is_answered(release, server, junk, names):
    connection = Connection(release, follow="library")
    if server:
        connection.context.use_fixture()
        connection.set_accept_state()
    else:
        connection.set_connect_state()
        connection.do_handshake()
    connection.bio_write(junk)
    ask(connection, ["do_handshake", *names])


@thorough
@given(releases, st.sampled_from(["TLSv1", None]), st.booleans(), bytes_from_a_peer, calls)
def test_anything_after_the_handshake_is_answered(release, protocol, server, junk, names):
    pair = connected_pair(release, protocol=protocol, follow="library")
    pair[not server].wbio.write(junk)
    ask(pair[server], names)


@thorough
@given(releases, st.booleans(), st.lists(st.tuples(kinds, contents), min_size=1, max_size=5), calls)
def test_anything_under_the_right_keys_is_answered(release, server, plaintexts, names):
    pair = connected_pair(release, protocol="TLSv1", follow="library")
    sender = pair[not server]._s
    for kind, content in plaintexts:
        sender.out.wbio.write(sender.out.writer.seal(kind, sender.version, content))
    ask(pair[server], names)


# -- a real peer's flights, damaged -------------------------------------------------------------

edits = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "delete", "repeat", "replace"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
        bytes_from_a_peer,
    ),
    min_size=1,
    max_size=3,
)


def edited(flight, changes):
    flight = bytearray(flight)
    for what, where, byte, other in changes:
        at = int(where * len(flight))
        if not flight:
            break
        if what == "flip":
            flight[at] ^= byte or 1
        elif what == "cut":
            del flight[at:]
        elif what == "insert":
            flight[at:at] = other
        elif what == "delete":
            del flight[at : at + byte]
        elif what == "repeat":
            flight += flight[at:]
        else:
            flight[at:] = other
    return bytes(flight)


def joined(release, other, protocol, *, renegotiates):
    """Two ends that have (not) shaken hands, and only pass on what the test hands over."""
    oldest = "0.9.6" in release + other
    pair = connected_pair(
        release,
        server_profile=other,
        protocol=protocol,
        cipher="DES-CBC3-SHA" if oldest else None,
        build=["weak-ciphers"] if oldest else None,
        follow="library",
        delivery="manual",
        client={"options": 0x40004},
        server={"options": 0x40000},
        handshake=renegotiates,
    )
    if renegotiates:
        pair.client.renegotiate()
    return pair


def shake_hands(pair, who, flight_number, change):
    """Handshake step by step; the given flight of ``who`` is damaged on its way."""
    sent = {0: 0, 1: 0}
    for _ in range(MOST_FLIGHTS):
        for side in (0, 1):
            try:
                answer_of(pair[side], "do_handshake")
                answer_of(pair[side], "read")
            except Stopped:
                return
            stream = pair.ends[side].outgoing
            if stream.sent:
                if (side, sent[side]) == (who, flight_number):
                    stream.sent[:] = change(bytes(stream.sent))
                sent[side] += 1
                stream.deliver()


@thorough
@given(
    releases,
    releases,
    st.sampled_from(["TLSv1", None]),
    st.booleans(),
    st.integers(0, 1),
    st.integers(0, 2),
    edits,
    calls,
)
def test_a_damaged_flight_of_a_real_peer_is_answered(
    release, other, protocol, renegotiates, who, flight, changes, names
):
    pair = joined(release, other, protocol, renegotiates=renegotiates)
    shake_hands(pair, who, flight, lambda sent: edited(sent, changes))
    for connection in pair:
        ask(connection, names)


# -- a real peer's messages in another order ----------------------------------------------------

CCS = 20


def messages_of(flight):
    """(type, content) of the messages of a flight's plain records; what is not plain stays a record."""
    found, at, plain = [], 0, True
    while at + 5 <= len(flight):
        kind = flight[at]
        body = flight[at + 5 : at + 5 + int.from_bytes(flight[at + 3 : at + 5], "big")]
        at += 5 + len(body)
        if kind != 22 or not plain:
            plain = plain and kind != CCS
            found.append((kind, body))
            continue
        while body:
            size = 4 + int.from_bytes(body[1:4], "big")
            found.append((kind, body[:size]))
            body = body[size:]
    return found


def shuffled(flight, order):
    """The messages in another order, some twice, some not at all; a negative number is ChangeCipherSpec."""
    if flight[0] & 0x80:
        return flight  # a hello in SSLv2's format is one message
    found = messages_of(flight)
    version = int.from_bytes(flight[1:3], "big")
    chosen = [(CCS, b"\1") if at < 0 else found[at % len(found)] for at in order]
    return b"".join(record(kind, version, content) for kind, content in chosen)


@thorough
@given(
    releases,
    releases,
    st.sampled_from(["TLSv1", None]),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 4),
    st.lists(st.integers(-1, 6), min_size=1, max_size=5),
    calls,
)
def test_a_real_peers_messages_in_any_order_are_answered(
    release, other, protocol, who, number, kept, order, names
):
    pair = joined(release, other, protocol, renegotiates=False)
    shake_hands(pair, who, number, lambda flight: shuffled(flight, [*range(kept), *order]))
    for connection in pair:
        ask(connection, names)
