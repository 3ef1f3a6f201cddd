"""One thread pool over kernels, which release the GIL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from itertools import count
from queue import SimpleQueue
from threading import Lock, Thread, local
from typing import Any, TypeVar

import numba
from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread", "overlapped", "parallel_map"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(
    function: Callable[[Item], Result], items: Iterable[Item]
) -> list[Result]:
    """Return ``[function(item) for item in items]``, the calls spread over threads.

    As many threads work as Numba would use, the caller's among them; BLAS keeps to one
    thread meanwhile. The order of results, and so everything computed from them, does
    not depend on the number of threads. A single item, a single thread or a call from
    within another runs in the caller's thread.

    Parameters
    ----------
    function : callable
        Spends its time in kernels.
    items : iterable
        Its arguments, one call each.

    Returns
    -------
    list
        The results in the order of `items`.
    """
    work = list(items)
    size = min(_n_threads(), len(work))
    if size < 2 or getattr(_Team.inside, "flag", False):
        return [function(item) for item in work]
    job = _Job(function, work)
    with one_blas_thread():
        _Team.get().offer(job, size - 1)
        job.work()
        job.wait()
    return job.results()


class _Job:
    """Calls to be shared: whoever is free takes the next."""

    def __init__(self, function: Callable[[Any], Any], items: list[Any]) -> None:
        self.function, self.items = function, items
        self.outcomes: list[Any] = [None] * len(items)
        self.errors: dict[int, BaseException] = {}
        self.context = copy_context()
        self.taken, self.done = count(), count(1)
        self.finished = Lock()
        self.finished.acquire()

    def help(self) -> None:
        """Work in a thread that is not the caller's, but in its context."""
        self.context.copy().run(self.work)

    def work(self) -> None:
        """Take calls until none is left."""
        before = getattr(_Team.inside, "flag", False)
        _Team.inside.flag = True
        try:
            # Counters step without another thread between.
            while (k := next(self.taken)) < len(self.items):
                self._call(k)
        finally:
            _Team.inside.flag = before

    def _call(self, k: int) -> None:
        try:
            self.outcomes[k] = self.function(self.items[k])
        except BaseException as error:  # handed to the caller's thread
            self.errors[k] = error
        finally:
            if next(self.done) == len(self.items):
                self.finished.release()

    def wait(self) -> None:
        """Wait for calls that others are still at; arrays they write stay in use."""
        self.finished.acquire()

    def results(self) -> list[Any]:
        """Return all results, or raise the first error."""
        for k in sorted(self.errors):
            raise self.errors[k]
        return self.outcomes


def overlapped(items: Iterable[Item], consume: Callable[[Item], None]) -> None:
    """Consume each item, in order, while the next one is produced.

    One item is consumed at a time, in a thread of its own, BLAS kept to one thread:
    so what an item holds must stay valid until the item after the next is asked for.
    With a single thread both take turns.

    Parameters
    ----------
    items : iterable
        Producing one should spend its time in kernels.
    consume : callable
        What is done with each.
    """
    size = _n_threads()
    if size < 2 or getattr(_Team.inside, "flag", False):
        for item in items:
            consume(item)
        return

    def consume_within_limit(item: Item) -> None:
        _Team.inside.limit = size
        consume(item)

    with one_blas_thread(), ThreadPoolExecutor(1) as executor:
        before: Future[None] | None = None
        for item in items:
            if before is not None:
                before.result()
            before = executor.submit(copy_context().run, consume_within_limit, item)
        if before is not None:
            before.result()


def _n_threads() -> int:
    """Return how many threads there are to use.

    Asking Numba starts its own threads, after which a forked child may not; so it is
    asked only where they run already.
    """
    limit = getattr(_Team.inside, "limit", None)
    if limit is not None:
        return int(limit)
    try:
        numba.threading_layer()
    except ValueError:
        return int(numba.config.NUMBA_NUM_THREADS)
    return int(numba.get_num_threads())


class _Team:
    """Threads that wait for jobs, made when first needed, forgotten by a forked child.

    The caller's thread works as well, and does not wait for one that wakes up late.
    """

    current: _Team | None = None
    lock = Lock()
    inside = local()

    def __init__(self) -> None:
        self.jobs: SimpleQueue[_Job] = SimpleQueue()
        self.n_members = 0

    def offer(self, job: _Job, n_helpers: int) -> None:
        """Ask for help with a job."""
        while self.n_members < n_helpers:
            self.n_members += 1
            Thread(target=self.serve, name="seqest", daemon=True).start()
        for _ in range(n_helpers):
            self.jobs.put(job)

    def serve(self) -> None:
        """Work on one job after the other."""
        while True:
            self.jobs.get().help()

    @classmethod
    def get(cls) -> _Team:
        with cls.lock:
            if cls.current is None:
                cls.current = cls()
            return cls.current

    @classmethod
    def forget(cls) -> None:
        cls.current, cls.lock, cls.inside = None, Lock(), local()
        _Blas.lock, _Blas.holders, _Blas.limit = Lock(), 0, None


class _Blas:
    """Who holds BLAS to one thread: the first to come sets it, the last lets go."""

    controller: ThreadpoolController | None = None
    lock = Lock()
    holders = 0
    limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread meanwhile.

    For products and factors too small to share: BLAS threads that wait for each other
    spin, at the cost of whoever else wants the core.
    """
    with _Blas.lock:
        if _Blas.controller is None:
            _Blas.controller = ThreadpoolController()
        if _Blas.holders == 0:
            _Blas.limit = _Blas.controller.limit(limits=1, user_api="blas")
        _Blas.holders += 1
    try:
        yield
    finally:
        with _Blas.lock:
            _Blas.holders -= 1
            if _Blas.holders == 0 and _Blas.limit is not None:
                _Blas.limit.restore_original_limits()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Team.forget)
