"""A training: what is common to all networks that are trained here."""

import contextlib
import dataclasses
import functools
import os
import time
import zlib
from typing import Any, Tuple

import mxnet as mx
import numpy as onp
from mxnet import autograd, gluon, npx

from .. import checkpoint, cores
from ..errors import ImageError, NSTError
from ..interrupts import later
from ..locks import alone
from ..outputs import check_writable, first_free
from ..ranges import COUNT, NATURAL, check_numbers
from ..steps import Step
from .data import find_pictures, load_ahead
from .network import new_network, read_network, save_network
from .records import Result, check_settings

LOSSES_KEY = 10 ** 6   # on the parameter server, above the parameters' keys


class Training:
    """A network, the pictures it is trained on, and how far it has come.

    `ctx`, `kvstore` and `start` are those of `training.train`. A subclass
    says the `kind` of its network, which is made with `network`, its
    settings, the `terms` of its loss, and how it will `prepare` a batch and
    compute the `losses`.
    """

    kind: Any = None
    terms: Tuple[str, ...] = ()

    def __init__(self, folder, settings, ctx=None, kvstore='local',
                 start=None, **network):
        s = self.settings = settings
        self.ctx = ctx if isinstance(ctx, list) else [ctx or mx.cpu()]
        check_settings(s, len(self.ctx))
        self.store = _join(kvstore) if 'dist' in kvstore else None
        self.rank, self.share = ((self.store.rank, self.store.num_workers)
                                 if self.store else (0, 1))
        self.batch = s.batch_size * self.share     # of all workers
        self.pictures = find_pictures(folder, s.size, s.fraction, s.seed,
                                      s.crops)
        self.per_epoch = len(self.pictures.paths) // self.batch
        if not self.per_epoch:
            raise ImageError(f'{len(self.pictures.paths)} pictures are less '
                             f'than one batch of {self.batch}: give more')
        self.iterations = s.epochs * self.per_epoch
        self.iteration, self.seconds = 0, 0.0
        self.history, self.damaged = [], set()
        self.start = start and read_network(start, self.kind, **network)
        self.net = new_network(s.seed, self.ctx, self.start, self.kind,
                               **network)
        self.trainer = gluon.Trainer(
            list(checkpoint.parameters(self.net).values()), 'adam',
            {'learning_rate': s.lr}, self.store or kvstore,
            update_on_kvstore=False)
        if self.store:
            self.store.init(LOSSES_KEY, mx.np.zeros(len(self.terms) + 1))

    def run(self, output=None, resume=False, every=100, workers=2,
            on_step=None, force=True):
        """Train to the end; returns a `Result`. As for `training.train`;
        without `force` nothing that exists is replaced."""
        check_numbers(COUNT, every=every)
        check_numbers(NATURAL, workers=workers)
        self.force, writes = force, output and not self.rank
        with cores.kept_memory(), \
                alone(output) if writes else contextlib.nullcontext():
            if writes and not force:    # another may just have ended
                check_writable(output)
            return self.run_alone(output, resume, every, workers, on_step)

    def run_alone(self, output, resume, every, workers, on_step):
        """`run`, where no other training writes `output`."""
        path = checkpoint.checkpoint_path(output) if output else ''
        if resume and os.path.exists(path):
            self.load(path)
        self.get_ready()
        if self.store:
            self.share_start()
        tasks = (self.task(i)
                 for i in range(self.iteration, self.iterations))
        with contextlib.closing(load_ahead(self.loader(), tasks,
                                           workers)) as batches:
            for X, damaged in batches:
                self.damaged |= damaged
                step = self.step(X)
                if output and (step.iteration % every == 0
                               or step.iteration == step.iterations):
                    output = self.save(output)
                if on_step and not self.rank:
                    on_step(step)
        npx.waitall()     # or others wait for ever for this one's gradients
        return Result(self.net, onp.array(self.history), self.damaged,
                      self.seconds, self.rank, output)

    def get_ready(self):
        """What is to be done before the first step."""

    def prepare(self, X):
        """The arguments for the losses of a batch, for each device."""
        raise NotImplementedError

    def losses(self, *batch):
        """The total and each of `terms`; the pictures and what was made of
        them."""
        raise NotImplementedError

    def loader(self):
        """What loads a batch: its `load` is given what `task` returns."""
        return self.pictures

    def share_start(self):
        """Give every worker the first one's network. MXNet would do so within
        the first step, where a worker's gradients can overtake its request
        for the weights and come back as these."""
        self.trainer.save_states(os.devnull)   # the public call that shares
        npx.waitall()

    def task(self, i):
        """Which pictures this worker's part of batch `i` is made of."""
        epoch, batch = divmod(i, self.per_epoch)
        first = batch * self.batch + self.rank * self.settings.batch_size
        return epoch, range(first, first + self.settings.batch_size)

    def step(self, X):
        start = time.perf_counter()
        batches = self.prepare(X)
        with autograd.record():
            losses, shown = zip(*(self.losses(*batch) for batch in batches))
        autograd.backward([l[0] for l in losses])
        # Each loss is a mean over the pictures of one device, and `step`
        # divides the sum of their gradients by the number of all devices
        self.trainer.set_learning_rate(self.learning_rate())
        self.trainer.step(len(batches) * self.share)
        *terms, total = self.mean(losses)
        self.seconds += time.perf_counter() - start
        X, Y_hat = shown[0]
        step = Step(1, self.iteration // self.per_epoch + 1,
                    dict(zip(self.terms, terms)), total, self.seconds,
                    X, Y_hat, self.iteration + 1, self.iterations)
        self.iteration += 1
        self.history.append([*terms, total])
        return step

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
    def identity(self):
        """What must be the same for a training to go on, as JSON has it."""
        identity = {name: list(value) if isinstance(value, tuple) else value
                    for name, value in
                    dataclasses.asdict(self.settings).items()}
        identity.update(
            batch_size=self.batch, pictures=self.pictures.fingerprint(),
            start=self.start and _fingerprint(self.start))
        identity.pop('precision', None)    # another machine may go on
        if not self.settings.decay:
            del identity['epochs']   # more of them may be trained later
        return identity

    @later()    # a network has its checkpoint, and is never older
    def save(self, output):
        """Save the network, the first time where nothing is unless by
        `force`, then in place of the last one, and its checkpoint. Returns
        the path."""
        if self.rank:
            return output
        output = first_free(output, functools.partial(save_network, self.net),
                            self.force)
        self.force = True
        checkpoint.save(
            checkpoint.checkpoint_path(output), self.net, self.trainer,
            self.history, identity=self.identity(), seconds=self.seconds,
            iteration=self.iteration, damaged=sorted(self.damaged))
        return output

    def load(self, path):
        self.history, record = checkpoint.restore(
            path, self.net, self.trainer, self.identity())
        self.iteration, self.seconds = record['iteration'], record['seconds']
        self.damaged = set(record['damaged'])


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
