"""What goes on from a file: its format, and a training's.

The file is NumPy's .npz: arrays and one text of JSON. Nothing in it is
executed when it is read, as a pickle would be.
"""

import json
import os
import zipfile
from typing import Any, Dict, List, Tuple

import mxnet as mx
import numpy as onp

from . import files
from .errors import DivergedError, NSTError
from .kinds import Arrays, Path

RECORD, ARRAY = 'record', '<array>'   # names: of the text, in it of arrays
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
    arrays = {f'net.{name}': p.data(p.list_ctx()[0]).asnumpy()
              for name, p in parameters(net).items()}
    arrays.update(moments(parameters(net), trainer))
    if not all(onp.isfinite(array).all() for array in arrays.values()):
        raise DivergedError('the training diverged: choose a smaller '
                            'learning rate')
    arrays['history'] = onp.array(history)
    with files.atomic_path(path) as part:
        write(part, arrays, record)


def write(path: Path, arrays: Arrays, record: Any) -> None:
    """Write arrays and a `record`, whatever JSON can hold, to a file.
    Raises `OSError`."""
    arrays = {**arrays, RECORD: onp.array(json.dumps(record))}
    with zipfile.ZipFile(path, 'w') as file:
        for name, array in arrays.items():
            with file.open(f'{name}.npy', 'w', force_zip64=True) as entry:
                onp.lib.format.write_array(entry, array, allow_pickle=False)


def load(path: Path) -> Tuple[Arrays, Any]:
    """What `write` has written. Raises whatever the bytes of a damaged file
    lead to: each part of the file has its checksum."""
    with open(path, 'rb') as raw, onp.load(raw, allow_pickle=False) as file:
        arrays = dict(file)
    return arrays, json.loads(str(arrays.pop(RECORD)))


def pack(value: Any, arrays: Arrays) -> Any:
    """What JSON can hold of dicts and lists with arrays in them: these go
    to `arrays`, and their names stay."""
    if hasattr(value, 'asnumpy'):
        value = value.asnumpy()
    if isinstance(value, onp.ndarray):
        name = str(len(arrays))
        arrays[name] = value
        return {ARRAY: name}
    if isinstance(value, dict):
        return {name: pack(part, arrays) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [pack(part, arrays) for part in value]
    return value


def unpack(value: Any, arrays: Arrays) -> Any:
    """What was packed, with NumPy's arrays, and lists for tuples.

    >>> arrays = {}
    >>> packed = pack({'epoch': 3, 'pair': (onp.ones(2), None)}, arrays)
    >>> unpack(packed, arrays)
    {'epoch': 3, 'pair': [array([1., 1.]), None]}
    """
    if isinstance(value, dict):
        if ARRAY in value:
            return arrays[value[ARRAY]]
        return {name: unpack(part, arrays) for name, part in value.items()}
    if isinstance(value, list):
        return [unpack(part, arrays) for part in value]
    return value


def read(path: str) -> Dict[str, Any]:
    """The arrays of a training's checkpoint by name, and its `record`.

    Raises `NSTError` if the file is no whole checkpoint.
    """
    try:
        arrays, record = load(path)
        numbers = record['iteration'] + record['seconds']
        whole = (isinstance(record['identity'], dict)
                 and isinstance(record['iteration'], int)
                 and isinstance(numbers, (int, float))
                 and arrays['history'].dtype.kind == 'f')
    except Exception:
        whole = False
    if not whole:
        raise NSTError(f'{path} is no whole checkpoint: remove it and train '
                       'anew')
    return {**arrays, 'record': record}


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
    for name, p in parameters(net).items():
        p.set_data(_of_shape(arrays, f'net.{name}', p.shape))
    put_moments(parameters(net), trainer, arrays, record['iteration'])
    return arrays['history'].tolist(), record


def moments(named: Dict[str, Any], trainer: Any) -> Arrays:
    """The arrays that the optimiser of a `trainer` keeps for its
    parameters, `named` in its own order."""
    states = trainer._updaters[0].states
    return {f'{kind}.{name}': A.asnumpy()
            for i, name in enumerate(named)
            for kind, A in _moments(states.get(i))}


def put_moments(named: Dict[str, Any], trainer: Any, arrays: Arrays,
                steps: int) -> None:
    """Put the arrays of `moments` back into a trainer that took so many
    steps. Raises `NSTError` where they are of others."""
    optimizer = trainer.optimizer
    for i, (name, p) in enumerate(named.items()):
        for ctx, updater in zip(p.list_ctx(), trainer._updaters):
            if p.grad_req == 'null':
                continue
            state = optimizer.create_state(i, p.data(ctx))
            for kind, A in _moments(state):
                A[:] = _of_shape(arrays, f'{kind}.{name}', p.shape)
            updater.states[i], updater.states_synced[i] = state, True
    _set_count(optimizer, p.list_ctx(), len(named), steps)


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
