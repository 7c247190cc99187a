"""The whole job: from pictures to a file of weights and its log."""

import contextlib
import csv
import os

import mxnet as mx

from ..vgg import VGG
from ..weights import Weights, fill
from ..weights.bundled import save_bundled
from ..weights.random_filters import balance
from .network import LAST
from .training import Settings, pretrain

EVERY = 20   # steps to a line of the log
COLUMNS = 'step', 'loss', 'accuracy', 'seconds'


def make_features(folder, settings=Settings(), on_step=None):
    """Train, balance and save a network; returns the file's path.

    `folder` gets two files. `NETWORK-HASH.params` holds the weights, as
    `--weights FILE` takes them. The log, `NETWORK.csv`, holds the loss and
    the accuracy, means of `EVERY` steps, and at the end the sha256 of the
    weights. A training that was ended goes on from its last checkpoint,
    which lies in the folder until all is done. The other parameters and the
    errors are those of `pretrain`.
    """
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, settings.network)
    log, checkpoint = path + '.csv', path + '-checkpoint'
    with Log(log) as listen:
        arrays = pretrain(settings, checkpoint, on_step=lambda step: (
            listen(step), on_step and on_step(step)))
    path, sha256 = save_features(arrays, settings.network, folder)
    with open(log, 'a') as f:
        f.write(f'# {os.path.basename(path)} sha256 {sha256}\n')
    for name in os.listdir(folder):
        if name.startswith(os.path.basename(checkpoint)):
            os.remove(os.path.join(folder, name))
    return path


def save_features(arrays, network, folder):
    """Balance folded convolutions, NumPy arrays under Gluon's names, and
    save them; returns the path and its sha256."""
    net = VGG(network, LAST[network], 'average')
    net.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    fill(net, Weights(arrays, network, 'the training'))
    balance(net)
    return save_bundled(net, folder)


class Log(contextlib.AbstractContextManager):
    """A CSV file of means over `EVERY` steps.

    A training that goes on from a checkpoint repeats the steps after it.
    Their old lines are removed.
    """

    def __init__(self, path):
        self.path, self.rows, self.file = path, [], None

    def __call__(self, step):
        if self.file is None:
            self._open(step.step)
        self.rows.append((step.loss, step.accuracy))
        if step.step % EVERY == 0:
            loss, accuracy = (sum(x) / len(x) for x in zip(*self.rows))
            print(f'{step.step},{loss:.4f},{accuracy:.4f},'
                  f'{step.seconds:.0f}', file=self.file, flush=True)
            self.rows = []

    def _open(self, first):
        rows = read_log(self.path) if os.path.exists(self.path) else []
        self.file = open(self.path, 'w')
        print(','.join(COLUMNS), file=self.file)
        for row in rows:
            if int(row['step']) < first:
                print(','.join(row.values()), file=self.file)

    def __exit__(self, *error):
        if self.file:
            self.file.close()


def read_log(path):
    """The log's lines as dictionaries of strings."""
    with open(path, newline='') as f:
        return list(csv.DictReader(
            line for line in f if not line.startswith('#')))
