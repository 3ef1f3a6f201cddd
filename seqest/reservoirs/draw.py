"""Draw the fixed weights of a reservoir from its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqest._compile import one_blas_thread
from seqest._validation import check_choice, check_integer, check_number, worded
from seqest.cells import ACTIVATIONS
from seqest.reservoirs.input_weights import draw_input
from seqest.reservoirs.recurrent_weights import draw
from seqest.reservoirs.spectral.radius import estimate_radius, warn_if_uncertain
from seqest.reservoirs.spectral.scaling import scaled
from seqest.reservoirs.stack import Layer, Stack

__all__ = ["draw_stack"]


def draw_stack(
    owner: str,
    *,
    n_units: Any,
    topology: Any,
    density: Any,
    spectral_radius: Any,
    leak_rate: Any,
    input_scaling: Any,
    input_weights: Any,
    bias_scaling: Any,
    feedback_scaling: Any,
    activation: Any,
    n_inputs: int,
    n_outputs: int,
    rng: np.random.Generator,
) -> tuple[Stack, list[float]]:
    """Check the parameters of a reservoir and draw its weights.

    Recurrent, input, bias and feedback weights come from generators of their own, so
    that asking for one more does not change the others.

    Parameters
    ----------
    owner : str
        Named in errors.
    n_units, topology, density, spectral_radius, leak_rate
        As in `Reservoir`.
    input_scaling, input_weights, bias_scaling, feedback_scaling, activation
        As in `Reservoir` and `ESNRegressor`.
    n_inputs, n_outputs : int
        Number of inputs, and of outputs fed back.
    rng : Generator
        Source of all draws.

    Returns
    -------
    stack : Stack
        The weights.
    radii : list of float
        The spectral radius measured on each layer's W.

    Raises
    ------
    ValueError
        If a parameter is out of its range; the message names it.
    """
    sizes = _sizes(owner, n_units)
    leak = check_number(owner, "leak_rate", leak_rate, "(0, 1]")
    bias = check_number(owner, "bias_scaling", bias_scaling, "[0, inf)")
    feedback = check_number(owner, "feedback_scaling", feedback_scaling, "[0, inf)")
    check_choice(owner, "activation", activation, ACTIVATIONS)
    if spectral_radius is not None:
        check_number(owner, "spectral_radius", spectral_radius, "(0, inf)")
    recurrent, inward, constant, outward = rng.spawn(4)
    layers: list[Layer] = []
    radii: list[float] = []
    for size in sizes:
        W = draw(topology, size, density=density, rng=recurrent, owner=owner)
        W, radius = _scaled(owner, W, spectral_radius)
        if not layers:
            W_in = draw_input(
                input_weights,
                size,
                n_inputs,
                scaling=input_scaling,
                rng=inward,
                owner=owner,
            )
        else:
            # A unit sees all units below; their sum keeps its size as they grow.
            below = layers[-1].n_units
            W_in = inward.uniform(-1, 1, (size, below)) / np.sqrt(below)
        layers.append(Layer(W, W_in, constant.uniform(-bias, bias, size), leak))
        radii.append(radius)
    W_fb = None
    if feedback > 0:
        W_fb = outward.uniform(-feedback, feedback, (sizes[0], n_outputs))
    return Stack(tuple(layers), W_fb, activation), radii


def _sizes(owner: str, n_units: Any) -> list[int]:
    """Return the number of units of each layer."""
    if isinstance(n_units, Sequence | np.ndarray) and not isinstance(n_units, str):
        if len(n_units) == 0:
            raise ValueError(worded(owner, "n_units", n_units, "not empty"))
        return [check_integer(owner, "n_units", size, 1) for size in n_units]
    return [check_integer(owner, "n_units", n_units, 1)]


def _scaled(owner: str, W: Any, radius: float | None) -> tuple[Any, float]:
    """Return W scaled to a spectral radius, and the radius it then has."""
    with one_blas_thread():
        return _measured(owner, W, radius)


def _measured(owner: str, W: Any, radius: float | None) -> tuple[Any, float]:
    if radius is not None:
        return scaled(W, radius, owner)
    found = estimate_radius(W)
    warn_if_uncertain(owner, found)
    return W, found.value
