"""The recurrent weights of a reservoir: by name, a user's own, or from a function."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from seqest._validation import check_choice, check_integer, check_number, worded
from seqest.reservoirs.matrices import Matrix, check_matrix
from seqest.reservoirs.topologies import TOPOLOGIES

__all__ = ["Topology", "draw"]

Topology: TypeAlias = (
    "str | Callable[..., Any] | NDArray[Any] | sparse.sparray[Any, Any]"
)


def draw(
    topology: Topology,
    n_units: int,
    *,
    density: float | Literal["auto"] = "auto",
    rng: np.random.Generator,
    owner: str = "ESNRegressor",
) -> Matrix:
    """Return the recurrent weights that `topology` describes, not yet scaled.

    Parameters
    ----------
    topology : str, callable, ndarray or sparse array
        A name in `TOPOLOGIES`; a function of `n_units`, and of `rng` and `density` if
        it has parameters of these names, such as a ``functools.partial`` of a
        topology; or the matrix itself, stored (to, from).
    n_units : int
        Number of units, at least 1.
    density : float in (0, 1] or "auto", default="auto"
        For topologies that take one; ``"auto"`` leaves it to the topology.
    rng : Generator
        Source of random numbers.
    owner : str, default="ESNRegressor"
        Whose arguments these are, for errors.

    Returns
    -------
    csr_array or ndarray of shape (n_units, n_units)
        Float64, shared with nobody.

    Raises
    ------
    TypeError
        If an argument is of another kind.
    ValueError
        If a name is unknown, a matrix is not square, real, finite and of `n_units`, or
        a density is given to a topology that takes none.

    Examples
    --------
    >>> from functools import partial
    >>> from seqest.reservoirs.topologies import ring_with_jumps
    >>> rng = np.random.default_rng(0)
    >>> draw("random", 200, density=0.05, rng=rng).nnz
    2000
    >>> draw(partial(ring_with_jumps, jump_length=20), 200, rng=rng).nnz
    220
    """
    n_units = check_integer(owner, "n_units", n_units, 1)
    if isinstance(topology, str):
        topology = TOPOLOGIES[check_choice(owner, "topology", topology, TOPOLOGIES)]
    options: dict[str, Any] = {}
    if density != "auto":
        options["density"] = _check_density(owner, density, topology)
    if callable(topology):
        if _takes(topology, "rng"):
            options["rng"] = rng
        topology = topology(n_units, **options)
    return check_matrix(owner, "topology", topology, (n_units, n_units))


def _check_density(owner: str, density: Any, topology: Any) -> float:
    remedy = "'auto' makes about ten connections a unit."
    if not _takes(topology, "density"):
        rule = "'auto' for a topology that takes no density"
        raise ValueError(worded(owner, "density", density, rule))
    return check_number(owner, "density", density, "(0, 1]", remedy)


def _takes(topology: Any, name: str) -> bool:
    """Whether `topology` is a function with a free parameter of this name."""
    if not callable(topology) or name in getattr(topology, "keywords", ()):
        return False
    parameters = signature(topology).parameters
    kinds = {parameter.kind for parameter in parameters.values()}
    return name in parameters or Parameter.VAR_KEYWORD in kinds
