"""Where a network's numbers come from: one table of sources, or a file."""

import dataclasses
import os
import warnings
from typing import Callable, Optional

import mxnet as mx

from . import hed, imagenet
from .bundled import LAST_LAYER, bundled_file, known, load_bundled
from .errors import NSTWarning, WeightsError
from .layers import BLOCKS, layer_index, nearest_layer
from .random_filters import balance, convolutions, randomise, rescale
from .weight_files import ENTRY, OLD_ENTRY, network_of, read_record
from .weight_record import Weights, deeper, is_identity

DEFAULT = 'auto'


@dataclasses.dataclass(frozen=True)
class Source:
    """Where weights may come from, under a word of `--weights`.

    `help` is one line. `load(network)` returns the `Weights`; `find(
    network)` the path of their file on this machine, None where it is not
    here. `fetch` says how to get it.
    """

    help: str
    load: Callable
    find: Optional[Callable] = None
    fetch: str = ''


SOURCES = {
    'hed': Source(
        "ImageNet's VGG-16, trained on for contours, from the package "
        'index; as a VGG-19 too',
        lambda network: hed.load(), lambda network: hed.find(), 'hed'),
    'bundled': Source(
        'trained by this repository from a few dozen pictures, part of the '
        'package; VGG-19 to relu5_2, VGG-16 to relu4_3',
        load_bundled, bundled_file),
    'imagenet': Source(
        "the book's, trained on ImageNet, where a host or a file has them",
        imagenet.load_imagenet, imagenet.find, '{network}'),
    'random': Source(
        'filters drawn by --seed, balanced for the book\'s loss weights',
        lambda network: Weights({}, network, pooling='average', unit=None)),
}
AUTO = 'hed where it is, else bundled'
FILES = ('a .params of Gluon or of pretrain, a .pth of torchvision, a '
         '.safetensors, a .mat of MatConvNet, or a .h5 of HED')


def weights_help():
    """What `--weights` may be, in one sentence."""
    words = '; '.join(f'{name}: {source.help}'
                      for name, source in SOURCES.items())
    return (f"the network's numbers. auto (the default): {AUTO}; {words}; "
            f'FILE: {FILES}')


def find_weights(weights=DEFAULT, network='vgg19'):
    """The `Weights` for a network: a word of `SOURCES`, 'auto' (`AUTO`),
    the path of a file that `weight_files` reads, or `Weights`.

    Where 'auto' has to take 'bundled' an `NSTWarning` says so. Raises
    `WeightsError`.
    """
    if isinstance(weights, Weights):
        return weights
    weights = os.fspath(weights)
    if weights == 'auto':
        weights = 'hed' if hed.find() else 'bundled'
        if weights == 'bundled':
            warnings.warn('the bundled features are used, since those of '
                          'ImageNet are not here: python -m d2l_nst weights '
                          'fetch hed gets them', NSTWarning, stacklevel=3)
    if weights in SOURCES:
        found = dataclasses.replace(SOURCES[weights].load(network),
                                    name=weights)
    else:
        imagenet.check_published(weights)
        found = known(read_record(weights))
    return deeper(found) if found.deepens and network == 'vgg19' else found


def load_weights(net, weights=DEFAULT, seed=1, scaled=True):
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


def fill(net, weights):
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


def reach(weights, network):
    """The last layer that weights reach, None for all, read from no file
    but one that is given by name."""
    if weights == 'bundled':
        return LAST_LAYER.get(network)
    if network not in BLOCKS or weights == 'auto' or weights in SOURCES:
        return None
    return find_weights(weights, network).last


def within_reach(layer, weights, network):
    """The layer itself, or the nearest that these `Weights` reach in its
    place, of which an `NSTWarning` tells."""
    near = nearest_layer(layer, weights.last or 'pool5', network)
    if near != layer:
        warnings.warn(f'the {weights.name} {network} ends with '
                      f'{weights.last}: {near} is taken for {layer}',
                      NSTWarning, stacklevel=3)
    return near


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


def _check_reach(net, weights):
    """Say how far the weights go where more is asked of them."""
    if weights.last and any(i > layer_index(weights.last, net.network)
                            for i in convolutions(net)):
        raise WeightsError(
            f'the {weights.name} {net.network} ends with {weights.last}, and '
            f'{net.names[-1]} is behind it: choose earlier layers, or '
            "weights 'hed', 'random' or 'imagenet'")
