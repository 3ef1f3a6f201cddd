"""Spectral radius: measured so that it is right, and set by scaling."""

from __future__ import annotations

from seqest.reservoirs.spectral.radius import spectral_radius
from seqest.reservoirs.spectral.scaling import scale

__all__ = ["scale", "spectral_radius"]
