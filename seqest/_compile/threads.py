"""One thread pool over kernels, which release the GIL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
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

    The pool holds ``numba.get_num_threads()`` threads; BLAS keeps to one thread
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
    size = numba.get_num_threads()
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
    if numba.get_num_threads() < 2 or getattr(_Pool.inside, "flag", False):
        for item in items:
            consume(item)
        return
    with one_blas_thread(), ThreadPoolExecutor(1) as executor:
        before: Future[None] | None = None
        for item in items:
            if before is not None:
                before.result()
            before = executor.submit(consume, item)
        if before is not None:
            before.result()


class _Pool:
    """The pool, made when first needed and forgotten by a forked child."""

    executor: ThreadPoolExecutor | None = None
    size = 0
    lock = Lock()
    blas: ThreadpoolController | None = None
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


def one_blas_thread() -> AbstractContextManager[Any]:
    """Return a context that holds BLAS to one thread.

    For products and factors too small to share: BLAS threads that wait for each other
    spin, at the cost of whoever else wants the core.
    """
    if _Pool.blas is None:
        _Pool.blas = ThreadpoolController()
    limit: AbstractContextManager[Any] = _Pool.blas.limit(limits=1, user_api="blas")
    return limit


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Pool.forget)
