"""The image transformer network: a picture in, its painting out."""

from typing import Any

import mxnet as mx
import numpy as onp
from mxnet import init
from mxnet.gluon import nn

from ..errors import NSTError
from ..ranges import check_weights
from . import swift
from .blocks import Last, Normalised, PictureByPicture, Residual
from .one_pass import OnePass


class TransformerNet(OnePass, PictureByPicture):
    """Makes paintings of pictures, both (N, 3, H, W) in 0 ... 255, in one
    or in several styles.

    H and W must be multiples of `factor`. `styles` are their names; how
    much each of the S counts for each picture is the second argument,
    (N, S). `choose` decides it for `paint`.

    Johnson, Alahi and Fei-Fei 2016, supplementary table 1, with nearest
    upsampling and a convolution in place of a transposed one (Odena,
    Dumoulin and Olah 2016), and with conditional instance normalisation:
    all that is of one style are scales and shifts (Dumoulin, Shlens and
    Kudlur 2017). This differs from both: the edge is repeated where they
    have zeros; the layers on the way up see the features of their size on
    the way down too, where fine lines are still to be seen (Ronneberger,
    Fischer and Brox 2015); and the last convolution sees the picture itself
    again, each colour times a number of the style, since normalised features
    have lost what was light and what was dark.
    """

    about = 'an image transformer network'
    margin, factor = 8, 4
    initializer = init.Xavier()
    of_a_style = 'gamma', 'beta', 'light'    # parameters, a row a style

    def __init__(self, styles=('style',)):
        super().__init__()
        self.settings = {'styles': list(styles)}
        self.chosen: Any = None
        if len(styles) == 1:
            self.choose(styles)
        n = {'styles': len(styles)}
        self.body = nn.HybridSequential()
        self.body.add(
            Normalised(3, 32, 9, **n), Normalised(32, 64, stride=2, **n),
            Normalised(64, 128, stride=2, **n),
            *(Residual(128, **n) for _ in range(5)),
            Normalised(128, 64, up=True, **n),
            Normalised(64, 32, up=True, **n))
        self.light = self.params.get('light', shape=(len(styles), 3),
                                     init='ones')
        self.last = Last(35)

    def hybrid_forward(self, F, X, weights, light):
        X = X / 127.5 - 1
        first, second, third, *between, fourth, fifth = self.body
        fine = first(X, weights)
        coarse = second(fine, weights)
        Y = third(coarse, weights)
        for block in between:
            Y = block(Y, weights)
        Y = fifth(fourth(Y, weights, coarse), weights, fine)
        light = F.npx.reshape(F.np.dot(weights, light), (-2, -2, 1, 1))
        # Up to a number of channels with which a convolution is fast
        more = F.np.zeros_like(Y[:, :-self.last.weight.shape[0] % 16])
        Y = self.last(F.np.concatenate([Y, X * light, more], axis=1))
        return 255 * (F.np.tanh(Y) + 1) / 2

    def choose(self, styles, weights=None):
        """Paint in one of its styles from now on, or in several: mixed by
        `weights`, of which there is one for each, by default all alike.
        Returns the network. Raises `NSTError`."""
        known = self.settings['styles']
        weights = [1] * len(styles) if weights is None else weights
        check_weights(weights)
        for name in styles:
            if name not in known:
                raise NSTError(f'{name} is no style of this network: choose '
                               f'of {", ".join(known)}')
        if len(weights) != len(styles) or not sum(weights):
            raise NSTError(f'{len(styles)} styles have the weights '
                           f'{", ".join(map(str, weights)) or "none"}: give '
                           'one for each, not all of them 0')
        self.chosen = onp.zeros((1, len(known)), 'float32')
        for name, weight in zip(styles, weights):
            self.chosen[0, known.index(name)] += weight / sum(weights)
        return self

    def check(self):
        """Itself, where it knows which style to paint in. Raises
        `NSTError`."""
        if self.chosen is None:
            raise NSTError('this network has several styles: choose of '
                           f'{", ".join(self.settings["styles"])}')
        return self

    def painted(self, X):
        self.check()
        return swift.paint(self, X, mx.np.array(
            self.chosen.repeat(len(X), axis=0), ctx=X.ctx))
