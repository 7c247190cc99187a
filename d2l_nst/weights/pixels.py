"""Numbers that were made for other pixels than those of `preprocess`.

Where a network was made for 0 ... 255 without deviation, that is folded into
its first convolution: exact inside, and at the border, which is padded with
zeros there and here, within the difference of the two means.
"""

import dataclasses
from typing import Sequence

import numpy as onp

from ..images import RGB_MEAN, RGB_STD
from ..kinds import Arrays
from ..layers import BLOCKS
from .names import network_of
from .record import PIXELS_255, Weights


def fold(arrays: Arrays, mean: Sequence[float], first: str) -> None:
    """Make the convolution `first` for x = 255 (s X + m) - `mean` one for
    X, pictures of mean m and deviation s as `preprocess` makes them."""
    weight = onp.float64(arrays[first + '.weight'])  # (64, 3, 3, 3)
    scale = 255 * RGB_STD.astype('float64')
    shift = 255 * RGB_MEAN.astype('float64') - mean
    arrays[first + '.bias'] = onp.float32(
        arrays[first + '.bias'] + weight.sum(axis=(2, 3)) @ shift)
    arrays[first + '.weight'] = onp.float32(weight * scale[:, None, None])


def of_255(arrays: Arrays) -> Weights:
    """Weights whose features are loud, made as quiet as others."""
    network = network_of(arrays)
    weights = Weights(arrays, network, unit=PIXELS_255)
    return dataclasses.replace(
        weights, scale=weights.plain_scale() if network in BLOCKS else {})
