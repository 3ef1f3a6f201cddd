"""One thread pool over kernels, which release the GIL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock, local
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

    The pool holds as many threads as Numba would use; BLAS keeps to one thread
    meanwhile. The order of results, and so everything computed from them, does not
    depend on the number of threads. A single item, a single thread or a call from
    within the pool runs in the caller's thread.

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
    size = _n_threads()
    if len(work) < 2 or size < 2 or getattr(_Pool.inside, "flag", False):
        return [function(item) for item in work]

    def call(item: Item) -> Result:
        _Pool.inside.flag = True
        return function(item)

    with one_blas_thread():
        return list(_Pool.get(size).map(call, work))


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
    if size < 2 or getattr(_Pool.inside, "flag", False):
        for item in items:
            consume(item)
        return

    def consume_within_limit(item: Item) -> None:
        _Pool.inside.limit = size
        consume(item)

    with one_blas_thread(), ThreadPoolExecutor(1) as executor:
        before: Future[None] | None = None
        for item in items:
            if before is not None:
                before.result()
            before = executor.submit(consume_within_limit, item)
        if before is not None:
            before.result()


def _n_threads() -> int:
    """Return how many threads there are to use.

    Asking Numba starts its own threads, after which a forked child may not; so it is
    asked only where they run already.
    """
    limit = getattr(_Pool.inside, "limit", None)
    if limit is not None:
        return int(limit)
    try:
        numba.threading_layer()
    except ValueError:
        return int(numba.config.NUMBA_NUM_THREADS)
    return int(numba.get_num_threads())


class _Pool:
    """The pool, made when first needed and forgotten by a forked child."""

    executor: ThreadPoolExecutor | None = None
    size = 0
    lock = Lock()
    inside = local()

    @classmethod
    def get(cls, size: int) -> ThreadPoolExecutor:
        with cls.lock:
            if cls.executor is None or cls.size != size:
                cls.executor = ThreadPoolExecutor(size, thread_name_prefix="seqest")
                cls.size = size
            return cls.executor

    @classmethod
    def forget(cls) -> None:
        cls.executor, cls.lock, cls.inside = None, Lock(), local()
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
    os.register_at_fork(after_in_child=_Pool.forget)
