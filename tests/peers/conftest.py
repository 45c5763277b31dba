"""Peers over loopback: the openssl programs, Python's ssl, and the emulator's end of a connection with them.

Both kinds of peer have the same few calls, so that a test can be made for either.  One that can't be started
is a failure, never a skip.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import selectors
import socket
import ssl
import struct
import subprocess
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emulator import Connection, Context, ERR_clear_error, ERR_get_error, ErrorCode
from emulator.api.protocols import leave_only, method_for
from emulator.handshake.common import der
from emulator.handshake.common.key_exchange import AUTO_DH
from emulator.profile import load_profile

PATIENCE = 25.0
"""Seconds that anything may take on a slow machine; nothing waits this long where all is well."""

LOOPBACK = "127.0.0.1"
LEGACY_SERVER_CONNECT = 0x4
PINS = {"TLSv1": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
_MAX_READ = 16384
_HANDSHAKE = 22
_GLANCE = 0.01
_REMARKS = re.compile(rb"Read BLOCK\n|SSL_do_handshake -> 1\n")


class Program:
    """A running ``openssl`` command: what it prints is gathered as it comes."""

    def __init__(self, *arguments):
        self.port = 0
        self._command = ["openssl", *map(str, arguments)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        self.out, self.log = bytearray(), bytearray()
        self._news = threading.Condition()
        self._threads = []
        self._start(self._listen, self._process.stdout, self.out)
        self._start(self._listen, self._process.stderr, self.log)

    def _start(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self, stream, into):
        while data := stream.read(65536):
            with self._news:
                into += data
                self._news.notify_all()

    def _await(self, test, what):
        with self._news:
            if not self._news.wait_for(test, PATIENCE):
                last = bytes(self.out[-300:]), bytes(self.log[-2000:])
                pytest.fail(f"{' '.join(self._command)}: no {what!r} in {last}")

    def await_line(self, pattern, *, log=False, count=1):
        """Wait until a regular expression has been printed ``count`` times; the last of them."""
        where = self.log if log else self.out
        found = []

        def test():
            found[:] = re.finditer(pattern, where)
            return len(found) >= count

        self._await(test, pattern)
        return found[count - 1]

    def count(self, words, *, log=True):
        """How often it has printed these bytes."""
        return (self.log if log else self.out).count(words)

    def send(self, data):
        """Give bytes to its standard input, in the background."""

        def write():
            with contextlib.suppress(BrokenPipeError):
                rest = memoryview(data)
                while rest:
                    rest = rest[self._process.stdin.write(rest) :]

        self._start(write)

    def expect(self, data):
        """A call that waits until the peer has got exactly this from us."""
        start = len(self.out)
        return lambda: self._await(lambda: self._data(start).find(data) >= 0, data[:40])

    def _data(self, start):
        """What was printed from ``start`` on without s_server's remarks on key updates."""
        return _REMARKS.sub(b"", self.out[start:])

    def finish(self):
        """End its input: s_client sends close_notify and leaves, s_server leaves without one."""
        self._process.stdin.close()

    def check_it_saw_our_close(self):
        self.await_line(rb"alert read:warning:close notify", log=True)

    def check_it_agreed(self, suite):
        self.await_line(rb"(?:CIPHER|Cipher) is " + suite.encode() + rb"\r?\n")

    def wait(self):
        """Wait until it has ended by itself and all that it printed is here; its exit status."""
        status = self._process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        return status

    def close(self):
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            stream.close()


