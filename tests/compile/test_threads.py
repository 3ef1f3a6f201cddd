"""The thread pool: order, nesting, forks, and BLAS kept to one thread."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections import Counter
from queue import SimpleQueue

import numba
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from seqest._compile import one_blas_thread, overlapped, parallel_map

PATIENCE = 30.0  # seconds, after which a thread that never came fails a test


@pytest.fixture
def two_threads():
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("numba was given one thread")
    before = numba.get_num_threads()
    numba.set_num_threads(2)
    yield
    numba.set_num_threads(before)


def test_results_come_in_the_order_of_the_items(two_threads):
    assert parallel_map(lambda i: i * i, range(50)) == [i * i for i in range(50)]


def work_at_once():
    """Return the names of two threads that worked on one job at the same time."""
    both = threading.Barrier(2)

    def meet(_):
        both.wait(PATIENCE)
        return threading.current_thread().name

    return sorted(parallel_map(meet, range(2)))


def test_the_caller_and_a_helper_work_at_the_same_time(two_threads):
    assert work_at_once() == sorted(["seqest", threading.current_thread().name])


def test_a_single_thread_works_in_place(two_threads):
    numba.set_num_threads(1)
    idents = parallel_map(lambda _: threading.get_ident(), range(5))
    assert set(idents) == {threading.get_ident()}


def test_no_items_give_no_results(two_threads):
    assert parallel_map(lambda i: i, []) == []


def test_every_item_is_worked_on_once(two_threads):
    calls = SimpleQueue()
    for _ in range(200):  # jobs so short that helpers often come too late
        parallel_map(calls.put, range(3))
    seen = [calls.get() for _ in range(calls.qsize())]
    assert Counter(seen) == {0: 200, 1: 200, 2: 200}


def test_a_helper_that_wakes_late_loses_nothing(two_threads):
    all_busy, release = threading.Barrier(3), threading.Event()
    calls = SimpleQueue()

    def hold(i):
        all_busy.wait(PATIENCE)
        release.wait(PATIENCE)
        return i

    kept = []
    other = threading.Thread(target=lambda: kept.append(parallel_map(hold, range(2))))
    other.start()
    all_busy.wait(PATIENCE)
    # The helper is held elsewhere: the caller does all, and does not wait for it.
    assert parallel_map(lambda i: calls.put(i) or i, range(20)) == list(range(20))
    assert not kept
    release.set()
    other.join(PATIENCE)
    assert kept == [[0, 1]]
    # Awake, it finds an old job without work, and then the next one.
    assert "seqest" in work_at_once()
    assert sorted(calls.get() for _ in range(calls.qsize())) == list(range(20))


def test_a_call_from_within_the_pool_runs_in_place(two_threads):
    def nested(i):
        return parallel_map(lambda j: (i, j, threading.get_ident()), range(3))

    for results in parallel_map(nested, range(4)):
        assert len({ident for _, _, ident in results}) == 1


def test_overflow_is_treated_as_the_caller_has_it(two_threads):
    large, together = np.full(2, 1e300), threading.Barrier(2, timeout=10)

    def square(_):
        together.wait()  # both threads are at work
        return large * large

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(over="ignore"):
            found = parallel_map(square, range(2))
            overlapped(iter(range(3)), lambda _: large * large)
    assert np.isinf(found).all()


def test_blas_keeps_to_one_thread_inside_and_is_released_after(two_threads):
    def blas_threads(_=None):
        return [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]

    before = blas_threads()
    inside = parallel_map(blas_threads, range(4))
    assert all(n == 1 for threads in inside for n in threads)
    assert blas_threads() == before


def test_of_several_errors_the_first_by_order_of_items_is_raised(two_threads):
    failed = threading.Event()

    def fail(i):
        if i == 1:
            failed.wait(PATIENCE)
        if i == 2:
            failed.set()
        if i:
            raise KeyError(i)

    for items in (range(4), [0, 2, 1]):
        failed.clear()
        with pytest.raises(KeyError) as caught:
            parallel_map(fail, items)
        assert caught.value.args == (next(i for i in items if i),)


@pytest.mark.parametrize("fails", [False, True])
def test_neither_results_nor_errors_come_before_a_helper_is_done(fails, two_threads):
    caller, begun, done = threading.get_ident(), threading.Event(), []

    def work(i):
        if threading.get_ident() == caller:
            begun.wait(PATIENCE)
            if fails:
                raise KeyError(i)
        else:
            begun.set()
            time.sleep(0.1)  # an array is still being written, say
            done.append(i)
        return i

    if fails:
        with pytest.raises(KeyError):
            parallel_map(work, range(2))
    else:
        assert parallel_map(work, range(2)) == [0, 1]
    assert len(done) == 1


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit])
def test_after_an_error_work_is_shared_as_before(error, two_threads):
    def fail(_):
        raise error

    with pytest.raises(error):
        parallel_map(fail, range(3))
    assert "seqest" in work_at_once()


def test_callers_in_several_threads_each_get_their_own_results(two_threads):
    answers = {}

    def ask(k):
        answers[k] = [parallel_map(lambda i: (k, i), range(5)) for _ in range(50)]

    callers = [threading.Thread(target=ask, args=(k,)) for k in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(PATIENCE)
    expected = {k: [[(k, i) for i in range(5)]] * 50 for k in range(4)}
    assert answers == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_gets_a_pool_of_its_own(two_threads):
    assert "seqest" in work_at_once()
    with warnings.catch_warnings():
        # Python 3.12 warns about forking a process with threads: that is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = int("seqest" not in work_at_once())
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("n_threads", [1, 2])
def test_overlapped_items_are_consumed_in_order_one_at_a_time(n_threads, two_threads):
    numba.set_num_threads(n_threads)
    busy, seen = threading.Lock(), []

    def consume(item):
        assert busy.acquire(blocking=False)
        seen.append(item)
        busy.release()

    overlapped(iter(range(50)), consume)
    assert seen == list(range(50))


def test_an_overlapped_item_is_done_before_the_one_after_next_is_made(two_threads):
    done = []

    def make():
        for item in range(30):
            assert all(earlier in done for earlier in range(item - 1))
            yield item

    overlapped(make(), done.append)


def test_an_error_in_an_overlapped_consumer_reaches_the_caller(two_threads):
    def fail(item):
        raise KeyError(item)

    with pytest.raises(KeyError):
        overlapped(iter(range(3)), fail)


def test_callers_that_overlap_leave_blas_as_it_was(two_threads):
    def threads():
        return [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]

    before = threads()
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert all(n == 1 for n in threads())
    second.__exit__(None, None, None)
    assert threads() == before
