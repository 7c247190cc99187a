"""Where a network's numbers come from: random, bundled, ImageNet, a file."""

import os

import mxnet as mx

from . import imagenet
from .bundled import LAST_LAYER, bundled_file, is_trained_here
from .errors import WeightsError
from .random_filters import balance, convolutions, randomise
from .weight_files import ENTRY, OLD_ENTRY, network_of, read_weights

DEFAULT = 'bundled'
# Pooling that goes with the weights; max, as in the chapter, where none
# is named. Gatys, Ecker and Bethge 2016, section 2, prefer the average
POOLING = {'random': 'average', 'bundled': 'average'}
# Of the networks trained here, see `random_filters.balance`: by trial, as
# there
BALANCE = {'style_start': (8, 5, 4, 2, 1), 'content_scale': 1.2}


def load_weights(net, weights=DEFAULT, seed=1):
    """Fill a `VGG` with numbers, on the CPU.

    `weights`: 'bundled' (trained, part of this package, balanced for the
    book's loss weights), 'random' (filters drawn by `seed`, balanced
    likewise), 'imagenet' (see `imagenet`) or the path of a file that
    `weight_files` reads. The network is filled whole or not at all.
    Raises `WeightsError`.
    """
    net.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    if weights == 'random':
        return randomise(net, seed)
    if weights == 'imagenet':
        arrays, path = imagenet.load_imagenet(net.network)
    elif weights == 'bundled':
        path = bundled_file(net.network)
        arrays = read_weights(path)
        _check_reach(net, arrays)
    else:
        path = os.fspath(weights)
        imagenet.check_published(path)
        arrays = read_weights(path)
    fill(net, arrays, path)
    if weights == 'bundled' or is_trained_here(path):
        balance(net, **BALANCE)


def pooling_for(weights):
    """'max' or 'average', what the weights were made for."""
    if weights not in POOLING and is_trained_here(weights):
        return POOLING['bundled']
    return POOLING.get(weights, 'max')


def last_layer(network, weights):
    """The last layer that the weights reach, or None for all."""
    if weights == 'bundled' or is_trained_here(weights):
        return LAST_LAYER[network]


def fill(net, arrays, path):
    """Set the convolutions of a `VGG` from `arrays`, as `read_weights`
    returns them from `path`; all of them, or none. Raises
    `WeightsError`."""
    network = network_of(arrays)
    if network not in (None, net.network):
        raise WeightsError(f'{path} does not hold a {net.network} but a '
                           f'{network}: choose that network, or another '
                           'file')
    entries = _by_index(net, arrays)
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


def _by_index(net, arrays):
    """{(index in `features`, 'weight' or 'bias'): array}; the older names
    of Gluon count convolutions only."""
    places, entries = list(convolutions(net)), {}
    for name, array in arrays.items():
        entry, old = ENTRY.search(name), OLD_ENTRY.search(name)
        if entry:
            entries[int(entry.group(1)), entry.group(2)] = array
        elif int(old.group(1)) < len(places):
            entries[places[int(old.group(1))], old.group(2)] = array
    return entries


def _check_reach(net, arrays):
    """Say how far the bundled network goes where more is asked of it."""
    last = max(int(ENTRY.search(name).group(1)) for name in arrays) + 1
    if any(i > last for i in convolutions(net)):
        raise WeightsError(
            f'the bundled {net.network} ends with {net.names[last]}, and '
            f'{net.names[-1]} is behind it: choose earlier layers, or '
            "weights 'random' or 'imagenet'")
