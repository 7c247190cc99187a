"""Gradients that keep each other in check: Risser, Wilmot, Barnes 2017."""

import numpy as onp
from mxnet import autograd, np


class Tuned:
    """An objective of which no term's gradient outweighs the others'.

    After the automatic tuning of Risser, Wilmot and Barnes 2017, which
    watches the gradients of the single losses and normalises extreme
    ones. Here those longer than the median of their lengths are shortened
    to it, a threshold that needs no unit. Called as the `objective` is
    and with the same values; only the gradient differs. It takes a
    backward pass for each term.
    """

    def __init__(self, objective):
        self.objective, self.terms = objective, objective.terms
        objective.hybridize(static_alloc=False)  # several backward passes

    def __call__(self, X):
        l, *losses = self.objective(X)
        if autograd.is_recording():
            gradients = [_gradient(loss, X) for loss in losses]
            gradient = sum(map(np.multiply, shares(gradients), gradients))
            l = with_gradient(l.detach(), X, gradient)
        return (l, *losses)


def with_gradient(l, X, gradient):
    """The loss `l`, with this gradient at X added to its own."""
    return l + ((X - X.detach()) * gradient).sum()


def _gradient(loss, X):
    gradient, = autograd.grad(loss, [X], retain_graph=True)
    return gradient.as_np_ndarray()


def shares(gradients):
    """What is left of each gradient: 1, or less where it is longer than
    the median of those that are not zero."""
    lengths = [float(np.sqrt(np.square(g).sum())) for g in gradients]
    threshold = onp.median([length for length in lengths if length] or [0])
    return [min(1, threshold / length) if length else 1
            for length in lengths]
