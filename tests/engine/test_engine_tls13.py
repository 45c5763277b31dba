"""TLS 1.3 in the state machine: flights, tickets, KeyUpdate, and what calls answer around them."""

from __future__ import annotations

import errno

import pytest

from emulator import (
    Connection,
    Context,
    ErrorCode,
    Option,
    connected_pair,
    load_profile,
    make_scripted_bio_pair,
)
from emulator.constants import InfoCallback
from emulator.error_queue import current

RELEASES = ["1.1.1-base", "1.1.1c", "1.1.1d", "1.1.1w", "3.0.12", "3.1.4", "3.2.0", "3.5.4"]
HANDSHAKE_ROUNDS = 6
SECP256R1, X25519 = "P-256", "X25519"
KEY_UPDATE_RECORD = 27
TICKET = 4


def reasons():
    found = [entry.text.rpartition(":")[2] for entry in current()]
    current().clear()
    return found


def lengths(wire):
    """The lengths of the records in some bytes, headers included."""
    found = []
    while wire:
        found.append(5 + int.from_bytes(wire[3:5], "big"))
        wire = wire[found[-1] :]
    return found


class Ends:
    """A client and a server over a scripted transport; settings are made on their contexts."""

    def __init__(self, release, *, client=None, server=None):
        self.contexts = Context(release, follow="library"), Context(release, follow="library")
        self.contexts[1].use_fixture()
        for context, prepare in zip(self.contexts, (client, server), strict=True):
            if prepare is not None:
                prepare(context)
        self.bios = make_scripted_bio_pair()
        self.client, self.server = (
            Connection(context=context, bio=bio)
            for context, bio in zip(self.contexts, self.bios, strict=True)
        )
        self.client.set_connect_state()
        self.server.set_accept_state()
        self.there, self.back = self.bios[0].outgoing, self.bios[1].outgoing

    def deliver(self):
        return self.there.deliver() + self.back.deliver()

    def shake(self):
        done = [False, False]
        for _ in range(HANDSHAKE_ROUNDS):
            for side, end in enumerate((self.client, self.server)):
                done[side] = done[side] or end.do_handshake() == 1
                self.deliver()
        assert done == [True, True], reasons()
        return self

    def exchange(self):
        """Something both ways, which takes in what else is there."""
        assert self.client.write(b"there") == 5
        assert self.server.write(b"back") == 4
        self.deliver()
        assert self.server.read(100) == (5, b"there")
        assert self.client.read(100) == (4, b"back")


def messages_of(end):
    """The types of the messages that an end will see, received ones negative, without a dropped "ccs"."""
    seen = []

    def tell(write, _version, content, message):
        if content == 22:
            seen.append(message[0] if write else -message[0])
        elif content == 20 and write:
            seen.append("ccs")

    end.set_msg_callback(tell)
    return seen


# -- the handshake ------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_messages_come_in_the_order_of_rfc_8446(release):
    ends = Ends(release)
    client, server = messages_of(ends.client), messages_of(ends.server)
    ends.shake().exchange()
    assert client == [1, -2, -8, -11, -15, -20, "ccs", 20, -TICKET, -TICKET]
    assert server == [-1, 2, "ccs", 8, 11, 15, 20, -20, TICKET, TICKET]


@pytest.mark.parametrize("release", RELEASES)
def test_without_the_option_for_middleboxes_no_change_cipher_spec_is_sent(release):
    def plain(context):
        context.clear_options(Option.ENABLE_MIDDLEBOX_COMPAT)

    ends = Ends(release, client=plain, server=plain)
    client, server = messages_of(ends.client), messages_of(ends.server)
    ends.shake().exchange()
    assert "ccs" not in client + server


@pytest.mark.parametrize("compat", [True, False])
@pytest.mark.parametrize("release", ["1.1.1w", "3.0.12", "3.2.0"])
def test_a_server_without_the_clients_share_asks_for_another_hello(release, compat):
    def prepare(*groups):
        def settings(context):
            context.set1_groups_list(":".join(groups))
            if not compat:
                context.clear_options(Option.ENABLE_MIDDLEBOX_COMPAT)

        return settings

    ends = Ends(release, client=prepare(X25519, SECP256R1), server=prepare(SECP256R1))
    client, server = messages_of(ends.client), messages_of(ends.server)
    ends.shake().exchange()
    ccs = ["ccs"] if compat else []
    assert client[:8] == [1, -2, *ccs, 1, -2, -8, -11, -15, -20][:8]
    assert server[:6] == [-1, 2, *ccs, -1, 2, 8, 11][:6]
    assert client.count("ccs") == server.count("ccs") == len(ccs)


