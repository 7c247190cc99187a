"""Histograms of activations: Risser, Wilmot and Barnes 2017.

Two features may have the same Gram matrix and yet look unlike; here the
values of each channel are to be distributed as in the style picture too.
"""

import dataclasses
from typing import ClassVar, Tuple

import numpy as onp

from ..kinds import Array, Dims
from .arrays import np_of, npx_of, squares
from .term import Term


def histogram_loss(Y_hat, quantiles):
    """Mean squared difference of the features `Y_hat`, (1, C, H, W), from
    themselves after histogram matching channel by channel: a scalar.

    Risser, Wilmot and Barnes 2017, section 4.3, with the mean in place of
    the sum. `quantiles`, (C, H * W), are the values to match in ascending
    order: matching gives the k-th smallest value the k-th quantile, so
    the sorted values are compared, and the targets follow the features at
    each step. They are exact: nothing is counted in bins.
    """
    values = npx_of(Y_hat).reshape(Y_hat, (-3, -2, -5))  # (C, H*W)
    return squares(np_of(Y_hat).sort(values, axis=1), quantiles)


def quantiles(Y, count):
    """`count` values for each channel of (1, C, h, w), distributed like
    those of Y, ascending: (C, count)."""
    levels = onp.arange(1, count + 1) / count
    rows = [_quantiles(row, levels)
            for row in Y.asnumpy().reshape(Y.shape[1], -1)]
    return np_of(Y).array(onp.stack(rows), dtype='float32', ctx=Y.ctx)


def _quantiles(row, levels):
    values, counts = onp.unique(row, return_counts=True)
    return onp.interp(levels, onp.cumsum(counts) / row.size, values)


@dataclasses.dataclass(frozen=True)
class Histogram(Term):
    """Differences of histograms from the style picture's. A mirrored
    picture has the same:

    >>> from mxnet import np, npx
    >>> npx.set_np()
    >>> Y = np.arange(24).reshape(1, 2, 3, 4)
    >>> float(histogram_loss(Y[:, :, ::-1], quantiles(Y, 12)))
    0.0
    """

    name: ClassVar[str] = 'histogram'
    bytes_per_pixel: ClassVar[int] = 5200  # its values are sorted
    comes_from: ClassVar[str] = 'style'
    loss = staticmethod(histogram_loss)

    def target(self, Y: Array, shape: Dims) -> Tuple[Array, ...]:
        return quantiles(Y, shape[2] * shape[3]),
