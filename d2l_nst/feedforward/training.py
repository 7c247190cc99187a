"""The training of an image transformer network, on one machine or more."""

import contextlib
import dataclasses
import math
import os
import time
import zlib

import mxnet as mx
import numpy as onp
from mxnet import autograd, gluon, npx

from ..errors import DivergedError, ImageError, NSTError
from ..images import fit_shape, read_image, resize, to_numpy
from ..vgg import get_net
from . import checkpoint, objective
from .data import find_pictures, load_ahead
from .network import (new_network, read_network, save_network, with_margin,
                      without_margin)
from .records import Result, Settings, Step, check_settings

MEASURED = 16     # pictures from which the units of the losses are measured
LOSSES_KEY = 10 ** 6   # on the parameter server, above the parameters' keys


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
    path = checkpoint.checkpoint_path(output) if output else ''
    run.make_loss(run.load(path) if resume and os.path.exists(path)
                  else None)
    if run.store:
        run.share_start()
    tasks = (run.task(i) for i in range(run.iteration, run.iterations))
    with contextlib.closing(load_ahead(run.pictures, tasks,
                                       workers)) as batches:
        for X, damaged in batches:
            run.damaged |= damaged
            step = run.step(X)
            if output and (step.iteration % every == 0
                           or step.iteration == step.iterations):
                run.save(output)
            if on_step and not run.rank:
                on_step(step)
    npx.waitall()     # or others wait for ever for this worker's gradients
    return Result(run.net, onp.array(run.history), run.damaged, run.seconds,
                  run.rank)


