"""The decoder: a network that makes a picture of the features of a layer.

A. Dosovitskiy and T. Brox, *Inverting Visual Representations with
Convolutional Networks*, CVPR 2016: what the optimisation of a picture finds in
minutes, a network that was trained for it finds in one pass.
"""

from typing import Any, Dict, Tuple

from mxnet import init
from mxnet.gluon import nn

from ..kinds import Array
from ..vgg import Convolution
from .blocks import PictureByPicture, Upsample, restyle
from .levels import PICTURE, between

UP = 'up'
# From each level down to the one below: the channels of its convolutions,
# which mirror those of VGG-16, and where the sides are doubled
STAGES: Dict[str, Tuple] = {
    'relu4_1': ((512, 256), UP, (256, 256), (256, 256)),
    'relu3_1': ((256, 128), UP, (128, 128)),
    'relu2_1': ((128, 64), UP, (64, 64)),
    'relu1_1': ((64, 3),)}
# Added to the variance of a channel: one that is silent in a picture is not
# made as loud as it is in the style
EPSILON = 1e-3


class Decoder(PictureByPicture):
    """Makes of features at the level `top`, (N, C, h, w), standardised
    pictures or the features at the level `bottom`.

    Each stage goes down by one level: on the way the features of the levels
    between are made, and there the channels are given a deviation and a
    mean (`statistics`: (N, C) arrays, deviation and mean of each level that
    is reached, from above). Returns what it makes at the end, and before
    that what each stage had made.

    `encoder` is the `identity` of the encoder that it was trained for.
    """

    about, command = 'a decoder', 'train --invert'
    initializer = init.MSRAPrelu(slope=0)

    def __init__(self, top: str = 'relu3_1', bottom: str = PICTURE,
                 encoder: str = ''):
        super().__init__()
        self.settings = {'top': top, 'bottom': bottom, 'encoder': encoder}
        self.levels = between(bottom, top)[::-1]
        for level in self.levels:
            setattr(self, level, stage(level))

    def hybrid_forward(self, F: Any, X: Array,
                       *statistics: Array) -> Tuple[Array, ...]:
        made, left = [], [A.as_nd_ndarray() for A in statistics]
        for level in self.levels:
            X = getattr(self, level)(X)
            if level != 'relu1_1':
                made.append(X)
                scale, shift, *left = left
                X = restyle(F, X.as_nd_ndarray(), scale, shift, EPSILON)
                X = F.relu(X).as_np_ndarray()
        return (X, *made)

    def compute_in(self, precision: str) -> None:
        """Take 'float32' or 'bfloat16' for the convolutions, as in
        `vgg.Convolution`."""
        for level in self.levels:
            for layer in getattr(self, level):
                if isinstance(layer, Convolution):
                    layer.short = precision == 'bfloat16'


def stage(level: str) -> nn.HybridSequential:
    """The layers from a level down to the one below."""
    block = nn.HybridSequential()
    for layer in STAGES[level]:
        if layer == UP:
            block.add(Upsample())
            continue
        inputs, channels = layer
        block.add(Convolution(channels, 'edge', 'float32', inputs))
        if channels != 3:
            block.add(nn.Activation('relu'))
    return block
