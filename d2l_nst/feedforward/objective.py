"""What the network is trained for: features and losses as ONE graph.

The losses are those of recipe `quick`, for a batch of pictures, each with a
style of its own.
"""

import mxnet as mx
import numpy as onp
from mxnet import gluon

from ..chapter import extract_features
from ..images import RGB_MEAN, RGB_STD
from ..recipes.systems import RECIPES
from ..terms.gram import evening
from ..terms.light import light, light_loss
from ..terms.term import np_of, npx_of
from ..terms.variation import CALM, calm, tv_guided

NETWORK = 'vgg16'
QUICK = RECIPES['quick']
CONTENT_LAYERS = 'relu3_1', 'relu4_2'
STYLE_LAYERS = tuple(map(str, QUICK.style_layers))
LIGHT = 8       # pixels a side of the squares whose light is compared
FAR = 4         # of a style: from here on its loss grows as a root does
LEAST = 1e-4    # of a divisor: the features of an even picture may be 0


def grams(X):
    """Gram matrices of features, (N, C, H, W) -> (N, C, C), each divided by
    H * W * C: `chapter.gram` for a batch."""
    npx, size = npx_of(X), npx_of(X).shape_array(X)[1:].prod()
    X = npx.reshape(X, (-2, -2, -5))      # (N, C, H, W) -> (N, C, H*W)
    return npx.batch_dot(X, X, transpose_b=True) / size


def content_loss(Y_hat, Y):
    """Squared difference of features (N, C, H, W), relative to the square
    of those of the photographs, Y, mean over the batch: a scalar."""
    np, axes = np_of(Y), (1, 2, 3)
    return (np.square(Y_hat - Y).sum(axis=axes)
            / (np.square(Y).sum(axis=axes) + LEAST)).mean()


def style_loss(Y_hat, grams_Y, evenings, weights):
    """Squared difference of the even Gram matrices of features,
    (N, C, H, W), from those of the styles, `grams_Y`, (S, C * C), relative
    to the square of these: (N,). The `evenings` of the styles, (S, C), make
    a matrix even (`terms.gram.evening`). `weights` says how much of which
    style, (N, S)."""
    np, npx = np_of(Y_hat), npx_of(Y_hat)
    even = np.expand_dims(np.dot(weights, evenings), 1)     # (N, 1, C)
    G = grams(Y_hat) * even * np.swapaxes(even, 1, 2)
    G = npx.reshape(G, (-2, -5))                # (N, C, C) -> (N, C * C)
    sizes = np.square(grams_Y).sum(axis=1)
    return (np.square(G - np.dot(weights, grams_Y)).sum(axis=1)
            / np.dot(weights, sizes))


def restrained(l):
    """A loss that is quartic in its features, from `FAR` on like a root."""
    np = np_of(l)
    root = 2 * FAR ** 0.5 * np.sqrt(np.maximum(l, FAR)) - FAR
    return np.where(l > FAR, root, l)


class Standardise(gluon.HybridBlock):
    """Standardises pictures, (N, 3, H, W) in 0 ... 255, like `preprocess`."""

    def __init__(self, ctx):
        super().__init__()
        for name, values in (('scale', 1 / (255 * RGB_STD)),
                             ('shift', -RGB_MEAN / RGB_STD)):
            constant = self.params.get_constant(
                name, mx.np.array(values.reshape(1, 3, 1, 1)))
            constant.initialize(ctx=ctx)
            setattr(self, name, constant)

    def hybrid_forward(self, F, X, scale, shift):
        return X * scale + shift


class PerceptualLoss(gluon.HybridBlock):
    """Losses of paintings `Y_hat` of pictures `X`, both (N, 3, H, W) in
    0 ... 255.

    `net` is a frozen loss network and `grams_Y` are the Gram matrices of the
    styles, (S, C * C) for each of the style layers. Both lie on `ctx`, a
    context or a list of them. The layers are those of `settings`, and so are
    the weights; a loss that weighs nothing is not computed. Called with
    `Y_hat`, X, how much each style counts, (N, S), and the weights of
    `calmness`. Returns five scalars, means over the batch: the total, then
    the weighted losses in the order of `terms`.
    """

    terms = ('content', 'style', 'light', 'tv')

    def __init__(self, net, grams_Y, settings, ctx=None):
        super().__init__()
        self.net, self.standardise = net, Standardise(ctx)
        self.settings = s = settings
        self.contents = s.layers('content')
        self.styles = s.layers('style')
        for i, Y in enumerate(grams_Y):
            for name, target in zip(('gram', 'even'), evened(Y)):
                target = self.params.get_constant(f'{name}{i}', target)
                target.initialize(ctx=ctx)
                setattr(self, f'{name}{i}', target)
        self.hybridize(static_alloc=True)

    def hybrid_forward(self, F, Y_hat, X, weights, calm, **known_Y):
        Y_hat, X, s = self.standardise(Y_hat), self.standardise(X), \
            self.settings
        tv_l = tv_guided(Y_hat, calm) * s.tv_weight
        light_l = light_loss(Y_hat, light(X, LIGHT), LIGHT) * s.light_weight
        content_l = style_l = 0 * tv_l
        contents, styles = extract_features(
            Y_hat, self.net, list(self.contents), list(self.styles))
        if contents:
            known, _ = extract_features(X, self.net, list(self.contents), ())
            content_l = s.content_weight * sum(
                weight * content_loss(*pair) for weight, *pair in zip(
                    self.contents.values(), contents, known))
        if styles:
            style_l = s.style_weight * restrained(sum(
                weight * style_loss(features, known_Y[f'gram{i}'],
                                    known_Y[f'even{i}'], weights)
                for i, (weight, features) in enumerate(zip(
                    self.styles.values(), styles)))).mean()
        terms = content_l, style_l, light_l, tv_l
        return (sum(terms), *terms)


def style_grams(net, styles, layers=STYLE_LAYERS, ctx=None):
    """Plain Gram matrices, (S, C * C) for each layer, of the style pictures,
    each (1, 3, H, W) in 0 ... 255 on its context."""
    standardise = Standardise(ctx)
    each = [[grams(Y).reshape(1, -1) for Y in extract_features(
        standardise(style), net, (), layers)[1]] for style in styles]
    return [mx.np.concatenate(matrices) for matrices in zip(*each)]


def evened(grams_Y):
    """Gram matrices of styles, (S, C * C), made even, and the evenings that
    made them so, (S, C)."""
    S = len(grams_Y)
    even = onp.stack([evening(G) for G in grams_Y.reshape(
        S, round(grams_Y[0].size ** 0.5), -1)])
    scale = even[:, :, None] * even[:, None]      # (S, C, C)
    return [mx.np.array(A, dtype='float32', ctx=grams_Y.ctx) for A in (
        grams_Y.asnumpy() * scale.reshape(S, -1), even)]


def calmness(X):
    """The weights of the total variation of pictures, (N, 3, H, W) in
    0 ... 255, for each pixel: (N, 1, H, W), NumPy."""
    return 1 + CALM * onp.concatenate([calm(onp.float64(img[None]))
                                       for img in X])
