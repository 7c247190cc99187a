"""Convolutions by wide kernels that have few channels on one side.

oneDNN has no fast way for three channels. So these go along one axis only,
over as many channels as their kernels are wide: three for each column.
Classic arrays throughout.
"""

import functools
from typing import Any, Tuple

from mxnet import autograd, nd

from ..engine.frozen import LEAST
from ..kinds import Array
from ..terms.arrays import cast

FAST = 32    # channels for which oneDNN has a fast convolution


def columns(A: Array, taps: int) -> Array:
    """The colours under each row of a wide kernel, which are channels of one
    pixel now: (N, 3, H, W + taps - 1) -> (N, 32, H, W)."""
    return convolved(with_zeros(A, 1, LEAST), in_turn(taps, A.ctx, A.dtype))


def convolved(A: Array, W: Array,
              stride: Tuple[int, int] = (1, 1)) -> Array:
    """A convolution without a bias, in A's kind of numbers."""
    return nd.Convolution(A, cast(W, A.dtype), kernel=W.shape[2:],
                          stride=stride, num_filter=len(W), no_bias=True)


@functools.lru_cache(maxsize=None)
def in_turn(taps: int, ctx: Any, dtype: Any, back: bool = False) -> Array:
    """Kernels that pass on what they see, (32, 16, 1, taps); or `back`, that
    add it up again, (16, 32, 1, taps)."""
    with autograd.pause():
        W = nd.eye(3 * taps, ctx=ctx).reshape((3 * taps, taps, 3, 1))
        W = with_zeros(W.transpose((0, 2, 3, 1)), 0, FAST)
        W = with_zeros(W, 1, LEAST)
        if back:
            W = W.transpose((1, 0, 2, 3))
        return cast(W, dtype)


def in_columns(W: Array) -> Array:
    """Of wide kernels, (C, 3, taps, taps), those for `columns`:
    (C, 32, taps, 1)."""
    channels, _, taps, _ = W.shape
    W = W.transpose((0, 3, 1, 2)).reshape((channels, 3 * taps, taps, 1))
    return with_zeros(W, 1, FAST)


def wide_out(A: Array, W: Array) -> Array:
    """What a convolution by wide kernels makes of A,
    (N, C, H + taps - 1, W + taps - 1): three colours, and channels of zeros.
    W: the kernels `by_column`. What each column gives is added up."""
    A = convolved(A, W)
    return convolved(A, in_turn(W.shape[2], A.ctx, A.dtype, back=True))


def by_column(W: Array) -> Array:
    """Of wide kernels, (3, C, taps, taps), one for each of their columns:
    (32, C, taps, 1)."""
    channels, taps = W.shape[1:3]
    W = W.transpose((3, 0, 1, 2)).reshape((3 * taps, channels, taps, 1))
    return with_zeros(W, 0, FAST)


def with_zeros(A: Array, axis: int, number: int) -> Array:
    """A with zeros up to a number along an axis."""
    shape: Tuple[int, ...] = (*A.shape[:axis], number - A.shape[axis],
                              *A.shape[axis + 1:])
    return nd.concat(A, cast(nd.zeros(shape, A.ctx), A.dtype), dim=axis)
