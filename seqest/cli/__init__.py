"""The command line: forecasts, backtests and reports of tables, in one command each."""

from seqest.cli._app import main

__all__ = ["main"]
