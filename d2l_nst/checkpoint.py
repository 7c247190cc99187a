"""A training on disk: all that it needs to go on, in one whole file.

The file is NumPy's .npz: arrays and one text of JSON. Nothing in it is
executed when it is read, as a pickle would be.
"""

import json
import os
from typing import Any, Dict, List, Tuple

import mxnet as mx
import numpy as onp

from . import files
from .errors import DivergedError, NSTError
from .kinds import Path

# What an optimiser keeps for each parameter: Adam both, Nesterov's momentum
# the first
MOMENTS = 'mean', 'variance'


def checkpoint_path(output: Path) -> str:
    """Where the training of a network's file keeps its state.

    >>> checkpoint_path('nets/oak.params')
    'nets/oak.checkpoint.npz'
    """
    return os.path.splitext(os.fspath(output))[0] + '.checkpoint.npz'


def parameters(net: Any) -> Dict[str, Any]:
    """The parameters of a network, by names that don't depend on how many
    networks were made before."""
    return dict(sorted(net._collect_params_with_prefix().items()))


def save(path: str, net: Any, trainer: Any, history: List[List[float]],
         **record: Any) -> None:
    """Write the network, its optimiser's state, `history` and `record` to a
    file.

    `record` is whatever JSON can hold: its `identity`, a dictionary, is all
    that must be the same for the training to go on, `iteration` the number
    of steps that were taken. `history` is (n, k) float. The trainer's
    parameters must be `parameters(net).values()`, in that order. The file at
    `path` is replaced only when the new one is whole. Raises `OSError` if it
    can't be written, and `DivergedError` if some number is not finite.
    """
    mx.nd.waitall()
    arrays = {}
    for i, (name, p) in enumerate(parameters(net).items()):
        arrays[f'net.{name}'] = p.data(p.list_ctx()[0]).asnumpy()
        for kind, A in _moments(trainer._updaters[0].states.get(i)):
            arrays[f'{kind}.{name}'] = A.asnumpy()
    if not all(onp.isfinite(array).all() for array in arrays.values()):
        raise DivergedError('the training diverged: choose a smaller '
                            'learning rate')
    with files.atomic(path) as f:
        onp.savez(f, record=json.dumps(record), history=history, **arrays)


def read(path: str) -> Dict[str, Any]:
    """The arrays of a checkpoint by name, and its `record`, decoded.

    Raises `NSTError` if the file is no whole checkpoint.
    """
    try:
        with onp.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        record = arrays['record'] = json.loads(str(arrays['record']))
        numbers = record['iteration'] + record['seconds']
        whole = (isinstance(record['identity'], dict)
                 and isinstance(record['iteration'], int)
                 and isinstance(numbers, (int, float))
                 and arrays['history'].dtype.kind == 'f')
    except Exception:  # whatever the bytes of a damaged file may lead to
        whole = False
    if not whole:
        raise NSTError(f'{path} is no whole checkpoint: remove it and train '
                       'anew')
    return arrays


def restore(path: str, net: Any, trainer: Any,
            identity: Dict[str, Any]) -> Tuple[List[List[float]],
                                               Dict[str, Any]]:
    """Put a checkpoint back into the network and its trainer, and return
    its `history`, a list, and its `record`. Raises `NSTError`, also where
    it is of another training than that of this `identity`."""
    arrays = read(path)
    record = arrays['record']
    other = [name for name in identity
             if record['identity'].get(name) != identity[name]]
    if other:
        raise NSTError(f'{path} is of a training with another {other[0]}: '
                       'give that, or name another file')
    for i, (name, p) in enumerate(parameters(net).items()):
        p.set_data(_of_shape(arrays, f'net.{name}', p.shape))
        for ctx, updater in zip(p.list_ctx(), trainer._updaters):
            if p.grad_req == 'null':
                continue
            state = trainer.optimizer.create_state(i, p.data(ctx))
            for kind, A in _moments(state):
                A[:] = _of_shape(arrays, f'{kind}.{name}', p.shape)
            updater.states[i], updater.states_synced[i] = state, True
    _set_count(trainer.optimizer, p.list_ctx(), i + 1, record['iteration'])
    return arrays['history'].tolist(), record


def _moments(state):
    """(kind, array) of what an optimiser keeps for a parameter."""
    many = state if isinstance(state, tuple) else (state,)
    return [(kind, A) for kind, A in zip(MOMENTS, many) if A is not None]


def _of_shape(arrays, name, shape):
    array = arrays.get(name, onp.zeros(0))
    if array.shape != shape or array.dtype.kind != 'f':
        raise NSTError('the checkpoint is of another network: remove it '
                       'and train anew')
    return array


def _set_count(optimizer, contexts, parameters, steps):
    """Let an optimiser know how many steps it has taken."""
    optimizer.num_update = steps
    for ctx in contexts:
        optimizer._set_current_context(ctx.device_id)
        optimizer._index_update_count.update(
            dict.fromkeys(range(parameters), steps))
