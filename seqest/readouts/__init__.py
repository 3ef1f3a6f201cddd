"""Readouts: linear maps from states to targets, in one solve or row by row."""

from seqest.readouts.gram import Gram
from seqest.readouts.lms import LeastMeanSquares
from seqest.readouts.ridge import RidgeReadout
from seqest.readouts.rls import RecursiveLeastSquares

__all__ = [
    "Gram",
    "LeastMeanSquares",
    "RecursiveLeastSquares",
    "RidgeReadout",
]
