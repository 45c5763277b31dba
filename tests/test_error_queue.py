from __future__ import annotations

import threading

from emulator import error_queue
from emulator.error_queue import ErrorEntry, ErrorQueue


def error(reason: int) -> ErrorEntry:
    return ErrorEntry(0x14000000 | reason, 20, 0, reason, f"error {reason}")


def test_the_oldest_error_is_read_first():
    queue = ErrorQueue([error(1), error(2)])
    assert [queue.get(), queue.get(), queue.get()] == [error(1), error(2), None]


def test_peeking_leaves_the_queue_as_it_was():
    queue = ErrorQueue([error(1), error(2)])
    assert (queue.peek(), queue.peek_last(), len(queue)) == (error(1), error(2), 2)


def test_an_empty_queue_has_nothing_to_peek_at():
    queue = ErrorQueue()
    assert (queue.peek(), queue.peek_last(), queue.get()) == (None, None, None)


def test_the_sixteenth_error_drops_the_oldest():
    queue = ErrorQueue()
    for reason in range(1, 17):
        queue.put(error(reason))
    assert [entry.reason for entry in queue] == list(range(2, 17))


def test_clearing_removes_every_error():
    queue = ErrorQueue([error(1), error(2)])
    queue.clear()
    assert not queue


def test_the_functions_of_the_module_work_on_this_threads_queue():
    error_queue.ERR_put_error(error(1))
    error_queue.ERR_put_error(error(2))
    assert list(error_queue.current()) == [error(1), error(2)]
    assert (error_queue.ERR_peek_error(), error_queue.ERR_peek_last_error()) == (error(1), error(2))
    assert error_queue.ERR_get_error() == error(1)
    error_queue.ERR_clear_error()
    assert error_queue.ERR_get_error() is None


def test_another_queue_can_be_put_in_the_threads_place():
    error_queue.ERR_put_error(error(1))
    other = ErrorQueue()
    first = error_queue.use(other)
    error_queue.ERR_put_error(error(2))
    assert error_queue.use(first) is other
    assert (list(first), list(other)) == ([error(1)], [error(2)])


def test_each_thread_has_a_queue_of_its_own():
    seen = []
    error_queue.ERR_put_error(error(1))
    thread = threading.Thread(target=lambda: seen.append(error_queue.ERR_peek_error()))
    thread.start()
    thread.join()
    assert seen == [None]


def test_an_entry_prints_as_its_text():
    assert str(error(7)) == "error 7"
