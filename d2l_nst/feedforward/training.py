"""The training of an image transformer network, on one machine or more."""

import os
import zlib

import mxnet as mx
import numpy as onp
from mxnet import gluon

from ..images import fit_shape, read_image, resize, to_numpy
from ..vgg import get_net
from . import objective
from .margin import with_margin, without_margin
from .records import Settings
from .run import Training
from .transformer import TransformerNet

MEASURED = 16     # pictures from which the units of the losses are measured


def train(style, folder=None, output=None, settings=Settings(), resume=False,
          every=100, workers=2, ctx=None, kvstore='local', on_step=None,
          start=None):
    """Train a network to paint like `style`, a file or (H, W, 3), on the
    pictures below `folder`; returns a `Result`.

    `output` is the network's file. It is written every `every` iterations
    and at the end, and with it a checkpoint (`checkpoint_path`). With
    `resume` the training goes on from a checkpoint if there is one.
    `workers` processes load pictures. `ctx` is a context, or a list over
    which batches are split. `kvstore` is 'local' or 'device', or 'dist_sync'
    within a job of MXNet's launcher. There `batch_size` is that of each
    worker, and only the first worker writes files and calls `on_step` with
    each `Step`. `start`, a bundled NAME or a file, is a trained network to
    begin with in place of random numbers; another style then needs a
    fraction of the iterations. Raises `NSTError`.
    """
    run = Run(style, folder, settings, ctx, kvstore, start)
    return run.run(output, resume, every, workers, on_step)


class Run(Training):
    """The training of a network for one style."""

    kind, terms = TransformerNet, objective.PerceptualLoss.terms

    def __init__(self, style, folder, settings, ctx=None, kvstore='local',
                 start=None):
        super().__init__(folder, settings, ctx, kvstore, start)
        self.style = read_style(style, settings.style_size)

    def get_ready(self):
        """Compile the objective; its weights are measured unless known."""
        s, ctx = self.settings, self.ctx
        styles = () if s.style_weight == 0 else s.style_layers
        net = get_net(objective.NETWORK, (s.content_layer,) + styles,
                      s.weights, ctx, s.seed, scaled=False)
        grams = objective.style_grams(net, mx.np.array(
            self.style, ctx=ctx[0]), styles, ctx) if styles else []
        if not self.weights:
            places = onp.arange(MEASURED) % len(self.pictures.paths)
            X = mx.np.array(self.pictures.load(0, places)[0],
                            dtype='float32', ctx=ctx[0])
            self.weights = objective.loss_weights(s, net, X, grams, styles,
                                                  ctx)
        self.loss = objective.PerceptualLoss(
            net, grams, self.weights, s.content_layer, styles, ctx)

    def prepare(self, X):
        wide = mx.np.array(with_margin(X, self.net.margin, self.net.factor),
                           dtype='float32')
        return [(part, X.shape[2:])
                for part in gluon.utils.split_and_load(wide, self.ctx)]

    def losses(self, wide, size):
        height, width = size
        X, Y_hat = (without_margin(each, height, width, self.net.margin)
                    for each in (wide, self.net(wide)))
        return self.loss(Y_hat, X), (X, Y_hat)

    def identity(self):
        return {**super().identity(), 'style': zlib.crc32(
            self.style.tobytes())}


def read_style(style, size):
    """The style picture with the area of `size` squared, (1, 3, H, W) in
    0 ... 255. `style` is a file or an array (H, W, 3)."""
    if isinstance(style, (str, os.PathLike)):
        style = read_image(style)
    style = resize(style, fit_shape(to_numpy(style), size ** 2))
    return onp.ascontiguousarray(style.transpose(2, 0, 1)[None])