class PythonPeer:
    """Python's ssl in a thread of its own, which does what it is asked in order."""

    def __init__(self, wrap):
        self._executor = ThreadPoolExecutor(1)
        self._sock = None
        self._jobs = []
        self._do(self._open, wrap)

    def _open(self, wrap):
        self._sock = wrap()
        self._sock.do_handshake()

    def _do(self, function, *arguments):
        job = self._executor.submit(function, *arguments)
        self._jobs.append(job)
        return job

    def ask(self, function):
        """Call a function with the ssl.SSLSocket in the peer's thread, after all that it was asked before."""
        return self._do(lambda: function(self._sock)).result(PATIENCE)

    def send(self, data):
        """Have it send, in the background."""
        self._do(lambda: self._sock.sendall(data))

    def expect(self, data):
        """A call that waits until the peer has got exactly this from us."""
        job = self._do(self._receive, len(data))

        def check():
            assert job.result(PATIENCE) == data

        return check

    def _receive(self, length):
        got = bytearray()
        while len(got) < length and (data := self._sock.recv(length - len(got))):
            got += data
        return got

    def finish(self):
        """Have it send close_notify and wait for ours."""
        self._do(self._sock.unwrap)

    def check_it_saw_our_close(self):
        """An end without close_notify would raise ssl.SSLEOFError; then it answers with its own."""
        assert self.ask(lambda sock: sock.recv(1)) == b""
        self.finish()

    def check_it_agreed(self, suite):
        assert self.ask(lambda sock: sock.cipher())[0] == suite

    def close(self):
        """End its thread; what went wrong in it is raised."""
        try:
            for job in self._jobs:
                job.result(PATIENCE)
        finally:
            if self._sock is not None:
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
            self._executor.shutdown(wait=True)
            if self._sock is not None:
                self._sock.close()


