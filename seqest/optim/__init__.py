"""How parameters descend a loss: rules, schedules, and when to stop.

Nothing here knows of networks: parameters are one flat vector, and losses and gradients
are arrays and functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from seqest.optim.adadelta import Adadelta
from seqest.optim.adagrad import Adagrad
from seqest.optim.adam import Adam
from seqest.optim.clipping import clip_by_norm
from seqest.optim.lbfgs import lbfgs
from seqest.optim.levenberg_marquardt import levenberg_marquardt
from seqest.optim.momentum import Momentum
from seqest.optim.nesterov import Nesterov
from seqest.optim.rmsprop import RMSprop
from seqest.optim.rule import State, UpdateRule
from seqest.optim.schedules import (
    SCHEDULES,
    Adaptive,
    Constant,
    Cosine,
    Custom,
    Exponential,
    InverseScaling,
    Schedule,
    StepDecay,
    as_schedule,
)
from seqest.optim.sgd import SGD
from seqest.optim.stopping import Stopping

__all__ = [
    "SCHEDULES",
    "SGD",
    "UPDATE_RULES",
    "Adadelta",
    "Adagrad",
    "Adam",
    "Adaptive",
    "Constant",
    "Cosine",
    "Custom",
    "Exponential",
    "InverseScaling",
    "Momentum",
    "Nesterov",
    "RMSprop",
    "Schedule",
    "State",
    "StepDecay",
    "Stopping",
    "UpdateRule",
    "as_schedule",
    "clip_by_norm",
    "lbfgs",
    "levenberg_marquardt",
]

# By the names that estimators take as `solver`.
UPDATE_RULES: Mapping[str, type[UpdateRule]] = MappingProxyType(
    {
        "adadelta": Adadelta,
        "adagrad": Adagrad,
        "adam": Adam,
        "momentum": Momentum,
        "nesterov": Nesterov,
        "rmsprop": RMSprop,
        "sgd": SGD,
    }
)
