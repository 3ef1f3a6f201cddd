"""Be told when a kernel is compiled, which takes seconds, and not found on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core import event

__all__ = ["when_compiling"]


class _Teller(event.Listener):
    def __init__(self, tell: Callable[[str], object]) -> None:
        self.tell = tell

    def on_start(self, event: event.Event) -> None:
        """Tell the name of the kernel whose compilation begins."""
        function = event.data["dispatcher"].py_func
        if function.__module__.partition(".")[0] == __name__.partition(".")[0]:
            self.tell(function.__name__)

    def on_end(self, event: event.Event) -> None:
        """Say nothing."""


@contextmanager
def when_compiling(tell: Callable[[str], object]) -> Iterator[None]:
    """Call `tell` with the name of each kernel that has to be compiled meanwhile.

    Parameters
    ----------
    tell : callable
        Takes a name. Kernels that are found on disk are not told.

    Yields
    ------
    None
        While it is called.

    Examples
    --------
    >>> told = []
    >>> with when_compiling(told.append):
    ...     pass
    >>> told
    []
    """
    with event.install_listener("numba:compile", _Teller(tell)):
        yield
