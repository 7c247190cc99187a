"""Fill a network with numbers: all of its convolutions, or none."""

import dataclasses
from typing import Any, Union

import mxnet as mx

from ..errors import WeightsError
from ..kinds import Path
from ..layers import layer_index
from .names import entries_of, network_of
from .random_filters import balance, convolutions, randomise, rescale
from .record import Weights, is_identity
from .sources import DEFAULT, find_weights


@mx.util.use_np    # in any thread
def load_weights(net: Any, weights: Union[Path, Weights] = DEFAULT,
                 seed: int = 1, scaled: bool = True) -> None:
    """Fill a `VGG` with numbers, on the CPU.

    `weights` as for `find_weights`; `seed` draws the filters of 'random'.
    The layers are scaled so that the chapter's loss weights balance, where
    the weights say how; without `scaled` they stay as those who published
    the network had them. The network is filled whole or not at all.
    Raises `WeightsError`.
    """
    net.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    weights = find_weights(weights, net.network)
    if weights.name == 'random':
        randomise(net, seed)
    else:
        fill(net, weights)
        _scale(net, weights, scaled)
    net.source = dataclasses.replace(weights, arrays={})


def _scale(net, weights, scaled):
    if not scaled and weights.unit:
        rescale(net, weights.plain_scale())
    elif weights.balance:
        balance(net, **weights.balance)
    else:
        rescale(net, weights.scale)


def fill(net: Any, weights: Weights) -> None:
    """Set the convolutions of a `VGG` from `Weights`, as they are; all of
    them, or none. Raises `WeightsError`."""
    path = weights.name
    network = network_of(weights.arrays)
    if network not in (None, net.network):
        raise WeightsError(f'{path} does not hold a {net.network} but a '
                           f'{network}: choose that network, or another '
                           'file')
    entries = _by_index(net, weights.arrays)
    _check_reach(net, weights)
    wanted = {(i, kind): getattr(layer, kind)
              for i, layer in convolutions(net).items()
              for kind in ('weight', 'bias')}
    for (i, kind), parameter in wanted.items():
        shape = getattr(entries.get((i, kind)), 'shape', 'nothing')
        if shape != parameter.shape:
            raise WeightsError(
                f'{path} does not hold a {net.network}: {net.names[i]} '
                f'needs a {kind} of shape {parameter.shape}, the file has '
                f'{shape}')
    net.initialize(mx.init.Zero(), mx.cpu(), force_reinit=True)
    for key, parameter in wanted.items():
        parameter.set_data(mx.np.array(entries[key], dtype='float32'))
    net.unchanging = tuple(
        j for i in convolutions(net) for j in (i, i + 1)
        if is_identity(entries[i, 'weight'], entries[i, 'bias']))


def _by_index(net, arrays):
    """{(index in `features`, 'weight' or 'bias'): array}; the older names
    of Gluon count convolutions only."""
    places, entries = list(convolutions(net)), {}
    for (number, kind, counts), array in entries_of(arrays).items():
        if not counts:
            entries[number, kind] = array
        elif number < len(places):
            entries[places[number], kind] = array
    return entries


def _check_reach(net, weights):
    """Say how far the weights go where more is asked of them."""
    if weights.last and any(i > layer_index(weights.last, net.network)
                            for i in convolutions(net)):
        raise WeightsError(
            f'the {weights.name} {net.network} ends with {weights.last}, and '
            f'{net.names[-1]} is behind it: choose earlier layers, or '
            "weights 'hed', 'random' or 'imagenet'")
