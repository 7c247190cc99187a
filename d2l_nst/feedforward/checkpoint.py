"""A training on disk: all that it needs to go on, in one whole file.

The file is NumPy's .npz: arrays and one text of JSON. Nothing in it is
executed when it is read, as a pickle would be.
"""

import json
import os
import zipfile

import mxnet as mx
import numpy as onp

from .. import files
from ..errors import DivergedError, NSTError


def checkpoint_path(output):
    """Where the training of a network's file keeps its state.

    >>> checkpoint_path('nets/oak.params')
    'nets/oak.checkpoint.npz'
    """
    return os.path.splitext(os.fspath(output))[0] + '.checkpoint.npz'


def parameters(net):
    """The parameters of a network, by names that don't depend on how many
    networks were made before."""
    return dict(sorted(net._collect_params_with_prefix().items()))


def save(path, net, trainer, record, history):
    """Write the network, Adam's moments, `record` and `history` to a file.

    `record` is whatever JSON can hold, `history` (n, k) float. The trainer's
    parameters must be `parameters(net).values()`, in that order. The file at
    `path` is replaced only when the new one is whole. Raises `OSError` if it
    can't be written, and `DivergedError` if some number is not finite.
    """
    mx.nd.waitall()
    arrays = {}
    for i, (name, p) in enumerate(parameters(net).items()):
        arrays[f'net.{name}'] = p.data(p.list_ctx()[0]).asnumpy()
        mean, variance = trainer._updaters[0].states[i]
        arrays[f'mean.{name}'] = mean.asnumpy()
        arrays[f'variance.{name}'] = variance.asnumpy()
    if not all(onp.isfinite(array).all() for array in arrays.values()):
        raise DivergedError('the training diverged: choose a smaller '
                            'learning rate, and --resume')
    with files.atomic(path) as f:
        onp.savez(f, record=json.dumps(record), history=history, **arrays)


def read(path):
    """The arrays of a checkpoint by name, and its `record`, decoded.

    Raises `NSTError` if the file is no whole checkpoint.
    """
    try:
        with onp.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        record = arrays['record'] = json.loads(str(arrays['record']))
        for name in ('identity', 'iteration', 'seconds', 'weights',
                     'damaged'):
            record[name]
        arrays['history']
        return arrays
    except (ValueError, KeyError, TypeError, EOFError, OSError,
            zipfile.BadZipFile):
        raise NSTError(f'{path} is no whole checkpoint: remove it and train '
                       'anew') from None


def restore(arrays, net, trainer, iteration):
    """Put a checkpoint's arrays back into the network and its Adam trainer.

    `iteration` is the number of steps that Adam had taken. Raises `NSTError`
    if the arrays are those of another network.
    """
    for i, (name, p) in enumerate(parameters(net).items()):
        value, *moments = (arrays.get(f'{kind}.{name}')
                           for kind in ('net', 'mean', 'variance'))
        if any(getattr(a, 'shape', None) != p.shape
               for a in (value, *moments)):
            raise NSTError('the checkpoint is of another network: remove it '
                           'and train anew')
        p.set_data(mx.np.array(value))
        for ctx, updater in zip(p.list_ctx(), trainer._updaters):
            updater.states[i] = tuple(mx.nd.array(m, ctx) for m in moments)
            updater.states_synced[i] = True
    optimizer = trainer.optimizer
    optimizer.num_update = iteration
    for ctx in p.list_ctx():
        optimizer._set_current_context(ctx.device_id)
        optimizer._index_update_count.update(
            dict.fromkeys(range(i + 1), iteration))
