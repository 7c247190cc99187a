"""Where a network's numbers come from: one table of sources, or a file."""

import dataclasses
import os
import warnings
from typing import Callable, Optional, Union

from ..errors import NSTWarning
from ..kinds import Path
from ..layers import BLOCKS, nearest_layer
from . import hed, imagenet
from .bundled import LAST_LAYER, bundled_file, known, load_bundled
from .formats import read_record
from .published import check_published
from .record import Weights, deeper

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


def weights_help() -> str:
    """What `--weights` may be, in one sentence."""
    words = '; '.join(f'{name}: {source.help}'
                      for name, source in SOURCES.items())
    return (f"the network's numbers. auto (the default): {AUTO}; {words}; "
            f'FILE: {FILES}')


def find_weights(weights: Union[Path, Weights] = DEFAULT,
                 network: str = 'vgg19') -> Weights:
    """The `Weights` for a network: a word of `SOURCES`, 'auto' (`AUTO`),
    the path of a file that `formats` reads, or `Weights`.

    Where 'auto' has to take 'bundled' an `NSTWarning` says so. Raises
    `WeightsError`.
    """
    if isinstance(weights, Weights):
        return weights
    weights, kept = os.fspath(weights), None
    if weights == 'auto':
        kept = hed.find()
        weights = 'hed' if kept else 'bundled'
        if weights == 'bundled':
            warnings.warn('the bundled features are used, since those of '
                          'ImageNet are not here: python -m d2l_nst weights '
                          'fetch hed gets them', NSTWarning, stacklevel=3)
    if weights in SOURCES:
        found = hed.load(kept) if kept else SOURCES[weights].load(network)
        found = dataclasses.replace(found, name=weights)
    else:
        check_published(weights)
        found = known(read_record(weights))
    return deeper(found) if found.deepens and network == 'vgg19' else found


def reach(weights: str, network: str) -> Optional[str]:
    """The last layer that weights reach, None for all, read from no file
    but one that is given by name."""
    if weights == 'bundled':
        return LAST_LAYER.get(network)
    if network not in BLOCKS or weights == 'auto' or weights in SOURCES:
        return None
    return find_weights(weights, network).last


def within_reach(layer: str, weights: Weights, network: str) -> str:
    """The layer itself, or the nearest that these `Weights` reach in its
    place, of which an `NSTWarning` tells."""
    near = nearest_layer(layer, weights.last or 'pool5', network)
    if near != layer:
        warnings.warn(f'the {weights.name} {network} ends with '
                      f'{weights.last}: {near} is taken for {layer}',
                      NSTWarning, stacklevel=3)
    return near