def test_after_a_hello_retry_request_records_have_the_version_of_tls_1_2():
    def prepare(*groups):
        return lambda context: context.set1_groups_list(":".join(groups))

    ends = Ends("1.1.1w", client=prepare(X25519, SECP256R1), server=prepare(SECP256R1))
    ends.client.do_handshake()
    assert bytes(ends.there.sent[:3]) == b"\x16\x03\x01"
    ends.deliver()
    ends.server.do_handshake()
    ends.deliver()
    ends.client.do_handshake()
    sent = bytes(ends.there.sent)
    assert sent[:6] == b"\x14\x03\x03\x00\x01\x01"
    assert sent[6:9] == b"\x16\x03\x03"


@pytest.mark.parametrize("release", ["1.1.1w", "3.0.12"])
def test_a_client_without_the_certificate_asked_for_learns_of_it_after_its_first_write(release):
    def demanding(context):
        context.request_certificate = context.require_certificate = True

    ends = Ends(release, server=demanding)
    for end in (ends.client, ends.server):
        assert end.do_handshake() == -1
        ends.deliver()
    assert ends.client.do_handshake() == 1
    assert ends.client.write(b"too early") == 9
    ends.deliver()
    assert ends.server.do_handshake() == -1
    assert reasons() == ["peer did not return a certificate"]
    ends.deliver()
    ret, _ = ends.client.read(100)
    assert ends.client.get_error(ret) is ErrorCode.SSL
    assert reasons() == ["tlsv13 alert certificate required"]


# -- tickets ------------------------------------------------------------------------------------


def test_tickets_follow_the_handshake_that_a_write_drives():
    ends = Ends("1.1.1w")
    for end in (ends.client, ends.server, ends.client):
        end.do_handshake()
        ends.deliver()
    assert ends.server.write(b"hello") == 5
    assert lengths(bytes(ends.back.sent)) == [239, 239, 27]


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ECONNRESET])
def test_a_client_that_is_gone_before_its_tickets_does_no_harm(number):
    ends = Ends("1.1.1w")
    for end in (ends.client, ends.server, ends.client):
        end.do_handshake()
        ends.deliver()
    assert ends.client.write(b"goodbye") == 7
    ends.deliver()
    ends.back.plan.extend([{"errno": number}] * 2)
    assert ends.server.do_handshake() == 1
    assert ends.server.read(100) == (7, b"goodbye")


def test_any_other_failure_to_send_tickets_is_one_of_the_handshake():
    ends = Ends("1.1.1w")
    for end in (ends.client, ends.server, ends.client):
        end.do_handshake()
        ends.deliver()
    ends.back.plan.append({"errno": errno.EIO})
    assert ends.server.do_handshake() == -1
    assert ends.server.get_error(-1) is ErrorCode.SYSCALL
    assert ends.server.do_handshake() == 1


@pytest.mark.parametrize("release", RELEASES)
def test_a_ticket_that_was_read_resumes_the_session(release):
    first = Ends(release).shake()
    first.exchange()
    again = Ends(release)
    again.contexts = first.contexts
    again.client, again.server = (
        Connection(context=context, bio=bio) for context, bio in zip(first.contexts, again.bios, strict=True)
    )
    again.client.set_connect_state()
    again.server.set_accept_state()
    again.client.set_session(first.client.get_session())
    client, server = messages_of(again.client), messages_of(again.server)
    again.shake().exchange()
    assert again.client.session_reused()
    assert again.server.session_reused()
    assert client == [1, -2, -8, -20, "ccs", 20, -TICKET]
    assert server.count(TICKET) == 1


# -- KeyUpdate ----------------------------------------------------------------------------------


def established(release):
    """Two ends whose client has read its tickets."""
    ends = Ends(release).shake()
    ends.exchange()
    return ends


@pytest.mark.parametrize("release", RELEASES)
def test_a_key_update_goes_before_the_data_of_the_next_write(release):
    ends = established(release)
    assert ends.client.key_update(0) == 1
    assert ends.client.in_init()
    assert ends.client.get_key_update_type() == 0
    assert not ends.there.sent
    assert ends.client.write(b"hello") == 5
    assert lengths(bytes(ends.there.sent)) == [KEY_UPDATE_RECORD, 27]
    assert not ends.client.in_init()
    assert ends.client.get_key_update_type() == -1
    ends.deliver()
    assert ends.server.read(100) == (5, b"hello")
    assert ends.server.get_key_update_type() == -1


@pytest.mark.parametrize("release", RELEASES)
def test_do_handshake_sends_a_key_update_by_itself(release):
    ends = established(release)
    ends.server.key_update(0)
    assert ends.server.do_handshake() == 1
    assert lengths(bytes(ends.back.sent)) == [KEY_UPDATE_RECORD]


