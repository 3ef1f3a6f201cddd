"""What is done to series before a regressor sees them, and undone to its forecasts.

Series lie stacked in rows, cut by `offsets`. Forecasts of all series, and of many paths
of each, lie in arrays (n_series, n_paths, n_steps, n_targets).
"""

from seqest.forecasting._transforms.chain import Chain
from seqest.forecasting._transforms.difference import Difference
from seqest.forecasting._transforms.power import Power
from seqest.forecasting._transforms.scale import Scale
from seqest.forecasting._transforms.transform import Transform
from seqest.forecasting._transforms.trend import Trend

__all__ = ["Chain", "Difference", "Power", "Scale", "Transform", "Trend"]
