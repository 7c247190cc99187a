"""What tests of several losses share."""

import numpy as onp
from mxnet import gluon


class Compiled(gluon.HybridBlock):
    """A loss as a hybrid graph, on the symbols that `Objective` has, with
    its `targets`."""

    def __init__(self, loss, *targets):
        super().__init__()
        self.loss, self.count = loss, len(targets)
        for i, target in enumerate(targets):
            setattr(self, f'c{i}', self.params.get_constant(f'c{i}', target))
        self.initialize()
        self.hybridize(static_alloc=True)

    def hybrid_forward(self, F, X, **targets):
        return self.loss(X, *(targets[f'c{i}'] for i in range(self.count)))


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


def arrays_of(objective):
    """All the arrays that an `Objective` holds."""
    for stretch in objective.stretches:
        for part in sum(stretch.heard.values(), []):
            yield from part.targets
        if stretch.convolution:
            yield from (stretch.convolution.kernels,
                        stretch.convolution.turned, stretch.convolution.bias)