class End:
    """The emulator's end: every call is repeated as SSL_get_error() says, for as long as PATIENCE lasts."""

    def __init__(self, context, sock):
        self.sock = sock
        self.handshakes = 0
        self.waits = set()
        self.sent, self.got = [], []
        """The types of the handshake messages that went out and came in."""
        self.conn = Connection(context=context, sock=sock)
        self.conn.set_info_callback(self._count_handshakes)
        if hasattr(self.conn, "set_msg_callback"):
            self.conn.set_msg_callback(self._note_message)

    def _count_handshakes(self, where, ret):
        self.handshakes += where == 0x20

    def _note_message(self, outgoing, version, content_type, message):
        if content_type == _HANDSHAKE:
            (self.sent if outgoing else self.got).append(message[0])

    def repeat(self, call, *arguments):
        """Call until the answer is above 0; WANT_READ and WANT_WRITE are waited out, anything else fails."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = call(*arguments)
            ret = answer[0] if isinstance(answer, tuple) else answer
            if ret > 0:
                return answer
            error = self.conn.get_error(ret)
            self.waits.add(error)
            if error not in (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE):
                pytest.fail(f"{call.__name__}() = {ret}, {error!r}, {self.errors()}")
            self._wait(error, deadline)

    def _wait(self, error, deadline):
        event = selectors.EVENT_READ if error is ErrorCode.WANT_READ else selectors.EVENT_WRITE
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, event)
            if not selector.select(max(0, deadline - time.monotonic())):
                pytest.fail(f"the peer keeps us waiting for ever: {error!r}")

    @staticmethod
    def errors():
        """Empty this thread's queue; its reasons."""
        return [str(entry) for entry in iter(ERR_get_error, None)]

    def connect(self):
        self.conn.set_connect_state()
        return self.shake_hands()

    def accept(self):
        self.conn.set_accept_state()
        return self.shake_hands()

    def shake_hands(self):
        assert self.repeat(self.conn.do_handshake) == 1
        return self

    def send(self, data):
        """Write all, in as many calls as partial writes make necessary."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.repeat(self.conn.write, rest) :]

    def receive(self, length):
        """Read this many bytes."""
        got = bytearray()
        while len(got) < length:
            got += self.repeat(self.conn.read, min(_MAX_READ, length - len(got)))[1]
        return got

    def cross(self, data, length, meanwhile=()):
        """Write all and read this many bytes at once, on a socket that doesn't block; what was read.

        ``meanwhile`` is gone through a step at a time: a generator is sent how much was written and read.
        """
        rest, got = memoryview(data), bytearray()
        steps, deadline = iter(meanwhile), time.monotonic() + PATIENCE
        busy = next(steps, None) is None and meanwhile != ()
        while rest or len(got) < length or busy:
            written = self._attempt(self.conn.write, rest[:_MAX_READ])[0] if rest else 0
            rest = rest[written:]
            piece = self._attempt(self.conn.read, _MAX_READ)[1] if len(got) < length else b""
            got += piece
            if busy:
                busy = self._step(steps, len(data) - len(rest), len(got))
            if not written and not piece:
                self._glance(bool(rest), _GLANCE if busy else max(0, deadline - time.monotonic()))
            if time.monotonic() > deadline:
                pytest.fail(f"{len(rest)} bytes are left to write, {len(got)} of {length} have come")
        return got

    @staticmethod
    def _step(steps, written, got):
        try:
            steps.send((written, got))
        except StopIteration:
            return False
        return True

    def _attempt(self, call, argument):
        """One call: its answer and the data, 0 and none if it has to be repeated."""
        answer = call(argument)
        ret, piece = answer if isinstance(answer, tuple) else (answer, b"")
        if ret > 0:
            return ret, piece
        error = self.conn.get_error(ret)
        if error not in (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE):
            pytest.fail(f"{call.__name__}() = {ret}, {error!r}, {self.errors()}")
        return 0, b""

    def _glance(self, write, seconds):
        event = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, event)
            selector.select(seconds)

    def part(self):
        """Say goodbye first, hear the answer, and hang up."""
        assert self.conn.shutdown() == 0
        assert self.repeat(self.conn.shutdown) == 1
        self.sock.close()

    def read_to_the_end(self):
        """Read on behind the last data: what SSL_get_error() says of the 0 or -1 that comes."""
        deadline = time.monotonic() + PATIENCE
        while True:
            ret, data = self.conn.read(_MAX_READ)
            assert data == b""
            error = self.conn.get_error(ret)
            if error is not ErrorCode.WANT_READ:
                return error
            self._wait(error, deadline)


class Bench:
    """Makes both ends of connections, and ends them all."""

    def __init__(self, files):
        self.files = files
        self._stack = contextlib.ExitStack()

    def close(self):
        self._stack.close()

    def _keep(self, thing):
        self._stack.callback(thing.close)
        return thing

    # -- the emulator's end

    def context(self, release, protocol=None, suite=None, *, kinds=("RSA", "ECDSA"), **settings):
        """A context with one protocol and one suite, where given, as this release's callers would make it."""
        profile = load_profile(release)
        context = Context(profile, method=settings.pop("method", method_for(profile, protocol)), **settings)
        if protocol is not None and not context.fixed_version:
            leave_only(context, protocol)
        if suite is not None and protocol == "TLSv1.3":
            assert context.set_ciphersuites(suite) == 1
        elif suite is not None:
            lowest = ":@SECLEVEL=0" if context.profile.ciphers.security_levels else ""
            assert context.set_cipher_list(suite + lowest) == 1
        context.set_tmp_dh(self.files["DH"].read_bytes())
        if protocol != "TLSv1.3":
            context.set_tmp_ecdh("prime256v1")
        for kind in kinds:
            if kind == "RSA" or context.profile.hello.groups:
                pem = self.files[kind].read_bytes()
                context.use_certificate(pem, pem)
        return context

    def dial(self, port, kind="blocking"):
        """A socket to a port of this machine."""
        sock = self._keep(socket.create_connection((LOOPBACK, port), PATIENCE))
        return _made(sock, kind)

    def listen(self):
        """A listening socket at a port that the system chose, and the port."""
        listener = self._keep(socket.create_server((LOOPBACK, 0)))
        listener.settimeout(PATIENCE)
        return listener, listener.getsockname()[1]

    def take(self, listener, kind="blocking"):
        """The socket of a peer that has come."""
        return _made(self._keep(listener.accept()[0]), kind)

    def end(self, context, sock):
        """The emulator's connection at a socket."""
        return End(context, sock)

    # -- the peers

    def program(self, *arguments):
        """Any openssl command."""
        return self._keep(Program(*arguments))

    def s_server(self, protocol=None, suite=None, *more):
        """``openssl s_server`` at ``.port``; its log tells of states and alerts."""
        kind = "ECDSA" if suite and "ECDSA" in suite else "RSA"
        server = self.program(
            *("s_server", "-accept", f"{LOOPBACK}:0", "-state", "-cert", self.files[kind]),
            *("-dhparam", self.files["DH"], *_pinned(protocol, suite), *more),
        )
        server.port = int(server.await_line(rb"ACCEPT [^\n]*:(\d+)\n")[1])
        return server

    def s_client(self, port, protocol=None, suite=None, *more):
        """``openssl s_client`` that connects to a port; servers without RFC 5746 will do."""
        return self.program(
            *("s_client", "-connect", f"{LOOPBACK}:{port}", "-state", "-legacy_server_connect"),
            *(*_pinned(protocol, suite), *more),
        )

    def ssl_context(self, side, protocol=None, suite=None):
        """An ssl.SSLContext that trusts everybody."""
        context = ssl.SSLContext(side)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(("ALL" if protocol == "TLSv1.3" else suite or "ALL") + ":@SECLEVEL=0")
        context.options |= LEGACY_SERVER_CONNECT
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion(VERSIONS[protocol or "TLSv1"])
            if protocol is not None:
                context.maximum_version = context.minimum_version
        if side is ssl.PROTOCOL_TLS_SERVER:
            context.load_cert_chain(self.files["ECDSA" if suite and "ECDSA" in suite else "RSA"])
            context.load_dh_params(self.files["DH"])
        return context

    def python_server(self, protocol=None, suite=None, *, context=None, curve=None):
        """Python's ssl as a server, at ``.port``; ``curve`` is the one group that it takes."""
        context = context or self.ssl_context(ssl.PROTOCOL_TLS_SERVER, protocol, suite)
        if curve is not None:
            context.set_ecdh_curve(curve)
        listener, port = self.listen()

        def wrap():
            sock, _ = listener.accept()
            return self._wrap(context, sock, server_side=True)

        peer = self._keep(PythonPeer(wrap))
        peer.port = port
        return peer

    def python_client(self, port, protocol=None, suite=None, *, context=None, **how):
        """Python's ssl as a client of a port; a session and the server's name are for wrap_socket()."""
        context = context or self.ssl_context(ssl.PROTOCOL_TLS_CLIENT, protocol, suite)

        def wrap():
            return self._wrap(context, socket.create_connection((LOOPBACK, port), PATIENCE), **how)

        return self._keep(PythonPeer(wrap))

    def _wrap(self, context, sock, **how):
        sock.settimeout(PATIENCE)
        return context.wrap_socket(sock, do_handshake_on_connect=False, suppress_ragged_eofs=False, **how)

    def meet(self, role, peer, context, protocol=None, suite=None, *more, kind="blocking"):
        """The emulator in this role and "openssl" or "python" that have shaken hands: (end, peer)."""
        if role == "client":
            make = self.s_server if peer == "openssl" else self.python_server
            other = make(protocol, suite, *more)
            return self.end(context, self.dial(other.port, kind)).connect(), other
        listener, port = self.listen()
        make = self.s_client if peer == "openssl" else self.python_client
        other = make(port, protocol, suite, *more)
        return self.end(context, self.take(listener, kind)).accept(), other


