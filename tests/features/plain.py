"""Memories as plain loops, written from their equations, one series at a time."""

from __future__ import annotations

import numpy as np


def past(X, t, lag):
    """Return x(t - lag); before its first row a series is taken for constant."""
    return X[max(t - lag, 0)]


def delayed(X, lags):
    """Return x_c(t - lag), by column and then by lag."""
    taps = [(c, lag) for c, own in enumerate(lags) for lag in own]
    return np.array([[past(X, t, lag)[c] for c, lag in taps] for t in range(len(X))])


def convolved(X, kernels):
    """Return the sums over i of kernels[k, i] x_c(t - i), by column and kernel."""
    H = np.zeros((len(X), X.shape[1], len(kernels)))
    for t in range(len(X)):
        for c in range(X.shape[1]):
            for k, kernel in enumerate(kernels):
                for i, weight in enumerate(kernel):
                    H[t, c, k] += weight * past(X, t, i)[c]
    return H.reshape(len(X), -1)


def gamma(X, order, mu):
    """Return g_0 to g_order of each column: de Vries and Principe (1992)."""
    mu = np.broadcast_to(mu, X.shape[1])
    H = np.empty((len(X), X.shape[1], order + 1))
    H[0] = X[0][:, np.newaxis]
    for t in range(1, len(X)):
        H[t, :, 0] = X[t]
        for c in range(X.shape[1]):
            for k in range(1, order + 1):
                H[t, c, k] = (1 - mu[c]) * H[t - 1, c, k] + mu[c] * H[t - 1, c, k - 1]
    return H.reshape(len(X), -1)
