"""The chapter: neural style transfer, from *Dive into Deep Learning*.

All of its functions, under its names and in its order. What was a variable
of its notebook is a parameter here. `vgg.get_net` fills the network. What the
package computes faster is compared with this file by the tests.
"""

import time

import mxnet as mx
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from .epochs import Epochs
from .images import RGB_MEAN, RGB_STD, resize, to_numpy
from .layers import (CONTENT_LAYERS, CONTENT_WEIGHT, STYLE_LAYERS,
                     STYLE_WEIGHT, TV_WEIGHT, layer_index)
from .semantics import needs_np
from .steps import Step


# ------------------------------------------ preprocessing and postprocessing
def preprocess(img, image_shape):
    """Resize and standardise a picture for a VGG network.

    `img`: (H, W, 3) in 0 ... 255. `image_shape`: (width, height). Returns
    (1, 3, height, width), float32. Raises `ImageError`.
    """
    img = resize(to_numpy(img), image_shape) / 255
    img = (img - RGB_MEAN) / RGB_STD
    return np.array(img.transpose(2, 0, 1)[None], dtype='float32')


def postprocess(X):
    """Turn (1, 3, H, W) back into a picture, (H, W, 3) in [0, 1], on the
    CPU: the inverse of `preprocess`, clipped."""
    img = X[0].as_in_ctx(mx.cpu()).transpose(1, 2, 0)
    return (img * np.array(RGB_STD) + np.array(RGB_MEAN)).clip(0, 1)


# ------------------------------------------------------- extracting features
def cut(pretrained_net, layers=(25, 28)):
    """The blocks of a network's `features` up to the last of the `layers`,
    which are given by index; the rest is not needed."""
    net = nn.Sequential()
    for i in range(max(layers) + 1):
        net.add(pretrained_net.features[i])
    return net


@needs_np
def extract_features(X, net, content_layers=CONTENT_LAYERS,
                     style_layers=STYLE_LAYERS):
    """Outputs of the layers for pictures X, (1, 3, H, W).

    `net`: a `VGG`, whose layers have names too, or any sequence of blocks.
    Returns two lists, contents and styles, in the order of the layers
    given, each entry (1, C, h, w). Layers of a `VGG` that change nothing
    are passed over (`VGG.unchanging`).
    """
    network = getattr(net, 'network', 'vgg19')
    unchanging = getattr(net, 'unchanging', ())
    contents = [layer_index(layer, network) for layer in content_layers]
    styles = [layer_index(layer, network) for layer in style_layers]
    outputs = {}
    for i in range(max(contents + styles) + 1):
        if i not in unchanging:
            X = net[i](X)
        if i in contents or i in styles:
            outputs[i] = X
    return [outputs[i] for i in contents], [outputs[i] for i in styles]


def get_contents(img, image_shape, net, content_layers=CONTENT_LAYERS,
                 ctx=None):
    """The content picture for the network, and its features.

    `image_shape`: (width, height). Returns content_X, (1, 3, H, W), and
    contents_Y, one (1, C, h, w) for each layer, on `ctx`.
    """
    content_X = preprocess(img, image_shape).copyto(ctx or mx.cpu())
    contents_Y, _ = extract_features(content_X, net, content_layers, ())
    return content_X, contents_Y


def get_styles(img, image_shape, net, style_layers=STYLE_LAYERS, ctx=None):
    """The style picture for the network, and its features: as
    `get_contents`, with style_X and styles_Y."""
    style_X = preprocess(img, image_shape).copyto(ctx or mx.cpu())
    _, styles_Y = extract_features(style_X, net, (), style_layers)
    return style_X, styles_Y


# ----------------------------------------------------- defining the losses
def content_loss(Y_hat, Y):
    """Mean squared difference of two features of one shape: a scalar.
    Gatys, Ecker and Bethge 2016, equation 1, with the mean for the sum."""
    return np.square(Y_hat - Y).mean()


def gram(X):
    """Gram matrix of features (1, C, H, W), divided by C * H * W: (C, C).

    Gatys, Ecker and Bethge 2016, equation 3, normalised so that neither
    the picture's size nor the number of channels sets its scale.
    """
    num_channels, n = X.shape[1], X.size // X.shape[1]
    X = X.reshape((num_channels, n))   # (1, C, H, W) -> (C, H*W)
    return np.dot(X, X.T) / (num_channels * n)


def style_loss(Y_hat, gram_Y):
    """Mean squared difference of the Gram matrix of the features `Y_hat`,
    (1, C, H, W), from `gram_Y`, (C, C): a scalar. Gatys, Ecker and Bethge
    2016, equation 4, with the mean and `gram`'s own normalisation."""
    return np.square(gram(Y_hat) - gram_Y).mean()


