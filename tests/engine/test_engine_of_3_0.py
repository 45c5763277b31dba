"""What 3.0 and 3.1 changed: ends of file, who renegotiates, fragments, security levels, errors of ciphers."""

from __future__ import annotations

import pytest

from emulator import Connection, Context, ERR_get_error, ErrorCode, connected_pair
from emulator.constants import Option, Shutdown
from emulator.error_queue import ErrorQueue, current, use

AES_GCM, CHACHA20 = "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"


def reasons():
    found = [entry.text.rpartition(":")[2] for entry in current()]
    current().clear()
    return found


def handshake(client_profile, server_profile, *, client_string, server_string, high, options=0):
    """What both sides' queues hold after at most ten turns, and whether both are done."""
    ends = []
    for profile, string in ((client_profile, client_string), (server_profile, server_string)):
        context = Context(profile, follow="library")
        context.set_options(options)
        context.set_cipher_list(string)
        context.use_fixture()
        context.set_max_proto_version(high)
        ends.append(Connection(context=context))
    client, server = ends
    client.set_connect_state()
    server.set_accept_state()
    said, done = ([], []), [False, False]
    for _ in range(5):
        for side, (one, other) in enumerate(((client, server), (server, client))):
            previous = use(ErrorQueue())
            done[side] = done[side] or one.do_handshake() == 1
            said[side].extend(reasons())
            use(previous)
            other.bio_write(one.bio_read(1 << 16))
    return all(done), *said


# -- ends of file ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "option", "error", "said"),
    [
        ("1.1.1w", False, ErrorCode.SYSCALL, []),
        ("3.0.0", False, ErrorCode.SSL, ["unexpected eof while reading"]),
        ("3.0.0", True, ErrorCode.ZERO_RETURN, []),
        ("3.1.4", True, ErrorCode.ZERO_RETURN, []),
    ],
)
def test_an_end_of_file_is_an_error_unless_it_is_to_be_ignored(link, release, option, error, said):
    one = link(release)
    if option:
        one.client.set_options(Option.IGNORE_UNEXPECTED_EOF)
    one.back.ended = True
    ret, _ = one.client.read(10)
    assert ret <= 0
    assert one.client.get_error(ret) == error
    assert reasons() == said
    assert bool(one.client.get_shutdown() & Shutdown.RECEIVED) is option


@pytest.mark.parametrize("release", ["3.0.0", "3.2.0", "3.5.4"])
def test_an_ignored_end_of_file_makes_ssl_forget_that_it_has_sent_close_notify(link, release):
    one = link(release)
    one.client.set_options(Option.IGNORE_UNEXPECTED_EOF)
    assert one.client.shutdown() == 0
    assert one.client.get_shutdown() == Shutdown.SENT
    one.back.ended = True
    assert one.client.read(10)[0] == 0
    assert one.client.get_shutdown() == Shutdown.RECEIVED
    assert one.client.shutdown() == 1  # it sends another


# -- renegotiation --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "options", "refused"),
    [
        ("1.1.1w", (), False),
        ("3.0.0", (), True),
        ("3.0.0", ("ALLOW_CLIENT_RENEGOTIATION",), False),
        ("3.0.0", ("ALLOW_CLIENT_RENEGOTIATION", "NO_RENEGOTIATION"), True),
    ],
)
def test_a_client_renegotiates_only_with_the_server_s_leave(release, options, refused):
    client, server = connected_pair(
        release, protocol="TLSv1.2", follow="library", server={"options": options}
    )
    client.renegotiate()
    assert client.write(b"hello") == -1
    server.read(10)
    assert client.write(b"hello") == -1
    assert ("no renegotiation" in reasons()) is refused


@pytest.mark.parametrize("release", ["3.0.0", "3.1.0"])
def test_a_server_may_still_ask_for_a_renegotiation(release):
    client, server = connected_pair(release, protocol="TLSv1.2", follow="library")
    server.renegotiate()
    assert server.do_handshake() == 1
    client.read(1)
    server.read(1)
    client.read(1)
    server.read(1)
    assert server.total_renegotiations() == 1
    assert not server.renegotiate_pending()
    assert reasons() == []


# -- fragments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "count"), [("1.1.1w", 1), ("3.0.8", 1), ("3.0.9", 5), ("3.0.16", 5), ("3.1.0", 5)]
)
def test_split_send_fragment_limits_every_record_from_3_0_9_on(link, release, count):
    one = link(release, protocol="TLSv1.2", cipher="AES128-GCM-SHA256")
    assert one.client.set_split_send_fragment(2000) == 1
    assert one.client.write(bytes(10_000)) == 10_000
    assert len(one.records()) == count


# -- what cannot be opened --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cipher", "body", "said"),
    [
        (AES_GCM, bytes(40), ["cipher operation failed", "decryption failed or bad record mac"]),
        (AES_GCM, bytes(23), ["invalid aad", "internal error"]),
        (CHACHA20, bytes(40), ["cipher operation failed", "decryption failed or bad record mac"]),
        (CHACHA20, bytes(15), ["invalid data", "internal error"]),
        ("AES128-SHA", bytes(16), ["length too short"]),
        ("AES128-SHA", bytes(64), ["decryption failed or bad record mac"]),
    ],
)
def test_ciphers_of_a_provider_report_their_own_failures(link, cipher, body, said):
    one = link("3.0.16", protocol="TLSv1.2", cipher=cipher)
    one.back.arrived += b"\x17\x03\x03" + len(body).to_bytes(2, "big") + body
    assert one.client.read(10)[0] == -1
    assert reasons() == said


