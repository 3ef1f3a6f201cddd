"""Tests of the readouts."""
