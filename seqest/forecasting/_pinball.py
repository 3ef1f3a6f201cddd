"""Regressors that learn a quantile by the pinball loss, told from their parameters."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone
from sklearn.ensemble import GradientBoostingRegressor

from seqest._validation import shown
from seqest.estimators._base import SequenceRegressor

__all__ = ["learning_quantile"]


def learning_quantile(owner: str, regressor: Any, share: float) -> Any:
    """Return a copy of a regressor that is to learn a quantile.

    Parameters
    ----------
    owner : str
        The method that errors name.
    regressor : object
        One of our networks, or a regressor of scikit-learn with a parameter `quantile`,
        or with the loss "quantile" and `alpha`; also inside a pipeline.
    share : float
        Which quantile.

    Returns
    -------
    object
        Not fitted.

    Raises
    ------
    ValueError
        If it has no such loss.
    """
    inner = regressor.get_params(deep=True).items()
    parts = {f"{name}__": part for name, part in inner if hasattr(part, "get_params")}
    for start, part in {"": regressor, **parts}.items():
        own = part.get_params(deep=False)
        wanted: dict[str, Any] = {}
        if "quantile" in own:
            wanted = {"quantile": share}
            if "loss" in own:
                ours = isinstance(part, SequenceRegressor)
                wanted["loss"] = "pinball" if ours else "quantile"
        elif isinstance(part, GradientBoostingRegressor):
            wanted = {"loss": "quantile", "alpha": share}
        if wanted:
            named = {start + name: value for name, value in wanted.items()}
            return clone(regressor).set_params(**named)
    raise ValueError(
        f"{owner}(method='quantile'): {shown(regressor)} has no pinball loss. Take "
        "QuantileRegressor, HistGradientBoostingRegressor, a recurrent network of "
        "seqest, or method='conformal'."
    )
