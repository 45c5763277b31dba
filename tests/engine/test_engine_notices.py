"""What the message callback is told of records, and from when on: as real builds told it.

The traces are of 1.1.1w, 3.0.16, 3.2.3 (the profile of 3.2.0), 3.4.0 and 3.5.4, driven through ctypes over
memory BIOs.  "r256" is the header of a record that was read, "w257" the type inside one that was written.
"""

from __future__ import annotations

import pytest

from emulator import Connection, Context

FLIGHT = " r256 r257 r22" * 4  # EncryptedExtensions, Certificate, CertificateVerify, Finished
TICKETS = " r256 r257 r22" * 2
WITH_NEW_KEYS = f"r22 r256{FLIGHT} w20 w256 w257 w22{TICKETS} w256 w257 r256 r257"
TOLD_OF_CHANGE_CIPHER_SPEC = WITH_NEW_KEYS.replace("r22 r256", "r22 r256 r20", 1)
ALL = f"r256 r22 r256{FLIGHT} w256 w20 w256 w257 w22{TICKETS} w256 w257 r256 r257"


class Ends:
    """A client and a server of TLS 1.3 over memory BIOs; both keep what their callbacks are told."""

    def __init__(self, release):
        contexts = Context(release, follow="library"), Context(release, follow="library")
        contexts[1].use_fixture()
        self.client, self.server = (Connection(context=context) for context in contexts)
        self.client.set_connect_state()
        self.server.set_accept_state()
        self.told = []

    def listen(self, end):
        """Set the message callback of one end."""

        def tell(write, version, content, message):
            self.told.append((write, version, content, bytes(message)))

        end.set_msg_callback(tell)

    def turn(self, end, other):
        """One end goes on with the handshake; its bytes go to the other."""
        ret = end.do_handshake()
        if pending := end.bio_read(1 << 16):
            other.bio_write(pending)
        return ret

    def finish(self):
        """The rest of the handshake, the tickets, and data both ways."""
        for _ in range(2):
            self.turn(self.client, self.server)
            self.turn(self.server, self.client)
        assert self.client.read(1)[0] == -1
        assert self.client.write(b"there") == 5
        self.server.bio_write(self.client.bio_read(1 << 16))
        assert self.server.read(5) == (5, b"there")
        assert self.server.write(b"back") == 4
        self.client.bio_write(self.server.bio_read(1 << 16))
        assert self.client.read(4) == (4, b"back")

    def words(self):
        return " ".join(f"{'w' if write else 'r'}{content}" for write, _, content, _ in self.told)


@pytest.mark.parametrize(
    ("release", "told"),
    [
        ("1.1.1w", ALL),
        ("3.0.16", ALL),
        ("3.2.0", WITH_NEW_KEYS),
        ("3.5.4", TOLD_OF_CHANGE_CIPHER_SPEC),
    ],
)
def test_from_3_2_a_callback_set_amid_the_handshake_is_told_of_records_under_later_keys_alone(release, told):
    ends = Ends(release)
    ends.turn(ends.client, ends.server)
    ends.listen(ends.client)
    ends.turn(ends.server, ends.client)
    ends.finish()
    assert ends.words() == told


def test_from_3_2_a_server_whose_keys_are_made_is_told_of_messages_but_not_of_their_records():
    ends = Ends("3.5.4")
    ends.turn(ends.client, ends.server)
    ends.turn(ends.server, ends.client)
    ends.listen(ends.server)
    ends.finish()
    # Its keys for writing data were made before, those for reading data once Finished came.
    assert ends.words() == "r22 w22 w22 r256 r257"


def test_from_3_2_a_callback_set_after_the_handshake_is_told_of_records_after_a_key_update():
    ends = Ends("3.5.4")
    for _ in range(2):
        ends.turn(ends.client, ends.server)
        ends.turn(ends.server, ends.client)
    ends.listen(ends.client)
    assert ends.client.key_update(0) == 1
    assert ends.client.write(b"x") == 1
    assert ends.words() == "w22 w256 w257"


@pytest.mark.parametrize(
    ("release", "versions"),
    [("1.1.1w", (0, 0x0304)), ("3.0.16", (0x0303, 0x0303)), ("3.2.0", (0x0303, 0x0303))],
)
def test_the_version_told_of_a_header_and_of_the_type_inside_it(release, versions):
    ends = Ends(release)
    ends.listen(ends.client)
    ends.turn(ends.client, ends.server)
    ends.turn(ends.server, ends.client)
    ends.finish()
    header, inner = ends.told[-4:-2]
    assert (header[1], inner[1]) == versions
    assert (header[2], inner[2]) == (0x100, 0x101)
    # The type inside a record that is read is told with the version of the connection in every release.
    assert ends.told[-1][:3] == (False, 0x0304, 0x101)


@pytest.mark.parametrize(("release", "told"), [("3.2.0", []), ("3.5.4", [(False, 0x0304, 20, b"\x01")] * 33)])
def test_from_3_4_a_change_cipher_spec_that_is_dropped_is_told_up_to_the_one_too_many(release, told):
    ends = Ends(release)
    ends.listen(ends.server)
    ends.turn(ends.client, ends.server)
    ends.turn(ends.server, ends.client)
    ends.told.clear()
    ends.server.bio_write(b"\x14\x03\x03\0\1\1" * 40)
    assert ends.server.do_handshake() == -1
    assert [one for one in ends.told if one[2] == 20] == told


@pytest.mark.parametrize(("release", "alert"), [("1.1.1w", 47), ("3.2.0", 47), ("3.5.4", 10)])
@pytest.mark.parametrize("body", [b"", b"\x02", b"\x01\x01"])
def test_from_3_4_a_change_cipher_spec_that_is_none_is_an_unexpected_message(release, alert, body):
    ends = Ends(release)
    ends.listen(ends.server)
    ends.turn(ends.client, ends.server)
    ends.turn(ends.server, ends.client)
    ends.server.bio_write(b"\x14\x03\x03\0" + bytes([len(body)]) + body)
    assert ends.server.do_handshake() == -1
    assert ends.told[-1] == (True, 0x0304, 21, bytes([2, alert]))
    assert not [one for one in ends.told if one[:3] == (False, 0x0304, 20)]


def test_a_request_for_another_hello_leaves_the_keys_for_writing_alone_without_early_data():
    ends = Ends("3.5.4")
    ends.client.set1_groups_list("X25519:P-256")
    ends.server.set1_groups_list("P-256")
    ends.turn(ends.client, ends.server)
    ends.listen(ends.client)
    ends.turn(ends.server, ends.client)
    ends.finish()
    assert ends.words().startswith("r22 w20 w22 r22 r256 r257 r22")  # and no header of these two writes
