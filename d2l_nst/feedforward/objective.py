"""What the network is trained for: features and losses as ONE graph."""

import mxnet as mx
import numpy as onp
from mxnet import gluon

from ..chapter import extract_features
from ..images import RGB_MEAN, RGB_STD
from ..terms.term import np_of, npx_of, squares
from ..terms.variation import tv_mean

NETWORK = 'vgg16'
CONTENT_LAYER = 'relu3_3'
STYLE_LAYERS = 'relu1_2', 'relu2_2', 'relu3_3', 'relu4_3'
# Weights of content and style for ImageNet's features. For inputs in 0 ... 255
# they are documented as 1e-4 and 3e-8. The inputs of the model zoo's networks
# are standardised, which makes them 57.6 times smaller, and the features with
# them. Squares of features are then smaller by 57.6**2 = 3318 and squares of
# Gram matrices by 3318**2, so that both weights become 0.33
DOCUMENT_WEIGHTS = 0.33, 0.33
# Weights for all other features, whose losses are first divided by the units
# that `measure_units` finds
WEIGHTS = 1, 3


def grams(X):
    """Gram matrices of features, (N, C, H, W) -> (N, C, C), each divided by
    H * W * C: `chapter.gram` for a batch."""
    npx, size = npx_of(X), npx_of(X).shape_array(X)[1:].prod()
    X = npx.reshape(X, (-2, -2, -5))      # (N, C, H, W) -> (N, C, H*W)
    return npx.batch_dot(X, X, transpose_b=True) / size


def style_loss(Y_hat, gram_Y):
    """Squared difference of the Gram matrices of features (N, C, H, W) from
    `gram_Y`, (1, C, C), summed over the matrix, mean over the batch.

    Johnson, Alahi and Fei-Fei 2016, equation 4.
    """
    difference = np_of(Y_hat).square(grams(Y_hat) - gram_Y)
    return difference.sum(axis=(1, 2)).mean()


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
    style picture, each (1, C, C). Both lie on `ctx`, a context or a list of
    them. `weights` holds three things: the weight of content, a sequence
    with one for each style layer, and the weight of total variation. A loss
    that weighs nothing is not computed. Returns four scalars, means over the
    batch: the total, then the weighted losses in the order of `terms`.
    """

    terms = ('content', 'style', 'tv')

    def __init__(self, net, grams_Y, weights, content_layer=CONTENT_LAYER,
                 style_layers=STYLE_LAYERS, ctx=None):
        super().__init__()
        self.net, self.standardise = net, Standardise(ctx)
        self.weights = weights
        self.layers = ((content_layer,) if weights[0] else (),
                       tuple(style_layers) if any(weights[1]) else ())
        for i, Y in enumerate(grams_Y):
            target = self.params.get_constant(f'gram{i}', Y)
            target.initialize(ctx=ctx)
            setattr(self, f'gram{i}', target)
        self.hybridize(static_alloc=True)

    def hybrid_forward(self, F, Y_hat, X, **grams_Y):
        Y_hat, X = self.standardise(Y_hat), self.standardise(X)
        content, style, tv = self.weights
        contents, styles = extract_features(Y_hat, self.net, *self.layers)
        tv_l = tv_mean(Y_hat) * tv
        content_l = style_l = 0 * tv_l
        if contents:
            Y, = extract_features(X, self.net, self.layers[0], ())[0]
            content_l = squares(contents[0], Y) * content
        for i, features in enumerate(styles):
            style_l = style_l + style[i] * style_loss(features,
                                                      grams_Y[f'gram{i}'])
        return content_l + style_l + tv_l, content_l, style_l, tv_l


def style_grams(net, style, style_layers=STYLE_LAYERS, ctx=None):
    """Gram matrices, (1, C, C) each, of a style picture (1, 3, H, W) in
    0 ... 255, on its context."""
    X = Standardise(ctx)(style)
    return [grams(Y) for Y in extract_features(X, net, (), style_layers)[1]]


def measure_units(net, X, grams_Y, content_layer=CONTENT_LAYER,
                  style_layers=STYLE_LAYERS, ctx=None):
    """Units in which the losses don't depend on the scale of the features.

    `X`: some of the pictures to be trained on, (N, 3, H, W) in 0 ... 255.
    The unit of content is the mean loss of two of them against each other.
    The unit of a style layer is the mean loss of the unpainted pictures.
    Returns the unit of content and a list with that of each style layer.
    """
    contents, styles = extract_features(Standardise(ctx)(X), net,
                                        (content_layer,), style_layers)
    content = contents[0].var(axis=0, ddof=1).mean() * 2
    units = [float(style_loss(*pair)) for pair in zip(styles, grams_Y)]
    return (_positive(float(content)), [_positive(unit) for unit in units])


def loss_weights(settings, net, X, grams_Y, style_layers, ctx=None):
    """The `weights` of a `PerceptualLoss`, from the `training.Settings`.

    For ImageNet's features they are taken as they are. For others they are
    divided by the units that are measured on the pictures X, and the weight
    of the style is shared between its layers.
    """
    documented = net.source.unit is not None
    default = DOCUMENT_WEIGHTS if documented else WEIGHTS
    content, style = (
        known if given is None else given for known, given in zip(
            default, (settings.content_weight, settings.style_weight)))
    if documented:
        return content, [style] * len(grams_Y), settings.tv_weight
    unit, units = measure_units(net, X, grams_Y, settings.content_layer,
                                style_layers, ctx)
    return (content / unit, [style / len(units) / u for u in units],
            settings.tv_weight)


def _positive(unit):
    """The unit, or 1 where it is 0: the pictures are then all alike, or are
    the style itself."""
    return unit if unit > onp.finfo('float32').tiny else 1.0
