"""Tests: laws of every part in ``contracts``, oracles in ``reference``."""