@pytest.mark.parametrize(("release", "in_the_read"), [("1.1.1c", True), ("1.1.1d", False), ("3.2.0", False)])
def test_a_key_update_asked_for_is_answered_in_the_read_to_1_1_1c_and_by_the_next_write_later(
    release, in_the_read
):
    ends = established(release)
    ends.client.key_update(1)
    ends.client.do_handshake()
    ends.deliver()
    assert ends.server.read(100)[0] == -1
    assert lengths(bytes(ends.back.sent)) == ([KEY_UPDATE_RECORD] if in_the_read else [])
    assert ends.server.get_key_update_type() == (-1 if in_the_read else 0)
    assert not ends.server.in_init()
    assert ends.server.do_handshake() == 1
    assert ends.server.write(b"hello") == 5
    assert lengths(bytes(ends.back.sent)) == [KEY_UPDATE_RECORD, 27]
    ends.deliver()
    assert ends.client.read(100) == (5, b"hello")


@pytest.mark.parametrize("release", ["1.1.1d", "3.0.12"])
def test_the_record_that_waits_is_finished_before_a_key_update_asked_for(release):
    ends = established(release)
    ends.back.capacity = 10
    assert ends.server.write(b"waits") == -1
    ends.client.key_update(1)
    ends.client.do_handshake()
    ends.there.deliver()
    assert ends.server.read(100)[0] == -1
    ends.back.capacity = None
    assert ends.server.write(b"waits") == 5
    assert lengths(bytes(ends.back.sent)) == [27]
    assert ends.server.write(b"next") == 4
    assert lengths(bytes(ends.back.sent)) == [27, KEY_UPDATE_RECORD, 26]


@pytest.mark.parametrize(("release", "ret"), [("1.1.1k", 1), ("1.1.1l", 0), ("3.0.12", 0)])
def test_while_a_record_waits_key_update_is_refused_from_1_1_1l_and_the_end_of_it_before(release, ret):
    ends = established(release)
    ends.there.capacity = 10
    data = b"x" * 100
    assert ends.client.write(data) == -1
    assert ends.client.key_update(0) == ret
    assert reasons() == ([] if ret else ["bad write retry"])
    ends.there.capacity = None
    assert ends.client.write(data) == (-1 if ret else 100)
    assert reasons() == (["bad length"] if ret else [])


@pytest.mark.parametrize(("release", "taken"), [("1.1.1a", 32), ("1.1.1b", 40)])
def test_to_1_1_1a_a_connection_takes_32_key_updates(release, taken):
    ends = established(release)
    for count in range(40):
        ends.client.key_update(0)
        ends.client.do_handshake()
        ends.deliver()
        assert ends.server.read(1)[0] == -1
        assert reasons() == (["too many key updates"] if count == taken else [])
        if count == taken:
            return
    assert taken == 40


def test_key_update_says_what_is_wrong():
    older = connected_pair("1.1.1w", protocol="TLSv1.2")[0]
    assert older.key_update(0) == 0
    assert reasons() == ["wrong ssl version"]
    ends = Ends("1.1.1w")
    assert ends.client.key_update(0) == 0
    assert reasons() == ["wrong ssl version"]
    ends.shake()
    assert ends.client.key_update(2) == 0
    assert reasons() == ["invalid key update type"]
    assert ends.client.key_update(0) == 1
    assert ends.client.key_update(0) == 0
    assert reasons() == ["still in init"]


@pytest.mark.parametrize("call", ["renegotiate", "renegotiate_abbreviated"])
def test_tls_1_3_has_no_renegotiation(call):
    ends = established("1.1.1w")
    assert getattr(ends.client, call)() == 0
    assert reasons() == ["wrong ssl version"]


def test_messages_that_new_keys_follow_end_with_their_record():
    ends = established("1.1.1w")
    machine = ends.client._s
    message = bytes([24, 0, 0, 1, 0])
    ends.there.sent += machine.out.writer.seal(22, 0x0303, message + message[:1])
    ends.deliver()
    assert ends.server.read(1)[0] == -1
    assert reasons() == ["not on record boundary"]


@pytest.mark.parametrize(("release", "starts"), [("1.1.1a", 3), ("1.1.1b", 1)])
def test_to_1_1_1a_the_info_callback_is_told_of_every_ticket_as_of_a_handshake(release, starts):
    ends = Ends(release)
    seen = []
    ends.client.set_info_callback(lambda where, _ret: seen.append(where))
    ends.shake()
    ends.client.read(1)
    assert seen.count(InfoCallback.HANDSHAKE_START) == starts
    assert seen.count(InfoCallback.HANDSHAKE_DONE) == starts


@pytest.mark.parametrize("release", ["0.9.6m", "1.0.2u", "1.1.0l"])
def test_releases_without_tls_1_3_have_nothing_to_say_about_it(release):
    assert load_profile(release).tls13 is None
    assert not hasattr(Connection(profile=release), "key_update")