def _made(sock, kind):
    """A socket that blocks (yet not for ever: SO_RCVTIMEO), does not, or has a timeout that will be felt."""
    if kind == "blocking":
        limit = struct.pack("ll", int(PATIENCE), 0)
        sock.settimeout(None)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    else:
        sock.settimeout({"non-blocking": 0.0, "timeout": 0.02}[kind])
    return sock


def _pinned(protocol, suite):
    pin = [PINS[protocol]] if protocol is not None else []
    if protocol == "TLSv1.3":
        return [*pin, *(["-ciphersuites", suite] if suite else [])]
    return [*pin, "-cipher", (suite or "ALL") + ":@SECLEVEL=0"]


@pytest.fixture(scope="session", name="files")
def _files(tmp_path_factory):
    """PEM files: a certificate of either kind with its key, and Diffie-Hellman parameters."""
    folder = tmp_path_factory.mktemp("peers")
    keys = {"RSA": rsa.generate_private_key(65537, 2048), "ECDSA": ec.generate_private_key(ec.SECP256R1())}
    made = {}
    for kind, key in keys.items():
        made[kind] = folder / f"{kind}.pem"
        made[kind].write_bytes(_certificate(key) + _private(key))
    made["DH"] = folder / "dh.pem"
    made["DH"].write_bytes(_group())
    return made


def _certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    builder = builder.not_valid_after(dt.datetime(2060, 1, 1, tzinfo=dt.UTC))
    signed = builder.public_key(key.public_key()).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def _private(key):
    pem, traditional = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(pem, traditional, serialization.NoEncryption())


def _group():
    group = der.element(der.SEQUENCE, der.integer(AUTO_DH.p) + der.integer(AUTO_DH.g))
    return ssl.DER_cert_to_PEM_cert(group).replace("CERTIFICATE", "DH PARAMETERS").encode()


@pytest.fixture(name="bench")
def _bench(files):
    """What makes both ends; all is ended after the test, and this thread's error queue is empty before it."""
    ERR_clear_error()
    bench = Bench(files)
    yield bench
    bench.close()
