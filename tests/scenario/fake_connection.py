"""A connection without TLS, to test the runner: a write sends a record, a read takes what has arrived."""

from __future__ import annotations

from emulator.constants import ErrorCode, Want
from emulator.error_queue import ErrorEntry, current
from emulator.exceptions import SimulatedCrash

CRASHING_SIZE = 13


class FakeErrors:
    def numeric(self, lib, func, reason):
        return ErrorEntry(lib << 24 | reason, lib, func, reason, f"error:{lib}:{reason}")


class FakeContext:
    errors = FakeErrors()


class FakeConnection:
    context = FakeContext()

    def __init__(self, bio):
        self.bio = bio
        self.errno = 0
        self.mode = 0
        self.calls = []

    def write(self, data, num):
        self.calls.append(("write", bytes(data[:4]), num))
        data = data[: max(num, 0)]
        if len(data) == CRASHING_SIZE:
            raise SimulatedCrash("SIGSEGV", "test", 1)
        record = bytes([23, 3, 1]) + len(data).to_bytes(2, "big") + bytes(data)
        sent = 0
        while sent < len(record):
            ret = self.bio.write(record[sent:])
            if ret <= 0:
                self.errno = self.bio.errno
                return -1
            sent += ret
        return len(data)

    def write_ex(self, data, num, *, written):
        ret = self.write(data, num)
        return (1, ret) if ret > 0 else (0, written)

    def read(self, n):
        data = self.bio.read(n)
        self.errno = self.bio.errno
        return self.bio.ret, data

    peek = read

    def do_handshake(self):
        return 1

    def renegotiate(self):
        return 1

    def shutdown(self):
        return 0

    def pending(self):
        return self.bio.pending()

    def get_error(self, ret):
        if ret > 0:
            return ErrorCode.NONE
        if current():
            return ErrorCode.SSL
        if self.bio.should_read:
            return ErrorCode.WANT_READ
        return ErrorCode.WANT_WRITE if self.bio.should_write else ErrorCode.SYSCALL

    def want(self):
        return Want.NOTHING

    def get_shutdown(self):
        return 0

    def in_init(self):
        return False

    def set_mode(self, mode):
        self.mode |= mode
        return self.mode

    def clear_mode(self, mode):
        self.mode &= ~mode
        return self.mode

    def get_mode(self):
        return self.mode

    def set_max_send_fragment(self, size):
        current().put(FakeErrors().numeric(20, 1, size))
        return 0

    def set_split_send_fragment(self, size):
        return 1

    def set_shutdown(self, flags):
        self.calls.append(("set_shutdown", flags))

    def set_quiet_shutdown(self, mode):
        self.calls.append(("set_quiet_shutdown", mode))

    def set_bio(self, rbio, wbio):
        self.calls.append(("set_bio", rbio, wbio))