class Run:
    def __init__(self, style, folder, settings, ctx, kvstore, start=None):
        s = self.settings = settings
        self.ctx = ctx if isinstance(ctx, list) else [ctx or mx.cpu()]
        check_settings(s, len(self.ctx))
        self.store = _join(kvstore) if 'dist' in kvstore else None
        self.rank, self.share = ((self.store.rank, self.store.num_workers)
                                 if self.store else (0, 1))
        self.batch = s.batch_size * self.share     # of all workers
        self.pictures = find_pictures(folder, s.size, s.fraction, s.seed)
        self.per_epoch = len(self.pictures.paths) // self.batch
        if not self.per_epoch:
            raise ImageError(f'{len(self.pictures.paths)} pictures are less '
                             f'than one batch of {self.batch}: give more')
        self.iterations = s.epochs * self.per_epoch
        self.iteration, self.seconds = 0, 0.0
        self.history, self.damaged = [], set()
        self.style = read_style(style, s.style_size)
        self.start = read_network(start) if start else None
        self.net = new_network(s.seed, self.ctx, self.start)
        self.trainer = gluon.Trainer(
            list(checkpoint.parameters(self.net).values()), 'adam',
            {'learning_rate': s.lr}, self.store or kvstore,
            update_on_kvstore=False)
        if self.store:
            self.store.init(LOSSES_KEY, mx.np.zeros(4))

    def make_loss(self, weights=None):
        """Compile the objective; its weights are measured unless given."""
        s, ctx = self.settings, self.ctx
        styles = () if s.style_weight == 0 else s.style_layers
        net = get_net(objective.NETWORK, (s.content_layer,) + styles,
                      s.weights, ctx, s.seed, scaled=False)
        grams = objective.style_grams(net, mx.np.array(
            self.style, ctx=ctx[0]), styles, ctx) if styles else []
        if not weights:
            places = onp.arange(MEASURED) % len(self.pictures.paths)
            X = mx.np.array(self.pictures.load(0, places)[0],
                            dtype='float32', ctx=ctx[0])
            weights = objective.loss_weights(s, net, X, grams, styles, ctx)
        self.weights = weights
        self.loss = objective.PerceptualLoss(
            net, grams, weights, s.content_layer, styles, ctx)

    def share_start(self):
        """Give every worker the first one's network.

        MXNet would do so within the first step, where a worker's gradients
        can overtake its request for the weights and come back as these.
        """
        self.trainer.save_states(os.devnull)   # the public call that shares
        npx.waitall()

    def task(self, i):
        """Which pictures this worker's part of batch `i` is made of."""
        epoch, batch = divmod(i, self.per_epoch)
        first = batch * self.batch + self.rank * self.settings.batch_size
        return epoch, range(first, first + self.settings.batch_size)

    def step(self, X):
        start = time.perf_counter()
        size = X.shape[2:]
        wide = gluon.utils.split_and_load(
            mx.np.array(with_margin(X), dtype='float32'), self.ctx)
        Xs = [without_margin(X, *size) for X in wide]
        with autograd.record():
            Y_hats = [without_margin(self.net(X), *size) for X in wide]
            losses = [self.loss(*pair) for pair in zip(Y_hats, Xs)]
        autograd.backward([l[0] for l in losses])
        # Each loss is a mean over the pictures of one device, and `step`
        # divides the sum of their gradients by the number of all devices
        self.trainer.set_learning_rate(self.learning_rate())
        self.trainer.step(len(Xs) * self.share)
        *terms, total = self.mean(losses)
        self.iteration += 1
        if not math.isfinite(total):
            raise DivergedError(
                f'the training diverged in iteration {self.iteration}: '
                'choose a smaller learning rate, and --resume')
        self.history.append([*terms, total])
        self.seconds += time.perf_counter() - start
        return Step((self.iteration - 1) // self.per_epoch + 1,
                    self.iteration, self.iterations,
                    dict(zip(self.loss.terms, terms)), total, self.seconds,
                    Xs[0], Y_hats[0])

    def learning_rate(self):
        """Adam's learning rate, which may fall to nought in the end."""
        s, left = self.settings, 1 - self.iteration / self.iterations
        return s.lr * min(1, left / s.decay) if s.decay else s.lr

    def mean(self, losses):
        """The terms and the total, over all devices and workers."""
        values = onp.array([[float(l) for l in part] for part in losses])
        values = onp.roll(values.mean(axis=0), -1)
        if self.store:
            part = mx.np.array(values, dtype='float32')
            self.store.push(LOSSES_KEY, part)
            self.store.pull(LOSSES_KEY, out=part)
            values = part.asnumpy() / self.share
        return values.tolist()

    # ------------------------------------------------------ checkpoints
    def _identity(self):
        """What must be the same for a training to go on."""
        identity = dataclasses.asdict(self.settings)
        identity.update(
            batch_size=self.batch, style_layers=list(
                self.settings.style_layers),
            pictures=self.pictures.fingerprint(),
            style=zlib.crc32(self.style.tobytes()),
            start=self.start and _fingerprint(self.start))
        if not self.settings.decay:
            del identity['epochs']   # more of them may be trained later
        return identity

    def save(self, output):
        if self.rank:
            return
        # The network is written first, so that it is never older than the
        # checkpoint
        save_network(self.net, output)
        checkpoint.save(
            checkpoint.checkpoint_path(output), self.net, self.trainer,
            {'iteration': self.iteration, 'seconds': self.seconds,
             'weights': self.weights, 'damaged': sorted(self.damaged),
             'identity': self._identity()},
            onp.array(self.history))

    def load(self, path):
        arrays = checkpoint.read(path)
        record, mine = arrays['record'], self._identity()
        other = [name for name in mine
                 if record['identity'].get(name) != mine[name]]
        if other:
            raise NSTError(f'{path} is of a training with another '
                           f'{other[0]}: give that, or name another file')
        self.iteration = record['iteration']
        checkpoint.restore(arrays, self.net, self.trainer, self.iteration)
        self.seconds = record['seconds']
        self.history = arrays['history'].tolist()
        self.damaged = set(record['damaged'])
        return record['weights']


def _fingerprint(arrays):
    """A number that tells one network from another."""
    return zlib.crc32(b''.join(a.asnumpy().tobytes()
                               for a in arrays.values()))


def _join(kvstore):
    """The parameter server of the job that this process is a worker of."""
    if 'DMLC_ROLE' not in os.environ:
        raise NSTError(f'{kvstore} is for workers that were started by '
                       '`python -m d2l_nst.feedforward.launch`: use that')
    return mx.kv.create(kvstore)


def read_style(style, size):
    """The style picture with the area of `size` squared, (1, 3, H, W) in
    0 ... 255. `style` is a file or an array (H, W, 3)."""
    if isinstance(style, (str, os.PathLike)):
        style = read_image(style)
    style = resize(style, fit_shape(to_numpy(style), size ** 2))
    return onp.ascontiguousarray(style.transpose(2, 0, 1)[None])
