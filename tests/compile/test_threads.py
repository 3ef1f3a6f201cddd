"""The thread pool: order, nesting, forks, and BLAS kept to one thread."""

from __future__ import annotations

import os
import threading
import warnings

import numba
import pytest
from threadpoolctl import threadpool_info

from seqest._compile import one_blas_thread, overlapped, parallel_map


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


def test_work_is_done_in_the_pool(two_threads):
    names = set(parallel_map(lambda _: threading.current_thread().name, range(20)))
    assert names <= {"seqest", threading.current_thread().name}


def test_a_call_from_within_the_pool_runs_in_place(two_threads):
    def nested(i):
        return parallel_map(lambda j: (i, j, threading.get_ident()), range(3))

    for results in parallel_map(nested, range(4)):
        assert len({ident for _, _, ident in results}) == 1


def test_blas_keeps_to_one_thread_inside_and_is_released_after(two_threads):
    def blas_threads(_=None):
        return [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]

    before = blas_threads()
    inside = parallel_map(blas_threads, range(4))
    assert all(n == 1 for threads in inside for n in threads)
    assert blas_threads() == before


def test_an_error_in_an_item_reaches_the_caller(two_threads):
    def fail(i):
        raise KeyError(i)

    with pytest.raises(KeyError):
        parallel_map(fail, range(3))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_gets_a_pool_of_its_own(two_threads):
    parallel_map(lambda i: i, range(4))
    with warnings.catch_warnings():
        # Python 3.12 warns about forking a process with threads: that is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = int(parallel_map(lambda i: i, range(4)) != [0, 1, 2, 3])
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
