"""The training of the exemplar network: resumable and seeded."""

import dataclasses
import math
import os
import time
from typing import Optional

import mxnet as mx
import numpy as onp
from mxnet import autograd, gluon, nd, np, npx

from ..checkpoint import parameters, restore, save
from ..errors import NSTError
from ..kinds import Array, Arrays
from ..precision import choose_precision
from ..ranges import ABOVE, COUNT, check_numbers
from ..steps import Listener, Step
from ..weights.formats import read_weights
from .crops import batch_classes, draw_crops, make_classes
from .network import ExemplarNet, fold
from .pictures import training_pictures
from .start import start_from


@dataclasses.dataclass(frozen=True)
class Settings:
    """All that decides what the weights become."""

    network: str = 'vgg19'
    steps: int = 3000
    classes: int = 4096
    batch_size: int = 128
    lr: float = 0.1
    warm_up: int = 200
    wd: float = 1e-4
    momentum: float = 0.9
    smoothing: float = 0.05
    seed: int = 1
    folder: Optional[str] = None   # of pictures; None: those of the package
    start: Optional[str] = None    # weights of a VGG; None: random ones


@mx.util.use_np    # in any thread
def pretrain(settings: Settings = Settings(), checkpoint: Optional[str] = None,
             every: int = 100, on_step: Optional[Listener] = None,
             precision: str = 'auto') -> Arrays:
    """Train an exemplar network; returns its folded convolutions, NumPy
    arrays under Gluon's names for `features`.

    `checkpoint` is a path. The state is saved there every `every` steps, and
    a training that was ended goes on from it. `on_step` is called with each
    `Step`. `precision` is that of the products, as in `vgg.get_net`. Raises
    `NSTError` for settings that do not fit the checkpoint or each other, and
    `DivergedError` if the loss is no longer finite.
    """
    run = Run(settings, precision)
    run.run(checkpoint, every, on_step)
    return fold(run.net)


class Run:
    """The training of an exemplar network, and how far it has come.

    `history` holds the loss, the accuracy and the seconds of each step.
    """

    def __init__(self, settings: Settings, precision: str = 'auto'):
        s = settings
        check_numbers(COUNT, steps=s.steps, classes=s.classes,
                      batch_size=s.batch_size)
        check_numbers(ABOVE, lr=s.lr)
        if s.classes < s.batch_size:
            raise NSTError(f'{s.classes} classes are fewer than the '
                           f'{s.batch_size} crops of a batch: ask for more '
                           'classes, or a smaller batch')
        arrays = s.start and read_weights(s.start)
        mx.random.seed(s.seed)
        self.settings, self.history, self.seconds = s, [], 0.0
        self.patches = nd.array(make_classes(
            training_pictures(s.folder, s.seed), s.classes, s.seed),
            dtype='uint8')
        self.net = ExemplarNet(s.network, s.classes,
                               choose_precision(precision, mx.cpu()))
        self.net.initialize()
        if arrays:
            random = onp.random.RandomState(s.seed % 2 ** 32)
            labels = random.randint(s.classes, size=256)
            start_from(self.net, arrays,
                       draw_crops(self.patches, labels, random))
        self.net.hybridize(static_alloc=True)
        self.net.collect_params('.*(gamma|beta|scale)$').setattr('wd_mult', 0)
        self.trainer = gluon.Trainer(
            list(parameters(self.net).values()), 'nag',
            {'learning_rate': s.lr, 'wd': s.wd, 'momentum': s.momentum})

    def run(self, path: Optional[str] = None, every: int = 100,
            on_step: Optional[Listener] = None) -> None:
        """Train to the end, from the checkpoint at `path` if there is one."""
        identity = dataclasses.asdict(self.settings)
        if path and os.path.exists(path):
            self.history, record = restore(path, self.net, self.trainer,
                                           identity)
            self.seconds = record['seconds']
        for i in range(len(self.history), self.settings.steps):
            step = self.step(i)
            if on_step:
                on_step(step)
            if path and (i + 1) % every == 0:
                save(path, self.net, self.trainer, self.history,
                     identity=identity, iteration=i + 1,
                     seconds=self.seconds)

    def step(self, i: int) -> Step:
        s, start = self.settings, time.perf_counter()
        labels = batch_classes(i, s.classes, s.batch_size, s.seed)
        random = onp.random.RandomState([s.seed % 2 ** 32, i, 1])
        X = draw_crops(self.patches, labels, random)
        y = np.array(labels)
        with autograd.record():
            logits = self.net(X)
            l = smoothed_loss(logits, y, s.smoothing)
        l.backward()
        self.trainer.set_learning_rate(learning_rate(i, s))
        self.trainer.step(1)
        loss = float(l)
        accuracy = float((logits.argmax(axis=1) == y).mean())
        self.seconds += time.perf_counter() - start
        self.history.append([loss, accuracy, self.seconds])
        return Step(1, i // (s.classes // s.batch_size) + 1,
                    {'classes': loss}, loss, self.seconds, iteration=i + 1,
                    iterations=s.steps, accuracy=accuracy)


def smoothed_loss(logits: Array, labels: Array, smoothing: float) -> Array:
    """Mean cross-entropy with smoothed labels (Szegedy et al. 2016,
    section 7): (N, classes), (N,) -> scalar."""
    log_p = npx.log_softmax(logits)
    right = npx.pick(log_p, labels).mean()
    return -(1 - smoothing) * right - smoothing * log_p.mean()


def learning_rate(step: int, settings: Settings) -> float:
    """A linear warm-up, then half a cosine down to zero."""
    if step < settings.warm_up:
        return settings.lr * (step + 1) / settings.warm_up
    part = (step - settings.warm_up) / (settings.steps - settings.warm_up)
    return settings.lr * (1 + math.cos(math.pi * part)) / 2
