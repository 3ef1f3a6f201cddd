"""The program: its commands, and what it says when one fails."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import typer

import seqest
from seqest.cli._columns import UsageError
from seqest.cli._comparing import backtest, compare
from seqest.cli._compiling import compile_kernels, told_of_compiling
from seqest.cli._console import complain, shown_warnings, tell
from seqest.cli._forecasting import forecast
from seqest.cli._showing import datasets, demo, report
from seqest.cli._tuning import tune
from seqest.cli._updating import update

__all__ = ["app", "main"]

# What click calls a usage error; newer versions of typer bring their own click.
USAGE: Any = (UsageError, typer.BadParameter.__bases__[0])
FAILURES = (
    ValueError,
    TypeError,
    OSError,
    ImportError,
    ArithmeticError,
    MemoryError,
    np.linalg.LinAlgError,
)

app = typer.Typer(
    name="seqest",
    help="Forecast series from the command line: CSV in, forecast out.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    forecast,
    backtest,
    compare,
    tune,
    report,
    update,
    demo,
    datasets,
    compile_kernels,
)
for command in COMMANDS:
    app.command()(command)


def _tell_version(asked: bool) -> None:
    if asked:
        tell(f"seqest {seqest.__version__}\n")
        raise typer.Exit


@app.callback()
def _begin(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Say which it is."
        ),
    ] = False,
) -> None:
    """Forecast series from the command line: CSV in, forecast out."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program, and end it with 0, with 1 after an error, or 2 after misuse.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; by default what it was called with.

    Examples
    --------
    >>> from seqest.cli import main
    >>> try:
    ...     main(["datasets", "airline", "--quiet"])
    ... except SystemExit as ended:
    ...     print(ended.code)
    2
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_status(given))


def _status(given: list[str]) -> int:
    try:
        quiet = "-q" in given or "--quiet" in given
        compiling = "compile-kernels" in given
        with shown_warnings(quiet), told_of_compiling(quiet or compiling):
            app(
                joined_percents(given),
                prog_name="seqest",
                standalone_mode=False,
                obj=given,
            )
    except USAGE as error:
        known = {own.__name__.replace("_", "-") for own in COMMANDS}
        asked = " ".join(["seqest", *(own for own in given[:1] if own in known)])
        told = getattr(error, "format_message", error.__str__)().rstrip(".")
        complain(f"{told}{'' if told.endswith('?') else '.'} See {asked} --help.")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        complain("stopped.")
        return 130
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except FAILURES as error:
        complain(_for_the_command_line(error))
        return 1
    return 0


def _for_the_command_line(error: Exception) -> str:
    """Return what an error says, with a remedy that can be typed."""
    if isinstance(error, OSError) and error.filename is not None:
        name = str(error.filename)
        if isinstance(error, FileNotFoundError):
            return f"there is no file {name!r}."
        return f"{name!r} cannot be used: {error.strerror}."
    message = str(error) or type(error).__name__
    what, stop, _ = message.partition(". ")
    if stop and any(own in what for own in (" has a gap: ", " is NaN at ")):
        return f"{what}. Fill holes by --fill linear, forward or zero."
    if "does not trust" in message:
        names = re.findall(r"'([^']+)'", message.partition("trusted=")[2])
        told = " ".join(f"--trust {name}" for name in names)
        return f"{what}. If you know who wrote the file, add {told}."
    return message


def joined_percents(given: Sequence[str]) -> list[str]:
    """Return arguments of which the numbers after --interval are one: 80,95."""
    found: list[str] = []
    within = False
    for argument in given:
        number = argument.rstrip("%").replace(".", "", 1).isdigit()
        if within and number and found[-1] != "--interval":
            found[-1] += f",{argument}"
            continue
        within = argument == "--interval" or (within and number)
        found.append(argument)
    return found
