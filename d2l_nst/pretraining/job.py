"""The whole job: from pictures to a file of weights and its log."""

import csv
import os
from typing import Dict, List, Optional, Tuple

import mxnet as mx

from .. import files
from ..checkpoint import checkpoint_path
from ..kinds import Arrays
from ..locks import alone
from ..steps import Listener
from ..vgg import VGG
from ..weights import Weights, fill
from ..weights.bundled import save_bundled
from ..weights.random_filters import balance
from .network import LAST, fold
from .training import Run, Settings

EVERY = 20   # steps to a line of the log
COLUMNS = 'step', 'loss', 'accuracy', 'seconds'


def make_features(folder: str, settings: Settings = Settings(),
                  on_step: Optional[Listener] = None) -> str:
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
    with alone(path):
        return _make(folder, path, settings, on_step)


def _make(folder, path, settings, on_step):
    log, checkpoint = path + '.csv', checkpoint_path(path)
    run = Run(settings)

    def listen(step):
        if step.iteration % EVERY == 0:
            write_log(log, run.history)
        if on_step:
            on_step(step)

    run.run(checkpoint, on_step=listen)
    path, sha256 = save_features(fold(run.net), settings.network, folder)
    write_log(log, run.history, f'# {os.path.basename(path)} sha256 {sha256}')
    if os.path.exists(checkpoint):
        os.remove(checkpoint)
    return path


def save_features(arrays: Arrays, network: str,
                  folder: str) -> Tuple[str, str]:
    """Balance folded convolutions, NumPy arrays under Gluon's names, and
    save them; returns the path and its sha256."""
    net = VGG(network, LAST[network], 'average')
    net.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    fill(net, Weights(arrays, network, 'the training'))
    balance(net)
    return save_bundled(net, folder)


def write_log(path: str, history: List[List[float]], end: str = '') -> None:
    """A CSV file of means over `EVERY` steps, from `Run.history`, whole or
    not at all, with a line at the `end`."""
    lines = [','.join(COLUMNS)]
    for last in range(EVERY, len(history) + 1, EVERY):
        rows = history[last - EVERY:last]
        loss, accuracy, _ = (sum(x) / len(x) for x in zip(*rows))
        lines.append(f'{last},{loss:.4f},{accuracy:.4f},{rows[-1][-1]:.0f}')
    with files.atomic(path) as f:
        f.write(''.join(f'{line}\n' for line in lines + [end] if line)
                .encode())


def read_log(path: str) -> List[Dict[str, str]]:
    """The log's lines as dictionaries of strings."""
    with open(path, newline='') as f:
        return list(csv.DictReader(
            line for line in f if not line.startswith('#')))
