"""Convolutions of features with four pixels in place of each.

Of the nine taps of a 3 x 3 kernel some fall on the same pixel of what was
doubled. Their sums are a transposed convolution of the features themselves,
by four taps in each direction, at less than half the cost. Classic arrays
throughout.
"""

from typing import Any, Tuple

from mxnet import autograd, nd

from ..engine.frozen import HEIGHT, WIDTH, cut
from ..kinds import Array

WINDOW = {'kernel': (4, 4), 'stride': (2, 2), 'pad': (3, 3), 'no_bias': True}


def sums_of_taps(W: Array) -> Array:
    """(C', C, 3, 3) -> (C, C', 4, 4)."""
    for axis in HEIGHT, WIDTH:
        first, middle, last = (cut(W, axis, i, i + 1) for i in range(3))
        W = nd.concat(last, middle + last, first + middle, first, dim=axis)
    return W.transpose((1, 0, 2, 3))


def doubled(A: Array, W: Array) -> Array:
    """What kernels, (C, C', 4, 4), make of features with one pixel of edge,
    (N, C, H + 2, W + 2): (N, C', 2H, 2W)."""
    if autograd.is_recording():
        return Doubled()(A, W)
    return nd.Deconvolution(A, W, num_filter=W.shape[1], **WINDOW)


class Doubled(autograd.Function):
    """`doubled` with its gradient. MXNet's own breaks off where the kernels
    were computed. That of a transposed convolution is a convolution, and the
    gradient of its kernels is that of the convolution's."""

    def forward(self, A: Array, W: Array) -> Array:
        self.save_for_backward(A, W)
        return doubled(A, W)

    def backward(self, slope: Array) -> Tuple[Array, Any]:
        A, W = self.saved_tensors
        W = W.detach()
        W.attach_grad()
        with autograd.record():
            Y = nd.Convolution(slope, W, num_filter=len(W), **WINDOW)
        Y.backward(A)
        return Y, W.grad
