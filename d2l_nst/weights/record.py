"""What a network's numbers say about themselves: one record.

It travels from a file to whoever asks, so that nobody has to guess from a
file's name which pooling or which weights of the losses suit its numbers.
"""

import dataclasses
import json
import math
from typing import Dict, Optional, Tuple, Union

import numpy as onp

from ..kinds import Array
from ..layers import BLOCKS, layer_names

# Features of a network made for pixels of 0 ... 255 are so many times as
# loud as for pixels that `preprocess` divides by their deviation
PIXELS_255 = 57.4


@dataclasses.dataclass(frozen=True)
class Weights:
    """Convolutions, and all that one must know to use them.

    `arrays`: {'0.weight': array ...}, float32, named by their index in
    Gluon's `features` (the older names of Gluon's files stay). `network`
    is the one they were made for, or None where they are too few to tell;
    `deepens` says that a VGG-16 may also serve as a VGG-19 (`deeper`).
    `name` is the word or the file by which they were asked for. `pooling`
    is what they were trained with, `last` the last layer that they reach,
    None for all.

    `scale`: {'conv1_1': factor ...}, what the outputs of a convolution are
    multiplied by so that the chapter's loss weights balance, 1 where
    nothing is given; or, where `balance` holds its arguments,
    `random_filters.balance` measures them. `unit`: the deviation of the
    pixels for which the published loss weights of other systems would
    suit the numbers as they are; None where none would.
    """

    arrays: Dict[str, onp.ndarray] = dataclasses.field(repr=False,
                                                       compare=False)
    network: Optional[str] = None
    name: str = ''
    pooling: str = 'max'
    last: Optional[str] = None
    scale: Dict[str, float] = dataclasses.field(default_factory=dict)
    balance: Optional[Dict] = None
    unit: Optional[float] = 1
    deepens: bool = False
    origin: str = ''
    licence: str = ''

    def about(self) -> str:
        """All but the arrays and the name, as JSON."""
        return json.dumps({
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ('arrays', 'name')}, sort_keys=True)

    def plain_scale(self) -> Dict[str, float]:
        """The factors with which the source's own numbers stand, for
        pixels as `preprocess` makes them: published weights suit these."""
        return dict.fromkeys(layer_names(self.network or 'vgg19'),
                             1 / (self.unit or 1))


def from_json(arrays: Dict[str, Array], text: Union[str, bytes]) -> Weights:
    """`Weights` of arrays and of what `about` tells. Raises `ValueError`
    or `TypeError` where it tells what no `Weights` are."""
    weights = Weights(arrays, **json.loads(text))
    balance = weights.balance or {}
    starts = balance.get('style_start', [1] * 5)    # one a block
    numbers = [*weights.scale.values(), *starts,
               balance.get('content_scale', 1),
               1 if weights.unit is None else weights.unit]
    if (weights.network not in (None, *BLOCKS)
            or weights.pooling not in ('max', 'average')
            or weights.last not in (None, *layer_names(weights.network
                                                       or 'vgg19'))
            or not all(isinstance(x, (int, float)) and 0 < x < math.inf
                       for x in numbers)
            or set(balance) - {'style_start', 'content_scale'}
            or len(starts) != 5
            or not isinstance(weights.deepens, bool)
            or not isinstance(weights.origin + weights.licence, str)):
        raise ValueError('no record of weights')
    return weights


def deeper(weights: Weights) -> Weights:
    """A VGG-16's numbers as those of a VGG-19 that computes the same.

    Behind a ReLU nothing is negative, so that a convolution which is the
    identity, and its ReLU, change nothing (*Net2DeeperNet*: Chen,
    Goodfellow and Shlens 2016). It stands before the last convolution of
    blocks 3 to 5.
    """
    old, new = layer_names('vgg16'), layer_names('vgg19')
    arrays, scale = {}, {}
    for block, (depth, more) in enumerate(
            zip(BLOCKS['vgg16'], BLOCKS['vgg19']), 1):
        for i in range(1, more + 1):
            extra = depth <= i < more
            name = f'conv{block}_{i}'
            source = f'conv{block}_{i - 1 if extra else min(i, depth)}'
            weight, bias = (weights.arrays[f'{old.index(source)}.{kind}']
                            for kind in ('weight', 'bias'))
            if extra:
                weight, bias = identity(len(weight))
            arrays[f'{new.index(name)}.weight'] = weight
            arrays[f'{new.index(name)}.bias'] = bias
            if source in weights.scale:
                scale[name] = weights.scale[source]
    return dataclasses.replace(weights, network='vgg19', arrays=arrays,
                               scale=scale, deepens=False)


def identity(channels: int) -> Tuple[Array, Array]:
    """Weight and bias of a 3 x 3 convolution that changes nothing."""
    weight = onp.zeros((channels, channels, 3, 3), 'float32')
    weight[range(channels), range(channels), 1, 1] = 1
    return weight, onp.zeros(channels, 'float32')


def is_identity(weight: Array, bias: Array) -> bool:
    """Whether a convolution of these numbers changes nothing."""
    return (weight.shape[0] == weight.shape[1] and weight[0, 0, 1, 1] == 1
            and not bias.any()
            and (weight == identity(len(weight))[0]).all())
