"""The layers of VGG-16 and VGG-19 by name, and the chapter's choice of
them and of their weights: pure data."""

import dataclasses
import math
from typing import Iterable, List, Tuple, Union

from .errors import NSTError
from .ranges import WEIGHT

# Convolutions in each of the five blocks, Simonyan and Zisserman 2015
BLOCKS = {'vgg16': (2, 2, 3, 3, 3), 'vgg19': (2, 2, 4, 4, 4)}
PIXELS = 'pixels'  # the layer before the first: the picture itself
# The chapter's
CONTENT_LAYERS = ('conv4_4',)
STYLE_LAYERS = ('conv1_1', 'conv2_1', 'conv3_1', 'conv4_1', 'conv5_1')
CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT = 1, 1e3, 10


def layer_names(network: str = 'vgg19') -> List[str]:
    """Names of `vision.vgg19().features` in order, poolings included.

    `conv4_4` is a convolution's output before its ReLU, `relu4_4` after
    it, `pool4` the pooling that ends block 4.
    """
    if network not in BLOCKS:
        raise NSTError(f'unknown network {network}: choose one of '
                       f'{", ".join(BLOCKS)}')
    names = []
    for block, depth in enumerate(BLOCKS[network], 1):
        for i in range(1, depth + 1):
            names += [f'conv{block}_{i}', f'relu{block}_{i}']
        names.append(f'pool{block}')
    return names


def layer_index(layer: Union[str, int], network: str = 'vgg19') -> int:
    """Index in Gluon's `features` of a layer given by name or index."""
    names = layer_names(network)
    if str(layer) in names:
        return names.index(str(layer))
    if str(layer).isdigit() and int(layer) < len(names):
        return int(layer)
    raise NSTError(f'{network} has no layer {layer}: choose one of '
                   f'{", ".join(names)} or an index below {len(names)}')


def poolings(layer: Union[str, int], network: str = 'vgg19') -> int:
    """How many poolings lead to a layer: each halves both sides."""
    if layer == PIXELS:
        return 0
    names = layer_names(network)[:layer_index(layer, network) + 1]
    return sum(name.startswith('pool') for name in names)


def nearest_layer(layer: str, last: str, network: str = 'vgg19') -> str:
    """The layer itself where no convolution behind the layer `last` leads
    to it, else the nearest of its kind (conv, relu, pool) before it."""
    names = layer_names(network)
    index, end = layer_index(layer, network), layer_index(last, network)
    if not any(name.startswith('conv') for name in names[end + 1:index + 1]):
        return layer
    kind = names[index][:4]
    return [name for name in names[:end + 1] if name.startswith(kind)][-1]


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer, by its name or its index, and how much its loss weighs."""

    name: str
    weight: float = 1

    def __str__(self) -> str:
        return self.name + (f':{self.weight:g}' if self.weight != 1 else '')


def parse_layers(entries: Iterable[Union[str, int, Layer]]
                 ) -> Tuple[Layer, ...]:
    """The `Layer`s that are written as 'relu4_2:0.5', 'conv5_1', 28, or are
    such; of two with one name the last counts. Raises `NSTError`.

    >>> parse_layers(['relu4_2:0.5'])
    (Layer(name='relu4_2', weight=0.5),)
    """
    layers = {}
    for entry in entries:
        layer = entry if isinstance(entry, Layer) else _parse(str(entry))
        if layer.weight not in WEIGHT:
            raise NSTError(f'{entry} has no number from 0 up as its weight; '
                           'write layers as in conv4_2:0.5,relu5_2')
        layers[layer.name] = layer
    return tuple(layers.values())


def at(*names: str, weight: float = 1) -> Tuple[Layer, ...]:
    """Layers that all weigh the same."""
    return tuple(Layer(name, weight) for name in names)


def _parse(text):
    name, colon, weight = text.partition(':')
    try:
        return Layer(name, float(weight) if colon else 1)
    except ValueError:
        return Layer(name, math.nan)