@needs_np
def tv_loss(Y_hat):
    """Total variation of a picture (1, 3, H, W): half the sum of the mean
    absolute differences of neighbours, down and across: a scalar.
    Mahendran and Vedaldi 2015, in the chapter's anisotropic form."""
    return 0.5 * (np.abs(Y_hat[:, :, 1:, :] - Y_hat[:, :, :-1, :]).mean()
                  + np.abs(Y_hat[:, :, :, 1:] - Y_hat[:, :, :, :-1]).mean())


@needs_np
def compute_loss(X, contents_Y_hat, styles_Y_hat, contents_Y, styles_Y_gram,
                 content_weight=CONTENT_WEIGHT, style_weight=STYLE_WEIGHT,
                 tv_weight=TV_WEIGHT):
    """The weighted losses of a picture X, (1, 3, H, W).

    Returns the list of content losses, the list of style losses, the
    total variation loss, each times its weight, and the sum of all.
    """
    contents_l = [content_loss(Y_hat, Y) * content_weight
                  for Y_hat, Y in zip(contents_Y_hat, contents_Y)]
    styles_l = [style_loss(Y_hat, Y) * style_weight
                for Y_hat, Y in zip(styles_Y_hat, styles_Y_gram)]
    tv_l = tv_loss(X) * tv_weight
    return contents_l, styles_l, tv_l, sum(contents_l + styles_l + [tv_l])


# -------------------------------------- creating and initialising a picture
class GeneratedImage(nn.Block):
    """The picture as a layer whose only parameter is its pixels: an array
    of `img_shape`, (1, 3, H, W)."""

    def __init__(self, img_shape, **kwargs):
        super().__init__(**kwargs)
        self.weight = self.params.get('weight', shape=img_shape)

    def forward(self):
        return self.weight.data()


@needs_np
def get_inits(X, ctx, lr, styles_Y):
    """The picture to be trained, starting from X, (1, 3, H, W).

    Returns its pixels on `ctx`, the Gram matrices of `styles_Y`, and
    the Adam trainer that moves the pixels at learning rate `lr`.
    """
    gen_img = GeneratedImage(X.shape)
    gen_img.initialize(init.Constant(X), ctx=ctx, force_reinit=True)
    trainer = gluon.Trainer(gen_img.collect_params(), 'adam',
                            {'learning_rate': lr})
    styles_Y_gram = [gram(Y) for Y in styles_Y]
    return gen_img(), styles_Y_gram, trainer


# ------------------------------------------------------------------ training
def train(X, contents_Y, styles_Y, net, ctx, lr, num_epochs, lr_decay_epoch,
          on_step=None, content_layers=CONTENT_LAYERS,
          style_layers=STYLE_LAYERS, checkpoint=None, **weights):
    """Train the picture X, (1, 3, H, W), and return it.

    `contents_Y` and `styles_Y` are the features to come close to. Adam's
    learning rate `lr` falls to a tenth every `lr_decay_epoch` epochs.
    `on_step` is called with each `Step`. `checkpoint` names a file: a
    training that was ended goes on from there when it is called again, see
    `Epochs`. `weights` are those of `compute_loss`. Raises `DivergedError`.
    """
    X, styles_Y_gram, trainer = get_inits(X, ctx, lr, styles_Y)
    epochs = Epochs(num_epochs, trainer, on_step, checkpoint, X=X, lr=lr,
                    contents_Y=contents_Y, styles_Y_gram=styles_Y_gram,
                    lr_decay_epoch=lr_decay_epoch, **weights,
                    layers=f'{content_layers}, {style_layers}')
    start = time.perf_counter() - epochs.seconds
    for epoch in epochs:
        with autograd.record():
            contents_Y_hat, styles_Y_hat = extract_features(
                X, net, content_layers, style_layers)
            contents_l, styles_l, tv_l, l = compute_loss(
                X, contents_Y_hat, styles_Y_hat, contents_Y, styles_Y_gram,
                **weights)
        l.backward()
        # To ask for a number waits for it: else all epochs would be put
        # into MXNet's queue at once
        terms = {'content': float(sum(contents_l)),
                 'style': float(sum(styles_l)), 'tv': float(tv_l)}
        epochs.tell(Step(1, epoch, terms, float(l),
                         time.perf_counter() - start, X.copy()))
        trainer.step(1)
        if epoch % lr_decay_epoch == 0:
            trainer.set_learning_rate(trainer.learning_rate * 0.1)
    return X
