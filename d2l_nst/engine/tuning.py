"""Gradients that keep each other in check: Risser, Wilmot, Barnes 2017."""

from typing import Any, Tuple

import numpy as onp
from mxnet import autograd, np

from ..kinds import Array


class Tuned:
    """An objective of which no term's gradient outweighs the others'.

    After the automatic tuning of Risser, Wilmot and Barnes 2017, which
    watches the gradients of the single losses and normalises extreme
    ones. Here those longer than the median of their lengths are shortened
    to it, a threshold that needs no unit. Called as the `objective` is
    and with the same values; only the gradient differs. It takes a
    backward pass for each term.
    """

    def __init__(self, objective: Any):
        self.objective, self.terms = objective, objective.terms

    def __call__(self, X: Array) -> Tuple[Array, ...]:
        if not autograd.is_recording():
            return self.objective(X)
        with autograd.pause():
            kept = self.objective.forward(X)
            found, gradients = zip(*(self.objective.back(list(kept), [term])
                                     for term in self.terms))
            gradient = sum(map(np.multiply, shares(gradients), gradients))
        losses = [l for l, in found]
        return (with_gradient(sum(losses), X, gradient), *losses)


def with_gradient(l: Array, X: Array, gradient: Array) -> Array:
    """The loss `l`, with this gradient at X added to its own."""
    return l + ((X - X.detach()) * gradient).sum()


def shares(gradients):
    """What is left of each gradient: 1, or less where it is longer than
    the median of those that are not zero."""
    lengths = [float(np.sqrt(np.square(g).sum())) for g in gradients]
    threshold = onp.median([length for length in lengths if length] or [0])
    return [min(1, threshold / length) if length else 1
            for length in lengths]
