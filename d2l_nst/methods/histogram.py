"""Histograms of activations: Risser, Wilmot and Barnes 2017.

Two features may have the same Gram matrix and yet look unlike; here the
values of each channel are to be distributed as in the style picture too.
"""

import numpy as onp
from mxnet import np

from ..losses import content_loss, np_of, npx_of
from .part import Part


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
    return content_loss(np_of(Y_hat).sort(values, axis=1), quantiles)


def quantiles(Y, count):
    """`count` values for each channel of (1, C, h, w), distributed like
    those of Y, ascending: (C, count)."""
    levels = onp.arange(1, count + 1) / count
    rows = [_quantiles(row, levels)
            for row in Y.asnumpy().reshape(Y.shape[1], -1)]
    return np.array(onp.stack(rows), dtype='float32', ctx=Y.ctx)


def _quantiles(row, levels):
    values, counts = onp.unique(row, return_counts=True)
    return onp.interp(levels, onp.cumsum(counts) / row.size, values)


def histogram_parts(layers, features, shapes):
    """Differences of histograms from the style picture's.

    `layers`: {layer: weight}; `features`: {layer: (1, C, h, w)} of the
    style picture; `shapes`: {layer: (1, C, H, W)} of the picture that is
    trained.
    """
    return [Part('histogram', layer, weight, histogram_loss,
                 (quantiles(features[layer],
                            shapes[layer][2] * shapes[layer][3]),))
            for layer, weight in layers.items()]
