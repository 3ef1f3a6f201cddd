"""Recurrent networks: run along time, their errors run back, and trained."""

from seqest.recurrence.batch import Batch, Workspace
from seqest.recurrence.ekf import ExtendedKalmanFilter
from seqest.recurrence.network import Network

__all__ = ["Batch", "ExtendedKalmanFilter", "Network", "Workspace"]
