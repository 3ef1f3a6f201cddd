"""Models in files: loading one runs no code, and saving one is all or nothing."""

from seqest.persistence._archive import load, save

__all__ = ["load", "save"]
