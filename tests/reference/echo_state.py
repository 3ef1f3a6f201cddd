"""Echo state networks as plain loops, written from Jaeger (2001), eqs. 1 and 2."""

from __future__ import annotations

import numpy as np

FUNCTIONS = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "identity": lambda x: x,
}


def dense(W):
    return W.toarray() if hasattr(W, "toarray") else np.asarray(W)


def step(stack, h, x, y):
    """Return the joined states after one step; h is a list with one of each layer."""
    f = FUNCTIONS[stack.activation]
    new = []
    for k, layer in enumerate(stack.layers):
        drive = layer.W_in @ (x if k == 0 else new[-1]) + layer.bias
        if k == 0 and stack.W_fb is not None:
            drive = drive + stack.W_fb @ y
        leaky = (1 - layer.leak_rate) * h[k]
        new.append(leaky + layer.leak_rate * f(drive + dense(layer.W) @ h[k]))
    return new


def states(stack, X, Y=None, start=None):
    """Return the states along X; Y, fed back, is delayed by a row here."""
    sizes = np.cumsum([layer.n_units for layer in stack.layers])[:-1]
    h = np.zeros(stack.n_units) if start is None else start
    h = np.split(h, sizes)
    n_outputs = 0 if stack.W_fb is None else stack.W_fb.shape[1]
    y, H = np.zeros(n_outputs), []
    for n, x in enumerate(X):
        h = step(stack, h, x, y)
        H.append(np.concatenate(h))
        if n_outputs:
            y = Y[n]
    return np.array(H)


def features(H, X, kind="linear", include_input=True):
    """Return [h, x], [h, h**2, x] or [h with every other unit squared, x]."""
    if kind == "squared":
        H = np.hstack([H, H**2])
    elif kind == "half_squared":
        H = np.where(np.arange(H.shape[1]) % 2, H**2, H)
    return np.hstack([H, X]) if include_input else H


def ridge(F, Y, alpha, weight=None):
    """Return coefficients and intercept of ridge regression on all rows."""
    weight = np.ones(len(F)) if weight is None else weight
    f = np.average(F, axis=0, weights=weight)
    y = np.average(Y, axis=0, weights=weight)
    weighted = weight[:, None] * (F - f)
    gram = weighted.T @ (F - f) + alpha * np.eye(F.shape[1])
    coef = np.linalg.solve(gram, weighted.T @ (Y - y)).T
    return coef, y - coef @ f


def free_run(stack, coef, intercept, h, y, X, kind="linear", autonomous=False):
    """Return outputs that are fed back (and are the inputs, if autonomous)."""
    sizes = np.cumsum([layer.n_units for layer in stack.layers])[:-1]
    h, outputs = np.split(h, sizes), []
    for x in X:
        x = y if autonomous else x
        h = step(stack, h, x, y)
        F = features(np.concatenate(h)[None], x[None], kind)
        y = (F @ coef.T + intercept)[0]
        outputs.append(y)
    return np.array(outputs)
