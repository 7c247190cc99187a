"""The encoder: ImageNet's VGG-16, cut at the levels that are painted."""

import hashlib
from typing import Any, Dict, List, Union

import mxnet as mx
import numpy as onp
from mxnet import gluon
from mxnet.gluon import nn

from .. import images
from ..errors import WeightsError
from ..kinds import Array, Path
from ..layers import layer_index
from ..vgg import get_net
from ..weights import find_weights
from ..weights.random_filters import rescale
from ..weights.record import Weights
from .levels import LEVELS, LOUDNESS, PICTURE, between

NETWORK = 'vgg16'


class Encoder(gluon.HybridBlock):
    """The features of pictures at each of its levels.

    Called with standardised pictures, (N, 3, H, W), or with features of the
    level below its first one. Returns a list of features, that of the
    lowest level first. `blocks` has the frozen layers that lead to each
    level, by its name; `identity` tells their numbers from others'.
    """

    def __init__(self, blocks: Dict[str, gluon.HybridBlock], identity: str):
        super().__init__()
        self.identity, self.levels = identity, tuple(blocks)
        for level, block in blocks.items():
            setattr(self, level, block)

    def hybrid_forward(self, F: Any, X: Array) -> List[Array]:
        features = []
        for level in self.levels:
            X = getattr(self, level)(X)
            features.append(X)
        return features

    def above(self, bottom: str) -> 'Encoder':
        """The part of this encoder that begins at the level `bottom`."""
        return Encoder({level: getattr(self, level) for level in
                        between(bottom, self.levels[-1])}, self.identity)


def get_encoder(top: str = LEVELS[-1], weights: Union[Path, Weights] = 'hed',
                ctx: Any = None, precision: str = 'auto') -> Encoder:
    """The `Encoder` up to a level. Raises `WeightsError`."""
    found = find_weights(weights, NETWORK)
    identity = identify(found)
    net = get_net(NETWORK, [top], found, mx.cpu(), scaled=False,
                  padding='edge', precision=precision)
    rescale(net, LOUDNESS)
    net.collect_params().reset_ctx(ctx or mx.cpu())
    blocks, first = {}, 0
    for level in between(PICTURE, top):
        last = net.names.index(level) + 1
        blocks[level] = nn.HybridSequential()
        blocks[level].add(*(net[i] for i in range(first, last)))
        first = last
    return Encoder(blocks, identity)


def identify(weights: Weights) -> str:
    """The first digits of a hash of the numbers up to the last level."""
    if not weights.arrays:
        raise WeightsError('random filters show nothing of a picture: '
                           'choose weights hed')
    digest = hashlib.sha256()
    for i in range(layer_index(LEVELS[-1], NETWORK)):
        for kind in ('weight', 'bias'):
            if f'{i}.{kind}' in weights.arrays:
                digest.update(weights.arrays[f'{i}.{kind}'].tobytes())
    return digest.hexdigest()[:16]


def standardise(crops: Array) -> Array:
    """Pictures (N, 3, H, W) in 0 ... 255 for the encoder."""
    mean, deviation = (255 * values.reshape(3, 1, 1)
                       for values in (images.RGB_MEAN, images.RGB_STD))
    return onp.float32((crops - mean) / deviation)
