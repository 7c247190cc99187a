"""A convolution of a frozen network: forward, and back to its input.

oneDNN keeps features in an order of its own, and to put them into another
one takes as long as a small convolution. So the edge of the features is
repeated, and its gradient folded back, in that order: by thin strips at the
four sides, which are put beside the whole.
"""

import functools
from typing import Any, Callable, Iterator, List, Optional, Tuple

from mxnet import autograd, nd

from ..kinds import Array
from ..terms.arrays import BFLOAT16, cast

LEAST = 16  # channels for which oneDNN has a fast convolution
HEIGHT, WIDTH = 2, 3     # axes of (1, C, H, W)


def frozen(layer: Any) -> 'Frozen':
    """A 3 x 3 convolution of a `VGG` as a `Frozen` or an `Edged`."""
    return (Edged if getattr(layer, 'edge', False) else Frozen)(layer)


class Frozen:
    """A 3 x 3 convolution, with zeros around its input.

    Back, it is a convolution too: with the kernels turned round. Where the
    `precision` of `vgg.Convolution` is bfloat16, so are all features: what
    it is given and what it returns, forward and back.
    """

    def __init__(self, layer: Any):
        W, bias = (A.data().as_nd_ndarray()
                   for A in (layer.weight, layer.bias))
        self.dtype = BFLOAT16 if getattr(layer, 'short', False) else W.dtype
        self.inputs = W.shape[1]
        turned = W.transpose((1, 0, 2, 3)).flip(2).flip(3)
        if self.inputs < LEAST:
            W, turned = self.widened(W, 1), self.widened(turned, 0)
        self.kernels, self.bias, self.turned = map(self.own,
                                                   (W, bias, turned))

    def own(self, A: Array) -> Array:
        return cast(A, self.dtype)

    def widened(self, A: Array, axis: int) -> Array:
        """With zeros for the channels that are missing for speed."""
        shape = [*A.shape]
        shape[axis] = LEAST - self.inputs
        return nd.concat(A, nd.zeros(shape, A.ctx, A.dtype), dim=axis)

    def convolve(self, A: Array, kernels: Array, *bias: Array,
                 pad: Tuple[int, int] = (0, 0)) -> Array:
        A = self.own(A)
        if A.shape[1] < LEAST:
            A = self.widened(A, 1)
        return nd.Convolution(A, kernels, *bias,
                              kernel=kernels.shape[2:], pad=pad,
                              num_filter=kernels.shape[0], no_bias=not bias)

    def forward(self, A: Array) -> Array:
        return self.convolve(A, self.kernels, self.bias, pad=(1, 1))

    def back(self, A: Array) -> Array:
        """The gradient of the input from that of the output."""
        return self.of_inputs(self.convolve(A, self.turned, pad=(1, 1)))

    def of_inputs(self, A: Array) -> Array:
        """Without the channels that were added."""
        if self.inputs < LEAST:
            return nd.slice_axis(A, axis=1, begin=0, end=self.inputs)
        return A


class Edged(Frozen):
    """A 3 x 3 convolution that repeats the edge of its input around it."""

    def __init__(self, layer: Any):
        super().__init__(layer)
        self.folded = {axis: list(folded(self.turned, axis))
                       for axis in (HEIGHT, WIDTH)}

    def forward(self, A: Array) -> Array:
        return self.convolve(framed(A), self.kernels, self.bias)

    def back(self, A: Array) -> Array:
        if self.inputs < LEAST or min(A.shape[2:]) < 3:
            X = nd.empty((1, self.inputs, *A.shape[2:]), A.ctx, A.dtype)
            return pull(framed, X, self.of_inputs(
                self.convolve(A, self.turned, pad=(2, 2))))
        inside = self.convolve(A, self.turned)
        left, right = self.sides(A, WIDTH)
        inside = beside(left, inside, right, WIDTH)
        top, bottom = map(without_ends, self.sides(A, HEIGHT))
        return beside(top, inside, bottom, HEIGHT)

    def sides(self, A: Array, axis: int) -> Iterator[Array]:
        """The gradient of the first row (or column) of the input and of the
        last, each with that of the frame beside it. For each, two rows of A
        are enough."""
        pad = (0, 2) if axis == HEIGHT else (0, 0)
        for (begin, end), kernels in zip(((0, 2), (-2, None)),
                                         self.folded[axis]):
            yield self.convolve(cut(A, axis, begin, end), kernels, pad=pad)


def folded(kernels: Array, axis: int) -> Iterator[Array]:
    """Of kernels (C, C', 3, 3) those that give the first row (or column)
    together with the frame beside it, and those for the last: (C, C', 2, 3)
    or (C, C', 3, 2)."""
    first, middle, last = (cut(kernels, axis, i, i + 1) for i in range(3))
    yield nd.concat(middle + last, last, dim=axis)
    yield nd.concat(first, first + middle, dim=axis)


def without_ends(A: Array) -> Array:
    """The gradient of a row from that of a row with its ends repeated."""
    first, second, third, last = (cut(A, WIDTH, *at) for at in (
        (0, 1), (1, 2), (-2, -1), (-1, None)))
    return nd.concat(first + second, cut(A, WIDTH, 2, -2), third + last,
                     dim=WIDTH)


def framed(A: Array, reach: int = 1) -> Array:
    """(1, C, H, W) with its edge repeated around it, `reach` times."""
    for axis in WIDTH, HEIGHT:
        first, last = cut(A, axis, 0, 1), cut(A, axis, -1, None)
        if reach > 1:
            first, last = (nd.concat(*[strip] * reach, dim=axis)
                           for strip in (first, last))
        A = beside(first, A, last, axis)
    return A


def beside(first: Optional[Array], A: Array, last: Optional[Array],
           axis: int) -> Array:
    """A between two strips, or one, in the order in which oneDNN keeps A.

    A convolution by 1 puts the strips into that order. Along the width it
    has to be done first: the last to be joined becomes the outermost.
    """
    channels = A.shape[1]
    if channels >= LEAST:
        first, last = (strip if strip is None else nd.Convolution(
            strip, ones(channels, A.ctx, A.dtype), kernel=(1, 1),
            num_filter=channels, no_bias=True) for strip in (first, last))
    return nd.concat(*(B for B in (first, A, last) if B is not None),
                     dim=axis)


@functools.lru_cache(maxsize=None)
def ones(channels: int, ctx: Any, dtype: Any) -> Array:
    """The kernels of a convolution by 1, (C, C, 1, 1). A copy: a view would
    be brought into oneDNN's order anew each time."""
    W = nd.eye(channels, ctx=ctx).reshape((channels, channels, 1, 1))
    return cast(W.copy(), dtype)


def cut(A: Array, axis: int, begin: int, end: Optional[int]) -> Array:
    """Part of A along an axis."""
    first: List[Optional[int]] = [None] * A.ndim
    last = first.copy()
    first[axis], last[axis] = begin, end
    return nd.slice(A, begin=first, end=last)


def pull(function: Callable[[Array], Array], A: Array, *slope: Array) -> Array:
    """The gradient at A of a function, as autograd finds it: from the
    `slope`, the gradient of function(A), or from 1."""
    A, gradient = A.detach(), nd.empty(A.shape, A.ctx, A.dtype)
    autograd.mark_variables([A], [gradient])
    with autograd.record():
        Y = function(A)
    Y.backward(*slope)
    return gradient
