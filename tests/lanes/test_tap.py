from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.lanes.tap import RecordTap

RECORDS = st.tuples(
    st.sampled_from((20, 21, 22, 23)), st.sampled_from((0x0300, 0x0301, 0x0303)), st.binary(max_size=40)
).map(lambda parts: bytes([parts[0], parts[1] >> 8, parts[1] & 255, 0, len(parts[2])]) + parts[2])


def pieces_of(data, cuts):
    places = sorted(cut % (len(data) + 1) for cut in cuts)
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


@given(st.lists(RECORDS, max_size=5), st.lists(st.integers(0, 1000), max_size=6), st.booleans())
def test_pieces_put_together_are_the_records_however_they_were_accepted(records, cuts, each_in_a_step):
    tap, seen = RecordTap(), []
    accept = tap.of("client")
    for piece in pieces_of(b"".join(records), cuts):
        accept(piece)
        if each_in_a_step:
            seen += tap.take()
    seen += tap.take()
    together = []
    for piece in seen:
        if piece.continued:
            together[-1] += piece.data
        else:
            together.append(piece.data)
    assert together == records
    assert [piece.header + piece.data[5:] for piece in seen if piece.complete and not piece.continued] == [
        piece.data for piece in seen if piece.complete and not piece.continued
    ]
    assert sum(piece.complete for piece in seen) == len(records)


def test_a_header_that_is_cut_tells_what_it_can():
    tap = RecordTap()
    accept = tap.of("server")
    accept(b"\x17")
    (begun,) = tap.take()
    accept(b"\x03\x03\x00\x02ab")
    (rest,) = tap.take()
    assert (begun.type_name, begun.version, begun.length, begun.complete) == (
        "application_data",
        None,
        None,
        False,
    )
    assert (rest.version, rest.length, rest.complete, rest.continued) == ("0x0303", 2, True, True)
    assert (begun.data + rest.data).hex() == "17030300026162"


def test_two_senders_do_not_disturb_each_other():
    tap = RecordTap()
    client, server = tap.of("client"), tap.of("server")
    client(b"\x17\x03\x03\x00\x02a")
    server(b"\x15\x03\x03\x00\x02\x01\x00")
    client(b"b")
    records = tap.take()
    assert [(record.sender, record.complete) for record in records] == [("client", True), ("server", True)]
    assert records[0].data.endswith(b"ab")


def test_a_hello_in_the_format_of_sslv2_is_one_record_of_a_handshake():
    tap = RecordTap()
    tap.of("client")(b"\x80\x03\x01\x03\x01\x16\x03\x01\x00\x01x")
    hello, record = tap.take()
    assert (hello.content_type, hello.version, hello.length, len(hello.data)) == (22, None, 3, 5)
    assert hello.as_json()["type_name"] == "handshake in SSLv2's format"
    assert (record.content_type, record.length) == (22, 1)
