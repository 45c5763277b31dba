from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.scenario.wire import WireMeter


def record(content_type, length):
    return bytes([content_type, 3, 1]) + length.to_bytes(2, "big") + bytes(length)


def test_nothing_accepted_has_no_fields():
    assert WireMeter().take() == {}


def test_every_header_is_listed_with_all_bytes():
    meter = WireMeter()
    meter.accept(record(22, 3) + record(23, 0))
    assert meter.take() == {"wire": [[22, 769, 3], [23, 769, 0]], "bytes": 13}
    assert meter.take() == {}


def test_a_record_belongs_to_the_step_that_accepts_its_fifth_header_byte():
    meter = WireMeter()
    data = record(23, 10)
    meter.accept(data[:4])
    assert meter.take() == {"wire": [["partial-header", 4]], "bytes": 4}
    meter.accept(data[4:5])
    assert meter.take() == {"wire": [[23, 769, 10]], "bytes": 1}
    meter.accept(data[5:])
    assert meter.take() == {"wire": [], "bytes": 10}


@given(
    st.lists(st.tuples(st.integers(20, 24), st.integers(0, 40)), min_size=1),
    st.lists(st.integers(0, 30)),
    st.booleans(),
)
def test_it_does_not_matter_how_the_bytes_are_cut(records, cuts, views):
    data = b"".join(record(*each) for each in records)
    meter = WireMeter()
    seen = []
    pieces = [*cuts, len(data)]
    total = 0
    for size in pieces:
        piece, data = data[:size], data[size:]
        meter.accept(memoryview(piece) if views else piece)
        taken = meter.take()
        assert bool(taken) == bool(piece)
        total += taken.get("bytes", 0)
        seen += [entry for entry in taken.get("wire", []) if entry[0] != "partial-header"]
    assert seen == [[content_type, 769, length] for content_type, length in records]
    assert total == sum(5 + length for _, length in records)
