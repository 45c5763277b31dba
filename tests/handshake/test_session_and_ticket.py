import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.handshake.common.messages import ParseError
from emulator.handshake.common.session import Session, SessionCache, TicketKeys

sessions = st.builds(
    Session,
    version=st.sampled_from([0x0300, 0x0301, 0x0303]),
    suite_id=st.integers(0, 0xFFFF),
    session_id=st.binary(max_size=32),
    master_key=st.binary(min_size=48, max_size=48),
    time=st.integers(0, 2**33),
    timeout=st.integers(0, 2**31),
    context=st.binary(max_size=32),
    hostname=st.binary(max_size=40),
    ticket=st.binary(max_size=300),
    ticket_lifetime_hint=st.integers(0, 2**32 - 1),
    extended_master_secret=st.booleans(),
)


@given(sessions)
def test_a_session_comes_back_from_its_encoding(session):
    assert Session.from_der(session.to_der()) == session


@given(st.binary(max_size=120))
def test_no_bytes_but_an_encoding_are_a_session(noise):
    with pytest.raises(ParseError):
        Session.from_der(b"\x30\x05" + noise)


@pytest.mark.parametrize("key_length", [16, 32])
def test_a_ticket_is_as_long_as_the_recorded_ones(key_length):
    """NewSessionTicket took 170 bytes in every trace from 0.9.8y to 1.1.1w: 10 bytes around 160."""
    session = Session(0x0301, 0x2F, master_key=b"k" * 48, time=1_700_000_000, timeout=7200)
    session.extended_master_secret = key_length == 32
    assert len(TicketKeys.generate(key_length).seal(session)) == 160


@given(sessions, st.integers(0, 10_000), st.integers(1, 255))
def test_a_ticket_that_was_changed_anywhere_is_none(session, at, change):
    keys = TicketKeys.generate(16)
    ticket = bytearray(keys.seal(session))
    assert keys.open(bytes(ticket)) == session
    ticket[at % len(ticket)] ^= change
    assert keys.open(bytes(ticket)) is None


@given(st.binary(max_size=200))
def test_noise_is_no_ticket(noise):
    keys = TicketKeys.generate(16)
    assert keys.open(noise) is None
    assert keys.open(keys.name + noise) is None


def test_a_full_cache_loses_its_oldest_session():
    cache = SessionCache(size=2)
    kept = [Session(0x0301, session_id=bytes((number,))) for number in range(3)]
    for session in kept:
        cache.add(session)
    assert cache.get(b"\0") is None
    assert cache.get(b"\2") is kept[2]
    cache.remove(kept[2])
    assert len(cache) == 1
    assert not kept[2].resumable
