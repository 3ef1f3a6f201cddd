"""Topologies: which unit hears which, at unit scale.

Each is a function ``topology(n_units, *, ...)`` that returns the recurrent weights W,
sparse where they are, stored (to, from): ``W[i, j]`` is the weight from unit j to unit
i, as in h(n) = f(W h(n-1) + ...). `scale` then gives W its spectral radius. Functions
that draw take an `rng`.

To add one, write a function like these in a file of its own and name it here.

References
----------
Barabási, A.-L. & Albert, R. (1999). Emergence of scaling in random networks.
Science 286.
Jaeger, H. (2001). The "echo state" approach to analysing and training recurrent neural
networks. GMD Report 148.
Mezzadri, F. (2007). How to generate random matrices from the classical compact groups.
Notices of the AMS 54.
Rodan, A. & Tiňo, P. (2011). Minimum complexity echo state network. IEEE Transactions on
Neural Networks 22.
Rodan, A. & Tiňo, P. (2012). Simple deterministically constructed cycle reservoirs with
regular jumps. Neural Computation 24.
Watts, D. J. & Strogatz, S. H. (1998). Collective dynamics of 'small-world' networks.
Nature 393.
"""

from __future__ import annotations

from collections.abc import Callable

from seqest.reservoirs.matrices import Matrix
from seqest.reservoirs.topologies.block import block
from seqest.reservoirs.topologies.delay_line import delay_line
from seqest.reservoirs.topologies.delay_line_with_feedback import (
    delay_line_with_feedback,
)
from seqest.reservoirs.topologies.fixed_in_degree import fixed_in_degree
from seqest.reservoirs.topologies.loops import loops
from seqest.reservoirs.topologies.orthogonal import orthogonal
from seqest.reservoirs.topologies.permutation import permutation
from seqest.reservoirs.topologies.random import random
from seqest.reservoirs.topologies.ring import ring
from seqest.reservoirs.topologies.ring_with_jumps import ring_with_jumps
from seqest.reservoirs.topologies.scale_free import scale_free
from seqest.reservoirs.topologies.small_world import small_world

__all__ = [
    "TOPOLOGIES",
    "block",
    "delay_line",
    "delay_line_with_feedback",
    "fixed_in_degree",
    "loops",
    "orthogonal",
    "permutation",
    "random",
    "ring",
    "ring_with_jumps",
    "scale_free",
    "small_world",
]

TOPOLOGIES: dict[str, Callable[..., Matrix]] = {
    topology.__name__: topology
    for topology in (
        block,
        delay_line,
        delay_line_with_feedback,
        fixed_in_degree,
        loops,
        orthogonal,
        permutation,
        random,
        ring,
        ring_with_jumps,
        scale_free,
        small_world,
    )
}
