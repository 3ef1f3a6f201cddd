"""The command compile-kernels, and the notice where kernels are not yet compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

import seqest
from seqest.cli._arguments import Quiet
from seqest.cli._columns import UsageError
from seqest.cli._console import progress_over, say
from seqest.compilation import KERNELS_OF, when_compiling

__all__ = ["compile_kernels", "told_of_compiling"]


def compile_kernels(
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="Which; by default all."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Compile what models need ahead of their first use, for images and deadlines.

    Example: seqest compile-kernels ESNRegressor Forecaster
    """
    chosen = models or list(KERNELS_OF)
    for name in chosen:
        if name not in KERNELS_OF:
            known = ", ".join(KERNELS_OF)
            raise UsageError(f"there is no model {name!r}. There are {known}.")
    seconds = 0.0
    with progress_over(len(chosen), "compiling") as step:
        for name in chosen:
            step(name, 0)
            seconds += seqest.compile_kernels(name)
            step(name)
    say(f"compiled, after {seconds:.1f} s: {', '.join(chosen)}", quiet)


@contextmanager
def told_of_compiling(quiet: bool) -> Iterator[None]:
    """Say once that kernels are compiled, for which the first run has to wait."""
    told: list[str] = []

    def tell(kernel: str) -> None:
        if not told:
            hint = "seqest compile-kernels does it ahead"
            say(f"compiling for the first time, which takes a while; {hint}", quiet)
        told.append(kernel)

    with when_compiling(tell):
        yield
