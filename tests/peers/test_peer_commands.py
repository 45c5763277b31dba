"""``emulator serve`` and ``emulator connect``, started as one starts them."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys

import pytest

from emulator.cli import main
from emulator.peers import Server
from emulator.peers.events import ACTIONS

PATIENCE = 60.0
LOOPBACK = "127.0.0.1"


class Served:
    """A running ``emulator serve`` that has said that it listens."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "emulator", "serve", "--port", "0", *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.first = self._process.stdout.readline()
        found = re.search(r'listening on 127\.0\.0\.1:(\d+)|"port": (\d+)', self.first)
        self.port = int(found[1] or found[2])

    def end(self, number=signal.SIGTERM):
        """Send a signal, None: it ends by itself; its exit status and what it printed."""
        if number is not None:
            self._process.send_signal(number)
        out, err = self._process.communicate(timeout=PATIENCE)
        assert err == ""
        return self._process.returncode, out

    def close(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def serve():
    started = []

    def start(*arguments):
        started.append(Served(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


def _connect(*arguments):
    command = [sys.executable, "-m", "emulator", "connect", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_tells_what_happens_and_ends_cleanly_by_a_signal(serve, bench, number):
    server = serve("--profile", "1.0.1", "--event", "renegotiate@6B-out", "--event", "reset@1000B")
    client = bench.s_client(server.port, None, None, "-nbio")
    arrived = client.expect(b"hello\n")
    client.send(b"hello\n")
    arrived()
    client.await_line(rb"read hello request", log=True)
    arrived = client.expect(b"again\n")
    client.send(b"again\n")
    arrived()
    status, out = server.end(number)
    lines = out.splitlines()
    assert status == 0
    assert server.first == f"listening on 127.0.0.1:{server.port} as OpenSSL 1.0.1u\n"
    assert "1: handshake 1: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384" in lines
    assert "1: event renegotiate@6B-out" in lines
    assert "1: SSL_renegotiate() = 1, NONE" in lines
    assert "1: handshake 2: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384, session reused" in lines
    assert re.fullmatch(r"1: stopped; received 12 bytes, sent 12;.* never fired: reset@1000B", lines[-2])
    assert lines[-1] == "never fired: reset@1000B"


def test_serve_prints_json_that_a_script_can_read_and_ends_after_its_clients(serve):
    server = serve("--profile", "1.1.1", "--json", "--accept", "1", "--event", "key-update@1B-in", "--msg")
    done = _connect(f"{LOOPBACK}:{server.port}", "--profile", "3.0", "--bytes", "100", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    status, out = server.end(None)
    notes = [json.loads(line) for line in (server.first + out).splitlines()]
    assert status == 0
    assert [note["what"] for note in notes[:2]] == ["listening", "connected"]
    assert {"what": "event", "connection": 1, "event": "key-update@1B-in", "received": 1, "sent": 0} in notes
    assert notes[-1]["what"] == "ended"
    assert notes[-1]["received"] == 100
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    assert [note["protocol"] for note in theirs if note["what"] == "handshake"] == ["TLSv1.3"]


def test_a_file_goes_from_one_command_to_the_other_and_events_that_never_fire_are_status_1(serve, tmp_path):
    file = tmp_path / "text"
    file.write_text("Where there is a will there is a way.\n" * 1000)
    strict = ("--event", "close@99999B", "--strict-events")
    server = serve("--profile", "0.9.8", "--send", str(file), "--accept", "1", "-q", *strict)
    how = ("--profile", "1.0.1", "--read-until-close", "--nonblocking")
    done = _connect(f"{LOOPBACK}:{server.port}", *how, *strict)
    assert done.returncode == 1
    assert done.stdout == file.read_text()
    assert done.stderr.splitlines()[-1] == "never fired: close@99999B"
    status, out = server.end(None)
    assert status == 1
    assert [line.partition(":")[0] for line in out.splitlines()] == ["1", "never fired"]


def test_connect_tells_of_a_connection_that_fails_and_is_status_1(serve):
    server = serve("--profile", "1.0.1", "--event", "reset@3B-in")
    done = _connect(f"{LOOPBACK}:{server.port}", "--profile", "1.0.2", "--bytes", "3", "--read-until-close")
    assert done.returncode == 1
    assert "SSL_read() = -1, SYSCALL, errno 104" in done.stderr
    assert done.stderr.splitlines()[-1] == "failed; received 0 bytes, sent 3"


def test_connect_writes_what_a_file_holds_and_waits_for_an_answer(tmp_path, capfdbinary):
    file = tmp_path / "request"
    file.write_bytes(b"GET / HTTP/1.0\r\n\r\n")
    with Server("0.9.8", serve="www") as server:
        address, how = f"localhost:{server.port}", ["--profile", "1.0.1", "--expect", "0.9.8zh"]
        assert main(["connect", address, *how, "--input", str(file), "--read-until-close"]) == 0
        assert main(["connect", address, *how, "--bytes", "5", "--timeout", "2"]) == 1
    out, err = capfdbinary.readouterr()
    assert out.endswith(b"OpenSSL 0.9.8zh\nTLSv1 DHE-RSA-AES256-SHA\nGET / HTTP/1.0\n")
    assert err.splitlines()[-2:] == [b"timed out; received 0 bytes, sent 5", b"'0.9.8zh' never came"]


def test_a_server_that_is_not_there_is_status_1(capsys):
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
    assert main(["connect", f"{LOOPBACK}:{port}", "--profile", "1.0.1"]) == 1
    assert capsys.readouterr().err == "no connection: Connection refused\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["serve", "--profile", "1.0.1", "--event", "renegotate@start"], "did you mean 'renegotiate'?"),
        (["serve", "--profile", "1.0.1", "--event", "key-update"], "SSL_key_update does not exist"),
        (["serve", "--profile", "1.0.1", "--echo", "--sink"], "expected one of them"),
        (["serve", "--profile", "1.0.1", "--cert", "no-such-file"], "no-such-file"),
        (["serve", "--profile", "1.0.l"], "no profile is named '1.0.l'"),
        (["connect", "here", "--profile", "1.0.1"], "got 'here', expected HOST:PORT"),
        (["connect", "here:0", "--profile", "1.0.1"], "expected HOST:PORT with a port from 1 to 65535"),
        (["connect", "h:1", "--profile", "1.0.1", "--input", "-", "--bytes", "1"], "expected one of them"),
        (["connect", "h:1", "--profile", "1.0.1", "--mode", "AUTO_RETRIES"], "AUTO_RETRY"),
    ],
)
def test_misuse_is_one_line_and_status_2(arguments, reason, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert reason in err
    assert err.count("\n") == 1


def test_a_port_that_is_taken_is_status_2(capsys):
    with Server("1.0.1") as server:
        assert main(["serve", "--profile", "1.0.1", "--port", str(server.port)]) == 2
    assert "in use" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["serve", "connect"])
def test_the_help_names_every_event(name, capsys):
    assert main([name, "--help"]) == 0
    words = set(re.split(r"[\s│,]+", capsys.readouterr().out.partition("Arguments")[0]))
    assert {f"{event}{action.usage}" for event, action in ACTIONS.items()} <= {
        word.strip(".") for word in words
    }
