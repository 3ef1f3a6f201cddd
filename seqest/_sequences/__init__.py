"""The one place that knows in which forms X, y, groups and time stamps arrive."""

from seqest._sequences.clock import Clock
from seqest._sequences.sequences import Sequences, read_sequences
from seqest._sequences.state import (
    RULES,
    Kept,
    State,
    require_names,
    require_state_like,
    starting_points,
    starting_values,
)
from seqest._sequences.targets import (
    Targets,
    are_next_inputs,
    read_targets,
    read_weights,
)

__all__ = [
    "RULES",
    "Clock",
    "Kept",
    "Sequences",
    "State",
    "Targets",
    "are_next_inputs",
    "read_sequences",
    "read_targets",
    "read_weights",
    "require_names",
    "require_state_like",
    "starting_points",
    "starting_values",
]
