"""The training of the exemplar network: resumable, seeded, logged."""

import dataclasses
import json
import math
import os
import time
from typing import Optional

import mxnet as mx
import numpy as onp
from mxnet import autograd, gluon, nd

from .. import files
from ..errors import DivergedError, NSTError
from ..weights.formats import read_weights
from .crops import batch_classes, draw_crops, make_classes
from .network import ExemplarNet, classic, fast_dtype, fold
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


@dataclasses.dataclass
class Step:
    """What a step reports when it is done.

    `accuracy` is the share of the batch's crops whose own class got the
    highest logit.
    """

    step: int
    loss: float
    accuracy: float
    seconds: float


def pretrain(settings=Settings(), checkpoint=None, every=100, on_step=None,
             dtype=None):
    """Train an exemplar network; returns its folded convolutions, NumPy
    arrays under Gluon's names for `features`.

    `checkpoint` is a path without extension. The state is saved there every
    `every` steps, and a training that was ended goes on from it. `on_step`
    is called with each `Step`. `dtype` is that of the products, by default
    bfloat16 if the processor has it. Raises `NSTError` for settings that do
    not fit the checkpoint or each other, and `DivergedError` if the loss is
    no longer finite.
    """
    if settings.classes < settings.batch_size:
        raise NSTError(f'{settings.classes} classes are fewer than the '
                       f'{settings.batch_size} crops of a batch: ask for '
                       'more classes, or a smaller batch')
    arrays = settings.start and read_weights(settings.start)
    with classic():
        run = _Run(settings, dtype or fast_dtype(), arrays)
        start = run.load(checkpoint) if checkpoint else 0
        for step in range(start, settings.steps):
            record = run.step(step)
            if on_step:
                on_step(record)
            if checkpoint and (step + 1) % every == 0:
                run.save(checkpoint, step + 1)
        return fold(run.net)


class _Run:
    def __init__(self, settings, dtype, arrays=None):
        mx.random.seed(settings.seed)
        self.settings, self.seconds = settings, 0
        self.patches = nd.array(make_classes(
            training_pictures(settings.folder, settings.seed),
            settings.classes, settings.seed), dtype='uint8')
        self.net = ExemplarNet(settings.network, settings.classes, dtype)
        self.net.initialize()
        if arrays:
            self._start(arrays)
        self.net.hybridize(static_alloc=True)
        free = self.net.collect_params('.*(gamma|beta|scale)$')
        free.setattr('wd_mult', 0)
        self.trainer = gluon.Trainer(
            self.net.collect_params(), 'nag',
            {'learning_rate': settings.lr, 'wd': settings.wd,
             'momentum': settings.momentum})

    def _start(self, arrays):
        random = onp.random.RandomState(self.settings.seed % 2 ** 32)
        labels = random.randint(self.settings.classes, size=256)
        start_from(self.net, arrays,
                   draw_crops(self.patches, labels, random))

    def step(self, step):
        s, start = self.settings, time.perf_counter()
        labels = batch_classes(step, s.classes, s.batch_size, s.seed)
        random = onp.random.RandomState([s.seed % 2 ** 32, step, 1])
        X = draw_crops(self.patches, labels, random)
        y = nd.array(labels)
        with autograd.record():
            logits = self.net(X)
            l = smoothed_loss(logits, y, s.smoothing)
        l.backward()
        self.trainer.set_learning_rate(learning_rate(step, s))
        self.trainer.step(1)
        loss = float(l.asscalar())
        if not math.isfinite(loss):
            raise DivergedError(f'the training diverged in step {step + 1}: '
                                'choose a smaller learning rate')
        right = float((logits.argmax(axis=1) == y).mean().asscalar())
        self.seconds += time.perf_counter() - start
        return Step(step + 1, loss, right, self.seconds)

    def save(self, path, step):
        """Save the network and the optimiser, then the record that names
        them: until it is there, the checkpoint before it holds."""
        nd.waitall()
        name = f'{path}-{step}'
        self.net.save_parameters(name + '.params')
        self.trainer.save_states(name + '.states')
        record = {'step': step, 'seconds': self.seconds,
                  'settings': dataclasses.asdict(self.settings)}
        before = _read_record(path)
        with files.atomic(path + '.json') as f:
            f.write(json.dumps(record).encode())
        if before and before['step'] != step:
            for end in ('.params', '.states'):
                os.remove(f'{path}-{before["step"]}{end}')

    def load(self, path):
        """The step to go on with: 0 where there is no checkpoint."""
        record = _read_record(path)
        if record is None:
            return 0
        if record['settings'] != dataclasses.asdict(self.settings):
            raise NSTError(f'{path}.json is of a training with other '
                           'settings: give those, or name another file')
        name = f'{path}-{record["step"]}'
        self.net.load_parameters(name + '.params')
        self.trainer.load_states(name + '.states')
        self.seconds = record['seconds']
        return record['step']


def _read_record(path):
    if not os.path.exists(path + '.json'):
        return None
    with open(path + '.json') as f:
        return json.load(f)


def smoothed_loss(logits, labels, smoothing):
    """Mean cross-entropy with smoothed labels (Szegedy et al. 2016,
    section 7): (N, classes), (N,) -> scalar."""
    log_p = nd.log_softmax(logits)
    right = nd.pick(log_p, labels).mean()
    return -(1 - smoothing) * right - smoothing * log_p.mean()


def learning_rate(step, settings):
    """A linear warm-up, then half a cosine down to zero."""
    if step < settings.warm_up:
        return settings.lr * (step + 1) / settings.warm_up
    part = (step - settings.warm_up) / (settings.steps - settings.warm_up)
    return settings.lr * (1 + math.cos(math.pi * part)) / 2
