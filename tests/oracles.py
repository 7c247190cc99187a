"""What tests of several losses compare with."""

import numpy as onp


def finite_differences(function, X, step=1e-6):
    """The gradient of a scalar function of X, float64."""
    grad = onp.zeros_like(X)
    for i in onp.ndindex(X.shape):
        moved = X.copy()
        moved[i] += step
        above = function(moved)
        moved[i] -= 2 * step
        grad[i] = (above - function(moved)) / (2 * step)
    return grad