def test_before_3_0_a_cipher_said_nothing(link):
    one = link("1.1.1w", protocol="TLSv1.2", cipher=AES_GCM)
    one.back.arrived += b"\x17\x03\x03\x00\x28" + bytes(40)
    assert one.client.read(10)[0] == -1
    assert reasons() == ["decryption failed or bad record mac"]


# -- versions and security levels -------------------------------------------------------------------


def test_without_a_version_neither_side_starts():
    context = Context("3.0.16", follow="library")
    context.set_options(Option.NO_TLSV1 | Option.NO_TLSV1_1 | Option.NO_TLSV1_2 | Option.NO_TLSV1_3)
    for start in (Connection.set_connect_state, Connection.set_accept_state):
        connection = Connection(context=context)
        start(connection)
        assert connection.do_handshake() == -1
        assert reasons() == ["no protocols available"]
        assert connection.bio_read(100)[:3] == b"\x15\x03\x03"


@pytest.mark.parametrize(
    ("server", "string", "said"),
    [
        ("3.0.16", "kRSA:@SECLEVEL=1", ["no suitable signature algorithm"]),
        ("3.0.16", "ECDHE:@SECLEVEL=1", ["no suitable signature algorithm"]),
        ("1.1.1w", "ECDHE:@SECLEVEL=1", []),
        ("3.1.4", "kRSA:@SECLEVEL=1", ["no protocols available"]),
        ("3.1.4", "kRSA:@SECLEVEL=0", []),
    ],
)
def test_a_server_above_level_0_does_not_speak_tls_1_0(server, string, said):
    done, _, server_said = handshake(
        "3.0.16", server, client_string="ALL:@SECLEVEL=0", server_string=string, high=0x0301
    )
    assert server_said[:1] == said
    assert done is (said == [])


@pytest.mark.parametrize(
    ("release", "string", "said"),
    [
        ("3.0.16", "ECDHE:@SECLEVEL=1", ["legacy sigalg disallowed or unsupported"]),
        ("3.0.7", "ECDHE:@SECLEVEL=1", ["internal error"]),
        ("3.0.16", "kRSA:@SECLEVEL=1", []),
        ("1.1.1w", "ECDHE:@SECLEVEL=1", []),
    ],
)
def test_a_client_above_level_0_takes_no_signature_of_tls_1_0(release, string, said):
    _, client_said, _ = handshake(
        release, "3.0.16", client_string=string, server_string="ALL:@SECLEVEL=0", high=0x0301
    )
    assert client_said == said


@pytest.mark.parametrize(("release", "level"), [("1.0.2u", 0), ("1.1.1w", 1), ("3.1.4", 1), ("3.2.0", 2)])
def test_a_context_starts_on_the_level_of_its_release(release, level):
    assert Context(release).security_level == level


@pytest.mark.parametrize(("option", "agreed"), [(0, True), (Option.NO_EXTENDED_MASTER_SECRET, False)])
def test_the_extended_master_secret_can_be_switched_off(option, agreed):
    context = Context("3.0.16")
    context.set_options(option)
    context.set_max_proto_version(0x0303)
    client = Connection(context=context)
    client.set_connect_state()
    client.do_handshake()
    assert (b"\x00\x17\x00\x00" in client.bio_read(1000)) is agreed


# -- SSL_sendfile() -----------------------------------------------------------------------------------


def test_sendfile_needs_kernel_tls_which_nobody_has_here():
    client, _ = connected_pair("3.0.16", follow="library")
    assert client.sendfile(0, 0, 100, 0) == -1
    assert reasons() == ["uninitialized"]
    client.shutdown()
    assert client.sendfile(0, 0, 100, 0) == -1
    assert reasons() == ["protocol is shutdown"]
    assert not hasattr(Connection("1.1.1w"), "sendfile")


def test_a_write_without_flags_is_that_of_write_ex():
    client, server = connected_pair("3.5.4")
    assert client.write_ex2(b"hello", 4) == (1, 4)
    assert server.read(10) == (4, b"hell")
    assert not hasattr(Connection("3.2.0"), "write_ex2")


def test_a_write_with_flags_is_refused_after_a_look_at_the_state():
    """As 3.5.4 answers: the flags are QUIC's, and *written stays as it was."""
    connection = Connection("3.5.4")
    assert connection.write_ex2(b"x", flags=1, written=7) == (0, 7)
    assert str(ERR_get_error()) == "error:0A000114:SSL routines::uninitialized"
    connection.set_connect_state()
    assert connection.write_ex2(b"x", flags=1, written=7) == (0, 7)
    assert str(ERR_get_error()) == "error:0A00019C:SSL routines::unsupported write flag"
    client, _ = connected_pair("3.5.4")
    assert client.shutdown() == 0
    assert client.write_ex2(b"x", flags=1) == (0, 0)
    assert str(ERR_get_error()) == "error:0A0000CF:SSL routines::protocol is shutdown"
    assert ERR_get_error() is None


# -- a message that nothing was taken of ------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ("1.1.0l", []),
        ("1.1.1w", ["internal error"]),
        ("3.0.9", ["internal error"]),
        ("3.0.10", []),
        ("3.1.1", ["internal error"]),
        ("3.1.2", []),
        ("3.2.0", []),
    ],
)
def test_a_hello_without_a_bio_is_an_internal_error_in_some_releases(release, said):
    client = Connection(context=Context(release, follow="library"))
    client.set_connect_state()
    client.set_bio(None, None)
    assert client.do_handshake() == -1
    assert reasons() == said
