"""Reports for people who want to know what comes, and how sure that is."""

from seqest.report._write import write_report

__all__ = ["write_report"]
